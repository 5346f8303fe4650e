// Codes as people type and paste them. The package finds the code in what it is sent, too; here it is
// known before that, so that nothing is sent which cannot be one.

/** The zeros of the digits that keyboards have: ASCII, full width, Arabic, Persian. */
const ZEROS = [0x30, 0xff10, 0x660, 0x6f0];

/** What may stand between the digits of one code: blanks, marks that are not seen, hyphens. */
const BETWEEN = /[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff\u2010-\u2015\uff0d-]/;

/**
 * The digits of the code in this, or null where there is none: `123 456`, `Your code is 654321.`
 * `lengths` are those that it can have, the likelier first.
 */
export function codeIn(typed, lengths) {
  const runs = runsOf(typed);
  const fitting = lengths.map((length) => runs.find((run) => run.length === length));
  return fitting.find((run) => run !== undefined) ?? null;
}

/** How many digits there are in all. */
export function countDigits(typed) {
  return runsOf(typed).join("").length;
}

function runsOf(typed) {
  const runs = [""];
  for (const character of typed) {
    const digit = digitOf(character);
    if (digit !== null) runs[runs.length - 1] += digit;
    else if (!BETWEEN.test(character)) runs.push("");
  }
  return runs;
}

function digitOf(character) {
  const point = character.codePointAt(0);
  const zero = ZEROS.find((zero) => point >= zero && point < zero + 10);
  return zero === undefined ? null : String(point - zero);
}
