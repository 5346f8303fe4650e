import { challengeForm } from "../challenge-form.js";
import { textField } from "../fields.js";

/** An email address for the codes of the second factor. */
export function setUpEmail(app) {
  const { texts } = app;
  return challengeForm(app, {
    title: texts("setUpEmail.title"),
    text: texts("setUpEmail.text"),
    fields: [
      textField({ name: "email", label: texts("email.label"), type: "email", autocomplete: "email" }),
    ],
    action: texts("setUpEmail.action"),
    event: ({ email }) => ({ type: "setUpEmail", email }),
  });
}
