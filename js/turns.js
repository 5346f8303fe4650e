// Whose turn it is at a module in two parts (lean.js). The class `Machine` then has `complete`, which loads
// the second, and `missing`, which it throws where an input needs that: nothing of the input has happened.
// It waits, and so does what comes after it. A module that is whole has no turns: turns-whole.js.
import { notLoaded, withCause } from "./error.js";
import { own } from "./json.js";

/** So long is waited for the second part, as for an answer of the pool: an `import()` need never end. */
const LATEST_MS = 15_000;
/** After how long it is asked for again, where something waits that nobody else would ask for again. */
const AGAIN_MS = 3000;

/**
 * Opens a flow when enough of the module is there: where no page waits to be shown that is all of it, and
 * elsewhere where a flow begins in the middle of something.
 */
export async function whenEnough(Machine, open) {
  if (!globalThis.document && Machine.complete) await completed(Machine).catch(() => {});
  try {
    return open();
  } catch (error) {
    if (!isMissingOf(Machine, error)) throw error;
  }
  await completed(Machine);
  return open();
}

/** Whether it was thrown for want of the second part; a module that is whole has no such error. */
const isMissingOf = (Machine, error) => error !== undefined && error === Machine.missing;

async function completed(Machine) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("cognito-flow: second.js takes too long")), LATEST_MS);
  });
  try {
    await Promise.race([Machine.complete(), late]);
  } catch (cause) {
    throw notLoaded(cause);
  } finally {
    clearTimeout(timer);
  }
}

/** `seen` gives the snapshot and the events that are accepted, `show` shows others. */
export function openTurns(Machine, seen, show) {
  // What waits, in its order: how it is done, how it is refused, and if it is an event how its sender is
  // given what is seen.
  const waiting = [];
  // The second part is on its way.
  let completing = false;
  let again;
  // What was seen before it was covered, and the event that covers it.
  let covered;
  let covering;

  const isMissing = (error) => isMissingOf(Machine, error);

  async function complete() {
    clearTimeout(again);
    completing = true;
    let lost;
    await completed(Machine).catch((error) => (lost = error));
    // Without the second part, what needs none of it is done all the same.
    const kept = [];
    let isLost = false;
    while (waiting.length > 0) {
      const it = waiting.shift();
      const [action, refuse] = it;
      try {
        action();
      } catch (error) {
        if (!isMissing(error)) refuse?.(error);
        else if (it === covering) isLost = true;
        else if (refuse) refuse(lost);
        // What nobody can ask for again is not lost.
        else kept.push(it);
      }
    }
    waiting.push(...kept);
    if (kept.length > 0) again = setTimeout(complete, AGAIN_MS);
    completing = false;
    if (isLost) tell(lost);
    else reveal();
  }

  function reveal() {
    if (covered) show(...covered);
    covered = undefined;
  }

  /** What has come of the event is seen: that is no misuse, and the same as where the pool cannot be reached. */
  function tell({ code, message, cause }) {
    const [snapshot, accepted] = covered ?? seen();
    covered = undefined;
    show({ ...snapshot, error: withCause({ code, message }, cause) }, accepted);
    covering[2]();
  }

  return {
    isMissing,

    /** Does what enters the machine: at once, or when the second part is there, after what waits for it. */
    inTurn(action, refuse, answer) {
      if (waiting.length === 0) {
        try {
          return action();
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
      }
      waiting.push([action, refuse, answer]);
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
      const { type: busy, autofill } = own(JSON.parse(json));
      const [snapshot, accepted] = seen();
      // What is offered beside a form leaves the form as it is.
      if (autofill || !accepted.includes(busy)) return;
      covered = [snapshot, accepted];
      covering = waiting.at(-1);
      show({ ...snapshot, busy, error: null }, snapshot.step === "signedIn" ? [] : ["cancel"]);
    },

    /** There is another snapshot. */
    uncover: () => (covered = undefined),

    /** Whether an event leaves those that wait: nothing of them has happened, and nothing will. */
    leaves(json) {
      // One with more in it may be malformed, and waits for its turn.
      if (!covered || !seen()[1].includes("cancel") || json !== '{"type":"cancel"}') return false;
      const all = waiting.splice(0);
      waiting.push(...all.filter(([, , answer]) => !answer));
      reveal();
      for (const [, , answer] of all) answer?.();
      return true;
    },

    /** Whoever waits is told why it is in vain. */
    end(error) {
      clearTimeout(again);
      covered = undefined;
      for (const [, refuse] of waiting.splice(0)) refuse?.(error);
    },
  };
}
