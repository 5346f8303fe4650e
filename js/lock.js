// One lock for all tabs: Web Locks where there are any, a guard in the shared storage where not.

/** How often a tab looks whether the guard is free. */
const POLL_MS = 50;
/** Two tabs may write the guard at once; the one that still stands after this long has it. */
const SETTLE_MS = 25;
/**
 * How long Web Locks are held on after what they guard: a tab in a process of its own may be given
 * the lock before it is shown what was written under it (Chromium: within some 10 ms).
 */
const SHOWN_MS = 100;
/** A guard older than this was left by a tab that died. */
const GUARD_MS = 20_000;

/** `area` is the storage that all tabs share, if they share any. */
export function openLock(name, area, granted) {
  // What is held or waited for, by its id.
  const held = new Map();

  const later = (id, ms, action) => {
    const entry = held.get(id);
    if (entry) entry.timer = setTimeout(action, ms, id);
  };

  /** Once for each id, whichever way it came. */
  const grant = (id) => {
    const entry = held.get(id);
    if (!entry || entry.granted) return;
    entry.granted = true;
    granted(id);
  };

  const tryGuard = (id) => {
    const entry = held.get(id);
    if (!entry) return;
    const now = Date.now();
    const at = Number.parseInt(area.get(name), 10);
    // A guard from the future was left before the clock was set back.
    if (Math.abs(now - at) <= GUARD_MS) {
      later(id, POLL_MS, tryGuard);
      return;
    }
    entry.mark = `${now} ${Math.random()}`;
    area.use("setItem", name, entry.mark);
    later(id, SETTLE_MS, checkGuard);
  };

  const checkGuard = (id) => {
    const found = area.get(name) ?? undefined;
    // A storage that keeps nothing guards nothing.
    if (found === undefined || found === held.get(id)?.mark) grant(id);
    else later(id, POLL_MS, tryGuard);
  };

  /** Held until the promise that the callback returns is done. */
  const requestWebLock = async (id) => {
    await navigator.locks.request(name, () => {
      const entry = held.get(id);
      if (!entry) return undefined;
      const done = new Promise((release) => (entry.release = release));
      grant(id);
      return done;
    });
  };

  const release = (id) => {
    const entry = held.get(id);
    if (!entry) return;
    held.delete(id);
    clearTimeout(entry.timer);
    if (entry.release) setTimeout(entry.release, SHOWN_MS);
    if (entry.mark && area.get(name) === entry.mark) area.use("removeItem", name);
  };

  return {
    acquire(id) {
      held.set(id, {});
      if (!area) later(id, 0, grant);
      else if (globalThis.navigator?.locks) requestWebLock(id).catch(() => tryGuard(id));
      else tryGuard(id);
    },

    release,

    close() {
      for (const id of [...held.keys()]) release(id);
    },
  };
}
