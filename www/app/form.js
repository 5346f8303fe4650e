// What every form does: it collects, says what is missing, sends one event at a time, and shows
// the flow's error beside the field that it belongs to.
import { el, formElement, ownOf, uniqueId } from "./dom.js";
import { placeError } from "./errors.js";

/**
 * A form for one event.
 *
 * `event(values)` makes the event from the fields' values; `body` is what stands between title and
 * fields, `extra` what comes after the button. Answers `{ element, submit(), show(snapshot), focus() }`.
 */
export function eventForm(options) {
  const { app, title, body = [], fields, action, event, extra = [] } = ownOf(options);
  const { texts, send } = app;
  const heading = el("h2", { tabindex: "-1", id: uniqueId("title") }, title);
  const alert = el("p", { class: "form-error", role: "alert" });
  const button = submitButton(action, texts);
  const element = formElement(
    {
      "aria-labelledby": heading.id,
      submit: (submitted) => {
        submitted.preventDefault();
        submit();
      },
    },
    heading,
    body,
    alert,
    fields.map((field) => field.element),
    button,
    extra,
  );
  let shown = "null";
  let waiting = false;

  // While the pool is told of a sign-out, the next form stands already: it can be filled in.
  const isBusy = () => waiting || ![null, "signOut"].includes(app.flow.snapshot().busy);
  const wait = (now) => {
    waiting = now;
    showBusy(element, button, isBusy());
  };

  const submit = async () => {
    if (isBusy() || reportMissing(fields, texts)) return;
    wait(true);
    await signOutDone(app.flow);
    wait(false);
    if (!element.isConnected) return;
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value()]));
    const after = await send(event(values));
    if (!after?.error || !element.isConnected) return;
    // Who just pressed the button can correct it at once.
    const { field } = placeError(after.error, fields, texts);
    field?.input.focus();
    field?.input.select();
  };

  return {
    element,
    submit,
    show({ busy, error }) {
      showBusy(element, button, isBusy());
      // Each snapshot has an error object of its own, also when it is the same error.
      const now = JSON.stringify(busy ? null : error);
      if (now === shown) return;
      shown = now;
      const nothing = { field: undefined, text: null };
      const { field, text } = error && !busy ? placeError(error, fields, texts) : nothing;
      for (const each of fields) each.setError(each === field ? text : null);
      alert.textContent = field === undefined ? text : null;
    },
    focus() {
      const first = fields.find((field) => field.value() === "") ?? fields[0];
      (first?.input ?? heading).focus();
    },
  };
}

/** A button beside the form's own that sends an event by itself. */
export function eventButton(options) {
  const { app, label, event, kind = "link" } = ownOf(options);
  return el(
    "button",
    {
      type: "button",
      class: kind,
      click: () => {
        if (app.flow.accepts(event.type)) app.send(event);
      },
    },
    label,
  );
}

function submitButton(label, texts) {
  return el(
    "button",
    { type: "submit", class: "primary" },
    label,
    el("span", { class: "spinner", "aria-hidden": "true" }),
    el("span", { class: "visually-hidden busy-text" }, ` ${texts("busy")}`),
  );
}

// The button stays where it is and keeps the focus: it is not disabled, it does nothing.
function showBusy(form, button, busy) {
  form.setAttribute("aria-busy", String(busy));
  form.classList.toggle("busy", busy);
  button.setAttribute("aria-disabled", String(busy));
  for (const input of form.querySelectorAll("input:not([tabindex])")) input.readOnly = busy;
}

/** Resolves when the pool has been told of a sign-out, if it is still being told. */
function signOutDone(flow) {
  return new Promise((done) => {
    const look = () => {
      if (flow.snapshot().busy === "signOut") return;
      unsubscribe();
      done();
    };
    const unsubscribe = flow.subscribe(look);
    look();
  });
}

/** Says what is missing, and whether anything is. */
function reportMissing(fields, texts) {
  const missing = fields.filter((field) => field.input.required && field.value() === "");
  for (const field of missing) field.setError(texts("error.missing"));
  missing[0]?.input.focus();
  return missing.length > 0;
}
