// Signing in: the user name, and with it the password, a passkey, or nothing, as the pool has it.
import { checkboxField, passwordField, usernameField } from "../fields.js";
import { el } from "../dom.js";
import { eventButton, eventForm, signOutDone } from "../form.js";
import { offers, viewLink } from "../links.js";
import { canAutofill, hasPasskeys } from "../passkeys.js";

export function signIn(app, snapshot) {
  const { texts, signInWith, askRemember } = app;
  const username = snapshot.username ?? app.lastUsername;
  const isChoice = signInWith === "choice";
  const passkeys = isChoice && app.offerPasskeys && hasPasskeys();
  const name = usernameField(app, username, passkeys ? "username webauthn" : "username");
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
      offers(app, "forgotPassword")
        ? el("p", {}, viewLink(app, "forgotPassword", texts("signIn.forgot")))
        : null,
      offers(app, "signUp")
        ? el(
            "p",
            { class: "separated" },
            texts("signIn.noAccount"),
            " ",
            viewLink(app, "signUp", texts("signUp.title")),
          )
        : null,
      offers(app, "confirm") && offers(app, "signUp")
        ? el("p", {}, viewLink(app, "confirm", texts("signIn.haveCode")))
        : null,
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

/** A button for each of the app's `redirects`, `{ label, provider?, idpIdentifier? }`: the person comes back. */
function otherSites(app) {
  const { texts, redirects } = app;
  if (redirects.length === 0) return null;
  const lang = texts.language;
  return el(
    "div",
    { class: "ways separated" },
    redirects.map(({ label, ...to }) =>
      eventButton({
        app,
        kind: "secondary",
        label,
        event: { type: "signInWithRedirect", lang, ...to },
      }),
    ),
  );
}
