// How a WebAssembly module is written into a JavaScript file: a string literal, one character per
// byte. Most bytes of a module then stand as one ASCII character and the rest as two bytes of UTF-8
// in regular places, so that a server's brotli or gzip finds the module's own patterns. In the file
// as served, brotli -11, that is 3 % above the bare module; deflated and in base64, it was 17 %.

// The smallest shift without control characters and quotes; of the printable ASCII range only the
// backslash is left to be escaped.
const SHIFT = 35;

/** The source of a module that exports `wasmBytes(): Uint8Array`. */
export function inlineModule(wasm) {
  const characters = Array.from(wasm, (byte) => String.fromCharCode(byte + SHIFT));
  // A classic script in a page that declares no charset is not read as UTF-8: it would be longer.
  return `
const data = ${JSON.stringify(characters.join(""))};
export function wasmBytes() {
  if (data.length !== ${wasm.length}) throw new Error("cognito-flow: serve this script as UTF-8");
  return Uint8Array.from(data, (c) => c.charCodeAt(0) - ${SHIFT});
}`;
}
