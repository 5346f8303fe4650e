// What surrounds the machine in a browser: it gives it what has happened, and does what it asks
// for. There is no `if` about signing in here.
import { thrown } from "./error.js";
import { openNetwork } from "./network.js";
import { openStorage } from "./storage.js";

/** `changed` is called after each change of the snapshot. `Machine` is the module's class. */
export function openHost(Machine, options, changed) {
  const key = `cognito-flow.${options?.userPoolId}.${options?.clientId}`;
  const storage = openStorage(options, key);
  const network = openNetwork(options, (...reply) => machine.reply(...reply));
  const lock = storage.lock((id) => machine.locked(id, storage.read("session")));
  const calls = new Map();
  let tickets = 0;
  let disposed = false;
  const slot = (pending) => (pending ? "pending" : "session");

  const world = {
    send: (...request) => disposed || network.send(...request),
    abort: network.abort,
    save: (pending, record) => storage.write(slot(pending), record),
    erase: (pending) => storage.erase(slot(pending)),
    lock: lock.acquire,
    unlock: lock.release,
    answer(ticket, done, value) {
      const call = calls.get(ticket);
      calls.delete(ticket);
      if (done) call?.resolve(value);
      else call?.reject(thrown(value));
    },
    wake: () => machine.wake(),
    changed: () => disposed || changed(),
  };

  const machine = attempt(
    () =>
      new Machine(options, world, performance, storage.read("session"), storage.read("pending")),
  );

  // A page that comes back to the front, or out of the cache, has missed its timers; and another
  // tab may have changed the session record.
  const noticed = ({ key }) => {
    // Only storage events have a key; `clear()` sends one without.
    if (typeof key !== "string") machine.wake();
    else if (key === storage.sessionKey) machine.sessionChanged(storage.read("session"));
  };
  // Workers and Node have less of this.
  const sources = [
    [globalThis.document, "visibilitychange"],
    [globalThis, "pageshow"],
    [globalThis, "storage"],
  ].filter(([target]) => target?.addEventListener);
  for (const [target, name] of sources) target.addEventListener(name, noticed);

  return {
    start: () => machine.wake(),
    snapshot: () => machine.snapshot(),
    accepts: (name) => machine.accepts(name),
    send: (event) => attempt(() => machine.send(event)),
    call: (name, input) =>
      new Promise((resolve, reject) => {
        const ticket = ++tickets;
        calls.set(ticket, { resolve, reject });
        try {
          machine.call(ticket, name, input);
        } catch (error) {
          calls.delete(ticket);
          reject(thrown(error));
        }
      }),

    /** Requests are aborted, late answers dropped, and whoever waits is told why. */
    dispose(error) {
      disposed = true;
      machine.dispose();
      for (const [target, name] of sources) target.removeEventListener(name, noticed);
      network.abortAll();
      lock.releaseAll();
      for (const { reject } of calls.values()) reject(error);
      calls.clear();
    },
  };
}

function attempt(action) {
  try {
    return action();
  } catch (error) {
    throw thrown(error);
  }
}
