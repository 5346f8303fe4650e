// Moving over: which of another client's sessions become ours, and what is written and taken away for it.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { adoptAmplifySession } from "../../js/amplify.js";

// The build writes in the version of the records.
globalThis.RECORD_VERSION = 7;

const POOL = "eu-west-1_Pool";
const CLIENT = "client";
const BASE = `CognitoIdentityServiceProvider.${CLIENT}.`;
const KEY = `cognito-flow.${POOL}.${CLIENT}`;
const NOW = 1_800_000_000_000;
const IAT = NOW / 1000 - 100;
const OWNER = { version: 7, pool: POOL, client: CLIENT, endpoint: "https://cognito-idp.eu-west-1.amazonaws.com/" };

beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: NOW });
  install({ local: storageOf(), session: storageOf() });
});
afterEach(() => {
  mock.timers.reset();
  for (const name of ["localStorage", "sessionStorage", "document", "location"]) delete globalThis[name];
});

function install({ local, session }) {
  for (const [name, storage] of Object.entries({ localStorage: local, sessionStorage: session })) {
    Object.defineProperty(globalThis, name, { configurable: true, get: typeof storage === "function" ? storage : () => storage });
  }
}

/** As the browser's: its records are members of it, its methods are not. */
function storageOf(entries = {}, methods = {}) {
  const of = {
    getItem: (key) => (Object.hasOwn(storage, key) ? storage[key] : null),
    setItem: (key, value) => void (storage[key] = value),
    removeItem: (key) => void delete storage[key],
    ...methods,
  };
  const storage = Object.assign(Object.create(of), entries);
  return storage;
}

const jwt = (claims) => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
const accessOf = (more) => jwt({ client_id: CLIENT, sub: "sub", username: "user-id", iat: IAT, exp: IAT + 3600, origin_jti: "origin", ...more });
const idOf = (more) => jwt({ aud: CLIENT, sub: "sub", ...more });

/** What Amplify keeps of one who is signed in. */
function theirs({ name = "ann", access, id, ...more } = {}) {
  const members = {
    accessToken: accessOf(access),
    idToken: idOf(id),
    refreshToken: "refresh",
    clockDrift: "0",
    ...more,
  };
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return { [`${BASE}LastAuthUser`]: name, ...Object.fromEntries(entries.map(([member, value]) => [`${BASE}${name}.${member}`, value])) };
}

const DEVICE = { deviceKey: "key", deviceGroupKey: "group", randomPasswordKey: "secret" };
const adopt = (more) => adoptAmplifySession({ userPoolId: POOL, clientId: CLIENT, storage: "local", ...more });
const recordOf = (name, storage = localStorage, key = KEY) => JSON.parse(storage.getItem(`${key}.${name}`));
const put = (name, members, storage = localStorage) => storage.setItem(`${KEY}.${name}`, JSON.stringify({ ...OWNER, ...members }));
const NONE = { session: "none", username: null, devices: 0 };
const ADOPTED = { session: "adopted", username: "ann", devices: 0 };

test("options that are not what they must be are named", async () => {
  const expected = {
    userPoolId: [[undefined, null, "", 5, "Pool", "_Pool", "eu-west-1_", "eu-west-1_Pool_", "eu west_Pool", ["eu-west-1_Pool"], "x/eu-west-1_Pool"], 'as "eu-west-1_AbCdEfGhI"'],
    clientId: [[undefined, null, "", 5], "a string that is not empty"],
    endpoint: [["", 5, {}], "a string that is not empty"],
    profile: [[5, {}], "a string"],
    storage: [[undefined, null, "memory", "cookies", 5, {}, { getItem() {}, setItem() {} }, { getItem() {}, removeItem() {} }, { setItem() {}, removeItem() {} }, { getItem: 1, setItem() {}, removeItem() {} }],
      '"local", "session" or an object like localStorage, as that of the flow: in memory nothing is adopted'],
    from: [["memory", 5, {}, ["local", "disk"], [null]], '"local", "session", "cookies", an object like localStorage, or a list of them'],
  };
  for (const [name, [values, words]] of Object.entries(expected)) {
    for (const value of values) {
      await assert.rejects(adopt({ [name]: value }), { name: "TypeError", message: `\`${name}\` of the options must be ${words}.` }, `${name} ${value}`);
    }
  }
  for (const none of [undefined, null, 5, "x", Object.create({ userPoolId: POOL, clientId: CLIENT, storage: "local" })]) {
    await assert.rejects(adoptAmplifySession(none), /`userPoolId` of the options/);
  }
  assert.deepEqual(await adopt({ endpoint: null, profile: null, from: null, devices: null, cookie: null, remove: null }), NONE);
});

test("a session becomes ours, as the machine reads it, and theirs stays", async () => {
  const kept = theirs({ signInDetails: '{"loginId":"ann@example.com"}' });
  install({ local: storageOf(kept), session: storageOf() });
  assert.deepEqual(await adopt(), { session: "adopted", username: "ann@example.com", devices: 0 });
  assert.deepEqual(recordOf("session"), {
    ...OWNER,
    id: "origin",
    username: "ann@example.com",
    userId: "user-id",
    phoneProven: false,
    accessToken: kept[`${BASE}ann.accessToken`],
    idToken: kept[`${BASE}ann.idToken`],
    refreshToken: "refresh",
    expiresAt: (IAT + 3600) * 1000,
    lifetime: 3_600_000,
    rotates: false,
    fromRedirect: false,
    stale: false,
    inTab: false,
    deviceAsks: false,
  });
  assert.deepEqual(recordOf("adopted"), { ...OWNER, id: "origin", issued: IAT });
  for (const [key, value] of Object.entries(kept)) assert.equal(localStorage[key], value);
});

test("records are those of the flow with the same options", async () => {
  for (const [options, owner, key] of [
    [{ profile: "work" }, {}, `${KEY}/work`],
    [{ profile: "" }, {}, KEY],
    [{ endpoint: "http://localhost:9000" }, { endpoint: "http://localhost:9000" }, KEY],
    [{ userPoolId: "cn-north-1_Pool" }, { pool: "cn-north-1_Pool", endpoint: "https://cognito-idp.cn-north-1.amazonaws.com.cn/" }, `cognito-flow.cn-north-1_Pool.${CLIENT}`],
    [{ userPoolId: "eusc-de-east-1_Pool" }, { pool: "eusc-de-east-1_Pool", endpoint: "https://cognito-idp.eusc-de-east-1.amazonaws.eu/" }, `cognito-flow.eusc-de-east-1_Pool.${CLIENT}`],
  ]) {
    install({ local: storageOf(theirs()), session: storageOf() });
    assert.equal((await adopt(options)).session, "adopted");
    const { version, pool, client, endpoint } = recordOf("session", localStorage, key);
    assert.deepEqual({ version, pool, client, endpoint }, { ...OWNER, ...owner });
  }
});

test("ours goes where the flow looks for it", async () => {
  for (const storage of ["session", "own"]) {
    const own = storageOf();
    install({ local: storageOf(theirs()), session: storageOf() });
    assert.equal((await adopt({ storage: storage === "own" ? own : storage })).session, "adopted");
    assert.equal(recordOf("session", storage === "own" ? own : sessionStorage).id, "origin");
    assert.equal(localStorage.getItem(`${KEY}.session`), null);
  }
});

test("what a token, or Amplify, says of the person and the device is taken, where it is whole", async () => {
  const session = async (options) => {
    install({ local: storageOf(theirs(options)), session: storageOf() });
    await adopt();
    return recordOf("session");
  };
  assert.equal((await session({ access: { username: undefined } })).userId, "ann", "the name theirs has");
  assert.equal((await session({ access: { username: "" } })).userId, "ann");
  for (const details of [undefined, "{", "null", "{}", '{"loginId":""}', '{"loginId":5}', "5"]) {
    assert.equal((await session({ signInDetails: details })).username, "ann", String(details));
  }
  assert.equal((await session({ access: { origin_jti: undefined, auth_time: 5 } })).id, "sub 5");
  assert.equal((await session({ access: { origin_jti: "" } })).id, "sub undefined");
  assert.equal((await session({ access: { device_key: "of the token" }, ...DEVICE })).deviceKey, "of the token");
  assert.equal((await session({ deviceKey: "theirs" })).deviceKey, "theirs");
  assert.equal((await session({ access: { device_key: "x".repeat(128) } })).deviceKey.length, 128);
  assert.equal((await session({ access: { device_key: "x".repeat(129) } })).deviceKey, undefined);
  assert.equal((await session({ access: { device_key: 5 } })).deviceKey, undefined);
  assert.equal((await session({ signInDetails: '{"loginId":"ännchen ✓"}' })).username, "ännchen ✓");
  assert.equal((await session({ id: { name: "ännchen ✓ÿ???>>>" } })).id, "origin", "a token with every letter of base64");
});

test("a session of managed login is known as one, by either of theirs", async () => {
  for (const [own, oauthSignIn, isRedirected] of [
    [{ oauthMetadata: '{"oauthSignIn":true}' }, undefined, true],
    [{ oauthMetadata: '{"oauthSignIn":"true"}' }, undefined, false],
    [{ oauthMetadata: "{" }, undefined, false],
    [{}, "true,false", true],
    [{}, "false,true", false],
    [{}, undefined, false],
  ]) {
    const kept = theirs(own);
    if (oauthSignIn) kept[`${BASE}oauthSignIn`] = oauthSignIn;
    install({ local: storageOf(kept), session: storageOf() });
    await adopt();
    assert.equal(recordOf("session").fromRedirect, isRedirected, JSON.stringify([own, oauthSignIn]));
  }
});

test("what is not whole, this app client's and one person's is not adopted", async () => {
  const spoiled = {
    "no access token": { accessToken: undefined },
    "no ID token": { idToken: undefined },
    "an empty one": { accessToken: "" },
    "no token": { accessToken: "x" },
    "two parts": { accessToken: accessOf().split(".").slice(0, 2).join(".") },
    "four parts": { accessToken: `${accessOf()}.x` },
    "no base64": { idToken: "a.*.c" },
    "no JSON": { idToken: `a.${btoa("{")}.c` },
    null: { accessToken: `a.${btoa("null")}.c` },
    text: { idToken: `a.${btoa('"x"')}.c` },
    "another app client's access token": { access: { client_id: "other" } },
    "another app client's ID token": { id: { aud: "other" } },
    "somebody else's ID token": { id: { sub: "bob" } },
    nobody: { access: { sub: undefined }, id: { sub: undefined } },
    "an empty sub": { access: { sub: "" }, id: { sub: "" } },
    "a number as sub": { access: { sub: 5 }, id: { sub: 5 } },
    "no end": { access: { exp: undefined } },
    "an end that is a text": { access: { exp: String(IAT + 3600) } },
    "a beginning that is a text": { access: { iat: String(IAT) } },
    "no beginning": { access: { iat: "soon" } },
    "endless": { access: { exp: 1e300 } },
    "no time": { access: { exp: IAT } },
    "less than a second": { access: { exp: IAT + 0.5 } },
    "too long a life": { access: { exp: IAT + 864_001 } },
    "over, without a refresh token": { access: { exp: NOW / 1000 }, refreshToken: undefined },
    "over, with an empty one": { access: { exp: NOW / 1000 }, refreshToken: "" },
    "a token without end": { accessToken: accessOf({ x: "x".repeat(50_000) }) },
  };
  for (const [what, members] of Object.entries(spoiled)) {
    install({ local: storageOf(theirs(members)), session: storageOf() });
    const before = JSON.stringify(localStorage);
    assert.deepEqual(await adopt({ remove: true }), NONE, what);
    assert.equal(JSON.stringify(localStorage), before, what);
  }
  const whole = {
    "one second": { access: { exp: IAT + 1 } },
    "ten days": { access: { exp: IAT + 864_000 } },
    "over, with a refresh token": { access: { exp: NOW / 1000 - 50 } },
    "not over, without one": { access: { exp: NOW / 1000 + 1 }, refreshToken: undefined },
    "a long token": { refreshToken: "x".repeat(65_536) },
  };
  for (const [what, members] of Object.entries(whole)) {
    install({ local: storageOf(theirs(members)), session: storageOf() });
    assert.deepEqual(await adopt(), ADOPTED, what);
  }
  assert.equal(recordOf("session").refreshToken.length, 65_536);
  install({ local: storageOf(theirs({ refreshToken: "x".repeat(65_537), access: { exp: NOW / 1000 } })), session: storageOf() });
  assert.deepEqual(await adopt(), NONE, "a longer refresh token is none");
});

test("whoever was not there last is not signed in, and what is none of the last one's session is not even read", async () => {
  const read = [];
  const { [`${BASE}LastAuthUser`]: _, ...bob } = theirs({ name: "bob", ...DEVICE });
  const { [`${BASE}LastAuthUser`]: __, ...named } = theirs({ name: "undefined" });
  const entries = { mine: "1", "x.deviceKey": "1", [`${BASE}ann.other`]: "1", ...bob };
  for (const last of [{}, { [`${BASE}LastAuthUser`]: "ann" }]) {
    install({ local: storageOf({ ...entries, ...named, ...last }), session: storageOf() });
    const storage = Object.getPrototypeOf(localStorage);
    const { getItem } = storage;
    storage.getItem = (key) => {
      read.push(key);
      return getItem(key);
    };
    assert.deepEqual(await adopt(), { ...NONE, devices: 1 });
  }
  const ofTheirs = read.filter((key) => !key.startsWith(KEY)).map((key) => key.slice(BASE.length));
  const ofBob = Object.keys(DEVICE).map((name) => `bob.${name}`);
  const ofAnn = ["accessToken", "idToken", "refreshToken", "clockDrift", "signInDetails", "oauthMetadata", "userData", ...Object.keys(DEVICE)].map((name) => `ann.${name}`);
  assert.deepEqual(new Set(ofTheirs), new Set(["LastAuthUser", "oauthSignIn", ...ofBob, ...ofAnn]));
});

test("what a polluted prototype claims is nobody's claim", async () => {
  const { client_id, ...claims } = JSON.parse(Buffer.from(accessOf().split(".")[1], "base64url"));
  install({ local: storageOf(theirs({ accessToken: jwt(claims) })), session: storageOf() });
  Object.prototype.client_id = client_id;
  try {
    assert.deepEqual(await adopt(), NONE);
  } finally {
    delete Object.prototype.client_id;
  }
});

test("who is signed in with us stays so, in this tab too", async () => {
  const others = [
    () => put("session", { username: "bob" }),
    () => put("session", { username: "bob", endpoint: "https://other.example/" }),
    () => put("tabSession", { username: "bob" }, sessionStorage),
  ];
  for (const sign of others) {
    install({ local: storageOf(theirs()), session: storageOf() });
    sign();
    const before = JSON.stringify(localStorage);
    assert.deepEqual(await adopt({ remove: true }), { session: "present", username: null, devices: 0 });
    assert.equal(JSON.stringify(localStorage), before);
  }
  // A session of this tab alone is beside that of a storage of the tab's.
  install({ local: storageOf(theirs()), session: storageOf() });
  put("tabSession", { username: "bob" }, sessionStorage);
  assert.deepEqual(await adopt({ storage: "session" }), ADOPTED);
  for (const stale of [{ version: 6 }, { pool: "other" }, { client: "other" }]) {
    install({ local: storageOf(theirs()), session: storageOf() });
    put("session", stale);
    put("tabSession", stale, sessionStorage);
    assert.deepEqual(await adopt(), ADOPTED, "one that no flow would read is none");
  }
  for (const text of ["", "{", "null", "5"]) {
    install({ local: storageOf({ ...theirs(), [`${KEY}.session`]: text }), session: storageOf() });
    assert.deepEqual(await adopt(), ADOPTED, text);
  }
});

test("one is adopted once: who has signed out since stays signed out, who signs in anew with theirs is taken over", async () => {
  install({ local: storageOf(theirs()), session: storageOf() });
  assert.equal((await adopt()).session, "adopted");
  assert.equal((await adopt()).session, "present");
  localStorage.removeItem(`${KEY}.session`);
  assert.deepEqual(await adopt(), NONE);
  // Refreshed by theirs since: the person has gone on with it.
  Object.assign(localStorage, theirs({ access: { iat: IAT + 1, exp: IAT + 3601 } }));
  assert.equal((await adopt()).session, "adopted");
  localStorage.removeItem(`${KEY}.session`);
  Object.assign(localStorage, theirs({ access: { iat: IAT, origin_jti: "another" } }));
  assert.equal((await adopt()).session, "adopted");
  localStorage.removeItem(`${KEY}.session`);
  put("adopted", { id: "another", issued: IAT, endpoint: "https://other.example/" });
  assert.equal((await adopt()).session, "adopted", "adopted at another endpoint");
});

test("theirs is taken away once ours is kept, with the device where ours has it, and nothing else", async () => {
  const members = { signInDetails: "{}", oauthMetadata: "{}", userData: "{}", ...DEVICE };
  const others = { mine: "1", [`${BASE}bob.accessToken`]: "bob's", [`${BASE}ann.other`]: "x" };
  for (const remove of [true, false, 1, "yes"]) {
    install({ local: storageOf({ ...theirs(members), [`${BASE}oauthSignIn`]: "false", ...others }), session: storageOf() });
    const before = Object.keys(localStorage);
    assert.deepEqual(await adopt({ remove }), { ...ADOPTED, devices: 1 });
    const left = Object.keys(localStorage).filter((key) => !key.startsWith(KEY));
    assert.deepEqual(left, remove === true ? Object.keys(others) : before, String(remove));
  }
  // Asked for later: it is ours already.
  Object.assign(localStorage, { x: "1" });
  assert.equal((await adopt({ remove: true })).session, "present");
  assert.equal(localStorage.getItem(`${BASE}ann.accessToken`), null);
  // Without devices theirs keeps its own.
  install({ local: storageOf(theirs(members)), session: storageOf() });
  assert.deepEqual(await adopt({ remove: true, devices: "off" }), ADOPTED);
  assert.deepEqual(Object.keys(localStorage).filter((key) => key.startsWith(BASE)), Object.keys(DEVICE).map((name) => `${BASE}ann.${name}`));
  assert.equal(localStorage.getItem(`${KEY}.devices`), null);
});

test("who signed out of ours before theirs could be taken away has it taken away then", async () => {
  install({ local: storageOf(theirs()), session: storageOf() });
  await adopt();
  localStorage.removeItem(`${KEY}.session`);
  assert.deepEqual(await adopt({ remove: true }), NONE);
  assert.deepEqual(Object.keys(localStorage).filter((key) => key.startsWith(BASE)), []);
});

test("what could not be kept leaves theirs alone, and nothing of ours behind", async () => {
  const full = () => {
    throw new Error("QuotaExceededError");
  };
  for (const [name, setItem] of [["nothing", () => {}], ["throws", full]]) {
    install({ local: storageOf(theirs()), session: storageOf() });
    const before = JSON.stringify(localStorage);
    const storage = storageOf({}, { setItem });
    assert.deepEqual(await adopt({ storage, remove: true }), { session: "notKept", username: null, devices: 0 }, name);
    assert.deepEqual([JSON.stringify(localStorage), Object.keys(storage)], [before, []]);
  }
  const short = storageOf();
  Object.getPrototypeOf(short).setItem = (key, value) => void (short[key] = value.slice(0, 200));
  install({ local: storageOf(theirs()), session: storageOf() });
  assert.equal((await adopt({ storage: short })).session, "notKept");
  assert.deepEqual(Object.keys(short), []);
  const stuck = storageOf({}, { removeItem: full });
  Object.getPrototypeOf(stuck).setItem = (key, value) => { if (value.length < 300) stuck[key] = value; };
  assert.equal((await adopt({ storage: stuck })).session, "notKept");
});

test("the latest of several counts, wherever it is, and each can be named", async () => {
  const at = (iat) => ({ access: { iat, exp: iat + 3600 } });
  const own = storageOf(theirs({ name: "own", ...at(IAT - 5) }));
  const places = () => install({ local: storageOf(theirs({ name: "old", ...at(IAT - 10) })), session: storageOf(theirs({ name: "new", ...at(IAT) })) });
  for (const [from, username] of [
    [undefined, "new"], [null, "new"], ["local", "old"], [["local"], "old"], [["local", "session"], "new"], [["session", "local"], "new"], [own, "own"], [["local", own], "own"], ["cookies", null], [[], null],
  ]) {
    places();
    assert.equal((await adopt({ from })).username, username, String(from));
  }
});

test("storages of theirs that are slow, broken or forbidden are waited for, or hold nothing", async () => {
  const entries = theirs();
  const slow = { getItem: async (key) => entries[key] ?? null, setItem() {}, removeItem: async (key) => void delete entries[key] };
  const rejecting = { getItem: () => Promise.reject(new Error("no")), setItem() {}, removeItem() {} };
  const throwing = { getItem: () => { throw new Error("no"); }, setItem() {}, removeItem() {} };
  const odd = { getItem: () => 7, setItem() {}, removeItem() {} };
  assert.deepEqual(await adopt({ from: [rejecting, throwing, odd, slow], remove: true }), ADOPTED);
  assert.deepEqual(entries, {});
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  install({ local: forbidden, session: forbidden });
  assert.deepEqual(await adopt(), NONE);
  Object.assign(entries, theirs());
  assert.equal((await adopt({ from: slow })).session, "notKept");
  slow.removeItem = () => Promise.reject(new Error("no"));
  install({ local: storageOf(), session: storageOf() });
  assert.equal((await adopt({ from: slow, remove: true })).session, "adopted", "what cannot be taken away stays");
});

test("devices come along, also of those who are signed out, and of each person one", async () => {
  const device = (name, members) => Object.fromEntries(Object.entries({ ...DEVICE, ...members }).map(([member, value]) => [`${BASE}${name}.${member}`, value]));
  install({
    local: storageOf({
      ...theirs({ ...DEVICE, signInDetails: '{"loginId":"ann@example.com"}' }),
      ...device("bob", { deviceKey: "bob's" }),
      ...device("half", { deviceKey: "half", randomPasswordKey: "" }),
      ...device("long", { deviceKey: "x".repeat(129) }),
      ...device("nogroup", { deviceGroupKey: "" }),
      "CognitoIdentityServiceProvider.other.eve.deviceKey": "eve's",
      [`x${BASE}mallory.deviceKey`]: "m",
      [`${BASE}ann.deviceKey.not`]: "m",
    }),
    session: storageOf(device("bob", { deviceKey: "bob's too" })),
  });
  assert.deepEqual(await adopt(), { session: "adopted", username: "ann@example.com", devices: 2 });
  assert.deepEqual(recordOf("devices"), {
    ...OWNER,
    devices: [
      { userId: "user-id", typed: "ann@example.com", key: "key", group: "group", secret: "secret" },
      { userId: "bob", typed: "bob", key: "bob's", group: "group", secret: "secret" },
    ],
  });
  assert.deepEqual(await adopt(), { session: "present", username: null, devices: 0 }, "once");
});

test("a device that ours has no room for stays with theirs, and records that are spoiled hold none", async () => {
  const ours = Array.from({ length: 16 }, (_, at) => ({ key: `k${at}`, userId: `u${at}`, typed: `t${at}` }));
  for (const [devices, options] of [[ours, {}], [[null, 5], { devices: "off" }], [{}, { devices: "off" }], [undefined, { devices: "off" }]]) {
    install({ local: storageOf(theirs(DEVICE)), session: storageOf() });
    put("devices", { devices });
    assert.deepEqual(await adopt({ remove: true, ...options }), ADOPTED);
    const left = Object.keys(localStorage).filter((key) => key.startsWith(BASE));
    assert.deepEqual(left, Object.keys(DEVICE).map((name) => `${BASE}ann.${name}`));
  }
});

test("a device of ours is not replaced, by whatever it is known, and there are sixteen", async () => {
  const entries = () => ({ [`${BASE}bob.deviceKey`]: "key", [`${BASE}bob.deviceGroupKey`]: "group", [`${BASE}bob.randomPasswordKey`]: "secret" });
  const whole = { key: "k", userId: "u", typed: "t" };
  for (const [kept, devices] of [
    [{ ...whole, key: "key" }, 0], [{ ...whole, userId: "bob" }, 0], [{ ...whole, typed: "bob" }, 0], [whole, 1], [null, 1],
  ]) {
    install({ local: storageOf(entries()), session: storageOf() });
    put("devices", { devices: [kept] });
    assert.equal((await adopt()).devices, devices, JSON.stringify(kept));
    assert.equal(recordOf("devices").devices.length, 1 + devices);
  }
  for (const [length, devices] of [[15, 1], [16, 0], [20, 0]]) {
    install({ local: storageOf(entries()), session: storageOf() });
    put("devices", { devices: Array.from({ length }, (_, at) => ({ key: `k${at}`, userId: `u${at}`, typed: `t${at}` })) });
    assert.equal((await adopt()).devices, devices);
    assert.equal(recordOf("devices").devices.length, length + devices);
  }
  for (const odd of [undefined, "x", { length: 1 }, {}]) {
    install({ local: storageOf(entries()), session: storageOf() });
    put("devices", { devices: odd });
    assert.equal((await adopt()).devices, 1, "what is no list holds none");
  }
  install({ local: storageOf(entries()), session: storageOf() });
  put("devices", { endpoint: "https://other.example/", devices: [] });
  assert.equal((await adopt()).devices, 0, "another endpoint's is nobody's to replace");
  const name = `${KEY}.devices`;
  install({ local: storageOf(entries()), session: storageOf() });
  localStorage.setItem(name, "spoiled");
  assert.equal((await adopt()).devices, 1);
  install({ local: storageOf(entries(), { setItem: () => {} }), session: storageOf() });
  assert.equal((await adopt()).devices, 0, "what is not kept is not adopted");
});

test("of two devices with one key or one person, one comes along; a known typed name is the same person", async () => {
  const device = (name, members) => Object.fromEntries(Object.entries({ ...DEVICE, ...members }).map(([member, value]) => [`${BASE}${name}.${member}`, value]));
  install({ local: storageOf(device("ann", {})), session: storageOf(device("bob", {})) });
  assert.equal((await adopt()).devices, 1);
  // Ours knows the person by the pool's name, theirs by what was typed.
  install({ local: storageOf(theirs({ ...DEVICE, signInDetails: '{"loginId":"mail"}' })), session: storageOf() });
  put("devices", { devices: [{ key: "other", userId: "mail", typed: "x" }] });
  assert.equal((await adopt()).devices, 0);
  install({ local: storageOf(theirs({ ...DEVICE, signInDetails: '{"loginId":"mail"}' })), session: storageOf() });
  put("devices", { devices: [{ key: "other", userId: "user-id", typed: "x" }] });
  assert.equal((await adopt()).devices, 0);
});

/** A page with these cookies, which keeps what it is told to. */
function page(cookies, protocol = "https:") {
  const written = [];
  Object.defineProperty(globalThis, "document", {
    configurable: true,
    value: {
      get cookie() {
        return cookies;
      },
      set cookie(text) {
        written.push(text);
      },
    },
  });
  Object.defineProperty(globalThis, "location", { configurable: true, value: { protocol } });
  return written;
}

const cookiesOf = (entries) => Object.entries(entries).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("; ");

test("cookies hold a session too, among any others, and are taken away as they were set", async () => {
  const jar = `${cookiesOf(theirs({ name: "ann@x", ...DEVICE }))}; %=%E0%A4%A; nothing; =; mine=a=b`;
  const paths = [
    [{}, "https:", "; path=/; secure"],
    [{ cookie: { path: "/app" } }, "http:", "; path=/app"],
    [{ cookie: { domain: "example.com" } }, "https:", "; path=/; domain=example.com; secure"],
  ];
  for (const [options, protocol, where] of paths) {
    install({ local: storageOf(), session: storageOf() });
    const written = page(jar, protocol);
    assert.deepEqual(await adopt({ ...options, remove: true }), { session: "adopted", username: "ann@x", devices: 1 });
    const encoded = encodeURIComponent(`${BASE}ann@x.accessToken`);
    assert.ok(written.includes(`${encoded}=; max-age=0${where}`), written[0]);
    assert.equal(written.length, 8, "those that there are, and no others");
  }
  page("");
  install({ local: storageOf(), session: storageOf() });
  assert.deepEqual(await adopt(), NONE);
  const bob = Object.fromEntries(Object.entries(DEVICE).map(([name, value]) => [`${BASE}bob.${name}`, value]));
  page(cookiesOf(bob));
  assert.deepEqual(await adopt(), { ...NONE, devices: 1 }, "of whoever is signed out the device comes along");
});

test("a cookie that is no encoded text is what it says", async () => {
  const entries = theirs();
  const raw = Object.entries(entries).map(([name, value]) => `${name}=${value}`).join("; ");
  page(raw.replace("refreshToken=refresh", "refreshToken=%zz"));
  await adopt();
  assert.equal(recordOf("session").refreshToken, "%zz");
});
