// Signing up and signing in, whole: the form of the present step, rendered from the snapshot
// alone. This folder is what an app would copy.
import { useBackButton } from "./back-button.js";
import { el } from "./dom.js";
import { errorText } from "./errors.js";
import { DEFAULT_POLICY } from "./policy.js";
import { confirmSignUp } from "./steps/confirm-sign-up.js";
import { mfaCode } from "./steps/mfa-code.js";
import { newPassword } from "./steps/new-password.js";
import { resetPassword } from "./steps/reset-password.js";
import { signedIn } from "./steps/signed-in.js";
import { signedOut } from "./steps/signed-out.js";
import { verifyAttribute } from "./steps/verify-attribute.js";

/**
 * For each step a function `(app, snapshot, notice)` that answers `{ element, show(snapshot),
 * focus(), stop?() }`. It is called when the step begins; `show` then brings every snapshot of that
 * step. `notice` is the good news to begin with, or null.
 */
const STEPS = {
  signedOut,
  confirmSignUp,
  mfaCode,
  newPassword,
  verifyAttribute,
  resetPassword,
  signedIn,
};

/**
 * Shows the flow in `root` until the returned function is called. `texts` as of `loadTexts`,
 * `policy` as of `DEFAULT_POLICY`.
 */
export function mountSignIn(root, { flow, texts, policy = DEFAULT_POLICY }) {
  const card = el("div", { class: "card surface" });
  const status = el("p", { class: "visually-hidden", role: "status" });
  root.replaceChildren(card, status);

  const announce = (text) => {
    // The same words again are heard again: a live region speaks when its content changes.
    status.textContent = status.textContent === text ? `${text}\u00a0` : text;
  };
  const send = async (event) => {
    try {
      return await flow.send(event);
    } catch (error) {
      // Misuse: the flow has moved on since the button was drawn.
      announce(errorText(error, texts));
      return flow.snapshot();
    }
  };
  const app = { flow, texts, policy, announce, send };
  let key = null;
  let form = null;
  let before = null;

  const render = () => {
    const snapshot = flow.snapshot();
    const begun = keyOf(snapshot);
    const notice = noticeOf(before, snapshot, texts);
    before = snapshot;
    if (begun !== key || notice !== null) {
      const first = key === null;
      form?.stop?.();
      form = (STEPS[snapshot.step] ?? unknownStep)(app, snapshot, notice);
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
  const releaseBackButton = useBackButton(flow);
  render();
  return () => {
    unsubscribe();
    releaseBackButton();
    form?.stop?.();
    root.replaceChildren();
  };
}

/** Verifying the email after the phone is another form, though the same step. */
function keyOf(snapshot) {
  return [snapshot.step, snapshot.attribute, snapshot.medium].join();
}

/** What went well and led back to signing in: without a word it would look like a failure. */
function noticeOf(before, { step, busy, error }, texts) {
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
