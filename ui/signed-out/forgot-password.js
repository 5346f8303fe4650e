import { el } from "../dom.js";
import { usernameField } from "../fields.js";
import { eventForm } from "../form.js";
import { viewLink } from "../links.js";

/** Asks for a code to set a new password with. */
export function forgotPassword(app, { username }) {
  const { texts } = app;
  return eventForm({
    app,
    title: texts("forgot.title"),
    body: [el("p", {}, texts("forgot.text"))],
    fields: [
      usernameField(app, username),
    ],
    action: texts("forgot.action"),
    event: ({ username }) => ({ type: "forgotPassword", username }),
    extra: [el("p", {}, viewLink(app, "signIn", texts("backToSignIn")))],
  });
}
