// What can be seen to be wrong before anything is sent: all of it at once, each beside its field.
import { hasFocus } from "./dom.js";

/** What was said last of a field before anything was sent. */
const said = new WeakMap();

/** What is wrong with a field's value, in words, or null. */
function faultOf({ input, value, check }, texts) {
  if (input.validity.badInput) return texts("error.invalidParameter");
  if (value() === "") return input.required ? texts("error.missing") : null;
  return check();
}

/** Says what is wrong, and whether anything is. The first that is has the keyboard then. */
export function reportFaults(fields, { texts, announce }) {
  const faults = fields.map((field) => faultOf(field, texts));
  fields.forEach((field, index) => {
    field.setError(faults[index]);
    said.set(field, faults[index]);
  });
  const first = faults.findIndex((fault) => fault !== null);
  if (first === -1) return false;
  const { input } = fields[first];
  // Going to a field its error is read; who is there already hears it so.
  if (hasFocus(input)) announce(`${input.labels[0].textContent}: ${faults[first]}`);
  input.focus();
  return true;
}

/**
 * Takes back what was said of a field as soon as it is mended. Nothing is said before the form is sent:
 * an error that came when its field is left would move the button that is just being pressed.
 */
export function mendWhileTyping(field, texts) {
  field.input.addEventListener("input", () => {
    // What the pool said stays until it was asked again.
    if (field.shown() !== null && field.shown() === said.get(field) && faultOf(field, texts) === null) {
      field.setError(null);
    }
  });
}
