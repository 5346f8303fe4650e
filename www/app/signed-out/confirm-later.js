import { el } from "../dom.js";
import { codeField, textField } from "../fields.js";
import { eventForm } from "../form.js";

/** For who signed up earlier and comes back with the code. */
export function confirmLater(app, { username }) {
  const { texts } = app;
  return eventForm({
    app,
    title: texts("confirm.title"),
    body: [el("p", {}, texts("confirmLater.text"))],
    fields: [
      textField({
        name: "username",
        label: texts("username.label"),
        value: username ?? "",
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
      }),
      codeField({ texts }),
    ],
    action: texts("confirm.action"),
    event: ({ username, code }) => ({ type: "confirmSignUp", username, code }),
    extra: [el("p", {}, el("a", { href: "#sign-in" }, texts("backToSignIn")))],
  });
}
