// The same page against pools that are not in it: our own over HTTP, and ministack, whose code
// nobody here wrote. Nothing depends on the embedded pool.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../scripts/run.mjs";
import { awsCalls } from "../../../www/demo/aws.js";
import { searchFor } from "../../../www/demo/address.js";
import { DEFAULTS, createPool, createRole } from "../../../www/demo/setup.js";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { ALICE, card, fill, follow, giveCode, press, seesError, signIn, signOut, step } = person;

withBrowser();

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
    await page.reload();
    await step(page, "Welcome, alice");
    await signOut(page);
  } finally {
    await pool.stop();
  }
}, { allowedFaults: [] });

pageTest("ministack, which verifies SRP by itself", async ({ tab }) => {
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
    const place = { userPoolId: UserPool.Id, clientId: UserPoolClient.ClientId, endpoint: stack.endpoint };
    const page = await tab(searchFor(place));
    await person.signUp(page);
    await step(page, "Confirm your account");
    await giveCode(page, "999999", "Confirm");
    await seesError(page, "codeMismatch");
    // The code that it always sends.
    await giveCode(page, "123456", "Confirm");
    // It has no GetUserAttributeVerificationCode: that is said, and there is a way on.
    await step(page, "Verify your phone number");
    await press(page, "Not now");
    await step(page, "Verify your email address");
    await press(page, "Not now");
    await step(page, "Welcome, alice");
    await signOut(page);
    await signIn(page, { ...ALICE, password: "Wrong-Horse-7" });
    await seesError(page, "wrongCredentials");
    await follow(page, "Forgotten your password?");
    await press(page, "Send code");
    await step(page, "Set a new password");
    await fill(page, "New password", "Another-Horse-8");
    await giveCode(page, "654321", "Save password");
    await signIn(page, { ...ALICE, password: "Another-Horse-8" });
    await card(page).getByRole("button", { name: "Not now" }).waitFor();
  } finally {
    await stack.stop();
  }
  // It refuses with 4xx, which browsers log.
}, { allowedFaults: [/the server responded with a status of 4\d\d/, /status of 501/] });

async function serveOurPool() {
  const port = await freePort();
  const args = ["run", "--quiet", "--release", "-p", "cognito-pool", "--", "--listen", `127.0.0.1:${port}`];
  return serve("cargo", args, { cwd: root, port, path: "/health" });
}

async function serveMinistack() {
  const port = await freePort();
  const state = mkdtempSync(join(tmpdir(), "ministack-"));
  const server = await serve("ministack", [], {
    port,
    path: "/",
    env: {
      ...process.env,
      AUTH: "true",
      // Otherwise it listens beyond this machine.
      IOT_MTLS_ENABLED: "0",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      STATE_DIR: state,
    },
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Starts a server in a process group of its own and waits until it answers. */
async function serve(command, args, { port, path, ...options }) {
  const child = spawn(command, args, { stdio: "ignore", detached: true, ...options });
  const ended = new Promise((done) => child.once("close", done));
  let failure = null;
  child.once("error", (error) => (failure = error));
  const endpoint = `http://127.0.0.1:${port}/`;
  const stop = async () => {
    if (child.exitCode === null && child.pid) process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  // The first time, our own is compiled.
  for (let tries = 0; tries < 1200; tries += 1) {
    if (failure) throw failure;
    const up = await fetch(new URL(path, endpoint)).then(() => true, () => false);
    if (up) return { endpoint, stop };
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    await new Promise((done) => setTimeout(done, 250));
  }
  await stop();
  throw new Error(`${command} did not answer`);
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** ministack takes a request's service from its signature, which it does not check. */
function signed(fetch) {
  const authorization =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, " +
    "SignedHeaders=host, Signature=none";
  return (url, options) => fetch(url, { ...options, headers: { ...options.headers, authorization } });
}
