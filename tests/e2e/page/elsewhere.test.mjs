// The same page against pools that are not in it: our own over HTTP, and ministack, whose code
// nobody here wrote. Nothing depends on the embedded pool.
import assert from "node:assert/strict";
import { before } from "node:test";
import { authorizationFor } from "../../../scripts/lib/aws.mjs";
import { awsCalls } from "../../../www/demo/aws.js";
import { searchFor } from "../../../www/demo/address.js";
import { DEFAULTS, createPool, createRole } from "../../../www/demo/setup.js";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";
import { buildOurPool, serveMinistack, serveOurPool } from "./support/servers.mjs";

const { ALICE, fill, follow, giveCode, press, sees, seesError, signIn, signOut, step } = person;

withBrowser();
before(buildOurPool);

pageTest("our pool over HTTP", async ({ tab }) => {
  const pool = await serveOurPool();
  try {
    const aws = awsCalls(fetch, pool.endpoint);
    await createRole(aws);
    const ids = await createPool(aws, { ...DEFAULTS, mfa: "ON" });
    const codeFor = async (to, count) => {
      const messages = (await aws.outbox()).filter((message) => message.to === to);
      assert.equal(messages.length, count);
      return messages.at(-1).code;
    };
    const page = await tab(searchFor({ ...ids, endpoint: pool.endpoint }));
    await page.getByText("This belongs to the pool in this page.").first().waitFor();
    await person.signUp(page);
    await step(page, "Confirm your account");
    await giveCode(page, await codeFor("+12025550123", 1), "Confirm");
    await step(page, "Enter your code");
    await giveCode(page, await codeFor("+12025550123", 2), "Continue");
    await step(page, "Verify your email address");
    await giveCode(page, await codeFor("alice@example.com", 1), "Verify");
    await step(page, "Welcome, alice");
    await signOut(page);
  } finally {
    await pool.stop();
  }
});

pageTest("an endpoint that came with a link: nothing is kept, and it is said so", async ({ tab }) => {
  const pool = await serveOurPool();
  try {
    const aws = awsCalls(fetch, pool.endpoint);
    await createRole(aws);
    const ids = await createPool(aws, DEFAULTS);
    const user = { UserPoolId: ids.userPoolId, Username: "bob" };
    await aws.cognito("AdminCreateUser", { ...user, MessageAction: "SUPPRESS" });
    const permanent = { Password: ALICE.password, Permanent: true };
    await aws.cognito("AdminSetUserPassword", { ...user, ...permanent });
    const page = await tab(searchFor({ ...ids, endpoint: pool.endpoint }));
    await page.getByText("nothing is kept: reloading the page signs you out").first().waitFor();
    await signIn(page, { username: "bob", password: ALICE.password });
    await step(page, "Welcome, bob");
    const kept = () => page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    assert.doesNotMatch(await kept(), /cognito-flow\.|bob/);
    await page.reload();
    await step(page, "Sign in");
  } finally {
    await pool.stop();
  }
});

pageTest(
  "ministack, which verifies SRP by itself",
  async ({ tab }) => {
    const stack = await serveMinistack();
    try {
      const aws = awsCalls(signed(fetch), stack.endpoint);
      const { UserPool } = await aws.cognito("CreateUserPool", {
        PoolName: "page",
        AutoVerifiedAttributes: ["email"],
      });
      const { UserPoolClient } = await aws.cognito("CreateUserPoolClient", {
        UserPoolId: UserPool.Id,
        ClientName: "page",
        ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      });
      const place = {
        userPoolId: UserPool.Id,
        clientId: UserPoolClient.ClientId,
        endpoint: stack.endpoint,
      };
      const page = await tab(searchFor(place));
      await person.signUp(page);
      await step(page, "Confirm your account");
      await giveCode(page, "999999", "Confirm");
      await seesError(page, "codeMismatch");
      // The code that it always sends.
      await giveCode(page, "123456", "Confirm");
      // It does not say what is verified: nothing is sent by itself.
      await step(page, "Welcome, alice");
      await sees(page, "+12025550123 Not verified");
      // It has no GetUserAttributeVerificationCode: that is said, and there is a way on.
      await press(page, "Verify email address");
      await seesError(page, "server");
      await step(page, "Welcome, alice");
      await signOut(page);
      await signIn(page, { ...ALICE, password: "Wrong-Horse-7" });
      await seesError(page, "wrongCredentials");
      await follow(page, "Forgot your password?");
      await press(page, "Send code");
      await step(page, "Set a new password");
      await fill(page, "New password", "Another-Horse-8");
      await giveCode(page, "654321", "Save password");
      await signIn(page, { ...ALICE, password: "Another-Horse-8" });
      await step(page, "Welcome, alice");
    } finally {
      await stack.stop();
    }
    // It refuses with 4xx, which browsers log.
  },
  { allowedFaults: [/the server responded with a status of 4\d\d/, /status of 501/] },
);

/** ministack takes a request's service from its signature, which it does not check. */
function signed(fetch) {
  const authorization = authorizationFor("cognito-idp");
  return (url, options) =>
    fetch(url, { ...options, headers: { ...options.headers, authorization } });
}
