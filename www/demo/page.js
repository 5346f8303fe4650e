// The demo's page: the sign-in card, the person's phone and mailbox, and what is behind them.
import { LANGUAGES } from "../ui/texts.js";
import { el } from "../ui/dom.js";
import { clock } from "./panes/clock.js";
import { mailbox, phone } from "./panes/messages.js";
import { settings } from "./panes/settings.js";
import { tabs } from "./tabs.js";

/**
 * Builds everything around `card` and `states`, the panes that follow the flow, and shows it at
 * once. `world` is null where the pool is elsewhere. Ends when `signal` aborts.
 */
export function showPage({ card, states, texts, language, network, world, place, signal, chooseLanguage }) {
  const parts = { texts, network, world, place, signal };
  const live = (make) => livePane(make, parts);
  const absent = () => lazy(async () => (await import("./panes/not-here.js")).notHere(parts));
  const messages = world ? [live(phone), live(mailbox)] : [opened(absent())];
  const ofWorld = (load) => (world ? lazy(async () => live(await load())) : absent());
  const behind = tabs(
    texts("behind.title"),
    [
      {
        name: "settings",
        title: texts("settings.tab"),
        ...(world ? { element: live(settings) } : absent()),
      },
      {
        name: "sms",
        title: texts("sms.tab"),
        ...ofWorld(async () => (await import("./panes/sms.js")).sms),
      },
      {
        name: "admin",
        title: texts("admin.tab"),
        ...ofWorld(async () => (await import("./panes/administrator.js")).administrator),
      },
      {
        name: "under",
        title: texts("under.tab"),
        ...lazy(async () => (await import("./panes/underneath.js")).underneath(parts)),
      },
      { name: "states", title: texts("diagram.tab"), ...states },
      {
        name: "elsewhere",
        title: texts("elsewhere.tab"),
        ...lazy(async () => (await import("./panes/elsewhere.js")).elsewhere(parts)),
      },
    ],
    world ? "settings" : "under",
  );
  document
    .querySelector("#tools")
    .replaceChildren(
      ...(world ? [clock(parts)] : [el("span", { class: "badge" }, place.userPoolId)]),
      el("a", { href: "theme.html" }, texts("page.themes")),
      languageChoice(texts, language, chooseLanguage),
    );
  document.querySelector("#tagline").textContent = texts(
    world ? "page.tagline" : "page.tagline.elsewhere",
  );
  document
    .querySelector("main")
    .replaceChildren(
      el("section", { class: "signing-in", "aria-label": texts("page.signingIn") }, card),
      el("section", { class: "person", "aria-label": texts("page.person") }, ...messages),
      el("section", { class: "behind", "aria-label": texts("behind.title") }, behind),
    );
}

/** A pane that is loaded and made when it is first opened. */
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

/** A pane that follows the world. */
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
