// wasm-bindgen's JavaScript around the client's module, as small as this client can have it.
//
// What is exchanged is written here as it is generated now. If it has another form some day (another
// version, another signature), building fails and says so, instead of leaving the wrong thing out.
import { Failure } from "./run.mjs";

/** A function at the top level, whatever is in it. */
const declared = (name) => new RegExp(`^function ${name}\\(.*?^}\\n`, "gms");

/** What must be found, and what takes its place. */
const EXCHANGES = [
  // js/ has loaders of its own.
  [/^let wasmModule, wasmInstance, wasm;\n.*/gms, "let wasm;\n"],
  [/^export class/m, "class"],

  // Flows are disposed of, or stay for as long as the page: the module holds what surrounds a machine
  // (`wake`), which holds the machine. And its closures belong to timers, which it drops. So nobody
  // collects what the module would have to be told of.
  [/^const (Machine|CLOSURE_)\w+ = \(typeof FinalizationRegistry .*?;\n/gms, ""],
  [/^ *MachineFinalization\.\w+\(.*\);\n/gm, ""],
  [/^if \(Symbol\.dispose\) .*\n/gm, ""],

  // Called once.
  [/^ *__destroy_into_raw\(\) {.*?^    }\n/gms, ""],
  [/const ptr = this\.__destroy_into_raw\(\);\n/g, "const ptr = this.__wbg_ptr;\n"],

  // WebAssembly makes numbers of what it is given by itself. And whatever is thrown while the texts
  // are handed over is the end of the flow: nothing is given back.
  [/= \+(\w+);/g, "= $1;"],
  [/^ *try {\n( *ptr0 = .*?)^ *} catch \(e\) {.*?^ *throw e;\n *}\n/gms, "$1"],
  [/isLikeNone\((\w+)\) \? 0 : passStringToWasm0\(\1, [^)]*\)/g, "passText($1)"],
  [declared("isLikeNone"), ""],
  [
    declared("passStringToWasm0"),
    `function passText(text) {
  if (text == null) return 0;
  const bytes = new TextEncoder().encode(text);
  const ptr = wasm.__wbindgen_malloc(bytes.length, 1);
  bytesAt(ptr, bytes.length).set(bytes);
  WASM_VECTOR_LEN = bytes.length;
  // There may be a password in it, and it is read by nobody else.
  bytes.fill(0);
  return ptr;
}
`,
  ],

  // A decoder for each text: there is one text for each input, and a decoder has its limit in Safari.
  [/^let cachedTextDecoder = .*?^function decodeText\(.*?^}\n/gms, ""],
  [/^const cachedTextEncoder = .*?^}\n/gms, ""],
  [
    declared("getStringFromWasm0"),
    "const getStringFromWasm0 = (ptr, length) => new TextDecoder().decode(bytesAt(ptr, length));\n",
  ],
  [/\bgetArrayU8FromWasm0\(arg0/g, "bytesAt(arg0"],
  [declared("getArrayU8FromWasm0"), ""],
  [
    /^let cachedUint8ArrayMemory0 = .*?^}\n/gms,
    `const bytesAt = (ptr, length) => new Uint8Array(wasm.memory.buffer, ptr >>> 0, length);
`,
  ],

  // The module's functions for JavaScript, without what only classic functions have.
  [
    /: function\(\) { return handleError\(function (\(.*?\)) {(.*?)}, arguments\); },/gs,
    ": handleError($1 => {$2}),",
  ],
  [/: function(\(.*?\)) {/g, ": $1 => {"],
  [
    declared("handleError"),
    `const handleError = (action) => (...args) => {
  try {
    return action(...args);
  } catch (error) {
    wasm.__wbindgen_exn_store(addToExternrefTable0(error));
  }
};
`,
  ],

  // What Rust has dropped is not called any more, nor is it dropped while it is being called.
  [
    declared("makeMutClosure"),
    `function makeMutClosure(data, vtable, invoke) {
  let owners = 1;
  const drop = () => {
    if (--owners === 0) wasm.__wbindgen_destroy_closure(data, vtable);
  };
  const real = () => {
    if (owners === 0) return;
    owners++;
    try {
      invoke(data, vtable);
    } finally {
      drop();
    }
  };
  real._wbg_cb_unref = drop;
  return real;
}
`,
  ],
];

/** What nothing is left of, so that nothing can be left that needs it. */
const GONE =
  /\b(isLikeNone|passStringToWasm0|decodeText|cachedText\w+|\w*Uint8ArrayMemory0|\w+U8FromWasm0|\w+Finalization|CLOSURE_DTORS|arguments(?=\);)|wasm(Instance|Module))\b/;

/** What js/ takes of it. */
const INTERFACE = `
export { Machine, __wbg_get_imports as imports };
export function start({ instance }) {
  wasm = instance.exports;
  wasm.__wbindgen_start();
}
`;

/**
 * What js/ takes of it besides where the module is in two parts. Until the second is there, an input that
 * needs it leaves no trace: the memory is as it was, for nothing but the machine runs meanwhile, and the
 * calls to JavaScript that it makes before it gets there only ask what time it is, and for randomness.
 */
const IN_PARTS = `
let isWhole = false;
let isRunning = false;
const { feed } = Machine.prototype;

Machine.missing = new Error("The second part of the module is needed.");
Machine.prototype.feed = function(...input) {
  if (isWhole) return feed.apply(this, input);
  // Code of the page, in place of the platform's: what it wants waits.
  if (isRunning) throw Machine.missing;
  const from = wasm.shared_stack.value;
  const before = memoryFrom(from).slice();
  isRunning = true;
  try {
    return feed.apply(this, input);
  } catch {
    const now = memoryFrom(from);
    now.fill(0);
    now.set(before);
    wasm.shared_stack.value = from;
    throw Machine.missing;
  } finally {
    isRunning = false;
    // There are passwords in it, and tokens.
    before.fill(0);
  }
};

const memoryFrom = (from) => new Uint8Array(wasm.memory.buffer, from);

/** Brings the second part in. */
export async function complete(bytes) {
  const shared = { m: wasm.memory, t: wasm.shared_table, s: wasm.shared_stack };
  await WebAssembly.instantiate(bytes, { a: shared });
  isWhole = true;
}
`;

/** The glue of a module that is in two parts. */
export const inParts = (glue) => glue + IN_PARTS;

export function slimGlue(source) {
  let glue = source;
  for (const [pattern, replacement] of EXCHANGES) {
    if (glue.search(pattern) < 0) throw anotherForm(`nothing is like ${pattern}`);
    glue = glue.replace(pattern, replacement);
  }
  const left = GONE.exec(glue)?.[0];
  if (left !== undefined) throw anotherForm(`${left} is still there`);
  return glue + INTERFACE;
}

/** The names of the module's exports that the glue uses. */
export const usedExports = (glue) => [
  ...new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name)),
];

const anotherForm = (why) =>
  new Failure(`wasm-bindgen's glue has another form: ${why} (scripts/lib/glue.mjs)`);
