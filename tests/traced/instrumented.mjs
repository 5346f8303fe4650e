// A module that notes, as it runs, all that its time can depend on: which way each branch goes, every
// address, the lengths of what is copied, what is divided.
//
// Before each operation that goes by such a value stands a call of a function that is added to the
// module. It mixes the value, and the place that the operation has in the code, into a digest. Two
// runs did the same if they end with the same digest. Selections count as branches: some compilers
// make branches of them.
import binaryen from "binaryen";
import { openReader, skipOperand } from "../../scripts/lib/streams.mjs";

/** Each function is given one local of each of these, for what lies above an address on the stack. */
const [LENGTH, I32, I64, F32, F64, V128] = [0, 1, 2, 3, 4, 5];
const TYPES = [0x7f, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b];

/** What the module has besides: the digest of the first `limit` notes, their number, the last one's place. */
const NOTES = `
  (global $digest (export "digest") (mut i64) (i64.const 0))
  (global $count (export "count") (mut i32) (i32.const 0))
  (global $limit (export "limit") (mut i32) (i32.const -1))
  (global $place (export "place") (mut i32) (i32.const 0))
  (func $note (param $value i32) (param $at i32) (result i32)
    (if (i32.lt_u (global.get $count) (global.get $limit))
      (then
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (global.set $place (local.get $at))
        (global.set $digest
          (i64.mul
            (i64.rotl
              (i64.xor
                (global.get $digest)
                (i64.or
                  (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
                  (i64.extend_i32_u (local.get $value))))
              (i64.const 29))
            (i64.const 0x100000001b3)))))
    (local.get $value))
`;

const CONDITIONAL = [0x04, 0x0d, 0x1b, 0x1c];
const CALL_BY_TABLE = 0x11;
const BRANCH_BY_TABLE = 0x0e;
/** What is stored, by the operation that does it. */
const STORED = { 0x36: I32, 0x37: I64, 0x38: F32, 0x39: F64, 0x3a: I32, 0x3b: I32, 0x3c: I64, 0x3d: I64, 0x3e: I64 };
const LOADS_OF_DIGITS = [0x2e, 0x2f];
const DOT = 186;

/**
 * The module with its notes. `plant` is a fault to put behind each digit that is loaded where products
 * are made: a branch on it, or an address made of it.
 */
export function instrumented(wasm, plant) {
  const { module, parameters } = withNotes(wasm);
  const note = parameters.length - 1;
  const reader = openReader(module);
  const codeEnds = reader.toCode();
  const sizeAt = sizeBefore(module, reader.at, codeEnds);
  const code = [];
  const functions = reader.number();
  code.push(...unsigned(functions));
  const imported = parameters.length - functions;
  let planted = 0;
  for (let index = imported; index < parameters.length; index += 1) {
    const ends = reader.number() + reader.at;
    const { body, plants } = rewritten(reader, ends, parameters[index], index === note ? undefined : note, plant);
    planted += plants;
    code.push(...unsigned(body.length));
    for (const byte of body) code.push(byte);
  }
  if (plant !== undefined && planted === 0) throw new Error("no digit is loaded where products are made");
  return Buffer.concat([
    module.subarray(0, sizeAt),
    Uint8Array.from(unsigned(code.length)),
    Uint8Array.from(code),
    module.subarray(codeEnds),
  ]);
}

/** The function that a place in the code belongs to, for a person who looks for it. */
export function functionAt(wasm, place) {
  const { module, parameters } = withNotes(wasm);
  const reader = openReader(module);
  reader.toCode();
  const functions = reader.number();
  for (let index = parameters.length - functions; ; index += 1) {
    reader.at = reader.number() + reader.at;
    if (place < reader.at) return index;
  }
}

/** Binaryen adds the function as the last one; answers with how many parameters each function has. */
function withNotes(wasm) {
  const plain = binaryen.readBinary(wasm);
  const features = plain.getFeatures();
  const text = plain.emitText().trimEnd();
  plain.dispose();
  const module = binaryen.parseText(`${text.slice(0, -1)}${NOTES})`);
  module.setFeatures(features);
  const bytes = Buffer.from(module.emitBinary());
  // Imported ones are the first.
  const parameters = Array.from({ length: module.getNumFunctions() }, (_, index) => {
    const { params } = binaryen.getFunctionInfo(module.getFunctionByIndex(index));
    return binaryen.expandType(params).length;
  });
  module.dispose();
  return { module: bytes, parameters };
}

/** Where the size of the code's section stands. */
function sizeBefore(module, from, to) {
  for (let at = from - 5; at <= from - 1; at += 1) {
    if (module[at] !== 10) continue;
    const reader = openReader(module);
    reader.at = at + 1;
    if (reader.number() === to - from && reader.at === from) return at + 1;
  }
  throw new Error("the size of the code is not before it");
}

function rewritten(reader, ends, parameters, note, plant) {
  const body = [];
  let locals = parameters;
  const groups = reader.number();
  for (let group = 0; group < groups; group += 1) {
    const many = reader.number();
    locals += many;
    body.push(...unsigned(many), reader.byte());
  }
  body.unshift(...unsigned(groups + TYPES.length));
  for (const type of TYPES) body.push(1, type);
  const spare = (which) => unsigned(locals + which);
  const set = (which) => body.push(0x21, ...spare(which));
  const get = (which) => body.push(0x20, ...spare(which));

  const from = reader.at;
  const makesProducts = plant !== undefined && has(reader, ends, DOT);
  reader.at = from;
  let plants = 0;
  while (reader.at < ends) {
    const at = reader.at;
    const operation = reader.byte();
    const what = operation >= 0xfc || operation === BRANCH_BY_TABLE ? peeked(reader) : undefined;
    skipOperand(reader, operation);
    const noted = () => body.push(0x41, ...signed(at), 0x10, ...unsigned(note));
    const below = (which) => {
      set(which);
      noted();
      get(which);
    };
    if (note !== undefined) {
      if (CONDITIONAL.includes(operation)) {
        // Whether it is zero.
        body.push(0x45, 0x45);
        noted();
      } else if (operation === CALL_BY_TABLE || (operation >= 0x28 && operation <= 0x35)) noted();
      else if (operation === BRANCH_BY_TABLE) {
        // What is not in the table goes one way, whatever it is.
        set(I32);
        get(I32);
        body.push(0x41, ...signed(what));
        get(I32);
        body.push(0x41, ...signed(what), 0x49, 0x1b);
        noted();
        body.push(0x1a);
        get(I32);
      } else if (operation in STORED) below(STORED[operation]);
      else if (operation >= 0x6d && operation <= 0x70) {
        noted();
        below(I32);
      } else if (operation >= 0x7f && operation <= 0x82) {
        bothHalves(body, set, get, noted);
      } else if (operation === 0xfc && (what === 10 || what === 11)) {
        // What is copied, or what memory is filled with, lies between its place and its length.
        noted();
        set(LENGTH);
        if (what === 10) noted();
        below(I32);
        get(LENGTH);
      } else if (operation === 0xfd) {
        if (what <= 10 || what === 92 || what === 93) noted();
        else if (what === 11 || (what >= 84 && what <= 91)) below(V128);
      }
    }
    for (let byte = at; byte < reader.at; byte += 1) body.push(reader.bytes[byte]);
    if (makesProducts && LOADS_OF_DIGITS.includes(operation)) {
      plants += 1;
      body.push(0x22, ...spare(I32));
      if (plant === "branch") {
        body.push(0x41, 1, 0x71);
        noted();
        body.push(0x04, 0x40, 0x0b);
      } else {
        body.push(0x41, 63, 0x71);
        noted();
        body.push(0x2d, 0, 0, 0x1a);
      }
      get(I32);
    }
  }
  return { body, plants };
}

/** The divisor of 64 bits; what it divides is below. */
function bothHalves(body, set, get, noted) {
  const half = (shift) => {
    get(I64);
    if (shift) body.push(0x42, 32, 0x88);
    body.push(0xa7);
    noted();
    body.push(0x1a);
  };
  set(I64);
  half(false);
  half(true);
  get(I64);
}

function has(reader, ends, vector) {
  while (reader.at < ends) {
    const operation = reader.byte();
    if (operation === 0xfd && peeked(reader) === vector) return true;
    skipOperand(reader, operation);
  }
  return false;
}

function peeked(reader) {
  const { at } = reader;
  const what = reader.number();
  reader.at = at;
  return what;
}

function unsigned(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

function signed(value) {
  const bytes = unsigned(value);
  // The last one's second bit is the sign.
  if (bytes.at(-1) < 64) return bytes;
  bytes.push(bytes.pop() | 128, 0);
  return bytes;
}
