// Elements of HTML that the pool in this page wrote. Only what is named here is made, with only the
// attributes that are named: a parser of the browser's would be a Trusted Types sink.
import { el, own } from "../ui/dom.js";

const ATTRIBUTES = {
  main: [],
  h1: [],
  p: ["role", "class"],
  a: ["href"],
  code: [],
  form: ["method", "action"],
  fieldset: [],
  legend: [],
  label: ["for", "class"],
  input: [
    ...["id", "name", "type", "value", "autocomplete", "autocapitalize", "spellcheck", "inputmode"],
    ...["required", "checked"],
  ],
  button: ["name", "value", "formnovalidate", "class"],
};
const EMPTY = ["input", "img", "br"];
/** The page has a first heading already. */
const RENAMED = { h1: "h2" };
const TOKEN = /<(\/?)([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>|([^<]+)/g;
const ATTRIBUTE = /([a-z-]+)(?:="([^"]*)")?/g;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

/** The elements in the `<main>` of a document. Ids begin with `prefix`. */
export function elementsOf(html, prefix) {
  const root = el("div");
  const inside = /<main>([^]*)<\/main>/.exec(html)?.[1] ?? "";
  let open = [root];
  for (const [, end, name, attributes, text] of inside.matchAll(TOKEN)) {
    const parent = open.at(-1);
    if (text !== undefined) parent.append(decoded(text));
    else if (end === "/") open = open.length > 1 ? open.slice(0, -1) : open;
    else {
      const element = make(name, attributes, prefix);
      parent.append(element);
      if (!EMPTY.includes(name)) open = [...open, element];
    }
  }
  return [...root.childNodes];
}

function make(name, attributes, prefix) {
  const allowed = own(ATTRIBUTES, name);
  if (allowed === undefined) return el("span");
  const given = [...attributes.matchAll(ATTRIBUTE)]
    .filter(([, attribute]) => allowed.includes(attribute))
    .map(([, attribute, value]) => {
      const isId = attribute === "id" || attribute === "for";
      return [attribute, value === undefined ? true : `${isId ? prefix : ""}${decoded(value)}`];
    });
  const element = el(own(RENAMED, name) ?? name, Object.fromEntries(given));
  // It is no part of the element's.
  element.removeAttribute("part");
  return element;
}

function decoded(text) {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);
}
