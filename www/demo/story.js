// `?story=NAME`: plays what the search of every state has met or found (tests/proof), with the package as it
// is shipped: a flow and a pool of the story's own, a clock that stands still, and requests that wait for what
// the story says came of them. For whoever works on the machine, so in English alone.
import { createFlow } from "/cognito-flow/index.js";
import { createLocalPool } from "/cognito-pool/local-pool.js";
import { el } from "../ui/dom.js";
import { elementsOf } from "./html.js";
import { totp } from "./totp.js";

/** Until nothing has happened for so long, it goes on: in real time, whatever the story's clock says. */
const QUIET_MS = 40;
const LONGEST_MS = 5000;

/** What the pool never heard of, as it came. */
const FAULTS = {
  throttled: () => new Response("{}", { status: 400, headers: { "x-amzn-errortype": "TooManyRequestsException" } }),
  down: () => new Response("<html>", { status: 503 }),
  firewall: () => new Response("<html>", { status: 403 }),
  stranger: () => new Response("<html>", { status: 200 }),
};

/** Shows the story `name` in `main`, its form in `card`; rejects where there is none, or it cannot be played. */
export async function showStory(name, card, main) {
  const response = await fetch(`/stories/${name}.json`);
  if (!response.ok) throw new Error(`There is no story "${name}".`);
  const story = await response.json();
  const player = await openStory(story);
  const rows = story.lines.map(({ told, seen }) => {
    const outcome = el("small", {}, `should then be: ${seen}`);
    return { outcome, element: el("li", {}, told, el("br"), outcome) };
  });
  const next = el("button", { type: "button", class: "primary", click: () => play(1) }, "Next");
  const rest = el("button", { type: "button", click: () => play(rows.length) }, "Play all");
  const said = el("p", { role: "status" });
  let at = 0;
  const play = async (most) => {
    next.disabled = rest.disabled = true;
    try {
      for (const end = Math.min(at + most, rows.length); at < end; ) {
        const { outcome, element } = rows[at];
        element.setAttribute("aria-current", "step");
        const seen = await player.play(story.lines[at].did);
        element.removeAttribute("aria-current");
        const isAsTold = seen === story.lines[at].seen;
        outcome.textContent = isAsTold ? `✓ ${seen}` : `✗ ${seen}, and not: ${story.lines[at].seen}`;
        at += 1;
        if (!isAsTold) {
          said.textContent = "It came otherwise than it was told.";
          return;
        }
      }
      if (at === rows.length) said.textContent = "Everything came as it was told.";
    } catch (error) {
      said.textContent = `This cannot be played: ${error.message}.`;
    } finally {
      next.disabled = rest.disabled = at === rows.length;
    }
  };
  const cards = player.tabs.map((_, at) => (at === 0 ? card : el(card.localName)));
  player.onFlow((flow, at) => (cards[at].flow = flow));
  const forms = cards.map((card, at) => {
    if (cards.length === 1) return el("section", { "aria-label": "Form" }, card);
    const name = `Tab ${at + 1}`;
    return el("section", { "aria-label": name }, el("h2", {}, name), card);
  });
  main.replaceChildren(
    el("div", { class: "signing-in" }, forms),
    el(
      "section",
      { class: "story surface", "aria-label": "Story" },
      el("h2", {}, `A story: ${story.setting}`),
      el("p", { class: "actions" }, next, rest),
      said,
      el("ol", {}, rows.map(({ element }) => element)),
    ),
  );
}

/** `{ tabs, play(did), onFlow(callback) }`: `play` has one thing happen, and answers with what is then seen. */
async function openStory(story) {
  const clock = stopClock(story.now);
  const pool = await createLocalPool({ state: story.pool, now: Date.now, options: story.poolOptions });
  const storage = story.storage ? storageInPage() : "memory";
  let told = () => {};
  const tabs = [];
  for (let at = 0; at < story.tabs; at += 1) {
    tabs.push(await openTab(story, storage, (flow) => told(flow, at)));
  }
  const isQuiet = () => settled(() => tabs.map(({ flow, requests }) => [flow.snapshot(), requests.all.length]));
  await isQuiet();

  let authenticator;
  const giver = () => (authenticator ??= openAuthenticatorOf(story));

  const codes = async ({ flow, shownSecret }) => {
    const known = pool.outbox().flatMap(({ code }) => code ?? []);
    const ofApp = flow.snapshot().secret ?? shownSecret;
    if (ofApp) known.push(await totp(ofApp, Date.now()));
    const [latest, earlier] = [known.at(-1), known.at(-2)];
    const wrong = latest ? latest.replace(/\d/g, (digit) => (Number(digit) + 1) % 10) : "000000";
    return { "{latest}": latest, "{earlier}": earlier, "{wrong}": wrong };
  };

  const happen = {
    async event(tab, { event }) {
      const named = await codes(tab);
      // What becomes of it is in the snapshot.
      tab.flow.send(withCodes(event, named)).catch(() => {});
    },
    async call(tab, { call, with: given }) {
      const values = withCodes(given, await codes(tab));
      const { flow } = tab;
      const called = call === "session" ? flow.session(values) : flow.account[call](...Object.values(values));
      called.then((answer) => (tab.shownSecret = answer?.secret ?? tab.shownSecret)).catch(() => {});
    },
    async reply({ requests }, { reply: at, came }) {
      // Before a refresh, other copies of a tab are asked for a tenth of a second.
      const request = await until(() => requests.all[at]);
      if (!request) throw new Error(`there is no request ${at} under way`);
      await requests.end(request, came, pool.fetch);
    },
    passkey: ({ prompts }, { passkey }) => prompts.end(passkey, giver),
    wait: (_tab, { ms }) => clock.pass(ms, true),
    oversleep: (_tab, { ms }) => clock.pass(ms, false),
    reload: (tab) => tab.reload(),
    notice: () => globalThis.dispatchEvent(new Event("storage")),
    return: (tab, { return: how, username, password }) => {
      const state = new URL(tab.leftFor).searchParams.get("state");
      const back = how === "signed in" ? signedInOn(pool, tab.leftFor, { username, password }) : { state, error: how };
      // As if the page had been loaded from there; the package takes it out of the address.
      const address = new URL(location);
      for (const [name, value] of Object.entries(back)) address.searchParams.set(name, value);
      history.replaceState(history.state, "", address);
      return tab.reload();
    },
    administrator(_tab, { administrator }) {
      try {
        pool.call(administrator, { UserPoolId: story.userPoolId, Username: "alice" });
      } catch {
        // Some of it is refused: who is gone cannot be disabled.
      }
    },
  };

  return {
    tabs,
    onFlow(callback) {
      told = callback;
      tabs.forEach(({ flow }, at) => callback(flow, at));
    },
    async play(did) {
      const kind = Object.keys(happen).find((name) => Object.hasOwn(did, name));
      if (!kind) throw new Error(`nobody knows what ${JSON.stringify(did)} is`);
      const tab = tabs[did.tab ?? 0];
      await happen[kind](tab, did);
      await isQuiet();
      const { step, busy, error } = tab.flow.snapshot();
      return `${step}${busy ? `, busy with ${busy}` : ""}${error ? `, error ${error.code}` : ""}`;
    },
  };
}

/** One of the tabs, which are flows in one page here: they share a storage and locks. */
async function openTab(story, storage, told) {
  const requests = heldRequests();
  const prompts = heldPrompts();
  const tab = { requests, prompts };
  const options = {
    ...{ userPoolId: story.userPoolId, clientId: story.clientId, endpoint: "https://pool.invalid/" },
    // A flow that is opened anew finds what the one before kept for this tab, and none of another story.
    profile: `story-${Math.trunc(performance.timeOrigin)}`,
    ...story.options,
    ...{ fetch: requests.fetch, storage, passkeys: prompts.credentials },
  };
  if (options.redirect) options.redirect = { ...options.redirect, navigate: (url) => (tab.leftFor = url) };
  tab.flow = await createFlow(options);
  tab.reload = async () => {
    requests.all.length = 0;
    prompts.all.length = 0;
    tab.flow.dispose();
    tab.flow = await createFlow(options);
    told(tab.flow);
  };
  return tab;
}

async function openAuthenticatorOf(story) {
  const { openAuthenticator } = await import("./authenticator.js");
  return openAuthenticator(story.authenticator);
}

/** What is in the address of whoever has signed in on the pool's own page. */
function signedInOn(pool, leftFor, person) {
  const asked = new URL(leftFor);
  const { body } = pool.page(asked.pathname + asked.search);
  const form = el("div", {}, elementsOf(body, "story-")).querySelector("form");
  const fields = new URLSearchParams({ _csrf: form.elements._csrf.value, ...person });
  const { away } = pool.page(form.getAttribute("action"), { method: "POST", body: fields });
  return Object.fromEntries(new URL(away).searchParams);
}

/** The page's clocks stand still, and chance is the middle one, as in the search. */
function stopClock(now) {
  let [wall, steady] = [now, 4321];
  Date.now = () => wall;
  performance.now = () => steady;
  Math.random = () => 0.5;
  return {
    pass(ms, wakes) {
      wall += ms;
      steady += ms;
      if (wakes) document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

function heldRequests() {
  const all = [];
  return {
    all,
    fetch: (url, init) => hold(all, { url, init }, init.signal),
    async end(request, came, ask) {
      all.splice(all.indexOf(request), 1);
      const { url, init, resolve, reject } = request;
      if (came === "answered") return resolve(await ask(url, init));
      if (came === "done and lost") await ask(url, init);
      if (Object.hasOwn(FAULTS, came)) return resolve(FAULTS[came]());
      // A browser does not say so of a request that it has taken; Node does, and the package takes its word.
      const cause = came === "never sent" ? { code: "ECONNREFUSED" } : undefined;
      reject(new TypeError("Failed to fetch", { cause }));
    },
  };
}

function heldPrompts() {
  const all = [];
  const held = (what) => (options) => hold(all, { what, options }, options.signal);
  return {
    all,
    credentials: { create: held("create"), get: held("get") },
    /** The oldest has what the authenticator gives, or this error of the browser's. */
    async end(came, giver) {
      // What asks the browser for one is loaded then.
      const prompt = await until(() => all.shift());
      if (!prompt) throw new Error("no passkey is asked for");
      const { what, options, resolve, reject } = prompt;
      if (came === "given") resolve(await (await giver())[what](options.publicKey));
      else reject(new DOMException("", came));
    },
  };
}

/** Waits in `all` with what was asked for, until somebody ends it or the signal does. */
function hold(all, asked, signal) {
  return new Promise((resolve, reject) => {
    const held = { ...asked, resolve, reject };
    all.push(held);
    signal.addEventListener("abort", () => {
      if (all.includes(held)) all.splice(all.indexOf(held), 1);
      reject(signal.reason);
    });
  });
}

/** A storage of the story's own. */
function storageInPage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

/** The same with each code that is named. */
function withCodes(value, codes) {
  if (typeof value === "string") return codes[value] ?? value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withCodes(item, codes));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withCodes(item, codes)]));
}

/** What `look` gives once that is something, or `undefined`. */
async function until(look) {
  let found = look();
  for (let waited = 0; found === undefined && waited < LONGEST_MS; waited += 10) {
    await pause();
    found = look();
  }
  return found;
}

const pause = () => new Promise((done) => setTimeout(done, 10));

/** When what `look` gives has not changed for a while. */
async function settled(look) {
  let [before, quiet] = [JSON.stringify(look()), 0];
  for (let waited = 0; quiet < QUIET_MS && waited < LONGEST_MS; waited += 10) {
    await pause();
    const now = JSON.stringify(look());
    quiet = now === before ? quiet + 10 : 0;
    before = now;
  }
}
