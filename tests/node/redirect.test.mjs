// Leaving the page and coming back: what an address is, what is kept meanwhile, and whose return is taken.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { openRedirect } from "../../js/redirect.js";

const KEY = "cognito-flow.pool.client";
const KEPT = `${KEY}.redirect`;
const DOMAIN = "auth.example.com";
const BACK = "https://app.example/back";
const AWAY_MS = 600_000;
const VERIFIER = "verifier";

beforeEach(() => mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 }));
afterEach(() => {
  mock.timers.reset();
  for (const name of ["location", "history", "sessionStorage"]) delete globalThis[name];
});

const refusal = (name, expected) => Object.assign(new Error(expected), { name });
const openWith = (options, key = KEY) => openRedirect({ domain: DOMAIN, redirectUri: BACK, ...options }, "the client", key, refusal);

/** A page: its address, its history, what the tab keeps. */
function page({ at = "https://app.example/", kept = new Map(), storage = {}, history = {} } = {}) {
  const replaced = [];
  const left = [];
  const { pathname, search, hash, origin } = new URL(at);
  const globals = {
    location: { pathname, search, hash, origin, assign: (url) => left.push(url) },
    history: { state: { own: 1 }, replaceState: (...given) => replaced.push(given), ...history },
    sessionStorage: {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
      ...storage,
    },
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { configurable: true, value });
  return { replaced, left, kept, record: () => JSON.parse(kept.get(KEPT)) };
}

/** Leaves, and comes back to what `query` makes of the state. */
function away(query, { options, change = () => {}, ...more } = {}) {
  const { kept, record } = page();
  openWith({ navigate: () => {}, ...options }).leave({ verifier: VERIFIER, hash: "aa++//==", state: "of the app" });
  const { state, nonce } = record();
  change(kept, record());
  const there = page({ at: `${BACK}${query(state)}`, kept, ...more });
  return { ...there, state, nonce, redirect: openWith(options) };
}

const back = (query, more) => {
  const there = away(query, more);
  return { ...there, said: there.redirect.back() };
};

/** The address of a request to a domain. */
const addressOf = (domain) => {
  const urls = [];
  openWith({ domain, navigate: (url) => urls.push(url), signOutUri: "x" }).leave({});
  return urls[0].split("/logout?")[0];
};

test("a domain is a host or a whole address that nobody listens in on", () => {
  page();
  for (const [domain, base] of [
    ["auth.example.com", "https://auth.example.com"],
    ["auth.example.com/", "https://auth.example.com"],
    ["auth.example.com:8443", "https://auth.example.com:8443"],
    ["https://auth.example.com/pool//", "https://auth.example.com/pool"],
    ["https://AUTH.example.com", "https://auth.example.com"],
    ["http://localhost:9000", "http://localhost:9000"],
    ["http://pool.localhost", "http://pool.localhost"],
    ["http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"],
    ["http://127.1", "http://127.0.0.1"],
    ["http://127.200.100.50", "http://127.200.100.50"],
    ["http://[::1]:80", "http://[::1]"],
  ]) {
    assert.equal(addressOf(domain), base, domain);
  }
  const refused = [
    undefined, null, "", 5, {}, "/auth", "//auth.example.com", "auth example.com", " auth.example.com", "auth\\example.com",
    "auth.example.com?a", "auth.example.com#a", "ann@auth.example.com", "https://ann@auth.example.com",
    "http://auth.example.com", "http://localhost.example.com", "http://.localhost.example.com", "http://127.0.0.1.example.com",
    "http://10.0.0.1", "http://mylocalhost", "http://example.com:127.0.0.1", "http://1127.0.0.1.", "http://[::1:1]",
    "javascript://auth.example.com", "ftp://localhost", "data://x", "https://", "https://:1", "http://a127.0.0.1",
  ];
  for (const domain of refused) {
    assert.throws(() => openWith({ domain }), { name: "redirect.domain" }, String(domain));
  }
});

test("an option that is not what it must be is named, and what may be left out may be null", () => {
  page();
  for (const [name, values, expected] of [
    ["domain", ["/"], "a host, or an https address, or http on loopback"],
    ["redirectUri", [undefined, null, "", 5], "a string that is not empty"],
    ["signOutUri", ["", 5, false], "a string that is not empty"],
    ["scopes", ["openid", [], ["email"], ["openid", ""], ["openid", 5], 5, false], 'a list of strings, "openid" among them'],
    ["navigate", ["x", 5, {}, false], "a function"],
  ]) {
    for (const value of values) {
      assert.throws(() => openWith({ [name]: value }), { name: `redirect.${name}`, message: expected }, `${name} ${value}`);
    }
  }
  openWith({ signOutUri: null, scopes: null, navigate: null });
  openWith({ scopes: ["email", "openid"] });
  const inherited = Object.create({ domain: DOMAIN, redirectUri: BACK });
  assert.throws(() => openRedirect(inherited, "c", KEY, refusal), { name: "redirect.domain" });
  for (const none of [undefined, null, 5]) assert.throws(() => openRedirect(none, "c", KEY, refusal), { name: "redirect.domain" });
});

test("who leaves is known again by what this tab keeps, and by nothing that is in the address", () => {
  const { left, kept, record } = page();
  const redirect = openWith({ scopes: ["openid", "a/b"] });
  redirect.leave({ verifier: VERIFIER, hash: "a+b+c/d/e==", parameters: { lang: "pt BR", prompt: undefined }, state: "mine" });
  const { state, nonce, ...rest } = record();
  assert.deepEqual([...kept.keys()], [KEPT]);
  assert.deepEqual(rest, { verifier: VERIFIER, app: "mine", until: Date.now() + AWAY_MS });
  for (const secret of [state, nonce]) assert.match(secret, /^[0-9a-f]{32}$/);
  const url = new URL(left[0]);
  assert.equal(url.origin + url.pathname, `https://${DOMAIN}/oauth2/authorize`);
  assert.deepEqual([...url.searchParams], [
    ["response_type", "code"],
    ["client_id", "the client"],
    ["redirect_uri", BACK],
    ["scope", "openid a/b"],
    ["state", state],
    ["nonce", nonce],
    ["code_challenge", "a-b-c_d_e"],
    ["code_challenge_method", "S256"],
    ["lang", "pt BR"],
  ]);
  redirect.leave({ verifier: VERIFIER, hash: "" });
  assert.equal(new Set([state, nonce, record().state, record().nonce]).size, 4, "each time anew");
  assert.equal(redirect.state(), null, "nobody is back yet");
});

test("without scopes there are none, and signing out names where to", () => {
  const { left, kept } = page();
  const redirect = openWith({ signOutUri: "https://app.example/bye?" });
  redirect.leave({ verifier: VERIFIER, hash: "" });
  assert.equal(new URL(left[0]).searchParams.get("scope"), null);
  kept.clear();
  redirect.leave({});
  assert.equal(left[1], `https://${DOMAIN}/logout?client_id=the+client&logout_uri=https%3A%2F%2Fapp.example%2Fbye%3F`);
  assert.equal(kept.size, 0);
  openWith().leave(undefined);
  assert.equal(left[2], `https://${DOMAIN}/logout?client_id=the+client`);
});

test("an app that navigates itself is given the address", () => {
  const { left } = page();
  const own = [];
  openWith({ navigate: (...given) => own.push(given) }).leave({});
  assert.deepEqual([left, own], [[], [[`https://${DOMAIN}/logout?client_id=the+client`]]]);
});

test("nobody leaves who could not be told from anybody else on coming back", () => {
  const forbidden = () => {
    throw new Error("QuotaExceededError");
  };
  for (const storage of [{ setItem: () => {} }, { setItem: forbidden }, { getItem: forbidden }, { getItem: () => "{}" }]) {
    const { left } = page({ storage });
    assert.throws(() => openWith().leave({ verifier: VERIFIER, hash: "" }), /sessionStorage keeps nothing|QuotaExceededError/);
    assert.deepEqual(left, []);
  }
});

test("a return with the state that was given out is taken, once, and out of the address", () => {
  const { said, redirect, replaced, kept, nonce } = back((state) => `?a=1&code=the%20code&b&state=${state}#frag`);
  assert.deepEqual(said, {});
  assert.equal(redirect.state(), "of the app");
  assert.equal(kept.size, 0);
  assert.deepEqual(replaced, [[{ own: 1 }, "", `${BACK}?a=1&b#frag`]]);
  assert.equal(redirect.back(), undefined, "good once");
  const [url, type, body] = redirect.request("/oauth2/token", "{}");
  assert.deepEqual([url, type], [`https://${DOMAIN}/oauth2/token`, "application/x-www-form-urlencoded"]);
  assert.deepEqual([...new URLSearchParams(body)], [
    ["client_id", "the client"],
    ["grant_type", "authorization_code"],
    ["code", "the code"],
    ["code_verifier", VERIFIER],
    ["redirect_uri", BACK],
  ]);
  assert.ok(nonce && !body.includes(nonce));
});

test("an address that came back with nothing else is left with nothing", () => {
  const { replaced } = back((state) => `?code=c&state=${state}&error_description=d`);
  assert.equal(replaced[0][2], BACK);
});

test("a path that begins like another host stays a path", () => {
  const resolved = [];
  const history = {
    state: null,
    replaceState(_state, _title, url) {
      const { origin, href } = new URL(url, "https://app.example//evil.example/back");
      if (origin !== "https://app.example") throw new Error("SecurityError");
      resolved.push(href);
    },
  };
  const { kept } = away(() => "", { options: { navigate: () => {} } });
  const { state } = JSON.parse(kept.get(KEPT));
  page({ at: `https://app.example//evil.example/back?code=c&state=${state}`, kept, history });
  assert.deepEqual(openWith().back(), {});
  assert.deepEqual(resolved, ["https://app.example//evil.example/back"]);
});

test("a state of somebody else's, or none, says nothing to anybody here, and nothing is touched", () => {
  for (const query of [
    () => "", () => "?code=c", () => "?code=c&state=", () => "?code=c&state=other", (state) => `?code=c&state=${state}0`,
    (state) => `?code=c&state=${state.slice(1)}`, (state) => `?code=c&State=${state}`, (state) => `?state=${state}`,
    (state) => `?code=&error=&state=${state}`, (state) => `?state=other&state=${state}&code=c`, (state) => `#code=c&state=${state}`,
  ]) {
    const { said, replaced, kept, redirect } = back(query);
    assert.deepEqual([said, replaced, kept.size, redirect.state()], [undefined, [], 1, null], query("STATE"));
  }
});

test("who left nothing here, or something that is no record, is not back", () => {
  const at = (state) => `${BACK}?code=c&state=${state}`;
  for (const [record, state] of [[undefined, "x"], ["", "x"], ["null", "null"], ["5", "5"], ["{", "x"], ["{}", "undefined"], ['{"state":1}', "1"], ['["x"]', "x"]]) {
    const { replaced } = page({ at: at(state), kept: new Map(record === undefined ? [] : [[KEPT, record]]) });
    assert.deepEqual([openWith().back(), replaced], [undefined, []], String(record));
  }
  const { replaced } = page({ at: at("x"), storage: { getItem: () => { throw new Error("SecurityError"); } } });
  assert.deepEqual([openWith().back(), replaced], [undefined, []]);
  Object.prototype.state = "x";
  try {
    page({ at: at("x") });
    assert.equal(openWith().back(), undefined, "what a prototype has is nobody's state");
  } finally {
    delete Object.prototype.state;
  }
  for (const name of ["location", "history", "sessionStorage"]) delete globalThis[name];
  assert.equal(openWith().back(), undefined, "nor is there anybody where there is no page");
});

test("another app client's flow is not back", () => {
  const { kept } = away((state) => `?code=c&state=${state}`);
  assert.equal(openWith({}, "cognito-flow.pool.other").back(), undefined);
  assert.equal(kept.size, 1);
});

test("an error comes back with its words, whatever the time, and is taken out of the address", () => {
  const late = (kept, record) => kept.set(KEPT, JSON.stringify({ ...record, until: 0 }));
  for (const change of [undefined, late]) {
    const query = (state) => `?error=access_denied&error_description=No%20way&x=1&state=${state}`;
    const { said, replaced, kept, redirect } = back(query, { change });
    assert.deepEqual(said, { error: "access_denied", description: "No way" });
    assert.deepEqual([replaced[0][2], kept.size, redirect.state()], [`${BACK}?x=1`, 0, "of the app"]);
  }
  assert.deepEqual(back((state) => `?error=e&state=${state}`).said, { error: "e", description: "" });
  assert.deepEqual(back((state) => `?error=e&code=c&state=${state}`).said, { error: "e", description: "" }, "an error is no success");
});

test("ten minutes may be spent there, and a clock that was set back makes them no longer", () => {
  const tooLong = { error: "", description: "Signing in took longer than ten minutes." };
  const query = (state) => `?code=c&state=${state}`;
  for (const [left, isIn] of [[1, true], [AWAY_MS, true], [0, false], [-1, false], [AWAY_MS + 1, false], ["soon", false], [undefined, false]]) {
    const until = typeof left === "number" ? Date.now() + left : left;
    const change = (kept, record) => kept.set(KEPT, JSON.stringify({ ...record, until }));
    const { said, kept, replaced } = back(query, { change });
    assert.deepEqual(said, isIn ? {} : tooLong, String(left));
    assert.deepEqual([kept.size, replaced.length], [0, 1], "spent either way");
  }
});

test("a record that lacks what proves the return is of no use", () => {
  for (const lacking of [{ verifier: undefined }, { verifier: "" }, { nonce: 5 }, { nonce: undefined }]) {
    const change = (kept, record) => kept.set(KEPT, JSON.stringify({ ...record, ...lacking }));
    assert.deepEqual(back((state) => `?code=c&state=${state}`, { change }).said, { error: "" });
  }
  for (const app of [5, "", null, undefined, {}]) {
    const change = (kept, record) => kept.set(KEPT, JSON.stringify({ ...record, app }));
    assert.equal(back((state) => `?code=c&state=${state}`, { change }).redirect.state(), null);
  }
});

test("an address that cannot be changed, and a record that cannot be removed, are spent all the same", () => {
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  const query = (state) => `?code=c&state=${state}`;
  assert.deepEqual(back(query, { history: { replaceState: forbidden } }).said, {});
  assert.deepEqual(back(query, { storage: { removeItem: forbidden } }).said, {});
});

const jwt = (claims) => ["{}", JSON.stringify(claims), "x"].map((part) => Buffer.from(part).toString("base64url")).join(".");

/** What the reply to the request with this body becomes. */
function replied(json, { body = "{}", ...more } = {}) {
  const { redirect, nonce } = back((state) => `?code=c&state=${state}`, more);
  const read = redirect.request("/oauth2/token", body)[3];
  return JSON.parse(read(typeof json === "function" ? json(nonce) : json));
}

test("tokens that were made for this sign-in are handed on by the names of the API", () => {
  const claims = (nonce) => ({ nonce, "cognito:username": "ännchen ✓ÿ >>> ???" });
  const json = (nonce) =>
    ` \n${JSON.stringify({ access_token: "a", id_token: jwt(claims(nonce)), refresh_token: "r", expires_in: 60, token_type: "Bearer" })}`;
  let id;
  const reply = replied((nonce) => {
    id = jwt(claims(nonce));
    return json(nonce);
  });
  assert.match(id, /-.*_|_.*-/, "with both letters that base64 of addresses has besides");
  assert.deepEqual(reply, {
    AuthenticationResult: { AccessToken: "a", IdToken: id, RefreshToken: "r", ExpiresIn: 60, Username: "ännchen ✓ÿ >>> ???" },
  });
});

test("tokens that were made for another sign-in, or for none, are left out", () => {
  const tokens = (id_token) => JSON.stringify({ access_token: "a", id_token, refresh_token: "r" });
  for (const id of [
    undefined, null, 5, "", "x", "a.b.c", ".", jwt({}), jwt({ nonce: "other" }), jwt(null), jwt([]), `a.${Buffer.from("{").toString("base64")}.b`,
  ]) {
    assert.deepEqual(replied(tokens(id)), {}, String(id));
  }
  assert.deepEqual(replied((nonce) => tokens(`${jwt({ nonce })}`.split(".").slice(0, 1).join("."))), {});
  Object.prototype.nonce = "polluted";
  try {
    assert.deepEqual(replied(tokens(jwt({}))), {});
  } finally {
    delete Object.prototype.nonce;
  }
});

test("a refresh is of the token that the session has, and needs no nonce", () => {
  const body = '{"RefreshToken":"the token&"}';
  const { redirect } = back((state) => `?code=c&state=${state}`);
  const [, , form] = redirect.request("/oauth2/token", body);
  assert.equal(form, "client_id=the+client&grant_type=refresh_token&refresh_token=the+token%26");
  const { AuthenticationResult } = replied(JSON.stringify({ access_token: "a", id_token: jwt({}) }), { body });
  assert.deepEqual(AuthenticationResult, { AccessToken: "a", IdToken: jwt({}) });
  const tokens = JSON.stringify({ access_token: "a", id_token: jwt({ nonce: "that of the sign-in" }) });
  assert.equal(replied(tokens, { body }).AuthenticationResult.AccessToken, "a");
  page();
  const anew = openWith();
  assert.match(anew.request("/oauth2/token", body)[2], /refresh_token=/, "after a reload, without a return");
});

test("what the domain refuses has the form of the API's refusals", () => {
  assert.deepEqual(replied('{"error":"invalid_grant","error_description":"Gone"}'), { __type: "invalid_grant", message: "Gone" });
  assert.deepEqual(replied('{"error":"invalid_grant","id_token":"x"}'), { __type: "invalid_grant" });
  assert.deepEqual(replied('{"error":""}'), {});
  assert.deepEqual(replied('{"error":5}'), {});
});

test("what is no object of JSON is handed on as it is", () => {
  const read = back((state) => `?code=c&state=${state}`).redirect.request("/oauth2/token", "{}")[3];
  for (const json of ["", "<html>", "[{}]", "null", "5", "a{"]) assert.equal(read(json), json);
  assert.equal(read("{"), "{}", "which is an answer without tokens");
});

test("nobody's prototype adds to a request or a reply", () => {
  const body = '{"RefreshToken":"r"}';
  for (const name of ["refresh_token", "error", "RefreshToken", "access_token", "toJSON"]) {
    Object.prototype[name] = name === "toJSON" ? () => "polluted" : "polluted";
    try {
      const { redirect } = back((state) => `?code=c&state=${state}`);
      const [, , form, read] = redirect.request("/oauth2/token", "{}");
      assert.match(form, /grant_type=authorization_code/, name);
      assert.equal(read("{}"), "{}", name);
      assert.doesNotMatch(String(redirect.request("/oauth2/token", body)[2]), /polluted/);
    } finally {
      delete Object.prototype[name];
    }
  }
});
