// Against ministack, which verifies SRP, codes and TOTP by code that nobody here wrote.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser } from "./support/client.mjs";
import {
  MINISTACK_RESET_CODE,
  MINISTACK_SIGN_UP_CODE,
  createPool,
  startMinistack,
} from "./support/servers.mjs";
import { totp, wrongTotp } from "./support/totp.mjs";
import { ANSWERS, QUESTIONS, startTriggers } from "./support/triggers.mjs";

const PASSWORD = "Correct-Horse-7";
const OTHER_PASSWORD = "Another-Horse-8";
const CUSTOM = { ExplicitAuthFlows: ["ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] };

let server;
let browser;
before(async () => {
  // One after the other: what has started is ended where the next does not.
  server = await startMinistack();
  browser = await startBrowser();
});
after(() => Promise.all([server?.stop(), browser?.stop()]));

test("sign-up, its code, and a sign-in by SRP that follows by itself", async () => {
  const client = await browser.open(
    await createPool(server, { AutoVerifiedAttributes: ["email"] }),
  );
  const attributes = { email: "alice@example.com", phone_number: "+12025550123" };
  const signUp = { type: "signUp", username: "alice", password: PASSWORD, attributes };
  const waiting = await client.reach("confirmSignUp", signUp);
  assert.equal(waiting.delivery.medium, "email");
  assert.equal((await client.send({ type: "resendCode" })).code, "notAccepted");
  await client.refused("confirmSignUp", "codeMismatch", { type: "confirmSignUp", code: "999999" });

  // It does not say what is verified: that is listed, and no message is sent by itself.
  const { unverified } = await client.reach("signedIn", {
    type: "confirmSignUp",
    code: MINISTACK_SIGN_UP_CODE,
  });
  assert.deepEqual(unverified, ["phone_number", "email"]);
  // It does not know GetUserAttributeVerificationCode, and that is what the person sees.
  const verify = { type: "verifyAttribute", attribute: "email" };
  const unsupported = await client.refused("signedIn", "server", verify);
  assert.equal(unsupported.error.server, "InvalidAction");

  const session = await client.session();
  assert.equal(session.accessToken.split(".").length, 3);
  assert.ok(session.expiresAt > Date.now());
  assert.deepEqual(client.calls, [
    "SignUp 200",
    "ConfirmSignUp 400",
    "ConfirmSignUp 200",
    "InitiateAuth 200",
    "RespondToAuthChallenge 200",
    "GetUser 200",
    "GetUserAttributeVerificationCode 400",
  ]);
  await client.close();
});

test("a name that is taken, and a person who is led back to confirming", async () => {
  const client = await browser.open(
    await createPool(server, { AutoVerifiedAttributes: ["email"] }),
  );
  const attributes = { email: "bob@example.com" };
  const signUp = { type: "signUp", username: "bob", password: PASSWORD, attributes };
  await client.reach("confirmSignUp", signUp);
  await client.reach("signedOut", { type: "cancel" });
  await client.refused("signedOut", "userExists", signUp);
  await client.refused("confirmSignUp", "userNotConfirmed", signIn("bob", PASSWORD));
  await client.close();
});

test("SRP: right and wrong passwords, in scripts of several kinds", async () => {
  const pool = await createPool(server);
  const passwords = [
    PASSWORD,
    " leading Space-1",
    "Pässwörter-Größe-1",
    "密码Correct1!",
    "🐎Horse-battery-1",
  ];
  const client = await browser.open(pool);
  for (const [index, password] of passwords.entries()) {
    const username = `user${index}`;
    await addUser(pool, username, password);
    await client.refused("signedOut", "wrongCredentials", signIn(username, `${password}x`));
    await client.refused("signedOut", "wrongCredentials", signIn(username, password.slice(0, -1)));
    await client.reach("signedIn", signIn(username, password));
    await client.reach("signedOut", { type: "signOut" });
  }
  await client.refused("signedOut", "wrongCredentials", signIn("nobody", PASSWORD));
  await client.close();
});

test("many sign-ins by SRP: every one is taken", async () => {
  // What depends on leading zeros and high bits of random numbers shows in a few of many.
  const pool = await createPool(server);
  await addUser(pool, "carol", PASSWORD);
  const client = await browser.open(pool);
  for (let round = 0; round < 24; round += 1) {
    await client.reach("signedIn", signIn("carol", PASSWORD));
    await client.reach("signedOut", { type: "signOut" });
  }
  await client.close();
});

test("a temporary password is replaced", async () => {
  const pool = await createPool(server);
  await server.admin("AdminCreateUser", {
    UserPoolId: pool.userPoolId,
    Username: "dave",
    TemporaryPassword: "Temporary-Horse-1",
    MessageAction: "SUPPRESS",
  });
  const client = await browser.open(pool);
  await client.refused("signedOut", "wrongCredentials", signIn("dave", "Wrong-Horse-1"));
  const asked = await client.reach("newPassword", signIn("dave", "Temporary-Horse-1"));
  assert.deepEqual(asked.missingAttributes, []);
  await client.reach("signedIn", { type: "setNewPassword", password: PASSWORD });
  await client.reach("signedOut", { type: "signOut" });
  await client.refused("signedOut", "wrongCredentials", signIn("dave", "Temporary-Horse-1"));
  await client.reach("signedIn", signIn("dave", PASSWORD));
  await client.close();
});

test("an authenticator app as the second factor, also across a reload", async () => {
  const pool = await createPool(server);
  await server.admin("SetUserPoolMfaConfig", {
    UserPoolId: pool.userPoolId,
    MfaConfiguration: "OPTIONAL",
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  await addUser(pool, "erin", PASSWORD);
  const client = await browser.open({ ...pool, storage: "session" });
  await client.reach("signedIn", signIn("erin", PASSWORD));
  const { secret, uri } = await client.account("startTotp");
  const about = new URL(uri);
  assert.equal(about.protocol, "otpauth:");
  assert.equal(about.searchParams.get("secret"), secret);
  const wrong = await client.account("confirmTotp", wrongTotp(secret));
  assert.equal(wrong.code, "codeMismatch");
  const options = { as: "preferred", deviceName: "the phone" };
  assert.equal(await client.account("confirmTotp", await totp(secret), options), undefined);
  const preference = await client.account("mfaPreference");
  assert.deepEqual(preference, { enabled: ["totp"], preferred: "totp" });
  await client.reach("signedOut", { type: "signOut" });

  const asked = await client.reach("mfaCode", signIn("erin", PASSWORD));
  assert.deepEqual([asked.medium, asked.delivery], ["totp", null]);
  await client.refused("mfaCode", "codeMismatch", {
    type: "submitCode",
    code: wrongTotp(secret),
  });
  await client.load();
  assert.deepEqual(await stepAndName(client), ["mfaCode", "erin"]);
  await client.reach("signedIn", { type: "submitCode", code: await totp(secret) });
  await client.load();
  assert.deepEqual(await stepAndName(client), ["signedIn", "erin"]);
  await client.close();
});

test("a forgotten password", async () => {
  const pool = await createPool(server);
  await addUser(pool, "frank", PASSWORD, [
    { Name: "email", Value: "frank@example.com" },
    { Name: "email_verified", Value: "true" },
  ]);
  const client = await browser.open(pool);
  const sent = await client.reach("resetPassword", { type: "forgotPassword", username: "frank" });
  // Its mask has four stars, and is shown as it came.
  assert.equal(sent.delivery.destination, "f****@e****");
  const wrong = { type: "resetPassword", code: "999999", password: OTHER_PASSWORD };
  await client.refused("resetPassword", "codeMismatch", wrong);
  const right = { ...wrong, code: MINISTACK_RESET_CODE };
  const done = await client.reach("signedOut", right);
  assert.equal(done.username, "frank");
  await client.refused("signedOut", "wrongCredentials", signIn("frank", PASSWORD));
  await client.reach("signedIn", signIn("frank", OTHER_PASSWORD));
  await client.close();
});

test("tokens are refreshed, and a refresh token that is dead signs out", async () => {
  const pool = await createPool(
    server,
    {},
    {
      AccessTokenValidity: 5,
      IdTokenValidity: 5,
      TokenValidityUnits: { AccessToken: "minutes", IdToken: "minutes" },
    },
  );
  await addUser(pool, "grace", PASSWORD);
  const client = await browser.open({ ...pool, storage: "local" });
  const { tokensExpireAt } = await client.reach("signedIn", signIn("grace", PASSWORD));
  assert.ok(tokensExpireAt - Date.now() < 301_000);
  const first = await client.session();
  await client.expire();
  const [one, two] = await Promise.all([client.session(), client.session()]);
  assert.equal(one.accessToken, two.accessToken);
  assert.notEqual(one.accessToken, first.accessToken);
  assert.equal(refreshes(client), 1);

  const ids = { UserPoolId: pool.userPoolId, Username: "grace" };
  await server.admin("AdminUserGlobalSignOut", ids);
  await client.expire();
  assert.equal((await client.session()).code, "challengeSpent");
  const { step, username } = await client.snapshot();
  assert.deepEqual([step, username], ["signedOut", "grace"]);
  await client.close();
});

test("signing out here and everywhere kills the tokens at the pool", async () => {
  const pool = await createPool(server);
  await addUser(pool, "ivan", PASSWORD);
  const [here, there] = [await browser.open(pool), await browser.open(pool)];
  await here.reach("signedIn", signIn("ivan", PASSWORD));
  await there.reach("signedIn", signIn("ivan", PASSWORD));
  const { accessToken } = await there.session();
  await server.admin("GetUser", { AccessToken: accessToken });

  await here.reach("signedOut", { type: "signOut" });
  assert.equal(here.calls.at(-1), "RevokeToken 200");
  await server.admin("GetUser", { AccessToken: accessToken });

  await here.reach("signedIn", signIn("ivan", PASSWORD));
  await here.reach("signedOut", { type: "signOut", everywhere: true });
  assert.equal(here.calls.at(-1), "GlobalSignOut 200");
  await assert.rejects(server.admin("GetUser", { AccessToken: accessToken }), /NotAuthorized/);
  await Promise.all([here.close(), there.close()]);
});

test("the account: attributes, password, deleting; what ministack lacks is an error", async () => {
  const pool = await createPool(server);
  await addUser(pool, "judy", PASSWORD);
  const client = await browser.open({ ...pool, verify: { when: "never" } });
  await client.reach("signedIn", signIn("judy", PASSWORD));
  const update = await client.account("updateAttributes", { email: "judy@example.com" });
  assert.deepEqual(update, { unverified: ["email"] });
  assert.equal((await client.snapshot()).attributes.email, "judy@example.com");
  assert.equal(
    (await client.account("changePassword", "Wrong-Horse-1", OTHER_PASSWORD)).code,
    "wrongCredentials",
  );
  assert.equal(await client.account("changePassword", PASSWORD, OTHER_PASSWORD), undefined);

  const { code, server: name } = await client.account("deleteAttributes", ["email"]);
  assert.deepEqual([code, name], ["server", "InvalidAction"]);
  assert.equal((await client.snapshot()).step, "signedIn");

  assert.equal(await client.account("deleteUser"), undefined);
  assert.equal((await client.snapshot()).step, "signedOut");
  await client.refused("signedOut", "wrongCredentials", signIn("judy", OTHER_PASSWORD));
  await client.close();
});

test("questions of the pool's own functions, no password, also across a reload", async (t) => {
  const triggers = await startTriggers(server, t);
  const pool = await createPool(server, { LambdaConfig: triggers.LambdaConfig }, CUSTOM);
  await addUser(pool, "karl", PASSWORD);
  const options = { signInWith: "custom", clientMetadata: { via: "others" }, storage: "session" };
  const client = await browser.open({ ...pool, ...options });

  const first = await client.reach("customChallenge", { type: "signIn", username: "karl" });
  assert.deepEqual(first.parameters, { asks: QUESTIONS[0] });
  const again = await client.reach("customChallenge", answer("vermilion"));
  assert.deepEqual(again.parameters, { asks: QUESTIONS[0] });
  // The same question is a form of its own, in which the field is empty.
  assert.ok(again.round > first.round);
  const second = await client.reach("customChallenge", answer(ANSWERS[0]));
  assert.deepEqual(second.parameters, { asks: QUESTIONS[1] });
  await client.load();
  const reloaded = await client.snapshot();
  assert.deepEqual([reloaded.step, reloaded.parameters], ["customChallenge", second.parameters]);
  await client.reach("signedIn", answer(ANSWERS[1]));
  assert.equal((await client.session()).accessToken.split(".").length, 3);
  assert.deepEqual(client.calls, [
    "InitiateAuth 200",
    "RespondToAuthChallenge 200",
    "RespondToAuthChallenge 200",
    "RespondToAuthChallenge 200",
    "GetUser 200",
  ]);
  // The app's metadata came with each of the three answers.
  const verified = triggers.events.filter((event) => event.triggerSource.startsWith("Verify"));
  const told = verified.map(({ request }) => request.clientMetadata);
  assert.deepEqual(told, Array(3).fill({ via: "others" }));

  await client.reach("signedOut", { type: "signOut" });
  await client.reach("customChallenge", { type: "signIn", username: "karl" });
  await client.reach("customChallenge", answer("vermilion"));
  await client.refused("signedOut", "wrongCredentials", answer("crimson"));
  await client.close();
});

test("questions after the password, proven by SRP", async (t) => {
  // It counts the two halves of the proof as rounds, and three are all that it has.
  const triggers = await startTriggers(server, t, 1);
  const pool = await createPool(server, { LambdaConfig: triggers.LambdaConfig }, CUSTOM);
  await addUser(pool, "lena", PASSWORD);
  const client = await browser.open({ ...pool, signInWith: "customAfterSrp" });
  await client.refused("signedOut", "wrongCredentials", signIn("lena", OTHER_PASSWORD));
  const first = await client.reach("customChallenge", signIn("lena", PASSWORD));
  assert.deepEqual(first.parameters, { asks: QUESTIONS[0] });
  await client.reach("signedIn", answer(ANSWERS[0]));
  // What the functions were told was proven before their first question.
  const asked = triggers.events.filter((event) => event.triggerSource.startsWith("Create"));
  const proven = asked[0].request.session.map(({ challengeName }) => challengeName);
  assert.deepEqual(proven, ["SRP_A", "PASSWORD_VERIFIER"]);

  await client.reach("signedOut", { type: "signOut" });
  await client.reach("customChallenge", signIn("lena", PASSWORD));
  await client.refused("customChallenge", "attemptLimit", answer("vermilion"));
  await client.reach("signedOut", { type: "cancel" });
  await client.close();
});

test("USER_AUTH, devices, passkeys and first factors are not there: each is an error", async () => {
  const pool = await createPool(server);
  await addUser(pool, "mona", PASSWORD);
  const choice = await browser.open({ ...pool, signInWith: "choice" });
  for (const event of [{ type: "signIn", username: "mona" }, signIn("mona", PASSWORD)]) {
    const { error } = await choice.refused("signedOut", "invalidParameter", event);
    assert.equal(error.message, "Unsupported AuthFlow: USER_AUTH");
  }
  const client = await browser.open(pool);
  // It tracks no device, so that there is none to confirm.
  assert.equal((await client.reach("signedIn", signIn("mona", PASSWORD))).device, null);
  for (const name of ["factors", "passkeys", "createPasskey", "devices"]) {
    const { code, server: said } = await client.account(name);
    assert.deepEqual([code, said], ["server", "InvalidAction"], name);
  }
  assert.equal((await client.account("rememberDevice")).code, "notAccepted");
  assert.equal((await client.snapshot()).step, "signedIn");
  await Promise.all([choice.close(), client.close()]);
});

function signIn(username, password) {
  return { type: "signIn", username, password };
}

function answer(text) {
  return { type: "answerChallenge", answer: text };
}

async function addUser(pool, username, password, attributes = []) {
  const user = { UserPoolId: pool.userPoolId, Username: username };
  const silent = { UserAttributes: attributes, MessageAction: "SUPPRESS" };
  await server.admin("AdminCreateUser", { ...user, ...silent });
  await server.admin("AdminSetUserPassword", { ...user, Password: password, Permanent: true });
}

async function stepAndName(client) {
  const { step, username } = await client.snapshot();
  return [step, username];
}

function refreshes(client) {
  const names = client.calls.map((call) => call.split(" ")[0]);
  // A sign-in by SRP opens with one InitiateAuth of its own.
  return names.filter((name) => name === "InitiateAuth").length - 1;
}
