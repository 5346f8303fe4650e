// Tabs as the ARIA practices describe them: one stop for the Tab key, arrows between them.
import { el, uniqueId } from "../ui/dom.js";

/**
 * `panes`: `{ name, title, element, opened? }`; the one named `first` is open, or none, where that is null.
 * `opened()` is called when a pane is shown, `selected(name)` too. Answers `{ element, open(name) }`.
 */
export function tabs(label, panes, first, selected = () => {}) {
  const parts = panes.map(({ name, title, element, opened }) => {
    const id = uniqueId("tab");
    const tab = el(
      "button",
      {
        type: "button",
        role: "tab",
        id,
        "aria-controls": `${id}-panel`,
        click: () => select(name),
      },
      title,
    );
    const panel = el(
      "div",
      {
        role: "tabpanel",
        id: `${id}-panel`,
        class: "panel",
        "aria-labelledby": id,
        tabindex: "0",
      },
      element,
    );
    return { name, tab, panel, opened };
  });
  const select = (name) => {
    for (const part of parts) {
      const chosen = part.name === name;
      part.tab.setAttribute("aria-selected", String(chosen));
      part.tab.tabIndex = chosen ? 0 : -1;
      part.panel.hidden = !chosen;
      if (chosen) part.opened?.();
    }
    selected(name);
  };
  const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
  const list = el(
    "div",
    {
      role: "tablist",
      "aria-label": label,
      keydown: (event) => {
        const at = parts.findIndex(({ tab }) => tab === document.activeElement);
        const last = parts.length - 1;
        const to =
          { Home: 0, End: last }[event.key] ??
          (at + STEPS[event.key] + parts.length) % parts.length;
        if (at < 0 || Number.isNaN(to)) return;
        event.preventDefault();
        select(parts[to].name);
        parts[to].tab.focus();
      },
    },
    parts.map(({ tab }) => tab),
  );
  select(first);
  // All are closed: the keyboard begins with the first.
  if (!parts.some(({ name }) => name === first)) parts[0].tab.tabIndex = 0;
  const element = el(
    "div",
    { class: "tabs" },
    list,
    parts.map(({ panel }) => panel),
  );
  return { element, open: select };
}
