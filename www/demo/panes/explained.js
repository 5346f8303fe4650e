// What a request is for, for who reads along: which call it is, why it is made now, and which line of the
// developer guide of 2017 it follows.

/** The lines of the guide, by the call that follows them. */
const GUIDE = {
  SignUp: "both",
  ConfirmSignUp: "confirms",
  ResendConfirmationCode: "lives",
  "InitiateAuth USER_SRP_AUTH": "mfa",
  "RespondToAuthChallenge PASSWORD_VERIFIER": "mfa",
  "RespondToAuthChallenge SMS_MFA": "marks",
  GetUserAttributeVerificationCode: "both",
  VerifyUserAttribute: "lives",
  ForgotPassword: "recovers",
  ConfirmForgotPassword: "recovers",
  SetUserMFAPreference: "optional",
};

/** `{ kind, why, guide }`: the flow or challenge besides the operation, and two sentences, or null each. */
export function explained({ operation, request }, texts) {
  const kind = kindOf(request);
  const names = kind === null ? [operation] : [`${operation} ${kind}`, operation];
  const key = names.map((name) => `why.${name}`).find((key) => texts.has(key));
  const line = names.map((name) => GUIDE[name]).find((line) => line !== undefined);
  return { kind, why: key ? texts(key) : null, guide: line ? texts(`guide.${line}`) : null };
}

function kindOf(request) {
  try {
    const { AuthFlow, ChallengeName } = JSON.parse(request);
    return AuthFlow ?? ChallengeName ?? null;
  } catch {
    // A form, not JSON.
    return null;
  }
}
