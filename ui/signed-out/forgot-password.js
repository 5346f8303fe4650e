import { el } from "../dom.js";
import { usernameField } from "../fields.js";
import { eventForm } from "../form.js";
import { viewLink } from "../links.js";
import { resetPassword } from "../steps/reset-password.js";

const HOUR = 3_600_000;
const PAUSE = 30_000;

/** Asks for a code to set a new password with. */
export function forgotPassword(app, { username }) {
  const { texts } = app;
  const form = eventForm({
    app,
    title: texts("forgot.title"),
    body: [el("p", {}, texts("forgot.text"))],
    fields: [usernameField(app, username)],
    action: texts("forgot.action"),
    event: ({ username }) => {
      asked = username;
      return { type: "forgotPassword", username };
    },
    extra: [el("p", {}, viewLink(app, "signIn", texts("backToSignIn")))],
  });
  let asked = null;
  let pretended = null;
  const element = el("div", {}, form.element);
  return {
    element,
    show(snapshot) {
      const { busy, error } = snapshot;
      const isNobody = busy === null && error?.code === "wrongCredentials";
      // Neither words nor the step tell who has an account.
      if (isNobody && asked !== null && pretended === null) {
        pretended = asIfSent(app, asked);
        element.replaceChildren(pretended.element);
        pretended.focus();
        app.announce(texts("reset.title"));
      }
      if (pretended === null) form.show(snapshot);
    },
    focus: () => (pretended ?? form).focus(),
    stop: () => pretended?.stop(),
  };
}

/** The form that follows where a code was sent. No code is right in it. */
function asIfSent(app, username) {
  const now = Date.now();
  let snapshot = {
    ...{ step: "resetPassword", username, delivery: null, busy: null, error: null },
    ...{ codeExpiresAt: now + HOUR, resendAt: now + PAUSE },
  };
  const flow = { snapshot: () => snapshot, accepts: () => true, subscribe: () => () => {} };
  const send = async ({ type }) => {
    if (type === "cancel") {
      app.navigation.go("signIn");
      return null;
    }
    const wrong = { code: "codeMismatch", message: "" };
    const error = type === "resetPassword" ? wrong : null;
    snapshot = { ...snapshot, error };
    if (error === null) snapshot.resendAt = Date.now() + PAUSE;
    form.show(snapshot);
    return snapshot;
  };
  const form = resetPassword({ ...app, flow, send }, snapshot);
  form.show(snapshot);
  return form;
}
