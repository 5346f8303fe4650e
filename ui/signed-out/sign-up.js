// Signing up: which fields it has, the app says.
import { attributeField } from "../attribute-field.js";
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
  return eventForm({
    app,
    title: texts("signUp.title"),
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

/** What an app left out and no sign-up can do without comes first. */
function fieldsOf({ fields, usernameIs }) {
  const all = (fields ?? own(USUAL, usernameIs) ?? USUAL.name).map((field) =>
    typeof field === "string" ? { name: field } : field,
  );
  const needed = usernameIs === "name" ? "username" : usernameIs;
  const has = all.some(({ name }) => name === needed || name === "username");
  return has ? all : [{ name: needed }, ...all];
}

function made(app, field) {
  const { texts, policy, passwordless, usernameIs } = app;
  const { name, required, ...rest } = ownOf(field);
  if (name === "username") return { ...usernameField(app, null, "username", rest), name };
  if (name === "password") {
    return newPasswordField({
      texts,
      policy,
      label: texts("password.label"),
      hint: passwordless ? texts("signUp.noPassword") : undefined,
      ...rest,
      name,
      required: !passwordless,
    });
  }
  const isUsername = name === usernameIs;
  const attribute = attributeField(app, { ...rest, name, required: isUsername || required === true });
  return isUsername ? { ...attribute, about: ["userExists"] } : attribute;
}

/** What a person left empty is not sent: an empty email address would be refused. */
function given(attributes) {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}
