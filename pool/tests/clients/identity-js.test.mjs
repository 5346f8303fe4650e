// amazon-cognito-identity-js, which talks in callbacks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import {
  AuthenticationDetails,
  CognitoRefreshToken,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} from "amazon-cognito-identity-js";
import { verifyTokens } from "./journeys.mjs";
import { OPTIONAL, REQUIRED, otherThan, person, startServer } from "./server.mjs";
import { totp } from "./totp.mjs";

let server;

before(async () => {
  server = await startServer([], { watched: true });
});
after(() => server?.stop());

/** What a callback of `(error, result)` is told. */
const told = (body) => promisify(body)();

/** What `{ onSuccess, onFailure, … }` is told; every other callback is an outcome by its name. */
function outcome(body) {
  return new Promise((done, fail) => {
    body({
      onSuccess: (session) => done({ session }),
      onFailure: fail,
      mfaRequired: (challenge, parameters) => done({ challenge, parameters }),
      totpRequired: (challenge, parameters) => done({ challenge, parameters }),
      inputVerificationCode: (delivery) => done({ delivery }),
    });
  });
}

async function signUp({ userPoolId, clientId }, who) {
  const pool = new CognitoUserPool({
    UserPoolId: userPoolId,
    ClientId: clientId,
    endpoint: server.endpoint,
  });
  const attributes = [
    new CognitoUserAttribute({ Name: "email", Value: who.email }),
    new CognitoUserAttribute({ Name: "phone_number", Value: who.phone }),
  ];
  const reply = await told((back) => {
    pool.signUp(who.username, who.password, attributes, [], back);
  });
  assert.equal(reply.codeDeliveryDetails.Destination, who.maskedPhone);
  const user = new CognitoUser({ Username: who.username, Pool: pool });
  const code = await server.code(who.phone);
  const confirm = (given) => told((back) => user.confirmRegistration(given, false, back));
  await assert.rejects(confirm(otherThan(code)), { code: "CodeMismatchException" });
  assert.equal(await confirm(code), "SUCCESS");
  return user;
}

function signIn(user, Password) {
  const details = new AuthenticationDetails({ Username: user.getUsername(), Password });
  return outcome((callbacks) => user.authenticateUser(details, callbacks));
}

async function verifySession(pool, session) {
  const AccessToken = session.getAccessToken().getJwtToken();
  await verifyTokens(server, pool, { AccessToken, IdToken: session.getIdToken().getJwtToken() });
}

test("amazon-cognito-identity-js: phone and email, wrong and right passwords", async () => {
  const who = person();
  const user = await signUp(OPTIONAL, who);
  await assert.rejects(signIn(user, "Wrong-horse-7"), {
    code: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
  const { session } = await signIn(user, who.password);
  await verifySession(OPTIONAL, session);
  const attributes = async () => {
    const list = await told((back) => user.getUserAttributes(back));
    return Object.fromEntries(list.map((it) => [it.getName(), it.getValue()]));
  };
  assert.equal((await attributes()).phone_number_verified, "true");
  const { delivery } = await outcome((back) => user.getAttributeVerificationCode("email", back));
  assert.equal(delivery.CodeDeliveryDetails.Destination, who.maskedEmail);
  const code = await server.code(who.email);
  await outcome((back) => user.verifyAttribute("email", code, back));
  assert.equal((await attributes()).email_verified, "true");
});

test("amazon-cognito-identity-js: SMS and app as second factors", async () => {
  const who = person();
  const user = await signUp(OPTIONAL, who);
  await signIn(user, who.password);
  const prefer = (sms, app) => told((back) => user.setUserMfaPreference(sms, app, back));
  await prefer({ Enabled: true, PreferredMfa: true }, null);
  const bySms = await signIn(user, who.password);
  assert.equal(bySms.challenge, "SMS_MFA");
  assert.equal(bySms.parameters.CODE_DELIVERY_DESTINATION, who.maskedPhone);
  const code = await server.code(who.phone);
  const send = (given, kind) => outcome((back) => user.sendMFACode(given, back, kind));
  await assert.rejects(send(otherThan(code)), { code: "CodeMismatchException" });
  await verifySession(OPTIONAL, (await send(code)).session);

  const secret = await new Promise((done, fail) => {
    user.associateSoftwareToken({ associateSecretCode: done, onFailure: fail });
  });
  await outcome((back) => user.verifySoftwareToken(totp(secret), "app", back));
  await prefer(null, { Enabled: true, PreferredMfa: true });
  const byApp = await signIn(user, who.password);
  assert.equal(byApp.challenge, "SOFTWARE_TOKEN_MFA");
  const { session } = await send(totp(secret, 1), "SOFTWARE_TOKEN_MFA");
  await verifySession(OPTIONAL, session);
});

test("amazon-cognito-identity-js: refreshing, a forgotten password, signing out", async () => {
  const who = person();
  const user = await signUp(OPTIONAL, who);
  const { session } = await signIn(user, who.password);
  const token = new CognitoRefreshToken({ RefreshToken: session.getRefreshToken().getToken() });
  const refresh = () => told((back) => user.refreshSession(token, back));
  await verifySession(OPTIONAL, await refresh());

  const { delivery } = await outcome((back) => user.forgotPassword(back));
  assert.equal(delivery.CodeDeliveryDetails.Destination, who.maskedPhone);
  const code = await server.code(who.phone);
  const confirm = (given) =>
    outcome((back) => user.confirmPassword(given, "Another-horse-8", back));
  await assert.rejects(confirm(otherThan(code)), { code: "CodeMismatchException" });
  await confirm(code);
  await assert.rejects(signIn(user, who.password), { code: "NotAuthorizedException" });
  await signIn(user, "Another-horse-8");
  await outcome((back) => user.globalSignOut(back));
  await assert.rejects(refresh(), { code: "NotAuthorizedException" });
});

test("amazon-cognito-identity-js: a pool that asks everybody for a second factor", async () => {
  const who = person();
  const user = await signUp(REQUIRED, who);
  const { challenge } = await signIn(user, who.password);
  assert.equal(challenge, "SMS_MFA");
  const code = await server.code(who.phone);
  const { session } = await outcome((back) => user.sendMFACode(code, back));
  await verifySession(REQUIRED, session);
});
