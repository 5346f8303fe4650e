// Administrators' forms: fields, a button, one async action, and what it said.
import { el, formElement } from "../../ui/dom.js";
import { Refused } from "../aws.js";

/** Runs `work` and shows a refusal in `alert`. Answers whether it went well. */
export async function attempt(alert, work) {
  alert.textContent = "";
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alert.textContent = `${error.name}: ${error.message}`;
    return false;
  }
}

/**
 * A form whose `act(values)` is run on submit; `values` by the names of its controls. What went
 * well is said in `status`, which may be an element elsewhere that outlives the form.
 */
export function actionForm({ texts, content, action, act, done = "settings.saved", status }) {
  const alert = el("p", { class: "form-error", role: "alert" });
  const ownStatus = status ? null : statusLine();
  status ??= ownStatus;
  let busy = false;
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    status.textContent = "";
    const values = Object.fromEntries(new FormData(form));
    try {
      if (await attempt(alert, () => act(values, form))) status.textContent = texts(done);
    } finally {
      busy = false;
    }
  };
  const form = formElement(
    { submit },
    content,
    el("div", { class: "actions" }, el("button", { type: "submit", class: "secondary" }, action)),
    alert,
    ownStatus,
  );
  return form;
}

/** Where a screen reader hears what went well. */
export function statusLine() {
  return el("p", { class: "hint", role: "status" });
}
