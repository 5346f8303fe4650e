// The signed-out forms besides the one for signing in: loaded once that one is there.
export { confirmLater as confirm } from "./confirm-later.js";
export { forgotPassword } from "./forgot-password.js";
export { signUp } from "./sign-up.js";
