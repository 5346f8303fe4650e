// The forms of what a pool may ask in a sign-in besides a code.
export { customChallenge } from "./steps/custom-challenge.js";
export { newPassword } from "./steps/new-password.js";
export { passkey } from "./steps/passkey.js";
export { password } from "./steps/password.js";
export { selectFactor } from "./steps/select-factor.js";
export { setUpEmail } from "./steps/set-up-email.js";
export { setUpTotp } from "./steps/set-up-totp.js";
export { signInCode } from "./steps/sign-in-code.js";
