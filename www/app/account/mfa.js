import { el } from "../dom.js";
import { errorText } from "../errors.js";

const FACTORS = ["sms", "email", "totp"];

/** Which second factors are on. An app on a phone needs enrolling, which is not part of this. */
export function mfaPreference(app) {
  const { texts, flow, ask, announce } = app;
  const alert = el("p", { class: "form-error", role: "alert" });
  const options = el("div", { class: "options" });
  const element = el("fieldset", {}, el("legend", {}, texts("account.mfaLegend")), alert, options);
  let busy = false;

  const show = async () => {
    const { enabled, preferred } = await ask(flow.account.mfaPreference);
    const shown = FACTORS.filter((factor) => factor !== "totp" || enabled.includes(factor));
    options.replaceChildren(...shown.map((factor) => checkbox(factor, enabled.includes(factor))));
    if (preferred && enabled.length > 1) {
      options.append(
        el(
          "p",
          { class: "hint" },
          texts("account.mfaPreferred", { factor: texts(`factor.${preferred}`) }),
        ),
      );
    }
  };
  const checkbox = (factor, on) => {
    const input = el("input", {
      type: "checkbox",
      checked: on,
      change: () => set(factor, input.checked),
    });
    return el("label", { class: "option" }, input, " ", texts(`factor.${factor}`));
  };
  const set = async (factor, on) => {
    if (busy) return;
    await attempt(async () => {
      await ask(() => flow.account.setMfaPreference({ [factor]: on ? "preferred" : "off" }));
      announce(
        texts(on ? "account.mfaOn" : "account.mfaOff", { factor: texts(`factor.${factor}`) }),
      );
    });
    await attempt(show, alert.textContent);
    const checkboxes = [...options.querySelectorAll("input")];
    checkboxes[FACTORS.indexOf(factor)]?.focus();
  };
  const attempt = async (work, before = "") => {
    busy = true;
    alert.textContent = before;
    try {
      await work();
    } catch (error) {
      if (app.isCurrent()) alert.textContent = errorText(error, texts);
    } finally {
      busy = false;
    }
  };
  attempt(show);
  return element;
}
