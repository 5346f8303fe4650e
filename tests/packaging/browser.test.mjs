// The package in applications: built by each bundler without configuration, and as plain files.
// Each then signs up and signs in, in a browser, under a tight Content Security Policy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { LOOPBACK, contentSecurityPolicy, serve } from "../../scripts/lib/serve.mjs";
import { journeyOn, startBrowser } from "./page.mjs";
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

test("Vite, built", async () => {
  const folder = project("vite", { "index.html": html('type="module" src="/src/main.js"') });
  must("node", [VITE, "build"], folder);
  await runs(join(folder, "dist"), "vite");
});

test("Vite, its development server", async () => {
  const folder = project("vite-dev", { "index.html": html('type="module" src="/src/main.js"') });
  const server = spawn("node", [VITE, "--port=0", "--host=127.0.0.1"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await addressIn(server.stdout);
    const steps = await journeyOn(chrome, url, pool, "vite-dev");
    assert.deepEqual(steps, ["confirmSignUp", "signedIn", "signedOut"]);
  } finally {
    server.kill();
  }
});

test("webpack, as a classic script", async () => {
  const folder = project("webpack");
  must("node", [WEBPACK, "--mode=production", "--entry=./src/main.js"], folder);
  writeFileSync(join(folder, "dist/index.html"), html('defer src="main.js"'));
  await runs(join(folder, "dist"), "webpack");
});

test("esbuild, as a module", async () => {
  const folder = project("esbuild");
  bundle(folder, ["--format=esm"]);
  writeFileSync(join(folder, "dist/index.html"), html('type="module" src="main.js"'));
  await runs(join(folder, "dist"), "esbuild");
});

test("esbuild, as a classic script in ASCII", async () => {
  const folder = project("esbuild-iife");
  bundle(folder, ["--format=iife", "--charset=ascii"]);
  writeFileSync(join(folder, "dist/index.html"), html('defer src="main.js"'));
  await runs(join(folder, "dist"), "esbuild-iife");
});

test("no bundler: the files as they are, imported by their path", async () => {
  const folder = plainProject("plain", "index.js");
  await runs(folder, "plain");
});

test("no bundler, with the module as a file beside the script", async () => {
  const folder = plainProject("plain-external", "external.js");
  await runs(folder, "plain-external");
});

test("a module beside the script that is not the one it was built with is not started", async () => {
  const folder = plainProject("tampered", "external.js");
  tamper(folder);
  await assert.rejects(runs(folder, "tampered"), /is not the module of this script/);
});

test("a page that is no secure context cannot tell, and starts", async () => {
  const folder = plainProject("insecure", "external.js");
  tamper(folder);
  const insecure = () => Object.defineProperty(Crypto.prototype, "subtle", { value: undefined });
  await runs(folder, "insecure", insecure);
});

test("the module beside the script is compiled while it comes, where its type is said", async () => {
  const folder = plainProject("streamed", "external.js");
  // Compiling what has come whole is not called, and would fail.
  const streamsOnly = () => {
    WebAssembly.compile = async () => {
      throw new Error("it was not streamed");
    };
  };
  await runs(folder, "streamed", streamsOnly);
});

test("a server that does not know the type of .wasm is not in the way", async () => {
  const folder = plainProject("untyped", "external.js");
  const untyped = () => {
    const { fetch } = globalThis;
    globalThis.fetch = async (...request) => {
      const response = await fetch(...request);
      if (!response.url.endsWith(".wasm")) return response;
      const { compileStreaming } = WebAssembly;
      WebAssembly.compileStreaming = async (source) => {
        const error = await compileStreaming(source).catch((error) => error);
        if (!(error instanceof TypeError)) throw new Error("its type was known");
        throw error;
      };
      return new Response(response.body, { headers: { "content-type": "application/octet-stream" } });
    };
  };
  await runs(folder, "untyped", untyped);
});

test("webpack, with the module as a file beside the script", async () => {
  const folder = project("webpack-external");
  useExternal(folder);
  must("node", [WEBPACK, "--mode=production", "--entry=./src/main.js"], folder);
  writeFileSync(join(folder, "dist/index.html"), html('defer src="main.js"'));
  await runs(join(folder, "dist"), "webpack-external");
});

test("Vite, with the module as a file beside the script", async () => {
  const folder = project("vite-external", { "index.html": html('type="module" src="/src/main.js"') });
  useExternal(folder);
  must("node", [VITE, "build"], folder);
  await runs(join(folder, "dist"), "vite-external");
});

function project(name, files) {
  return scratchProject(join(temporary.folder, name), tarball, files);
}

/** A page whose scripts import the installed package's file by its path. */
function plainProject(name, entry) {
  const folder = project(name, { "index.html": html('type="module" src="src/main.js"') });
  const script = join(folder, "src/journey.js");
  const path = `../node_modules/cognito-flow/dist/${entry}`;
  writeFileSync(script, readFileSync(script, "utf8").replace('"cognito-flow"', `"${path}"`));
  return folder;
}

/** Gives the module one section more, with which it is as good as before, and another. */
function tamper(folder) {
  const file = join(folder, "node_modules/cognito-flow/dist/cognito_flow_bg.wasm");
  const section = Buffer.from([0, 3, 1, 0x78, 0]);
  writeFileSync(file, Buffer.concat([readFileSync(file), section]));
}

function useExternal(folder) {
  const script = join(folder, "src/journey.js");
  const source = readFileSync(script, "utf8");
  writeFileSync(script, source.replace('"cognito-flow"', '"cognito-flow/external"'));
}

function bundle(folder, flags) {
  mkdirSync(join(folder, "dist"));
  const args = ["src/main.js", "--bundle", "--minify", "--outfile=dist/main.js", "--log-level=warning"];
  must("node", [ESBUILD, ...args, ...flags], folder);
}

function html(script) {
  return `<!doctype html><meta charset="utf-8"><title>Scratch</title><link rel="icon" href="data:,">
<script ${script}></script>`;
}

async function runs(folder, username, setup) {
  const headers = { "content-security-policy": contentSecurityPolicy(LOOPBACK) };
  const server = await serve({ mounts: { "/": folder }, headers });
  try {
    const steps = await journeyOn(chrome, server.url, pool, username, setup);
    assert.deepEqual(steps, ["confirmSignUp", "signedIn", "signedOut"]);
  } finally {
    await server.close();
  }
}

async function addressIn(stream) {
  for await (const line of createInterface({ input: stream })) {
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("the development server did not start");
}
