// What all forms for a code from a message have in common: where it went, how long it lasts, another
// one, the code read from an SMS.
import { el, ownOf } from "./dom.js";
import { codeField } from "./code-field.js";
import { eventForm } from "./form.js";
import { backToSignIn, countdownSentence, deliverySentence, otherWays, resendButton } from "./parts.js";
import { acceptCodeFromSms } from "./web-otp.js";

/**
 * A form for a code. `bySms`: whether it comes by SMS. `of` is what the countdown is of: `"code"`, or
 * `"mfa"` for the sign-in as a whole. `lengths` are how many digits it can have. `where(snapshot)` says
 * where to look, where that is not a message; `say(error)` what an error is called here, or null. `body`,
 * `fields`, `hint` and `leave` (in place of going back to signing in) are what one form has and the others
 * do not. `notice` is the news that it begins with, or null.
 */
export function codeStep(app, options) {
  const { title, action, event, of, bySms, lengths, where, say, body, fields = [], leave, hint } =
    ownOf(options);
  const { notice = null } = ownOf(options);
  const place = el("div");
  const countdown = countdownSentence({ ...app, key: of });
  const outcome = el("p", { class: "notice good", role: "status" }, notice);
  const code = codeField(app, { lengths, alone: fields.length === 0 });
  const done = (text) => {
    outcome.textContent = text;
    code.refuse(null);
  };
  const resend = resendButton({ app, done });
  const another = el("p", {}, resend.element);
  const ways = otherWays(app);
  const ofSignIn = of === "mfa";
  const form = eventForm({
    app,
    title,
    body: [place, ofSignIn ? countdown.element : null, body],
    fields: [say === undefined ? code : { ...code, say }, ...fields],
    action,
    event,
    extra: [
      ofSignIn ? null : countdown.element,
      another,
      outcome,
      ways.element,
      hint === undefined ? null : el("p", { class: "hint" }, hint),
      leave ?? el("p", {}, backToSignIn(app)),
    ],
  });
  const stopWaiting = bySms ? acceptCodeFromSms(code, form.submit) : () => {};
  return {
    ...form,
    show(snapshot) {
      const { delivery, canResend = true, resendAt, alternatives = [] } = ownOf(snapshot);
      const { busy, error } = snapshot;
      // Something else is said, or done, by now.
      if (error !== null || ![null, "resendCode"].includes(busy)) outcome.textContent = "";
      place.replaceChildren(where?.(snapshot) ?? deliverySentence(delivery, app.texts));
      countdown.update(ofSignIn ? snapshot.expiresAt : snapshot.codeExpiresAt);
      another.hidden = !canResend;
      resend.update(resendAt);
      ways.update(alternatives);
      form.show(snapshot);
    },
    stop() {
      stopWaiting();
      countdown.stop();
      resend.stop();
    },
  };
}
