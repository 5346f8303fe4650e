// The local pool as a program, for the length of a test file.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { root, run, targetDir } from "../../scripts/lib/run.mjs";

/**
 * Starts the pool on a free port, with `more` arguments. `readCode(address)` waits for the code sent there
 * last; `addUser(username, password)` makes somebody who needs no code.
 */
export async function startPool(...more) {
  await run("cargo", ["build", "--quiet", "--locked", "--package=cognito-pool"], {
    env: { ...process.env, CARGO_TARGET_DIR: targetDir },
  });
  // The seed spares it the making of an RSA key.
  const args = ["--listen=127.0.0.1:0", "--log=off", "--seed=1", "--sms-limit=100", ...more];
  const child = spawn(join(targetDir, "debug/cognito-pool"), args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { endpoint, userPoolId, clientId } = await readBanner(child);
  return {
    settings: { endpoint, userPoolId, clientId },
    readCode: (address) => readCode(endpoint, address),
    addUser: (username, password) => addUser(endpoint, userPoolId, username, password),
    stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill();
      return ended;
    },
  };
}

async function readBanner(child) {
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`;
    const found = {
      endpoint: /endpoint: "(\S+?)"/.exec(text)?.[1],
      userPoolId: /^user pool +(\S+)$/m.exec(text)?.[1],
      clientId: /^app client +(\S+)$/m.exec(text)?.[1],
    };
    if (Object.values(found).every((value) => value !== undefined)) {
      child.stdout.resume();
      return found;
    }
  }
  throw new Error(`the pool did not start:\n${text}`);
}

async function readCode(endpoint, address) {
  const url = new URL(`/_pool/outbox?to=${encodeURIComponent(address)}`, endpoint);
  const messages = await (await fetch(url)).json();
  const code = /\b\d{6}\b/.exec(JSON.stringify(messages.at(-1)))?.[0];
  if (code === undefined) throw new Error(`no code was sent to ${address}`);
  return code;
}

async function addUser(endpoint, UserPoolId, Username, Password) {
  const calls = {
    AdminCreateUser: { MessageAction: "SUPPRESS" },
    AdminSetUserPassword: { Password, Permanent: true },
  };
  for (const [operation, input] of Object.entries(calls)) {
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    };
    const body = JSON.stringify({ UserPoolId, Username, ...input });
    const reply = await fetch(endpoint, { method: "POST", headers, body });
    if (!reply.ok) throw new Error(`${operation}: ${await reply.text()}`);
  }
}
