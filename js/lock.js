// One lock for all tabs: Web Locks where there are any, a guard in the shared storage where not.
import { parseObject } from "./json.js";

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

  const tryGuard = (id) => {
    const entry = held.get(id);
    if (!entry) return;
    const now = Date.now();
    const at = parseObject(area.get(name))?.at;
    // A guard from the future was left before the clock was set back.
    if (typeof at === "number" && Math.abs(now - at) <= GUARD_MS) {
      later(id, POLL_MS, tryGuard);
      return;
    }
    entry.mark = JSON.stringify({ at: now, owner: Math.random() });
    area.set(name, entry.mark);
    later(id, SETTLE_MS, checkGuard);
  };

  const checkGuard = (id) => {
    const found = area.get(name) ?? undefined;
    // A storage that keeps nothing guards nothing.
    if (found === undefined || found === held.get(id)?.mark) granted(id);
    else later(id, POLL_MS, tryGuard);
  };

  /** Held until the promise that the callback returns is done. */
  const requestWebLock = (id) =>
    navigator.locks.request(name, () => {
      const entry = held.get(id);
      return (
        entry &&
        new Promise((release) => {
          entry.release = release;
          granted(id);
        })
      );
    });

  return {
    acquire(id) {
      held.set(id, {});
      if (!area) later(id, 0, granted);
      else if (globalThis.navigator?.locks) requestWebLock(id).catch(() => tryGuard(id));
      else tryGuard(id);
    },

    release(id) {
      const entry = held.get(id);
      if (!entry) return;
      held.delete(id);
      clearTimeout(entry.timer);
      if (entry.release) setTimeout(entry.release, SHOWN_MS);
      if (entry.mark && area.get(name) === entry.mark) area.remove(name);
    },

    releaseAll() {
      for (const id of [...held.keys()]) this.release(id);
    },
  };
}
