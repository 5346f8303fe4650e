// "Keep me signed in" and several accounts side by side: which record is where, and who sees it.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

const HERE_ONLY = () => {
  window.signInHere = (flow) => flow.send({ ...SIGN_IN, remember: false });
  window.kept = () =>
    [localStorage, sessionStorage].map((area) => JSON.stringify({ ...area }).includes("access-token"));
};

browserTest("a session that is not to be remembered is in its tab alone, and outlives a reload", async ({ tab, load }) => {
  const [page, other] = [await tab(HERE_ONLY), await tab(HERE_ONLY)];
  const first = await page.evaluate(async () => {
    const { flow } = await open(SIGNED_IN, { storage: "local" });
    await signInHere(flow);
    return kept();
  });
  assert.deepEqual(first, [false, true]);
  const elsewhere = await other.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "local" });
    return own.flow.snapshot().step;
  });
  assert.equal(elsewhere, "signedOut");
  await load(page);
  const again = await page.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "local" });
    const { step } = own.flow.snapshot();
    anHourLater();
    await own.flow.session();
    return [step, own.network.count("InitiateAuth"), ...kept()];
  });
  assert.deepEqual(again, ["signedIn", 1, false, true]);

  // Bob signs in for all tabs: this one keeps to ann, and each signs out alone.
  await other.evaluate(async () => {
    own.flow.dispose();
    own = await open({ ...SIGNED_IN, GetUser: ["bob"] }, { storage: "local" });
    await own.flow.send({ ...SIGN_IN, username: "bob" });
  });
  const beside = await page.evaluate(async () => {
    const before = own.flow.snapshot().username;
    const session = await own.flow.session();
    const { step } = await own.flow.send({ type: "signOut" });
    await sleep(200);
    return [before, session.accessToken.length > 0, step, own.flow.snapshot().step, ...kept()];
  });
  assert.deepEqual(beside, ["ann", true, "signedOut", "signedOut", true, false]);
  assert.equal(await other.evaluate(() => own.flow.snapshot().username), "bob");

  // Whoever wants to be remembered after it is seen by all.
  const remembered = await page.evaluate(async () => {
    await own.flow.send(SIGN_IN);
    return kept();
  });
  assert.deepEqual(remembered, [true, false]);
  await other.evaluate(() => until(() => own.flow.snapshot().username === "ann"));
});

browserTest("what others sign in to meanwhile is followed when this tab has nobody", async ({ tab }) => {
  const [page, other] = [await tab(HERE_ONLY), await tab()];
  await page.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "local" });
    await signInHere(own.flow);
    await own.flow.send({ type: "signOut" });
  });
  await other.evaluate(async () => {
    const { flow } = await open({ ...SIGNED_IN, GetUser: ["bob"] }, { storage: "local" });
    await flow.send({ ...SIGN_IN, username: "bob" });
  });
  await page.evaluate(() => until(() => own.flow.snapshot().username === "bob"));
});

browserTest("a copy of the tab takes the session along: both refresh once, and leave at once", async ({ tab, load }) => {
  const [page, copy] = [await tab(HERE_ONLY), await tab()];
  const REFRESHES = { InitiateAuth: ["refreshed"], GetUser: ["user"] };
  const records = await page.evaluate(async () => {
    const { flow } = await open(SIGNED_IN, { storage: "local" });
    await signInHere(flow);
    return { ...sessionStorage };
  });
  await copy.evaluate((records) => Object.assign(sessionStorage, records), records);
  for (const page_ of [page, copy]) {
    await load(page_);
    await page_.evaluate(async (script) => {
      window.own = await open(script, { storage: "local" });
    }, REFRESHES);
  }
  const refresh = (page_) =>
    page_.evaluate(async () => {
      anHourLater();
      const { accessToken } = await own.flow.session();
      return { accessToken, refreshes: own.network.count("InitiateAuth") };
    });
  const [one, two] = await Promise.all([page, copy].map(refresh));
  assert.equal(one.accessToken, two.accessToken);
  assert.equal(one.refreshes + two.refreshes, 1);
  await copy.evaluate(() => own.flow.send({ type: "signOut" }));
  await page.evaluate(() => until(() => own.flow.snapshot().step === "signedOut"));
});

browserTest("with a storage that is the tab's, the app's, or none, a session is where it always is", async ({ tab }) => {
  const page = await tab(HERE_ONLY);
  const seen = await page.evaluate(async () => {
    const seen = {};
    for (const storage of ["session", "memory", "own"]) {
      const own = ownStorage();
      const { flow } = await open(SIGNED_IN, { storage: storage === "own" ? own : storage });
      await signInHere(flow);
      seen[storage] = [...kept(), own.map.size];
      flow.dispose();
      sessionStorage.clear();
    }
    return seen;
  });
  assert.deepEqual(seen, {
    session: [false, true, 0],
    memory: [false, false, 0],
    own: [false, false, 1],
  });
});

browserTest("without a place in the tab the session is in memory, and in no wider place", async ({ tab }) => {
  const page = await tab(HERE_ONLY);
  const seen = await page.evaluate(async () => {
    Object.defineProperty(window, "sessionStorage", { get: () => undefined });
    const { flow } = await open(SIGNED_IN, { storage: "local" });
    const { step } = await signInHere(flow);
    await flow.session();
    return [step, localStorage.length];
  });
  assert.deepEqual(seen, ["signedIn", 0]);
});

browserTest("accounts of several profiles are side by side, each with records of its own", async ({ tab, load }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    window.openBoth = async () => {
      const options = { storage: "local" };
      const first = await open(SIGNED_IN, options);
      const same = await open(SIGNED_IN, { ...options, profile: "" });
      const work = await open({ ...SIGNED_IN, GetUser: ["bob"] }, { ...options, profile: "work" });
      return { first, same, work };
    };
    window.flows = await openBoth();
    await flows.first.flow.send(SIGN_IN);
    document.dispatchEvent(new Event("visibilitychange"));
    const between = [flows.same, flows.work].map(({ flow }) => flow.session().then(() => 1, () => 0));
    const steps = await Promise.all(between);
    await flows.work.flow.send({ ...SIGN_IN, username: "bob" });
    const names = () => ["first", "same", "work"].map((name) => flows[name].flow.snapshot().username);
    return { steps, names: names(), keys: Object.keys(localStorage).sort() };
  });
  const key = "cognito-flow.eu-west-1_AbCdEfGhI.client";
  assert.deepEqual(seen, {
    steps: [1, 0],
    names: ["ann", "ann", "bob"],
    keys: [`${key}.session`, `${key}/work.session`].sort(),
  });
  await load(page);
  const after = await page.evaluate(async () => {
    const flows = [
      await open(SIGNED_IN, { storage: "local" }),
      await open(SIGNED_IN, { storage: "local", profile: "work" }),
    ];
    const names = flows.map(({ flow }) => flow.snapshot().username);
    await flows[1].flow.send({ type: "signOut" });
    return [...names, flows[0].flow.snapshot().step, localStorage.length];
  });
  assert.deepEqual(after, ["ann", "bob", "signedIn", 1]);
});

browserTest("each profile has a lock of its own, and a profile is a text", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const names = [];
    const { request } = LockManager.prototype;
    LockManager.prototype.request = function (name, ...rest) {
      names.push(name);
      return request.call(this, name, ...rest);
    };
    for (const profile of [undefined, "work"]) {
      const { flow } = await open(SIGNED_IN, { storage: "local", profile });
      await flow.send(SIGN_IN);
      await flow.session({ refresh: true });
    }
    const codes = [];
    for (const profile of [7, null, {}]) {
      const error = await refusal(open(SIGNED_IN, { storage: "local", profile }));
      codes.push([error.code, error.message]);
    }
    return { names, codes };
  });
  const key = "cognito-flow.eu-west-1_AbCdEfGhI.client";
  assert.deepEqual(seen.names, [`${key}.lock`, `${key}/work.lock`]);
  const malformed = ["malformed", "`profile` of the options must be a string."];
  assert.deepEqual(seen.codes, [malformed, malformed, malformed]);
});
