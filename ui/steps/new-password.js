import { attributeField } from "../attribute-field.js";
import { challengeForm } from "../challenge-form.js";
import { hiddenUsername } from "../fields.js";
import { newPasswordField } from "../new-password.js";

/** The first own password of a user whom an administrator made. */
export function newPassword(app, { username, missingAttributes }) {
  const { texts, policy } = app;
  const password = newPasswordField({
    texts,
    policy,
    name: "password",
    label: texts("newPassword.label"),
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
