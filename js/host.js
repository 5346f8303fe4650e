// What surrounds the machine in a browser: it gives it what has happened, and does what it answers.
// There is no `if` about signing in here. Texts go in and one text comes out: no code of the page
// runs while the machine does.
import { openCopies } from "./copies.js";
import { attempt, errorOf, malformedOption, reading, withCause } from "./error.js";
import {
  ASK,
  EVENT,
  IDLE,
  LOCKED,
  OPEN,
  PASSKEY,
  REPLY,
  RETURNED,
  SESSION,
  STORED,
  WAKE,
  own,
  text,
} from "./json.js";
import { openLock } from "./lock.js";
import { openNetwork } from "./network.js";
import { openStorage, recordOf } from "./storage.js";
import { openTurns } from "./turns.js";

/** The errors that can come of an exception of `fetch`, of `navigator.credentials`, of leaving the page. */
const OF_FETCH = ["offline", "outcomeUnknown", "timeout"];
const OF_PASSKEYS = ["passkeyFailed", "passkeyUnsupported", "server"];
const OF_LEAVING = ["redirectFailed"];
/**
 * A page that comes back to the front, or out of the cache, has missed its timers; and another tab or
 * frame may have changed a record, or all of them (`clear()`).
 */
const NEWS = ["visibilitychange", "pageshow", "storage"];

const disposed = () => errorOf({ code: "disposed", message: "The flow was disposed." });

/**
 * `changed` is called after each change of the snapshot. `Machine` is the module's class, `openRedirect`
 * what leaves the page and comes back, where the options have that.
 */
export function openHost(Machine, options, changed, openRedirect) {
  const [json, key, fetch, storage, credentials, redirect] = reading(() => readOptions(options, openRedirect));
  const session = storage.slots[SESSION];
  const records = storage.first();
  const network = openNetwork(fetch, redirect, replied);
  const lock = openLock(`${key}.lock`, storage.area, granted);
  const copies = openCopies(storage.isOfTab, `${key}.session`, moved);
  // Who waits for an answer, or for an event to be done, by ticket.
  const asks = new Map();
  const sends = new Map();
  let tickets = 0;
  // Records that others have changed, of which the machine has not heard yet.
  const news = [];
  // With what it has refused the last of them: the session is not the one that it was.
  let change;
  // What the machine asked for and was not done yet.
  const queue = [];
  let working = false;
  // How often the machine is on the stack: more than once if a function of the platform is the page's.
  let depth = 0;
  // The exception of the platform that the machine is being told of, and the errors it can become.
  let failure;
  let failures = [];
  let current;
  let accepted;
  // The exception that the error in the snapshot came from.
  let shown;

  /** What none of the page's code is called for. */
  const atOnce = {
    __proto__: null,
    answer: (ticket, value) => settle(ticket, ({ resolve }) => resolve(value ?? undefined)),
    refuse: (ticket, error) => settle(ticket, ({ reject }) => reject(errorOf(error, causeOf(error)))),
    reject: (_number, error) => rejectAll(sends, errorOf(error)),
    show(snapshot, accepts) {
      turns.uncover();
      accepted = accepts;
      const { error } = snapshot;
      // Another snapshot can show the same error.
      if (error?.code !== current?.error?.code) shown = undefined;
      shown = causeOf(error) ?? shown;
      withCause(error, shown);
      publish(snapshot);
    },
  };
  const later = {
    __proto__: null,
    send: network.send,
    abort: network.abort,
    save: keep,
    erase: (slot) => keep(slot, null),
    lock: lock.acquire,
    unlock: lock.release,
    redirect: leave,
    passkey: prompt,
    unknown: (_number, ...passkey) =>
      passkeys()
        .then(({ forget }) => forget(...passkey))
        .catch(() => {}),
  };

  const turns = openTurns(
    Machine,
    () => [current, accepted],
    (snapshot, accepts) => {
      accepted = accepts;
      publish(snapshot);
    },
  );

  // From a timer of the module's: not while it is on the stack.
  let machine = new Machine({ wake: () => queueMicrotask(wake) }, performance);

  listen("add");
  try {
    enter(OPEN, 0, text({ options: json, ...records }));
    const back = redirect?.back();
    if (back) turns.inTurn(() => enter(RETURNED, 0, text(back)));
    whenIdle(() => turns.aside(() => enter(IDLE)));
  } catch (error) {
    end(error);
    throw error;
  }

  return {
    /** When there is a snapshot that is worth showing. */
    ready: new Promise((resolve) => turns.inTurn(resolve, resolve)),
    snapshot: () => current,
    accepts: (name) => machine !== undefined && accepted.includes(name),
    send: (event) => wait(sends, EVENT, event),
    ask: (name, given) => wait(asks, ASK, given, name),
    redirectState: () => redirect?.state() ?? null,

    /** Requests are aborted, late answers dropped, and whoever waits is told why. */
    dispose: () => end(disposed()),
  };

  /**
   * Runs the machine, and does what it answers: last what may call code of the page, which then sees
   * the snapshot. What the machine throws is the end of it.
   */
  function enter(kind, number = 0, text, name, status = 0, blocked = false) {
    if (!machine) throw disposed();
    let said;
    let thrown;
    depth += 1;
    try {
      said = JSON.parse(machine.feed(kind, number, status, blocked, name, text));
    } catch (cause) {
      thrown = { cause };
    }
    depth -= 1;
    if (thrown) throw turns.isMissing(thrown.cause) ? thrown.cause : broken(thrown.cause);

    let misuse;
    for (const [what, ...given] of said) {
      if (what === "misuse") [misuse] = given;
      else if (what in atOnce) atOnce[what](...given);
      else queue.push(() => later[what](...given));
    }
    if (depth === 0 && !working) {
      working = true;
      while (queue.length > 0) attempt(queue.shift());
      working = false;
    }
    if (!misuse) return;
    const error = errorOf(misuse);
    if (kind === STORED) change = error;
    throw error;
  }

  function settle(ticket, how) {
    attempt(() => how(asks.get(ticket)));
    asks.delete(ticket);
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
  function tell(...input) {
    turns.inTurn(() => hear(input));
  }

  function hear(input) {
    turns.heed(look);
    turns.heed(() => enter(...input));
  }

  function wake() {
    tell(WAKE);
  }

  /** Whatever is asked for is asked of the session that is there, and not of the one that was. */
  function look() {
    if (machine) storage.look((slot, text) => news.push([slot, text]));
    while (news.length > 0) {
      const first = news.shift();
      try {
        enter(STORED, ...first);
      } catch (error) {
        if (turns.isMissing(error)) news.unshift(first);
        throw error;
      }
    }
  }

  function wait(list, kind, value, name) {
    return new Promise((resolve, reject) => {
      const json = reading(() => text(value));
      const isEvent = kind === EVENT;
      const answer = () => resolve(current);
      if (isEvent && turns.leaves(json)) return answer();
      const before = change;
      const action = () => {
        look();
        // Another session has come while this waited: what was asked of the one before is not for it.
        if (change !== before) throw change;
        const ticket = ++tickets;
        list.set(ticket, { resolve, reject });
        try {
          enter(kind, ticket, json, name);
        } catch (error) {
          list.delete(ticket);
          throw error;
        }
        resolveSends();
      };
      turns.inTurn(action, reject, isEvent ? answer : undefined);
      if (isEvent) turns.cover(json);
    });
  }

  function replied(id, status, body, name, blocked, cause) {
    because(OF_FETCH, cause, REPLY, id, body, name, status, blocked);
  }

  /** Tells what has come of an exception of the platform, or of none. */
  function because(codes, cause, ...input) {
    turns.inTurn(() => {
      [failures, failure] = [codes, cause];
      try {
        hear(input);
      } finally {
        failure = undefined;
      }
    });
  }

  /** Leaves the page; or says why it is still there. */
  function leave(_number, to) {
    try {
      redirect.leave(to);
    } catch (cause) {
      because(OF_LEAVING, cause, RETURNED, 0, '{"error":""}');
    }
  }

  /** Asks the browser for a passkey. */
  async function prompt(id, ...wanted) {
    if (!machine) return;
    const signal = network.begin(id);
    // Whatever fails, the person is not to wait for it for ever.
    const [credential, name = "Error", cause] = await passkeys()
      .then(({ passkey }) => passkey(credentials, signal, ...wanted))
      .catch((cause) => [undefined, "Error", cause]);
    const json = attempt(() => text(credential, Infinity));
    if (network.done(id)) because(OF_PASSKEYS, cause, PASSKEY, id, json, name);
  }

  function granted(id) {
    copies.ask(session.held, () => tell(LOCKED, id));
  }

  function keep(number, record, inTab) {
    const slot = storage.slots[number];
    const before = slot.held;
    const wasOfTab = storage.isOfTab();
    slot.set(record, inTab);
    if (slot === session && (wasOfTab || storage.isOfTab())) copies.tell(before, record);
  }

  /** A copy of this tab went on, or signed out. Says whether that was from where this one is. */
  function moved(from, to) {
    attempt(look);
    if (session.held !== from) return to !== null && session.held === to;
    session.set(to, storage.isOfTab());
    tell(STORED, SESSION, recordOf(to));
    return true;
  }

  function causeOf(error) {
    return failures.includes(error?.code) ? failure : undefined;
  }

  /** A machine that throws may be in any state: this flow ends. */
  function broken(cause) {
    const data = { code: "server", message: "The module failed: this flow has ended." };
    const error = errorOf(data, cause);
    if (machine) {
      end(error);
      if (current) publish({ ...current, busy: null, error: withCause(data, cause) });
    }
    return error;
  }

  /** Once, by whatever comes first. */
  function end(error) {
    if (!machine) return;
    const last = machine;
    machine = undefined;
    const drop = () => last.free();
    if (depth === 0) attempt(drop);
    else queue.push(drop);
    listen("remove");
    for (const part of [network, lock, copies]) part.close();
    rejectAll(asks, error);
    rejectAll(sends, error);
    turns.end(error);
  }

  /** Wherever it happens (captured, for not all of it bubbles); Node has nothing to listen to. */
  function listen(how) {
    for (const name of NEWS) globalThis[`${how}EventListener`]?.(name, wake, true);
  }
}

/** The machine's options as text, the key of what is kept, and what the host itself calls. */
function readOptions(options, openRedirect) {
  // None of the three is text, and none of them the machine's.
  const { fetch, storage, passkeys, ...rest } = own(options);
  const { redirect, issuer, userPoolId, clientId, profile = "" } = own(rest);
  if (typeof profile !== "string") throw malformedOption("profile", "a string");
  if (fetch != null && typeof fetch !== "function") throw malformedOption("fetch", "a function");
  const has = (name) => typeof passkeys[name] === "function";
  if (passkeys != null && !["create", "get"].every(has)) {
    throw malformedOption("passkeys", "an object with the functions `create` and `get`");
  }
  // Where the codes of an authenticator app are for.
  rest.issuer = issuer ?? globalThis.location?.hostname;
  const key = `cognito-flow.${userPoolId}.${clientId}${profile && `/${profile}`}`;
  const elsewhere = openRedirect?.(redirect, clientId, key, malformedOption);
  if (redirect) rest.redirect = { ...redirect, navigate: undefined };
  return [text(rest), key, fetch, openStorage(storage ?? "memory", key), passkeys ?? undefined, elsewhere];
}

/** Not while the page is being drawn: what is made ready costs some milliseconds. */
function whenIdle(action) {
  const { requestIdleCallback } = globalThis;
  // Safari does not tell when that is.
  if (requestIdleCallback) requestIdleCallback(action);
  else setTimeout(action, 500);
}

/** Rarely needed, so not loaded with the rest. */
const passkeys = () => import("./passkeys.js");

function take(list) {
  const all = [...list.values()];
  list.clear();
  return all;
}

function rejectAll(list, error) {
  for (const { reject } of take(list)) reject(error);
}

function freeze(value) {
  if (value !== null && typeof value === "object") Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
