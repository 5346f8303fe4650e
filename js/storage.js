// Where the records are kept: the app's choice for the session, and `sessionStorage` for what
// belongs to this tab.
import { malformedOption } from "./error.js";
import { parseObject } from "./json.js";
import { openLock } from "./lock.js";

export function openStorage(options, key) {
  const choice = options?.storage ?? "memory";
  const session = areaOf(choice);
  const pending = session && new Area(global("sessionStorage"));
  // Other tabs use the same.
  const shared = choice === "session" ? undefined : session;
  const sessionKey = `${key}.session`;
  const slots = {
    session: [session, sessionKey],
    pending: [pending, `${key}.pending`],
  };

  return {
    sessionKey: shared && sessionKey,

    /** The lock of all tabs that use the same. */
    lock: (granted) => openLock(`${key}.lock`, shared, granted),

    /** A record; `null` where there is none; `undefined` where nothing is kept. */
    read(slot) {
      const [area, key] = slots[slot];
      const text = area?.get(key);
      // One that is no JSON object is one that is not ours.
      if (typeof text === "string") return parseObject(text) ?? {};
      // Where a record was kept and is gone, another tab has removed it.
      return area && (slot === "pending" || (shared && area.works)) ? null : undefined;
    },

    write(slot, record) {
      const [area, key] = slots[slot];
      area?.set(key, record);
    },

    erase(slot) {
      const [area, key] = slots[slot];
      area?.remove(key);
    },
  };
}

/** Something like `localStorage`. A full or forbidden one keeps nothing. */
class Area {
  /** It took what was written last. */
  works = true;
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  get(key) {
    return attempt(() => this.#storage.getItem(key));
  }

  set(key, text) {
    this.works = attempt(() => (this.#storage.setItem(key, text), true)) ?? false;
  }

  remove(key) {
    attempt(() => this.#storage.removeItem(key));
  }
}

function areaOf(choice) {
  if (choice === "memory") return undefined;
  if (choice === "session" || choice === "local") return new Area(global(`${choice}Storage`));
  const methods = ["getItem", "setItem", "removeItem"];
  if (methods.every((name) => typeof choice[name] === "function")) return new Area(choice);
  const expected = '"memory", "session", "local" or an object like localStorage';
  throw malformedOption("storage", expected);
}

/** Where it is forbidden, looking at it throws. */
const global = (name) => attempt(() => globalThis[name]);

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
