// What would be published: to crates.io by cargo, to npm by the prepack of the package for Node.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../../..");

function run(command, args, cwd = root) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 64 << 20 });
  assert.equal(status, 0, stderr);
  return stdout;
}

test("crates.io: the metadata is whole, and what is included is what the program needs", () => {
  const { packages } = JSON.parse(run("cargo", ["metadata", "--no-deps", "--format-version=1", "--offline", "--locked"]));
  const pool = packages.find(({ name }) => name === "cognito-pool");
  for (const member of ["description", "license", "repository", "readme", "rust_version"]) assert.ok(pool[member], member);
  // The registry takes five of each at most, and keywords of up to twenty letters.
  assert.ok(pool.keywords.length > 0 && pool.keywords.length <= 5);
  assert.ok(pool.keywords.every((word) => /^[a-z0-9][a-z0-9_+-]{0,19}$/.test(word)));
  assert.ok(pool.categories.length > 0 && pool.categories.length <= 5);
  // A path without a version cannot be published.
  for (const { name, req, path, kind } of pool.dependencies) assert.ok(!path || req !== "*" || kind === "dev", name);
  const listed = (name) =>
    run("cargo", ["package", "--list", `--package=${name}`, "--allow-dirty", "--offline"]).trim().split("\n");
  const files = listed("cognito-pool");
  for (const file of [
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "src/bin/cognito-pool.rs",
    "src/control/window.html",
    "src/control/window.js",
    "src/facts/cognito-idp.json",
    "src/srp/group-3072.hex",
    "src/tokens/development-only.pem",
  ]) {
    assert.ok(files.includes(file), file);
  }
  // Patterns without a slash in front take what has that name anywhere.
  for (const name of ["cognito-pool", "cognito-flow"]) {
    const elsewhere = listed(name).filter((file) => file.includes("/") && !file.startsWith("src/"));
    assert.deepEqual(elsewhere, [], name);
  }
});

test("npm: the package for Node has its module, its licences and the crate's version", () => {
  const folder = join(root, "pool/npm");
  const [packed] = JSON.parse(run("npm", ["pack", "--dry-run", "--json", "--loglevel=silent"], folder));
  const files = packed.files.map(({ path }) => path);
  for (const file of [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "args.mjs",
    "cognito-pool.mjs",
    "cors.mjs",
    "functions.mjs",
    "module/cognito_pool.js",
    "module/cognito_pool_bg.wasm",
    "package.json",
    "pool.mjs",
    "server.mjs",
  ]) {
    assert.ok(files.includes(file), file);
  }
  assert.equal(files.length, 12, String(files));
  const { version, dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.equal(dependencies, undefined);
  const cargo = readFileSync(join(root, "Cargo.toml"), "utf8");
  assert.equal(version, /\[workspace\.package\]\nversion = "([^"]+)"/.exec(cargo)[1]);
});
