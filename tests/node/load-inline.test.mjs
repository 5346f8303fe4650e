// The module from a text in the bundle: decoded when it is first used, and once.
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

const hooks = `export const resolve = (name, context, next) => {
  const of = { "#second": "export const secondPart = () => {};", "#glue": "export const { Machine, imports, start } = globalThis.glue;", "#wasm": "export const { wasmBytes } = globalThis.glue;" };
  return name in of ? { url: "data:text/javascript," + encodeURIComponent(of[name]), shortCircuit: true } : next(name, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

// The smallest module there is.
const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
class Machine {}
let decoded = 0;
const started = [];
globalThis.glue = {
  Machine,
  imports: () => ({}),
  start: (made) => started.push(made),
  wasmBytes: () => {
    decoded += 1;
    return MODULE;
  },
};

test("the module is decoded and started by the first call, and given when it runs", async () => {
  const { load } = await import("../../js/load-inline.js");
  assert.equal(decoded, 0);
  const loading = load();
  assert.equal(started.length, 0);
  assert.deepEqual([await loading, started.length], [Machine, 1]);
  assert.deepEqual([await load(), await load()], [Machine, Machine]);
  assert.deepEqual([decoded, started.length], [1, 1]);
  assert.equal(typeof Machine.complete, "function", "what brings the second part in");
  assert.ok(started[0].instance instanceof WebAssembly.Instance);
});

test("where a page may not compile at once, the module comes from another thread", async (t) => {
  const { load } = await import("../../js/load-inline.js?later");
  const before = started.length;
  t.mock.method(WebAssembly, "Module", () => {
    throw new RangeError("not in the main thread: more than 4KB");
  });
  const instantiate = t.mock.method(WebAssembly, "instantiate");
  assert.equal(await load(), Machine);
  assert.deepEqual(instantiate.mock.calls.map(({ arguments: [given] }) => given), [MODULE]);
  assert.equal(started.length - before, 1);
  assert.ok(started.at(-1).instance instanceof WebAssembly.Instance);
});

test("what no thread can compile is said by the one that was asked last", async (t) => {
  const { load } = await import("../../js/load-inline.js?never");
  t.mock.method(WebAssembly, "Module", () => {
    throw new WebAssembly.CompileError("blocked by a policy");
  });
  const last = new WebAssembly.CompileError("and so it is in another thread");
  t.mock.method(WebAssembly, "instantiate", async () => {
    throw last;
  });
  await assert.rejects(load(), last);
});

test("no room for the module now: the next flow tries again", async (t) => {
  const { load } = await import("../../js/load-inline.js?again");
  const full = new RangeError("could not allocate memory");
  const before = started.length;
  const instantiate = t.mock.method(WebAssembly, "instantiate", async () => {
    throw full;
  });
  await assert.rejects(load(), full);
  instantiate.mock.restore();
  assert.equal(await load(), Machine);
  assert.equal(started.length - before, 1);
});
