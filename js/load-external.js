// Loads the WebAssembly module from the file beside the bundle: for whoever serves files as they are.
import init, * as glue from "#glue";

let loading = null;

/** The module's exports, loaded once; a failed load (offline, say) is tried again by the next call. */
export async function load() {
  loading ??= init({ module_or_path: new URL("./cognito_flow_bg.wasm", import.meta.url) });
  try {
    await loading;
  } catch (error) {
    loading = null;
    throw error;
  }
  return glue;
}
