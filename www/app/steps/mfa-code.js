import { el } from "../dom.js";
import { codeField } from "../fields.js";
import { eventButton, eventForm } from "../form.js";
import { countdownSentence, deliverySentence, resendButton } from "../parts.js";
import { acceptCodeFromSms } from "../web-otp.js";

/** The code of the second factor, within the minutes that the pool gives. */
export function mfaCode(app, { medium }) {
  const { texts } = app;
  const where = el("div");
  const countdown = countdownSentence({ ...app, key: "mfa" });
  const resend = resendButton({ app });
  const code = { ...codeField({ texts }), say: (error) => sayOfTotp(error, medium, texts) };
  const form = eventForm({
    app,
    title: texts("mfa.title"),
    body: [where, countdown.element],
    fields: [code],
    action: texts("mfa.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
    extra: [
      el("p", {}, resend.element),
      el("p", {}, eventButton({ app, label: texts("backToSignIn"), event: { type: "cancel" } })),
    ],
  });

  const stopWaiting = medium === "sms" ? acceptCodeFromSms(code, form.submit) : () => {};
  return {
    ...form,
    show(snapshot) {
      const { delivery, expiresAt, canResend, resendAt } = snapshot;
      where.replaceChildren(
        medium === "totp" ? el("p", {}, texts("mfa.totp")) : deliverySentence(delivery, texts),
      );
      countdown.update(expiresAt);
      resend.element.parentElement.hidden = !canResend;
      resend.update(resendAt);
      form.show(snapshot);
    },
    stop() {
      stopWaiting();
      countdown.stop();
      resend.stop();
    },
  };
}

/** An authenticator app sends no message, and there is no other code to ask for. */
function sayOfTotp({ code }, medium, texts) {
  if (medium !== "totp") return null;
  if (code === "codeMismatch") return texts("error.totpMismatch");
  return code === "codeExpired" ? texts("error.totpUsed") : null;
}
