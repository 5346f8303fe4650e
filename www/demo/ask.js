// Asking before what cannot be taken back.
import { el, uniqueId } from "../ui/dom.js";

/** Resolves with whether to go on. `action` names what would be done. */
export function ask({ texts, question, action }) {
  const id = uniqueId("question");
  const answer = (value, attributes, label) =>
    el("button", { type: "button", click: () => dialog.close(value), ...attributes }, label);
  const dialog = el(
    "dialog",
    { class: "ask surface", role: "alertdialog", "aria-labelledby": id },
    el("p", { id }, question),
    el(
      "div",
      { class: "actions" },
      answer("yes", { class: "danger" }, action),
      // Whoever presses Enter too often keeps everything.
      answer("", { class: "secondary", autofocus: true }, texts("ask.keep")),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
