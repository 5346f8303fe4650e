import { el } from "../dom.js";
import { codeField } from "../fields.js";
import { eventButton, eventForm } from "../form.js";
import { countdownSentence, deliverySentence, resendButton } from "../parts.js";
import { acceptCodeFromSms } from "../web-otp.js";

/** The code that proves an email address or a phone number; one after the other. */
export function verifyAttribute(app, { attribute, remaining, skippable }) {
  const { texts } = app;
  const where = el("div");
  const countdown = countdownSentence({ ...app, key: "code" });
  const resend = resendButton({ app });
  const leave = skippable
    ? eventButton({ app, label: texts("verify.skip"), event: { type: "skipVerification" } })
    : eventButton({ app, label: texts("signedIn.signOut"), event: { type: "cancel" } });
  const code = codeField({ texts });
  const form = eventForm({
    app,
    title: texts(`verify.${attribute}.title`),
    body: [where, remaining.length > 0 ? el("p", {}, texts(`verify.then.${remaining[0]}`)) : null],
    fields: [code],
    action: texts("verify.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
    extra: [countdown.element, el("p", {}, resend.element), el("p", {}, leave)],
  });
  const bySms = attribute === "phone_number";
  const stopWaiting = bySms ? acceptCodeFromSms(code, form.submit) : () => {};
  return {
    ...form,
    show(snapshot) {
      where.replaceChildren(deliverySentence(snapshot.delivery, texts));
      countdown.update(snapshot.codeExpiresAt);
      resend.update(snapshot.resendAt);
      form.show(snapshot);
    },
    stop() {
      stopWaiting();
      countdown.stop();
      resend.stop();
    },
  };
}
