// Signing up: which fields it has, the app says.
import { attributeField, withShape } from "../attribute-field.js";
import { el, own, ownOf } from "../dom.js";
import { usernameField } from "../fields.js";
import { eventForm } from "../form.js";
import { viewLink } from "../links.js";
import { newPasswordField } from "../new-password.js";

/** What is asked for where the app does not say, by what the user name is. */
const USUAL = {
  name: ["username", "email", "phone_number", "password"],
  email: ["email", "password"],
  phone_number: ["phone_number", "password"],
};

/**
 * A new user. Each of `fields` is a name or `{ name, label?, hint?, required?, type?, autocomplete?,
 * options? }`: `username`, `password`, or an attribute (`custom:…` too) of the user. `options` are
 * those of a choice, `{ value, label }` or texts.
 */
export function signUp(app) {
  const { texts, usernameIs } = app;
  const fields = fieldsOf(app).map((field) => made(app, field));
  const names = fields.map(({ name }) => name);
  // The name belongs to a user that is there already, with what was wrong.
  const taken = usernameIs === "name" ? app.startedAgain() : null;
  return eventForm({
    app,
    title: texts("signUp.title"),
    body:
      taken === null
        ? []
        : [el("p", { class: "notice" }, texts("confirm.startedAgain", { username: taken }))],
    fields,
    action: texts("signUp.action"),
    event: ({ username, password = "", ...attributes }) => ({
      type: "signUp",
      username: names.includes("username") ? username : attributes[usernameIs],
      ...(password === "" ? {} : { password }),
      attributes: given(attributes),
    }),
    extra: [
      el(
        "p",
        { class: "separated" },
        texts("signUp.haveAccount"),
        " ",
        viewLink(app, "signIn", texts("signIn.title")),
      ),
    ],
  });
}

/** What an app left out and no sign-up can do without comes first, what the pool wants besides last. */
function fieldsOf({ fields, usernameIs, required }) {
  const all = (fields ?? own(USUAL, usernameIs) ?? USUAL.name).map((field) => {
    const { ...members } = typeof field === "string" ? { name: field } : field;
    return required.includes(members.name) ? { ...members, required: true } : members;
  });
  const needed = usernameIs === "name" ? "username" : usernameIs;
  const has = all.some(({ name }) => name === needed || name === "username");
  const known = all.map(({ name }) => name);
  const missing = required.filter((name) => !known.includes(name) && (has || name !== needed));
  const wanted = missing.map((name) => ({ name, required: true }));
  const password = known.indexOf("password");
  all.splice(password === -1 ? all.length : password, 0, ...wanted);
  return has ? all : [{ name: needed }, ...all];
}

function made(app, field) {
  const { texts, policy, passwordless, usernameIs } = app;
  const { name, required, ...rest } = ownOf(field);
  const mark = (needed) => texts(needed ? "field.required" : "field.optional");
  if (name === "username") {
    const field = usernameField(app, null, "username", { mark: mark(true), ...rest });
    return { ...withShape(field, usernameIs, texts), name };
  }
  if (name === "password") {
    return newPasswordField({
      texts,
      policy,
      label: texts("password.label"),
      hint: passwordless ? texts("signUp.noPassword") : undefined,
      mark: mark(!passwordless),
      ...rest,
      name,
      required: !passwordless,
    });
  }
  const isUsername = name === usernameIs;
  const needed = isUsername || required === true;
  const attribute = attributeField(app, { mark: mark(needed), ...rest, name, required: needed });
  return isUsername ? { ...attribute, about: ["userExists"] } : attribute;
}

/** What a person left empty is not sent: an empty email address would be refused. */
function given(attributes) {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}
