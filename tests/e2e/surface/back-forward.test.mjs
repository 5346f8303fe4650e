// The back-forward cache: a page that went to the domain and is stepped back to is the very page that it
// was, with the flow in it. (In Chromium the other tests run without it, as automated browsers do.)
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { root } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/serve.mjs";
import { launch } from "../engines/engine.mjs";
import { arrives, stepBack } from "./support.mjs";

const options = {
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
};

test("who steps back from the domain finds a flow that is not busy, and can go again", { timeout: 60_000 }, async () => {
  const domain = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>Domain</title>");
  }).listen(0, "127.0.0.1");
  await once(domain, "listening");
  const mounts = {
    "/": fileURLToPath(new URL("page", import.meta.url)),
    "/cognito-flow/": join(root, "dist"),
  };
  const pages = await serve({ mounts });
  const browser = await launch(options);
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(pages.url);
    await page.waitForFunction(() => window.ready);
    await page.evaluate(async (domain) => {
      window.shown = [];
      addEventListener("pageshow", ({ persisted }) => shown.push(persisted));
      const redirect = { domain, redirectUri: location.href };
      ({ flow: window.flow } = await open({}, { storage: "local", redirect }));
    }, `http://127.0.0.1:${domain.address().port}`);

    for (let times = 1; times <= 2; times += 1) {
      await page.evaluate(() => void flow.send({ type: "signInWithRedirect" }));
      await arrives(page, /oauth2\/authorize/);
      await stepBack(page, pages.url);
      await page.waitForFunction((times) => window.shown?.length === times, times);
      const seen = await page.evaluate(() => ({
        shown,
        step: flow.snapshot().step,
        busy: flow.snapshot().busy,
        error: flow.snapshot().error,
        accepts: flow.accepts("signInWithRedirect"),
      }));
      assert.deepEqual(seen, {
        shown: Array(times).fill(true),
        step: "signedOut",
        busy: null,
        error: null,
        accepts: true,
      });
    }
    // It still does all that it did.
    const step = await page.evaluate(async () => {
      const { step } = await flow.send({ type: "forgotPassword", username: "ann" });
      flow.dispose();
      return step;
    });
    assert.equal(step, "resetPassword");
  } finally {
    await browser.close();
    await pages.close();
    domain.close();
    domain.closeAllConnections();
  }
});
