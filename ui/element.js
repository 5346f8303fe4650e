// `<cognito-sign-in>`: the forms as an element. `<cognito-account>`: who is signed in, and nothing else.
import { FLOW_OPTIONS, mountSignIn } from "./mount.js";

/** Attributes that another flow is made for. */
const OF_THE_FLOW = {
  "user-pool-id": "userPoolId",
  "client-id": "clientId",
  endpoint: "endpoint",
  storage: "storage",
  profile: "profile",
  "sign-in-with": "signInWith",
};

/** Attributes that the same flow is shown anew for. */
const OF_THE_FORMS = {
  lang: "lang",
  navigation: "navigation",
  start: "start",
  theme: "theme",
  "username-is": "usernameIs",
};

/** Where there is no page, on a server, the module can be loaded and the elements cannot be made. */
const Base = globalThis.HTMLElement ?? class {};

/** A flow that was made for an element that is no more. With a session, the app may have taken it. */
const forgotten = new FinalizationRegistry((flow) => {
  if (flow.snapshot().step !== "signedIn") flow.dispose();
});

/** `<cognito-sign-in>` */
export class CognitoSignIn extends Base {
  static observedAttributes = [...Object.keys(OF_THE_FLOW), ...Object.keys(OF_THE_FORMS), "no-sign-up"];

  #options = {};
  /** Given by the app, or made from the attributes; the latter is disposed with them. */
  #given = null;
  #own = null;
  #unmount = null;
  #unfollow = () => {};
  #planned = false;
  #typed = new Map();
  #last = null;

  constructor() {
    super();
    // Properties that were set before the element was defined hide the accessors.
    for (const name of ["flow", "options"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
  }

  /** The flow that is shown: the app's, or the one that was made; null until then. */
  get flow() {
    return this.#given ?? this.#own;
  }

  set flow(flow) {
    if (flow === this.#given) return;
    this.#given = flow ?? null;
    this.#forget();
    this.#again();
  }

  /** Options of `createFlow` and of the forms; attributes are laid over them. */
  get options() {
    return this.#options;
  }

  set options(options) {
    const { flow, ...others } = options ?? {};
    const isOther = (name) => others[name] !== this.#options[name];
    if (flow !== undefined) this.#given = flow;
    if (flow !== undefined || FLOW_OPTIONS.some(isOther)) this.#forget();
    this.#options = others;
    this.#again();
  }

  /** Ends the flow that was made from the attributes. One that the app gave is the app's. */
  dispose() {
    this.#leave();
    this.#forget();
  }

  connectedCallback() {
    this.#plan();
  }

  disconnectedCallback() {
    this.#plan();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (Object.hasOwn(OF_THE_FLOW, name)) this.#forget();
    this.#again();
  }

  /** For `<cognito-account>` to narrow. */
  get formOptions() {
    return {};
  }

  #again() {
    this.#leave();
    this.#plan();
  }

  /** Once for all that changes at a time: an element that is moved leaves and comes. */
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (!this.isConnected) this.#leave();
      else if (this.#unmount === null) this.#mount();
    });
  }

  #mount() {
    const options = this.#settings();
    // Markup that a server made is shown as it is; what is missing still comes by script.
    if (this.flow === null && !options.userPoolId && !options.clientId) return;
    this.#unmount = mountSignIn(this, {
      ...options,
      keepFlow: true,
      typed: this.#typed,
      ...(this.flow === null ? {} : { flow: this.flow }),
      onFlow: (flow) => this.#follow(flow),
      onFailure: (error) => this.#tell("cognito-failed", { error }),
    });
  }

  #settings() {
    const options = { ...this.#options, ...this.formOptions };
    for (const [attribute, name] of Object.entries({ ...OF_THE_FLOW, ...OF_THE_FORMS })) {
      const value = this.getAttribute(attribute);
      if (value !== null) options[name] = value;
    }
    if (this.hasAttribute("no-sign-up")) {
      options.views = (options.views ?? ["forgotPassword"]).filter((view) => view !== "signUp");
    }
    if (this.querySelector(':scope > [slot="signed-in"]')) options.signedInView ??= signedInSlot;
    return options;
  }

  #leave() {
    this.#unmount?.();
    this.#unmount = null;
    this.#unfollow();
    this.#unfollow = () => {};
  }

  #forget() {
    this.#own?.dispose();
    forgotten.unregister(this);
    this.#own = null;
  }

  #follow(flow) {
    if (flow !== this.#given && flow !== this.#own) {
      this.#own = flow;
      // Removed, an element keeps its flow, as it may come again; dropped, it can no longer.
      forgotten.register(this, flow, this);
    }
    const tell = () => {
      const snapshot = flow.snapshot();
      const before = this.#last;
      this.#last = { step: snapshot.step, round: snapshot.round, flow };
      if (before?.flow === flow && before.step === snapshot.step && before.round === snapshot.round) return;
      this.#tell("cognito-step", snapshot);
      if (snapshot.step === "signedIn") this.#tell("cognito-signed-in", snapshot);
      else if (before?.step === "signedIn") this.#tell("cognito-signed-out", snapshot);
    };
    this.#unfollow = flow.subscribe(tell);
    tell();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** `<cognito-account>`: empty, or what stands in it, while nobody is signed in. */
export class CognitoAccount extends CognitoSignIn {
  #root = null;
  #followOther = ({ target }) => {
    if (target.id === this.getAttribute("for") && target.flow) this.flow = target.flow;
  };

  get formOptions() {
    return { onlyAccount: true };
  }

  /** `for` names the `<cognito-sign-in>` whose flow this is; else it has attributes of its own. */
  connectedCallback() {
    super.connectedCallback();
    if (!this.hasAttribute("for")) return;
    this.#root = this.getRootNode();
    this.#root.addEventListener("cognito-step", this.#followOther);
    const target = this.#root.getElementById?.(this.getAttribute("for"));
    if (target) this.#followOther({ target });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#root?.removeEventListener("cognito-step", this.#followOther);
  }
}

function signedInSlot() {
  const slot = document.createElement("slot");
  slot.name = "signed-in";
  return slot;
}

/** Makes the elements known under their names, once. */
export function defineElements() {
  const registry = globalThis.customElements;
  if (registry === undefined) return;
  if (!registry.get("cognito-sign-in")) registry.define("cognito-sign-in", CognitoSignIn);
  if (!registry.get("cognito-account")) registry.define("cognito-account", CognitoAccount);
}
