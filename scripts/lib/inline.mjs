// How a WebAssembly module is written into a JavaScript file: as a string of printable ASCII, which
// no bundler at its defaults has a reason to write in another way (esbuild escapes all that is not
// ASCII, which made an application's bundle 2 kB larger than the file it came from).
//
// Each byte is one character, and a rare one above 63 two: the first says its upper two bits. So the
// patterns of the module stay visible to a server's brotli or gzip. Which character stands for which
// byte matters to brotli: it expects the next one by the class of the last (a digit, a vowel, a
// bracket: RFC 7932, section 7.1). Bytes after which similar ones follow are given characters of one
// class. Served with brotli -11, the string is 1 % above the bare module; in base64 it would be 30 %.

/** Nothing that a string, a template or a page would have to escape: " $ < \ ` */
const ALPHABET = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !'"$<\\`'.includes(character),
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

/** The source of a module that exports `wasmBytes(): Uint8Array`. */
export function inlineModule(wasm) {
  const symbols = chosenSymbols(wasm);
  const sequence = [...wasm].flatMap((byte) => spelled(byte, symbols));
  const characters = arranged(symbols, sequence);
  const text = sequence.map((symbol) => characters.get(symbol)).join("");
  const table = Buffer.alloc(95);
  for (const [symbol, character] of characters) table[character.charCodeAt(0) - 32] = symbol;
  return `
const data = ${JSON.stringify(text)};
export function wasmBytes() {
  const bytes = new Uint8Array(${wasm.length});
  const table = atob(${JSON.stringify(table.toString("base64"))});
  for (let from = 0, to = 0, upper = 0; from < data.length; from++) {
    const byte = table.charCodeAt(data.charCodeAt(from) - 32);
    if (byte > 252) upper = (byte - 252) << 6;
    else {
      bytes[to++] = upper + byte;
      upper = 0;
    }
  }
  return bytes;
}`;
}

/** What gets a character of its own: bytes below 64, the marks, and the most frequent of the rest. */
function chosenSymbols(wasm) {
  const counts = new Array(256).fill(0);
  for (const byte of wasm) counts[byte] += 1;
  const bytes = counts.map((_, byte) => byte);
  const frequent = bytes.slice(64, MARKS[0]).sort((a, b) => counts[b] - counts[a] || a - b);
  const room = ALPHABET.length - 64 - MARKS.length;
  return [...bytes.slice(0, 64), ...frequent.slice(0, room).sort((a, b) => a - b), ...MARKS];
}

function spelled(byte, symbols) {
  if (byte < MARKS[0] && symbols.includes(byte)) return [byte];
  return [MARKS[(byte >> 6) - 1], byte & 63];
}

/**
 * Gives each symbol a character. Two of them change places as long as that lowers the entropy of a
 * character under the class of the one before it.
 */
function arranged(symbols, sequence) {
  const size = symbols.length;
  const position = new Map(symbols.map((symbol, index) => [symbol, index]));
  const follows = symbols.map(() => new Float64Array(size));
  for (let index = 1; index < sequence.length; index += 1) {
    follows[position.get(sequence[index - 1])][position.get(sequence[index])] += 1;
  }
  const classOf = ALPHABET.map((it) => CLASSES.findIndex((characters) => characters.includes(it)));
  const after = CLASSES.map(() => new Float64Array(size));
  follows.forEach((row, index) => row.forEach((count, next) => (after[classOf[index]][next] += count)));

  const place = symbols.map((_, index) => index);
  const change = (a, b, next) => follows[b][next] - follows[a][next];
  const gains = (a, b) => {
    const [one, other] = [after[classOf[place[a]]], after[classOf[place[b]]]];
    const swapped = entropy(one.map((count, next) => count + change(a, b, next)));
    const swappedOther = entropy(other.map((count, next) => count - change(a, b, next)));
    // More than rounding.
    return entropy(one) + entropy(other) - swapped - swappedOther > 1e-6;
  };
  for (let better = true; better; ) {
    better = false;
    for (let a = 0; a < size; a += 1) {
      for (let b = a + 1; b < size; b += 1) {
        if (classOf[place[a]] === classOf[place[b]] || !gains(a, b)) continue;
        const [one, other] = [after[classOf[place[a]]], after[classOf[place[b]]]];
        for (let next = 0; next < size; next += 1) {
          const difference = change(a, b, next);
          one[next] += difference;
          other[next] -= difference;
        }
        [place[a], place[b]] = [place[b], place[a]];
        better = true;
      }
    }
  }
  return new Map(symbols.map((symbol, index) => [symbol, ALPHABET[place[index]]]));
}

/** In bits, of all that was counted. */
function entropy(counts) {
  let sum = 0;
  let bits = 0;
  for (const count of counts) {
    if (count === 0) continue;
    sum += count;
    bits -= count * Math.log2(count);
  }
  return sum === 0 ? 0 : bits + sum * Math.log2(sum);
}
