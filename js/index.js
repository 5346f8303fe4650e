// The package's surface: it loads the module once and makes bound functions, promises and frozen
// snapshots of one machine. Everything about signing in is in the module.
import { FlowError, errorOf, reading } from "./error.js";
import { openHost } from "./host.js";
import { own } from "./json.js";
import { openListeners } from "./listeners.js";
import { load } from "./load.js";
import { whenEnough } from "./turns.js";

export { FlowError };

const nothing = () => ({});
const byId = (id) => ({ id });
/** The calls of the account: of what each is given, what the machine reads by which name. */
const OF_ACCOUNT = {
  mfaPreference: nothing,
  startTotp: nothing,
  deleteUser: nothing,
  factors: nothing,
  sessions: nothing,
  devices: nothing,
  rememberDevice: nothing,
  passkeys: nothing,
  createPasskey: nothing,
  deletePasskey: byId,
  endSession: byId,
  forgetDevice: (key) => ({ key }),
  setMfaPreference: (preference) => ({ preference }),
  updateAttributes: (attributes) => ({ attributes }),
  deleteAttributes: (names) => ({ names }),
  changePassword: (current, next) => ({ current, next }),
  confirmTotp: (code, options) => {
    const { deviceName, as } = own(options);
    return { code, deviceName, as };
  },
};

export async function createFlow(options) {
  const given = reading(() => own(options));
  const isRedirected = given.redirect != null;
  const [Machine, redirect] = await Promise.all([
    loadMachine(),
    // Whoever does not leave the page does not load how.
    isRedirected && import("./redirect.js"),
  ]);
  const { changed, subscribe, clear } = openListeners();
  const host = await whenEnough(Machine, () =>
    openHost(Machine, given, changed, isRedirected ? redirect.openRedirect : undefined),
  );
  const { ask, dispose: end, ready, ...itself } = host;
  await ready;

  const dispose = () => {
    clear();
    end();
  };

  // What is given may run code of the page's: what that throws is what the promise rejects with.
  const call = (name, takes) => async (...given) => ask(name, reading(() => takes(...given)));
  const calls = Object.entries(OF_ACCOUNT).map(([name, takes]) => [name, call(name, takes)]);
  const flow = {
    // snapshot, send, accepts, redirectState
    ...itself,
    subscribe,
    session: call("session", (options) => ({ refresh: own(options).refresh })),
    account: Object.freeze(Object.fromEntries(calls)),
    dispose,
  };
  if (Symbol.dispose) flow[Symbol.dispose] = dispose;
  return Object.freeze(flow);
}

async function loadMachine() {
  try {
    return await load();
  } catch (cause) {
    const { CompileError } = globalThis.WebAssembly ?? {};
    if (CompileError && !(cause instanceof CompileError)) throw cause;
    const message =
      "WebAssembly with SIMD is needed, and a content security policy that lets it compile.";
    throw errorOf({ code: "unsupported", message }, cause);
  }
}
