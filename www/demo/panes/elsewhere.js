// Pointing the page at a pool elsewhere, or back at its own.
import { el, formElement } from "../../ui/dom.js";
import { searchFor } from "../place.js";
import { nothingKept } from "./not-here.js";

export function elsewhere({ texts, place }) {
  const field = (name, key, value) =>
    el(
      "div",
      { class: "field" },
      el("label", { for: `place-${name}` }, texts(key)),
      el("input", {
        id: `place-${name}`,
        name,
        value: value ?? "",
        autocomplete: "off",
        spellcheck: "false",
      }),
    );
  const form = formElement(
    {
      submit: (event) => {
        event.preventDefault();
        const values = Object.fromEntries(
          [...new FormData(form)].map(([name, value]) => [name, value.trim()]),
        );
        if (values.userPoolId && values.clientId) location.assign(searchFor(values));
      },
    },
    field("userPoolId", "elsewhere.pool", place?.userPoolId),
    field("clientId", "elsewhere.client", place?.clientId),
    field("endpoint", "elsewhere.endpoint", place?.endpoint),
    el(
      "div",
      { class: "actions" },
      el("button", { type: "submit", class: "secondary" }, texts("elsewhere.go")),
    ),
  );
  return el(
    "div",
    {},
    el("h3", {}, texts("elsewhere.title")),
    el("p", { class: "hint" }, texts("elsewhere.intro")),
    nothingKept(place, texts),
    form,
    place ? el("p", {}, el("a", { href: location.pathname }, texts("elsewhere.back"))) : null,
  );
}
