// What one thing costs does not grow with what was done before, and grows no faster than what belongs to
// it. Counted, not timed: see growth.mjs. `npm run growth` prints more of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { root } from "../../scripts/lib/run.mjs";
import { openMeasure } from "./growth.mjs";
import { instrumented } from "./instrumented.mjs";
import { withChance } from "./sign-in.mjs";

/** Numbers get longer, and what is free in memory lies elsewhere. */
const FLAT = 1.03;
/** Twice as much costs twice as much, and the logarithm of a search. */
const LINEAR = 2.2;

let module;
before(async () => {
  module = await WebAssembly.compile(instrumented(readFileSync(join(root, "build/client/cognito_flow_bg.wasm"))));
});

const measured = (what, of) => withChance(Buffer.alloc(96, 7), async () => (await openMeasure(module))[what](of));

test("the thousandth sign-in in a flow does what the tenth did, in the same memory", async () => {
  const [tenth, last] = await measured("signIns", [10, 1000]);
  grewBy(tenth, last, FLAT);
  assert.equal(last.kilobytes, tenth.kilobytes);
});

test("a sign-in beside a thousand flows does what it does beside ten", async () => {
  const [tenth, last] = await measured("flows", [10, 1000]);
  grewBy(tenth, last, FLAT);
  const each = (last.kilobytes - tenth.kilobytes) / 990;
  assert.ok(each < 16, `${each} kB for each flow`);
});

test("flows that were closed leave nothing behind", async () => {
  const [tenth, last] = await measured("closed", [10, 1000]);
  grewBy(tenth, last, FLAT);
  assert.equal(last.kilobytes, tenth.kilobytes);
});

for (const [what, sizes] of [
  ["signInWithAttributes", [500, 1000]],
  ["updateAttributes", [500, 1000]],
  ["deleteAttributes", [500, 1000]],
  ["signInWithTokens", [16_000, 32_000]],
  ["callers", [100, 200]],
]) {
  test(`${what}: twice as much is twice the work`, async () => {
    const [once, twice] = await measured(what, sizes);
    grewBy(once, twice, LINEAR);
  });
}

test("a hundred callers of session() cause one call", async () => {
  const [{ answers, calls }] = await measured("callers", [100]);
  assert.equal(answers, 100);
  assert.ok(calls <= 2, `${calls} calls`);
});

function grewBy(before, after, most) {
  assert.ok(before.work > 1000, "work is counted");
  assert.equal(after.calls, before.calls);
  const factor = after.work / before.work;
  assert.ok(factor < most, `${before.work} for ${before.of}, ${after.work} for ${after.of}: ${factor.toFixed(3)} times`);
}
