import { passwordField } from "../fields.js";
import { callForm } from "./call-form.js";

export function changePassword(app) {
  const { texts, flow, policy } = app;
  return callForm({
    app,
    fields: [
      passwordField({
        texts,
        name: "current",
        label: texts("account.currentPassword"),
        autocomplete: "current-password",
      }),
      passwordField({
        texts,
        policy,
        name: "password",
        label: texts("newPassword.label"),
        autocomplete: "new-password",
      }),
    ],
    action: texts("account.save"),
    call: ({ current, password }) => flow.account.changePassword(current, password),
  });
}
