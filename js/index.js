// The package's surface: it loads the module once and makes bound functions, promises and frozen
// snapshots of one machine. Everything about signing in is in the module.
import { FlowError, errorOf, reading } from "./error.js";
import { openHost } from "./host.js";
import { own } from "./json.js";
import { openListeners } from "./listeners.js";
import { load } from "./load.js";

export { FlowError };

export async function createFlow(options) {
  const given = reading(() => own(options));
  const isRedirected = given.redirect != null;
  const [Machine, redirect] = await Promise.all([
    loadMachine(),
    // Whoever does not leave the page does not load how.
    isRedirected && import("./redirect.js"),
  ]);
  const { changed, subscribe, clear } = openListeners();
  const host = openHost(Machine, given, changed, isRedirected ? redirect.openRedirect : undefined);
  const { snapshot, accepts, send, ask, redirectState, dispose: end } = host;

  const dispose = () => {
    clear();
    end();
  };

  const flow = {
    snapshot,
    subscribe,
    send,
    accepts,
    session: (options) => ask("session", { refresh: own(options).refresh }),
    account: Object.freeze({
      mfaPreference: () => ask("mfaPreference", {}),
      setMfaPreference: (preference) => ask("setMfaPreference", { preference }),
      startTotp: () => ask("startTotp", {}),
      confirmTotp: (code, options) => {
        const { deviceName, as } = own(options);
        return ask("confirmTotp", { code, deviceName, as });
      },
      updateAttributes: (attributes) => ask("updateAttributes", { attributes }),
      deleteAttributes: (names) => ask("deleteAttributes", { names }),
      changePassword: (current, next) => ask("changePassword", { current, next }),
      deleteUser: () => ask("deleteUser", {}),
      factors: () => ask("factors", {}),
      sessions: () => ask("sessions", {}),
      endSession: (id) => ask("endSession", { id }),
      devices: () => ask("devices", {}),
      rememberDevice: () => ask("rememberDevice", {}),
      forgetDevice: (key) => ask("forgetDevice", { key }),
      passkeys: () => ask("passkeys", {}),
      createPasskey: () => ask("createPasskey", {}),
      deletePasskey: (id) => ask("deletePasskey", { id }),
    }),
    redirectState,
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
