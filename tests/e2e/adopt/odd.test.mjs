// What was left half written, is somebody else's, or is made to do harm: nothing of it is adopted,
// nothing of it is taken away, and what is whole beside it is.
import assert from "node:assert/strict";
import { movingTest } from "./support.mjs";

/** How each spoils what Amplify has kept: `at(name)` is a key of ann's, `base` that of the app client. */
const SPOILED = {
  "no access token": ({ at }) => localStorage.removeItem(at("accessToken")),
  "no ID token": ({ at }) => localStorage.removeItem(at("idToken")),
  "an empty access token": ({ at }) => localStorage.setItem(at("accessToken"), ""),
  "no last user": ({ base }) => localStorage.removeItem(`${base}.LastAuthUser`),
  "another last user, of whom there is nothing": ({ base }) => localStorage.setItem(`${base}.LastAuthUser`, "bob"),
  "a last user named as what every object has": ({ base }) => localStorage.setItem(`${base}.LastAuthUser`, "__proto__"),
  "an access token that is none": ({ at }) => localStorage.setItem(at("accessToken"), "a.b.c"),
  "an access token of JSON null": ({ at }) => localStorage.setItem(at("accessToken"), `a.${btoa("null")}.c`),
  "an access token without end": ({ at }) => {
    localStorage.setItem(at("accessToken"), forged(localStorage.getItem(at("accessToken")), { x: "x".repeat(70_000) }));
  },
  "an access token for another app client": ({ at }) => {
    localStorage.setItem(at("accessToken"), forged(localStorage.getItem(at("accessToken")), { client_id: "another" }));
  },
  "an ID token for another app client": ({ at }) => {
    localStorage.setItem(at("idToken"), forged(localStorage.getItem(at("idToken")), { aud: "another" }));
  },
  "an ID token of somebody else": ({ at }) => {
    localStorage.setItem(at("idToken"), forged(localStorage.getItem(at("idToken")), { sub: "bob" }));
  },
  "an access token that never began": ({ at }) => {
    localStorage.setItem(at("accessToken"), forged(localStorage.getItem(at("accessToken")), { iat: "soon" }));
  },
  "an access token that lives for ever": ({ at }) => {
    localStorage.setItem(at("accessToken"), forged(localStorage.getItem(at("accessToken")), { exp: 1e300 }));
  },
  "an access token that has run out, and no refresh token": ({ at }) => {
    localStorage.removeItem(at("refreshToken"));
    localStorage.setItem(at("accessToken"), forged(localStorage.getItem(at("accessToken")), { exp: 1, iat: 0 }));
  },
};

movingTest("what is not whole is not adopted", async ({ tab, run }) => {
  const page = await tab();
  await run(page, ({ settings, who }) => amplify(settings).signIn(who).then(() => {}));
  for (const [what, spoil] of Object.entries(SPOILED)) {
    const seen = await run(
      page,
      async ({ settings, more }) => {
        const base = `CognitoIdentityServiceProvider.${settings.clientId}`;
        const whole = { ...localStorage };
        new Function(`return ${more}`)()({ base, at: (name) => `${base}.ann.${name}` });
        const spoiled = JSON.stringify(localStorage);
        const adopted = await adopt({ ...settings, remove: true });
        const isLeft = JSON.stringify(localStorage) === spoiled;
        localStorage.clear();
        for (const [key, value] of Object.entries(whole)) localStorage.setItem(key, value);
        return { adopted, isLeft };
      },
      String(spoil),
    );
    assert.deepEqual(seen, { adopted: { session: "none", username: null, devices: 0 }, isLeft: true }, what);
  }
  const { session } = await run(page, ({ settings }) => adopt(settings));
  assert.equal(session, "adopted", "and whole again it is");
});

movingTest("a foreign app client, pool or profile finds nothing, or keeps its own", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    await amplify(settings).signIn(who);
    const results = [(await adopt({ ...settings, clientId: "another" })).session];
    results.push((await adopt({ ...settings, profile: "work" })).session);
    const steps = [];
    for (const profile of ["", "work"]) steps.push((await open({ ...settings, profile })).flow.snapshot().step);
    return [...results, ...steps];
  });
  assert.deepEqual(seen, ["none", "adopted", "signedOut", "signedIn"]);
});

movingTest("the latest of several is adopted, and another person's beside it is left", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    await amplify(settings, "session").signIn({ ...who, username: "bob" });
    // Tokens are as old as their second says.
    await new Promise((done) => setTimeout(done, 1100));
    await identityJs(settings, "local").signIn(who);
    const { username } = await adopt({ ...settings, remove: true });
    return [username, Object.keys(localStorage).filter((key) => key.startsWith("Cognito")), sessionStorage.length > 3];
  });
  assert.deepEqual(seen, ["ann", [], true]);
});

movingTest("a storage that keeps nothing, or is full, takes nothing away", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    await amplify(settings).signIn(who);
    const before = JSON.stringify(localStorage);
    const results = [];
    const none = { getItem: () => null, setItem() {}, removeItem() {} };
    const full = { ...none, setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
    const map = new Map();
    const onlyShort = {
      getItem: (key) => map.get(key) ?? null,
      setItem: (key, value) => value.length < 500 && map.set(key, value),
      removeItem: (key) => map.delete(key),
    };
    for (const storage of [none, full, onlyShort]) {
      results.push((await adopt({ ...settings, storage, remove: true })).session);
    }
    return [...results, map.size, JSON.stringify(localStorage) === before, (await adopt(settings)).session];
  });
  assert.deepEqual(seen, ["notKept", "notKept", "notKept", 0, true, "adopted"]);
});

movingTest("their storage may be the app's own, slow or broken, and cookies may be anything", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings, who }) => {
    document.cookie = "%=%E0%A4%A";
    document.cookie = "nothing";
    await amplify(settings).signIn(who);
    const broken = { getItem: () => Promise.reject(new Error("no")), setItem() {}, removeItem() {} };
    const odd = { getItem: () => 7, setItem() {}, removeItem() {} };
    const slow = {
      getItem: async (key) => (await null, localStorage.getItem(key)),
      setItem() {},
      removeItem: async (key) => localStorage.removeItem(key),
    };
    const results = [];
    for (const from of ["cookies", broken, odd]) results.push((await adopt({ ...settings, from })).session);
    results.push((await adopt({ ...settings, from: [broken, slow], remove: true })).session);
    return [...results, Object.keys(localStorage).filter((key) => key.startsWith("Cognito"))];
  });
  assert.deepEqual(seen, ["none", "none", "none", "adopted", []]);
});

movingTest("a half-written device is none, and one of ours is not replaced", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings }) => {
    const base = `CognitoIdentityServiceProvider.${settings.clientId}`;
    const put = (user, members) => {
      for (const [name, value] of Object.entries(members)) localStorage.setItem(`${base}.${user}.${name}`, value);
    };
    const whole = { deviceKey: "eu-west-1_1", deviceGroupKey: "group", randomPasswordKey: "secret" };
    put("half", { deviceKey: "eu-west-1_0" });
    put("long", { ...whole, deviceKey: "x".repeat(200) });
    put("ann", whole);
    put("a.b", { ...whole, deviceKey: "eu-west-1_2" });
    const results = [(await adopt(settings)).devices];
    put("ann", { ...whole, deviceKey: "eu-west-1_3" });
    results.push((await adopt(settings)).devices, (await adopt({ ...settings, profile: "x", devices: "off" })).devices);
    const { devices } = JSON.parse(localStorage.getItem(`cognito-flow.${settings.userPoolId}.${settings.clientId}.devices`));
    return [...results, devices.map(({ userId, key }) => `${userId} ${key}`).sort()];
  });
  assert.deepEqual(seen, [2, 0, 0, ["a.b eu-west-1_2", "ann eu-west-1_1"]]);
});

movingTest("options that are not what they must be are named", async ({ tab, run }) => {
  const page = await tab();
  const seen = await run(page, async ({ settings }) => {
    const messages = [];
    const wrong = [{ storage: "memory" }, { storage: undefined }, { userPoolId: "x" }, { clientId: "" }, { from: "disk" }, { profile: 1 }, { endpoint: 1 }];
    for (const one of wrong) {
      await adopt({ ...settings, ...one }).then(
        () => messages.push("taken"),
        (error) => messages.push(`${error.name} ${/`(\w+)`/.exec(error.message)[1]}`),
      );
    }
    return messages;
  });
  const names = ["storage", "storage", "userPoolId", "clientId", "from", "profile", "endpoint"];
  assert.deepEqual(seen, names.map((name) => `TypeError ${name}`));
});
