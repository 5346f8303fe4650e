import { el } from "../dom.js";
import { passwordField, textField } from "../fields.js";
import { eventForm } from "../form.js";

/** A new user, with an email address and a phone number. */
export function signUp(app) {
  const { texts, policy, passwordless } = app;
  return eventForm({
    app,
    title: texts("signUp.title"),
    fields: [
      textField({
        name: "username",
        label: texts("username.label"),
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
      }),
      textField({
        name: "email",
        label: texts("email.label"),
        type: "email",
        autocomplete: "email",
        required: false,
      }),
      textField({
        name: "phone_number",
        label: texts("phone.label"),
        hint: texts("phone.hint"),
        type: "tel",
        autocomplete: "tel",
        required: false,
      }),
      passwordField({
        texts,
        policy,
        name: "password",
        label: texts("password.label"),
        hint: passwordless ? texts("signUp.noPassword") : undefined,
        required: !passwordless,
        autocomplete: "new-password",
      }),
    ],
    action: texts("signUp.action"),
    event: ({ username, password, email, phone_number }) => ({
      type: "signUp",
      username,
      ...(password === "" ? {} : { password }),
      attributes: given({ email, phone_number: phone_number.replace(/[\s().-]/g, "") }),
    }),
    extra: [
      el(
        "p",
        { class: "separated" },
        texts("signUp.haveAccount"),
        " ",
        el("a", { href: "#sign-in" }, texts("signIn.title")),
      ),
    ],
  });
}

/** What a person left empty is not sent: an empty email address would be refused. */
function given(attributes) {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}
