// What is kept where, what a reload finds, and what tabs of one browser see of each other.
import assert from "node:assert/strict";
import { SECRETS, browserTest, shown } from "./support.mjs";

browserTest(
  "nothing is kept unless it is asked for, and each kind keeps where it says",
  async ({ tab }) => {
    const page = await tab();
    const kept = {};
    for (const storage of [undefined, "memory", "session", "local"]) {
      kept[storage] = await page.evaluate(async (storage) => {
        const { flow } = await open(SIGNED_IN, storage === null ? {} : { storage });
        await flow.send(SIGN_IN);
        flow.dispose();
        const areas = [{ ...localStorage }, { ...sessionStorage }].map(JSON.stringify);
        localStorage.clear();
        sessionStorage.clear();
        return areas.map((text) => text.includes("access-token"));
      }, storage ?? null);
    }
    assert.deepEqual(kept, {
      undefined: [false, false],
      memory: [false, false],
      session: [false, true],
      local: [true, false],
    });
  },
);

browserTest("a storage that may not be used is no storage", async ({ tab }) => {
  const page = await tab(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("Access is denied for this document.", "SecurityError");
        },
      });
    }
  });
  const seen = await page.evaluate(async () => {
    const { flow } = await open(SIGNED_IN, { storage: "local" });
    const { step } = await flow.send(SIGN_IN);
    const session = await flow.session();
    return { step, fresh: session.expiresAt > Date.now() };
  });
  assert.deepEqual(seen, { step: "signedIn", fresh: true });
});

browserTest("records that are not ours are ignored and erased", async ({ tab }) => {
  const page = await tab();
  const keys = await page.evaluate(async () => {
    const one = await open(SIGNED_IN, { storage: "local" });
    await one.flow.send(SIGN_IN);
    const two = await open(MFA, { storage: "session" });
    await two.flow.send(SIGN_IN);
    return { session: Object.keys(localStorage)[0], pending: Object.keys(sessionStorage)[0] };
  });
  for (const spoil of [
    "",
    "{",
    "[]",
    "null",
    "7",
    '"text"',
    '{"version":99}',
    "{}",
    `{"accessToken":"${"x".repeat(100_000)}"}`,
  ]) {
    const seen = await page.evaluate(
      async ([keys, spoil]) => {
        localStorage.setItem(keys.session, spoil);
        sessionStorage.setItem(keys.pending, spoil);
        const { flow } = await open(SIGNED_IN, { storage: "local" });
        const { step, error } = flow.snapshot();
        const left = [localStorage.getItem(keys.session), sessionStorage.getItem(keys.pending)];
        const { step: then } = await flow.send(SIGN_IN);
        flow.dispose();
        return { step, error, left, then };
      },
      [keys, spoil],
    );
    const expected = { step: "signedOut", error: null, left: [null, null], then: "signedIn" };
    assert.deepEqual(seen, expected, spoil.slice(0, 40));
  }
});

browserTest("a reload comes back to verifying an attribute", async ({ tab, load }) => {
  const page = await tab();
  const before = await page.evaluate(async () => {
    const { flow } = await open(UNVERIFIED, { storage: "local" });
    return flow.send(SIGN_IN);
  });
  assert.deepEqual([before.step, before.delivery.destination], ["verifyAttribute", "a***@e***"]);
  await load(page);
  const [after, calls, done] = await page.evaluate(async () => {
    const { flow, network } = await open({ GetUser: ["user"] }, { storage: "local" });
    const after = flow.snapshot();
    const calls = network.calls.length;
    return [after, calls, await flow.send({ type: "submitCode", code: "246810" })];
  });
  // Forms are counted anew.
  assert.deepEqual({ ...after, round: before.round }, before);
  // The code that was sent is still good: no other is.
  assert.equal(calls, 0);
  assert.deepEqual([done.step, done.unverified], ["signedIn", []]);
});

browserTest("neither a password nor a code is ever kept", async ({ tab }) => {
  const page = await tab();
  const written = await page.evaluate(async () => {
    const written = [];
    const storage = {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => void (written.push(value), localStorage.setItem(key, value)),
      removeItem: (key) => localStorage.removeItem(key),
    };
    const pending = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      written.push(value);
      pending.call(this, key, value);
    };
    const { flow } = await open(MFA, { storage });
    await flow.send(SIGN_IN);
    await flow.send({ type: "submitCode", code: "246810" });
    await flow.send({ type: "signOut" });
    return { text: written.join("\n"), left: localStorage.length + sessionStorage.length };
  });
  assert.match(written.text, /access-token/);
  assert.doesNotMatch(written.text, /correct horse|246810/);
  assert.equal(written.left, 0);
});

const WITHOUT_LOCKS = () =>
  Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });

for (const [how, setup] of [
  ["Web Locks", undefined],
  ["a guard in the storage", WITHOUT_LOCKS],
]) {
  browserTest(`two tabs and many callers refresh once, by ${how}`, async ({ tab }) => {
    const [one, two] = [await tab(setup), await tab(setup)];
    assert.equal(await one.evaluate(() => navigator.locks === undefined), setup !== undefined);
    const first = await one.evaluate(async () => {
      const { flow } = await open(SIGNED_IN, { storage: "local" });
      await flow.send(SIGN_IN);
      const { accessToken } = await flow.session();
      flow.dispose();
      expireStored();
      return accessToken;
    });
    await shown(one, two);
    const REFRESHES = { InitiateAuth: ["refreshed"], GetUser: ["user"] };
    for (const page of [one, two]) {
      await page.evaluate((script) => {
        window.start = async () => {
          const { flow, network } = await open(script, { storage: "local" });
          const sessions = await Promise.all(Array.from({ length: 5 }, () => flow.session()));
          const tokens = new Set(sessions.map((session) => session.accessToken));
          return { tokens: [...tokens], refreshes: network.count("InitiateAuth") };
        };
      }, REFRESHES);
    }
    const results = await Promise.all(
      [one, two].map((page) => page.evaluate(() => window.start())),
    );
    assert.equal(results[0].refreshes + results[1].refreshes, 1, JSON.stringify(results));
    const tokens = new Set(results.flatMap((result) => result.tokens));
    assert.equal(tokens.size, 1);
    assert.ok(!tokens.has(first));
    const left = await one.evaluate(() => Object.keys(localStorage).length);
    assert.equal(left, 1);
  });
}

browserTest("signing out in one tab is seen in the other", async ({ tab }) => {
  const [one, two] = [await tab(), await tab()];
  await one.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "local" });
    await own.flow.send(SIGN_IN);
  });
  await shown(one, two);
  const before = await two.evaluate(async () => {
    window.own = await open({}, { storage: "local" });
    window.told = 0;
    own.flow.subscribe(() => (told += 1));
    return own.flow.snapshot().step;
  });
  assert.equal(before, "signedIn");
  await one.evaluate(() => own.flow.send({ type: "signOut" }));
  await two.evaluate(() => until(() => own.flow.snapshot().step === "signedOut"));
  const seen = await two.evaluate(async () => {
    const { code } = await refusal(own.flow.session());
    return { code, told: told > 0, calls: own.network.calls.length };
  });
  assert.deepEqual(seen, { code: "notAccepted", told: true, calls: 0 });
});

for (const [name, wake] of [
  ["pageshow", () => window.dispatchEvent(new PageTransitionEvent("pageshow"))],
  ["visibilitychange", () => document.dispatchEvent(new Event("visibilitychange"))],
]) {
  browserTest(`a page that slept sees at ${name} that the code's time is over`, async ({ tab }) => {
    const page = await tab();
    await page.evaluate(async () => {
      window.own = await open(MFA);
      await own.flow.send(SIGN_IN);
    });
    await page.evaluate(wake);
    const still = await page.evaluate(() => own.flow.snapshot().step);
    assert.equal(still, "mfaCode");
    // The clock on the wall goes on while a laptop sleeps; timers do not.
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 181_000;
    });
    await page.evaluate(wake);
    const { step, username, error } = await page.evaluate(() => own.flow.snapshot());
    assert.deepEqual([step, username, error.code], ["signedOut", "ann", "challengeExpired"]);
    const calls = await page.evaluate(() => own.network.calls.length);
    assert.equal(calls, 1);
  });
}

browserTest("a time beyond what a timer can count is waited for in parts", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const delays = [];
    const setTimeout = window.setTimeout;
    window.setTimeout = (callback, delay, ...rest) => {
      if (delay > 1_000_000) delays.push(delay);
      return setTimeout(callback, delay, ...rest);
    };
    // 35 days: `setTimeout` counts to 24.8, and takes what is longer for no time at all. A flow
    // that was resumed holds no password, which would have to be wiped before that.
    const options = { sessionSeconds: 3_000_000, storage: "session" };
    await (await open(MFA, options)).flow.send(SIGN_IN);
    // Another code may be asked for by then, which is waited for in one.
    anHourLater();
    const { flow } = await open(MFA, options);
    await sleep(100);
    // Each input sets it anew, and that the page is idle is one.
    return { delays: [...new Set(delays)], step: flow.snapshot().step };
  });
  assert.deepEqual(seen, { delays: [2_147_483_647], step: "mfaCode" });
});

browserTest("no secret is in a snapshot or an error", async ({ tab }) => {
  const page = await tab();
  const shown = await page.evaluate(async () => {
    const { flow } = await open(MFA, { storage: "local" });
    const shown = [];
    flow.subscribe(() => shown.push(flow.snapshot()));
    await flow.send(SIGN_IN);
    shown.push(await refusal(flow.send(SIGN_IN)));
    await flow.send({ type: "submitCode", code: "246810" });
    shown.push(await refusal(flow.send({ type: "submitCode", code: "246810" })));
    await flow.send({ type: "signOut" });
    return JSON.stringify(shown);
  });
  assert.match(shown, /mfaCode.*signedIn.*signedOut/);
  assert.doesNotMatch(shown, SECRETS);
});
