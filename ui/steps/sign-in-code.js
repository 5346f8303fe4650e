import { codeStep } from "../code-step.js";

/** A code in place of the password. */
export function signInCode(app, { medium }) {
  const { texts } = app;
  return codeStep(app, {
    title: texts("signInCode.title"),
    of: "mfa",
    bySms: medium === "sms",
    action: texts("signIn.action"),
    event: ({ code }) => ({ type: "submitCode", code }),
  });
}
