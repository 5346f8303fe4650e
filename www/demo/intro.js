// What this is, in a line, and how to have it.
import { el } from "../ui/dom.js";

const INSTALL = "npm install cognito-flow";
const LINKS = {
  "intro.element": "/docs/element.md",
  "intro.migrating": "/docs/migrating.md",
  "page.themes": "theme.html",
  "intro.source": "https://github.com/cognito-flow/cognito-flow",
};

/** `more` stands at the end. */
export function intro({ texts, world, place }, more) {
  const line = el("code", {}, INSTALL);
  const copy = el("button", { type: "button", class: "secondary small" }, texts("intro.copy"));
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(INSTALL);
      copy.textContent = texts("message.copied");
    } catch {
      // Not allowed here: it is selected, to be copied by hand.
      getSelection().selectAllChildren(line);
    }
  });
  return el(
    "section",
    { class: "intro", "aria-label": texts("intro.title") },
    el("p", { class: "tagline" }, texts(world ? "page.tagline" : "page.tagline.elsewhere")),
    world ? null : el("p", { class: "badge" }, place.userPoolId),
    el("div", { class: "install" }, line, copy),
    el(
      "ul",
      { class: "links" },
      Object.entries(LINKS).map(([key, href]) => el("li", {}, el("a", { href }, texts(key)))),
    ),
    more,
  );
}
