// Six things to try, and somebody to sign in as. What a press does is in `try-out.js`.
import { el, uniqueId } from "../ui/dom.js";

const TRIES = ["signUp", "mfa", "forgot", "choice", "lost", "money"];

/**
 * `{ list, demoUser, note }`: the list, the button for the ready person, and where it is said what to do
 * next. `openPane(name)` opens a pane behind the scenes.
 */
export function tries({ texts, paneTexts, ...parts }) {
  const note = el("p", { class: "trying notice good", role: "status" });
  // Who is in has done it.
  parts.card.addEventListener("cognito-signed-in", () => (note.textContent = ""), { signal: parts.signal });
  let busy = false;
  const begin = async (name) => {
    if (busy) return;
    busy = true;
    note.textContent = texts("try.busy");
    try {
      const [{ tryOut }, texts] = await Promise.all([import("./try-out.js"), paneTexts()]);
      await tryOut(name, note, { ...parts, texts });
    } finally {
      busy = false;
    }
  };
  const button = (name, attributes, label) =>
    el("button", { type: "button", click: () => begin(name), ...attributes }, texts(label));
  const item = (name) => {
    const id = uniqueId("try");
    const named = { id: `${id}-do`, class: "secondary small", "aria-labelledby": `${id}-do ${id}` };
    return el(
      "li",
      {},
      el(
        "div",
        { class: "try" },
        el("h3", { id }, texts(`try.${name}.title`)),
        button(name, named, "try.action"),
        el("p", { class: "hint" }, texts(`try.${name}.text`)),
      ),
    );
  };
  const title = uniqueId("tries");
  return {
    note,
    demoUser: button("demo", { class: "secondary" }, "try.demo"),
    list: el(
      "section",
      { class: "tries surface", "aria-labelledby": title },
      el("h2", { id: title }, texts("try.title")),
      el("ol", {}, TRIES.map(item)),
    ),
  };
}
