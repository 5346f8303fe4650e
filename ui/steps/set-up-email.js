import { attributeField } from "../attribute-field.js";
import { challengeForm } from "../challenge-form.js";

/** An email address for the codes of the second factor. */
export function setUpEmail(app) {
  const { texts } = app;
  return challengeForm(app, {
    title: texts("setUpEmail.title"),
    text: texts("setUpEmail.text"),
    fields: [attributeField(app, { name: "email" })],
    action: texts("setUpEmail.action"),
    event: ({ email }) => ({ type: "setUpEmail", email }),
  });
}
