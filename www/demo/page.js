// The demo's page: the sign-in card, the person's phone and mailbox, and what is behind them.
import { LANGUAGES } from "../app/texts.js";
import { el } from "../app/dom.js";
import { administrator } from "./panes/administrator.js";
import { clock } from "./panes/clock.js";
import { elsewhere, notHere } from "./panes/elsewhere.js";
import { mailbox, phone } from "./panes/messages.js";
import { settings } from "./panes/settings.js";
import { sms } from "./panes/sms.js";
import { underneath } from "./panes/underneath.js";
import { tabs } from "./tabs.js";

/**
 * Builds everything around `card` and `states`, the panes that follow the flow, and shows it at
 * once. `world` is null where the pool is elsewhere. Ends when `signal` aborts.
 */
export function showPage({ card, states, texts, network, world, place, signal, chooseLanguage }) {
  const parts = { texts, network, world, place, signal };
  const live = (make) => livePane(make, parts);
  const messages = world ? [live(phone), live(mailbox)] : [notHere(parts)];
  const behind = tabs(
    texts("behind.title"),
    [
      {
        name: "settings",
        title: texts("settings.tab"),
        element: world ? live(settings) : notHere(parts),
      },
      { name: "sms", title: texts("sms.tab"), element: world ? live(sms) : notHere(parts) },
      {
        name: "admin",
        title: texts("admin.tab"),
        element: world ? live(administrator) : notHere(parts),
      },
      { name: "under", title: texts("under.tab"), element: underneath(parts) },
      { name: "states", title: texts("diagram.tab"), ...states },
      { name: "elsewhere", title: texts("elsewhere.tab"), element: elsewhere(parts) },
    ],
    world ? "settings" : "under",
  );
  document
    .querySelector("#tools")
    .replaceChildren(
      ...(world ? [clock(parts)] : [el("span", { class: "badge" }, place.userPoolId)]),
      languageChoice(texts, chooseLanguage),
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

/** A pane that follows the world. */
function livePane(make, { world, signal, ...parts }) {
  const { element, show } = make({ world, ...parts });
  const update = () => show(world.state());
  const unsubscribe = world.subscribe(update);
  signal.addEventListener("abort", unsubscribe);
  update();
  return element;
}

function languageChoice(texts, choose) {
  const select = el(
    "select",
    { "aria-label": texts("page.language"), change: () => choose(select.value) },
    Object.entries(LANGUAGES).map(([code, name]) =>
      el("option", { value: code, lang: code, selected: code === texts.language }, name),
    ),
  );
  return select;
}
