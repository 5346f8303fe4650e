// The pool's settings: what the developer guide calls the Verifications tab.
import { el, formElement } from "../../app/dom.js";
import { DEFAULTS } from "../setup.js";
import { attempt } from "./action.js";

const MFA = ["OFF", "OPTIONAL", "ON"];
const FACTORS = ["sms", "email"];
const ATTRIBUTES = ["phone_number", "email"];
const EMAIL_BY = ["CONFIRM_WITH_CODE", "CONFIRM_WITH_LINK"];
const MINUTES = [3, 5, 10, 15];

export function settings({ texts, world }) {
  const content = el("div");
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
    choice("mfa", MFA, current.mfa, texts, { after: reason, describedBy: reason.id }),
    el(
      "fieldset",
      {},
      el("legend", {}, texts("settings.factors")),
      FACTORS.map((name) =>
        option(
          "checkbox",
          "factors",
          name,
          current.factors.includes(name),
          texts(`factor.${name}`),
        ),
      ),
    ),
    el(
      "fieldset",
      {},
      el("legend", {}, texts("settings.verify")),
      el("p", { class: "hint" }, texts("settings.verify.hint")),
      ATTRIBUTES.map((name) =>
        option(
          "checkbox",
          "verify",
          name,
          current.verify.includes(name),
          texts(`settings.verify.${name}`),
        ),
      ),
    ),
    choice("emailBy", EMAIL_BY, current.emailBy, texts),
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

function choice(name, values, current, texts, { after, describedBy } = {}) {
  return el(
    "fieldset",
    { "aria-describedby": describedBy },
    el("legend", {}, texts(`settings.${name}`)),
    values.map((value) =>
      option("radio", name, value, value === current, texts(`settings.${name}.${value}`)),
    ),
    after ?? null,
  );
}

function option(type, name, value, checked, label) {
  return el("label", { class: "option" }, el("input", { type, name, value, checked }), " ", label);
}

function read(data) {
  return {
    mfa: data.get("mfa") ?? DEFAULTS.mfa,
    factors: data.getAll("factors"),
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
