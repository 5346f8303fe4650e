// A form around one call of `flow.account`, which answers or rejects rather than changing the step.
import { el } from "../dom.js";
import { errorText, fieldOf } from "../errors.js";

/** `call(values)` does it; what it resolves with, if it is a text, is shown when it is done. */
export function callForm({ app, fields, action, call, kind = "secondary" }) {
  const { texts } = app;
  const outcome = el("p", { role: "status" });
  const alert = el("p", { class: "form-error", role: "alert" });
  const button = el("button", { type: "submit", class: kind }, action);
  let busy = false;

  const submit = async (submitted) => {
    submitted.preventDefault();
    if (busy) return;
    for (const field of fields) field.setError(null);
    [alert.textContent, outcome.textContent] = ["", ""];
    const missing = fields.find((field) => field.input.required && field.value() === "");
    if (missing) {
      missing.setError(texts("error.missing"));
      missing.input.focus();
      return;
    }
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      const values = Object.fromEntries(fields.map((field) => [field.name, field.value()]));
      outcome.textContent = (await call(values)) ?? texts("account.done");
    } catch (error) {
      const field = fields.find(({ name }) => name === fieldOf(error));
      if (field) field.setError(errorText(error, texts));
      else alert.textContent = errorText(error, texts);
    } finally {
      busy = false;
      button.setAttribute("aria-disabled", "false");
    }
  };
  return el(
    "form",
    { novalidate: true, submit },
    alert,
    fields.map((f) => f.element),
    button,
    outcome,
  );
}
