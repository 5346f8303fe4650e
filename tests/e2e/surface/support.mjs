// A headless browser with the package in an empty page, under the content security policy of a
// deployment. Whatever a test does, it fails when a secret is said on the console.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/serve.mjs";
import { earlyAnswers } from "../engines/early.mjs";
import { engine, launch } from "../engines/engine.mjs";
import { orOnceMore } from "../once-more.mjs";

const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // `gc()`, to see what is still held.
  "--js-flags=--expose-gc",
];
/** The password, the code, the tokens and the session string of the script. */
export const SECRETS = /correct horse|246810|access-token|id-token|refresh-token|session-string/;

let browser;
let pages;
/** What this server was asked by the package's own `fetch`, in the present test. */
const posted = [];
before(async () => {
  pages = await serve({
    mounts: {
      "/": fileURLToPath(new URL("page", import.meta.url)),
      "/cognito-flow/": join(root, "dist"),
      // The parts of which the package is made, for what only the machine can ask of them.
      "/js/": join(root, "js"),
    },
    answers: {
      "/pool": refuse,
      "/gone": (request) => request.socket.destroy(),
      ...earlyAnswers(join(import.meta.dirname, "page/index.html")),
    },
  });
  browser = await launch({ args: ARGS });
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

/**
 * One test in a browser profile of its own. `tab()` opens another tab of it, with `setup` run
 * before anything else; `posted` is what the page asked of `/pool`, which refuses all. `thrown` is
 * what the page did not catch, `host` under which name it is reached; `policy` is what the page's policy
 * lets it do besides (early.mjs); `chromiumOnly` says what no other engine has that the test needs,
 * `notInWebkit` what its driver cannot do.
 */
export function browserTest(name, body, options = {}) {
  const { thrown: expected = [], host = "127.0.0.1", policy, chromiumOnly, notInWebkit } = options;
  const skip =
    (engine !== "chromium" && chromiumOnly && `Chromium alone has ${chromiumOnly}`) ||
    (engine === "webkit" && notInWebkit && `WebKit's driver ${notInWebkit}`);
  const attempt = async () => {
    const context = await browser.newContext();
    posted.length = 0;
    const thrown = [];
    const said = [];
    const url = pages.url.replace("127.0.0.1", host) + (policy ? `?${policy}` : "");
    const load = async (page) => {
      await page.goto(url);
      await page.waitForFunction(() => window.ready);
    };
    const tab = async (setup) => {
      const page = await context.newPage();
      page.on("pageerror", ({ message }) => {
        // Firefox lists so a worker's script that is none, which the page is told by an event.
        if (!message.startsWith("Loading Worker from")) thrown.push(message);
      });
      page.on("console", (message) => said.push(message.text()));
      if (setup) await page.addInitScript(setup);
      await load(page);
      return page;
    };
    try {
      await body({ context, tab, load, url, posted });
      // What was said last has come with the answer to this.
      for (const page of context.pages()) await page.evaluate(() => {});
      assert.deepEqual(thrown, expected);
      assert.doesNotMatch([...said, ...thrown].join("\n"), SECRETS);
    } finally {
      await context.close();
    }
  };
  test(name, { timeout: 120_000, skip }, (itself) => orOnceMore(itself, attempt));
}

async function refuse(request, response) {
  let body = "";
  for await (const piece of request) body += piece;
  const { method, headers } = request;
  posted.push({ method, headers, body });
  const message = "Incorrect username or password.";
  response.statusCode = 400;
  response.end(JSON.stringify({ __type: "NotAuthorizedException", message }));
}

/**
 * Waits until the page's own address begins with this, or fits it. (A page that comes out of the
 * back-forward cache does not load, and Playwright is not told of it by Firefox.)
 */
export async function arrives(page, address) {
  const isThere = (url) => (address instanceof RegExp ? address.test(url) : url.startsWith(address));
  const ask = () => page.address?.() ?? page.evaluate(() => location.href);
  for (let tries = 0; tries < 400; tries += 1) {
    // While it is on its way it cannot be asked.
    if (isThere(await ask().catch(() => ""))) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`it never came to ${address}`);
}

/** The browser's back button, to where the address begins with this. */
export async function stepBack(page, address) {
  // In WebKit the driver has to know; in Firefox Playwright would wait for a page to load.
  if (engine === "webkit") await page.goBack();
  else await page.evaluate(() => void setTimeout(() => history.back(), 0));
  await arrives(page, address);
}

/**
 * Waits until `to` is shown what `from` has written into `localStorage`: tabs in processes of their
 * own see each other's writes late, though in order.
 */
export async function shown(from, to) {
  await from.evaluate(() => localStorage.setItem("shown", "so far"));
  await to.evaluate(() => until(() => localStorage.getItem("shown") !== null));
  await from.evaluate(() => localStorage.removeItem("shown"));
}
