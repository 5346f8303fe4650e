import { challengeForm } from "../challenge-form.js";

/** The browser asks for the passkey; who closed its prompt can have it again. */
export function passkey(app, { username }) {
  const { texts } = app;
  return challengeForm(app, {
    title: texts("passkey.title"),
    text: texts("passkey.text", { username }),
    action: texts("passkey.action"),
    event: () => ({ type: "usePasskey" }),
  });
}
