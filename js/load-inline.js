// Loads the WebAssembly module from a string in the bundle itself: it works unchanged in every bundler, in
// Node and as a plain script, without a request of its own. In lean.js that is its first part alone.
import { Machine, imports, start } from "#glue";
import { wasmBytes } from "#wasm";
import { secondPart } from "#second";
import { attempt } from "./error.js";
import { once } from "./once.js";

const started = once(startModule);

/** The module's class, loaded once. Nothing is decoded or compiled before the first call. */
export async function load() {
  await started();
  Machine.complete = secondPart;
  return Machine;
}

async function startModule() {
  const bytes = wasmBytes();
  // Here and now: engines translate a function when it is first called, so that this takes a millisecond or
  // two, where another thread's answer is waited for several times as long. Chrome has allowed it in the page's
  // thread, for more than 4 kB, since 114 (groups.google.com/a/chromium.org/g/blink-dev/c/nJw2zwaiJ2s). And
  // what is really wrong is said once more.
  const module = attempt(() => new WebAssembly.Module(bytes));
  const made = await WebAssembly.instantiate(module ?? bytes, imports());
  start({ instance: made.instance ?? made });
}
