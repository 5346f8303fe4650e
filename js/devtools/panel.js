// What the notes look like. Text goes in as text.
import { requests } from "./requests.js";

const CSS = `
:host { position: fixed; inset: auto 0 0 auto; z-index: 2147483647; width: min(44rem, 100%); color-scheme: light dark;
  font: 12px/1.5 ui-monospace, monospace; }
:host([hidden]) { display: none; }
.panel { max-height: 60vh; overflow: auto; background: Canvas; color: CanvasText; border: 1px solid GrayText; }
summary { padding: 0.25rem 0.5rem; cursor: pointer; }
section { padding: 0 0.5rem 0.5rem; }
h2 { font: inherit; font-weight: bold; margin: 0.5rem 0 0.25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0 0.5rem 0 0; font-weight: normal; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }`;

/** Whose storage keys are shown. */
const OURS = "cognito-flow.";

let sheet = null;

/** Shows the notes in a shadow root until `end` is called. */
export function showIn(root, steps) {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  root.adoptedStyleSheets = [sheet];
  const summary = element("summary");
  const parts = {
    Steps: () => steps.notes.map(stepRow),
    Requests: () => requests.notes.map(requestRow),
    Times: () => (steps.notes.at(-1)?.times ?? []).map(([name, time]) => [name, clock(time), left(time)]),
    Storage: storageRows,
  };
  const sections = Object.keys(parts).map((name) => {
    const table = element("table");
    return { name, table, node: element("section", element("h2", name), table) };
  });
  const details = element("details", summary, ...sections.map(({ node }) => node));
  details.className = "panel";
  details.open = true;
  root.replaceChildren(details);

  const draw = () => {
    isPlanned = false;
    summary.textContent = `cognito-flow: ${steps.notes.at(-1)?.step ?? "no flow yet"}`;
    for (const { name, table } of sections) table.replaceChildren(...parts[name]().map(row));
  };
  let isPlanned;
  const plan = () => {
    if (isPlanned) return;
    isPlanned = true;
    queueMicrotask(draw);
  };
  const ends = [steps.subscribe(plan), requests.subscribe(plan)];
  // Times run on, and other tabs write.
  const timer = setInterval(plan, 1_000);
  draw();
  return {
    end() {
      clearInterval(timer);
      for (const end of ends) end();
    },
  };
}

function stepRow({ at, step, round, busy, error, server }) {
  return [clock(at), `${step} ${round}`, busy === null ? "" : `${busy} …`, [error, server].filter(Boolean).join(", ")];
}

function requestRow({ at, operation, took, status, exception, sent, got }) {
  const came = took === null ? "…" : `${[status, exception].filter(Boolean).join(" ")}, ${took} ms`;
  return [clock(at), operation, came, [sent, got].filter(Boolean).join(" → ")];
}

/** Which records there are and how long they are, and nothing of what is in them. */
function storageRows() {
  return ["localStorage", "sessionStorage"].flatMap((area) => {
    try {
      const keys = Object.keys(globalThis[area]).filter((key) => key.startsWith(OURS));
      return keys.map((key) => [area, key, `${globalThis[area].getItem(key)?.length ?? 0} characters`]);
    } catch {
      return [[area, "blocked"]];
    }
  });
}

const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });

function left(time) {
  const seconds = Math.round((time - Date.now()) / 1_000);
  return seconds > 0 ? `in ${seconds} s` : "over";
}

const row = (cells) => element("tr", ...cells.map((cell) => element("td", cell)));

function element(tag, ...children) {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}
