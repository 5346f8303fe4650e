// Signing up and signing in, whole: the form of the present step, rendered from the snapshot
// alone. This folder is what an app would copy.
import { useBackButton } from "./back-button.js";
import { el, own, ownOf } from "./dom.js";
import { errorText } from "./errors.js";
import { DEFAULT_POLICY } from "./policy.js";
import { confirmSignUp } from "./steps/confirm-sign-up.js";
import { mfaCode } from "./steps/mfa-code.js";
import { resetPassword } from "./steps/reset-password.js";
import { signedIn } from "./steps/signed-in.js";
import { signedOut } from "./steps/signed-out.js";
import { verifyAttribute } from "./steps/verify-attribute.js";

/**
 * For each step a function `(app, snapshot, notice)` that answers `{ element, show(snapshot),
 * focus(), stop?() }`. It is called when a form begins; `show` then brings every snapshot that is
 * for it. `notice` is the news to begin with, or null.
 */
const STEPS = {
  signedOut,
  confirmSignUp,
  mfaCode,
  verifyAttribute,
  resetPassword,
  signedIn,
};

/** Those of what a pool may ask in between. They are loaded when something is under way. */
const CHALLENGES = [
  ...["selectFactor", "password", "passkey", "signInCode", "customChallenge"],
  ...["setUpTotp", "setUpEmail", "newPassword"],
];
let challenges = null;
const loadChallenges = async () => (challenges = await import("./challenges.js"));

/** What the forms have to know of the pool and of the app, where it is not the usual. */
const USUAL = {
  __proto__: null,
  /** The pool's rules for passwords. */
  policy: DEFAULT_POLICY,
  /** The flow's own option. */
  signInWith: "srp",
  /** Whether the pool takes passkeys: with `signInWith: "choice"`. */
  passkeys: true,
  /** Who was here last, where the app knows: the flow itself forgets it with the page. */
  lastUsername: null,
  /** Whether one can sign up without a password. */
  passwordless: false,
  /** Whether to ask "Keep me signed in": with the flow's `storage: "local"`. */
  askRemember: false,
  /** Where one can go to sign in, `{ label, provider?, idpIdentifier? }`: with the flow's `redirect`. */
  redirects: [],
  /** Which parts the account has; those of a pool besides: `factors`, `passkeys`, `devices`, `sessions`. */
  account: ["mfa", "contact", "password", "delete"],
  /** `(parameters) => ` what a custom challenge asks, as a text or elements. */
  describeChallenge: undefined,
};

/**
 * Shows the flow in `root` until the returned function is called. `texts` as of `loadTexts`; what else
 * there is in `options` takes the place of what is in `USUAL`.
 */
export function mountSignIn(root, options) {
  const { flow, texts, ...given } = ownOf(options);
  const settings = Object.fromEntries(
    Object.entries(USUAL).map(([name, usual]) => [name, own(given, name) ?? usual]),
  );
  const card = el("div", { class: "card surface" });
  const status = el("p", { class: "visually-hidden", role: "status" });
  root.replaceChildren(card, status);

  const announce = (text) => {
    // The same words again are heard again: a live region speaks when its content changes.
    status.textContent = status.textContent === text ? `${text}\u00a0` : text;
  };
  /** What the form that begins now works with. What it sends and calls is for its person alone. */
  const appFor = (begun) => {
    const isCurrent = () => keyOf(flow.snapshot()) === begun;
    /** The snapshot that came of the event, or null where it was not taken. */
    const send = async (event) => {
      if (!isCurrent()) return null;
      try {
        return await flow.send(event);
      } catch (error) {
        // The flow has moved on since the button was drawn. Where that was to another form, or to
        // another person's, that form says all there is to say.
        if (isCurrent()) announce(errorText(error, texts));
        return null;
      }
    };
    /** What `call` resolves with; it is not made once the form is another one. */
    const ask = async (call) => {
      if (!isCurrent()) throw GONE;
      return call();
    };
    const live = { flow, texts, announce, isCurrent, send, ask, lastEvent: () => lastEvent };
    return { ...settings, ...live };
  };
  let key = null;
  let form = null;
  let before = null;
  // What came of it may come after it is done: see `signedOut`.
  let lastEvent = null;
  let loading = null;
  let over = false;

  /** The form's function for a step; null while it is loaded, after which it is rendered. */
  const formFor = (step) => {
    const isChallenge = CHALLENGES.includes(step);
    if (challenges === null && (isChallenge || lastEvent !== null)) {
      loading ??= loadChallenges().then(
        () => over || render(),
        () => {
          loading = null;
          if (!over && CHALLENGES.includes(flow.snapshot().step)) card.replaceChildren(notLoaded());
        },
      );
    }
    return isChallenge ? challenges && challenges[step] : (own(STEPS, step) ?? unknownStep);
  };
  const notLoaded = () =>
    el(
      "div",
      {},
      el("p", { class: "form-error", role: "alert" }, errorText({ code: "offline" }, texts)),
      el("button", { type: "button", class: "primary", click: render }, texts("account.again")),
    );
  const render = () => {
    const snapshot = flow.snapshot();
    if (snapshot.busy !== null) lastEvent = snapshot.busy;
    else if (snapshot.step !== "signedOut") lastEvent = null;
    const make = formFor(snapshot.step);
    if (make === null) return;
    const begun = keyOf(snapshot);
    const notice = noticeOf(before, snapshot, texts);
    before = snapshot;
    if (begun !== key || notice !== null) {
      const first = key === null;
      form?.stop?.();
      form = make(appFor(begun), snapshot, notice);
      card.replaceChildren(form.element);
      key = begun;
      form.show(snapshot);
      // Arriving on the page is no reason to move the focus; going on to another step is.
      if (!first) {
        form.focus();
        announce([notice, card.querySelector("h2")?.textContent].filter(Boolean).join(" "));
      }
    } else {
      form.show(snapshot);
    }
  };
  const unsubscribe = flow.subscribe(render);
  const releaseBackButton = useBackButton(flow, () =>
    appFor(keyOf(flow.snapshot())).send({ type: "cancel" }),
  );
  render();
  return () => {
    over = true;
    unsubscribe();
    releaseBackButton();
    form?.stop?.();
    root.replaceChildren();
  };
}

/** An account call of a form that is no longer there. */
const GONE = { code: "challengeSpent", message: "The form of this call is gone." };

/** Verifying the email after the phone is another form, though the same step; so is another person. */
function keyOf({ step, round, attribute, medium, of }) {
  return [step, round, attribute, medium, of].join();
}

/** What went well and led back to signing in: without a word it would look like a failure. */
function noticeOf(before, { step, busy, error, username }, texts) {
  if (step === "signedIn" && before?.step === "signedIn" && before.username !== username) {
    return texts("notice.anotherPerson", { username });
  }
  if (step !== "signedOut" || busy !== null || error !== null) return null;
  const key = `notice.${before?.busy}`;
  return texts.has(key) ? texts(key) : null;
}

/** A later version of the package may have steps that this page does not know. */
function unknownStep(app, { step }) {
  const heading = el("h2", { tabindex: "-1" }, app.texts("unknownStep.title"));
  const cancel = el(
    "button",
    {
      type: "button",
      class: "primary",
      click: () => app.flow.accepts("cancel") && app.send({ type: "cancel" }),
    },
    app.texts("cancel"),
  );
  const element = el(
    "div",
    {},
    heading,
    el("p", {}, app.texts("unknownStep.text", { step })),
    cancel,
  );
  return { element, show() {}, focus: () => heading.focus() };
}
