import { el } from "../dom.js";
import { codeField } from "../code-field.js";
import { sayOfTotp } from "../steps/mfa-code.js";
import { totpSecret } from "../totp-secret.js";
import { callForm } from "./call-form.js";

/** An authenticator app for who is signed in. The secret is there until `done()` or `leave()`. */
export function enrolTotp(app, secret, { done, leave }) {
  const { texts, flow, ask } = app;
  const code = { ...codeField(app, { alone: true }), say: (error) => sayOfTotp(error, texts) };
  const element = el(
    "div",
    { class: "question", role: "group", "aria-label": texts("totp.title") },
    callForm({
      app,
      before: [el("p", {}, texts("totp.text")), totpSecret(app, secret)],
      fields: [code],
      action: texts("mfa.action"),
      call: async ({ code }) => {
        await ask(() => flow.account.confirmTotp(code, { as: "preferred" }));
        done();
        return "";
      },
    }),
    el("button", { type: "button", class: "link", click: leave }, texts("cancel")),
  );
  return { element, focus: () => code.input.focus() };
}
