// The field of a code.
import { codeIn, countDigits } from "./code.js";
import { textField } from "./fields.js";

/** Whether a key did it (Input Events, level 2): what is pasted or filled in comes whole. */
function isTyping({ inputType = "", data }) {
  if (inputType === "insertText") return data?.length === 1;
  return /^(insertCompositionText|delete)/.test(inputType);
}

/**
 * A code, as typed or in a sentence that was pasted. `lengths` are how many digits it can have; `alone`
 * says that nothing else is asked for: `onWhole(listener)` then tells that all of it is there.
 */
export function codeField({ texts }, { lengths = [6], alone = false } = {}) {
  const field = textField({
    name: "code",
    label: texts("code.label"),
    hint: alone && lengths.length === 1 ? texts("code.auto") : undefined,
    class: "code",
    dir: "ltr",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    autocapitalize: "none",
    spellcheck: "false",
  });
  const { input } = field;
  const found = () => codeIn(input.value, lengths);
  let digits = 0;
  let refused = {};
  const look = (whole, typing) => {
    const before = digits;
    digits = countDigits(input.value);
    const code = found();
    // Typed one by one, six digits may be the beginning of eight.
    const atOnce = !typing || digits > before + 1;
    if (code === null || !(atOnce || code.length === Math.max(...lengths))) return;
    if (atOnce) input.value = code;
    whole();
  };
  return {
    ...field,
    value: () => found() ?? input.value.trim(),
    check() {
      if (found() === null) return texts("error.codeShape", { digits: lengths.join("–") });
      return found() === refused.code ? refused.text : null;
    },
    /** The pool took this one for wrong: who presses Enter once more spends no other try on it. */
    refuse: (text) => (refused = text === null ? {} : { code: found(), text }),
    onWhole(listener) {
      if (!alone) return;
      input.addEventListener("input", (event) => {
        if (!event.isComposing) look(listener, isTyping(event));
      });
      input.addEventListener("compositionend", () => look(listener, true));
    },
  };
}
