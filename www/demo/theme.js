// The page of themes: the element beside its properties. They are set on it as an app would, and what was
// changed is the CSS to copy.
import "../ui/index.js";
import { el } from "../ui/dom.js";
import { LANGUAGES } from "../ui/texts.js";
import { THEMES, TOKENS } from "../ui/style.js";

/** Signed out, whatever is pressed: there is no pool here. */
const flow = {
  snapshot: () => SIGNED_OUT,
  subscribe: () => () => {},
  accepts: () => false,
  send: async () => SIGNED_OUT,
};
const SIGNED_OUT = { step: "signedOut", username: null, busy: null, error: null, round: 1 };

const changed = new Map();
const choices = { scheme: "", theme: "", lang: "en" };
const preview = el("div", { class: "preview" });
const css = el("pre", { class: "css-of-theme", tabindex: "0", "aria-label": "CSS" });
const properties = el("div", { class: "tokens-of-theme" });
const copied = el("span", { class: "hint", role: "status" });
const elements = ["signIn", "signUp"].map((start) => {
  const element = el("cognito-sign-in", { start });
  element.flow = flow;
  return element;
});
preview.append(...elements);

document.querySelector("main").append(
  el(
    "section",
    { class: "themes", "aria-label": "Properties" },
    el(
      "div",
      { class: "toolbar" },
      select("Theme", { "": "Calm", dense: "Dense", contrast: "High contrast" }, "theme"),
      select("Colours", { "": "As the system", light: "Light", dark: "Dark" }, "scheme"),
      select("Language", LANGUAGES, "lang"),
      el("button", { type: "button", class: "secondary", click: reset }, "Reset"),
    ),
    properties,
    css,
    el(
      "div",
      { class: "actions" },
      el("button", { type: "button", class: "primary", click: copy }, "Copy CSS"),
      copied,
    ),
  ),
  el("section", { "aria-label": "Preview" }, preview),
);
reset();

function select(label, options, name) {
  const input = el(
    "select",
    {
      change: () => {
        choices[name] = input.value;
        show();
        if (name !== "lang") list();
      },
    },
    Object.entries(options).map(([value, text]) =>
      el("option", { value, selected: value === choices[name] }, text),
    ),
  );
  return el("label", { class: "field" }, label, input);
}

function reset() {
  changed.clear();
  list();
  show();
}

/** One input for each property: a colour where it is one, else a text. */
function list() {
  const theme = new Map((THEMES[choices.theme] ?? []).map((token) => [token[0], token]));
  const dark = choices.scheme === "dark" || (choices.scheme === "" && matchMedia("(prefers-color-scheme: dark)").matches);
  properties.replaceChildren(
    ...TOKENS.map((token) => {
      const [name, light, other = light] = theme.get(token[0]) ?? token;
      const usual = dark ? other : light;
      const type = /^#[0-9a-f]{6}$/.test(usual) ? "color" : "text";
      const input = el("input", {
        type,
        value: changed.get(name) ?? usual,
        input: () => {
          changed.set(name, input.value);
          show();
        },
      });
      return el("label", { class: "field" }, `--cognito-${name}`, input);
    }),
  );
}

function show() {
  preview.className = `preview ${choices.scheme}`;
  for (const element of elements) {
    element.lang = choices.lang;
    if (choices.theme === "") element.removeAttribute("theme");
    else element.setAttribute("theme", choices.theme);
    for (const [name] of TOKENS) element.style.removeProperty(`--cognito-${name}`);
    for (const [name, value] of changed) element.style.setProperty(`--cognito-${name}`, value);
  }
  const lines = [...changed].map(([name, value]) => `  --cognito-${name}: ${value};\n`);
  css.textContent = `cognito-sign-in {\n${lines.join("")}}`;
}

async function copy() {
  try {
    await navigator.clipboard.writeText(css.textContent);
    copied.textContent = "Copied.";
  } catch {
    // Not allowed here: it can be selected.
    copied.textContent = "Select it and copy it yourself.";
  }
}
