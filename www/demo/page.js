// The demo's page: the sign-in card, the person's phone and mailbox, and what is behind them.
import { LANGUAGES } from "../ui/texts.js";
import { el, uniqueId } from "../ui/dom.js";
import { clock } from "./panes/clock.js";
import { mailbox, phone } from "./panes/messages.js";
import { session } from "./storage.js";
import { tabs } from "./tabs.js";
import { tries } from "./tries.js";

const INSTALL = "npm install cognito-flow";
const LINKS = {
  "intro.element": "/docs/element.md",
  "intro.migrating": "/docs/migrating.md",
  "page.themes": "theme.html",
  "intro.source": "https://github.com/cognito-flow/cognito-flow",
};

/** Which pane is open, while the tab is. */
const OPEN = "cognito-flow-demo.pane";

/**
 * Builds everything around `card` and `states`, the panes that follow the flow, and shows it at
 * once. `world` is null where the pool is elsewhere. Ends when `signal` aborts.
 */
export function showPage({ card, states, texts, paneTexts, language, chooseLanguage, currentFlow, ...more }) {
  const openPane = (name) => behind.open(name);
  const parts = { texts, card, currentFlow, openPane, ...more };
  const { world, signal } = parts;
  /** A pane that is loaded and made when it is first opened. */
  const pane = (load) =>
    lazy(async () => {
      const [make, texts] = await Promise.all([load(), paneTexts()]);
      return make({ ...parts, texts });
    });
  const absent = () => pane(async () => (await import("./panes/not-here.js")).notHere);
  const live = (make) => (parts) => livePane(make, parts);
  const ofWorld = (load) => (world ? pane(async () => live(await load())) : absent());
  const messages = world ? [phone, mailbox].map((make) => livePane(make, parts)) : [opened(absent())];
  const panes = {
    settings: ofWorld(async () => (await import("./panes/settings.js")).settings),
    sms: ofWorld(async () => (await import("./panes/sms.js")).sms),
    admin: ofWorld(async () => (await import("./panes/administrator.js")).administrator),
    under: pane(async () => (await import("./panes/underneath.js")).underneath),
    diagram: states,
    elsewhere: pane(async () => (await import("./panes/elsewhere.js")).elsewhere),
  };
  const behind = tabs(
    texts("behind.title"),
    Object.entries(panes).map(([name, pane]) => ({ name, title: texts(`${name}.tab`), ...pane })),
    session.getItem(OPEN) ?? (world ? null : "under"),
    (name) => name !== null && session.setItem(OPEN, name),
  );
  const toTry = world ? tries({ ...parts, paneTexts }) : null;
  document
    .querySelector("#tools")
    .replaceChildren(languageChoice(texts, language, chooseLanguage));
  const title = uniqueId("behind");
  document
    .querySelector("main")
    .replaceChildren(
      ...[
        intro(parts, toTry && toTry.demoUser),
        el(
          "section",
          { class: "signing-in", "aria-label": texts("page.signingIn") },
          world ? whenSent(parts, paneTexts) : null,
          toTry && toTry.note,
          card,
        ),
        toTry && toTry.list,
        el(
          "section",
          { class: "person", "aria-label": texts("page.person") },
          messages,
          world ? clock(parts) : null,
        ),
        el(
          "section",
          { class: "behind surface", "aria-labelledby": title },
          el("h2", { id: title }, texts("behind.title")),
          behind.element,
        ),
      ].filter(Boolean),
    );
}

/** The place of what is shown over the form, which is loaded when the form first waits for a message. */
function whenSent(parts, paneTexts) {
  const { card, signal, currentFlow } = parts;
  const place = el("span", { hidden: true });
  let loading = null;
  const look = async () => {
    if (loading !== null || !currentFlow().snapshot().delivery) return;
    try {
      loading = Promise.all([import("./message-bar.js"), paneTexts()]);
      const [{ messageBar }, texts] = await loading;
      place.replaceWith(messageBar({ ...parts, texts }));
    } catch {
      // The next time, then; the message is below as well.
      loading = null;
    }
  };
  card.addEventListener("cognito-step", look, { signal });
  look();
  return place;
}

function lazy(make) {
  const element = el("div");
  let made = null;
  return {
    element,
    async opened() {
      made ??= make().catch((error) => {
        // Another try when it is opened again.
        made = null;
        throw error;
      });
      element.replaceChildren(await made);
    },
  };
}

function opened(pane) {
  pane.opened();
  return pane.element;
}

function livePane(make, { world, signal, ...parts }) {
  const { element, show } = make({ world, ...parts });
  const update = () => show(world.state());
  const unsubscribe = world.subscribe(update);
  signal.addEventListener("abort", unsubscribe);
  update();
  return element;
}

function languageChoice(texts, chosen, choose) {
  const select = el(
    "select",
    { "aria-label": texts("page.language"), change: () => choose(select.value) },
    Object.entries(LANGUAGES).map(([code, name]) =>
      el("option", { value: code, lang: code, selected: code === chosen }, name),
    ),
  );
  return select;
}

/** What this is, in a line, and how to have it. `more` stands at the end. */
function intro({ texts, world, place }, more) {
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
