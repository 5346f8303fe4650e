// Values on their way between a test and a page, as Playwright has them: `undefined` stays what it is.
// Both functions run in the page as well, from their text: they use nothing around them.

/** As something that JSON has. */
export function encode(value) {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") return ["u"];
  if (value === null || typeof value === "boolean" || typeof value === "string") return ["v", value];
  if (typeof value === "number") return Number.isFinite(value) ? ["v", value] : ["n", String(value)];
  if (typeof value === "bigint") return ["b", String(value)];
  if (value instanceof Error) return ["o", ["name", "message", "stack"].map((name) => [name, encode(value[name])])];
  if (value instanceof Date) return ["d", value.getTime()];
  if (Array.isArray(value)) return ["a", value.map((one) => encode(one))];
  return ["o", Object.keys(value).map((name) => [name, encode(value[name])])];
}

export function decode([kind, value], handles = []) {
  if (kind === "u") return undefined;
  if (kind === "n") return Number(value);
  if (kind === "b") return BigInt(value);
  if (kind === "d") return new Date(value);
  if (kind === "e") return handles[value];
  if (kind === "a") return value.map((one) => decode(one, handles));
  if (kind === "o") return Object.fromEntries(value.map(([name, one]) => [name, decode(one, handles)]));
  return value;
}
