// Against cognito-local, which sends to the phone first, checks codes, and marks what they verify.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "./support/client.mjs";
import { CODE, createPool, startCognitoLocal } from "./support/servers.mjs";
import { totp, wrongTotp } from "./support/totp.mjs";

const PASSWORD = "Correct-Horse-7";
const OTHER_PASSWORD = "Another-Horse-8";
const WRONG_CODE = "999999";
const ATTRIBUTES = { email: "alice@example.com", phone_number: "+12025550123" };

let server;
let browser;
before(async () => {
  // One after the other: what has started is ended where the next does not.
  server = await startCognitoLocal();
  browser = await startBrowser();
});
after(() => Promise.all([server?.stop(), browser?.stop()]));

test("sign-up by phone and email, each with its code", async () => {
  const client = await open(await createVerifyingPool());
  const { delivery } = await client.reach("confirmSignUp", signUp("alice"));
  // It masks nothing, and is shown as it came.
  const phone = { medium: "sms", destination: "+12025550123", attribute: "phone_number" };
  assert.deepEqual(delivery, phone);
  const wrong = { type: "confirmSignUp", code: WRONG_CODE };
  await client.refused("confirmSignUp", "codeMismatch", wrong);

  // It does not say what is verified: that is listed, and no message is sent by itself.
  const signedIn = await client.reach("signedIn", { type: "confirmSignUp", code: CODE });
  assert.deepEqual(signedIn.unverified, ["phone_number", "email"]);
  const verify = (attribute) =>
    client.reach("verifyAttribute", { type: "verifyAttribute", attribute });
  // It sends a code and does not say where.
  assert.equal((await verify("phone_number")).delivery, null);
  await client.refused("verifyAttribute", "codeMismatch", { type: "submitCode", code: WRONG_CODE });
  await client.reach("signedIn", { type: "submitCode", code: CODE });
  await verify("email");
  const { unverified } = await client.reach("signedIn", { type: "submitCode", code: CODE });
  assert.deepEqual(unverified, []);
  assert.deepEqual(client.calls, [
    "SignUp 200",
    "ConfirmSignUp 400",
    "ConfirmSignUp 200",
    "InitiateAuth 200",
    "GetUser 200",
    "GetUserAttributeVerificationCode 200",
    "VerifyUserAttribute 400",
    "VerifyUserAttribute 200",
    "GetUserAttributeVerificationCode 200",
    "VerifyUserAttribute 200",
  ]);
  await client.close();
});

test("what is verified stays so: the next sign-in asks for nothing", async () => {
  const pool = await createVerifyingPool();
  const client = await open(pool);
  const verified = { email_verified: "true", phone_number_verified: "true" };
  await addUser(pool, "bob", PASSWORD, { ...ATTRIBUTES, ...verified });
  const { unverified, attributes: held } = await client.reach("signedIn", signIn("bob", PASSWORD));
  assert.deepEqual(unverified, []);
  assert.equal(held.email, ATTRIBUTES.email);

  // Tokens come without ExpiresIn: they are taken to live for an hour.
  const { expiresAt } = await client.session();
  const left = expiresAt - Date.now();
  assert.ok(left > 3_500_000 && left <= 3_600_000, `${left}`);
  assert.deepEqual(client.calls, ["InitiateAuth 200", "GetUser 200"]);
  await client.reach("signedOut", { type: "signOut" });
  await client.close();
});

test("a wrong password and an unknown name", async () => {
  const pool = await createPool(server);
  await addUser(pool, "carol", PASSWORD);
  const client = await open(pool);
  // It names a password that is wrong as one that the policy refuses.
  const wrong = signIn("carol", OTHER_PASSWORD);
  const { error } = await client.refused("signedOut", "invalidPassword", wrong);
  assert.equal(error.server, "InvalidPasswordException");
  // An unknown name it refuses in words of its own, which are shown.
  await client.refused("signedOut", "refused", signIn("nobody", PASSWORD));
  await client.refused("signedOut", "userExists", signUp("carol"));
  await client.reach("signedIn", signIn("carol", PASSWORD));
  await client.close();
});

test("a temporary password is replaced", async () => {
  const pool = await createPool(server);
  const user = { UserPoolId: pool.userPoolId, Username: "dave" };
  const silent = { TemporaryPassword: "Temporary-Horse-1", MessageAction: "SUPPRESS" };
  await server.admin("AdminCreateUser", { ...user, ...silent });
  const client = await open(pool);
  await client.reach("newPassword", signIn("dave", "Temporary-Horse-1"));
  await client.reach("signedIn", { type: "setNewPassword", password: PASSWORD });
  await client.reach("signedOut", { type: "signOut" });
  await client.reach("signedIn", signIn("dave", PASSWORD));
  await client.close();
});

test("a forgotten password", async () => {
  const pool = await createVerifyingPool();
  await addUser(pool, "erin", PASSWORD, { email: "erin@example.com" });
  const client = await open({ ...pool, verify: { when: "never" } });
  const sent = await client.reach("resetPassword", { type: "forgotPassword", username: "erin" });
  assert.deepEqual([sent.delivery.medium, sent.delivery.attribute], ["email", "email"]);
  const reset = { type: "resetPassword", password: OTHER_PASSWORD };
  await client.refused("resetPassword", "codeMismatch", { ...reset, code: WRONG_CODE });
  await client.reach("signedOut", { ...reset, code: CODE });
  await client.refused("signedOut", "invalidPassword", signIn("erin", PASSWORD));
  await client.reach("signedIn", signIn("erin", OTHER_PASSWORD));
  await client.close();
});

test("an authenticator app, and a choice between two factors, also across a reload", async () => {
  const pool = await createPool(server, { MfaConfiguration: "OPTIONAL" });
  await addUser(pool, "frank", PASSWORD, { phone_number: "+12025550199" });
  const client = await open({ ...pool, verify: { when: "never" }, storage: "session" });
  await client.reach("signedIn", signIn("frank", PASSWORD));
  const { secret } = await client.account("startTotp");
  const wrong = await client.account("confirmTotp", wrongTotp(secret));
  assert.equal(wrong.code, "codeMismatch");
  const preferred = { as: "preferred" };
  assert.equal(await client.account("confirmTotp", await totp(secret), preferred), undefined);
  await client.reach("signedOut", { type: "signOut" });
  const asked = await client.reach("mfaCode", signIn("frank", PASSWORD));
  assert.equal(asked.medium, "totp");
  await client.refused("mfaCode", "codeMismatch", { type: "submitCode", code: wrongTotp(secret) });
  await client.reach("signedIn", { type: "submitCode", code: await totp(secret) });

  // With a second factor beside it the pool has the person choose.
  assert.equal(await client.account("setMfaPreference", { sms: "on" }), undefined);
  await client.reach("signedOut", { type: "signOut" });
  const select = await client.reach("selectFactor", signIn("frank", PASSWORD));
  assert.deepEqual([select.of, select.choices], ["mfa", ["sms", "totp"]]);
  // For SMS it wants an option that only the older API sets.
  await client.refused("selectFactor", "server", { type: "selectFactor", choice: "sms" });
  await client.load();
  assert.deepEqual((await client.snapshot()).choices, ["sms", "totp"]);
  const chosen = await client.reach("mfaCode", { type: "selectFactor", choice: "totp" });
  assert.equal(chosen.medium, "totp");
  await client.reach("signedIn", { type: "submitCode", code: await totp(secret) });
  await client.close();
});

test("a second factor that is required and not set up: no MFA_SETUP, but a refusal", async () => {
  const pool = await createPool(server, { MfaConfiguration: "ON" });
  await addUser(pool, "nora", PASSWORD);
  const client = await open(pool);
  await client.refused("signedOut", "refused", signIn("nora", PASSWORD));
  await client.close();
});

test("USER_AUTH, CUSTOM_AUTH, devices and passkeys are not there: each is an error", async () => {
  const pool = await createPool(server);
  await addUser(pool, "olga", PASSWORD);
  for (const signInWith of ["choice", "custom", "customAfterSrp"]) {
    const other = await browser.open({ ...pool, signInWith });
    const { password, ...nameAlone } = signIn("olga", PASSWORD);
    const event = signInWith === "custom" ? nameAlone : { ...nameAlone, password };
    await other.refused("signedOut", "server", event);
    await other.close();
  }
  const client = await open(pool);
  assert.equal((await client.reach("signedIn", signIn("olga", PASSWORD))).device, null);
  for (const name of ["factors", "passkeys", "createPasskey", "devices"]) {
    assert.equal((await client.account(name)).code, "server", name);
  }
  assert.equal((await client.snapshot()).step, "signedIn");
  await client.close();
});

test("a changed password, signing out, deleting the account", async () => {
  const pool = await createPool(server);
  await addUser(pool, "grace", PASSWORD);
  const client = await open(pool);
  await client.reach("signedIn", signIn("grace", PASSWORD));
  assert.equal(await client.account("changePassword", PASSWORD, OTHER_PASSWORD), undefined);
  // It has no GlobalSignOut: this browser forgets its tokens all the same, and the person is told.
  await client.refused("signedOut", "outcomeUnknown", { type: "signOut", everywhere: true });
  assert.equal(client.calls.at(-1), "GlobalSignOut 500");
  assert.equal((await client.session()).code, "notAccepted");
  await client.reach("signedIn", signIn("grace", OTHER_PASSWORD));
  assert.equal(await client.account("deleteUser"), undefined);
  assert.equal((await client.snapshot()).step, "signedOut");
  await client.refused("signedOut", "refused", signIn("grace", OTHER_PASSWORD));
  await client.close();
});

test("what cognito-local lacks is an error, and there is a way on", async () => {
  const pool = await createVerifyingPool();
  // SRP: an answer with 500, which is asked for three times in all.
  const srp = await browser.open(pool);
  await srp.refused("signedOut", "server", signIn("nobody", PASSWORD));
  assert.deepEqual(srp.calls, Array(3).fill("InitiateAuth 500"));

  // ResendConfirmationCode: the code that came before is still good.
  const client = await open({ ...pool, verify: { when: "never" } });
  await client.reach("confirmSignUp", signUp("heidi"));
  await client.reach("signedOut", { type: "cancel" });
  await client.refused("confirmSignUp", "userNotConfirmed", signIn("heidi", PASSWORD));
  await client.refused("confirmSignUp", "server", { type: "resendCode" });
  await client.reach("signedIn", { type: "confirmSignUp", code: CODE });
  await Promise.all([srp.close(), client.close()]);
});

/** It has no SRP, so that the password itself is sent. */
function open(options) {
  return browser.open({ signInWith: "password", ...options });
}

function createVerifyingPool() {
  return createPool(server, { AutoVerifiedAttributes: ["email", "phone_number"] });
}

function signUp(username) {
  return { type: "signUp", username, password: PASSWORD, attributes: ATTRIBUTES };
}

function signIn(username, password) {
  return { type: "signIn", username, password };
}

async function addUser(pool, username, password, attributes = {}) {
  const user = { UserPoolId: pool.userPoolId, Username: username };
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  await server.admin("AdminCreateUser", { ...user, UserAttributes, MessageAction: "SUPPRESS" });
  await server.admin("AdminSetUserPassword", { ...user, Password: password, Permanent: true });
}
