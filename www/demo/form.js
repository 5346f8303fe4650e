// The element's forms, filled in from outside: as a password manager does it, or a phone that reads codes.

const NAME = "input[name=username]:not([readonly])";
const CODE = "input[autocomplete=one-time-code]";
/** How long a form may take to be there. */
const PATIENCE_MS = 3000;

/** Whether the form that is shown asks for a code. */
export function wantsCode(card) {
  return inside(card, CODE) !== null;
}

/** Puts a code into the form, and the keyboard there. Answers whether one was asked for. */
export function fillCode(card, code) {
  const input = inside(card, CODE);
  if (input === null) return false;
  // First: what is typed may be sent at once, and the next form then has the keyboard.
  input.focus();
  type(input, code);
  return true;
}

/** Puts a name, and a password if there is one, into the form, and the keyboard to what comes next. */
export async function fillPerson(card, { username, password }) {
  const name = await appears(card, NAME);
  if (name === null) return;
  type(name, username);
  const field = inside(card, "input[name=password]");
  if (password !== undefined && field !== null) type(field, password);
  inside(card, "button[type=submit]")?.focus();
}

/** Puts the keyboard into the first field. */
export async function focusForm(card) {
  (await appears(card, NAME))?.focus();
}

function inside(card, selector) {
  return card.shadowRoot?.querySelector(selector) ?? null;
}

function type(input, value) {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
}

/** What the selector finds, once it does; null when it does not. */
async function appears(card, selector) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    // A form that is about to be replaced is still there for a moment.
    await new Promise((done) => setTimeout(done, 50));
    const found = inside(card, selector);
    if (found !== null || performance.now() > end) return found;
  }
}
