import { challengeForm } from "../challenge-form.js";
import { codeField } from "../code-field.js";
import { totpSecret } from "../totp-secret.js";
import { sayOfTotp } from "./mfa-code.js";

/** An authenticator app, where the pool lets nobody in without a second factor. */
export function setUpTotp(app, secret) {
  const { texts } = app;
  return challengeForm(app, {
    title: texts("totp.title"),
    text: texts("totp.text"),
    body: totpSecret(app, secret),
    fields: [{ ...codeField(app, { alone: true }), say: (error) => sayOfTotp(error, texts) }],
    action: texts("mfa.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
  });
}
