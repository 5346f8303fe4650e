// Signed in: who, what is verified, how long; and what a signed-in person may change.
import { deviceQuestion } from "../account/device.js";
import { accountSettings } from "../account/settings.js";
import { tokenTable } from "../account/tokens.js";
import { el, own } from "../dom.js";
import { eventButton } from "../form.js";
import { errorText } from "../errors.js";

const CONTACTS = ["email", "phone_number"];

export function signedIn(app, snapshot, notice) {
  const { username } = snapshot;
  const { texts, flow, signedInView } = app;
  if (signedInView !== null) return appsOwn(signedInView(flow));
  const heading = el("h2", { tabindex: "-1" }, texts("signedIn.title", { username }));
  const alert = el("p", { class: "form-error", role: "alert" });
  const device = deviceQuestion(app);
  const contacts = el("dl", { class: "contacts" });
  const until = el("p", { class: "hint" });
  const element = el(
    "section",
    { class: "signed-in" },
    notice === null ? null : el("p", { class: "notice" }, notice),
    heading,
    alert,
    device.element,
    device.outcome,
    contacts,
    until,
    el("div", { class: "account" }, tokenTable(app), accountSettings(app, snapshot)),
    el(
      "div",
      { class: "actions" },
      eventButton({
        app,
        kind: "secondary",
        label: texts("signedIn.signOut"),
        event: { type: "signOut" },
      }),
      eventButton({
        app,
        kind: "secondary",
        label: texts("signedIn.signOutEverywhere"),
        event: { type: "signOut", everywhere: true },
      }),
    ),
    el("p", { class: "hint" }, texts("signedIn.everywhereHint", { username })),
  );
  let shown = null;
  return {
    element,
    show(snapshot) {
      element.setAttribute("aria-busy", String(snapshot.busy !== null));
      if (snapshot.error !== shown && snapshot.busy === null) {
        shown = snapshot.error;
        alert.textContent = shown === null ? "" : errorText(shown, texts);
      }
      // What had the focus may go.
      if (device.show(snapshot.device)) heading.focus();
      contacts.replaceChildren(...CONTACTS.flatMap((name) => contact(app, name, snapshot)));
      until.textContent = texts("signedIn.tokensUntil", {
        time: texts.dateAndTime(snapshot.tokensExpireAt),
      });
    },
    focus: () => heading.focus(),
  };
}

/** What the app shows in place of this. */
function appsOwn(view) {
  const element = el("div", { tabindex: "-1" }, view);
  return { element, show() {}, focus: () => element.focus() };
}

function contact(app, attribute, { attributes, unverified }) {
  const { texts } = app;
  const value = own(attributes, attribute);
  // Unverified though absent: the flow does not know the attributes yet, and does not guess.
  if (value === undefined) return [];
  const pending = unverified.includes(attribute);
  const state = el(
    "span",
    { class: pending ? "badge warn" : "badge good" },
    texts(pending ? "signedIn.unverified" : "signedIn.verified"),
  );
  const verify = eventButton({
    app,
    label: texts(`verify.${attribute}.now`),
    event: { type: "verifyAttribute", attribute },
  });
  return [
    el("dt", {}, texts(attribute === "email" ? "email.label" : "phone.label")),
    el("dd", {}, el("span", { class: "value", dir: "auto" }, value), " ", state, pending ? verify : null),
  ];
}
