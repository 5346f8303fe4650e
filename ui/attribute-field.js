// The field of an attribute of the user.
import { own, ownOf } from "./dom.js";
import { phoneNumber, textField } from "./fields.js";

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
export function attributeField({ texts }, { name, options, ...more }) {
  const kind = ownOf(own(KINDS, name) ?? {});
  const key = own(LABELS, name) ?? `attribute.${name}`;
  const label = texts.has(key) ? texts(key) : name;
  const hint = name === "phone_number" ? texts("phone.hint") : undefined;
  const mark = more.required === false ? texts("field.optional") : undefined;
  const field = textField({ label, hint, mark, ...kind, ...more, name, choices: options });
  return name === "phone_number" ? { ...field, value: () => phoneNumber(field.value()) } : field;
}
