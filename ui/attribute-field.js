// The field of an attribute of the user.
import { own, ownOf } from "./dom.js";
import { phoneField, textField } from "./fields.js";

/** What kind of input an attribute of the user takes, by the name that Cognito has for it. */
const KINDS = {
  address: { autocomplete: "street-address" },
  birthdate: { type: "date", autocomplete: "bday" },
  email: { type: "email", autocomplete: "email" },
  family_name: { autocomplete: "family-name" },
  given_name: { autocomplete: "given-name" },
  name: { autocomplete: "name" },
  nickname: { autocomplete: "nickname" },
  phone_number: { type: "tel", autocomplete: "tel" },
  website: { type: "url", autocomplete: "url" },
};

const LABELS = { email: "email.label", phone_number: "phone.label" };

/** The field of an attribute. One that the texts do not know goes by its own name. */
export function attributeField(app, { name, options, ...more }) {
  const { texts } = app;
  const kind = ownOf(own(KINDS, name) ?? {});
  const key = own(LABELS, name) ?? `attribute.${name}`;
  const label = texts.has(key) ? texts(key) : name;
  const field = textField({ label, ...kind, ...more, name, choices: options });
  const typed = name === "phone_number" && options === undefined ? phoneField(field, app) : field;
  return withShape(typed, name, texts);
}

const SHAPES = {
  email: { looks: /^[^\s@]+@[^\s@]+\.[^\s@.]+$/, otherwise: "error.email" },
  phone_number: { looks: /^\+[1-9]\d{5,14}$/, otherwise: "error.phone" },
};

/** The field, with what can be seen to be no value of that kind. */
export function withShape(field, kind, texts) {
  const shape = own(SHAPES, kind);
  if (shape === undefined) return field;
  return { ...field, check: () => (shape.looks.test(field.value()) ? null : texts(shape.otherwise)) };
}
