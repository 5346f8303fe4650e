// The demo: the forms of `app/` over one flow, and around them the panes of `demo/`. The clock comes
// first: it must be in place before the package reads the time.
import "./demo/clock.js";
import { createFlow } from "/cognito-flow/index.js";
import { el } from "./app/dom.js";
import { mountSignIn } from "./app/sign-in.js";
import { appTables, chooseLanguage, loadTexts } from "./app/texts.js";
import { placeOf } from "./demo/address.js";
import { observedNetwork } from "./demo/network.js";
import { showPage } from "./demo/page.js";

const LANGUAGE = "cognito-flow-demo.language";

const place = placeOf(location.search);
const { world, fetch } = place ? { world: null, fetch: window.fetch.bind(window) } : await localWorld();
const network = observedNetwork(fetch);
let flow = await makeFlow();
let end = () => {};

await show(localStorage.getItem(LANGUAGE) ?? chooseLanguage(navigator.languages));
world?.onRestart(async () => {
  flow.dispose();
  network.clear();
  flow = await makeFlow();
  await show(document.documentElement.lang);
});

async function localWorld() {
  // Loaded only here: an app talks to Cognito and has no pool of its own.
  const [{ embeddedPool }, { openWorld }] = await Promise.all([
    import("./demo/embedded-pool.js"),
    import("./demo/world.js"),
  ]);
  const pool = await embeddedPool();
  return { world: await openWorld(pool), fetch: pool.fetch };
}

function makeFlow() {
  return createFlow({ ...(place ?? world.flowOptions()), fetch: network.fetch, storage: "local" });
}

async function show(language) {
  const texts = await loadTexts(language, async (chosen) => {
    const [app, demo] = await Promise.all([appTables(chosen), import(`./demo/texts/${chosen}.js`)]);
    return [...app, demo.default];
  });
  end();
  document.documentElement.lang = language;
  const card = el("div");
  const unmount = mountSignIn(card, { flow, texts, policy: world?.state().policy });
  const left = new AbortController();
  end = () => {
    left.abort();
    unmount();
  };
  showPage({
    card,
    texts,
    flow,
    network,
    world,
    place,
    signal: left.signal,
    chooseLanguage(chosen) {
      localStorage.setItem(LANGUAGE, chosen);
      return show(chosen);
    },
  });
}
