// How a test says which element it means: by role and name, label or text, through shadow roots. It runs in
// the page, from its text, and uses nothing around it. It knows what our pages have, not all of ARIA.

/** The elements that `steps` lead to, each within those before it. */
export function find(steps) {
  const clean = (text) => text.replace(/\s+/g, " ").trim();
  const fits = (text, { text: wanted, exact, pattern, flags }) => {
    if (pattern !== undefined) return new RegExp(pattern, flags).test(text);
    return exact ? clean(text) === clean(wanted) : clean(text).toLowerCase().includes(clean(wanted).toLowerCase());
  };
  const below = (root) =>
    [...root.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? [one, ...below(one.shadowRoot)] : [one]));
  const inside = (root) => [...(root.shadowRoot ? below(root.shadowRoot) : []), ...below(root)];

  const isShown = (element) => element.checkVisibility({ visibilityProperty: true });
  const isSkipped = (node) => node.nodeType === 1 && (!isShown(node) || node.getAttribute("aria-hidden") === "true");
  const textOf = (node) => {
    if (node.nodeType === 3) return node.data;
    if (isSkipped(node) || ["STYLE", "SCRIPT"].includes(node.nodeName)) return "";
    return [...node.childNodes].map(textOf).join("");
  };
  const labelOf = (element) => {
    const ids = element.getAttribute("aria-labelledby");
    if (ids) return ids.split(/\s+/).map((id) => element.getRootNode().getElementById(id)?.textContent ?? "").join(" ");
    const label = element.getAttribute("aria-label");
    return label ?? [...(element.labels ?? [])].map(textOf).join(" ");
  };
  const nameOf = (element) => {
    const own = element.localName === "fieldset" ? [...element.children].find((it) => it.localName === "legend") : element;
    return labelOf(element) || element.alt || textOf(own ?? element);
  };

  const ROLES = {
    button: "button",
    link: "a[href]",
    heading: "h1,h2,h3,h4,h5,h6",
    region: "section[aria-label],section[aria-labelledby]",
    group: "fieldset,details",
    list: "ul,ol",
    listitem: "li",
    main: "main",
    img: "img",
    checkbox: "input[type=checkbox]",
    radio: "input[type=radio]",
    textbox: "input:not([type]),input[type=text],input[type=email],input[type=tel],textarea",
  };
  const hasRole = (element, role) => {
    const own = element.getAttribute("role");
    return own ? own === role : ROLES[role] !== undefined && element.matches(ROLES[role]);
  };
  const isSeen = (element) => isShown(element) && !element.closest("[aria-hidden=true]");

  const STEPS = {
    css: ({ css, hasText }) => (element) => element.matches(css) && (!hasText || fits(textOf(element), hasText)),
    role: ({ role, level, name }) => (element) =>
      hasRole(element, role) &&
      (!level || element.localName === `h${level}`) &&
      isSeen(element) &&
      (!name || fits(nameOf(element), name)),
    label: ({ label }) => (element) =>
      element.matches("input,select,textarea,button,[aria-label]") && fits(labelOf(element), label),
    // The innermost.
    text: ({ text }) => (element) => {
      if (["STYLE", "SCRIPT"].includes(element.nodeName) || !fits(textOf(element), text)) return false;
      return ![...element.children].some((child) => fits(textOf(child), text));
    },
  };
  let found = [document];
  for (const step of steps) {
    if (step.kind === "nth") found = found.slice(step.nth).slice(0, 1);
    else if (step.kind === "having") found = found.filter((element) => fits(textOf(element), step.hasText));
    else {
      // A text may be that of the element itself.
      const own = step.kind === "text" ? found.filter((one) => one !== document) : [];
      found = [...new Set([...own, ...found.flatMap(inside)])].filter(STEPS[step.kind](step));
    }
  }
  return found;
}
