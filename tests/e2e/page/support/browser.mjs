// A headless Chromium and the page in it. Whatever a test does, it fails when the page violated its
// content security policy, threw, logged an error, or asked anybody but this machine for anything.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { MOUNTS, serve } from "../../../../scripts/lib/serve.mjs";
import { root } from "../../../../scripts/lib/run.mjs";
import { earlyAnswers } from "../../engines/early.mjs";
import { engine, launch } from "../../engines/engine.mjs";
import { orOnceMore } from "../../once-more.mjs";

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

/** Longer than any step takes here while another build has the machine. */
const PATIENCE = 20_000;

let browser;
let server;
/** What the server answers with by itself, by path. */
const answers = earlyAnswers(join(root, "www/index.html"));

/** Starts a browser and a server of the page. */
export async function start() {
  server = await serve({ mounts: { "/docs/": join(root, "docs"), ...MOUNTS }, answers });
  browser = await launch({ args: ARGS });
  return { browser, url: server.url };
}

export async function stop() {
  await browser?.close();
  await server?.close();
}

/** Has the tests of a file run with a browser. */
export function withBrowser() {
  before(start);
  after(stop);
}

/** One test, in a browser profile of its own, in English unless `options` say otherwise. */
export function pageTest(name, body, options = {}) {
  const attempt = async () => {
    const person = await newPerson(options);
    const before = { ...answers };
    try {
      await body(person);
      person.checkFaults();
    } finally {
      for (const path in answers) delete answers[path];
      Object.assign(answers, before);
      await person.context.close();
    }
  };
  test(name, { timeout: 300_000 }, (itself) => orOnceMore(itself, attempt));
}

/**
 * A browser profile. `tab(address)` opens the page in a new tab of it. With `byName` the page is opened
 * by the machine's name, as passkeys need it.
 */
export async function newPerson({ allowedFaults = [], byName = false, ...options } = {}) {
  const url = byName ? server.url.replace("127.0.0.1", "localhost") : server.url;
  const context = await browser.newContext({
    locale: "en-GB",
    viewport: { width: 1440, height: 1000 },
    // The others ask nobody, or cannot be asked for it.
    ...(engine === "chromium" && { permissions: ["clipboard-read", "clipboard-write"] }),
    ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  const faults = [];
  await context.exposeBinding("reportViolation", (_, text) => faults.push(`CSP: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
    });
  });
  // The element has a tree of its own, which the document's calls do not see into.
  await context.addInitScript(() => {
    const roots = () => [
      document,
      ...[...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean),
    ];
    window.findAll = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
    window.focused = () => {
      const { activeElement } = document;
      return activeElement?.shadowRoot?.activeElement ?? activeElement;
    };
  });
  context.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    const local = ["127.0.0.1", "localhost"].includes(hostname) || protocol === "data:" || protocol === "blob:";
    if (!local) faults.push(`request to ${hostname}`);
  });
  const tab = async (address = "") => {
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
    });
    await page.goto(url + address);
    await page.getByRole("main").getByRole("heading", { level: 2 }).first().waitFor();
    return page;
  };
  return {
    context,
    tab,
    url,
    /** From now on this path is answered by the function; without one, as always. */
    answer(path, action) {
      if (action) answers[path] = action;
      else delete answers[path];
    },
    checkFaults() {
      const isAllowed = (fault) => allowedFaults.some((allowed) => allowed.test(fault));
      assert.deepEqual(
        faults.filter((fault) => !isAllowed(fault)),
        [],
      );
    },
  };
}
