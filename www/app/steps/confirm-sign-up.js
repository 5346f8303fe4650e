import { el } from "../dom.js";
import { codeField } from "../fields.js";
import { eventButton, eventForm } from "../form.js";
import { countdownSentence, deliverySentence, resendButton } from "../parts.js";
import { acceptCodeFromSms } from "../web-otp.js";

/** The code that confirms a sign-up; the pool may have sent a link instead. */
export function confirmSignUp(app, { username, delivery }) {
  const { texts } = app;
  const where = el("div");
  const countdown = countdownSentence({ ...app, key: "code" });
  const resend = resendButton({ app });
  const code = codeField({ texts });
  const form = eventForm({
    app,
    title: texts("confirm.title"),
    body: [where],
    fields: [code],
    action: texts("confirm.action"),
    event: ({ code }) => ({ type: "confirmSignUp", code }),
    extra: [
      countdown.element,
      el("p", {}, resend.element),
      // Only the person knows that a link was opened. Signing in finds out whether it worked.
      el(
        "p",
        { class: "separated" },
        texts("confirm.link", { username }),
        " ",
        eventButton({ app, label: texts("confirm.linkOpened"), event: { type: "cancel" } }),
      ),
    ],
  });
  const stopWaiting = delivery?.medium === "sms" ? acceptCodeFromSms(code, form.submit) : () => {};
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
