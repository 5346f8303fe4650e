// The module's second part: only that of the same release is brought in, once.
import assert from "node:assert/strict";
import { register } from "node:module";
import { beforeEach, test } from "node:test";

const hooks = `let times = 0;
const of = {
  "#glue": "export const complete = (bytes) => globalThis.parts.complete(bytes);",
  "#part": "export const part = 'ours';",
  "./second.js": "export const { part, wasmBytes } = globalThis.parts.second();",
};
export const resolve = (name, context, next) =>
  name in of ? { url: "data:text/javascript," + encodeURIComponent(of[name] + "//" + (times += 1)), shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

let completed;
let asked;
let times = 0;
const fresh = async () => (await import(`../../js/load-second.js?${(times += 1)}`)).secondPart;
beforeEach(() => {
  [completed, asked] = [[], 0];
  globalThis.parts = {
    complete: async (bytes) => void completed.push(bytes),
    second: () => {
      asked += 1;
      return { part: "ours", wasmBytes: () => "bytes" };
    },
  };
});

test("it is loaded when it is asked for, and brought in once", async () => {
  const secondPart = await fresh();
  assert.equal(asked, 0);
  await Promise.all([secondPart(), secondPart()]);
  await secondPart();
  assert.deepEqual([asked, completed], [1, ["bytes"]]);
});

test("that of another release is not brought in, which is said, and the next call asks again", async () => {
  const secondPart = await fresh();
  const { second } = globalThis.parts;
  globalThis.parts.second = () => ({ ...second(), part: "another" });
  await assert.rejects(secondPart(), /^Error: cognito-flow: second\.js is of another release$/);
  assert.deepEqual(completed, []);
  globalThis.parts.second = second;
  await secondPart();
  assert.deepEqual([asked, completed], [2, ["bytes"]]);
});

test("one that cannot be brought in is not there", async () => {
  const secondPart = await fresh();
  let bring;
  globalThis.parts.complete = () => new Promise((_, reject) => (bring = reject));
  const fault = new WebAssembly.CompileError("blocked");
  const bringing = assert.rejects(secondPart(), fault);
  while (!bring) await new Promise((done) => setImmediate(done));
  bring(fault);
  await bringing;
});
