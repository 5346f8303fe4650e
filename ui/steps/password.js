import { challengeForm } from "../challenge-form.js";
import { hiddenUsername, passwordField } from "../fields.js";

/** The password, where the name came first. */
export function password(app, { username }) {
  const { texts } = app;
  return challengeForm(app, {
    title: texts("password.title"),
    text: texts("account.of", { username }),
    body: hiddenUsername(username),
    fields: [
      passwordField({
        texts,
        name: "password",
        label: texts("password.label"),
        autocomplete: "current-password",
        wrong: "error.wrongPasswordAlone",
      }),
    ],
    action: texts("signIn.action"),
    event: ({ password }) => ({ type: "submitPassword", password }),
  });
}
