// The forms of every step but the first: loaded when something is under way.
export { confirmSignUp } from "./steps/confirm-sign-up.js";
export { customChallenge } from "./steps/custom-challenge.js";
export { mfaCode } from "./steps/mfa-code.js";
export { newPassword } from "./steps/new-password.js";
export { passkey } from "./steps/passkey.js";
export { password } from "./steps/password.js";
export { resetPassword } from "./steps/reset-password.js";
export { selectFactor } from "./steps/select-factor.js";
export { setUpEmail } from "./steps/set-up-email.js";
export { setUpTotp } from "./steps/set-up-totp.js";
export { signInCode } from "./steps/sign-in-code.js";
export { signedIn } from "./steps/signed-in.js";
export { verifyAttribute } from "./steps/verify-attribute.js";
