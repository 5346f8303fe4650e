// A window of WebKit's, with as much of Playwright's `Page` as the tests use.
import { setTimeout as sleep } from "node:timers/promises";
import { runEarly } from "../early.mjs";
import { DriverError } from "./driver.mjs";
import { Locator } from "./locator.mjs";
import { decode, encode } from "./values.mjs";

const PATIENCE_MS = 20_000;
/** How long the driver waits for a call in one window while another may be asked. */
const TURN_MS = 15;

const CONSOLE = ["debug", "log", "info", "warn", "error"];
const STATE = `Symbol.for("of the driver")`;

/** Runs in the page before its own scripts: remembers what goes wrong and what is said. */
const REMEMBER = `{
  const heard = [];
  const later = setTimeout.bind(window);
  Object.defineProperty(window, ${STATE}, { value: { heard, later, calls: new Map(), handles: [] } });
  const hear = (type, value) => heard.push([type, String(value?.message ?? value)]);
  addEventListener("error", (event) => event instanceof ErrorEvent && hear("pageerror", event.error ?? event.message));
  addEventListener("unhandledrejection", ({ reason }) => hear("pageerror", reason));
  for (const type of ${JSON.stringify(CONSOLE)}) {
    const say = console[type];
    console[type] = (...given) => (hear(type, given.map(String).join(" ")), say.apply(console, given));
  }
}`;

const ANSWER = `
  const { calls, heard, later } = window[${STATE}] ?? { calls: new Map(), heard: [], later: setTimeout };
  const isGone = !calls.has(id);
  const done = calls.get(id)?.done;
  // Texts alone, and nothing made of objects while a call is under way: a test may have spoilt
  // Object.prototype until it is done.
  const answer = () => {
    const outcome = calls.get(id)?.outcome;
    if (isGone || !outcome) return reply(isGone ? "gone" : "pending");
    calls.delete(id);
    reply(JSON.stringify({ ...outcome, heard: heard.splice(0) }));
  };
  if (isGone) answer();
  else Promise.race([done, new Promise((pass) => later(pass, ${TURN_MS}))]).then(answer);
`;

/** Begins a call in the page. The policy lets no script be made of a text: it is part of what is run. */
const begin = (source) => `
  const [id, given, isKept, reply] = arguments;
  const encode = ${encode};
  const decode = ${decode};
  if (!window[${STATE}]) ${REMEMBER}
  const { handles } = window[${STATE}];
  const run = async () => {
    const value = (${source});
    return typeof value === "function" ? value(decode(given, handles)) : value;
  };
  const call = { outcome: null };
  window[${STATE}].calls.set(id, call);
  call.done = run().then(
    (value) => {
      const isHandle = isKept || value instanceof Element;
      call.outcome = isHandle ? { handle: handles.push(value) - 1 } : { value: encode(value) };
    },
    (error) => (call.outcome = { error: encode(error instanceof Error ? error : new Error(String(error))) }),
  );
  ${ANSWER}
`;

/** Asks for a call that was not done at once. */
const ask = `
  const [id, reply] = arguments;
  ${ANSWER}
`;

export class Page {
  #turn;
  #window;
  #context;
  #early = [];
  #listeners = [];
  #calls = 0;

  constructor(turn, window, context) {
    this.#turn = turn;
    this.#window = window;
    this.#context = context;
  }

  context() {
    return this.#context;
  }

  on(name, listener) {
    if (!["pageerror", "console"].includes(name)) throw new Error(`no event ${name} in WebKit`);
    this.#listeners.push([name, listener]);
  }

  /** A function of the page's that `action` is called for. */
  expose(name, action) {
    this.#early.push(`window.${name} = (text) => void window[${STATE}].heard.push(["${name}", text]);`);
    this.#listeners.push([name, (text) => action(null, text)]);
  }

  async addInitScript(script, given) {
    this.#early.push(typeof script === "function" ? `(${script})(${JSON.stringify(given)});` : script);
  }

  async goto(url) {
    await this.#turn(this.#window, async (send) => {
      runEarly([REMEMBER, ...this.#early].join("\n"));
      await send("POST", "/url", { url });
    });
    this.#context.visited(url);
  }

  /** Where it is, by the driver: a page on its way to another cannot be asked. */
  address() {
    return this.command("GET", "/url");
  }

  async goBack() {
    await this.command("POST", "/back", {});
  }

  async reload() {
    await this.#turn(this.#window, (send) => send("POST", "/refresh", {}));
  }

  /** With a function, or an expression as text. What comes to an element comes to a handle of it. */
  evaluate(script, given) {
    return this.#call(script, given);
  }

  /** A handle of what it comes to, whatever that is. */
  evaluateHandle(script, given) {
    return this.#call(script, given, true);
  }

  /** What WebDriver calls the element of a handle. */
  async reference({ index }) {
    const script = `return window[${STATE}].handles[${index}]`;
    const reference = await this.command("POST", "/execute/sync", { script, args: [] });
    return Object.values(reference)[0];
  }

  async waitForFunction(script, given, { timeout = PATIENCE_MS } = {}) {
    const end = Date.now() + timeout;
    for (;;) {
      // A page on its way to another cannot be asked.
      const value = await this.evaluate(script, given).catch((error) => {
        if (!(error instanceof DriverError)) throw error;
      });
      if (value) return value;
      if (Date.now() > end) throw new Error(`it never came to: ${script}`);
      await sleep(20);
    }
  }

  async fill(selector, text) {
    await this.locator(selector).fill(text);
  }

  async click(selector) {
    await this.locator(selector).click();
  }

  locator(selector, options) {
    return new Locator(this, []).locator(selector, options);
  }

  getByRole(role, options) {
    return new Locator(this, []).getByRole(role, options);
  }

  getByLabel(text, options) {
    return new Locator(this, []).getByLabel(text, options);
  }

  getByText(text, options) {
    return new Locator(this, []).getByText(text, options);
  }

  /** A command of WebDriver's about this window. */
  command(method, path, body) {
    return this.#turn(this.#window, (send) => send(method, path, body));
  }

  async close() {
    this.#context.closed(this);
    await this.#turn(this.#window, async (send, isGone) => {
      await send("DELETE", "/window");
      isGone();
    });
  }

  async #call(script, given, isKept = false) {
    const id = (this.#calls += 1);
    let outcome = await this.#run(begin(script), [id, encodeWithHandles(given), isKept]);
    while (outcome === null) outcome = await this.#run(ask, [id]);
    if (outcome.error) throw inPage(decode(outcome.error));
    if (outcome.handle !== undefined) return new Handle(outcome.handle);
    return decode(outcome.value);
  }

  async #run(script, args) {
    const text = await this.command("POST", "/execute/async", { script, args });
    if (text === "gone") throw new DriverError({ error: "gone", message: "the page went elsewhere meanwhile" });
    if (text === "pending") return null;
    const { heard, ...outcome } = JSON.parse(text);
    for (const [type, said] of heard) this.#hear(type, said);
    return outcome;
  }

  #hear(type, text) {
    const message = { type: () => (type === "warn" ? "warning" : type), text: () => text };
    for (const [name, listener] of this.#listeners) {
      if (name === "console" && CONSOLE.includes(type)) listener(message);
      else if (name === type) listener(name === "pageerror" ? new Error(text) : text);
    }
  }
}

function inPage({ name, message, stack }) {
  return Object.assign(new Error(`${name}: ${message}`), { inPage: stack });
}

/** What a test holds on to in the page, such as an element, also when that is no longer there. */
class Handle {
  constructor(index) {
    this.index = index;
  }
}

function encodeWithHandles(value) {
  if (value instanceof Handle) return ["e", value.index];
  if (Array.isArray(value)) return ["a", value.map((one) => encodeWithHandles(one))];
  return encode(value);
}
