// What the devtools draw, in a document of the test's that has no way to take markup: text goes in as text.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { log } from "../../js/devtools/log.js";
import { showIn } from "../../js/devtools/panel.js";
import { requests } from "../../js/devtools/requests.js";
import { Node } from "./support/document.mjs";

// An afternoon, so that twelve hours and twenty-four are told apart.
const NOW = new Date(2026, 10, 26, 15, 4, 5).getTime();
const sheets = [];

beforeEach(() => {
  mock.timers.enable({ apis: ["Date", "setInterval"], now: NOW });
  globalThis.document = { createElement: (tag) => new Node(tag) };
  globalThis.CSSStyleSheet = class {
    replaceSync(css) {
      sheets.push(css);
    }
  };
  install({}, {});
});
afterEach(() => {
  mock.timers.reset();
  for (const name of ["document", "CSSStyleSheet", "localStorage", "sessionStorage"]) delete globalThis[name];
});

function install(localStorage, sessionStorage) {
  for (const [name, entries] of Object.entries({ localStorage, sessionStorage })) {
    const get = typeof entries === "function" ? entries : () => Object.assign(Object.create({ getItem: (key) => entries[key] }), entries);
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
}

/** What is drawn: each part's head, and its rows. */
function drawn({ children: [details] }) {
  const [summary, ...sections] = details.children;
  const rows = (table) => table.children.map((row) => {
    assert.equal(row.tag, "tr");
    assert.ok(row.children.every(({ tag }) => tag === "td"));
    return row.children.map(({ textContent }) => textContent);
  });
  return {
    tags: [details.tag, summary.tag, ...sections.flatMap(({ tag, children }) => [tag, ...children.map(({ tag }) => tag)])],
    summary: summary.textContent,
    ...Object.fromEntries(sections.map(({ children: [head, table] }) => [head.textContent, rows(table)])),
  };
}

const open = [];
afterEach(() => open.splice(0).forEach(({ end }) => end()));
function shown(steps = log()) {
  const root = new Node("root");
  const panel = showIn(root, steps);
  open.push(panel);
  return { root, steps, panel };
}

test("a panel that is open, with its parts and one sheet for all of them", () => {
  const { root } = shown();
  const { root: other } = shown();
  assert.equal(sheets.length, 1);
  assert.match(sheets[0], /:host \{ position: fixed;[^]*\.panel \{/);
  assert.deepEqual([root.adoptedStyleSheets.length, other.adoptedStyleSheets[0] === root.adoptedStyleSheets[0]], [1, true]);
  const [details] = root.children;
  assert.deepEqual([root.children.length, details.open, details.className], [1, true, "panel"]);
  const part = ["section", "h2", "table"];
  assert.deepEqual(drawn(root), {
    tags: ["details", "summary", ...part, ...part, ...part, ...part],
    summary: "cognito-flow: no flow yet", Steps: [], Requests: [], Times: [], Storage: [],
  });
});

test("steps have their time, what is busy and what went wrong; the newest is in the summary, with its times", () => {
  const steps = log();
  steps.add({ at: NOW - 61_000, step: "signedOut", round: 1, busy: "signIn", error: null, server: null, times: [["old", NOW]] });
  steps.add({
    at: NOW, step: "mfaCode", round: 2, busy: null, error: "server", server: "OddException",
    times: [["expiresAt", NOW + 1_400], ["resendAt", NOW], ["retryAt", NOW - 5], ["codeExpiresAt", NOW + 600]],
  });
  steps.add({ at: NOW, step: "<b>", round: 3, busy: null, error: "offline", server: null, times: [["tokensExpireAt", NOW + 60_000]] });
  const { root } = shown(steps);
  const { summary, Steps, Times } = drawn(root);
  assert.equal(summary, "cognito-flow: <b>");
  assert.deepEqual(Steps, [["15:03:04", "signedOut 1", "signIn …", ""], ["15:04:05", "mfaCode 2", "", "server, OddException"], ["15:04:05", "<b> 3", "", "offline"]]);
  assert.deepEqual(Times, [["tokensExpireAt", "15:05:05", "in 60 s"]]);
  const [first] = [shown((() => { const one = log(); one.add(steps.notes[1]); return one; })())];
  assert.deepEqual(drawn(first.root).Times.map(([name, , left]) => [name, left]), [["expiresAt", "in 1 s"], ["resendAt", "over"], ["retryAt", "over"], ["codeExpiresAt", "in 1 s"]]);
});

test("requests have what came of them, or that nothing has yet", () => {
  requests.add({ at: NOW, operation: "GetUser", sent: "AccessToken ·", took: null, status: null });
  requests.add({ at: NOW, operation: "InitiateAuth", sent: "AuthFlow: X", got: "Session ·", took: 12, status: 400, exception: "OddException" });
  requests.add({ at: NOW, operation: "RevokeToken", sent: "", got: "", took: 0, status: 200, exception: null });
  const { root } = shown();
  assert.deepEqual(drawn(root).Requests, [
    ["15:04:05", "GetUser", "…", "AccessToken ·"],
    ["15:04:05", "InitiateAuth", "400 OddException, 12 ms", "AuthFlow: X → Session ·"],
    ["15:04:05", "RevokeToken", "200, 0 ms", ""],
  ]);
  requests.notes.length = 0;
});

test("of records there are their names and how long they are, and of an app's own nothing", () => {
  install({ "cognito-flow.a": "secret", mine: "x", "xcognito-flow.b": "x" }, { "cognito-flow.b": "", "cognito-flow.c": null });
  assert.deepEqual(drawn(shown().root).Storage, [
    ["localStorage", "cognito-flow.a", "6 characters"], ["sessionStorage", "cognito-flow.b", "0 characters"], ["sessionStorage", "cognito-flow.c", "0 characters"],
  ]);
  install(() => { throw new Error("SecurityError"); }, {});
  assert.deepEqual(drawn(shown().root).Storage, [["localStorage", "blocked"]]);
});

test("what changes is drawn soon, once for all that changed; times run on; and at the end nothing is drawn any more", async () => {
  const { panel, root, steps } = shown();
  const note = (step) => ({ at: NOW, step, round: 1, busy: null, error: null, server: null, times: [] });
  let draws = 0;
  const [details] = root.children;
  const [, { children: [, table] }] = details.children;
  const { replaceChildren } = table;
  table.replaceChildren = function (...rows) {
    draws += 1;
    replaceChildren.apply(this, rows);
  };
  steps.add(note("a"));
  steps.add(note("b"));
  requests.changed();
  assert.equal(draws, 0);
  await null;
  assert.deepEqual([draws, drawn(root).summary], [1, "cognito-flow: b"]);
  steps.add(note("c"));
  await null;
  assert.deepEqual([draws, drawn(root).summary], [2, "cognito-flow: c"]);
  requests.changed();
  await null;
  assert.equal(draws, 3);
  mock.timers.tick(999);
  await null;
  assert.equal(draws, 3);
  mock.timers.tick(1);
  await null;
  assert.equal(draws, 4);
  panel.end();
  steps.add(note("d"));
  requests.changed();
  mock.timers.tick(5_000);
  await null;
  assert.equal(draws, 4);
});
