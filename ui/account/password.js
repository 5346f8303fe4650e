import { hiddenUsername, passwordField } from "../fields.js";
import { newPasswordField } from "../new-password.js";
import { callForm } from "./call-form.js";

/** A new password takes the present one. */
export function changePassword(app) {
  const { texts, flow, policy, ask } = app;
  const current = passwordField({
    texts,
    name: "current",
    label: texts("account.currentPassword"),
    autocomplete: "current-password",
    wrong: "error.wrongPassword",
  });
  return callForm({
    app,
    before: hiddenUsername(flow.snapshot().username),
    fields: [
      { ...current, about: ["wrongCredentials"] },
      newPasswordField({ texts, policy, name: "password", label: texts("newPassword.label") }),
    ],
    action: texts("account.save"),
    call: async ({ current, password }) => {
      await ask(() => flow.account.changePassword(current, password));
      return texts("account.passwordChanged");
    },
  });
}
