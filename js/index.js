// The package's surface: it loads the module once and makes bound functions, promises and frozen
// snapshots of one machine. Everything about signing in is in the module.
import { FlowError } from "./error.js";
import { openHost } from "./host.js";
import { load } from "./load.js";

export { FlowError };

export async function createFlow(options) {
  const Machine = await load();
  const listeners = new Map();
  const waiting = [];
  let current;
  let told = true;
  let disposed = false;

  // Listeners are told from a microtask, once for all that has changed by then.
  const tell = () => {
    told = true;
    for (const listener of [...listeners.values()]) {
      if (disposed) return;
      try {
        listener();
      } catch (error) {
        // One listener's fault harms neither the flow nor the others.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };

  const changed = () => {
    current = freeze(host.snapshot());
    if (current.busy === null) {
      for (const { resolve } of waiting.splice(0)) resolve(current);
    }
    if (told) {
      told = false;
      queueMicrotask(tell);
    }
  };

  const host = openHost(Machine, options, changed);
  host.start();
  current = freeze(host.snapshot());

  const call = (name, input = {}) => host.call(name, input);

  const dispose = () => {
    if (disposed) return;
    disposed = true;
    listeners.clear();
    const error = new FlowError({ code: "disposed", message: "The flow was disposed." });
    host.dispose(error);
    for (const { reject } of waiting.splice(0)) reject(error);
  };

  const flow = {
    snapshot: () => current,
    subscribe(listener) {
      const key = {};
      if (!disposed) listeners.set(key, listener);
      return () => void listeners.delete(key);
    },
    send: (event) =>
      new Promise((resolve, reject) => {
        host.send(event);
        if (current.busy === null) resolve(current);
        else waiting.push({ resolve, reject });
      }),
    accepts: (type) => host.accepts(String(type)),
    session: () => call("session"),
    account: Object.freeze({
      mfaPreference: () => call("mfaPreference"),
      setMfaPreference: (preference) => call("setMfaPreference", { preference }),
      updateAttributes: (attributes) => call("updateAttributes", { attributes }),
      deleteAttributes: (names) => call("deleteAttributes", { names }),
      changePassword: (current, next) => call("changePassword", { current, next }),
      deleteUser: () => call("deleteUser"),
    }),
    dispose,
  };
  if (Symbol.dispose) flow[Symbol.dispose] = dispose;
  return Object.freeze(flow);
}

function freeze(value) {
  if (value !== null && typeof value === "object") Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
