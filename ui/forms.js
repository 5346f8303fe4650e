// Signing up and signing in, whole: the form of the present step, rendered from the snapshot alone.
import { el, own, ownOf } from "./dom.js";
import { errorText } from "./errors.js";
import { VIEWS, navigationOf } from "./navigation.js";
import { signedOut } from "./steps/signed-out.js";

/**
 * The steps besides `signedOut`. For each there is a function `(app, snapshot, notice)` that answers
 * `{ element, show(snapshot), focus(), stop?() }`. It is called when a form begins; `show` then brings
 * every snapshot that is for it. `notice` is the news to begin with, or null. They are loaded when
 * something is under way.
 */
const LATER = [
  ...["confirmSignUp", "mfaCode", "verifyAttribute", "resetPassword", "signedIn"],
  ...["selectFactor", "password", "passkey", "signInCode", "customChallenge"],
  ...["setUpTotp", "setUpEmail", "newPassword"],
];
let later = null;
const loadLater = async () => (later = await import("./later.js"));

/** The steps that wait for nothing. */
const RESTING = ["signedOut", "signedIn"];

/** What the forms have to know of the pool and of the app, where it is not the usual. */
const USUAL = {
  __proto__: null,
  /** The pool's rules for passwords; null: Cognito's. */
  policy: null,
  /** The flow's own option. */
  signInWith: "srp",
  /** Whether the pool takes passkeys: with `signInWith: "choice"`. */
  offerPasskeys: true,
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
  /** What the user name is: `"name"`, `"email"` or `"phone_number"`. */
  usernameIs: "name",
  /** What the sign-up asks for, in this order; see `signed-out/sign-up.js`. Null: what is usual. */
  fields: null,
  /** Attributes without which the pool takes no new user, or lets none in. */
  required: [],
  /** How a sign-up is confirmed: by a `"code"`, a `"link"` in an email, or an `"administrator"`. */
  confirmBy: "code",
  /** Which of the signed-out forms there are, besides the one for signing in. */
  views: VIEWS,
  /** The form to begin with. */
  start: "signIn",
  /** `"memory"`, `"history"`, `"hash"`, or what `navigationOf` makes. */
  navigation: "memory",
  /** Whom to ask: `{ text?, href?, label? }`. What is in the slot `support` takes its place. */
  support: null,
  /** `(flow) => ` elements in place of the account, or null. */
  signedInView: null,
  /** Nothing but the account: for `<cognito-account>`. */
  onlyAccount: false,
};

/**
 * Shows the flow in `root` until the returned function is called. `texts` as of `loadTexts`; what else
 * there is in `options` takes the place of what is in `USUAL`.
 */
export function mountForms(root, options) {
  const { flow, texts, ...given } = ownOf(options);
  const settings = Object.fromEntries(
    Object.entries(USUAL).map(([name, usual]) => [name, own(given, name) ?? usual]),
  );
  const navigation = navigationOf(settings.navigation, settings.start);
  const card = el("div", { class: "card surface", "aria-busy": "true" });
  const status = el("p", { class: "visually-hidden", role: "status" });
  const slot = (name, ...children) => el("slot", { name }, ...children);
  const frame = [slot("header"), card, slot("footer"), status];
  root.replaceChildren(...frame);

  const announce = (text) => {
    // The same words again are heard again: a live region speaks when its content changes.
    status.textContent = status.textContent === text ? `${text}\u00a0` : text;
  };
  // What was typed and is no secret: it is there again in the next form that asks for it.
  const typed = own(given, "typed") ?? new Map();
  /** What the form that begins now works with. What it sends and calls is for its person alone. */
  const appFor = (begun) => {
    const isCurrent = () => keyOf(flow.snapshot()) === begun;
    /** The snapshot that came of the event, or null where it was not taken. */
    const send = async (event) => {
      if (!isCurrent()) return null;
      if (event.type === "signOut") leftEverywhere = event.everywhere === true;
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
    const live = { flow, texts, announce, isCurrent, send, ask, typed, lastEvent: () => lastEvent };
    const startAgain = async (username) => {
      if ((await send({ type: "cancel" })) === null) return;
      startedAgain = username;
      navigation.go("signUp");
    };
    const again = { startAgain, startedAgain: () => startedAgain };
    const leaving = { leftEverywhere: () => leftEverywhere, farewell: (key) => (farewell = key) };
    return { ...settings, navigation, ...live, ...again, ...leaving };
  };
  let key = null;
  let form = null;
  let before = null;
  // What came of it may come after it is done: see `signedOut`.
  let lastEvent = null;
  let leftEverywhere = false;
  // Whose sign-up was given up to correct it.
  let startedAgain = null;
  // The key of what is said should the person be signed out next.
  let farewell = null;
  let loading = null;
  let over = false;

  /** The form's function for a step; null while it is loaded, after which it is rendered. */
  const formFor = (step) => {
    const isLater = LATER.includes(step);
    if (later === null && (isLater || lastEvent !== null)) {
      loading ??= loadLater().then(
        () => over || render(),
        () => {
          loading = null;
          if (!over && LATER.includes(flow.snapshot().step)) card.replaceChildren(notLoaded());
        },
      );
    }
    if (isLater) return later && later[step];
    return step === "signedOut" ? signedOut : unknownStep;
  };
  const notLoaded = () => {
    card.removeAttribute("aria-busy");
    return el(
      "div",
      {},
      el("p", { class: "form-error", role: "alert" }, errorText({ code: "offline" }, texts)),
      el("button", { type: "button", class: "primary", click: render }, texts("account.again")),
    );
  };
  const render = () => {
    const snapshot = flow.snapshot();
    if (snapshot.busy !== null) lastEvent = snapshot.busy;
    else if (snapshot.step !== "signedOut") lastEvent = null;
    navigation.step(!RESTING.includes(snapshot.step));
    if (settings.onlyAccount && snapshot.step !== "signedIn") return showNobody();
    const make = formFor(snapshot.step);
    if (make === null) {
      before ??= snapshot;
      return;
    }
    const begun = keyOf(snapshot);
    const notice = noticeOf(before, snapshot, texts, farewell);
    if (notice !== null) farewell = null;
    before = snapshot;
    if (begun !== key || notice !== null) {
      const first = key === null;
      form?.stop?.();
      if (snapshot.step === "signedIn") {
        typed.clear();
        startedAgain = null;
        // Who signs out is somebody who has an account.
        if (navigation.view() !== "signIn") navigation.settle("signIn");
      }
      form = make(appFor(begun), snapshot, notice);
      if (!card.isConnected) root.replaceChildren(...frame);
      card.replaceChildren(form.element, ...supportFor(snapshot.step));
      card.removeAttribute("aria-busy");
      key = begun;
      form.show(snapshot);
      // Arriving on the page is no reason to move the focus; going on to another step is.
      if (!first) {
        form.focus();
        announce([notice ?? form.news?.(), card.querySelector("h2")?.textContent].filter(Boolean).join(" "));
      }
    } else {
      form.show(snapshot);
    }
  };
  const showNobody = () => {
    form?.stop?.();
    [form, key] = [null, null];
    root.replaceChildren(el("slot"));
  };
  const supportFor = (step) => {
    if (step === "signedIn") return [];
    const { text, href, label } = ownOf(settings.support ?? {});
    const words = text === undefined ? null : el("span", {}, text, " ");
    const link = href === undefined ? null : el("a", { href }, label ?? href.replace(/^(mailto|tel):/, ""));
    const usual = words ?? link ? [el("p", { class: "hint support separated" }, words, link)] : [];
    return [slot("support", ...usual)];
  };
  const unsubscribe = flow.subscribe(render);
  const releaseBack = navigation.onBack(() => {
    const { step } = flow.snapshot();
    const waits = !RESTING.includes(step);
    if (waits && flow.accepts("cancel")) appFor(keyOf(flow.snapshot())).send({ type: "cancel" });
  });
  render();
  return () => {
    over = true;
    unsubscribe();
    releaseBack();
    form?.stop?.();
    root.replaceChildren();
  };
}

/** An account call of a form that is no longer there. */
const GONE = { code: "challengeSpent", message: "The form of this call is gone." };

/**
 * Verifying the email after the phone is another form, though the same step; so is another person. What
 * confirms a sign-up may turn out once it was sent.
 */
function keyOf({ step, round, attribute, medium, of, delivery }) {
  const by = step === "confirmSignUp" ? delivery?.medium : undefined;
  return [step, round, attribute, medium, of, by].join();
}

/** What went well and led to another form: without a word it would look like a failure. */
function noticeOf(before, snapshot, texts, farewell) {
  const { step, busy, error, username } = snapshot;
  if (step === "signedIn" && before?.step === "signedIn" && before.username !== username) {
    return texts("notice.anotherPerson", { username });
  }
  if (busy !== null || error !== null) return null;
  // Another code may be another challenge, whose form is a new one.
  const isAnother = before?.step === step && keyOf(before) !== keyOf(snapshot);
  if (isAnother && before.busy === "resendCode") return texts("resend.done");
  if (step !== "signedOut") return null;
  const key = farewell ?? `notice.${before?.busy}`;
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
