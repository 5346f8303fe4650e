// Against fakecloud, which verifies SRP, codes and TOTP, and is the one of the four that has the
// choice of USER_AUTH: by code that nobody here wrote.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "./support/client.mjs";
import { createPool, startFakecloud } from "./support/servers.mjs";
import { totp, wrongTotp } from "./support/totp.mjs";

const PASSWORD = "Correct-Horse-7";
const OTHER_PASSWORD = "Another-Horse-8";
const CHOICE = {
  ExplicitAuthFlows: ["ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
};

let server;
let browser;
before(async () => {
  // One after the other: what has started is ended where the next does not.
  server = await startFakecloud();
  browser = await startBrowser();
});
after(() => Promise.all([server?.stop(), browser?.stop()]));

test("sign-up, its code, a sign-in by SRP, and the address verified by the code that was sent", async () => {
  const pool = await createPool(server, { AutoVerifiedAttributes: ["email"] });
  const client = await browser.open(pool);
  const attributes = { email: "alice@example.com", phone_number: "+12025550123" };
  const signUp = { type: "signUp", username: "alice", password: PASSWORD, attributes };
  await client.reach("confirmSignUp", signUp);
  await client.refused("confirmSignUp", "codeMismatch", { type: "confirmSignUp", code: "999999" });
  const { confirmation } = await server.codes(pool, "alice");
  const confirm = { type: "confirmSignUp", code: confirmation };
  // It does not say what is verified: that is listed, and no message is sent by itself.
  const { unverified } = await client.reach("signedIn", confirm);
  assert.deepEqual(unverified, ["phone_number", "email"]);

  const verify = { type: "verifyAttribute", attribute: "email" };
  const { delivery } = await client.reach("verifyAttribute", verify);
  assert.deepEqual(delivery, {
    medium: "email",
    destination: "a***@example.com",
    attribute: "email",
  });
  await client.refused("verifyAttribute", "codeMismatch", { type: "submitCode", code: "999999" });
  const { email: code } = await server.codes(pool, "alice");
  const verified = await client.reach("signedIn", { type: "submitCode", code });
  assert.deepEqual(verified.unverified, ["phone_number"]);
  assert.deepEqual(client.calls, [
    "SignUp 200",
    "ConfirmSignUp 400",
    "ConfirmSignUp 200",
    "InitiateAuth 200",
    "RespondToAuthChallenge 200",
    "GetUser 200",
    "GetUserAttributeVerificationCode 200",
    "VerifyUserAttribute 400",
    "VerifyUserAttribute 200",
  ]);
  await client.close();
});

test("a choice of the pool's, answered by the password, which is proven by SRP", async () => {
  const pool = await createPool(server, {}, CHOICE);
  await addUser(pool, "bob", PASSWORD);
  const options = { signInWith: "choice", storage: "session", verify: { when: "never" } };
  const client = await browser.open({ ...pool, ...options });
  // PASSWORD_SRP and PASSWORD are one choice, and the first is taken.
  const { of, choices } = await client.reach("selectFactor", { type: "signIn", username: "bob" });
  assert.deepEqual([of, choices], ["firstFactor", ["password"]]);
  await client.load();
  assert.equal((await client.snapshot()).step, "selectFactor");
  await client.reach("signedIn", byPassword(PASSWORD));
  assert.equal((await client.session()).accessToken.split(".").length, 3);
  const answered = ["RespondToAuthChallenge 200", "RespondToAuthChallenge 200", "GetUser 200"];
  assert.deepEqual(client.calls, ["InitiateAuth 200", ...answered]);
  await client.reach("signedOut", { type: "signOut" });

  // With a wrong one its session is spent, which it says at the next: the name is kept.
  await client.reach("selectFactor", { type: "signIn", username: "bob" });
  await client.refused("selectFactor", "wrongCredentials", byPassword(OTHER_PASSWORD));
  const { username } = await client.refused("signedOut", "challengeExpired", byPassword(PASSWORD));
  assert.equal(username, "bob");
  await client.close();
});

test("the choice with the password at once, and its kinds that the pool does not have", async () => {
  const pool = await createPool(server, {}, CHOICE);
  await addUser(pool, "carol", PASSWORD);
  const client = await browser.open({ ...pool, signInWith: "choice" });
  await client.refused("signedOut", "wrongCredentials", signIn("carol", OTHER_PASSWORD));
  await client.reach("signedIn", signIn("carol", PASSWORD));
  assert.deepEqual(client.calls.slice(2), [
    "InitiateAuth 200",
    "RespondToAuthChallenge 200",
    "GetUser 200",
  ]);
  await client.reach("signedOut", { type: "signOut" });
  for (const preferred of ["email", "sms", "passkey"]) {
    const event = { type: "signIn", username: "carol", preferred };
    assert.deepEqual((await client.reach("selectFactor", event)).choices, ["password"]);
    await client.reach("signedOut", { type: "cancel" });
  }
  await client.close();
});

test("an authenticator app while signed in, asked for from then on; a code by SMS beside it", async () => {
  const pool = await createPool(server, { MfaConfiguration: "OPTIONAL" }, CHOICE);
  const software = { SoftwareTokenMfaConfiguration: { Enabled: true }, MfaConfiguration: "OPTIONAL" };
  await server.admin("SetUserPoolMfaConfig", { UserPoolId: pool.userPoolId, ...software });
  const phone = { phone_number: "+12025550199", phone_number_verified: "true" };
  const list = Object.entries(phone).map(([Name, Value]) => ({ Name, Value }));
  await addUser(pool, "dave", PASSWORD, list);
  const client = await browser.open({ ...pool, verify: { when: "never" } });
  await client.reach("signedIn", signIn("dave", PASSWORD));
  const { secret } = await client.account("startTotp");
  assert.equal((await client.account("confirmTotp", wrongTotp(secret))).code, "codeMismatch");
  const preferred = { as: "preferred" };
  assert.equal(await client.account("confirmTotp", await totp(secret), preferred), undefined);
  const on = { enabled: ["totp"], preferred: "totp" };
  assert.deepEqual(await client.account("mfaPreference"), on);
  for (const signInWith of ["srp", "choice"]) {
    const other = await browser.open({ ...pool, signInWith, verify: { when: "never" } });
    const asked = await other.reach("mfaCode", signIn("dave", PASSWORD));
    assert.equal(asked.medium, "totp");
    const wrong = { type: "submitCode", code: wrongTotp(secret) };
    await other.refused("mfaCode", "codeMismatch", wrong);
    await other.reach("signedIn", { type: "submitCode", code: await totp(secret) });
    await other.close();
  }

  const bySms = { totp: "off", sms: "preferred" };
  assert.equal(await client.account("setMfaPreference", bySms), undefined);
  await client.reach("signedOut", { type: "signOut" });
  const asked = await client.reach("mfaCode", signIn("dave", PASSWORD));
  const destination = "********0199";
  assert.deepEqual(asked.delivery, { medium: "sms", destination, attribute: null });
  await client.refused("mfaCode", "codeMismatch", { type: "submitCode", code: "000000" });
  const { SMS_MFA: code } = await server.codes(pool, "dave");
  await client.reach("signedIn", { type: "submitCode", code });
  await client.close();
});

test("a second factor that is required is set up in the middle of a sign-in", async () => {
  const pool = await createPool(server, {}, CHOICE);
  const required = { SoftwareTokenMfaConfiguration: { Enabled: true }, MfaConfiguration: "ON" };
  await server.admin("SetUserPoolMfaConfig", { UserPoolId: pool.userPoolId, ...required });
  for (const signInWith of ["srp", "choice"]) {
    const name = `erin-${signInWith}`;
    await addUser(pool, name, PASSWORD);
    const client = await browser.open({ ...pool, signInWith, issuer: "A shop" });
    // The session that AssociateSoftwareToken gives is one that it does not know itself.
    const given = await client.reach("setUpTotp", signIn(name, PASSWORD));
    const first = { type: "submitCode", code: await totp(given.secret) };
    await client.refused("signedOut", "challengeSpent", first);

    // Without that member on its way, all that follows is fakecloud's own.
    await client.page.route(pool.endpoint, async (route) => {
      const response = await route.fetch();
      const { Session, ...rest } = JSON.parse(await response.text());
      const body = JSON.stringify(rest.SecretCode ? rest : { ...rest, Session });
      await route.fulfill({ response, body });
    });
    const before = client.calls.length;
    const { secret, uri } = await client.reach("setUpTotp", signIn(name, PASSWORD));
    assert.equal(uri, `otpauth://totp/A%20shop:${name}?secret=${secret}&issuer=A%20shop`);
    const wrong = { type: "submitCode", code: wrongTotp(secret) };
    await client.refused("setUpTotp", "codeMismatch", wrong);
    const code = await totp(secret);
    await client.reach("signedIn", { type: "submitCode", code });
    assert.deepEqual(client.calls.slice(before), [
      "InitiateAuth 200",
      "RespondToAuthChallenge 200",
      "AssociateSoftwareToken 200",
      "VerifySoftwareToken 400",
      "VerifySoftwareToken 200",
      "RespondToAuthChallenge 200",
      "GetUser 200",
    ]);
    await client.reach("signedOut", { type: "signOut" });
    assert.equal((await client.reach("mfaCode", signIn(name, PASSWORD))).medium, "totp");
    await client.close();
  }
});

test("a temporary password, a forgotten one, and tokens that are refreshed and revoked", async () => {
  const pool = await createPool(server);
  const user = { UserPoolId: pool.userPoolId, Username: "grace" };
  await server.admin("AdminCreateUser", {
    ...user,
    TemporaryPassword: "Temporary-Horse-1",
    MessageAction: "SUPPRESS",
    UserAttributes: [
      { Name: "email", Value: "grace@example.com" },
      { Name: "email_verified", Value: "true" },
    ],
  });
  const options = { storage: "local", verify: { when: "never" } };
  const client = await browser.open({ ...pool, ...options });
  await client.reach("newPassword", signIn("grace", "Temporary-Horse-1"));
  await client.reach("signedIn", { type: "setNewPassword", password: PASSWORD });
  const first = await client.session();
  await client.expire();
  assert.notEqual((await client.session()).accessToken, first.accessToken);

  await client.reach("signedOut", { type: "signOut", everywhere: true });
  assert.equal(client.calls.at(-1), "GlobalSignOut 200");
  await assert.rejects(server.admin("GetUser", { AccessToken: first.accessToken }), /NotAuthorized/);

  await client.reach("resetPassword", { type: "forgotPassword", username: "grace" });
  const reset = { type: "resetPassword", password: OTHER_PASSWORD };
  await client.refused("resetPassword", "codeMismatch", { ...reset, code: "000000" });
  const { confirmation: code } = await server.codes(pool, "grace");
  await client.reach("signedOut", { ...reset, code });
  await client.refused("signedOut", "wrongCredentials", signIn("grace", PASSWORD));
  await client.reach("signedIn", signIn("grace", OTHER_PASSWORD));
  assert.equal(await client.account("deleteUser"), undefined);
  await client.refused("signedOut", "wrongCredentials", signIn("grace", OTHER_PASSWORD));
  await client.close();
});

test("factors are told; no device is tracked; lists are empty; sessions are not there", async () => {
  const pool = await createPool(server);
  await addUser(pool, "heidi", PASSWORD);
  const client = await browser.open({ ...pool, verify: { when: "never" } });
  assert.equal((await client.reach("signedIn", signIn("heidi", PASSWORD))).device, null);
  assert.deepEqual(await client.account("factors"), ["password"]);
  assert.deepEqual(await client.account("devices"), []);
  assert.deepEqual(await client.account("passkeys"), []);
  // It has the registration, for one kind of attestation that browsers do not give unasked.
  assert.equal((await client.account("createPasskey")).code, "passkeyUnsupported");
  assert.equal((await client.account("sessions")).code, "server");
  assert.equal((await client.snapshot()).step, "signedIn");
  await client.close();
  // The functions of CUSTOM_AUTH would be another of its services.
  const custom = await browser.open({ ...pool, signInWith: "custom" });
  await custom.refused("signedOut", "refused", { type: "signIn", username: "heidi" });
  await custom.close();
});

function signIn(username, password) {
  return { type: "signIn", username, password };
}

function byPassword(password) {
  return { type: "selectFactor", choice: "password", password };
}

async function addUser(pool, username, password, attributes = []) {
  const user = { UserPoolId: pool.userPoolId, Username: username };
  const silent = { UserAttributes: attributes, MessageAction: "SUPPRESS" };
  await server.admin("AdminCreateUser", { ...user, ...silent });
  await server.admin("AdminSetUserPassword", { ...user, Password: password, Permanent: true });
}
