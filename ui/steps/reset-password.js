import { codeStep } from "../code-step.js";
import { el } from "../dom.js";
import { hiddenUsername } from "../fields.js";
import { newPasswordField } from "../new-password.js";

/** A code and a new password, for one who forgot theirs or whom an administrator reset. */
export function resetPassword(app, { username }) {
  const { texts, policy } = app;
  const password = newPasswordField({
    texts,
    policy,
    name: "password",
    label: texts("newPassword.label"),
  });
  return codeStep(app, {
    title: texts("reset.title"),
    of: "code",
    // The same for everybody, whether there is an account or not: see `signed-out/forgot-password.js`.
    where: () => el("p", {}, texts("forgot.unknown")),
    body: hiddenUsername(username),
    fields: [password],
    action: texts("reset.action"),
    event: ({ code, password }) => ({ type: "resetPassword", code, password }),
  });
}
