// `?story=NAME`: plays what the search of every state has met or found (tests/proof), with the package as it
// is shipped: a flow and a pool of the story's own, a clock that stands still, and requests that wait for what
// the story says came of them. For whoever works on the machine, so in English alone.
import { createFlow } from "/cognito-flow/index.js";
import { createLocalPool } from "/cognito-pool/local-pool.js";
import { el } from "../ui/dom.js";
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
      said.textContent = `This cannot be played: ${error.message}`;
    } finally {
      next.disabled = rest.disabled = at === rows.length;
    }
  };
  player.onFlow((flow) => (card.flow = flow));
  main.replaceChildren(
    el("section", { class: "signing-in", "aria-label": "Form" }, card),
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

/** `{ play(did), onFlow(callback) }`: `play` has one thing happen, and answers with what is then seen. */
async function openStory(story) {
  const clock = stopClock(story.now);
  const pool = await createLocalPool({ state: story.pool, now: Date.now, options: story.poolOptions });
  const requests = heldRequests();
  const prompts = heldPrompts();
  const records = story.storage ? storageInPage() : "memory";
  // A flow that is opened anew finds what the one before kept for this tab, and none of another story.
  const profile = `story-${Math.trunc(performance.timeOrigin)}`;
  const options = {
    ...{ userPoolId: story.userPoolId, clientId: story.clientId, endpoint: "https://pool.invalid/", profile },
    ...story.options,
    ...{ fetch: requests.fetch, storage: records, passkeys: prompts.credentials },
  };
  let told = () => {};
  let flow = await createFlow(options);
  let shownSecret;
  await settled(() => [flow.snapshot(), requests.all.length]);

  const codes = async () => {
    const sent = await (await pool.fetch("https://pool.invalid/_pool/outbox")).json();
    const known = sent.map(({ code }) => code).filter(Boolean);
    const ofApp = flow.snapshot().secret ?? shownSecret;
    if (ofApp) known.push(await totp(ofApp, Date.now()));
    const [latest, earlier] = [known.at(-1), known.at(-2)];
    const wrong = latest ? latest.replace(/\d/g, (digit) => (Number(digit) + 1) % 10) : "000000";
    return { "{latest}": latest, "{earlier}": earlier, "{wrong}": wrong };
  };

  const happen = {
    async event({ event }) {
      const named = await codes();
      // What becomes of it is in the snapshot.
      flow.send(withCodes(event, named)).catch(() => {});
    },
    async call({ call, with: given }) {
      const values = withCodes(given, await codes());
      const called = call === "session" ? flow.session(values) : flow.account[call](...Object.values(values));
      called.then((answer) => (shownSecret = answer?.secret ?? shownSecret)).catch(() => {});
    },
    async reply({ reply: at, came }) {
      const request = requests.all[at];
      if (!request) throw new Error(`there is no request ${at} under way`);
      await requests.end(request, came, pool.fetch);
    },
    passkey({ passkey }) {
      if (passkey === "given") throw new Error("no authenticator is here");
      prompts.refuse(passkey);
    },
    wait: ({ ms }) => clock.pass(ms, true),
    oversleep: ({ ms }) => clock.pass(ms, false),
    async reload() {
      requests.all.length = 0;
      flow.dispose();
      flow = await createFlow(options);
      told(flow);
    },
    async administrator({ administrator }) {
      const body = JSON.stringify({ UserPoolId: story.userPoolId, Username: "alice" });
      const headers = { "x-amz-target": `AWSCognitoIdentityProviderService.${administrator}` };
      headers["content-type"] = "application/x-amz-json-1.1";
      await pool.fetch("https://pool.invalid/", { method: "POST", headers, body });
    },
  };

  return {
    onFlow(callback) {
      told = callback;
      callback(flow);
    },
    async play(did) {
      const kind = Object.keys(happen).find((name) => Object.hasOwn(did, name));
      if (!kind || did.tab) throw new Error(`${JSON.stringify(did)} needs more than this page`);
      await happen[kind](did);
      await settled(() => [flow.snapshot(), requests.all.length]);
      const { step, busy, error } = flow.snapshot();
      return `${step}${busy ? `, busy with ${busy}` : ""}${error ? `, error ${error.code}` : ""}`;
    },
  };
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
  const fetch = (url, init) =>
    new Promise((resolve, reject) => {
      const request = { url, init, resolve, reject };
      all.push(request);
      init.signal.addEventListener("abort", () => {
        if (all.includes(request)) all.splice(all.indexOf(request), 1);
        reject(new DOMException("Aborted", "AbortError"));
      });
    });
  return {
    all,
    fetch,
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
  let refuse = () => {};
  const held = () => new Promise((_, reject) => (refuse = (name) => reject(new DOMException("", name))));
  return { credentials: { create: held, get: held }, refuse: (name) => refuse(name) };
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

/** When what `look` gives has not changed for a while. */
async function settled(look) {
  let [before, quiet] = [JSON.stringify(look()), 0];
  for (let waited = 0; quiet < QUIET_MS && waited < LONGEST_MS; waited += 10) {
    await new Promise((done) => setTimeout(done, 10));
    const now = JSON.stringify(look());
    quiet = now === before ? quiet + 10 : 0;
    before = now;
  }
}
