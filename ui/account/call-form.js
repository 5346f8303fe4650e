// A form around one call of `flow.account`, which answers or rejects rather than changing the step.
import { mendWhileTyping, reportFaults } from "../check.js";
import { el, formElement, ownOf } from "../dom.js";
import { placeError } from "../errors.js";

/**
 * `call(values)` does it, by `app.ask`; what it resolves with, if it is a text, is shown when it is
 * done. `before` is what stands before the fields.
 */
export function callForm(options) {
  const { app, before = null, fields, action, call, kind = "secondary" } = ownOf(options);
  const { texts } = app;
  const outcome = el("p", { class: "notice good", role: "status" });
  const alert = el("p", { class: "form-error", role: "alert" });
  const button = el("button", { type: "submit", class: kind }, action);
  let busy = false;

  const submit = async (submitted) => {
    submitted?.preventDefault();
    if (busy) return;
    [alert.textContent, outcome.textContent] = ["", ""];
    if (reportFaults(fields, app)) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      const values = Object.fromEntries(fields.map((field) => [field.name, field.value()]));
      outcome.textContent = (await call(values)) ?? texts("account.done");
      for (const field of fields) field.empty?.();
    } catch (error) {
      // Who asked is gone, and so is this form.
      if (!app.isCurrent()) return;
      const { field, text } = placeError(error, fields, texts);
      if (field) field.setError(text);
      else alert.textContent = text;
    } finally {
      busy = false;
      button.setAttribute("aria-disabled", "false");
    }
  };
  for (const field of fields) {
    mendWhileTyping(field, texts);
    field.onWhole?.(() => submit());
  }
  return formElement(
    { submit },
    before,
    alert,
    fields.map((f) => f.element),
    button,
    outcome,
  );
}
