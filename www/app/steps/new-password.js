import { challengeForm } from "../challenge-form.js";
import { own } from "../dom.js";
import { hiddenUsername, passwordField, textField } from "../fields.js";

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
  return challengeForm(app, {
    title: texts("newPassword.title"),
    text: texts("newPassword.text", { username }),
    body: hiddenUsername(username),
    fields: [password, ...attributes],
    action: texts("newPassword.action"),
    event: () => ({
      type: "setNewPassword",
      password: password.value(),
      attributes: Object.fromEntries(attributes.map((field) => [field.name, field.value()])),
    }),
  });
}

/** An attribute that the texts do not know goes by its own name. */
function labelOf(name, texts) {
  const keys = { email: "email.label", phone_number: "phone.label" };
  return Object.hasOwn(keys, name) ? texts(keys[name]) : name;
}
