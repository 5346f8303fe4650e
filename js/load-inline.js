// Loads the WebAssembly module from a string in the bundle itself: it works unchanged in every bundler, in
// Node and as a plain script, without a request of its own. In lean.js that is its first part alone.
import { Machine, imports, start } from "#glue";
import { wasmBytes } from "#wasm";
import { secondPart } from "#second";

let loading = null;

/** The module's class, loaded once. Nothing is decoded or compiled before the first call. */
export async function load() {
  loading ??= WebAssembly.instantiate(wasmBytes(), imports()).then(start);
  await loading;
  Machine.complete = secondPart;
  return Machine;
}
