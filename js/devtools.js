// `cognito-flow/devtools`: what a flow does, beside the page while it is developed. It keeps nothing that is
// secret, not even for a moment that it could be seen in: what it notes is made of what may be known.
import { watchGlobalFetch } from "./devtools/requests.js";
import { notesOfSteps } from "./devtools/steps.js";
import { showIn } from "./devtools/panel.js";

export { watchFetch } from "./devtools/requests.js";

/** Where there is no page, on a server, the module can be loaded and the element cannot be made. */
const Base = globalThis.HTMLElement ?? class {};

/** `<cognito-devtools>` */
export class CognitoDevtools extends Base {
  /** Given by the app, or that of the element on the page that told of one last. */
  #given = null;
  #found = null;
  #steps = notesOfSteps();
  #unwatch = null;
  #panel = null;
  #follow = ({ target }) => this.#find(target);

  constructor() {
    super();
    // Set before the element was defined, it hides the accessor.
    const { flow } = this;
    delete this.flow;
    this.flow = flow;
  }

  get flow() {
    return this.#given ?? this.#found;
  }

  set flow(flow) {
    this.#given = flow ?? null;
    this.#steps.watch(this.flow);
  }

  connectedCallback() {
    if (this.#unwatch !== null) return;
    this.#panel = showIn(this.shadowRoot ?? this.attachShadow({ mode: "open" }), this.#steps);
    const unwatch = watchGlobalFetch();
    document.addEventListener("cognito-step", this.#follow);
    for (const element of document.querySelectorAll("cognito-sign-in")) this.#find(element);
    this.#steps.watch(this.flow);
    this.#unwatch = () => {
      unwatch();
      document.removeEventListener("cognito-step", this.#follow);
    };
  }

  disconnectedCallback() {
    this.#unwatch();
    this.#unwatch = null;
    this.#panel.end();
    this.#steps.watch(null);
  }

  #find(element) {
    if (this.#given !== null || !element.flow) return;
    this.#found = element.flow;
    this.#steps.watch(this.flow);
  }
}

/** Puts the element at the end of the page, with this flow or whichever there is. */
export function showDevtools(flow) {
  const element = document.createElement("cognito-devtools");
  element.flow = flow;
  document.body.append(element);
  return element;
}

const registry = globalThis.customElements;
if (registry && !registry.get("cognito-devtools")) registry.define("cognito-devtools", CognitoDevtools);
