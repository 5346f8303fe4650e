// Building only what is out of date, and writing a module into a string.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { step, write } from "../../scripts/lib/files.mjs";
import { inlineModule } from "../../scripts/lib/inline.mjs";

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

test("every byte of a module comes back out of its string", async () => {
  const all = Uint8Array.from({ length: 512 }, (_, index) => index % 256);
  for (const bytes of [all, Uint8Array.of(), Uint8Array.of(0, 255, 255, 254, 253, 200, 63, 64)]) {
    const { wasmBytes } = await imported(inlineModule(bytes));
    assert.deepEqual(wasmBytes(), bytes);
  }
});

test("the string is one that nobody has to escape, nor reads as another in another charset", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * index + (index >> 7)) % 256);
  const text = /const data = "(.*)";/.exec(inlineModule(bytes))[1];
  assert.match(text, /^[ -~]+$/);
  assert.doesNotMatch(text, /["$<\\`]/);
});

test("one module is always written in one way", () => {
  const bytes = Uint8Array.from({ length: 9_000 }, (_, index) => (index * 7 + (index >> 3)) % 251);
  assert.equal(inlineModule(bytes), inlineModule(bytes));
});

function imported(source) {
  const file = join(folder, `${Math.random()}.mjs`);
  writeFileSync(file, source);
  return import(file);
}
