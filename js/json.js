// Values enter the module as JSON text, made here: no code of the page runs while the module reads
// them, and what a prototype holds (`Object.prototype` can be anybody's) is no member of them.

/** Nothing that the machine reads of a page is nested deeper; what is need not even be finite. */
const DEEPEST = 4;

/** A copy with the own members of a value alone; of what is no object there are none. */
export const own = (value) => ({ __proto__: null, ...value });

/** For what JSON has no word for: malformed wherever the machine reads it. */
const UNSPEAKABLE = "[0]";

/** The text of a value, by its own members and without anybody's `toJSON`. */
export function text(value, deepest = DEEPEST) {
  if (Number.isFinite(value)) return `${value}`;
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return JSON.stringify(value);
  }
  if (typeof value !== "object" || deepest === 0) return UNSPEAKABLE;
  const parts = [];
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      parts.push(text(Object.hasOwn(value, at) ? value[at] : null, deepest - 1));
    }
    return `[${parts}]`;
  }
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    parts.push(`${JSON.stringify(name)}:${text(member, deepest - 1)}`);
  }
  return `{${parts}}`;
}

/** The text of the object that a JSON text holds, as `text` writes it; `undefined` of all else. */
export function objectText(json) {
  try {
    const value = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return text(value, Infinity);
    }
  } catch {
    // No JSON, or nested without end.
  }
}
