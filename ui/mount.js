// The forms in a place of their own: a shadow root, in which styles, the flow, the texts and what is
// shown until they are there come together. `<cognito-sign-in>` is this with attributes.
import { el, own, ownOf } from "./dom.js";
import { errorText } from "./errors.js";
import { mountForms } from "./forms.js";
import { css } from "./style.js";
import { chooseLanguage, directionOf, isLanguage, loadTexts, makeTexts } from "./texts.js";

/** Those of the options that are for `createFlow`. */
export const FLOW_OPTIONS = [
  ...["userPoolId", "clientId", "endpoint", "fetch", "storage", "profile", "signInWith", "verify"],
  ...["devices", "deviceName", "issuer", "redirect", "passkeys", "sessionSeconds", "timeoutMs"],
  ...["clientMetadata"],
];

/** What is said where no language could be loaded. */
const IN_ANY_CASE = {
  "start.title": "Signing in is not possible right now",
  "start.text": "Check your connection and try again.",
  "start.again": "Try again",
};

let sheet = null;

/**
 * Shows a flow in `root`, an element or a shadow root, until the returned function is called. Options are
 * those of `createFlow` or a `flow`, and those of the forms. Besides: `lang`, `texts` (some to take the place
 * of ours, by key, or the function of `loadTexts`), `theme`, `onFlow(flow)`, called once there
 * is one, `onFailure(error)`, and `keepFlow`: whether a flow made here outlives what shows it.
 */
export function mountSignIn(root, options) {
  const given = ownOf(options);
  const place = shadowOf(root);
  const frame = frameOf(place);
  let over = false;
  let unmount = () => {};
  let made = null;
  let isShown = false;

  const start = async () => {
    let texts = null;
    try {
      const loading = textsFor(given);
      const creating = given.flow ?? make();
      texts = await loading;
      if (over) return;
      dress(frame, texts.language, given.theme);
      const flow = await creating;
      if (over) return;
      show(flow, texts);
    } catch (error) {
      if (!over) fail(error, texts);
    }
  };
  const make = async () => {
    made ??= createFlowFor(given);
    try {
      return await made;
    } catch (error) {
      made = null;
      throw error;
    }
  };
  const show = (flow, texts) => {
    isShown = true;
    unmount = mountForms(frame, { ...given, flow, texts });
    given.onFlow?.(flow);
  };
  const fail = (error, texts) => {
    const again = () => {
      frame.replaceChildren(...shell());
      start();
    };
    frame.replaceChildren(...failed(error, texts ?? makeTexts("en", IN_ANY_CASE), again));
    given.onFailure?.(error);
  };

  if (given.flow && typeof given.texts === "function") {
    dress(frame, given.texts.language, given.theme);
    show(given.flow, given.texts);
  } else {
    start();
  }
  return () => {
    over = true;
    unmount();
    frame.remove();
    // What was made here ends here, unless it was handed on.
    if (!given.keepFlow || !isShown) made?.then((flow) => flow.dispose(), () => {});
  };
}

async function createFlowFor(options) {
  const { createFlow } = await import("../cognito-flow/lean.js");
  const has = FLOW_OPTIONS.filter((name) => options[name] !== undefined && options[name] !== null);
  return createFlow(Object.fromEntries(has.map((name) => [name, options[name]])));
}

/** The texts of a language, with what the app has in place of some. */
async function textsFor({ lang, texts }) {
  if (typeof texts === "function") return texts;
  const wanted = lang ? [lang] : navigator.languages;
  return loadTexts(isLanguage(lang) ? lang : chooseLanguage(wanted), undefined, texts);
}

/** The element's own tree: one that is there already is used. */
function shadowOf(root) {
  if (root instanceof ShadowRoot) return root;
  return root.shadowRoot ?? root.attachShadow({ mode: "open", delegatesFocus: false });
}

/** What everything is drawn in. What a server sent ahead stays until there is something to show. */
function frameOf(place) {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!place.adoptedStyleSheets.includes(sheet)) {
    place.adoptedStyleSheets = [...place.adoptedStyleSheets, sheet];
  }
  const sent = place.querySelector(".root");
  if (sent !== null) {
    place.querySelector("style")?.remove();
    return sent;
  }
  const frame = el("div", { class: "root" }, shell());
  place.append(frame);
  return frame;
}

function dress(frame, language, theme) {
  frame.lang = language;
  frame.dir = directionOf(language);
  frame.className = ["root", theme].filter(Boolean).join(" ");
}

/** What stands there meanwhile: of the size of the first form, so that nothing moves when it comes. */
export function shell() {
  const grey = (kind) => el("div", { class: `skeleton ${kind}` });
  return [
    el("slot", { name: "header" }),
    el(
      "div",
      { class: "card surface", "aria-busy": "true" },
      el(
        "div",
        {},
        grey("heading"),
        ["box", "box"].map((kind) => el("div", { class: "field" }, grey("line"), grey(kind))),
        ["box", "row", "row last", "row"].map(grey),
      ),
    ),
    el("slot", { name: "footer" }),
  ];
}

/** In place of the forms: what is not there, what to do, and the way back. */
function failed(error, texts, again) {
  const heading = el("h2", { tabindex: "-1" }, texts("start.title"));
  const code = own(error ?? {}, "code") ?? error?.code;
  return [
    el("slot", { name: "header" }),
    el(
      "div",
      { class: "card surface" },
      el(
        "div",
        {},
        heading,
        el("p", { class: "form-error", role: "alert" }, reasonOf(error, code, texts)),
        el("button", { type: "button", class: "primary", click: again }, texts("start.again")),
        el("slot", { name: "support" }),
      ),
    ),
    el("slot", { name: "footer" }),
  ];
}

function reasonOf(error, code, texts) {
  if (!texts.has("error.other")) return texts("start.text");
  // The page is at fault, and only who made it can do something about that.
  if (code === "malformed") return texts("start.malformed", { message: error.message });
  if (isUnsupported(error, code)) return texts("error.unsupported");
  return code === undefined ? texts("start.text") : errorText({ code }, texts);
}

/** The package says so itself where it came that far. */
function isUnsupported(error, code) {
  const { WebAssembly } = globalThis;
  return code === "unsupported" || !WebAssembly || error instanceof WebAssembly.CompileError;
}
