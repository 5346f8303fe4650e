import { codeStep } from "../code-step.js";
import { el } from "../dom.js";

/** The code of the second factor, within the minutes that the pool gives. */
export function mfaCode(app, { medium }, notice) {
  const { texts } = app;
  const isTotp = medium === "totp";
  return codeStep(app, {
    title: texts("mfa.title"),
    notice,
    // Of those by email, eight digits in place of the password are all that is known.
    lengths: medium === "email" ? [6, 8] : [6],
    of: "mfa",
    bySms: medium === "sms",
    where: () => (isTotp ? el("p", {}, texts("mfa.totp")) : null),
    say: (error) => (isTotp ? sayOfTotp(error, texts) : null),
    action: texts("mfa.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
    hint: texts("mfa.noAccess"),
  });
}

/** An authenticator app sends no message, and there is no other code to ask for. */
export function sayOfTotp({ code }, texts) {
  if (code === "codeMismatch") return texts("error.totpMismatch");
  return code === "codeExpired" ? texts("error.totpUsed") : null;
}
