// A module that is taken apart into streams is put together again as it was.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { putTogether } from "../../js/streams.js";
import { root, Failure } from "../../scripts/lib/run.mjs";
import { takenApart } from "../../scripts/lib/streams.mjs";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

for (const name of ["dist/cognito_flow_bg.wasm", "build/pool/cognito_pool_bg.wasm"]) {
  const file = join(root, name);
  test(`${name} is put together as it was`, { skip: !existsSync(file) && "not built" }, (t) => {
    const wasm = readFileSync(file);
    const packed = takenApart(wasm);
    const begun = performance.now();
    const again = putTogether(packed);
    t.diagnostic(`${wasm.length} bytes in ${(performance.now() - begun).toFixed(1)} ms`);
    assert.ok(WebAssembly.validate(again));
    // Lengths are written in other ways; what they are the lengths of is the same.
    assert.deepEqual(takenApart(again), packed);
    const kinds = ({ kind, module, name }) => [kind, module, name];
    for (const list of ["imports", "exports"]) {
      const [before, after] = [wasm, again].map((it) => WebAssembly.Module[list](new WebAssembly.Module(it)));
      assert.deepEqual(after.map(kinds), before.map(kinds));
    }
  });
}

test("what is no module, or holds an operation that is not known, is refused by name", () => {
  const body = (...code) => {
    const types = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
    return Uint8Array.from([...HEADER, ...types, 10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b]);
  };
  assert.equal(WebAssembly.validate(putTogether(takenApart(body(0x01)))), true);
  const hostile = [
    Uint8Array.from([]),
    Uint8Array.from(HEADER),
    // Without an end, with a length that is another's, and cut off.
    body(0x02, 0x40),
    body(0x41, 0x80, 0x80),
    body(0x01).subarray(0, 22),
    // Operations of no standard, and those that share a number with what is merged.
    body(0xff),
    body(0xd8),
    body(0xfc, 0x7f),
    body(0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f),
  ];
  for (const wasm of hostile) assert.throws(() => takenApart(wasm), Failure, `${wasm}`);
});
