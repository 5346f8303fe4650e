// Loads the WebAssembly module from the file beside the bundle: for whoever serves files as they are.
import { Machine, imports, start } from "#glue";
import { hash } from "#hash";
import { once } from "./once.js";

const started = once(fetchModule);

/** The module's class, loaded once. */
export async function load() {
  await started();
  return Machine;
}

async function fetchModule() {
  const response = await fetch(new URL("./cognito_flow_bg.wasm", import.meta.url));
  if (!response.ok) throw new Error(`cognito-flow: ${response.url} answered ${response.status}`);
  // Compiled while it comes. Not started: nothing of a module runs before it is known to be this one.
  const streamed = WebAssembly.compileStreaming(response.clone()).catch(() => undefined);
  const bytes = await response.arrayBuffer();
  if (!(await fits(bytes))) {
    throw new Error(`cognito-flow: ${response.url} is not the module of this script`);
  }
  // Once more where that failed: not every server knows the type of .wasm. Then this says why.
  const module = (await streamed) ?? (await WebAssembly.compile(bytes));
  start({ instance: await WebAssembly.instantiate(module, imports()) });
}

/**
 * Whether these are the bytes that the build made: not those of another release, a portal's page, or
 * somebody else's. Only secure contexts can tell; whoever could change the module of a page that
 * came in the clear could change its scripts as well.
 */
async function fits(bytes) {
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", bytes);
  return !digest || btoa(String.fromCharCode(...new Uint8Array(digest))) === hash;
}
