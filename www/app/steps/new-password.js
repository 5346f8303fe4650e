import { el, own } from "../dom.js";
import { hiddenUsername, passwordField, textField } from "../fields.js";
import { eventButton, eventForm } from "../form.js";
import { countdownSentence } from "../parts.js";

const KINDS = {
  email: { type: "email", autocomplete: "email" },
  phone_number: { type: "tel", autocomplete: "tel" },
  name: { autocomplete: "name" },
  given_name: { autocomplete: "given-name" },
  family_name: { autocomplete: "family-name" },
};

/** The first own password of a user whom an administrator made. */
export function newPassword(app, { username, missingAttributes }) {
  const { texts, policy } = app;
  const countdown = countdownSentence({ ...app, key: "mfa" });
  const password = passwordField({
    texts,
    policy,
    name: "password",
    label: texts("newPassword.label"),
    autocomplete: "new-password",
  });
  const attributes = missingAttributes.map((name) =>
    textField({ name, label: labelOf(name, texts), ...own(KINDS, name) }),
  );
  const form = eventForm({
    app,
    title: texts("newPassword.title"),
    body: [
      el("p", {}, texts("newPassword.text", { username })),
      countdown.element,
      hiddenUsername(username),
    ],
    fields: [password, ...attributes],
    action: texts("newPassword.action"),
    event: () => ({
      type: "setNewPassword",
      password: password.value(),
      attributes: Object.fromEntries(attributes.map((field) => [field.name, field.value()])),
    }),
    extra: [
      el("p", {}, eventButton({ app, label: texts("backToSignIn"), event: { type: "cancel" } })),
    ],
  });
  return {
    ...form,
    show(snapshot) {
      countdown.update(snapshot.expiresAt);
      form.show(snapshot);
    },
    stop: countdown.stop,
  };
}

/** An attribute that the texts do not know goes by its own name. */
function labelOf(name, texts) {
  const keys = { email: "email.label", phone_number: "phone.label" };
  return Object.hasOwn(keys, name) ? texts(keys[name]) : name;
}
