// The demo: the forms of `ui/` over one flow, and around them the panes of `demo/`. The clock
// comes first: it must be in place before the package reads the time.
import "./demo/clock.js";
import { createFlow } from "/cognito-flow/index.js";
import { el } from "./ui/dom.js";
import { errorText } from "./ui/errors.js";
import "./ui/index.js";
import { appTables, chooseLanguage, isLanguage, loadTexts } from "./ui/texts.js";
import { placeOf, storageFor } from "./demo/place.js";
import { observedNetwork } from "./demo/network.js";
import { showPage } from "./demo/page.js";
import { local } from "./demo/storage.js";

const LANGUAGE = "cognito-flow-demo.language";

const place = placeOf(location.search);
let world = null;
let network;
let flow;
let texts;
let formTexts;
let endPage = () => {};
let endFlow = () => {};
const card = el("cognito-sign-in");

const chosen = local.getItem(LANGUAGE);
const language = isLanguage(chosen) ? chosen : chooseLanguage(navigator.languages);
const story = new URLSearchParams(location.search).get("story");
try {
  if (story !== null) {
    const { showStory } = await import("./demo/story.js");
    await showStory(story, card, document.querySelector("main"));
  } else {
    await open();
    await showIn(language);
  }
} catch (error) {
  await showFailure(error);
}

async function open() {
  const outside = { world: null, fetch: window.fetch.bind(window) };
  const opened = place ? outside : await localWorld();
  world = opened.world;
  network = observedNetwork(opened.fetch);
  flow = await makeFlow();
}

/** In place of the page: what it needs is not there. */
async function showFailure(error) {
  const code = isUnsupported(error) ? "unsupported" : (error.code ?? error.name);
  const texts = await loadTexts(pageLanguage(language), allTables);
  document.documentElement.lang = texts.language;
  const heading = el("h2", {}, texts("signIn.title"));
  const text = el("p", { class: "notice", role: "alert" }, errorText({ code }, texts));
  const back = el("p", {}, el("a", { href: location.pathname }, texts("elsewhere.back")));
  const content = el("div", {}, heading, text, place ? back : null);
  const card = el("div", { class: "card surface" }, content);
  document.querySelector("main").replaceChildren(el("section", { class: "signing-in" }, card));
  if (code !== "unsupported") throw error;
}

/** The package says so itself; the pool in this page is WebAssembly too. */
function isUnsupported(error) {
  const { WebAssembly } = globalThis;
  return !WebAssembly || error instanceof WebAssembly.CompileError || error.code === "unsupported";
}

async function localWorld() {
  // Loaded only here: an app talks to Cognito and has no pool of its own.
  const [{ embeddedPool }, { clearWorld, openWorld }] = await Promise.all([
    import("./demo/embedded-pool.js"),
    import("./demo/world.js"),
  ]);
  const open = async () => {
    const pool = await embeddedPool();
    return { world: await openWorld(pool), fetch: pool.fetch };
  };
  try {
    return await open();
  } catch (error) {
    if (isUnsupported(error)) throw error;
    // What an earlier version kept may be of no use to this one.
    clearWorld();
    return open();
  }
}

function makeFlow() {
  const options = place ?? world.flowOptions();
  return createFlow({ ...options, fetch: network.fetch, storage: storageFor(place) });
}

async function showIn(language) {
  [texts, formTexts] = await Promise.all([loadTexts(pageLanguage(language), allTables), loadTexts(language)]);
  endPage();
  document.documentElement.lang = texts.language;
  const states = { element: el("div"), opened: () => {} };
  const left = new AbortController();
  endPage = () => left.abort();
  let loading = null;
  const paneTexts = () => (loading ??= loadTexts(pageLanguage(language), paneTables));
  const follow = () => followFlow(states, paneTexts);
  follow();
  world?.onNavigate(async (url) => {
    const { siteWindow } = await import("./demo/panes/site.js");
    const leave = (to) => location.assign(to);
    siteWindow({ texts, browser: await world.siteBrowser(), leave }).open(url);
  });
  world?.onRestart(async () => {
    flow.dispose();
    network.clear();
    flow = await makeFlow();
    follow();
  });
  showPage({
    card,
    states: { element: states.element, opened: () => states.opened() },
    texts,
    paneTexts,
    language,
    network,
    world,
    place,
    currentFlow: () => flow,
    signal: left.signal,
    chooseLanguage(chosen) {
      local.setItem(LANGUAGE, chosen);
      return showIn(chosen);
    },
  });
}

/** The page around the element speaks fewer languages. */
function pageLanguage(language) {
  return ["de", "ja"].includes(language) ? language : "en";
}

async function allTables(language) {
  const [app, demo] = await Promise.all([
    appTables(language),
    import(`./demo/texts/${language}.js`),
  ]);
  return [...app, demo.default];
}

/** Those, and what is written behind the scenes, which nobody sees until it is opened. */
async function paneTables(language) {
  const [all, panes] = await Promise.all([
    allTables(language),
    import(`./demo/panes/texts/${language}.js`),
  ]);
  return [...all, panes.default];
}

/** Mounts what shows the flow itself, in place of what showed an earlier one. */
function followFlow(states, paneTexts) {
  endFlow();
  const left = new AbortController();
  card.options = { texts: formTexts, navigation: "hash", ...world?.formOptions(texts) };
  card.flow = flow;
  const remember = () => {
    const { step, username } = flow.snapshot();
    if (step === "signedIn") world?.signedInAs(username);
  };
  left.signal.addEventListener("abort", flow.subscribe(remember));
  remember();
  let drawn = null;
  states.element.replaceChildren();
  states.opened = async () => {
    const [{ diagram }, texts] = await Promise.all([import("./demo/panes/diagram.js"), paneTexts()]);
    if (left.signal.aborted) return;
    if (drawn === null) {
      drawn = diagram({ texts, flow, signal: left.signal });
      states.element.replaceChildren(drawn.element);
    }
    drawn.opened();
  };
  // The pane may be open: it is of the flow before.
  if (states.element.offsetParent !== null) states.opened();
  endFlow = () => left.abort();
}
