/** A storage like the browser's, of which each method can be replaced; `kept` is what is in it. */
export function storageOf(entries = {}, methods = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    ...methods,
  };
}
