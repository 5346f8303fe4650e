// A pool, a page that has both theirs and ours, and browser profiles for it.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { root } from "../../../scripts/lib/run.mjs";
import { LOOPBACK, contentSecurityPolicy, serve } from "../../../scripts/lib/serve.mjs";
import { startBrowser } from "../../packaging/page.mjs";
import { startPool } from "../../packaging/pool.mjs";
import { orOnceMore } from "../once-more.mjs";

export const PASSWORD = "Correct-Horse-7";
const FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];

let local;
let pages;
let chrome;
before(async () => {
  local = await startPool();
  const folder = join(root, "build/adopt");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(import.meta.dirname, "page/index.html"), join(folder, "index.html"));
  await build({
    entryPoints: [join(import.meta.dirname, "page/app.js")],
    bundle: true,
    outfile: join(folder, "app.js"),
    define: { global: "globalThis" },
    alias: {
      "cognito-flow": join(root, "dist/index.js"),
      "cognito-flow/amplify": join(root, "dist/amplify.js"),
    },
    logLevel: "error",
  });
  const headers = { "content-security-policy": contentSecurityPolicy(LOOPBACK) };
  pages = await serve({ mounts: { "/": folder }, headers });
  chrome = await startBrowser();
});
after(async () => {
  await chrome?.close();
  await pages?.close();
  await local?.stop();
});

async function admin(operation, input) {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
  };
  const reply = await fetch(local.settings.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  const answer = await reply.json();
  assert.equal(reply.status, 200, `${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

/** A pool of its own, with ann and bob in it. */
async function makePool({ devices, rotates }) {
  // By the role that the server has for its first pool.
  const first = await admin("DescribeUserPool", { UserPoolId: local.settings.userPoolId });
  const { SmsConfiguration } = first.UserPool;
  const { UserPool } = await admin("CreateUserPool", {
    PoolName: "moving",
    ...(devices && { DeviceConfiguration: { DeviceOnlyRememberedOnUserPrompt: false, ChallengeRequiredOnNewDevice: true } }),
    SmsConfiguration,
  });
  const UserPoolId = UserPool.Id;
  if (devices) {
    await admin("SetUserPoolMfaConfig", { UserPoolId, MfaConfiguration: "ON", SmsMfaConfiguration: { SmsConfiguration } });
  }
  const { UserPoolClient } = await admin("CreateUserPoolClient", {
    UserPoolId,
    ClientName: "page",
    ExplicitAuthFlows: rotates ? FLOWS.slice(0, 2) : FLOWS,
    ...(rotates && { RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 } }),
  });
  for (const [Username, phone] of [["ann", "+12025550101"], ["bob", "+12025550102"]]) {
    const UserAttributes = [
      { Name: "phone_number", Value: phone },
      { Name: "phone_number_verified", Value: "true" },
      { Name: "email", Value: `${Username}@example.com` },
    ];
    await admin("AdminCreateUser", { UserPoolId, Username, UserAttributes, MessageAction: "SUPPRESS" });
    await admin("AdminSetUserPassword", { UserPoolId, Username, Password: PASSWORD, Permanent: true });
  }
  return { endpoint: local.settings.endpoint, userPoolId: UserPoolId, clientId: UserPoolClient.ClientId };
}

/**
 * One test with a pool and a browser profile of its own. `tab()` opens a page of the profile;
 * `run(page, action, more)` does something there, with the pool's settings.
 */
export function movingTest(name, body, pool = {}) {
  const attempt = async () => {
    const settings = await makePool(pool);
    const context = await chrome.newContext();
    const thrown = [];
    try {
      const tab = async () => {
        const page = await context.newPage();
        page.on("pageerror", (error) => thrown.push(error.message));
        await page.exposeFunction("readCode", () => local.readCode("+12025550101"));
        await page.goto(pages.url);
        await page.waitForFunction(() => window.ready);
        return page;
      };
      const run = (page, action, more) => page.evaluate(action, { settings, who: { username: "ann", password: PASSWORD }, more });
      await body({ tab, run, settings });
      assert.deepEqual(thrown, []);
    } finally {
      await context.close();
    }
  };
  test(name, { timeout: 120_000 }, (itself) => orOnceMore(itself, attempt));
}
