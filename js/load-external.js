// Loads the WebAssembly module from the file beside the bundle: for whoever serves files as they are.
import { Machine, imports, start } from "#glue";

let loading = null;

/** The module's class, loaded once; a failed load (offline, say) is tried again by the next call. */
export async function load() {
  loading ??= fetchModule();
  try {
    await loading;
  } catch (error) {
    loading = null;
    throw error;
  }
  return Machine;
}

async function fetchModule() {
  const response = await fetch(new URL("./cognito_flow_bg.wasm", import.meta.url));
  if (!response.ok) throw new Error(`cognito-flow: ${response.url} answered ${response.status}`);
  // Not streamed: a server that does not know the type of .wasm would be in the way.
  start(await WebAssembly.instantiate(await response.arrayBuffer(), imports()));
}
