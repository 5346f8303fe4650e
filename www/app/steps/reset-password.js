import { el } from "../dom.js";
import { codeField, hiddenUsername, passwordField } from "../fields.js";
import { eventButton, eventForm } from "../form.js";
import { countdownSentence, deliverySentence, resendButton } from "../parts.js";

/** A code and a new password, for one who forgot theirs or whom an administrator reset. */
export function resetPassword(app, { username }) {
  const { texts, policy } = app;
  const where = el("div");
  const countdown = countdownSentence({ ...app, key: "code" });
  const resend = resendButton({ app });
  const form = eventForm({
    app,
    title: texts("reset.title"),
    body: [where, hiddenUsername(username)],
    fields: [
      codeField({ texts }),
      passwordField({
        texts,
        policy,
        name: "password",
        label: texts("newPassword.label"),
        autocomplete: "new-password",
      }),
    ],
    action: texts("reset.action"),
    event: ({ code, password }) => ({ type: "resetPassword", code, password }),
    extra: [
      countdown.element,
      el("p", {}, resend.element),
      el("p", {}, eventButton({ app, label: texts("backToSignIn"), event: { type: "cancel" } })),
    ],
  });
  return {
    ...form,
    show(snapshot) {
      where.replaceChildren(deliverySentence(snapshot.delivery, texts));
      countdown.update(snapshot.codeExpiresAt);
      resend.update(snapshot.resendAt);
      form.show(snapshot);
    },
    stop() {
      countdown.stop();
      resend.stop();
    },
  };
}
