import { codeStep } from "../code-step.js";
import { el } from "../dom.js";
import { eventButton } from "../form.js";

/** The code that proves an email address or a phone number; one after the other. */
export function verifyAttribute(app, { attribute, remaining, skippable }) {
  const { texts } = app;
  const leave = skippable
    ? eventButton({ app, label: texts("verify.skip"), event: { type: "skipVerification" } })
    : eventButton({ app, label: texts("signedIn.signOut"), event: { type: "cancel" } });
  return codeStep(app, {
    title: texts(`verify.${attribute}.title`),
    of: "code",
    bySms: attribute === "phone_number",
    body: remaining.length > 0 ? el("p", {}, texts(`verify.then.${remaining[0]}`)) : null,
    action: texts("verify.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
    leave: el("p", {}, leave),
  });
}
