// Loads the WebAssembly module from a string in the bundle itself: it works unchanged in every bundler, in
// Node and as a plain script, without a request of its own. In lean.js that is its first part alone.
import { Machine, imports, start } from "#glue";
import { wasmBytes } from "#wasm";
import { secondPart } from "#second";
import { attempt } from "./error.js";

let loading = null;

/** The module's class, loaded once. Nothing is decoded or compiled before the first call. */
export async function load() {
  loading ??= compiled()
    .then((module) => WebAssembly.instantiate(module, imports()))
    .then((instance) => start({ instance }));
  await loading;
  Machine.complete = secondPart;
  return Machine;
}

/**
 * Here and now: engines translate a function when it is first called, so that this takes a millisecond or two,
 * where another thread's answer is waited for several times as long.
 */
async function compiled() {
  const bytes = wasmBytes();
  // Chrome has allowed that in the page's thread, for more than 4 kB, since 114
  // (groups.google.com/a/chromium.org/g/blink-dev/c/nJw2zwaiJ2s). And what is wrong is said once more.
  return attempt(() => new WebAssembly.Module(bytes)) ?? WebAssembly.compile(bytes);
}
