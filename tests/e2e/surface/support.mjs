// A headless Chromium with the package in an empty page, under the content security policy of a
// deployment. Whatever a test does, it fails when a secret is said on the console.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { root } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/serve.mjs";

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
before(async () => {
  pages = await serve({
    mounts: {
      "/": fileURLToPath(new URL("page", import.meta.url)),
      "/cognito-flow/": join(root, "dist"),
      // The parts of which the package is made, for what only the machine can ask of them.
      "/js/": join(root, "js"),
    },
  });
  browser = await chromium.launch({
    executablePath: process.env.CHROME || "/usr/bin/chromium",
    args: ARGS,
  });
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

/**
 * One test in a browser profile of its own. `tab()` opens another tab of it, with `setup` run
 * before anything else; `thrown` is what the page did not catch, `host` under which name it is
 * reached; `trustedTypes` is the policy that the page may make, where it is to make one.
 */
export function browserTest(name, body, { thrown: expected = [], host = "127.0.0.1", trustedTypes } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const context = await browser.newContext();
    const thrown = [];
    const said = [];
    const url = pages.url.replace("127.0.0.1", host);
    if (trustedTypes) {
      await context.route(url, async (route) => {
        const response = await route.fetch();
        const policy = response.headers()["content-security-policy"];
        const headers = {
          ...response.headers(),
          "content-security-policy": policy.replace("trusted-types 'none'", `trusted-types ${trustedTypes}`),
        };
        await route.fulfill({ response, headers });
      });
    }
    const load = async (page) => {
      await page.goto(url);
      await page.waitForFunction(() => window.ready);
    };
    const tab = async (setup) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => thrown.push(error.message));
      page.on("console", (message) => said.push(message.text()));
      if (setup) await page.addInitScript(setup);
      await load(page);
      return page;
    };
    try {
      await body({ context, tab, load, url });
      assert.deepEqual(thrown, expected);
      assert.doesNotMatch([...said, ...thrown].join("\n"), SECRETS);
    } finally {
      await context.close();
    }
  });
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
