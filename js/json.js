/** The object that a JSON text holds; `undefined` if it holds anything else. */
export function parseObject(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // No JSON.
  }
}
