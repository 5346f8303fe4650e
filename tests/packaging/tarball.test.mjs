// What is in the tarball, and that its manifest tells the truth.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { publint } from "publint";
import { filesBelow } from "../../scripts/lib/files.mjs";
import { root } from "../../scripts/lib/run.mjs";
import { must, pack, scratchProject, temporaryFolder } from "./scratch.mjs";

const temporary = temporaryFolder();
let tarball;
let installed;

before(() => {
  tarball = pack(temporary.folder);
  const project = scratchProject(join(temporary.folder, "project"), tarball);
  installed = join(project, "node_modules/cognito-flow");
});
after(temporary.remove);

test("nothing is in it but the client and the element, declarations, licences and texts", () => {
  // What the element loads later is named after what is in it.
  const named = (name) => name.replace(/-[A-Z0-9]{8}\.js$/, "-….js");
  assert.deepEqual([...new Set(filesOf(installed).map(named))].sort(), [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "dist/THIRD-PARTY-LICENSES.txt",
    "dist/amplify.d.ts",
    "dist/amplify.js",
    "dist/cognito_flow_bg.wasm",
    "dist/devtools.d.ts",
    "dist/devtools.js",
    "dist/external.js",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/lean.js",
    "dist/passkeys.js",
    "dist/react.d.ts",
    "dist/react.js",
    "dist/redirect.js",
    "dist/second.js",
    "dist/svelte.d.ts",
    "dist/svelte.js",
    "dist/ui/ar-….js",
    "dist/ui/chunk-….js",
    "dist/ui/countries-….js",
    "dist/ui/de-….js",
    "dist/ui/devices-….js",
    "dist/ui/en-….js",
    "dist/ui/es-….js",
    "dist/ui/factors-….js",
    "dist/ui/fr-….js",
    "dist/ui/index.d.ts",
    "dist/ui/index.js",
    "dist/ui/ja-….js",
    "dist/ui/jwt-….js",
    "dist/ui/ko-….js",
    "dist/ui/later-….js",
    "dist/ui/lean-qr-….js",
    "dist/ui/others-….js",
    "dist/ui/passkeys-….js",
    "dist/ui/pt-BR-….js",
    "dist/ui/qr-….js",
    "dist/ui/server.d.ts",
    "dist/ui/server.js",
    "dist/ui/sessions-….js",
    "dist/ui/totp-….js",
    "dist/ui/usual-….js",
    "dist/ui/zh-….js",
    "dist/vue.d.ts",
    "dist/vue.js",
    "dist/worker.d.ts",
    "dist/worker.js",
    "package.json",
  ]);
});

test("what else lies in dist/ stays behind", () => {
  const strays = [".env", "notes.txt", "index.js.map"].map((name) => join(root, "dist", name));
  try {
    for (const file of strays) writeFileSync(file, "SECRET=1");
    // Without its scripts, which build dist/ anew where it is out of date.
    const out = must("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], root);
    const names = JSON.parse(out)[0].files.map(({ path }) => path);
    assert.deepEqual(names.sort(), filesOf(installed));
  } finally {
    for (const file of strays) rmSync(file, { force: true });
  }
});

test("it says where it comes from, and is published with the proof of it", () => {
  const { repository, publishConfig } = manifest();
  assert.match(repository.url, /^git\+https:\/\/.*\.git$/);
  assert.equal(publishConfig.provenance, true);
});

test("it installs no other package and runs no script", () => {
  for (const kind of ["dependencies", "optionalDependencies"]) {
    assert.equal(manifest()[kind], undefined, kind);
  }
  // Who uses a binding has its framework already.
  const { peerDependencies, peerDependenciesMeta } = manifest();
  for (const name of Object.keys(peerDependencies)) assert.ok(peerDependenciesMeta[name].optional, name);
  for (const script of ["preinstall", "install", "postinstall", "prepare"]) {
    assert.equal(manifest().scripts[script], undefined, script);
  }
  const siblings = readdirSync(join(installed, "..")).filter((name) => !name.startsWith("."));
  assert.deepEqual(siblings, ["cognito-flow"]);
});

test("the licences of what is compiled in come along", () => {
  const text = readFileSync(join(installed, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["wasm-bindgen", "js-sys", "sha2", "zeroize", "getrandom"]) {
    assert.match(text, new RegExp(`^  ${name} \\d+\\.\\d+\\.\\d+ \\(.*\\)`, "m"));
  }
  assert.match(text, /Permission is hereby granted/);
  assert.doesNotMatch(text, /undefined|null/);
});

test("publint finds nothing to say", async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  assert.deepEqual(messages, []);
});

test("the declarations of every entry resolve, from ES modules and in bundlers", () => {
  const attw = join(import.meta.dirname, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const files = ["--exclude-entrypoints", "cognito_flow_bg.wasm", "package.json"];
  must("node", [attw, tarball, "--profile=esm-only", ...files], temporary.folder);
});

test("every entry resolves from an application", () => {
  const script = `
    for (const name of ["", "/external", "/lean", "/ui", "/ui/server", "/amplify", "/devtools", "/react", "/svelte", "/vue", "/worker", "/cognito_flow_bg.wasm", "/package.json"]) {
      console.log(import.meta.resolve("cognito-flow" + name));
    }`;
  const out = must("node", ["--input-type=module", "--eval", script], join(installed, "../.."));
  const files = out.trim().split("\n").map((url) => url.split("/cognito-flow/").at(-1));
  assert.deepEqual(files, [
    "dist/index.js",
    "dist/external.js",
    "dist/lean.js",
    "dist/ui/index.js",
    "dist/ui/server.js",
    "dist/amplify.js",
    "dist/devtools.js",
    "dist/react.js",
    "dist/svelte.js",
    "dist/vue.js",
    "dist/worker.js",
    "dist/cognito_flow_bg.wasm",
    "package.json",
  ]);
});

test("no path of the machine that built it is in it", () => {
  const home = process.env.HOME ?? "/root";
  for (const file of filesBelow(join(installed, "dist"))) {
    const content = readFileSync(file);
    for (const trace of [home, "registry/src", "crates.io", "sourceMappingURL"]) {
      assert.ok(!content.includes(trace), `${file} contains ${trace}`);
    }
  }
});

function manifest() {
  return JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
}

function filesOf(folder) {
  return filesBelow(folder).map((file) => file.slice(folder.length + 1)).sort();
}
