// Making elements without markup: text goes in as text, so nothing a server says becomes HTML, and
// the page runs under `require-trusted-types-for 'script'`.

/**
 * Makes an element. An attribute that is a function is a listener, `true` an attribute without
 * value; `false`, `null` and `undefined` leave it out. Children are nodes and strings.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  const parts = [own(PARTS, tag), own(attributes, "class")].filter(Boolean).join(" ");
  if (parts !== "") element.setAttribute("part", parts);
  append(element, children);
  return element;
}

/**
 * A form. Submitted before, or without, anything that listens, it puts nothing into the address and
 * sends nothing.
 */
export function formElement(attributes, ...children) {
  return el("form", { method: "dialog", novalidate: true, ...attributes }, ...children);
}

/**
 * The object's own member of this name. Names that come from a pool or an address may be those of
 * members that every object has (`constructor`), and a page's scripts can add to those.
 */
export function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The object's own members, all of them: for taking apart what has some or not. */
export function ownOf(object) {
  return { __proto__: null, ...object };
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

/** What an element is called for `::part()`, besides by its classes. */
const PARTS = {
  a: "link",
  button: "button",
  code: "code-text",
  dd: "value",
  details: "details",
  dt: "term",
  fieldset: "group",
  form: "form",
  h2: "heading",
  h3: "subheading",
  input: "input",
  label: "label",
  legend: "legend",
  li: "item",
  ol: "list",
  p: "text",
  select: "select",
  summary: "summary",
  table: "table",
  td: "cell",
  th: "cell-heading",
  ul: "list",
};

/** Whether the keyboard is somewhere in it, in whichever tree it stands. */
export function hasFocus(element) {
  return element.matches(":focus, :focus-within");
}

let ids = 0;

/** An id that no other element of the document has. */
export function uniqueId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}

function setAttribute(element, name, value) {
  if (typeof value === "function") element.addEventListener(name, value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) {
    element.setAttribute(name, value);
  }
}

function append(element, children) {
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
}
