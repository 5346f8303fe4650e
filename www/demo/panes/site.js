// The pages at which one signs in elsewhere, in a window of their own over the page: they are the
// pool's, and what is typed there the app never sees.
import { el, uniqueId } from "../../ui/dom.js";
import { elementsOf } from "../html.js";

/** `open(url)` shows a page in the window; `leave(url)` is called with an address outside. */
export function siteWindow({ texts, browser, leave }) {
  const id = uniqueId("site");
  const address = el("p", { class: "address hint", dir: "ltr" });
  const content = el("div", { class: "site", lang: "en" });
  const dialog = el(
    "dialog",
    { class: "site-window surface", "aria-labelledby": id },
    el(
      "header",
      {},
      el("p", { class: "hint", id }, texts("site.title")),
      el(
        "button",
        { type: "button", class: "secondary small", click: () => dialog.close() },
        texts("site.close"),
      ),
    ),
    address,
    content,
  );
  dialog.addEventListener("close", () => dialog.remove());

  const show = async (url, form) => {
    const page = await browser.visit(url, form);
    if (page.elsewhere !== undefined) {
      dialog.close();
      leave(page.elsewhere);
      return;
    }
    address.textContent = withoutQuery(page.url);
    content.replaceChildren(...elementsOf(page.html, `${id}-`));
    for (const link of content.querySelectorAll("a")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        show(new URL(link.getAttribute("href"), page.url));
      });
    }
    for (const form of content.querySelectorAll("form")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const values = new FormData(form, event.submitter);
        show(new URL(form.getAttribute("action"), page.url), new URLSearchParams([...values]));
      });
    }
    const first = content.querySelector("input:not([type=hidden])") ?? content.querySelector("h2");
    first?.setAttribute("autofocus", "");
    if (!dialog.isConnected) document.body.append(dialog);
    if (!dialog.open) dialog.showModal();
    first?.focus();
  };
  return { open: show };
}

function withoutQuery(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
