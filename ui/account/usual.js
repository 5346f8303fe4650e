// The parts that every account has, loaded when the first of them is opened.
export { changeContact } from "./contact.js";
export { changePassword } from "./password.js";
export { deleteUser } from "./delete.js";
export { mfaPreference } from "./mfa.js";
