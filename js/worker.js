// A flow that lives in a worker: the page sees snapshots and, where it asks for them, short-lived tokens,
// and never the refresh token, nor any memory that holds it. Both ends of the messages are here.
import { FlowError, errorOf, malformed } from "./error.js";
import { own } from "./json.js";
import { openListeners } from "./listeners.js";

export { FlowError };

/** Of whom a message is: others may use the same worker. */
const OURS = "cognito-flow";

/** What a page may call, by its name. */
const OF_ACCOUNT = [
  "changePassword",
  "confirmTotp",
  "createPasskey",
  "deleteAttributes",
  "deletePasskey",
  "deleteUser",
  "devices",
  "endSession",
  "factors",
  "forgetDevice",
  "mfaPreference",
  "passkeys",
  "rememberDevice",
  "sessions",
  "setMfaPreference",
  "startTotp",
  "updateAttributes",
];
const EVENTS = [
  "answerChallenge",
  "cancel",
  "confirmSignUp",
  "forgotPassword",
  "resendCode",
  "resetPassword",
  "selectFactor",
  "setNewPassword",
  "setUpEmail",
  "signIn",
  "signInWithRedirect",
  "signOut",
  "signUp",
  "skipVerification",
  "submitCode",
  "submitPassword",
  "usePasskey",
  "verifyAttribute",
];

export function serveFlow(loading, port = globalThis) {
  let shown;
  // How each connection of this port ends, by its name.
  const ends = new Map();

  const post = (message) => port.postMessage({ of: OURS, ...message });

  /** The page's snapshot is never older than what it is answered. */
  const show = (flow) => {
    const snapshot = flow.snapshot();
    if (snapshot === shown) return;
    shown = snapshot;
    post({ snapshot, accepted: EVENTS.filter((type) => flow.accepts(type)) });
  };

  const open = (flow, connection) => {
    shown = undefined;
    ends.set(connection, flow.subscribe(() => show(flow)));
  };

  const close = (connection) => {
    ends.get(connection)?.();
    ends.delete(connection);
  };

  const call = (flow, name, given) => {
    if (name === "send") return flow.send(given[0]);
    if (name === "session") return flow.session(given[0]);
    if (name === "open") return open(flow, given[0]);
    if (name === "close") return close(given[0]);
    if (OF_ACCOUNT.includes(name)) return flow.account[name](...given);
    throw malformed("There is no such call.");
  };

  const answer = async ({ id, name, given }) => {
    try {
      const flow = await loading;
      const value = await call(flow, name, Array.isArray(given) ? given : []);
      show(flow);
      // The very snapshot that the page has is named, not sent again.
      post(value === shown ? { id, isShown: true } : { id, value });
    } catch (error) {
      const { code = "server", server, retryAt, attribute } = own(error);
      const message = String(error?.message ?? "The call failed.");
      post({ id, error: { code, message, server, retryAt, attribute } });
    }
  };

  port.addEventListener("message", ({ data }) => {
    if (own(data).of === OURS) answer(data);
  });
  port.start?.();
}

export async function connectFlow(port) {
  const waiting = new Map();
  const { changed, subscribe, clear } = openListeners();
  // One that comes later on this port is not answered for one before, of whichever copy of this script it is.
  const connection = Math.random();
  let ids = 0;
  let isOpen = true;
  let current;
  let accepted;

  const call = (name, ...given) =>
    new Promise((resolve, reject) => {
      if (!isOpen) throw disposed();
      const id = `${connection} ${++ids}`;
      try {
        port.postMessage({ of: OURS, id, name, given });
      } catch (cause) {
        throw malformed("What was given cannot be sent to the worker.", cause);
      }
      waiting.set(id, { resolve, reject });
    });

  const heard = ({ data }) => {
    const { of, id, snapshot, accepted: types, error, isShown, value } = own(data);
    if (of !== OURS) return;
    if (snapshot) {
      current = freeze(snapshot);
      accepted = types;
      changed();
      return;
    }
    const waits = waiting.get(id);
    waiting.delete(id);
    if (error) waits?.reject(errorOf(withoutBlanks(error)));
    else waits?.resolve(isShown ? current : freeze(value));
  };

  const end = (error) => {
    isOpen = false;
    clear();
    port.removeEventListener("message", heard);
    port.removeEventListener("error", failed);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  const failed = ({ message }) => {
    const text = message ? `The worker failed: ${message}` : "The worker did not start.";
    if (!current) end(errorOf({ code: "unsupported", message: text }));
  };

  const dispose = () => {
    // What it answers is heard by nobody.
    call("close", connection).catch(() => {});
    end(disposed());
  };

  port.addEventListener("message", heard);
  port.addEventListener("error", failed);
  port.start?.();
  await call("open", connection);

  const flow = {
    snapshot: () => current,
    subscribe,
    send: (event) => call("send", event),
    accepts: (type) => isOpen && accepted.includes(type),
    session: (options) => call("session", options),
    account: Object.freeze(
      Object.fromEntries(OF_ACCOUNT.map((name) => [name, (...given) => call(name, ...given)])),
    ),
    redirectState: () => null,
    dispose,
  };
  if (Symbol.dispose) flow[Symbol.dispose] = dispose;
  return Object.freeze(flow);
}

const disposed = () => errorOf({ code: "disposed", message: "The flow was disposed." });

const withoutBlanks = (data) => Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));

function freeze(value) {
  if (value !== null && typeof value === "object") Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
