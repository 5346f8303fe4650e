import { el } from "../dom.js";
import { passwordField, textField } from "../fields.js";
import { eventForm } from "../form.js";

/** User name and password. */
export function signIn(app, { username }) {
  const { texts } = app;
  return eventForm({
    app,
    title: texts("signIn.title"),
    fields: [
      textField({
        name: "username",
        label: texts("username.label"),
        value: username ?? "",
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
      }),
      passwordField({
        texts,
        name: "password",
        label: texts("password.label"),
        autocomplete: "current-password",
      }),
    ],
    action: texts("signIn.action"),
    event: ({ username, password }) => ({ type: "signIn", username, password }),
    extra: [
      el("p", {}, el("a", { href: "#forgot-password" }, texts("signIn.forgot"))),
      el(
        "p",
        { class: "separated" },
        texts("signIn.noAccount"),
        " ",
        el("a", { href: "#sign-up" }, texts("signUp.title")),
      ),
      el("p", {}, el("a", { href: "#confirm" }, texts("signIn.haveCode"))),
    ],
  });
}
