// How a WebAssembly module is written into a JavaScript file.
import { constants, deflateSync } from "node:zlib";

/** The source of a module that exports `wasmBytes(): Promise<Uint8Array>`. */
export function inlineModule(wasm) {
  const data = deflateSync(wasm, { level: 9, memLevel: 9, strategy: constants.Z_DEFAULT_STRATEGY });
  return `
const data = ${JSON.stringify(data.toString("base64"))};
export async function wasmBytes() {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}`;
}
