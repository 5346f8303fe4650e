// Building only what is out of date.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { step, write } from "../../scripts/lib/files.mjs";

const folder = mkdtempSync(join(tmpdir(), "cognito-flow-files-"));
after(() => rmSync(folder, { recursive: true }));

test("a step runs again when an input, a version or an output changed, and only then", async () => {
  const [input, output, stamp] = ["in", "out", "stamp"].map((name) => join(folder, name));
  writeFileSync(input, "1");
  const make = (versions = []) =>
    step({ stamp, inputs: [input], outputs: [output], versions }, () => {
      write(output, readFileSync(input));
    });
  assert.equal(await make(), true);
  assert.equal(await make(), false);
  writeFileSync(input, "2");
  assert.equal(await make(), true);
  assert.equal(readFileSync(output, "utf8"), "2");
  assert.equal(await make(["newer"]), true);
  rmSync(output);
  assert.equal(await make(["newer"]), true);
  assert.equal(await make(["newer"]), false);
});

test("a step that failed is not taken for done", async () => {
  const [input, output, stamp] = ["in2", "out2", "stamp2"].map((name) => join(folder, name));
  writeFileSync(input, "1");
  const make = (body) => step({ stamp, inputs: [input], outputs: [output] }, body);
  await assert.rejects(make(() => Promise.reject(new Error("broken"))), /broken/);
  assert.equal(await make(() => write(output, "")), true);
});
