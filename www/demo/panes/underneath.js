// What happens underneath: the flow's requests and replies in order, without their secrets.
import { el, uniqueId } from "../../ui/dom.js";
import { explained } from "./explained.js";

const MODES = ["normal", "slow", "offline"];

export function underneath({ texts, network, signal }) {
  const list = el("ol", { class: "requests" });
  const empty = el("p", { class: "hint" }, texts("under.empty"));
  const id = uniqueId("network");
  const select = el(
    "select",
    { id, change: () => network.setMode(select.value) },
    MODES.map((mode) => el("option", { value: mode }, texts(`under.${mode}`))),
  );
  const clear = el(
    "button",
    { type: "button", class: "secondary small", click: network.clear },
    texts("under.clear"),
  );
  const element = el(
    "div",
    {},
    el("h3", {}, texts("under.title")),
    el("p", { class: "hint" }, texts("under.intro")),
    el(
      "div",
      { class: "toolbar" },
      el(
        "div",
        { class: "field inline" },
        el("label", { for: id }, texts("under.network")),
        select,
      ),
      clear,
    ),
    empty,
    list,
  );
  const rows = new Map();

  const show = () => {
    const entries = network.entries();
    empty.hidden = entries.length > 0;
    for (const [key, row] of rows) {
      if (!entries.some((entry) => entry.id === key)) {
        row.element.remove();
        rows.delete(key);
      }
    }
    for (const entry of entries) {
      if (!rows.has(entry.id)) {
        rows.set(entry.id, requestRow(entry, texts));
        list.append(rows.get(entry.id).element);
      }
      rows.get(entry.id).show();
    }
  };
  signal.addEventListener("abort", network.subscribe(show));
  show();
  return element;
}

function requestRow(entry, texts) {
  const outcome = el("span", { class: "badge" });
  const took = el("span", { class: "hint" });
  const reply = el("pre", { tabindex: "0", "aria-label": texts("under.reply") });
  const request = el("pre", { tabindex: "0", "aria-label": texts("under.request") }, entry.request);
  const { kind, why, guide } = explained(entry, texts);
  const element = el(
    "li",
    {},
    el(
      "details",
      {},
      el(
        "summary",
        {},
        el("code", {}, entry.operation),
        " ",
        kind === null ? null : el("span", { class: "kind" }, kind),
        " ",
        outcome,
        " ",
        took,
        why === null ? null : el("span", { class: "why" }, why),
      ),
      guide === null ? null : el("p", { class: "guide hint" }, texts("under.guide", { line: guide })),
      el("p", { class: "hint" }, texts("under.request"), " – ", texts.time(entry.at)),
      request,
      el("p", { class: "hint" }, texts("under.reply")),
      reply,
    ),
  );
  return {
    element,
    show() {
      const done = entry.took !== null;
      outcome.textContent = done ? String(entry.status) : "…";
      outcome.classList.toggle("good", entry.status === 200);
      outcome.classList.toggle("warn", done && entry.status !== 200);
      took.textContent = done ? texts("under.took", { ms: Math.round(entry.took) }) : "";
      reply.textContent = entry.reply ?? "";
    },
  };
}
