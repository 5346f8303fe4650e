// Labelled inputs. Each field answers `{ name, element, input, value(), check(), setError(text | null),
// shown(), about, say(error) }`: what is wrong with a value before it is sent, in words, or null; the
// error that it shows; the codes of the errors that stand beside it whatever its name, and what is said
// of an error there, or null for what is said of it everywhere.
import { el, own, ownOf, uniqueId } from "./dom.js";

/** How the user name is called and typed, by what it is. */
const USERNAMES = {
  name: { label: "username.label" },
  email: { label: "email.label", type: "email", inputmode: "email" },
  phone_number: { label: "phone.label", type: "tel" },
};

/** The field of the user name, which the app may want to be an email address or a phone number. */
export function usernameField(app, value, autocomplete = "username", more = {}) {
  const { texts, usernameIs } = app;
  const { label, ...kind } = ownOf(own(USERNAMES, usernameIs) ?? USERNAMES.name);
  const field = textField({
    label: texts(label),
    ...kind,
    ...more,
    name: "username",
    value: value ?? "",
    autocomplete,
    autocapitalize: "none",
    spellcheck: "false",
  });
  return usernameIs === "phone_number" ? phoneField(field, app) : field;
}

/** The field as one of a phone number: with a list of country codes once that is loaded. */
export function phoneField(field, app) {
  // People set numbers in groups.
  const bare = () => field.value().replace(/[\s().\/-]/g, "");
  let read = (number) => number;
  import("./countries.js").then(
    ({ countryPicker }) => (read = countryPicker(field, app)),
    // Without the list the code is typed.
    () => {},
  );
  return { ...field, value: () => read(bare()) };
}

/** An input with its label, a mark beside that, a hint below it and a place for its error. */
export function textField(options) {
  const { name, label, hint, type = "text", required = true, choices, mark, ...attributes } =
    ownOf(options);
  const id = uniqueId(name);
  const input =
    choices === undefined
      ? el("input", { id, name, type, required, dir: LEFT_TO_RIGHT.includes(type) && "ltr", ...attributes })
      : el("select", { id, name, required }, el("option", { value: "" }), choices.map(choice));
  const error = el("p", { class: "field-error", id: `${id}-error` });
  const help = hint ? el("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  const marked = mark ? el("span", { class: "hint mark", id: `${id}-mark` }, mark) : null;
  const element = el(
    "div",
    { class: "field" },
    el("div", { class: "label-row" }, el("label", { for: id }, label), marked),
    input,
    help,
    error,
  );
  const describedBy = [marked?.id, help?.id];

  const describe = () => {
    const ids = [error.textContent === "" ? null : error.id, ...describedBy].filter(Boolean);
    if (ids.length > 0) input.setAttribute("aria-describedby", ids.join(" "));
    else input.removeAttribute("aria-describedby");
  };
  describe();
  return {
    name,
    element,
    input,
    value: () => input.value.trim(),
    check: () => null,
    about: [],
    say: () => null,
    shown: () => error.textContent || null,
    setError(text) {
      if (error.textContent === (text ?? "")) return;
      error.textContent = text ?? "";
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      describe();
    },
    describeBy(id) {
      describedBy.push(id);
      describe();
    },
  };
}

/** What is written so in every script. */
const LEFT_TO_RIGHT = ["email", "password", "tel", "url"];

/** One of several values, a text or `{ value, label }`. */
function choice(given) {
  const { value, label = value } = typeof given === "string" ? { value: given } : ownOf(given);
  return el("option", { value }, label);
}

/** A password that can be shown. `wrong` is the key of what is said when it is. */
export function passwordField(options) {
  const { texts, wrong = "error.wrongCredentials", ...rest } = ownOf(options);
  const field = textField({
    type: "password",
    spellcheck: "false",
    autocapitalize: "none",
    ...rest,
  });
  const { input } = field;
  const toggle = el(
    "button",
    {
      type: "button",
      class: "show-password",
      "aria-label": texts("password.showIt"),
      "aria-pressed": "false",
      "aria-controls": input.id,
      click: () => {
        const show = input.type === "password";
        input.type = show ? "text" : "password";
        toggle.setAttribute("aria-pressed", String(show));
      },
    },
    texts("password.show"),
  );
  const row = el("div", { class: "with-button" });
  input.replaceWith(row);
  row.append(input, toggle);
  return {
    ...field,
    // What a person typed with a blank at its end is what they typed.
    value: () => input.value,
    empty() {
      input.value = "";
      input.dispatchEvent(new Event("input"));
    },
    say({ code }) {
      if (code !== "wrongCredentials") return null;
      const hasBlank = input.value.trim() !== input.value;
      return hasBlank ? `${texts(wrong)} ${texts("error.passwordBlank")}` : texts(wrong);
    },
  };
}

/** Something to agree to. Its value is whether it is ticked. */
export function checkboxField(options) {
  const { name, label, checked = false } = ownOf(options);
  const id = uniqueId(name);
  const input = el("input", { id, name, type: "checkbox", checked });
  return {
    name,
    element: el("label", { class: "option", for: id }, input, " ", label),
    input,
    value: () => input.checked,
    check: () => null,
    about: [],
    say: () => null,
    shown: () => null,
    setError: () => {},
  };
}

/** The user name of a form that does not ask for it: password managers look for it there. */
export function hiddenUsername(username) {
  return el("input", {
    class: "visually-hidden",
    name: "username",
    autocomplete: "username",
    value: username,
    readonly: true,
    tabindex: "-1",
    "aria-hidden": "true",
  });
}
