// The last of what happened, and who is to be told.
const MOST = 200;

export function log() {
  const notes = [];
  const listeners = new Set();
  const changed = () => listeners.forEach((listener) => listener());
  return {
    notes,
    changed,
    add(note) {
      notes.push(note);
      if (notes.length > MOST) notes.shift();
      changed();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
