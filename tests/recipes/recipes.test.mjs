// Each recipe of docs/frameworks.md: built by the framework's own tool with the package as it is published,
// and signed in to. Where there is a server, it verifies the token by the keys of the pool.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import { startBrowser } from "../packaging/page.mjs";
import { startPool } from "../packaging/pool.mjs";
import { must, pack, temporaryFolder } from "../packaging/scratch.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";

const here = import.meta.dirname;
const PASSWORD = "Correct-Horse-7";
const REGION = "https://cognito-idp.eu-west-1.amazonaws.com";

/** How each is built (a program of its node_modules), and what serves it then: a folder, or a program. */
const RECIPES = {
  angular: { build: ["@angular/cli/bin/ng.js", "build", "--progress=false"], folder: "dist" },
  solid: { build: ["vite/bin/vite.js", "build", "--logLevel=warn"], folder: "dist" },
  next: {
    build: ["next/dist/bin/next", "build"],
    start: (port) => ["node_modules/next/dist/bin/next", "start", `--port=${port}`, "--hostname=127.0.0.1"],
  },
  nuxt: { build: ["nuxt/bin/nuxt.mjs", "build"], start: () => [".output/server/index.mjs"] },
  sveltekit: { build: ["vite/bin/vite.js", "build", "--logLevel=warn"], start: () => ["build/index.js"] },
  astro: { build: ["astro/astro.js", "build", "--silent"], start: () => ["dist/server/entry.mjs"] },
};

const temporary = temporaryFolder();
let tarball;
let pool;
let chrome;

before(async () => {
  tarball = pack(temporary.folder);
  // Its tokens say that they are Cognito's, as the servers want them.
  pool = await startPool(`--issuer=${REGION}`);
  await pool.addUser("ann", PASSWORD);
  chrome = await startBrowser();
});
after(async () => {
  await chrome?.close();
  await pool?.stop();
  temporary.remove();
});

for (const [name, { build, folder, start }] of Object.entries(RECIPES)) {
  test(`${name}: built, and signed in to`, { timeout: 300_000 }, async () => {
    const project = join(here, name);
    install(project);
    const port = await freePort();
    const env = { ...process.env, ...environment(port) };
    const [tool, ...args] = build;
    const more = name === "angular" ? defines() : [];
    must(process.execPath, [join(project, "node_modules", tool), ...args, ...more], project, env);
    const server = folder
      ? await serve({ mounts: { "/": join(project, folder) }, headers: { "content-security-policy": "" } })
      : await program(start(port), project, env, port);
    try {
      if (start) await serverHolds(server.url);
      await signsIn(server.url);
    } finally {
      await server.close();
    }
  });
}

/** What the page is made of on the server has nobody's data in it, and what asks without a token gets none. */
async function serverHolds(url) {
  const html = await (await fetch(url)).text();
  assert.match(html, /<cognito-sign-in[ >]/);
  assert.match(html, /<p role="status">nobody<\/p>/);
  const ask = (authorization) => fetch(new URL("/api/me", url), { headers: authorization ? { authorization } : {} });
  for (const authorization of [null, "Bearer", "Bearer a.b.c"]) {
    assert.equal((await ask(authorization)).status, 401, String(authorization));
  }
}

async function signsIn(url) {
  const context = await chrome.newContext({ locale: "en-GB" });
  const faults = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const status = (text) => page.getByRole("status").filter({ hasText: text }).first().waitFor();
  try {
    await page.goto(url);
    await page.getByLabel("User name", { exact: true }).fill("ann");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await status(/^ann$/);
    await page.reload();
    await status(/^ann$/);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await status(/^nobody$/);
    assert.deepEqual(faults, []);
  } catch (error) {
    throw new Error(`${error.message}\nfaults: ${faults.join("\n") || "none"}`);
  } finally {
    await context.close();
  }
}

function install(project) {
  const installed = join(project, "node_modules/cognito-flow");
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  must("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"], here);
}

/** The settings by the names that the tools take them by. */
function environment(port) {
  const { endpoint, userPoolId, clientId } = pool.settings;
  const settings = { USER_POOL_ID: userPoolId, CLIENT_ID: clientId, ENDPOINT: endpoint };
  const named = ["VITE", "NEXT_PUBLIC", "NUXT_PUBLIC", "PUBLIC"].flatMap((prefix) =>
    Object.entries(settings).map(([name, value]) => [`${prefix}_${name}`, value]),
  );
  return {
    ...Object.fromEntries(named),
    ...Object.fromEntries(["NEXT", "ASTRO", "NUXT"].map((name) => [`${name}_TELEMETRY_DISABLED`, "1"])),
    NG_CLI_ANALYTICS: "false",
    CI: "1",
    HOST: "127.0.0.1",
    PORT: String(port),
    NODE_ENV: "production",
    LOCAL_POOL: endpoint,
  };
}

function defines() {
  const { endpoint, userPoolId, clientId } = pool.settings;
  const settings = { USER_POOL_ID: userPoolId, CLIENT_ID: clientId, ENDPOINT: endpoint };
  return Object.entries(settings).map(([name, value]) => `--define=${name}=${JSON.stringify(value)}`);
}

/** A server of the project's, until it answers. */
async function program(args, project, env, port) {
  const child = spawn(process.execPath, [`--import=${join(here, "support.mjs")}`, ...args], {
    cwd: project,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (said += piece));
  const ended = new Promise((done) => child.once("exit", done));
  const url = `http://127.0.0.1:${port}/`;
  const close = () => (child.kill(), ended);
  for (let tries = 0; ; tries += 1) {
    if (child.exitCode !== null || tries === 300) {
      close();
      throw new Error(`${args[0]} did not start:\n${said}`);
    }
    if (await fetch(url).then(() => true, () => false)) return { url, close };
    await new Promise((done) => setTimeout(done, 100));
  }
}
