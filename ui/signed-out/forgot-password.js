import { el } from "../dom.js";
import { usernameField } from "../fields.js";
import { eventForm } from "../form.js";
import { viewLink } from "../links.js";

/** Asks for a code to set a new password with. */
export function forgotPassword(app, { username }) {
  const { texts } = app;
  const field = usernameField(app, username);
  // Neither who has an account is told, nor is there a word of a password that was not asked for.
  const name = {
    ...field,
    about: ["wrongCredentials"],
    say: ({ code }) => (code === "wrongCredentials" ? texts("forgot.unknown") : null),
  };
  return eventForm({
    app,
    title: texts("forgot.title"),
    body: [el("p", {}, texts("forgot.text"))],
    fields: [name],
    action: texts("forgot.action"),
    event: ({ username }) => ({ type: "forgotPassword", username }),
    extra: [el("p", {}, viewLink(app, "signIn", texts("backToSignIn")))],
  });
}
