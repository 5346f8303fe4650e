// Takes a WebAssembly module apart into the streams that js/streams.js puts together again: a
// fourteenth less to download, as a server's brotli finds more in them than in the module itself.
import * as format from "../../js/streams.js";
import { Failure } from "./run.mjs";

const { ALIGNMENTS, BEFORE, BLOCKS, BODIES, BULK, CONSTANTS, DECLARED, FLOATS, FOLLOWS } = format;
const { MERGED, MISCELLANEOUS, NATURAL, OPERATIONS, PREAMBLE, PREFIX, PREFIXED, PREFIX_SIMD } = format;
const { REST, STORES, STREAMS, putTogether } = format;

const CODE = 10;
const LOCAL_GET = 0x20;

/** The streams' lengths, each in three bytes, and the streams. */
export function takenApart(wasm) {
  const streams = takeApart(wasm);
  const lengths = streams.flatMap(({ length }) => [length & 255, (length >> 8) & 255, length >> 16]);
  const packed = Uint8Array.from([...lengths, ...streams.flat()]);
  // What is not known here (an operation of a later standard) must fail here, and not in a browser.
  const again = putTogether(packed);
  if (!WebAssembly.validate(again) || takeApart(again).some((it, at) => !equal(it, streams[at]))) {
    throw unknown();
  }
  return packed;
}

const unknown = () => new Failure("js/streams.js does not know an operation of this module");

function equal(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function takeApart(wasm) {
  const streams = Array.from({ length: STREAMS }, () => []);
  let at = 8;
  const byte = () => {
    if (at >= wasm.length) throw unknown();
    return wasm[at++];
  };
  const read = (taken = byte) => {
    let value = 0;
    let part = 128;
    for (let shift = 0; part > 127; shift += 7) {
      part = taken();
      value |= (part & 127) << shift;
    }
    return value >>> 0;
  };
  const move = (stream) => {
    const moved = byte();
    streams[stream].push(moved);
    return moved;
  };
  const bytes = (stream, count) => {
    for (let left = count; left > 0; left -= 1) move(stream);
  };
  const numbers = (stream, count) => {
    let value = 0;
    for (let left = count; left > 0; left -= 1) value = read(() => move(stream));
    return value;
  };
  /** What stands behind the number that comes next. */
  const behind = () => {
    let last = at;
    while (wasm[last] > 127) last += 1;
    return wasm[last + 1];
  };
  const body = () => {
    numbers(DECLARED, 2 * numbers(DECLARED, 1));
    for (let depth = 1; depth > 0; ) {
      const operation = byte();
      if (operation === LOCAL_GET && MERGED + wasm[at] < PREFIX) {
        streams[OPERATIONS].push(MERGED + byte());
        continue;
      }
      if (operation >= MERGED && operation < PREFIX) throw unknown();
      streams[OPERATIONS].push(operation);
      const stream = FOLLOWS.charCodeAt(operation) - 64;
      if (operation === 0x0b) depth -= 1;
      else if (stream === BLOCKS) depth += 1;

      if (operation === 0x0e) numbers(stream, numbers(stream, 1) + 1);
      else if (operation === 0x1c) numbers(stream, numbers(stream, 1));
      else if (operation === 0x11) numbers(stream, 2);
      else if (operation === 0x41) numbers(BEFORE[behind()] ?? CONSTANTS, 1);
      else if (stream === FLOATS) bytes(FLOATS, operation === 0x43 ? 4 : 8);
      else if (operation > 0x27 && operation < 0x3f) {
        streams[ALIGNMENTS].push(byte() ^ NATURAL[operation - 0x28]);
        numbers(stream, 1);
      } else if (operation === PREFIX) numbers(MISCELLANEOUS, BULK[numbers(PREFIXED, 1)]);
      else if (operation === PREFIX_SIMD) vector(numbers(PREFIXED, 1));
      else if (stream > 0) numbers(stream, 1);
    }
  };
  const vector = (operation) => {
    const part = operation > 83 && operation < 92;
    if (operation < 12 || part || operation === 92 || operation === 93) numbers(STORES, 2);
    else if (operation < 14) bytes(FLOATS, 16);
    if (part || (operation > 20 && operation < 35)) numbers(MISCELLANEOUS, 1);
  };
  const measured = (write) => {
    const ends = read() + at;
    write();
    if (at !== ends) throw unknown();
  };

  while (wasm[at] !== CODE) {
    byte();
    const length = read();
    at += length;
  }
  streams[PREAMBLE] = [...wasm.subarray(0, at)];
  byte();
  measured(() => {
    for (let bodies = numbers(BODIES, 1); bodies > 0; bodies -= 1) measured(body);
  });
  streams[REST] = [...wasm.subarray(at)];
  return streams;
}
