// WebKitGTK's MiniBrowser with as much of Playwright's `Browser` and `BrowserContext` as the tests use.
import { startDriver } from "./driver.mjs";
import { Page } from "./page.mjs";

export async function launchWebkit(programs) {
  const { call, close } = await startDriver(programs);
  const [base] = await call(undefined, (send) => send("GET", "/window/handles"));
  return { newContext: async () => new Context(call, base), close };
}

const WINDOW = { width: 1440, height: 1100 };

/**
 * One after the other: there is one profile, from which each takes away what its pages have left. The first
 * window stays, since the browser ends with its last one.
 */
class Context {
  #turn;
  #base;
  #pages = [];
  #early = [];
  #bindings = [];
  #origins = new Set();

  constructor(turn, base) {
    this.#turn = turn;
    this.#base = base;
  }

  async newPage() {
    // A window, not a tab: one that is not seen would have its timers slowed.
    const { handle } = await this.#turn(this.#base, (send) => send("POST", "/window/new", { type: "window" }));
    await this.#turn(handle, (send) => send("POST", "/window/rect", { x: 0, y: 0, ...WINDOW }));
    const page = new Page(this.#turn, handle, this);
    for (const [name, action] of this.#bindings) page.expose(name, action);
    for (const script of this.#early) await page.addInitScript(script);
    this.#pages.push(page);
    return page;
  }

  pages() {
    return [...this.#pages];
  }

  closed(page) {
    this.#pages = this.#pages.filter((one) => one !== page);
  }

  /** By both of this machine's names: cookies know no ports, and a page may have been led to the other. */
  visited(url) {
    const { origin, hostname } = new URL(url);
    for (const name of ["127.0.0.1", "localhost"]) this.#origins.add(origin.replace(hostname, name));
  }

  async addInitScript(script) {
    this.#early.push(script);
  }

  /** For a text that the page tells. */
  async exposeBinding(name, action) {
    this.#bindings.push([name, action]);
  }

  setDefaultTimeout() {}

  /** The driver tells nothing of requests. */
  on() {}

  async close() {
    for (const page of this.pages()) await page.close();
    for (const origin of this.#origins) {
      await this.#turn(this.#base, async (send) => {
        await send("POST", "/url", { url: `${origin}/nothing-here` });
        await send("POST", "/execute/sync", { script: "localStorage.clear()", args: [] });
        await send("DELETE", "/cookie");
      });
    }
    await this.#turn(this.#base, (send) => send("POST", "/url", { url: "about:blank" }));
  }
}
