// The module from the file beside the bundle: only the one that this script was built with is started.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { register } from "node:module";
import { afterEach, beforeEach, test } from "node:test";

// The smallest module there is.
const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const HASH = createHash("sha256").update(MODULE).digest("base64");
const hooks = `export const resolve = (name, context, next) => {
  const of = { "#glue": "export const { Machine, imports, start } = globalThis.glue;", "#hash": "export const hash = '${HASH}';" };
  return name in of ? { url: "data:text/javascript," + encodeURIComponent(of[name]), shortCircuit: true } : next(name, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const started = [];
class Machine {}
globalThis.glue = { Machine, imports: () => ({ given: {} }), start: (made) => started.push(made) };

const { WebAssembly: real, fetch: realFetch } = globalThis;
const crypto = Object.getOwnPropertyDescriptor(globalThis, "crypto");
let served;
let asked;
let times = 0;
/** Each test loads anew: what is loaded once is loaded for all of a page. */
const loaded = async () => (await import(`../../js/load-external.js?${(times += 1)}`)).load;

beforeEach(() => {
  started.length = 0;
  asked = [];
  served = () => new Response(MODULE, { headers: { "content-type": "application/wasm" } });
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    return served();
  };
});
afterEach(() => {
  globalThis.fetch = realFetch;
  globalThis.WebAssembly = real;
  Object.defineProperty(globalThis, "crypto", crypto);
});

test("the module is fetched from beside the script, started once, and given to all", async () => {
  const load = await loaded();
  assert.deepEqual(asked, [], "nothing before the first call");
  const [one, two] = await Promise.all([load(), load()]);
  assert.deepEqual([one, two, await load()], [Machine, Machine, Machine]);
  assert.deepEqual(asked, [new URL("../../js/cognito_flow_bg.wasm", import.meta.url).href]);
  assert.equal(started.length, 1);
  assert.ok(started[0].instance instanceof WebAssembly.Instance);
});

test("what is not there is said, and tried again by the next call", async () => {
  const load = await loaded();
  const whole = served;
  served = () => new Response("gone", { status: 404 });
  await assert.rejects(load(), /^Error: cognito-flow: .* answered 404$/);
  served = () => Promise.reject(new TypeError("Failed to fetch"));
  await assert.rejects(load(), /Failed to fetch/);
  assert.equal(started.length, 0);
  served = whole;
  assert.equal(await load(), Machine);
  assert.equal(asked.length, 3);
});

test("another module than that of this script is not started, though it compiles", async () => {
  const load = await loaded();
  for (const bytes of [Uint8Array.of(...MODULE, 0, 1, 0), new TextEncoder().encode("<html>")]) {
    served = () => new Response(bytes, { headers: { "content-type": "application/wasm" } });
    await assert.rejects(load(), /^Error: cognito-flow: .* is not the module of this script$/);
  }
  assert.equal(started.length, 0);
});

test("a server that does not know the type of the file is no hindrance", async () => {
  const load = await loaded();
  served = () => new Response(MODULE, { headers: { "content-type": "text/plain" } });
  assert.equal(await load(), Machine);
  assert.equal(started.length, 1);
});

test("what was compiled while it came is not compiled again", async () => {
  const load = await loaded();
  const module = new real.Module(MODULE);
  globalThis.WebAssembly = {
    compileStreaming: async () => module,
    compile: () => assert.fail("it was compiled before"),
    instantiate: async (given, imports) => {
      assert.deepEqual([given, imports], [module, { given: {} }]);
      return "the instance";
    },
  };
  await load();
  assert.deepEqual(started, [{ instance: "the instance" }]);
});

test("where it may not be compiled, that is what is said", async () => {
  const load = await loaded();
  const refused = new real.CompileError("by a policy");
  globalThis.WebAssembly = { compileStreaming: () => Promise.reject(new Error("first")), compile: () => Promise.reject(refused) };
  await assert.rejects(load(), (error) => error === refused);
});

test("a page that came in the clear has no way to tell, and goes on", async () => {
  for (const none of [undefined, {}]) {
    const load = await loaded();
    Object.defineProperty(globalThis, "crypto", { configurable: true, value: none });
    served = () => new Response(Uint8Array.of(...MODULE, 0, 1, 0), { headers: { "content-type": "application/wasm" } });
    assert.equal(await load(), Machine);
    Object.defineProperty(globalThis, "crypto", crypto);
  }
  assert.equal(started.length, 2);
});
