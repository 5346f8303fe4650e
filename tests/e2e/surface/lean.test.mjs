// cognito-flow/lean in a browser: what is loaded when, and what comes of a part that does not load.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

const LEAN = () => {
  window.openLean = async (script, options = {}) => {
    const { createFlow } = await import("/cognito-flow/lean.js");
    return open(script, options, createFlow);
  };
};

/** How often the page has asked for the second part. */
const asked = (page) =>
  page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/second.js")).length);

browserTest("whoever signs in loads the second part, and whoever is signed in does not", async ({ tab, load }) => {
  const page = await tab(LEAN);
  const steps = await page.evaluate(async () => {
    const { flow } = await openLean(SIGNED_IN, { storage: "local" });
    const sending = flow.send(SIGN_IN);
    return [flow.snapshot().busy, (await sending).step];
  });
  assert.deepEqual([steps, await asked(page)], [["signIn", "signedIn"], 1]);

  await load(page);
  const again = await page.evaluate(async () => {
    const { flow, network } = await openLean({ InitiateAuth: ["refreshed"] }, { storage: "local" });
    anHourLater();
    await flow.session();
    // Longer than until a page that has nothing else to do makes something ready.
    await sleep(1000);
    return [flow.snapshot().step, network.count("InitiateAuth")];
  });
  assert.deepEqual([again, await asked(page)], [["signedIn", 1], 0]);
});

browserTest("a form that is shown has the second part loaded while nothing else is to be done", async ({ tab }) => {
  const page = await tab(LEAN);
  const [busy, fetched] = await page.evaluate(async () => {
    // By SRP there is something to make ready.
    const { flow, network } = await openLean({ InitiateAuth: ["tokens"], GetUser: ["user"] }, { signInWith: "srp" });
    await sleep(3000);
    void flow.send(SIGN_IN);
    return [flow.snapshot().busy, network.calls.length];
  });
  assert.deepEqual([busy, fetched, await asked(page)], ["signIn", 1, 1]);
});

browserTest("a second part that does not come is said, and what was asked for can be asked for again", async ({ tab }) => {
  const page = await tab(LEAN);
  let isGone = true;
  await page.route("**/second.js", (route) => (isGone ? route.abort() : route.continue()));
  const first = await page.evaluate(async () => {
    window.own = await openLean(SIGNED_IN);
    const { busy, error } = await own.flow.send(SIGN_IN);
    const { name } = await refusal(own.flow.account.devices());
    return [busy, error.code, name, own.flow.accepts("signIn"), own.network.calls.length];
  });
  assert.deepEqual(first, [null, "offline", "FlowError", true, 0]);
  isGone = false;
  assert.equal(await page.evaluate(async () => (await own.flow.send(SIGN_IN)).step), "signedIn");
}, { chromiumOnly: "a second try of what did not load" });
