import { codeStep } from "../code-step.js";
import { el } from "../dom.js";
import { eventForm } from "../form.js";
import { offers } from "../links.js";
import { backToSignIn, deliverySentence, resendButton } from "../parts.js";

/** What confirms a sign-up: a code, a link in an email, or an administrator. */
export function confirmSignUp(app, snapshot, notice) {
  const { delivery, error, resendAt } = snapshot;
  // The pool answered, and sent nothing.
  const sentNothing = delivery === null && error === null && resendAt !== null;
  if (delivery === null && (sentNothing || app.confirmBy === "administrator")) {
    return byAdministrator(app, snapshot);
  }
  if (app.confirmBy === "link" && delivery?.medium !== "sms") return byLink(app, snapshot);
  const { texts } = app;
  return codeStep(app, {
    title: texts("confirm.title"),
    notice,
    of: "code",
    bySms: delivery?.medium === "sms",
    action: texts("confirm.action"),
    event: ({ code }) => ({ type: "confirmSignUp", code }),
    leave: waysOut(app, snapshot),
  });
}

/** Only the person knows that a link was opened: they say so, and the sign-in goes on. */
function byLink(app, snapshot) {
  const { texts } = app;
  const outcome = el("p", { class: "notice good", role: "status" });
  const resend = resendButton({ app, of: "link", done: (text) => (outcome.textContent = text) });
  const { delivery } = snapshot;
  const form = elsewhere(app, {
    body: delivery === null ? [] : [deliverySentence(delivery, texts), el("p", {}, texts("confirm.byLink"))],
    action: texts("confirm.linkOpened"),
    extra: [el("p", {}, resend.element), outcome, waysOut(app, snapshot)],
  });
  return {
    ...form,
    show(snapshot) {
      if (snapshot.error !== null) outcome.textContent = "";
      resend.update(snapshot.resendAt);
      form.show(snapshot);
    },
    stop: resend.stop,
  };
}

function byAdministrator(app, snapshot) {
  const { texts } = app;
  return elsewhere(app, {
    body: el("p", {}, texts("confirm.byAdministrator")),
    action: texts("confirm.check"),
    extra: waysOut(app, snapshot),
  });
}

/** What is no code: to one who was confirmed meanwhile the pool says so, and the sign-in goes on. */
const NO_CODE = "confirmed?";

/** A form for what happens elsewhere. */
function elsewhere(app, options) {
  const { texts } = app;
  const notYet = ["codeMismatch", "codeExpired", "userNotConfirmed"];
  return eventForm({
    app,
    title: texts("confirm.title"),
    event: () => ({ type: "confirmSignUp", code: NO_CODE }),
    say: ({ code }) => (notYet.includes(code) ? texts("confirm.notYet") : null),
    ...options,
  });
}

/** Back, and to the sign-up with what was typed: an address cannot be changed before it is confirmed. */
function waysOut(app, { username }) {
  const { texts } = app;
  const again = el(
    "button",
    { type: "button", class: "link", click: () => app.startAgain(username) },
    texts("confirm.startAgain"),
  );
  return el(
    "div",
    { class: "links separated" },
    offers(app, "signUp") ? el("p", {}, again) : null,
    el("p", {}, backToSignIn(app)),
  );
}
