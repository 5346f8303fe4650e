// What every form does: it collects, says what is missing, sends one event at a time, and shows
// the flow's error beside the field that it belongs to.
import { el, uniqueId } from "./dom.js";
import { errorText, fieldOf } from "./errors.js";

/**
 * A form for one event.
 *
 * `event(values)` makes the event from the fields' values; `body` is what stands between title and
 * fields, `extra` what comes after the button. Answers `{ element, submit(), show(snapshot), focus() }`.
 */
export function eventForm({ app, title, body = [], fields, action, event, extra = [] }) {
  const { texts, send } = app;
  const heading = el("h2", { tabindex: "-1", id: uniqueId("title") }, title);
  const alert = el("p", { class: "form-error", role: "alert" });
  const button = submitButton(action, texts);
  const element = el("form", { novalidate: true, "aria-labelledby": heading.id },
    heading, body, alert, fields.map((field) => field.element), button, extra);
  let shown = null;

  const submit = () => {
    if (app.flow.snapshot().busy || reportMissing(fields, texts)) return;
    send(event(Object.fromEntries(fields.map((field) => [field.name, field.value()]))));
  };
  element.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    submit();
  });

  return {
    element,
    submit,
    show({ busy, error }) {
      showBusy(element, button, busy);
      if (busy) alert.textContent = "";
      if (busy || error === shown) return;
      shown = error;
      showError(error, { fields, alert, texts, form: element });
    },
    focus() {
      const first = fields.find((field) => field.value() === "") ?? fields[0];
      (first?.input ?? heading).focus();
    },
  };
}

/** A button beside the form's own that sends an event by itself. */
export function eventButton({ app, label, event, kind = "link" }) {
  return el("button", {
    type: "button",
    class: kind,
    click: () => {
      if (app.flow.accepts(event.type)) app.send(event);
    },
  }, label);
}

function submitButton(label, texts) {
  return el("button", { type: "submit", class: "primary" },
    el("span", { class: "label" }, label),
    el("span", { class: "spinner", "aria-hidden": "true" }),
    el("span", { class: "visually-hidden busy-text" }, ` ${texts("busy")}`),
  );
}

// The button stays where it is and keeps the focus: it is not disabled, it does nothing.
function showBusy(form, button, busy) {
  form.setAttribute("aria-busy", String(busy !== null));
  form.classList.toggle("busy", busy !== null);
  button.setAttribute("aria-disabled", String(busy !== null));
  for (const input of form.querySelectorAll("input:not([tabindex])")) input.readOnly = busy !== null;
}

/** Says what is missing, and whether anything is. */
function reportMissing(fields, texts) {
  const missing = fields.filter((field) => field.input.required && field.value() === "");
  for (const field of fields) field.setError(missing.includes(field) ? texts("error.missing") : null);
  missing[0]?.input.focus();
  return missing.length > 0;
}

function showError(error, { fields, alert, texts, form }) {
  for (const field of fields) field.setError(null);
  alert.textContent = "";
  if (error === null) return;
  const text = errorText(error, texts);
  const field = fields.find(({ name }) => name === fieldOf(error));
  if (field === undefined) {
    alert.textContent = text;
    return;
  }
  field.setError(text);
  // Where the person is in the form already, or just pressed its button, they can type at once.
  if (form.contains(document.activeElement)) {
    field.input.focus();
    field.input.select();
  }
}
