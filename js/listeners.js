// Who is told of changes: of the flow of this page, or of one in a worker.

/** Listeners are told from a microtask, once for all that has changed by then. */
export function openListeners() {
  const listeners = new Map();
  let told = true;

  const tell = () => {
    told = true;
    for (const [key, listener] of [...listeners]) {
      try {
        if (listeners.has(key)) listener();
      } catch (error) {
        // One listener's fault harms neither the flow nor the others.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };

  return {
    changed() {
      if (told) {
        told = false;
        queueMicrotask(tell);
      }
    },
    subscribe(listener) {
      const key = {};
      listeners.set(key, listener);
      return () => void listeners.delete(key);
    },
    clear: () => listeners.clear(),
  };
}
