import { challengeForm } from "../challenge-form.js";
import { attributeField, hiddenUsername, passwordField } from "../fields.js";

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
  const attributes = missingAttributes.map((name) => attributeField(app, { name }));
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
