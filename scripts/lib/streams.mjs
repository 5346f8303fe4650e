// Takes a WebAssembly module apart into streams, one for each kind of byte in its code: operations,
// locals, constants, functions that are called. In each, like follows like, and a server's brotli or
// gzip finds far more in that than in the order of execution. unpack.wat puts them together again, by
// the same walk, to the same module byte by byte.
import { Failure } from "./run.mjs";

// What follows an operation: its kind, which is the number of the stream too that holds it.
const NOTHING = 0;
/** Nothing either, but a constant before an `i32.add` is of another sort than before the rest. */
const ADD = 1;
/** Bytes, after their count. The first of these is what comes before the code of a function. */
const LOCALS = 2;
const RARE = 3;
const FLOAT = 4;
const BRANCHES = 5;
/** An alignment, which has a stream of its own, and an offset. */
const LOAD = 6;
const STORE = 7;
const ACCESS = 8;
/** A number. */
const BLOCK = 9;
const BRANCH = 10;
const CALL = 11;
const INDEX = 12;
const LONG = 13;
/** A number, whose stream is that of the kind of the next operation. */
const INTEGER = 14;
/** A local: how many others were used since it was. */
const GET = 15;
const SET = 16;
const TEE = 17;
/** Nothing: it is `local.get` together with one of the locals that were used last. */
const RECENT = 18;

const RECENT_FROM = 224;
const RECENT_COUNT = 4;

/** The operations' own stream. */
const OPERATIONS = 0;
/** The first of those for `INTEGER`, one for each kind. */
const INTEGERS = 19;
const ALIGNMENTS = 38;
/** What comes before the first function. */
const HEAD = 39;

const CODE = 10;
const LOCAL_GET = 0x20;
const BULK = 0xfc;
const VECTOR = 0xfd;

/** Of a local there is one byte, and so there is of a count. */
const MOST = 256;

/** The kind of each operation; undefined for one that no module of WebAssembly 2.0 has. */
const KINDS = new Array(256);
for (const [kind, ...operations] of [
  [NOTHING, 0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, ...range(0x45, 0xc4), 0xd1],
  [ADD, 0x6a],
  [RARE, 0x11, 0x1c, 0xd0, 0xd2, BULK, VECTOR],
  [FLOAT, 0x43, 0x44],
  [BRANCHES, 0x0e],
  [ACCESS, ...range(0x28, 0x3e)],
  [LOAD, 0x28],
  [STORE, 0x36],
  [BLOCK, 0x02, 0x03, 0x04],
  [BRANCH, 0x0c, 0x0d],
  [CALL, 0x10],
  [INDEX, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40],
  [INTEGER, 0x41],
  [LONG, 0x42],
  [GET, LOCAL_GET],
  [SET, 0x21],
  [TEE, 0x22],
]) {
  for (const operation of operations) KINDS[operation] = kind;
}

/** What unpack.wat goes by: the kind for each byte that stands for an operation. */
export const SYMBOL_KINDS = Array.from(KINDS, (kind) => kind ?? NOTHING).fill(
  RECENT,
  RECENT_FROM,
  RECENT_FROM + RECENT_COUNT,
);

/**
 * The streams in their order, how many functions there are in them, and what follows the code. What
 * unpack.wat could not put together is a `Failure`.
 */
export function takenApart(wasm) {
  const reader = openReader(wasm);
  const codeEnds = reader.toCode();
  const functions = reader.number();
  const streams = Array.from({ length: HEAD + 1 }, () => []);
  streams[HEAD].push(...wasm.subarray(0, reader.at));

  const found = [];
  for (let left = functions; left > 0; left -= 1) {
    const size = reader.number();
    const ends = reader.at + size;
    streams[LOCALS].push(...counted(reader.bytesOf(reader.declarations)));
    const order = Array.from({ length: MOST }, (_, local) => local);
    while (reader.at < ends) found.push(symbolOf(reader, order));
    if (reader.at !== ends) throw unreadable(`a function does not end at byte ${ends}`);
  }
  if (reader.at !== codeEnds) throw unreadable(`the code does not end at byte ${codeEnds}`);

  const alignments = new Uint8Array(256);
  found.forEach(({ symbol, kind, bytes }, index) => {
    streams[OPERATIONS].push(symbol);
    if (kind >= RARE && kind <= BRANCHES) streams[kind].push(...counted(bytes));
    else if (kind >= LOAD && kind <= ACCESS) {
      const [alignment, ...offset] = bytes;
      // Mostly as the last time.
      streams[ALIGNMENTS].push(alignment ^ alignments[symbol]);
      alignments[symbol] = alignment;
      streams[kind].push(...offset);
    } else if (kind === INTEGER) streams[INTEGERS + found[index + 1].kind].push(...bytes);
    else if (kind > ADD) streams[kind].push(...bytes);
  });
  return { streams, functions, rest: wasm.subarray(codeEnds) };
}

/** The next operation: the byte that stands for it, and the bytes that follow it with their kind. */
function symbolOf(reader, order) {
  const operation = reader.byte();
  const kind = KINDS[operation];
  if (kind === undefined) throw unreadable(`operation 0x${operation.toString(16)} is not known`);
  if (kind < GET) {
    return { symbol: operation, kind, bytes: reader.bytesOf(() => skip(reader, operation, kind)) };
  }
  const local = reader.number();
  const since = order.indexOf(local);
  if (since < 0) throw unreadable(`a function has more than ${MOST} locals`);
  order.splice(since, 1);
  order.unshift(local);
  if (kind === GET && since < RECENT_COUNT) {
    return { symbol: RECENT_FROM + since, kind: RECENT, bytes: [] };
  }
  return { symbol: operation, kind, bytes: [since] };
}

/** Goes over what follows an operation. */
export function skipOperand(reader, operation) {
  const kind = KINDS[operation];
  if (kind === undefined) throw unreadable(`operation 0x${operation.toString(16)} is not known`);
  skip(reader, operation, kind);
}

function skip(reader, operation, kind) {
  if (kind <= ADD) return;
  if (kind === FLOAT) reader.at += operation === 0x43 ? 4 : 8;
  else if (kind === BRANCHES) reader.numbers(reader.number() + 1);
  else if (kind === RARE) skipRare(reader, operation);
  else if (kind >= LOAD && kind <= ACCESS) skipAccess(reader);
  else reader.number();
}

function skipAccess(reader) {
  if (reader.number() > 63) throw unreadable("it has several memories");
  reader.number();
}

function skipRare(reader, operation) {
  if (operation === BULK) skipBulk(reader, reader.number());
  else if (operation === VECTOR) skipVector(reader, reader.number());
  else if (operation === 0x1c) reader.numbers(reader.number());
  else reader.numbers(operation === 0x11 ? 2 : 1);
}

function skipBulk(reader, operation) {
  const numbers = "000000002121212111"[operation];
  if (numbers === undefined) throw unreadable(`operation 0xfc ${operation} is not known`);
  reader.numbers(Number(numbers));
}

function skipVector(reader, operation) {
  const ofLane = operation >= 84 && operation <= 91;
  if (operation <= 11 || ofLane || operation === 92 || operation === 93) skipAccess(reader);
  else if (operation <= 13) reader.at += 16;
  if (ofLane || (operation >= 21 && operation <= 34)) reader.at += 1;
}

function counted(bytes) {
  if (bytes.length >= MOST) throw unreadable(`${bytes.length} bytes follow an operation`);
  return [bytes.length, ...bytes];
}

/** Reads a module from behind its first eight bytes on. */
export function openReader(wasm) {
  const reader = {
    at: 8,
    bytes: wasm,
    byte: () => wasm[reader.at++],
    number() {
      let value = 0;
      for (let place = 1; ; place *= 128) {
        const byte = reader.byte();
        value += (byte & 127) * place;
        if (!(byte & 128)) return value;
      }
    },
    numbers(count) {
      for (let left = count; left > 0; left -= 1) reader.number();
    },
    declarations: () => reader.numbers(reader.number() * 2),
    /** The bytes that `skip` goes over. */
    bytesOf(skip) {
      const from = reader.at;
      skip();
      return wasm.subarray(from, reader.at);
    },
    /** To the content of the section with the code; answers with its end. */
    toCode() {
      while (reader.at < wasm.length) {
        const section = reader.byte();
        const size = reader.number();
        if (section === CODE) return reader.at + size;
        reader.at += size;
      }
      throw unreadable("it has no code");
    },
  };
  return reader;
}

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const unreadable = (why) => new Failure(`the module cannot be taken apart: ${why} (scripts/lib/streams.mjs)`);
