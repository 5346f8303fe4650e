// Other people's user pools, each on a free port of this machine, and how an administrator calls
// them. package.json and requirements.txt pin their versions.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { headersOf } from "../../../../scripts/lib/aws.mjs";
import { freePort } from "../../../../scripts/lib/ports.mjs";

/** The code that cognito-local sends: it is told to. */
export const CODE = "135790";
/** What ministack always sends. */
export const MINISTACK_SIGN_UP_CODE = "123456";
export const MINISTACK_RESET_CODE = "654321";

/** Verifies SRP, TOTP and codes. */
export const startMinistack = (kept) =>
  start("ministack", [], (port, folder) => ({
    AUTH: "true",
    // It writes what it has when it is told to stop.
    PERSIST_STATE: kept ? "1" : "0",
    // Otherwise it listens beyond this machine.
    IOT_MTLS_ENABLED: "0",
    BIND_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    STATE_DIR: folder,
  }), kept);

/** Sends the challenge SMS_MFA; takes any code for it. */
export const startMoto = (kept) =>
  start(
    "moto_server",
    (port) => ["-H", "127.0.0.1", "-p", String(port)],
    () => ({
      MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP: "true",
    }),
    kept,
  );

/** Verifies SRP, TOTP and codes, and has the choice of USER_AUTH. `codes` are those that it made last. */
export async function startFakecloud() {
  const server = await start("fakecloud-user-pool", (port) => [String(port)], () => ({}));
  const codes = async ({ userPoolId }, username) =>
    (await fetch(`${server.endpoint}codes/${userPoolId}/${username}`)).json();
  return { ...server, codes };
}

/** Sends codes to the phone first, checks them, and flips what is verified. */
export function startCognitoLocal(kept) {
  const program = createRequire(import.meta.url).resolve("cognito-local/lib/bin/start.js");
  return start(process.execPath, [program], (port, folder) => {
    mkdirSync(join(folder, ".cognito"), { recursive: true });
    const settings = { UserPoolDefaults: { UsernameAttributes: [] } };
    writeFileSync(join(folder, ".cognito/config.json"), JSON.stringify(settings));
    return { HOST: "127.0.0.1", PORT: String(port), CODE, NODE_NO_WARNINGS: "1" };
  }, kept);
}

/**
 * Starts a program in a folder of its own, or in `kept`, which stays, and waits until it answers. What
 * comes back calls it as an administrator, and stops it.
 */
export async function start(program, args, settings, kept) {
  const port = await freePort();
  const folder = kept ?? mkdtempSync(join(tmpdir(), "user-pool-"));
  const env = { ...process.env, ...settings(port, folder) };
  const list = typeof args === "function" ? args(port) : args;
  const began = performance.now();
  const child = spawn(program, list, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-4000)));
  }
  const ended = new Promise((done) => {
    child.once("exit", done);
    child.once("error", (error) => done((output += error.message)));
  });
  /** Sends a signal, and another one to who does not hear it in 5 seconds. */
  const end = async (signal) => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  };
  const stop = async () => {
    await end("SIGTERM");
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}/`;
  if (await answers(endpoint, ended)) {
    const startedIn = performance.now() - began;
    return { endpoint, stop, end, admin: administrator(endpoint), pid: child.pid, startedIn };
  }
  await stop();
  throw new Error(`${program} did not start:\n${output}`);
}

async function answers(endpoint, ended) {
  let over = false;
  ended.then(() => (over = true));
  for (const until = Date.now() + 90_000; !over && Date.now() < until;) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return true;
    await new Promise((done) => setTimeout(done, 5));
  }
  return false;
}

/** Calls operations as an administrator. The signature names the service; nobody checks it. */
function administrator(endpoint) {
  return async (operation, input = {}) => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: headersOf(operation),
      body: JSON.stringify(input),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${text.slice(0, 500)}`);
    return text === "" ? {} : JSON.parse(text);
  };
}

/** A user pool and an app client in it; the options that name them. */
export async function createPool(server, settings = {}, client = {}) {
  const { UserPool } = await server.admin("CreateUserPool", { PoolName: "others", ...settings });
  const { UserPoolClient } = await server.admin("CreateUserPoolClient", {
    UserPoolId: UserPool.Id,
    ClientName: "others",
    ExplicitAuthFlows: [
      "ALLOW_USER_SRP_AUTH",
      "ALLOW_USER_PASSWORD_AUTH",
      "ALLOW_REFRESH_TOKEN_AUTH",
    ],
    ...client,
  });
  return {
    userPoolId: UserPool.Id,
    clientId: UserPoolClient.ClientId,
    endpoint: server.endpoint,
  };
}
