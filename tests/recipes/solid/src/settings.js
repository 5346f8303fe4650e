const { VITE_USER_POOL_ID, VITE_CLIENT_ID, VITE_ENDPOINT } = import.meta.env;

export const settings = { userPoolId: VITE_USER_POOL_ID, clientId: VITE_CLIENT_ID, endpoint: VITE_ENDPOINT };
