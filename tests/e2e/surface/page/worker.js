// The package in a worker, beside the same network by script that the page has.
import { createFlow } from "/cognito-flow/index.js";
import { serveFlow } from "/cognito-flow/worker.js";

const replies = {
  InitiateAuth: [
    { ChallengeName: "SMS_MFA", Session: "session-string-of-the-pool", ChallengeParameters: { USER_ID_FOR_SRP: "ann" } },
    { AuthenticationResult: { AccessToken: "access-token-2", IdToken: "id-token-2", ExpiresIn: 3600 } },
  ],
  RespondToAuthChallenge: [
    { AuthenticationResult: { AccessToken: "access-token-1", IdToken: "id-token-1", RefreshToken: "refresh-token", ExpiresIn: 3600 } },
  ],
  GetUser: [{ Username: "ann", UserAttributes: [{ Name: "email", Value: "ann@example.com" }, { Name: "sub", Value: "1" }] }],
  RevokeToken: [{}],
};
const fetch = async (_url, { headers }) => {
  const [, operation] = headers["x-amz-target"].split(".");
  return new Response(JSON.stringify(replies[operation].shift() ?? {}), { status: 200 });
};
const options = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "1example", signInWith: "password", fetch };
const loading = createFlow({ ...options, verify: { when: "never" }, ...(name === "broken" && { clientId: 7 }) });
loading.catch(() => {});

if (typeof onconnect === "undefined") serveFlow(loading);
else onconnect = ({ ports: [port] }) => serveFlow(loading, port);
