import { el } from "../dom.js";
import { textField } from "../fields.js";
import { eventForm } from "../form.js";

/** Asks for a code to set a new password with. */
export function forgotPassword(app, { username }) {
  const { texts } = app;
  return eventForm({
    app,
    title: texts("forgot.title"),
    body: [el("p", {}, texts("forgot.text"))],
    fields: [
      textField({
        name: "username",
        label: texts("username.label"),
        value: username ?? "",
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
      }),
    ],
    action: texts("forgot.action"),
    event: ({ username }) => ({ type: "forgotPassword", username }),
    extra: [el("p", {}, el("a", { href: "#sign-in" }, texts("backToSignIn")))],
  });
}
