import { el } from "../dom.js";
import { accountWork } from "./work.js";

const FACTORS = ["sms", "email", "totp"];

/** Which second factors are on, which comes first, and an authenticator app to be set up. */
export function mfaPreference(app) {
  const { texts, flow, ask, isCurrent } = app;
  const options = el("div", { class: "options" });
  const enrolment = el("div");
  const element = el("fieldset", {}, el("legend", {}, texts("account.mfaLegend")));
  const work = accountWork(app, element);
  element.append(work.alert, options, enrolment, work.outcome);

  const load = async () => {
    const { enabled, preferred } = await ask(flow.account.mfaPreference);
    if (!isCurrent()) return;
    options.replaceChildren(...FACTORS.map((factor) => row(factor, enabled, preferred)));
  };
  const row = (factor, enabled, preferred) => {
    const on = enabled.includes(factor);
    const name = texts(`factor.${factor}`);
    const isFirst = on && factor === preferred && enabled.length > 1;
    const input = el("input", {
      type: "checkbox",
      name: factor,
      checked: on,
      change: () => (factor === "totp" && input.checked ? enrol(input) : set(factor, input.checked)),
    });
    const first = el(
      "button",
      { type: "button", class: "link", click: () => set(factor, true) },
      texts("account.mfaMakeFirst"),
      el("span", { class: "visually-hidden" }, ` – ${name}`),
    );
    return el(
      "div",
      { class: "option-row" },
      el("label", { class: "option" }, input, " ", name),
      isFirst ? el("span", { class: "badge good" }, texts("account.mfaIsFirst")) : null,
      on && !isFirst && enabled.length > 1 ? first : null,
    );
  };
  const set = async (factor, on) => {
    const name = texts(`factor.${factor}`);
    await work.run(
      () => ask(() => flow.account.setMfaPreference({ [factor]: on ? "preferred" : "off" })),
      texts(on ? "account.mfaOn" : "account.mfaOff", { factor: name }),
    );
    await reload(factor);
  };
  /** Shows what is so now, also after a refusal, which stays to be read. */
  const reload = async (factor) => {
    const refusal = work.alert.textContent;
    await work.run(load);
    work.alert.textContent ||= refusal;
    focusOn(factor);
  };
  const focusOn = (factor) => options.querySelector(`input[name=${factor}]`)?.focus();
  const enrol = async (input) => {
    let secret = null;
    let enrolTotp = null;
    const begun = await work.run(async () => {
      ({ enrolTotp } = await import("./totp.js"));
      secret = await ask(flow.account.startTotp);
    });
    if (!isCurrent()) return;
    input.checked = false;
    if (!begun) return;
    const leave = () => {
      enrolment.replaceChildren();
      focusOn("totp");
    };
    const done = () => {
      enrolment.replaceChildren();
      work.outcome.textContent = texts("account.mfaOn", { factor: texts("factor.totp") });
      reload("totp");
    };
    const form = enrolTotp(app, secret, { done, leave });
    enrolment.replaceChildren(form.element);
    form.focus();
  };
  work.run(load);
  return element;
}
