// Where the records are kept: the app's choice for the session and the devices, and
// `sessionStorage` for what belongs to this tab.
import { attempt, malformedOption } from "./error.js";
import { PENDING, SESSION, objectText } from "./json.js";

/** The records, at the machine's numbers. */
const SLOTS = ["session", "pending", "devices"];

/** The three that `localStorage` has. */
const METHODS = ["getItem", "setItem", "removeItem"];

export function openStorage(choice, key) {
  const chosen = areaOf(choice, key);
  const tab = choice === "memory" ? undefined : builtIn("session");
  const slots = SLOTS.map((name, number) =>
    openSlot(number === PENDING ? tab : chosen, `${key}.${name}`),
  );
  if (choice === "local") {
    slots[SESSION] = openEither(slots[SESSION], openSlot(tab, `${key}.tabSession`));
  }

  return {
    /** What is shared with other flows, if anything is. */
    area: chosen,
    /** Whether only the documents of this tab share the session. */
    isOfTab: () => choice === "session" ? chosen !== undefined : slots[SESSION].isOfTab(),
    slots,

    /** The records as they are at the beginning, by name. */
    first: () => Object.fromEntries(SLOTS.map((name, number) => [name, slots[number].first()])),

    /** Tells what others have changed since the last look: a slot's number and its record. */
    look(told) {
      // Called from one of its methods, which has not done its work yet.
      if (chosen?.inUse) return;
      slots.forEach((slot, number) => {
        const record = number === PENDING ? undefined : slot.look();
        if (record !== undefined) told(number, record);
      });
    },
  };
}

/** A record as the machine takes it: one that is no JSON object is one that is not ours. */
export const recordOf = (raw) => (raw === null ? "" : (objectText(raw) ?? "{}"));

/** One record in its place. A write counts when it reads back, whatever the storage says of it. */
function openSlot(area, key) {
  // What this flow last saw in the storage; `undefined` if that could not be said.
  let seen;
  // What was written last is there. Where it is not, nothing is kept, which is not "gone".
  let isKept = false;

  const see = () => (seen = area?.get(key));

  const put = (raw) => {
    if (see() === raw) return true;
    area?.use("setItem", key, raw);
    return see() === raw;
  };

  /** What cannot be removed is at least made empty. */
  const clear = () => {
    area?.use("removeItem", key);
    if (see() !== null) put("");
  };

  /** From now on the flow goes by what it saw. */
  const take = () => {
    isKept = true;
    slot.held = seen;
    return recordOf(seen);
  };

  const slot = {
    /** The record that the flow goes by: it wrote it, or was told of it. */
    held: null,

    /** Whether it is kept apart from those that all tabs see. */
    isOfTab: () => false,

    /** The record at the beginning; `undefined` where nothing is kept. */
    first: () => (see() === undefined ? undefined : take()),

    /** The record if somebody else has changed it; `undefined` if not, or if nobody can say. */
    look() {
      const before = seen;
      if (see() === undefined) seen = before;
      // What may be left of a write that failed is no news, nor is that it is gone.
      const isNews = seen !== before && before !== undefined && (seen !== null || isKept);
      return isNews ? take() : undefined;
    },

    /** Takes the place of the record; `null` removes it. */
    set(raw) {
      slot.held = raw;
      if (raw !== null) {
        // The older record makes room. Nor may it outlive the new one: its token may be spent.
        isKept = put(raw) || (clear(), put(raw));
        if (isKept) return;
      }
      clear();
    },
  };
  return slot;
}

/** A record that is where all tabs see it, or in this tab alone, as it was last written. */
function openEither(everywhere, ofTab) {
  let place = everywhere;
  const either = {
    held: null,
    isOfTab: () => place === ofTab,

    first() {
      if (ofTab.first()) place = ofTab;
      const record = place.first();
      either.held = place.held;
      return record;
    },

    look() {
      const record = place.look();
      either.held = place.held;
      return record;
    },

    set(raw, inTab) {
      // What stays where it is is written over, and is never gone in between: frames of the tab would see it.
      if (raw !== null && either.isOfTab() !== inTab) {
        // Those who are signed in elsewhere stay so.
        if (!inTab) ofTab.set(null);
        place = inTab ? ofTab : everywhere;
      }
      place.set(raw);
      either.held = raw;
      // What the others have kept meanwhile is no news.
      if (raw === null && either.isOfTab()) (place = everywhere).first();
    },
  };
  return either;
}

/** Something like `localStorage`. Its methods are the app's: they may fail, and call the flow. */
function openArea(storage) {
  const area = {
    inUse: false,

    /** A text; `null` where there is none; `undefined` where that cannot be said. */
    get(key) {
      const value = area.use("getItem", key) ?? null;
      return value === null || typeof value === "string" ? value : undefined;
    },

    /** What a method gives; what fails gives what `get` cannot take for an answer. */
    use(method, ...values) {
      const before = area.inUse;
      area.inUse = true;
      try {
        return storage[method](...values);
      } catch {
        return NaN;
      } finally {
        area.inUse = before;
      }
    },
  };
  return area;
}

function areaOf(choice, key) {
  if (choice === "memory") return undefined;
  if (choice === "session" || choice === "local") return builtIn(choice);
  const area = openArea(choice);
  if (!METHODS.every((name) => isAtOnce(choice[name], name)) || isObject(area.use("getItem", key))) {
    const expected = '"memory", "session", "local" or an object like localStorage, without promises';
    throw malformedOption("storage", expected);
  }
  return area;
}

const isObject = (value) => typeof value === "object" && value !== null;

/** A function that is no `async` one: nobody could say what its storage keeps. */
const isAtOnce = (method, name) =>
  typeof method === "function" &&
  method !== Object.prototype[name] &&
  method[Symbol.toStringTag] !== "AsyncFunction";

/** Where it is forbidden, looking at it throws; where there is none, nothing is kept. */
function builtIn(kind) {
  const storage = attempt(() => globalThis[`${kind}Storage`]);
  return storage ? openArea(storage) : undefined;
}
