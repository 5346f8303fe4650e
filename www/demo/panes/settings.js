// The pool's settings: what the developer guide calls the Verifications tab.
import { el, formElement } from "../../ui/dom.js";
import { DEFAULTS, FIRST_FACTORS, canHavePasskeys } from "../setup.js";
import { ask } from "../ask.js";
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
  const save = el("button", { type: "submit", class: "primary" }, texts("settings.save"));
  const makeNew = el("button", { type: "submit", value: "new" }, texts("settings.newPool"));
  const discard = el("button", { type: "button", class: "link" }, texts("settings.discard"));
  const back = el("button", { type: "button", class: "secondary" }, texts("settings.back"));
  const bar = el(
    "div",
    { class: "save-bar" },
    status,
    el("div", { class: "actions" }, save, makeNew, discard, back),
    alert,
  );
  let shown = null;
  /** What is in the form, as long as nothing was changed. */
  let unchanged = null;
  const chosen = () => read(new FormData(form));

  /** Nothing is in force before a button is pressed, which is said as soon as something was changed. */
  const changed = () => {
    const isUnsaved = JSON.stringify(chosen()) !== unchanged;
    // Cognito takes that of a new pool alone.
    const takesNew = chosen().mfa === "ON" && world.state().settings.mfa !== "ON";
    bar.classList.toggle("unsaved", isUnsaved);
    save.hidden = takesNew;
    makeNew.className = takesNew ? "primary" : "secondary";
    discard.hidden = !isUnsaved;
    if (isUnsaved) status.textContent = texts(takesNew ? "settings.takesNew" : "settings.unsaved");
    else if (status.textContent !== "") status.textContent = "";
  };
  const draw = ({ settings, before }) => {
    shown = JSON.stringify(settings);
    content.replaceChildren(...fieldsets(settings, texts));
    unchanged = JSON.stringify(chosen());
    back.hidden = before === null;
    changed();
  };
  const submit = async (event) => {
    event.preventDefault();
    const isNew = event.submitter === makeNew || save.hidden;
    const wanted = chosen();
    if (wanted.mfa !== "OFF" && wanted.factors.length === 0) {
      // The pool would keep those it has.
      alert.textContent = texts("settings.noFactor");
      return;
    }
    const done = await attempt(alert, () =>
      isNew ? world.newPool(wanted) : world.changePool(wanted),
    );
    if (!done) return;
    draw(world.state());
    status.textContent = texts(isNew ? "settings.made" : "settings.saved");
  };
  discard.addEventListener("click", () => {
    alert.textContent = "";
    draw(world.state());
    makeNew.focus();
  });
  back.addEventListener("click", async () => {
    if (!(await attempt(alert, () => world.poolBefore()))) return;
    draw(world.state());
    status.textContent = texts("settings.isBack");
  });
  const form = formElement({ submit, change: changed }, content, bar);
  const element = el(
    "div",
    {},
    el("h3", {}, texts("settings.title")),
    el("p", { class: "hint" }, texts("settings.intro")),
    form,
    el("div", { class: "actions separated" }, startOver(texts, world)),
  );
  return {
    element,
    show(state) {
      back.hidden = state.before === null;
      if (JSON.stringify(state.settings) !== shown) draw(state);
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
  const action = texts("settings.startOver");
  const click = async () => {
    if (await ask({ texts, question: texts("settings.startOver.ask"), action })) world.startOver();
  };
  return [
    el("button", { type: "button", class: "danger", click }, action),
    el("p", { class: "hint" }, texts("settings.startOver.hint")),
  ];
}
