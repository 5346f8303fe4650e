// The built client in a page of headless Chromium, driven from here.
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { root } from "../../../../scripts/lib/run.mjs";
import { LOOPBACK, contentSecurityPolicy, serve } from "../../../../scripts/lib/serve.mjs";

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser and a server of an empty page, under the content security policy of a deployment. */
export async function startBrowser() {
  const pages = await serve({
    mounts: {
      "/": fileURLToPath(new URL("../page", import.meta.url)),
      "/cognito-flow/": join(root, "dist"),
    },
    headers: { "content-security-policy": contentSecurityPolicy(LOOPBACK) },
  });
  const executablePath = process.env.CHROME || "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ARGS });
  return {
    /** A flow in a new browser profile. */
    async open(options) {
      const context = await browser.newContext();
      return new Client(await context.newPage(), pages.url, options).load();
    },
    async stop() {
      await browser.close();
      await pages.close();
    },
  };
}

/** One flow in one page. Every call answers with plain data: a refusal is `{ code, … }`. */
class Client {
  /**
   * The operations that were asked for, in their order, with the status of the answer, or `unread`
   * where the browser kept that from the page.
   */
  calls = [];
  #secrets = new Set();
  #said = [];

  constructor(page, url, options) {
    this.page = page;
    this.url = url;
    this.options = options;
    page.on("console", (message) => this.#said.push(message.text()));
    page.on("pageerror", (error) => this.#said.push(`thrown: ${error.message}`));
    page.on("response", (response) => this.#note(response.request(), response.status()));
    page.on("requestfailed", (request) => this.#note(request, "unread"));
  }

  #note(request, status) {
    const target = request.headers()["x-amz-target"];
    if (target !== undefined && request.method() === "POST") {
      this.calls.push(`${target.split(".")[1]} ${status}`);
    }
  }

  /** Loads the page, and the client in it: the first time, or again. */
  async load() {
    await this.page.goto(this.url);
    await this.page.evaluate(async (options) => {
      const { createFlow } = await import("/cognito-flow/index.js");
      window.flow = await createFlow(options);
    }, this.options);
    return this;
  }

  /** Has what is in localStorage say that the tokens are over, as after an hour; loads again. */
  async expire() {
    await this.page.evaluate(() => {
      for (const [key, text] of Object.entries({ ...localStorage })) {
        const record = { ...JSON.parse(text), expiresAt: 1 };
        if (record.accessToken) localStorage.setItem(key, JSON.stringify(record));
      }
    });
    await this.load();
  }

  snapshot() {
    return this.page.evaluate(() => window.flow.snapshot());
  }

  /** Sends an event: the settled snapshot, or how the caller was refused. */
  async send(event) {
    for (const name of ["password", "code", "answer"]) {
      if (event[name]) this.#secrets.add(event[name]);
    }
    const snapshot = await this.#call("send", [event]);
    // What other servers answer with holds no secret of this person's, nor does what we make of it.
    this.#check(JSON.stringify(snapshot));
    return snapshot;
  }

  /** Sends an event that leads to a step, without any error. */
  async reach(step, event) {
    const snapshot = await this.send(event);
    assert.deepEqual([snapshot.step, snapshot.error], [step, null]);
    return snapshot;
  }

  /** Sends an event that is refused: `code` says why, and `step` where that leaves the person. */
  async refused(step, code, event) {
    const snapshot = await this.send(event);
    assert.deepEqual([snapshot.step, snapshot.error?.code], [step, code]);
    return snapshot;
  }

  session() {
    return this.#call("session", []);
  }

  account(name, ...args) {
    return this.page.evaluate(
      ([name, args]) => window.flow.account[name](...args).catch((error) => ({ ...error })),
      [name, args],
    );
  }

  #call(name, args) {
    return this.page.evaluate(
      ([name, args]) => window.flow[name](...args).catch((error) => ({ ...error })),
      [name, args],
    );
  }

  /** Ends the page; nothing was thrown in it, and no secret was told. */
  async close() {
    const said = this.#said.join("\n");
    assert.doesNotMatch(said, /^thrown:/m);
    this.#check(said);
    await this.page.context().close();
  }

  #check(text) {
    for (const secret of this.#secrets) assert.ok(!text.includes(secret), "a secret was told");
  }
}
