// What the machine is given: numbers by their meaning, and values as JSON text, made here: no code of the page runs while the module reads
// them, and what a prototype holds (`Object.prototype` can be anybody's) is no member of them.

/** What the machine is given, by its numbers. */
export const OPEN = 0;
export const EVENT = 1;
export const ASK = 2;
export const REPLY = 3;
export const LOCKED = 4;
export const STORED = 5;
export const WAKE = 6;
export const PASSKEY = 7;
export const RETURNED = 8;
export const IDLE = 9;

/** In place of an HTTP status: nothing was sent; no answer will come. */
export const NOT_SENT = -1;
export const LOST = -2;

/** The numbers of two records: the session's, and the one that is never anywhere but in this tab. */
export const SESSION = 0;
export const PENDING = 1;

/** Nothing that the machine reads of a page is nested deeper; what is need not even be finite. */
const DEEPEST = 4;

/** A copy with the own members of a value alone; of what is no object there are none. */
export const own = (value) => ({ __proto__: null, ...value });

/** For what JSON has no word for: malformed wherever the machine reads it. */
const UNSPEAKABLE = "[0]";

/** The text of a value, by its own members and without anybody's `toJSON`. */
export function text(value, deepest = DEEPEST) {
  if (value === null || Number.isFinite(value) || ["string", "boolean"].includes(typeof value)) {
    return JSON.stringify(value);
  }
  if (typeof value !== "object" || deepest === 0) return UNSPEAKABLE;
  const members = own(value);
  const below = (name) => text(members[name], deepest - 1);
  if (Array.isArray(value)) return `[${Array.from({ length: value.length }, (_, at) => below(at))}]`;
  const names = Object.keys(members).filter((name) => members[name] !== undefined);
  return `{${names.map((name) => `${JSON.stringify(name)}:${below(name)}`)}}`;
}

/** The text of the object that a JSON text holds, as `text` writes it; `undefined` of all else. */
export function objectText(json) {
  try {
    const all = text(JSON.parse(json), Infinity);
    if (all[0] === "{") return all;
  } catch {
    // No JSON, or nested without end.
  }
}
