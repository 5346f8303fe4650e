// Copying a text, and what came of it: seen beside the button, and heard.
import { el } from "./dom.js";

/** `[button, status]`; where it is not allowed, `notCopied()` shows what can be selected. */
export function copyButton(texts, label, text, { kind = "secondary", notCopied = () => {} } = {}) {
  const copied = el("span", { class: "hint", role: "status" });
  const click = async () => {
    const done = await write(text);
    copied.textContent = texts(done ? "tokens.copied" : "copy.failed");
    if (!done) notCopied();
  };
  return [el("button", { type: "button", class: kind, click }, label), copied];
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed here, or no longer in front.
    return false;
  }
}
