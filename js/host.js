// What surrounds the machine in a browser: it gives it what has happened, and does what it asks
// for. There is no `if` about signing in here. No code of the page runs while the machine does:
// what it asks for is done when it has returned.
import { openCopies } from "./copies.js";
import { FlowError, attempt, because, isData, malformedOption, reading } from "./error.js";
import { own, text } from "./json.js";
import { openLock } from "./lock.js";
import { openNetwork } from "./network.js";
import { openStorage, recordOf } from "./storage.js";

/** The machine's number of the session's record. */
const SESSION = 0;
/** The errors that can come of an exception of `fetch`. */
const OF_FETCH = ["offline", "outcomeUnknown", "timeout"];

const disposed = () => new FlowError({ code: "disposed", message: "The flow was disposed." });

/** `changed` is called after each change of the snapshot. `Machine` is the module's class. */
export function openHost(Machine, options, changed) {
  const { json, fetch, storage, key } = reading("The options", () => readOptions(options));
  const [session] = storage.slots;
  const network = openNetwork(fetch, replied);
  const lock = openLock(`${key}.lock`, storage.area, granted);
  const copies = storage.isOfTab ? openCopies(`${key}.session`, moved) : undefined;
  // Who waits for an answer, or for an event to be done, by ticket.
  const asks = new Map();
  const sends = new Map();
  let tickets = 0;
  // What the machine asked for and was not done yet.
  const queue = [];
  let working = false;
  // How often the machine is on the stack: more than once if a function of the platform is the page's.
  let depth = 0;
  let dirty = false;
  let rejected;
  // The exception of `fetch` that the machine is being told of.
  let failure;
  let current;
  // The exception that the error in the snapshot came from.
  let shown;
  let machine;

  const later =
    (action) =>
    (...values) =>
      void queue.push(() => action(...values));

  const host = {
    send: later(network.send),
    abort: later(network.abort),
    save: later(keep),
    erase: later(keep),
    lock: later(lock.acquire),
    unlock: later(lock.release),
    answer(ticket, done, value) {
      const result = done ? value : new FlowError(value, causeOf(value));
      queue.push(() => {
        const ask = asks.get(ticket);
        asks.delete(ticket);
        ask?.[done ? "resolve" : "reject"](result);
      });
    },
    reject: (error) => void (rejected = new FlowError(error)),
    // From a timer of the module's: not while it is on the stack.
    wake: () => queueMicrotask(wake),
    changed: () => void (dirty = true),
  };

  machine = start();

  // A page that comes back to the front, or out of the cache, has missed its timers; and another
  // tab or frame may have changed a record, or all of them (`clear()`). Workers and Node have less.
  const sources = [
    [globalThis.document, "visibilitychange"],
    [globalThis, "pageshow"],
    [globalThis, "storage"],
  ].filter(([target]) => target?.addEventListener);
  for (const [target, name] of sources) target.addEventListener(name, wake);

  show();
  enter("wake");

  return {
    snapshot: () => current,
    accepts: (name) => typeof name === "string" && attempt(() => enter("accepts", name)) === true,
    send: (event) => wait(sends, "The event", event, (ticket, json) => enter("send", json)),
    ask: (name, given) =>
      wait(asks, "The arguments", given, (ticket, json) => enter("ask", ticket, name, json)),

    /** Requests are aborted, late answers dropped, and whoever waits is told why. */
    dispose: () => void (machine && end(disposed())),
  };

  function start() {
    const records = storage.slots.map((slot) => slot.first());
    try {
      return new Machine(json, host, performance, ...records);
    } catch (error) {
      throw isData(error) ? new FlowError(error) : broken(error);
    }
  }

  /** Runs the machine. What it throws is misuse, or the end of it. */
  function run(method, ...values) {
    if (!machine) throw disposed();
    depth += 1;
    let thrown;
    try {
      return machine[method](...values);
    } catch (error) {
      thrown = error;
    } finally {
      depth -= 1;
    }
    throw isData(thrown) ? new FlowError(thrown) : broken(thrown);
  }

  /** Runs the machine, and does what it asked for. */
  function enter(...call) {
    try {
      return run(...call);
    } finally {
      if (depth === 0) settle();
    }
  }

  /** The snapshot first: what is done then may be code of the page, which looks at it. */
  function settle() {
    if (rejected) rejectAll(sends, rejected);
    rejected = undefined;
    if (dirty && machine) show();
    if (working) return;
    working = true;
    while (queue.length > 0) attempt(queue.shift());
    working = false;
  }

  function show() {
    dirty = false;
    const snapshot = run("snapshot");
    const { error } = snapshot;
    // Another snapshot can show the same error.
    const before = error?.code === current?.error?.code ? shown : undefined;
    shown = error && (causeOf(error) ?? before);
    if (shown) addCause(error, shown);
    publish(snapshot);
  }

  function publish(snapshot) {
    current = freeze(snapshot);
    resolveSends();
    changed();
  }

  function resolveSends() {
    if (current.busy !== null) return;
    for (const { resolve } of take(sends)) resolve(current);
  }

  /** Takes what no caller waits for: what comes of it is in the snapshot. */
  function tell(...call) {
    attempt(look);
    attempt(() => enter(...call));
  }

  function wake() {
    tell("wake");
  }

  /** Whatever is asked for is asked of the session that is there, and not of the one that was. */
  function look() {
    if (machine) storage.look((slot, record) => enter("stored", slot, record));
  }

  function wait(list, what, value, request) {
    return new Promise((resolve, reject) => {
      const json = reading(what, () => text(value));
      look();
      const ticket = ++tickets;
      list.set(ticket, { resolve, reject });
      try {
        request(ticket, json);
      } catch (error) {
        list.delete(ticket);
        throw error;
      }
      resolveSends();
    });
  }

  function replied(cause, ...reply) {
    failure = cause;
    tell("reply", ...reply);
    failure = undefined;
  }

  function granted(id) {
    const locked = () => tell("locked", id);
    if (copies) copies.ask(session.held, locked);
    else locked();
  }

  function keep(number, record = null) {
    const slot = storage.slots[number];
    const before = slot.held;
    slot.set(record);
    if (copies && slot === session && before !== null && before !== record) {
      copies.tell(before, record);
    }
  }

  /** A copy of this tab went on, or signed out. Says whether that was from where this one is. */
  function moved(from, to) {
    attempt(look);
    if (session.held !== from) return to !== null && session.held === to;
    session.set(to);
    tell("stored", SESSION, recordOf(to));
    return true;
  }

  function causeOf({ code }) {
    return OF_FETCH.includes(code) ? because(failure) : undefined;
  }

  /** An exception that is no error of the machine's: it may be in any state, so this flow ends. */
  function broken(cause) {
    const data = { code: "server", message: "The module failed: this flow has ended." };
    const error = new FlowError(data, because(cause));
    if (machine) {
      end(error);
      addCause(data, because(cause));
      publish({ ...current, busy: null, error: data });
    }
    return error;
  }

  function end(error) {
    const last = machine;
    machine = undefined;
    const drop = () => {
      last.dispose();
      last.free();
    };
    if (depth === 0) attempt(drop);
    else queue.push(drop);
    for (const [target, name] of sources) target.removeEventListener(name, wake);
    network.close();
    lock.close();
    copies?.close();
    rejectAll(asks, error);
    rejectAll(sends, error);
  }
}

function readOptions(options) {
  const given = own(options);
  const { fetch, storage, redirect, userPoolId, clientId } = given;
  const isGiven = fetch !== undefined && fetch !== null;
  if (isGiven && typeof fetch !== "function") throw malformedOption("fetch", "a function");
  const key = `cognito-flow.${userPoolId}.${clientId}`;
  // What the host calls is no text, and none of the machine's.
  const rest = { ...given, fetch: undefined, storage: undefined, passkeys: undefined };
  if (redirect) rest.redirect = { ...redirect, navigate: undefined };
  return { json: text(rest), fetch, storage: openStorage(storage ?? "memory", key), key };
}

function take(list) {
  const all = [...list.values()];
  list.clear();
  return all;
}

function rejectAll(list, error) {
  for (const { reject } of take(list)) reject(error);
}

/** Not among the members that are listed, copied or frozen: it is anybody's object. */
function addCause(data, options) {
  if (options) Object.defineProperty(data, "cause", { __proto__: null, value: options.cause });
}

function freeze(value) {
  if (value !== null && typeof value === "object") Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
