// Where the demo keeps things: the browser's storages. What they do not take, being blocked or full, is kept
// for as long as the page lasts.

export const local = lasting("localStorage");
export const session = lasting("sessionStorage");

function lasting(name) {
  const notTaken = new Map();
  /** The storage itself is what throws where it is blocked. */
  const tried = (work) => {
    try {
      return work(globalThis[name]);
    } catch {
      return undefined;
    }
  };
  return {
    getItem: (key) => notTaken.get(key) ?? tried((storage) => storage.getItem(key)) ?? null,
    setItem(key, value) {
      const taken = tried((storage) => {
        storage.setItem(key, value);
        return true;
      });
      if (taken) notTaken.delete(key);
      else notTaken.set(key, String(value));
    },
    removeItem(key) {
      notTaken.delete(key);
      tried((storage) => storage.removeItem(key));
    },
  };
}
