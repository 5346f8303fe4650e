import { codeField } from "../code-field.js";
import { el } from "../dom.js";
import { usernameField } from "../fields.js";
import { eventForm } from "../form.js";
import { viewLink } from "../links.js";

/** For who signed up earlier and comes back with the code. */
export function confirmLater(app, { username }) {
  const { texts } = app;
  return eventForm({
    app,
    title: texts("confirm.title"),
    body: [el("p", {}, texts("confirmLater.text"))],
    fields: [
      usernameField(app, username),
      codeField({ texts }),
    ],
    action: texts("confirm.action"),
    event: ({ username, code }) => ({ type: "confirmSignUp", username, code }),
    extra: [el("p", {}, viewLink(app, "signIn", texts("backToSignIn")))],
  });
}
