// The import map that a release is published with.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importMap, withImportMap } from "../../scripts/integrity.mjs";
import { root } from "../../scripts/lib/run.mjs";

test("every script that the entry can load is named, by the hash of its bytes", () => {
  const { imports, integrity } = importMap();
  const names = Object.keys(integrity).map((address) => address.split("/dist/")[1]);
  assert.deepEqual(names.sort(), ["index.js", "passkeys.js", "redirect.js"]);
  assert.ok(integrity[imports["cognito-flow"]]);
  for (const [address, hash] of Object.entries(integrity)) {
    const file = join(root, "dist", address.split("/dist/")[1]);
    const own = execFileSync("openssl", ["dgst", "-sha384", "-binary", file]).toString("base64");
    assert.equal(hash, `sha384-${own}`, address);
  }
});

test("README of a release has it, and all else that it had", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const released = withImportMap(readme);
  const [, map] = /<script type="importmap">\n(.*?)\n<\/script>/s.exec(released);
  assert.deepEqual(JSON.parse(map), importMap());
  const outside = (text) => text.split(/<!-- (?:end of )?import map -->/).filter((_, at) => at !== 1);
  assert.deepEqual(outside(released), outside(readme));
  assert.equal(withImportMap(released), released, "once");
  assert.throws(() => withImportMap("# Another"), /no place for the import map/);
});
