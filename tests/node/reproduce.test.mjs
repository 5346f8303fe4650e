// Whether two packages are the same, file by file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { differences } from "../../scripts/reproduce.mjs";

/** A package as npm packs it. */
function packed(folder, files) {
  mkdirSync(join(folder, "a/folder/of/some/depth"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "x", version: "1.0.0" }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const { status, stderr } = spawnSync("npm", ["pack", "--ignore-scripts"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return join(folder, "x-1.0.0.tgz");
}

test("a package is compared by all of its files, whatever their names and sizes", () => {
  const folder = mkdtempSync(join(tmpdir(), "packages-"));
  try {
    const long = `a/folder/of/some/depth/${"n".repeat(90)}.js`;
    const files = { "a.js": "a", [long]: "b".repeat(1024), "empty.js": "" };
    const one = packed(join(folder, "one"), files);
    assert.deepEqual(differences(one, packed(join(folder, "same"), files)), []);
    const other = packed(join(folder, "other"), { "a.js": "A", [long]: "b".repeat(1025), "more.js": "" });
    const expected = ["package/a.js", `package/${long}`, "package/empty.js", "package/more.js"];
    assert.deepEqual(differences(one, other).sort(), expected.sort());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
