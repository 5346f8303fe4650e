// Storages that do not do what they say, and records that change behind a flow's back.
import assert from "node:assert/strict";
import { browserTest, shown } from "./support.mjs";

for (const [what, spoil] of [
  ["keeps nothing and does not say so", (storage) => (storage.setItem = () => {})],
  [
    "is full",
    (storage) =>
      (storage.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      }),
  ],
  ["keeps something else", (storage) => (storage.getItem = (key) => (key in storage ? "" : null))],
]) {
  browserTest(`a storage that ${what} does not sign out at the refresh`, async ({ tab }) => {
    const page = await tab();
    const seen = await page.evaluate(async (spoil) => {
      const storage = ownStorage();
      new Function(`return ${spoil}`)()(storage);
      const { flow, network } = await open(SIGNED_IN, { storage });
      await flow.send(SIGN_IN);
      anHourLater();
      const { accessToken } = await flow.session();
      return [flow.snapshot().step, accessToken.slice(0, 12), network.count("InitiateAuth")];
    }, String(spoil));
    assert.deepEqual(seen, ["signedIn", "access-token", 2]);
  });
}

browserTest("a storage that fails to read later cannot say that the session is gone", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const { getItem } = storage;
    const { flow } = await open(SIGNED_IN, { storage });
    await flow.send(SIGN_IN);
    const steps = [];
    for (const failing of [
      () => {
        throw new Error("not now");
      },
      () => 7,
      () => Promise.resolve(null),
    ]) {
      storage.getItem = failing;
      document.dispatchEvent(new Event("visibilitychange"));
      await flow.session();
      steps.push(flow.snapshot().step);
    }
    storage.getItem = getItem;
    anHourLater();
    const { accessToken } = await flow.session();
    return { steps, isKept: [...storage.map.values()].join().includes(accessToken) };
  });
  assert.deepEqual(seen, { steps: Array(3).fill("signedIn"), isKept: true });
});

browserTest("what could not be written leaves no older record to come back to", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const seen = {};
    for (const kind of ["removes", "empties"]) {
      const storage = ownStorage();
      const { setItem } = storage;
      const { flow } = await open({ ...SIGNED_IN }, { storage });
      await flow.send(SIGN_IN);
      // No more than what is there fits in, and where nothing can be removed it can be overwritten.
      storage.setItem = (key, value) => value.length < 10 && setItem(key, value);
      if (kind === "empties") storage.removeItem = () => {};
      anHourLater();
      const { accessToken } = await flow.session();
      const still = await flow.session();
      const after = (await open(SIGNED_IN, { storage })).flow.snapshot();
      seen[kind] = [
        [...storage.map.values()],
        flow.snapshot().step,
        still.accessToken === accessToken,
        after.step,
      ];
    }
    return seen;
  });
  assert.deepEqual(seen, {
    removes: [[], "signedIn", true, "signedOut"],
    empties: [[""], "signedIn", true, "signedOut"],
  });
});

browserTest("the older record makes room for the new one", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const { setItem } = storage;
    // As one that writes the new beside the old.
    storage.setItem = (key, value) => {
      if (storage.map.size > 0) throw new DOMException("full", "QuotaExceededError");
      setItem(key, value);
    };
    const { flow } = await open(SIGNED_IN, { storage });
    const tokens = [];
    const kept = [];
    await flow.send(SIGN_IN);
    for (let hour = 0; hour < 3; hour += 1) {
      tokens.push((await flow.session()).accessToken);
      kept.push(...[...storage.map.values()].map((record) => JSON.parse(record).accessToken));
      anHourLater();
    }
    return [tokens, kept];
  });
  assert.equal(new Set(seen[0]).size, 3);
  assert.deepEqual(seen[1], seen[0]);
});

browserTest("half a record is no record", async ({ tab }) => {
  const page = await tab();
  const left = await page.evaluate(async () => {
    const storage = ownStorage();
    const { setItem } = storage;
    storage.setItem = (key, value) => setItem(key, value.slice(0, 100));
    const { flow } = await open(SIGNED_IN, { storage });
    const { step } = await flow.send(SIGN_IN);
    return [step, storage.map.size];
  });
  assert.deepEqual(left, ["signedIn", 0]);
});

browserTest("what a write that failed has left is no news, nor that it is gone later", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const wake = () => document.dispatchEvent(new Event("visibilitychange"));
    const storage = ownStorage();
    const methods = { ...storage };
    const { flow } = await open(SIGNED_IN, { storage });
    await flow.send(SIGN_IN);
    const before = [...storage.map.values()].join();
    for (const name of ["getItem", "setItem", "removeItem"]) {
      storage[name] = () => {
        throw new Error("not now");
      };
    }
    anHourLater();
    const { accessToken } = await flow.session();
    // It works again, and has the record of an hour ago; then it has none.
    Object.assign(storage, methods);
    const isThere = [...storage.map.values()].join() === before;
    wake();
    const same = (await flow.session()).accessToken === accessToken;
    storage.map.clear();
    wake();
    return { isThere, same, step: flow.snapshot().step };
  });
  assert.deepEqual(seen, { isThere: true, same: true, step: "signedIn" });
});

browserTest("a record that nobody can remove signs nobody in again", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const { flow } = await open(SIGNED_IN, { storage });
    await flow.send(SIGN_IN);
    storage.removeItem = storage.setItem = () => {};
    const { step } = await flow.send({ type: "signOut" });
    document.dispatchEvent(new Event("visibilitychange"));
    const { code } = await refusal(flow.session());
    return [step, flow.snapshot().step, code];
  });
  assert.deepEqual(seen, ["signedOut", "signedOut", "notAccepted"]);
});

browserTest("a storage that answers by promises is malformed at once", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const methods = { getItem: () => null, setItem() {}, removeItem() {} };
    const late = [
      { getItem: async () => null },
      { getItem: () => Promise.resolve(null) },
      { getItem: () => ({ then() {} }) },
      { setItem: async () => {} },
      { removeItem: async () => {} },
    ];
    const refused = [];
    for (const method of late) {
      const { code, message } = await refusal(open(MFA, { storage: { ...methods, ...method } }));
      refused.push([code, message.includes("`storage`")]);
    }
    class Wrapped {
      getItem() {}
      setItem() {}
      removeItem() {}
    }
    const { flow } = await open(SIGNED_IN, { storage: new Wrapped() });
    return { refused, wrapped: (await flow.send(SIGN_IN)).step };
  });
  assert.deepEqual(seen.refused, Array(5).fill(["malformed", true]));
  assert.equal(seen.wrapped, "signedIn");
});

browserTest("a flow whose session another flow has ended gives no tokens", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const seen = {};
    for (const storage of ["session", "local", ownStorage()]) {
      const one = await open(SIGNED_IN, { storage });
      await one.flow.send(SIGN_IN);
      const two = await open(SIGNED_IN, { storage });
      await two.flow.send({ type: "signOut" });
      const calls = one.network.calls.length;
      // No event of the storage tells of it in the same document: it looks before it gives anything.
      // (The channel of `session` may have told it by now, and then it is not asked for a session.)
      const isTold = one.flow.snapshot().step === "signedOut";
      const { code } = await refusal(one.flow.session());
      seen[typeof storage === "string" ? storage : "own"] = [
        code === (isTold ? "notAccepted" : "challengeSpent"),
        isTold && storage !== "session",
        one.flow.snapshot().step,
        one.network.calls.length - calls,
      ];
    }
    return seen;
  });
  const expected = [true, false, "signedOut", 0];
  assert.deepEqual(seen, { session: expected, local: expected, own: expected });
});

browserTest("an answer that comes after another flow's sign-out writes nothing back", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const one = await open(SIGNED_IN, { storage });
    await one.flow.send(SIGN_IN);
    const two = await open(SIGNED_IN, { storage });
    anHourLater();
    const asking = refusal(one.flow.session());
    await until(() => one.network.count("InitiateAuth") === 2);
    await two.flow.send({ type: "signOut" });
    await asking;
    return [one.flow.snapshot().step, storage.map.size];
  });
  assert.deepEqual(seen, ["signedOut", 0]);
});

browserTest("localStorage.clear() in another tab is a sign-out", async ({ tab }) => {
  const [one, two] = [await tab(), await tab()];
  await one.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "local" });
    await own.flow.send(SIGN_IN);
  });
  await shown(one, two);
  await two.evaluate(() => localStorage.clear());
  await one.evaluate(() => until(() => own.flow.snapshot().step === "signedOut"));
});

for (const [name, wake] of [
  ["out of the cache", () => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))],
  ["to the front", () => document.dispatchEvent(new Event("visibilitychange"))],
]) {
  browserTest(`a page that comes back ${name} sees that its tab has signed out`, async ({ tab }) => {
    const page = await tab();
    await page.evaluate(async () => {
      window.own = await open(SIGNED_IN, { storage: "session" });
      await own.flow.send(SIGN_IN);
      // As another document of the tab does.
      sessionStorage.clear();
    });
    await page.evaluate(wake);
    assert.equal(await page.evaluate(() => own.flow.snapshot().step), "signedOut");
  });
}

const SLOW_REFRESH = { InitiateAuth: ["refreshed"], GetUser: ["user"] };

/** A signed-in tab, and one that was duplicated from it. */
async function twins(tab) {
  const [one, two] = [await tab(), await tab()];
  const records = await one.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "session" });
    await own.flow.send(SIGN_IN);
    return { ...sessionStorage };
  });
  const begin = ([records, script]) => {
    Object.assign(sessionStorage, records);
    return open(script, { storage: "session" }).then((flow) => void (window.own = flow));
  };
  return { one, two, begin: () => two.evaluate(begin, [records, SLOW_REFRESH]) };
}

const later = (page) => page.evaluate(() => anHourLater());
const session = (page) =>
  page.evaluate(() => own.flow.session().then((session) => session.accessToken));
const record = (page) => page.evaluate(() => Object.values({ ...sessionStorage }).join());
const refreshes = (page) =>
  page.evaluate(
    () =>
      own.network.calls.filter(({ body }) => body.AuthFlow === "REFRESH_TOKEN_AUTH").length,
  );

browserTest("a duplicated tab goes on with what its twin refreshed", async ({ tab }) => {
  const { one, two, begin } = await twins(tab);
  await begin();
  await Promise.all([one, two].map(later));
  const token = await session(one);
  await two.evaluate(
    (token) => until(() => Object.values({ ...sessionStorage }).join().includes(token)),
    token,
  );
  assert.equal(await session(two), token);
  assert.deepEqual([await refreshes(one), await refreshes(two)], [1, 0]);
});

browserTest("twins that need fresh tokens at once refresh once", async ({ tab }) => {
  const { one, two, begin } = await twins(tab);
  await begin();
  await Promise.all([one, two].map(later));
  const [first, second] = await Promise.all([one, two].map(session));
  assert.equal(first, second);
  assert.equal((await refreshes(one)) + (await refreshes(two)), 1);
});

browserTest("a tab reloaded from an old copy asks its twin before it refreshes", async ({ tab }) => {
  const { one, two, begin } = await twins(tab);
  await Promise.all([one, two].map(later));
  // Twice: the copy is of the first record, and what became of that has changed as well.
  await session(one);
  await later(one);
  const token = await session(one);
  await later(two);
  await begin();
  assert.equal(await session(two), token);
  assert.equal(await refreshes(two), 0);
});

browserTest("signing out signs the duplicated tab out, and no other", async ({ tab }) => {
  const { one, two, begin } = await twins(tab);
  await begin();
  const other = await tab();
  await other.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "session" });
    await own.flow.send(SIGN_IN);
  });
  await one.evaluate(() => own.flow.send({ type: "signOut" }));
  await two.evaluate(() => until(() => own.flow.snapshot().step === "signedOut"));
  assert.equal(await record(two), "");
  await later(other);
  await session(other);
  assert.equal(await other.evaluate(() => own.flow.snapshot().step), "signedIn");
});

browserTest("without a channel and locks a tab still refreshes", async ({ tab }) => {
  const page = await tab(() => {
    window.BroadcastChannel = undefined;
    Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
  });
  const left = await page.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "session" });
    await own.flow.send(SIGN_IN);
    anHourLater();
    await own.flow.session();
    await sleep(20);
    return sessionStorage.length;
  });
  assert.equal(await refreshes(page), 1);
  assert.equal(left, 1);
});

browserTest("a frame that signs out signs the page around it out", async ({ tab, context }) => {
  await context.route("**/*", async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    const policy = "content-security-policy";
    headers[policy] = headers[policy].replace("frame-ancestors 'none'", "frame-src 'self'");
    await route.fulfill({ response, headers });
  });
  const page = await tab();
  await page.evaluate(async () => {
    window.own = await open(SIGNED_IN, { storage: "session" });
    await own.flow.send(SIGN_IN);
    const frame = document.createElement("iframe");
    frame.src = location.href;
    document.body.append(frame);
  });
  await page.waitForFunction(() => frames[0]?.ready);
  await page.frames()[1].evaluate(async () => {
    const { flow } = await open(SIGNED_IN, { storage: "session" });
    await flow.send({ type: "signOut" });
  });
  await page.evaluate(() => until(() => own.flow.snapshot().step === "signedOut"));
});
