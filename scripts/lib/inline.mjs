// How a WebAssembly module is written into a JavaScript file: as a string of printable ASCII, which
// no bundler at its defaults has a reason to write in another way (esbuild escapes all that is not
// ASCII, which made an application's bundle 2 kB larger than the file it came from).
//
// The module is taken apart into streams first (streams.mjs), and a second, very small module puts it
// together again (unpack.wat). Served with brotli -11, the text is 8 % below the bare module; in
// base64 it would be 30 % above.
//
// Each byte of a stream is one character, and a rare one two: the first says its upper two bits.
// Which character stands for which byte matters to brotli: it expects the next one by the class of
// the last (a digit, a vowel, a bracket: RFC 7932, section 7.1). Bytes after which similar ones follow
// are given characters of one class. Texts stay as they are: brotli knows words.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./run.mjs";
import { SYMBOL_KINDS, takenApart } from "./streams.mjs";

/** What is at the end of each stream. */
const END = "%";

/** Nothing that a string, a template or a page would have to escape: " $ < \ ` */
const ALPHABET = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !`"$<\\\`${END}`.includes(character),
);

/** Brotli's classes of printable ASCII. */
const CLASSES = [
  " ",
  "!#&*+-/?@^_|~",
  "'",
  "%",
  "([{",
  ")>]}",
  ",:;",
  ".",
  "0123456789",
  "=",
  "AEIOU",
  "BCDFGHJKLMNPQRSTVWXYZ",
  "aeiou",
  "bcdfghjklmnpqrstvwxyz",
];

/** In the table of bytes these stand for the three marks; the bytes themselves are written as two. */
const MARKS = [253, 254, 255];

/** In what follows the code a character above this one says, with the one behind it, another byte. */
const LAST_PLAIN = "z";

/** Where unpack.wat has the text; below it are its own tables. */
const TEXT = 4096;
const PAGE = 65_536;

/** The source of a module that exports `wasmBytes(): Uint8Array`. */
export async function inlineModule(wasm) {
  const { streams, functions, rest } = takenApart(wasm);
  const { values, texts } = written(streams);
  const kinds = SYMBOL_KINDS.map((kind) => String.fromCharCode(64 + kind)).join("");
  const text = kinds + [...texts, plainly(rest), ""].join(END);
  const FUNCTION = TEXT + text.length;
  const MODULE = FUNCTION + wasm.length;
  const unpack = await assembled({
    TEXT,
    FUNCTION,
    MODULE,
    PAGES: Math.ceil((MODULE + wasm.length) / PAGE),
    VALUES: [...values].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join(""),
    END: END.charCodeAt(),
    STREAMS_AT: TEXT + kinds.length,
    STREAMS_TIMES_4: streams.length * 4,
    HEAD_SIZE: streams.at(-1).length,
    FUNCTIONS: functions,
    REST_AT: 512 + streams.length * 4,
    REST_SIZE: rest.length,
    LAST_PLAIN: LAST_PLAIN.charCodeAt(),
  });
  const source = `
const data = ${JSON.stringify(text)};
const unpack = ${JSON.stringify(unpack)};
export function wasmBytes() {
  const text = atob(unpack);
  const code = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) code[at] = text.charCodeAt(at);
  const { m, d } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
  new TextEncoder().encodeInto(data, new Uint8Array(m.buffer, ${TEXT}));
  d();
  return new Uint8Array(m.buffer, ${MODULE}, ${wasm.length});
}`;
  await check(source, wasm);
  return source;
}

/** unpack.wat with what belongs into it, in base64. */
async function assembled(names) {
  const { default: binaryen } = await import("binaryen");
  const template = readFileSync(join(import.meta.dirname, "unpack.wat"), "utf8");
  const module = binaryen.parseText(template.replaceAll(/\{(\w+)\}/g, (_, name) => names[name]));
  const { BulkMemory, BulkMemoryOpt } = binaryen.Features;
  module.setFeatures(BulkMemory | BulkMemoryOpt);
  binaryen.setShrinkLevel(2);
  binaryen.setOptimizeLevel(2);
  module.optimize();
  const bytes = module.emitBinary();
  module.dispose();
  return Buffer.from(bytes).toString("base64");
}

/** What is published is what was built: a fault is found here, and not at somebody's. */
async function check(source, wasm) {
  const { wasmBytes } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  if (Buffer.compare(wasmBytes(), wasm) === 0) return;
  throw new Failure("the module that comes out of its text is another one (scripts/lib/unpack.wat)");
}

/** Bytes that are texts for the greater part. */
function plainly(bytes) {
  const characters = ALPHABET.filter((character) => character <= LAST_PLAIN);
  const marks = ALPHABET.filter((character) => character > LAST_PLAIN);
  const spelled = new Map();
  for (const mark of marks) {
    for (const second of characters) {
      const byte = ((mark.charCodeAt() - 1) * 199 + second.charCodeAt()) & 255;
      spelled.set(byte, mark + second);
    }
  }
  for (const character of characters) spelled.set(character.charCodeAt(), character);
  return Array.from(bytes, (byte) => spelled.get(byte)).join("");
}

/** The streams as texts, and what each character from the blank on stands for. */
function written(streams) {
  const counts = new Array(256).fill(0);
  for (const stream of streams) for (const byte of stream) counts[byte] += 1;
  const symbols = chosenSymbols(counts);
  const spellings = counts.map((_, byte) => spelled(byte, symbols));
  const sequences = streams.map((stream) => stream.flatMap((byte) => spellings[byte]));
  const characters = arranged(symbols, sequences);
  const values = Buffer.alloc(95);
  for (const [symbol, character] of characters) values[character.charCodeAt(0) - 32] = symbol;
  const texts = sequences.map((it) => it.map((symbol) => characters.get(symbol)).join(""));
  return { values, texts };
}

/**
 * What gets a character of its own: the marks, and the most frequent bytes, among which each of the
 * lower six bits is once, for the others are written with one of them.
 */
function chosenSymbols(counts) {
  const byCount = [...counts.keys()]
    .filter((byte) => byte < MARKS[0])
    .sort((a, b) => counts[b] - counts[a] || a - b);
  const needed = new Map(byCount.toReversed().map((byte) => [byte & 63, byte]));
  const chosen = new Set(needed.values());
  for (const byte of byCount) {
    if (chosen.size < ALPHABET.length - MARKS.length) chosen.add(byte);
  }
  return [...[...chosen].sort((a, b) => a - b), ...MARKS];
}

function spelled(byte, symbols) {
  if (byte < MARKS[0] && symbols.includes(byte)) return [byte];
  const base = symbols.find((symbol) => (symbol & 63) === (byte & 63));
  return [MARKS[(((byte - base) & 255) >> 6) - 1], base];
}

/**
 * Gives each symbol a character. Two of them change places as long as that lowers the entropy of a
 * character under its stream and the class of the character before it.
 */
function arranged(symbols, sequences) {
  const position = new Map(symbols.map((symbol, index) => [symbol, index]));
  const classOf = ALPHABET.map((it) => CLASSES.findIndex((characters) => characters.includes(it)));
  const streams = sequences.map((sequence) =>
    openCounts(sequence.map((symbol) => position.get(symbol)), classOf),
  );
  const place = symbols.map((_, index) => index);
  for (let better = true; better; ) {
    better = false;
    for (let a = 0; a < place.length; a += 1) {
      for (let b = a + 1; b < place.length; b += 1) {
        const [one, other] = [classOf[place[a]], classOf[place[b]]];
        if (one === other) continue;
        const gain = streams.reduce((sum, stream) => sum + stream.gain(a, b, one, other), 0);
        // More than rounding.
        if (gain < 1e-6) continue;
        for (const stream of streams) stream.exchange(a, b, one, other);
        [place[a], place[b]] = [place[b], place[a]];
        better = true;
      }
    }
  }
  return new Map(symbols.map((symbol, index) => [symbol, ALPHABET[place[index]]]));
}

/** How often each symbol of a stream follows each other one, and each class of characters. */
function openCounts(sequence, classOf) {
  const size = ALPHABET.length;
  const follows = ALPHABET.map(() => new Int32Array(size));
  const after = CLASSES.map(() => new Int32Array(size));
  for (let index = 1; index < sequence.length; index += 1) {
    const [before, next] = [sequence[index - 1], sequence[index]];
    follows[before][next] += 1;
    after[classOf[before]][next] += 1;
  }
  const isUsed = follows.map((row) => row.some((count) => count > 0));
  const plogp = Float64Array.from({ length: sequence.length + 1 }, (_, n) => n && n * Math.log2(n));
  /** In bits, of what follows a class after `b` came to it in place of `a`. */
  const entropy = (counts, a, b) => {
    let sum = 0;
    let bits = 0;
    for (let next = 0; next < size; next += 1) {
      const count = counts[next] + b[next] - a[next];
      sum += count;
      bits += plogp[count];
    }
    return plogp[sum] - bits;
  };
  const bits = after.map((counts) => entropy(counts, follows[0], follows[0]));
  const ofTwo = (a, b, one, other) => [
    entropy(after[one], follows[a], follows[b]),
    entropy(after[other], follows[b], follows[a]),
  ];

  return {
    /** By how many bits it is less if `a`, of class `one`, and `b`, of class `other`, change places. */
    gain(a, b, one, other) {
      if (!isUsed[a] && !isUsed[b]) return 0;
      const [first, second] = ofTwo(a, b, one, other);
      return bits[one] + bits[other] - first - second;
    },
    exchange(a, b, one, other) {
      [bits[one], bits[other]] = ofTwo(a, b, one, other);
      for (let next = 0; next < size; next += 1) {
        const difference = follows[b][next] - follows[a][next];
        after[one][next] += difference;
        after[other][next] -= difference;
      }
    },
  };
}
