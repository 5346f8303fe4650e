// aws-amplify v6.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";
import { verifyTokens } from "./journeys.mjs";
import { OPTIONAL, REQUIRED, otherThan, person, startServer } from "./server.mjs";
import { totp } from "./totp.mjs";

let server;

before(async () => {
  server = await startServer([], { watched: true });
});
afterEach(() => auth.signOut());
after(() => server?.stop());

function use({ userPoolId, clientId }) {
  const Cognito = { userPoolId, userPoolClientId: clientId, userPoolEndpoint: server.endpoint };
  Amplify.configure({ Auth: { Cognito } });
}

async function signUp(who) {
  const { username, password, email } = who;
  const userAttributes = { email, phone_number: who.phone };
  const { nextStep } = await auth.signUp({ username, password, options: { userAttributes } });
  assert.equal(nextStep.signUpStep, "CONFIRM_SIGN_UP");
  assert.equal(nextStep.codeDeliveryDetails.destination, who.maskedPhone);
  const code = await server.code(who.phone);
  const confirm = (confirmationCode) => auth.confirmSignUp({ username, confirmationCode });
  await assert.rejects(confirm(otherThan(code)), { name: "CodeMismatchException" });
  assert.equal((await confirm(code)).isSignUpComplete, true);
}

async function signIn({ username, password }) {
  return (await auth.signIn({ username, password })).nextStep;
}

async function verifySession(pool, options) {
  const { tokens } = await auth.fetchAuthSession(options);
  const AccessToken = tokens.accessToken.toString();
  await verifyTokens(server, pool, { AccessToken, IdToken: tokens.idToken.toString() });
  return AccessToken;
}

test("Amplify: phone and email, wrong and right passwords", async () => {
  use(OPTIONAL);
  const who = person();
  await signUp(who);
  await assert.rejects(signIn({ ...who, password: "Wrong-horse-7" }), {
    name: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
  assert.equal((await signIn(who)).signInStep, "DONE");
  await verifySession(OPTIONAL);
  assert.equal((await auth.fetchUserAttributes()).phone_number_verified, "true");
  const { destination } = await auth.sendUserAttributeVerificationCode({
    userAttributeKey: "email",
  });
  assert.equal(destination, who.maskedEmail);
  const confirmationCode = await server.code(who.email);
  await auth.confirmUserAttribute({ userAttributeKey: "email", confirmationCode });
  assert.equal((await auth.fetchUserAttributes()).email_verified, "true");
});

test("Amplify: SMS and app as second factors", async () => {
  use(OPTIONAL);
  const who = person();
  await signUp(who);
  await signIn(who);
  await auth.updateMFAPreference({ sms: "PREFERRED" });
  await auth.signOut();
  const bySms = await signIn(who);
  assert.equal(bySms.signInStep, "CONFIRM_SIGN_IN_WITH_SMS_CODE");
  assert.equal(bySms.codeDeliveryDetails.destination, who.maskedPhone);
  const code = await server.code(who.phone);
  const answer = (challengeResponse) => auth.confirmSignIn({ challengeResponse });
  await assert.rejects(answer(otherThan(code)), { name: "CodeMismatchException" });
  assert.equal((await answer(code)).nextStep.signInStep, "DONE");

  const { sharedSecret } = await auth.setUpTOTP();
  await auth.verifyTOTPSetup({ code: totp(sharedSecret) });
  await auth.updateMFAPreference({ sms: "ENABLED", totp: "PREFERRED" });
  const { preferred } = await auth.fetchMFAPreference();
  assert.equal(preferred, "TOTP");
  await auth.signOut();
  assert.equal((await signIn(who)).signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
  assert.equal((await answer(totp(sharedSecret, 1))).nextStep.signInStep, "DONE");
  await verifySession(OPTIONAL);
});

test("Amplify: refreshing, a forgotten password, signing out everywhere", async () => {
  use(OPTIONAL);
  const who = person();
  const { username } = who;
  await signUp(who);
  await signIn(who);
  const first = await verifySession(OPTIONAL);
  assert.notEqual(await verifySession(OPTIONAL, { forceRefresh: true }), first);
  await auth.signOut({ global: true });
  await assert.rejects(auth.getCurrentUser());

  const { nextStep } = await auth.resetPassword({ username });
  assert.equal(nextStep.resetPasswordStep, "CONFIRM_RESET_PASSWORD_WITH_CODE");
  assert.equal(nextStep.codeDeliveryDetails.destination, who.maskedPhone);
  const newPassword = "Another-horse-8";
  const confirm = (confirmationCode) =>
    auth.confirmResetPassword({ username, confirmationCode, newPassword });
  const code = await server.code(who.phone);
  await assert.rejects(confirm(otherThan(code)), { name: "CodeMismatchException" });
  await confirm(code);
  await assert.rejects(signIn(who), { name: "NotAuthorizedException" });
  assert.equal((await signIn({ username, password: newPassword })).signInStep, "DONE");
});

test("Amplify: a pool that asks everybody for a second factor", async () => {
  use(REQUIRED);
  const who = person();
  await signUp(who);
  assert.equal((await signIn(who)).signInStep, "CONFIRM_SIGN_IN_WITH_SMS_CODE");
  const challengeResponse = await server.code(who.phone);
  assert.equal((await auth.confirmSignIn({ challengeResponse })).nextStep.signInStep, "DONE");
  await verifySession(REQUIRED);
});
