// Leaving the page and coming back, by script: what is in the addresses and requests, what is kept
// meanwhile, and what of a return is not believed.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

/** Makes `openRedirect`, a flow that "leaves" into a list, and `comeBack`, which answers its state. */
const setup = () => {
  const token = (claims) =>
    ["{}", JSON.stringify(claims), "x"].map((part) => btoa(part).replaceAll("=", "")).join(".");
  window.kept = () => JSON.parse(sessionStorage.getItem(Object.keys(sessionStorage).find((key) => key.endsWith(".redirect"))));
  window.claims = (nonce) => ({ nonce, "cognito:username": "ann" });
  window.grant = (nonce) => ({
    access_token: "access-token-1",
    id_token: token(claims(nonce)),
    refresh_token: "refresh-token",
    token_type: "Bearer",
    expires_in: 3600,
  });
  window.openRedirect = async (more = {}, { redirect, reply = grant } = {}) => {
    const left = [];
    const calls = [];
    const fetch = async (url, init) => {
      const target = init.headers["x-amz-target"]?.split(".")[1];
      calls.push({ url: String(url), target, type: init.headers["content-type"], body: init.body });
      const isToken = String(url).endsWith("/oauth2/token");
      const answer = isToken ? reply(window.nonce) : ANSWERS[target === "GetUser" ? "user" : "done"]();
      return answer instanceof Response ? answer : new Response(JSON.stringify(answer));
    };
    const flow = await createFlow({
      userPoolId: "eu-west-1_AbCdEfGhI",
      clientId: "client",
      fetch,
      redirect: {
        domain: "auth.example.com",
        redirectUri: "https://app.example/back",
        navigate: (url) => void left.push(url),
        ...redirect,
      },
      ...more,
    });
    return { flow, left, calls };
  };
  /** Puts what a return brings into the address, with the state that was given out unless it is said. */
  window.goBack = (query = "code=the-code", state = kept()?.state) => {
    window.nonce = kept()?.nonce;
    history.replaceState(null, "", `/?${query}&state=${state}`);
  };
  window.settled = (flow) => until(() => flow.snapshot().busy === null);
};

browserTest("the address has what PKCE and the event say, and the tab keeps what must fit", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const scopes = ["openid", "notes/read"];
    const { flow, left, calls } = await openRedirect({}, { redirect: { scopes } });
    const settled = await flow.send({
      type: "signInWithRedirect",
      provider: "My IdP & Co",
      idpIdentifier: "corp",
      lang: "pt-BR",
      loginHint: "ann+1@example.com",
      prompt: "select_account",
      state: "app's own ?&#",
    });
    const record = kept();
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(record.verifier));
    const challenge = btoa(String.fromCharCode(...new Uint8Array(digest)));
    const url = new URL(left[0]);
    const { code_challenge, ...query } = Object.fromEntries(url.searchParams);
    return {
      busy: settled.busy,
      fits: code_challenge === challenge.replaceAll("+", "-").replaceAll("/", "_").replace("=", ""),
      base: url.origin + url.pathname,
      query: { ...query, state: query.state === record.state, nonce: query.nonce === record.nonce },
      minutes: Math.round((record.until - Date.now()) / 60_000),
      secret: left[0].includes(record.verifier),
      app: record.app,
      text: left[0],
      local: localStorage.length,
      requests: calls.length,
      early: flow.redirectState(),
    };
  });
  assert.deepEqual({ ...seen, text: undefined }, {
    busy: null,
    fits: true,
    base: "https://auth.example.com/oauth2/authorize",
    query: {
      response_type: "code",
      client_id: "client",
      redirect_uri: "https://app.example/back",
      scope: "openid notes/read",
      state: true,
      nonce: true,
      code_challenge_method: "S256",
      identity_provider: "My IdP & Co",
      idp_identifier: "corp",
      lang: "pt-BR",
      login_hint: "ann+1@example.com",
      prompt: "select_account",
    },
    minutes: 10,
    secret: false,
    app: "app's own ?&#",
    text: undefined,
    local: 0,
    requests: 0,
    early: null,
  });
  // The app's state stays here: an address is no place for it.
  assert.doesNotMatch(seen.text, /own/);
});

browserTest("without scopes the address names none, and each time all secrets are new", async ({ tab }) => {
  const page = await tab(setup);
  const [scope, ...records] = await page.evaluate(async () => {
    const { flow, left } = await openRedirect();
    const records = [];
    for (let time = 0; time < 3; time += 1) {
      await flow.send({ type: "signInWithRedirect" });
      records.push(kept());
    }
    return [new URL(left[0]).searchParams.get("scope"), ...records];
  });
  assert.equal(scope, null);
  const secrets = records.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
  assert.equal(new Set(secrets).size, 9);
});

browserTest("the code is sent once, as a form, without a preflight", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const first = await openRedirect();
    await first.flow.send({ type: "signInWithRedirect" });
    const { verifier } = kept();
    goBack("a=1&code=the%20code%2B");
    const { flow, calls } = await openRedirect();
    const { busy } = flow.snapshot();
    const accepts = ["cancel", "signIn", "signInWithRedirect"].map(flow.accepts);
    const address = location.pathname + location.search;
    await settled(flow);
    const { step, username, error } = flow.snapshot();
    const form = Object.fromEntries(new URLSearchParams(calls[0].body));
    const fits = form.code_verifier === verifier;
    // A flow that is made later in the same page finds nothing more.
    const second = await openRedirect();
    return {
      ...{ busy, accepts, address, step, username, error, fits },
      call: { ...calls[0], body: { ...form, code_verifier: "" } },
      targets: calls.map(({ target }) => target),
      second: [second.flow.snapshot().busy, second.calls.length],
      left: sessionStorage.length,
    };
  });
  assert.deepEqual(seen, {
    busy: "signInWithRedirect",
    accepts: [true, false, false],
    address: "/?a=1",
    step: "signedIn",
    username: "ann",
    error: null,
    fits: true,
    call: {
      url: "https://auth.example.com/oauth2/token",
      target: undefined,
      type: "application/x-www-form-urlencoded",
      body: {
        client_id: "client",
        grant_type: "authorization_code",
        code: "the code+",
        code_verifier: "",
        redirect_uri: "https://app.example/back",
      },
    },
    targets: [undefined, "GetUser"],
    second: [null, 0],
    left: 0,
  });
});

browserTest("what does not fit is not believed", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const seen = {};
    for (const [what, spoil, reply] of [
      ["another nonce", () => (window.nonce = "another")],
      ["no ID token", () => {}, (nonce) => ({ ...grant(nonce), id_token: undefined })],
      ["no JWT", () => {}, (nonce) => ({ ...grant(nonce), id_token: "id-token" })],
      ["a list", () => {}, () => []],
      ["refused", () => {}, () => Response.json({ error: "invalid_grant" }, { status: 400 })],
      ["a proxy's page", () => {}, () => new Response("<p>", { status: 502 })],
      ["too late", () => change({ until: Date.now() - 1 })],
      ["a clock that was set back", () => change({ until: Date.now() + 3_600_000 })],
      ["no time", () => change({ until: "soon" })],
      ["no verifier", () => change({ verifier: undefined })],
      ["no nonce", () => change({ nonce: 7 })],
    ]) {
      const first = await openRedirect();
      await first.flow.send({ type: "signInWithRedirect", state: "mine" });
      goBack();
      function change(more) {
        const key = Object.keys(sessionStorage)[0];
        sessionStorage.setItem(key, JSON.stringify({ ...kept(), ...more }));
      }
      spoil();
      const { flow, calls } = await openRedirect({ storage: "local" }, { reply });
      await settled(flow);
      const { step, error } = flow.snapshot();
      seen[what] = [step, error.code, calls.length, location.search, flow.redirectState()];
      flow.dispose();
    }
    return { ...seen, kept: [localStorage.length, sessionStorage.length] };
  });
  const failed = (calls, code = "redirectFailed") => ["signedOut", code, calls, "", "mine"];
  assert.deepEqual(seen, {
    "another nonce": failed(1),
    "no ID token": failed(1),
    "no JWT": failed(1),
    "a list": failed(1, "server"),
    "refused": failed(1),
    "a proxy's page": failed(1, "server"),
    "too late": failed(0),
    "a clock that was set back": failed(0),
    "no time": failed(0),
    "no verifier": failed(0),
    "no nonce": failed(0),
    "kept": [0, 0],
  });
});

browserTest("an address that is not for this flow is left alone", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const seen = [];
    const first = await openRedirect({ profile: "work" });
    await first.flow.send({ type: "signInWithRedirect" });
    const { state } = kept();
    for (const query of [
      `code=c&state=${state}x`,
      "code=c&state=",
      "code=c",
      `state=${state}`,
      `code=&state=${state}`,
      `state=other&state=${state}&code=c`,
    ]) {
      history.replaceState(null, "", `/?${query}`);
      const { flow, calls } = await openRedirect({ profile: "work" });
      seen.push(flow.snapshot().busy === null && location.search === `?${query}` && calls.length === 0);
    }
    // That of another profile, or of another pool's flow, is none of this one's.
    goBack();
    const other = await openRedirect({ profile: "" });
    seen.push(other.flow.snapshot().busy === null && location.search.includes(state));
    const own = await openRedirect({ profile: "work" });
    seen.push(own.flow.snapshot().busy === "signInWithRedirect");
    return seen;
  });
  assert.deepEqual(seen, Array(8).fill(true));
});

browserTest("where the page cannot be left it says so, and why", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const broken = new Error("no way out");
    const throwing = () => {
      throw broken;
    };
    const one = await openRedirect({}, { redirect: { navigate: throwing } });
    const first = await one.flow.send({ type: "signInWithRedirect" });
    // And the next time it works.
    const two = await openRedirect();
    Storage.prototype.setItem = () => {};
    const second = await two.flow.send({ type: "signInWithRedirect" });
    const outcome = ({ busy, step, error }) => [busy, step, error.code];
    return [outcome(first), first.error.cause === broken, outcome(second), second.error.cause.message, two.left];
  });
  const failed = [null, "signedOut", "redirectFailed"];
  assert.deepEqual(seen, [failed, true, failed, "sessionStorage keeps nothing", []]);
});

browserTest("whoever comes back can leave, and a late answer signs nobody in", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const first = await openRedirect();
    await first.flow.send({ type: "signInWithRedirect" });
    goBack();
    const { flow } = await openRedirect({ storage: "local" }, { reply: (nonce) => grant(nonce) });
    const { step, busy } = await flow.send({ type: "cancel" });
    await sleep(50);
    return [step, busy, flow.snapshot().step, localStorage.length];
  });
  assert.deepEqual(seen, ["signedOut", null, "signedOut", 0]);
});

browserTest("a flow that is disposed of while it leaves or comes back does nothing more", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    let leaves = 0;
    const navigate = () => {
      leaves += 1;
      leaving.flow.dispose();
    };
    const leaving = await openRedirect({}, { redirect: { navigate } });
    const code = await leaving.flow.send({ type: "signInWithRedirect" }).catch(({ code }) => code);
    const after = await leaving.flow.send({ type: "signInWithRedirect" }).catch(({ code }) => code);

    // As if the page had been left all the same.
    goBack();
    const back = await openRedirect({ storage: "local" });
    const { busy } = back.flow.snapshot();
    back.flow.dispose();
    await sleep(50);
    // What came back was good once: nobody else may be signed in by it.
    const next = await openRedirect({ storage: "local" });
    const operations = back.calls.map(({ target }) => target);
    return {
      ...{ code, after, leaves, busy, operations },
      ...{ step: next.flow.snapshot().step, kept: localStorage.length, query: location.search },
    };
  });
  assert.deepEqual(seen, {
    ...{ code: "disposed", after: "disposed", leaves: 1 },
    ...{ busy: "signInWithRedirect", operations: [undefined] },
    ...{ step: "signedOut", kept: 0, query: "" },
  });
});

browserTest("what a return is known by is in no snapshot, error or record that outlives it", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const shown = [];
    const watch = ({ flow }) => flow.subscribe(() => shown.push(flow.snapshot()));
    const first = await openRedirect();
    watch(first);
    shown.push(await first.flow.send({ type: "signInWithRedirect" }));
    const secrets = [kept().verifier, kept().nonce, kept().state];
    goBack("code=a-code-of-the-pool");
    const refused = () => Response.json({ error: "invalid_grant" }, { status: 400 });
    const back = await openRedirect({ storage: "local" }, { reply: refused });
    watch(back);
    await settled(back.flow);
    shown.push(back.flow.snapshot(), back.flow.redirectState());
    const { code, message, stack, cause } = back.flow.snapshot().error;
    shown.push([code, message, stack, String(cause)], { ...localStorage }, { ...sessionStorage });
    const text = JSON.stringify(shown);
    const told = [...secrets, "a-code-of-the-pool"].filter((secret) => text.includes(secret));
    return { code, told, secrets: new Set(secrets.map((secret) => typeof secret)).size };
  });
  assert.deepEqual(seen, { code: "redirectFailed", told: [], secrets: 1 });
});

browserTest("an option that is not what it must be is malformed, and named", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const seen = [];
    const domains = [
      7, "", "http://auth.example.com", "ftp://a.example", "https://u:p@a.example", "a.example?x", "a.example#x",
      "https://", "a b.example", "http://127.0.0.1.example.com", "javascript:alert(1)", "//a.example", "\\a.example",
      "http://localhost.example.com",
    ];
    for (const redirect of [
      ...domains.map((domain) => ({ domain })),
      { redirectUri: undefined },
      { redirectUri: "" },
      { signOutUri: 7 },
      { scopes: "openid" },
      { scopes: ["email"] },
      { scopes: ["openid", 7] },
      { navigate: "assign" },
    ]) {
      const error = await refusal(openRedirect({}, { redirect }));
      seen.push(`${error?.code} ${/`(.+?)`/.exec(error?.message)?.[1]}`);
    }
    for (const redirect of [7, "auth.example.com", true]) {
      const error = await refusal(openRedirect({ redirect }));
      seen.push(`${error?.code} ${/`(.+?)`/.exec(error?.message)?.[1]}`);
    }
    const fine = [];
    for (const domain of [
      "auth.example.com", "https://auth.example.com/", "http://localhost:9229", "http://127.0.0.1:1/", "http://[::1]:1",
      "https://host.example/login//", "demo.localhost:8443",
    ]) {
      const { flow, left } = await openRedirect({}, { redirect: { domain } });
      await flow.send({ type: "signInWithRedirect" });
      fine.push(left[0].split("?")[0]);
    }
    return { seen, fine };
  });
  const of = (member, count) => Array(count).fill(`malformed redirect.${member}`);
  assert.deepEqual(seen.seen, [
    ...of("domain", 14),
    ...of("redirectUri", 2),
    ...of("signOutUri", 1),
    ...of("scopes", 3),
    ...of("navigate", 1),
    ...of("domain", 3),
  ]);
  assert.deepEqual(seen.fine, [
    "https://auth.example.com/oauth2/authorize",
    "https://auth.example.com/oauth2/authorize",
    "http://localhost:9229/oauth2/authorize",
    "http://127.0.0.1:1/oauth2/authorize",
    "http://[::1]:1/oauth2/authorize",
    "https://host.example/login/oauth2/authorize",
    "https://demo.localhost:8443/oauth2/authorize",
  ]);
});

browserTest("whoever does not use it does not load it, and can go nowhere", async ({ tab }) => {
  const page = await tab();
  const loaded = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  const seen = await page.evaluate(async () => {
    history.replaceState(null, "", "/?code=c&state=s");
    const { flow } = await open({});
    const { code } = await refusal(flow.send({ type: "signInWithRedirect" }));
    return [flow.accepts("signInWithRedirect"), code, location.search, flow.redirectState()];
  });
  assert.deepEqual(seen, [false, "notAccepted", "?code=c&state=s", null]);
  assert.deepEqual(loaded.filter((path) => path.includes("redirect")), []);
});

browserTest("what a prototype says is no option, no record and no reply", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    Object.assign(Object.prototype, {
      redirect: { domain: "evil.example", redirectUri: "https://evil.example/" },
      signOutUri: "https://evil.example/",
      navigate: () => (window.wasCalled = true),
      scopes: ["openid", "evil"],
      nonce: "evil",
      state: "evil",
      error: "evil",
      "cognito:username": "evil",
    });
    const plain = await createFlow({ userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client" });
    const without = plain.accepts("signInWithRedirect");
    const first = await openRedirect();
    await first.flow.send({ type: "signInWithRedirect" });
    const query = new URL(first.left[0]).searchParams;
    history.replaceState(null, "", "/?code=c&state=evil");
    const foreign = (await openRedirect()).flow.snapshot().busy;
    goBack();
    const { flow, left } = await openRedirect();
    await settled(flow);
    const { step, username } = flow.snapshot();
    await flow.send({ type: "signOut" });
    return [without, query.get("scope"), foreign, step, username, left.length, window.wasCalled === undefined];
  });
  assert.deepEqual(seen, [false, null, null, "signedIn", "ann", 0, true]);
});

browserTest("signing out tells the pool first, then leaves", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const signOutUri = "https://app.example/?left&x=1";
    const first = await openRedirect();
    await first.flow.send({ type: "signInWithRedirect" });
    goBack();
    const { flow, left, calls } = await openRedirect({ storage: "session" }, { redirect: { signOutUri } });
    await settled(flow);
    const { step, username } = await flow.send({ type: "signOut" });
    const [url] = left;
    return {
      ...{ step, username, left: left.length, last: calls.at(-1).target, kept: sessionStorage.length },
      base: url.split("?")[0],
      query: Object.fromEntries(new URL(url).searchParams),
    };
  });
  assert.deepEqual(seen, {
    step: "signedOut",
    username: null,
    left: 1,
    last: "RevokeToken",
    kept: 0,
    base: "https://auth.example.com/logout",
    query: { client_id: "client", logout_uri: "https://app.example/?left&x=1" },
  });
});
