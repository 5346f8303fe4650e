// The element from the tarball on a page of somebody else's: as plain files, and built by each bundler.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LOOPBACK, contentSecurityPolicy, serve } from "../../scripts/lib/serve.mjs";
import { startBrowser } from "./page.mjs";
import { startPool } from "./pool.mjs";
import { must, pack, scratchProject, temporaryFolder } from "./scratch.mjs";

const BUNDLERS = join(import.meta.dirname, "node_modules");
const ESBUILD = join(import.meta.dirname, "../../node_modules/esbuild/bin/esbuild");
const VITE = join(BUNDLERS, "vite/bin/vite.js");
const WEBPACK = join(BUNDLERS, "webpack-cli/bin/cli.js");

const temporary = temporaryFolder();
let tarball;
let chrome;
let pool;

before(async () => {
  tarball = pack(temporary.folder);
  [chrome, pool] = [await startBrowser(), await startPool()];
});
after(async () => {
  await chrome?.close();
  await pool?.stop();
  temporary.remove();
});

test("plain files", async () => {
  const folder = project("plain", '"../node_modules/cognito-flow/dist/ui/index.js"');
  writeFileSync(join(folder, "index.html"), html('type="module" src="src/element.js"'));
  await signsUpAndIn(folder, "plain");
});

test("Vite", async () => {
  const folder = project("vite");
  writeFileSync(join(folder, "index.html"), html('type="module" src="/src/element.js"'));
  must("node", [VITE, "build"], folder);
  await signsUpAndIn(join(folder, "dist"), "vite");
});

test("webpack", async () => {
  const folder = project("webpack");
  must("node", [WEBPACK, "--mode=production", "--entry=./src/element.js"], folder);
  writeFileSync(join(folder, "dist/index.html"), html('defer src="main.js"'));
  // What webpack loads a file with takes an option of its own under Trusted Types.
  const policy = contentSecurityPolicy(LOOPBACK).replace(/; trusted-types.*/, "");
  await signsUpAndIn(join(folder, "dist"), "webpack", policy);
});

test("esbuild, all in one classic script", async () => {
  const folder = project("esbuild");
  mkdirSync(join(folder, "dist"));
  const args = ["src/element.js", "--bundle", "--minify", "--format=iife", "--outfile=dist/main.js"];
  must("node", [ESBUILD, ...args, "--log-level=error"], folder);
  writeFileSync(join(folder, "dist/index.html"), html('defer src="main.js"'));
  await signsUpAndIn(join(folder, "dist"), "esbuild");
});

test("on a server it can be imported, and sends a shell ahead", () => {
  const folder = project("server");
  const script = `
    import { CognitoSignIn, mountSignIn } from "cognito-flow/ui";
    import { signInShell } from "cognito-flow/ui/server";
    console.log(typeof CognitoSignIn, typeof mountSignIn, signInShell({ nonce: '"><b>' }));`;
  const out = must("node", ["--input-type=module", "--eval", script], folder);
  assert.match(out, /^function function <template shadowrootmode="open"><style nonce="&#34;&#62;&#60;b&#62;">/);
});

function project(name, from = '"cognito-flow/ui"') {
  const folder = scratchProject(join(temporary.folder, name), tarball);
  writeFileSync(join(folder, "src/element.js"), `import ${from};\n`);
  return folder;
}

function html(script) {
  const { userPoolId, clientId, endpoint } = pool.settings;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Scratch</title>
<link rel="icon" href="data:,"><script ${script}></script>
<cognito-sign-in user-pool-id="${userPoolId}" client-id="${clientId}" endpoint="${endpoint}" lang="en">
</cognito-sign-in></html>`;
}

async function signsUpAndIn(folder, username, policy = contentSecurityPolicy(LOOPBACK)) {
  const headers = { "content-security-policy": policy };
  const server = await serve({ mounts: { "/": folder }, headers });
  const context = await chrome.newContext();
  context.setDefaultTimeout(60_000);
  const faults = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  try {
    await page.goto(server.url);
    const press = (name) => page.getByRole("button", { name, exact: true }).click();
    const fill = (name, value) => page.getByLabel(name, { exact: true }).fill(value);
    await press("Create an account");
    await fill("User name", username);
    await fill("Email address", `${username}@example.com`);
    await fill("Password", "Correct-Horse-7");
    await press("Create account");
    await page.getByRole("heading", { name: "Confirm your account" }).waitFor();
    // A whole code is sent by itself.
    await fill("Code", await pool.readCode(`${username}@example.com`));
    await page.getByRole("heading", { name: `Welcome, ${username}` }).waitFor();
    await press("Sign out");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await fill("User name", username);
    await fill("Password", "Correct-Horse-7");
    await press("Sign in");
    await page.getByRole("heading", { name: `Welcome, ${username}` }).waitFor();
    assert.deepEqual(faults, []);
  } catch (error) {
    const shown = await page.locator(".root").innerText();
    throw new Error(`${error.message}\nfaults: ${faults.join("\n") || "none"}\non the page: ${shown}`);
  } finally {
    await context.close();
    await server.close();
  }
}
