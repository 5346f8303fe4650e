// The pool's settings: what the developer guide calls the Verifications tab.
import { el, formElement } from "../../ui/dom.js";
import { DEFAULTS, FIRST_FACTORS, canHavePasskeys } from "../setup.js";
import { attempt } from "./action.js";

const SIGN_IN_WITH = ["srp", "choice", "custom", "customAfterSrp"];
const MFA = ["OFF", "OPTIONAL", "ON"];
const FACTORS = ["sms", "email", "totp"];
const DEVICES = ["off", "always", "ask"];
const ATTRIBUTES = ["phone_number", "email"];
const EMAIL_BY = ["CONFIRM_WITH_CODE", "CONFIRM_WITH_LINK"];
const MINUTES = [3, 5, 10, 15];

export function settings({ texts, world }) {
  const content = el("div", { class: "settings" });
  const alert = el("p", { class: "form-error", role: "alert" });
  const status = el("p", { class: "hint", role: "status" });
  const buttons = el(
    "div",
    { class: "actions" },
    el("button", { type: "submit", class: "primary" }, texts("settings.save")),
    el("button", { type: "submit", class: "secondary", value: "new" }, texts("settings.newPool")),
  );
  const submit = async (event) => {
    event.preventDefault();
    const isNew = event.submitter?.value === "new";
    status.textContent = "";
    const chosen = read(new FormData(form));
    const done = await attempt(alert, () =>
      isNew ? world.newPool(chosen) : world.changePool(chosen),
    );
    if (done) status.textContent = texts(isNew ? "settings.made" : "settings.saved");
  };
  const form = formElement({ submit }, content, buttons, alert, status);
  const element = el(
    "div",
    {},
    el("h3", {}, texts("settings.title")),
    el("p", { class: "hint" }, texts("settings.intro")),
    form,
    el("div", { class: "actions separated" }, startOver(texts, world)),
  );
  let shown = null;

  return {
    element,
    show({ settings }) {
      const now = JSON.stringify(settings);
      if (now === shown) return;
      shown = now;
      content.replaceChildren(...fieldsets(settings, texts));
    },
  };
}

function fieldsets(current, texts) {
  const required = current.mfa === "ON";
  const reason = el(
    "p",
    { class: "hint", id: "mfa-reason" },
    texts(required ? "settings.mfa.isRequired" : "settings.mfa.reason"),
  );
  return [
    choice("signInWith", SIGN_IN_WITH, current, texts),
    several("firstFactors", FIRST_FACTORS, current, texts, {
      hint: "settings.firstFactors.hint",
      after: canHavePasskeys ? null : byName(texts),
    }),
    choice("mfa", MFA, current, texts, { after: reason, describedBy: reason.id }),
    several("factors", FACTORS, current, texts),
    choice("devices", DEVICES, current, texts),
    el(
      "fieldset",
      {},
      el("legend", {}, texts("settings.more")),
      ["sessions", "otherSites"].map((name) =>
        option("checkbox", name, "on", current[name], texts(`settings.${name}`)),
      ),
    ),
    several("verify", ATTRIBUTES, current, texts, { hint: "settings.verify.hint" }),
    choice("emailBy", EMAIL_BY, current, texts),
    el(
      "fieldset",
      {},
      el("legend", {}, texts("settings.lifetimes")),
      el(
        "div",
        { class: "field" },
        el("label", { for: "session-minutes" }, texts("settings.session")),
        el(
          "select",
          { id: "session-minutes", name: "sessionMinutes" },
          MINUTES.map((minutes) =>
            el(
              "option",
              { value: minutes, selected: minutes === current.sessionMinutes },
              texts("settings.minutes", { minutes }),
            ),
          ),
        ),
      ),
      el("p", { class: "hint" }, texts("settings.codes")),
    ),
  ];
}

function choice(name, values, current, texts, { after = null, describedBy } = {}) {
  return el(
    "fieldset",
    { "aria-describedby": describedBy },
    el("legend", {}, texts(`settings.${name}`)),
    values.map((value) =>
      option("radio", name, value, value === current[name], texts(`settings.${name}.${value}`)),
    ),
    after,
  );
}

function several(name, values, current, texts, { hint, after = null } = {}) {
  return el(
    "fieldset",
    {},
    el("legend", {}, texts(`settings.${name}`)),
    hint ? el("p", { class: "hint" }, texts(hint)) : null,
    values.map((value) =>
      option(
        "checkbox",
        name,
        value,
        current[name].includes(value),
        texts(`settings.${name}.${value}`),
      ),
    ),
    after,
  );
}

/** The same page at a name that means this machine; it has another pool there. */
function byName(texts) {
  const there = new URL(location.href);
  there.hostname = "localhost";
  const [before, after] = texts("settings.passkeys.byName").split("{link}");
  return el("p", { class: "hint" }, before, el("a", { href: there.href }, there.origin), after);
}

function option(type, name, value, checked, label) {
  return el("label", { class: "option" }, el("input", { type, name, value, checked }), " ", label);
}

function read(data) {
  return {
    signInWith: data.get("signInWith"),
    // A pool without passwords there is not.
    firstFactors: ["PASSWORD", ...data.getAll("firstFactors")],
    mfa: data.get("mfa") ?? DEFAULTS.mfa,
    factors: data.getAll("factors"),
    devices: data.get("devices"),
    sessions: data.has("sessions"),
    otherSites: data.has("otherSites"),
    verify: data.getAll("verify"),
    emailBy: data.get("emailBy") ?? DEFAULTS.emailBy,
    sessionMinutes: Number(data.get("sessionMinutes")),
  };
}

function startOver(texts, world) {
  return [
    el(
      "button",
      { type: "button", class: "danger", click: () => world.startOver() },
      texts("settings.startOver"),
    ),
    el("p", { class: "hint" }, texts("settings.startOver.hint")),
  ];
}
