// What every form does: it collects, says what is wrong, sends one event at a time, and shows the
// flow's error beside the field that it belongs to.
import { mendWhileTyping, reportFaults } from "./check.js";
import { el, formElement, hasFocus, ownOf, uniqueId } from "./dom.js";
import { placeError } from "./errors.js";

/**
 * A form for one event.
 *
 * `event(values)` makes the event from the fields' values; `body` is what stands between title and
 * fields, `extra` what comes after the buttons. Each of `others`, `{ label, event, needs, kind }`, is
 * a button that makes another event of the same values and asks for the fields named in `needs` only.
 * Without an `action` those are all the buttons there are. `say(error)` is what an error of no field is
 * called here, or null. Answers `{ element, submit(),
 * show(snapshot), focus() }`.
 */
export function eventForm(options) {
  const { app, title, body = [], fields = [], action, event, others = [], extra = [] } =
    ownOf(options);
  const { say = () => null } = ownOf(options);
  const { texts, send } = app;
  const heading = el("h2", { tabindex: "-1", id: uniqueId("title") }, title);
  const alert = el("p", { class: "form-error", role: "alert" });
  const button = action === undefined ? null : busyButton({ type: "submit", class: "primary" }, action, texts);
  const more = others.map((other) => {
    const { label, event, needs = [], kind = "secondary" } = ownOf(other);
    const needed = fields.filter(({ name }) => needs.includes(name));
    const click = () => submit(event, needed, each);
    const each = busyButton({ type: "button", class: kind, click }, label, texts);
    return each;
  });
  const buttons = [button, ...more].filter((each) => each !== null);
  const element = formElement(
    {
      "aria-labelledby": heading.id,
      submit: (submitted) => {
        submitted.preventDefault();
        if (button !== null) submit();
      },
    },
    heading,
    body,
    alert,
    fields.map((field) => field.element),
    buttons,
    extra,
  );
  for (const field of fields) {
    keepTyped(app.typed, field);
    mendWhileTyping(field, texts);
    field.onWhole?.(() => submit());
  }
  let shown = "null";
  let waiting = false;
  let pressed = button;

  // While the pool is told of a sign-out, the next form stands already: it can be filled in.
  const isBusy = () => waiting || ![null, "signOut"].includes(app.flow.snapshot().busy);
  const wait = (now) => {
    waiting = now;
    showBusy(element, buttons, pressed, isBusy());
  };

  const submit = async (make = event, needed = fields, by = button) => {
    if (isBusy()) return;
    // What another button did not ask for is no longer missing.
    for (const field of fields) if (!needed.includes(field)) field.setError(null);
    if (reportFaults(needed, app)) return;
    pressed = by;
    wait(true);
    await signOutDone(app.flow);
    wait(false);
    if (!element.isConnected) return;
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value()]));
    const after = await send(make(values));
    if (!after?.error || !element.isConnected) return;
    // Who just pressed the button can correct it at once.
    const { field, text } = placeError(after.error, fields, texts);
    if (after.error.code === "codeMismatch") field?.refuse?.(text);
    // Going to a field its error is read; who is there already hears it so.
    if (field && hasFocus(field.input)) app.announce(`${field.input.labels[0].textContent}: ${text}`);
    field?.input.focus();
    field?.input.select?.();
  };

  return {
    element,
    submit: () => submit(),
    show({ busy, error }) {
      showBusy(element, buttons, pressed, isBusy());
      // Each snapshot has an error object of its own, also when it is the same error.
      const now = JSON.stringify(busy ? null : error);
      if (now === shown) return;
      shown = now;
      const nothing = { field: undefined, text: null };
      const { field, text: usual } = error && !busy ? placeError(error, fields, texts) : nothing;
      const text = (error && !busy ? say(error) : null) ?? usual;
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

function busyButton(attributes, label, texts) {
  return el(
    "button",
    attributes,
    label,
    el("span", { class: "spinner", "aria-hidden": "true" }),
    el("span", { class: "visually-hidden busy-text" }, ` ${texts("busy")}`),
  );
}

// The buttons stay where they are and keep the focus: they are not disabled, they do nothing.
function showBusy(form, buttons, pressed, busy) {
  form.setAttribute("aria-busy", String(busy));
  form.classList.toggle("busy", busy);
  for (const button of buttons) {
    button.setAttribute("aria-disabled", String(busy));
    button.classList.toggle("pressed", button === pressed);
  }
  for (const input of form.querySelectorAll("input:not([tabindex])")) input.readOnly = busy;
}

/** Resolves when the pool has been told of a sign-out, if it is still being told. */
export function signOutDone(flow) {
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

/** What is no secret: it survives going to another form and back. */
const KEPT = ["date", "email", "select-one", "tel", "text", "url"];

function keepTyped(typed, { name, input }) {
  if (!KEPT.includes(input.type) || input.autocomplete === "one-time-code" || name === "answer") return;
  if (input.value === "" && typed.has(name)) input.value = typed.get(name);
  input.addEventListener("input", () => typed.set(name, input.value));
}
