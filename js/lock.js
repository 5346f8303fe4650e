// One lock for all tabs: Web Locks where there are any, a guard in the shared storage where not.

/** How often a tab looks whether the guard is free. */
const POLL_MS = 50;
/**
 * How long a tab in a process of its own may take to be shown what another has written (Chromium:
 * some 10 ms): two that write the guard at once are told apart after this, and Web Locks are held on
 * for it after what they guard.
 */
const SHOWN_MS = 100;
/** A guard older than this was left by a tab that died. */
const GUARD_MS = 20_000;

/** `area` is the storage that all tabs share, if they share any. */
export function openLock(name, area, granted) {
  // How each that is held or waited for is given back, by its id.
  const held = new Map();

  const acquire = (id) => {
    let isOpen = true;
    let isGranted = false;
    let timer;
    let mark;
    let giveBack;

    const later = (ms, action) => (timer = setTimeout(action, ms));

    /** Once for each id, whichever way it came. */
    const grant = () => {
      if (!isOpen || isGranted) return;
      isGranted = true;
      granted(id);
    };

    const tryGuard = () => {
      if (!isOpen) return;
      const now = Date.now();
      // A guard from the future was left before the clock was set back.
      if (Math.abs(now - parseInt(area.get(name), 10)) <= GUARD_MS) {
        later(POLL_MS, tryGuard);
        return;
      }
      mark = `${now} ${Math.random()}`;
      area.use("setItem", name, mark);
      later(SHOWN_MS, () => {
        // A storage that keeps nothing guards nothing.
        if ((area.get(name) ?? mark) === mark) grant();
        else later(POLL_MS, tryGuard);
      });
    };

    /** Held until the promise that the callback returns is done. */
    const requestWebLock = async () => {
      await navigator.locks.request(name, () => {
        if (!isOpen) return undefined;
        const done = new Promise((resolve) => (giveBack = resolve));
        grant();
        return done;
      });
    };

    held.set(id, () => {
      isOpen = false;
      clearTimeout(timer);
      if (giveBack) setTimeout(giveBack, SHOWN_MS);
      if (mark && area.get(name) === mark) area.use("removeItem", name);
    });
    if (area) requestWebLock().catch(tryGuard);
    else later(0, grant);
  };

  const release = (id) => {
    held.get(id)?.();
    held.delete(id);
  };

  return { acquire, release, close: () => [...held.keys()].forEach(release) };
}
