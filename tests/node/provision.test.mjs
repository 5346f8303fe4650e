// What the scripts install: only what is missing, and said before. Which Rust they take.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ask, root } from "../../scripts/lib/run.mjs";
import { engines, provide } from "../../scripts/provision/needs.mjs";

const folder = mkdtempSync(join(tmpdir(), "cognito-flow-provision-"));
after(() => rmSync(folder, { recursive: true }));

/** Needs that write down what happens to them; `log` gets what is printed as well. */
function needs(t, there) {
  const log = [];
  t.mock.method(console, "log", (text) => log.push(text.trim()));
  const list = Object.keys(there).map((what) => ({
    what,
    isThere: () => there[what],
    install: async () => void (log.push(`installing ${what}`), (there[what] = true)),
  }));
  return { list, log };
}

test("what is missing is said, all of it, before any of it is installed", async (t) => {
  const { list, log } = needs(t, { a: false, b: true, c: false });
  await provide(list);
  assert.deepEqual(log.slice(1), ["a", "c", "installing a", "installing c"]);
});

test("nothing is said or done where nothing is missing", async (t) => {
  const { list, log } = needs(t, { a: true, b: true });
  await provide(list);
  assert.deepEqual(log, []);
});

test("what came along with another is not installed again", async (t) => {
  const there = { target: false, source: false };
  const { list, log } = needs(t, there);
  list[0].install = async () => void Object.assign(there, { target: true, source: true });
  await provide(list);
  assert.deepEqual(log.slice(1), ["target", "source"]);
});

test("an engine that cannot be installed is said, and fails nothing", async (t) => {
  const { PATH } = process.env;
  t.after(() => (process.env.PATH = PATH));
  process.env.PATH = folder;
  const log = [];
  t.mock.method(console, "log", (text) => log.push(text.trim()));
  await provide(engines);
  for (const { what, isThere } of engines) {
    assert.equal(isThere(), false);
    assert.ok(log.includes(what));
  }
  assert.equal(log.filter((text) => /no apt-get with the right/.test(text)).length, engines.length);
});

const toolchains = {
  "stable-x86_64-unknown-linux-gnu": "nightly-x86_64-unknown-linux-gnu (default)\nstable-x86_64-unknown-linux-gnu\n",
  "1.95.0-x86_64-unknown-linux-gnu": "1.95.0-x86_64-unknown-linux-gnu (active, default)\nnightly-x86_64-unknown-linux-gnu\n",
  undefined: "no installed toolchains\n",
};
for (const [chosen, list] of Object.entries(toolchains)) {
  // Else each call of cargo would have rustup fetch what rust-toolchain.toml names, or fail.
  test(`of rustup's toolchains ${JSON.stringify(list)} the scripts take ${chosen}`, () => {
    assert.equal(toolchainWith(list, {}), chosen);
  });
}

test("a toolchain that the person chose stays chosen", () => {
  assert.equal(toolchainWith(toolchains.undefined, { RUSTUP_TOOLCHAIN: "beta" }), "beta");
});

/** The toolchain that the scripts' children are given where rustup lists these. */
function toolchainWith(list, chosen) {
  const rustup = join(folder, "rustup");
  writeFileSync(rustup, `#!/bin/sh\nprintf '%s' '${list}'\n`);
  chmodSync(rustup, 0o755);
  const { RUSTUP_TOOLCHAIN: _, ...rest } = process.env;
  const env = { ...rest, ...chosen, PATH: `${folder}:${process.env.PATH}` };
  const script = 'await import("./scripts/lib/run.mjs"); console.log(process.env.RUSTUP_TOOLCHAIN)';
  const { ok, stdout, stderr } = ask(process.execPath, ["--input-type=module", "-e", script], { cwd: root, env });
  assert.ok(ok, stderr);
  return stdout.trim();
}
