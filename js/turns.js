// Whose turn it is at a module in two parts (lean.js). The class `Machine` then has `complete`, which loads
// the second, and `missing`, which it throws where an input needs that: nothing of the input has happened.
// It waits, and so does what comes after it. A module that is whole has no turns: turns-whole.js.
import { notLoaded } from "./error.js";

/** After how long the second part is asked for again, where it could not be loaded. */
const AGAIN_MS = 3000;

/**
 * Opens a flow when enough of the module is there: where no page waits to be shown that is all of it, and
 * elsewhere where a flow begins in the middle of something.
 */
export async function whenEnough(Machine, open) {
  if (!globalThis.document) await Machine.complete?.().catch(() => {});
  try {
    return open();
  } catch (error) {
    if (!Machine.missing || error !== Machine.missing) throw error;
  }
  try {
    await Machine.complete();
  } catch (cause) {
    throw notLoaded(cause);
  }
  return open();
}

/** `seen` gives the snapshot and the events that are accepted, `show` shows others. */
export function openTurns(Machine, seen, show) {
  // What waits, in its order, and how each is refused.
  const waiting = [];
  let completing = false;
  // What was seen before it was covered.
  let covered;

  const isMissing = (error) => error === Machine.missing && error !== undefined;

  async function complete() {
    completing = true;
    try {
      await Machine.complete();
      for (; waiting.length > 0; waiting.shift()) {
        const [[action, refuse]] = waiting;
        try {
          action();
        } catch (error) {
          refuse?.(error);
        }
      }
    } catch (cause) {
      const error = notLoaded(cause);
      // What nobody can ask for again is not lost.
      for (const it of waiting.splice(0)) it[1] ? it[1](error) : waiting.push(it);
      setTimeout(() => waiting.length > 0 && !completing && complete(), AGAIN_MS);
    }
    completing = false;
    if (covered) show(...covered);
    covered = undefined;
  }

  return {
    isMissing,

    /** Does what enters the machine: at once, or when the second part is there, after what waits for it. */
    inTurn(action, refuse) {
      if (waiting.length === 0) {
        try {
          return action();
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }
      waiting.push([action, refuse]);
      if (!completing) complete();
    },

    /** Does what nothing waits for, and once more when the second part is there. */
    aside(action) {
      try {
        action();
      } catch (error) {
        if (isMissing(error)) Machine.complete().then(action).catch(() => {});
      }
    },

    /** Does what may fail, unless it is to be done again. */
    heed(action) {
      try {
        action();
      } catch (error) {
        if (isMissing(error)) throw error;
      }
    },

    /** An event that waits is worked on, as far as the person is concerned. */
    cover(json) {
      if (waiting.length === 0 || covered) return;
      const [snapshot, accepted] = seen();
      const busy = JSON.parse(json)?.type;
      if (!accepted.includes(busy)) return;
      covered = [snapshot, accepted];
      show({ ...snapshot, busy, error: null }, snapshot.step === "signedIn" ? [] : ["cancel"]);
    },

    /** There is another snapshot. */
    uncover: () => (covered = undefined),

    /** Whoever waits is told why it is in vain. */
    end(error) {
      covered = undefined;
      for (const [, refuse] of waiting.splice(0)) refuse?.(error);
    },
  };
}
