import { Passwordless } from "amazon-cognito-passwordless-auth";
import { signOut as leave } from "amazon-cognito-passwordless-auth/common";
import { authenticateWithSRP } from "amazon-cognito-passwordless-auth/srp";

export function ready({ region, userPoolId, clientId }) {
  Passwordless.configure({ cognitoIdpEndpoint: region, userPoolId, clientId, fetch: (...args) => fetch(...args) });
}

export async function signIn({ username, password }) {
  await authenticateWithSRP({ username, password }).signedIn;
}

export async function signOut() {
  await leave().signedOut;
}
