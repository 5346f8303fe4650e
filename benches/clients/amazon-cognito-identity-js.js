import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

let pool;
let user;

export function ready({ userPoolId, clientId }) {
  pool = new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId });
}

export function signIn({ username, password }) {
  user = new CognitoUser({ Username: username, Pool: pool });
  const details = new AuthenticationDetails({ Username: username, Password: password });
  return new Promise((onSuccess, onFailure) => {
    user.authenticateUser(details, { onSuccess, onFailure });
  });
}

export function signOut() {
  return new Promise((resolve) => user.signOut(resolve));
}
