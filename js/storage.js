// Where the records are kept: the app's choice for the session and the devices, and
// `sessionStorage` for what belongs to this tab.
import { attempt, malformedOption } from "./error.js";
import { objectText } from "./json.js";

/** The records by the machine's numbers, and the one that is never anywhere but in this tab. */
const SLOTS = ["session", "pending", "devices"];
const PENDING = 1;

/** The three that `localStorage` has. */
const METHODS = ["getItem", "setItem", "removeItem"];

export function openStorage(choice, key) {
  const chosen = areaOf(choice, key);
  const tab = choice === "memory" ? undefined : builtIn("session");
  const slots = SLOTS.map(
    (name, number) => new Slot(number === PENDING ? tab : chosen, `${key}.${name}`),
  );

  return {
    /** What is shared with other flows, if anything is. */
    area: chosen,
    /** Whether only the documents of this tab share it. */
    isOfTab: chosen !== undefined && choice === "session",
    slots,

    /** Tells what others have changed since the last look: a slot's number and its record. */
    look(told) {
      // Called from one of its methods, which has not done its work yet.
      if (chosen?.inUse) return;
      for (const [number, slot] of slots.entries()) {
        const record = number === PENDING ? undefined : slot.look();
        if (record !== undefined) told(number, record);
      }
    },
  };
}

/** A record as the machine takes it: one that is no JSON object is one that is not ours. */
export const recordOf = (raw) => (raw === null ? "" : (objectText(raw) ?? "{}"));

/** One record in its place. A write counts when it reads back, whatever the storage says of it. */
class Slot {
  /** The record that the flow goes by: it wrote it, or was told of it. */
  held = null;
  /** What this flow last saw in the storage; `undefined` if that could not be said. */
  #seen;
  /** What was written last is there. Where it is not, nothing is kept, which is not "gone". */
  #kept = false;
  #area;
  #key;

  constructor(area, key) {
    this.#area = area;
    this.#key = key;
  }

  /** The record at the beginning; `undefined` where nothing is kept. */
  first() {
    const raw = this.#see();
    if (raw === undefined) return undefined;
    this.#kept = true;
    this.held = raw;
    return recordOf(raw);
  }

  /** The record if somebody else has changed it; `undefined` if not, or if nobody can say. */
  look() {
    const before = this.#seen;
    const raw = this.#area?.get(this.#key);
    if (raw === undefined || raw === before) return undefined;
    this.#seen = raw;
    // What may be left of a write that failed is no news, nor is that it is gone.
    if (before === undefined || (raw === null && !this.#kept)) return undefined;
    this.#kept = true;
    this.held = raw;
    return recordOf(raw);
  }

  /** Takes the place of the record; `null` removes it. */
  set(raw) {
    this.held = raw;
    if (raw === null) this.#clear();
    else this.#write(raw);
  }

  #write(raw) {
    // The older record makes room. Nor may it outlive the new one: its token may be spent.
    this.#kept = this.#put(raw) || (this.#clear(), this.#put(raw));
    if (!this.#kept) this.#clear();
  }

  #see() {
    return (this.#seen = this.#area?.get(this.#key));
  }

  #put(raw) {
    if (this.#see() === raw) return true;
    this.#area?.use("setItem", this.#key, raw);
    return this.#see() === raw;
  }

  /** What cannot be removed is at least made empty. */
  #clear() {
    this.#area?.use("removeItem", this.#key);
    if (this.#see() !== null) this.#put("");
  }
}

/** Something like `localStorage`. Its methods are the app's: they may fail, and call the flow. */
class Area {
  inUse = false;
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  /** A text; `null` where there is none; `undefined` where that cannot be said. */
  get(key) {
    const value = this.use("getItem", key) ?? null;
    return value === null || typeof value === "string" ? value : undefined;
  }

  /** What a method gives; what fails gives what `get` cannot take for an answer. */
  use(method, ...values) {
    const before = this.inUse;
    this.inUse = true;
    try {
      return this.#storage[method](...values);
    } catch {
      return NaN;
    } finally {
      this.inUse = before;
    }
  }
}

function areaOf(choice, key) {
  if (choice === "memory") return undefined;
  if (choice === "session" || choice === "local") return builtIn(choice);
  const area = new Area(choice);
  if (METHODS.some((name) => !isAtOnce(choice[name], name)) || isObject(area.use("getItem", key))) {
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
  Object.prototype.toString.call(method) !== "[object AsyncFunction]";

/** Where it is forbidden, looking at it throws; where there is none, nothing is kept. */
function builtIn(kind) {
  const storage = attempt(() => globalThis[`${kind}Storage`]);
  return storage ? new Area(storage) : undefined;
}
