import { codeStep } from "../code-step.js";
import { el } from "../dom.js";
import { eventButton } from "../form.js";

/** The code that confirms a sign-up; the pool may have sent a link instead. */
export function confirmSignUp(app, { username, delivery }) {
  const { texts } = app;
  return codeStep(app, {
    title: texts("confirm.title"),
    of: "code",
    bySms: delivery?.medium === "sms",
    action: texts("confirm.action"),
    event: ({ code }) => ({ type: "confirmSignUp", code }),
    // Only the person knows that a link was opened. Signing in finds out whether it worked.
    leave: el(
      "p",
      { class: "separated" },
      texts("confirm.link", { username }),
      " ",
      eventButton({ app, label: texts("confirm.linkOpened"), event: { type: "cancel" } }),
    ),
  });
}
