import { codeStep } from "../code-step.js";

/** A code in place of the password. */
export function signInCode(app, { medium }, notice) {
  const { texts } = app;
  return codeStep(app, {
    title: texts("signInCode.title"),
    notice,
    // Cognito's own have eight here; other pools keep to six.
    lengths: [6, 8],
    of: "mfa",
    bySms: medium === "sms",
    action: texts("signIn.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
  });
}
