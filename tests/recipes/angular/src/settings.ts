declare const USER_POOL_ID: string, CLIENT_ID: string, ENDPOINT: string;

// Put in by `ng build --define`.
export const settings = { userPoolId: USER_POOL_ID, clientId: CLIENT_ID, endpoint: ENDPOINT };
