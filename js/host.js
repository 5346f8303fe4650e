// What surrounds the machine in a browser: it gives it what has happened, and does what it answers.
// There is no `if` about signing in here. Texts go in and one text comes out: no code of the page
// runs while the machine does.
import { openCopies } from "./copies.js";
import { FlowError, attempt, because, malformedOption, reading } from "./error.js";
import { own, text } from "./json.js";
import { openLock } from "./lock.js";
import { openNetwork } from "./network.js";
import { openStorage, recordOf } from "./storage.js";

/** What the machine is given, by its numbers. */
const [OPEN, EVENT, ASK, REPLY, LOCKED, STORED, WAKE, DISPOSE] = [0, 1, 2, 3, 4, 5, 6, 7];
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
  // The exception of `fetch` that the machine is being told of.
  let failure;
  let current;
  let accepted = [];
  // The exception that the error in the snapshot came from.
  let shown;

  const actions = {
    __proto__: null,
    send: network.send,
    abort: ({ id }) => network.abort(id),
    save: ({ id, record }) => keep(id, record),
    erase: ({ id }) => keep(id, null),
    lock: ({ id }) => lock.acquire(id),
    unlock: ({ id }) => lock.release(id),
    answer({ id, value, error }) {
      const ask = asks.get(id);
      asks.delete(id);
      if (error) ask?.reject(error);
      else ask?.resolve(value ?? undefined);
    },
  };

  // From a timer of the module's: not while it is on the stack.
  let machine = new Machine({ wake: () => queueMicrotask(wake) }, performance);

  // A page that comes back to the front, or out of the cache, has missed its timers; and another
  // tab or frame may have changed a record, or all of them (`clear()`). Workers and Node have less.
  const sources = [
    [globalThis.document, "visibilitychange"],
    [globalThis, "pageshow"],
    [globalThis, "storage"],
  ].filter(([target]) => target?.addEventListener);
  for (const [target, name] of sources) target.addEventListener(name, wake);

  try {
    enter(OPEN, { text: text({ options: json, ...storage.first() }) });
  } catch (error) {
    if (machine) end(error);
    throw error;
  }

  return {
    snapshot: () => current,
    accepts: (name) => machine !== undefined && accepted.includes(name),
    send: (event) => wait(sends, "The event", event, (_ticket, text) => enter(EVENT, { text })),
    ask: (name, given) =>
      wait(asks, "The arguments", given, (id, text) => enter(ASK, { id, name, text })),

    /** Requests are aborted, late answers dropped, and whoever waits is told why. */
    dispose: () => void (machine && end(disposed())),
  };

  /** Runs the machine: what it answers to one input. What it throws is the end of it. */
  function run(kind, input) {
    if (!machine) throw disposed();
    const { id = 0, status = 0, blocked = false, name, text } = own(input);
    depth += 1;
    let thrown;
    try {
      return own(JSON.parse(machine.feed(kind, id, status, blocked, name, text)));
    } catch (error) {
      thrown = error;
    } finally {
      depth -= 1;
    }
    throw broken(thrown);
  }

  /**
   * Runs the machine, and does what it answers: the snapshot first, for what is done then may be
   * code of the page, which looks at it.
   */
  function enter(kind, input) {
    const { error, effects = [], snapshot, accepts } = run(kind, input);
    for (const effect of effects.map(own)) {
      if (effect.error) effect.error = new FlowError(effect.error, causeOf(effect.error));
      if (effect.do === "reject") rejectAll(sends, effect.error);
      else queue.push(() => actions[effect.do](effect));
    }
    if (snapshot) {
      accepted = accepts;
      show(snapshot);
    }
    if (depth === 0 && !working) {
      working = true;
      while (queue.length > 0) attempt(queue.shift());
      working = false;
    }
    if (error) throw new FlowError(error);
  }

  function show(snapshot) {
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
    tell(WAKE, {});
  }

  /** Whatever is asked for is asked of the session that is there, and not of the one that was. */
  function look() {
    if (machine) storage.look((id, text) => enter(STORED, { id, text }));
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

  function replied(cause, reply) {
    failure = cause;
    tell(REPLY, reply);
    failure = undefined;
  }

  function granted(id) {
    const locked = () => tell(LOCKED, { id });
    if (copies) copies.ask(session.held, locked);
    else locked();
  }

  function keep(number, record) {
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
    tell(STORED, { id: SESSION, text: recordOf(to) });
    return true;
  }

  function causeOf({ code }) {
    return OF_FETCH.includes(code) ? because(failure) : undefined;
  }

  /** A machine that throws may be in any state: this flow ends. */
  function broken(cause) {
    const data = { code: "server", message: "The module failed: this flow has ended." };
    const error = new FlowError(data, because(cause));
    if (machine) {
      end(error);
      addCause(data, because(cause));
      if (current) publish({ ...current, busy: null, error: data });
    }
    return error;
  }

  function end(error) {
    const last = machine;
    machine = undefined;
    const drop = () => {
      last.feed(DISPOSE, 0, 0, false);
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
