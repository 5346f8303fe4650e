// Puts a WebAssembly module together that scripts/lib/streams.mjs has taken apart: into streams, one
// for each kind of byte in its code. Operations, locals, constants: each is followed by its like, which
// a server's brotli finds far better than in the order of execution. Measured: the module is 32.4 kB
// instead of 34.6 before it is written as text, for 0.6 kB of script and 5 ms at the first load.

/**
 * What follows each operation up to 0x44: the stream of its number, as a letter (`A` is stream 1), or
 * nothing (`@`).
 */
export const FOLLOWS =
  "@@EEE@@@@@@@FFG@HI@@@@@@@@@@I@@@KDDLLII@MMMMMMMMMMMMMMNNNNNNNNNIIRSTT";

/** The streams that are named beside those in the table. */
export const PREAMBLE = 0;
export const OPERATIONS = 1;
export const BODIES = 2;
export const DECLARED = 3;
export const BLOCKS = 5;
export const MISCELLANEOUS = 9;
export const ALIGNMENTS = 10;
export const STORES = 14;
export const CONSTANTS = 18;
export const FLOATS = 20;
export const PREFIXED = 21;
export const REST = 22;
export const STREAMS = 23;

/** Constants before an addition, before a call and so on: of what is likely, there are streams. */
export const BEFORE = { 0x10: 15, 0x41: 16, 0x6a: 17 };

/** From here to 0xfb a byte among the operations stands for `local.get` and one of the first locals. */
export const MERGED = 211;
export const PREFIX = 0xfc;
export const PREFIX_SIMD = 0xfd;

/** The alignment that each access to memory has by nature, from `i32.load` on. */
export const NATURAL = "23230011001122232301012";
/** How many numbers follow each operation behind 0xfc. */
export const BULK = "000000002121212111";

/** The module of which these are the streams: their lengths, each in three bytes, and themselves. */
export function putTogether(packed) {
  const places = [];
  let start = STREAMS * 3;
  for (let at = 0; at < STREAMS * 3; at += 3) {
    places.push(start);
    start += packed[at] | (packed[at + 1] << 8) | (packed[at + 2] << 16);
  }
  const module = new Uint8Array(packed.length * 2);
  let length = 0;
  const bytes = (stream, count) => {
    for (let left = count; left > 0; left--) module[length++] = packed[places[stream]++];
  };
  /** Moves so many numbers; gives the last one. */
  const numbers = (stream, count) => {
    let value = 0;
    for (let left = count; left > 0; left--) {
      let byte = 128;
      value = 0;
      for (let shift = 0; byte > 127; shift += 7) {
        module[length++] = byte = packed[places[stream]++];
        value |= (byte & 127) << shift;
      }
    }
    return value;
  };
  /** The length of what was written since, in the five bytes before it. */
  const measure = (from) => {
    let rest = length - from;
    for (let at = from - 5; at < from; at++, rest >>= 7) module[at] = (rest & 127) | (at < from - 1 && 128);
  };

  bytes(PREAMBLE, places[OPERATIONS] - places[PREAMBLE]);
  module[length] = 10;
  const code = (length += 6);
  for (let bodies = numbers(BODIES, 1); bodies > 0; bodies--) {
    const body = (length += 5);
    numbers(DECLARED, 2 * numbers(DECLARED, 1));
    for (let depth = 1; depth > 0; ) {
      const operation = packed[places[OPERATIONS]++];
      if (operation >= MERGED && operation < PREFIX) {
        module[length++] = 0x20;
        module[length++] = operation - MERGED;
        continue;
      }
      module[length++] = operation;
      const stream = FOLLOWS.charCodeAt(operation) - 64;
      if (operation === 0x0b) depth--;
      else if (stream === BLOCKS) depth++;

      if (operation === 0x41) numbers(BEFORE[packed[places[OPERATIONS]]] ?? CONSTANTS, 1);
      else if (operation > 0x27 && operation < 0x3f) {
        module[length++] = packed[places[ALIGNMENTS]++] ^ NATURAL[operation - 0x28];
        numbers(stream, 1);
      } else if (operation === 0x0e) numbers(stream, numbers(stream, 1) + 1);
      else if (operation === 0x11) numbers(stream, 2);
      else if (operation === 0x1c) numbers(stream, numbers(stream, 1));
      else if (stream === FLOATS) bytes(FLOATS, operation === 0x43 ? 4 : 8);
      else if (stream > 0) numbers(stream, 1);
      else if (operation === PREFIX) numbers(MISCELLANEOUS, BULK[numbers(PREFIXED, 1)]);
      else if (operation === PREFIX_SIMD) {
        const vector = numbers(PREFIXED, 1);
        const part = vector > 83 && vector < 92;
        if (vector < 12 || part || vector === 92 || vector === 93) numbers(STORES, 2);
        else if (vector < 14) bytes(FLOATS, 16);
        if (part || (vector > 20 && vector < 35)) numbers(MISCELLANEOUS, 1);
      }
    }
    measure(body);
  }
  measure(code);
  bytes(REST, packed.length - places[REST]);
  return module.subarray(0, length);
}
