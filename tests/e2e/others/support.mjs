// Other people's servers on free ports, and our client in a headless Chromium to meet them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { MOUNTS, serve } from "../../../scripts/serve.mjs";

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const PASSWORD = "Correct-Horse-7";
export const WRONG_PASSWORD = "Wrong-Horse-7";
export const ALICE = {
  username: "alice",
  password: PASSWORD,
  attributes: { email: "alice@example.com", phone_number: "+12025550123" },
};

const STARTERS = { ministack, moto, cognitoLocal };

/**
 * Starts a server and a browser for the tests of a file. `pool(options, client)` makes a user pool
 * with an app client; `clientTest(name, body)` runs a test whose body gets a browser profile.
 */
export function against(name) {
  let server;
  let site;
  let browser;
  before(async () => {
    server = await STARTERS[name]();
    site = await serve({ mounts: { ...MOUNTS, "/": join(import.meta.dirname, "page") } });
    const executablePath = process.env.CHROME || "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: ARGS });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await server?.stop();
  });
  const admin = (operation, input) => call(server.endpoint, operation, input);
  const pool = (options = {}, client = {}) => createPool(server.endpoint, admin, options, client);
  const clientTest = (title, body) =>
    test(title, { timeout: 120_000 }, async () => {
      const context = await browser.newContext();
      try {
        await body(async (options) => openFlow(await context.newPage(), site.url, options));
      } finally {
        await context.close();
      }
    });
  return { admin, pool, clientTest };
}

/** A flow in a page. `requests` are the operations that it sent, with what they carried. */
async function openFlow(page, url, options) {
  const requests = [];
  page.on("request", (request) => {
    const target = request.headers()["x-amz-target"];
    if (target !== undefined && request.method() === "POST") {
      requests.push({ operation: target.split(".").at(-1), body: request.postData() });
    }
  });
  await page.goto(url);
  await page.waitForFunction(() => window.client !== undefined);
  const ask = (name, ...args) =>
    page.evaluate(([member, given]) => window.client[member](...given), [name, args]);
  const must = async (name, ...args) => {
    const { value, error } = await ask(name, ...args);
    assert.equal(error, undefined, `${name}: ${JSON.stringify(error)}`);
    return value;
  };
  await must("create", options);
  return {
    requests,
    operations: () => requests.map(({ operation }) => operation),
    send: (event) => must("send", event),
    session: () => must("session"),
    account: (name, ...args) => must("account", name, ...args),
    /** The error that a call rejects with. */
    async refused(name, ...args) {
      const { value, error } = await ask(name, ...args);
      assert.ok(error, `${name} answered ${JSON.stringify(value)}`);
      assert.equal(error.name, "FlowError");
      return error;
    },
  };
}

/** Asserts the step of a snapshot, and that nothing went wrong on the way. */
export function assertStep(snapshot, step) {
  assert.deepEqual({ step: snapshot.step, error: snapshot.error }, { step, error: null });
}

/** Asserts that a snapshot stays in a step and shows this error. */
export function assertRefused({ step, error }, expected) {
  const { code, server } = error ?? {};
  assert.deepEqual({ step, code, server }, expected);
}

async function createPool(endpoint, admin, options, client) {
  const { UserPool } = await admin("CreateUserPool", { PoolName: "others", ...options });
  const { UserPoolClient } = await admin("CreateUserPoolClient", {
    UserPoolId: UserPool.Id,
    ClientName: "others",
    ExplicitAuthFlows: [
      "ALLOW_USER_SRP_AUTH",
      "ALLOW_USER_PASSWORD_AUTH",
      "ALLOW_REFRESH_TOKEN_AUTH",
    ],
    ...client,
  });
  return { userPoolId: UserPool.Id, clientId: UserPoolClient.ClientId, endpoint };
}

/** A call as an administrator. The servers look at the form of the signature and no further. */
async function call(endpoint, operation, input) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, " +
        "SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  assert.ok(response.ok, `${operation}: ${response.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

function ministack() {
  return start("ministack", (port, folder) => ({
    env: {
      AUTH: "true",
      // Otherwise it listens beyond this machine.
      IOT_MTLS_ENABLED: "0",
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      STATE_DIR: folder,
    },
  }));
}

function moto() {
  return start("moto_server", (port) => ({ args: ["-H", "127.0.0.1", "-p", String(port)] }));
}

function cognitoLocal() {
  return start(join(import.meta.dirname, "node_modules/.bin/cognito-local"), (port, folder) => {
    mkdirSync(join(folder, ".cognito"));
    // Otherwise everybody signs in by email address.
    const config = { UserPoolDefaults: { UsernameAttributes: [] } };
    writeFileSync(join(folder, ".cognito/config.json"), JSON.stringify(config));
    return { env: { PORT: String(port), HOST: "127.0.0.1", CODE: "123456" } };
  });
}

/** Starts a program in a folder of its own and waits until it answers; `stop()` ends it. */
async function start(program, configure) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "cognito-flow-others-"));
  const { args = [], env = {} } = configure(port, folder);
  const options = { cwd: folder, env: { ...process.env, ...env }, stdio: "ignore" };
  const child = spawn(program, args, options);
  let failure = null;
  const ended = new Promise((done) => {
    child.once("exit", done);
    child.once("error", (error) => done((failure = error)));
  });
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}/`;
  const answers = () => fetch(endpoint).then(Boolean, () => false);
  const deadline = Date.now() + 60_000;
  while (!(await answers())) {
    if (failure === null && child.exitCode === null && Date.now() < deadline) {
      await new Promise((done) => setTimeout(done, 200));
      continue;
    }
    await stop();
    throw failure ?? new Error(`${program} did not answer (${child.exitCode ?? "running"})`);
  }
  return { endpoint, stop };
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
