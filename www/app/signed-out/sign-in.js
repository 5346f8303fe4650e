// Signing in: the user name, and with it the password, a passkey, or nothing, as the pool has it.
import { checkboxField, passwordField, textField } from "../fields.js";
import { el } from "../dom.js";
import { eventForm, signOutDone } from "../form.js";
import { otherSites } from "../other-sites.js";
import { canAutofill, hasPasskeys } from "../passkeys.js";

export function signIn(app, snapshot) {
  const { texts, signInWith, askRemember } = app;
  const username = snapshot.username ?? app.lastUsername;
  const isChoice = signInWith === "choice";
  const passkeys = isChoice && app.passkeys && hasPasskeys();
  const name = textField({
    name: "username",
    label: texts("username.label"),
    value: username ?? "",
    autocomplete: passkeys ? "username webauthn" : "username",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const password = passwordField({
    texts,
    name: "password",
    label: texts("password.label"),
    hint: isChoice ? texts("signIn.noPassword") : undefined,
    required: !isChoice,
    autocomplete: "current-password",
  });
  const remember = checkboxField({ name: "remember", label: texts("signIn.remember"), checked: true });
  const fields = [name, ...(signInWith === "custom" ? [] : [password])];
  if (askRemember) fields.push(remember);

  const event = ({ username, password, remember }, more = {}) => ({
    type: "signIn",
    username,
    ...(password ? { password } : {}),
    ...(askRemember ? { remember } : {}),
    ...more,
  });
  const withPasskey = {
    label: texts("signIn.passkey"),
    needs: ["username"],
    event: ({ username, remember }) => event({ username, remember }, { preferred: "passkey" }),
  };
  // An event would take away what there is to read.
  if (passkeys && username !== null && snapshot.error === null) {
    offerPasskey(app, event({ username, remember: true }, { preferred: "passkey", autofill: true }));
  }
  return eventForm({
    app,
    title: texts("signIn.title"),
    fields,
    action: texts("signIn.action"),
    event: (values) => event(values),
    others: passkeys ? [withPasskey] : [],
    extra: [
      otherSites(app),
      el("p", {}, el("a", { href: "#forgot-password" }, texts("signIn.forgot"))),
      el(
        "p",
        { class: "separated" },
        texts("signIn.noAccount"),
        " ",
        el("a", { href: "#sign-up" }, texts("signUp.title")),
      ),
      el("p", {}, el("a", { href: "#confirm" }, texts("signIn.haveCode"))),
    ],
  });
}

/**
 * Has the browser offer the passkeys of who was here last, in the field of the user name; the form can
 * be used meanwhile. Where there are none nothing is seen of it.
 */
async function offerPasskey({ flow, send, isCurrent }, event) {
  if (!(await canAutofill())) return;
  await signOutDone(flow);
  const { busy, error } = flow.snapshot();
  if (isCurrent() && busy === null && error === null) send(event);
}
