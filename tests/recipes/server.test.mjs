// What docs/server.md says of a server: which tokens `aws-jwt-verify` takes, and the cookie that holds one.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/lib/run.mjs";
import { recipeFiles } from "../packaging/examples.mjs";
import { startBrowser } from "../packaging/page.mjs";
import { startPool } from "../packaging/pool.mjs";
import { temporaryFolder } from "../packaging/scratch.mjs";
import "./support.mjs";

const { createFlow } = await import(join(root, "dist/index.js"));
const { sessionCookie } = await import("./server/session-cookie.mjs");

const REGION = "https://cognito-idp.eu-west-1.amazonaws.com";
const PASSWORD = "Correct-Horse-7";
const temporary = temporaryFolder();
let pool;
let stranger;
let app;
let cookie;
let chrome;
/** Those of people who signed in by SRP, at the pool and at one that says that it is that. */
let ours;
let theirs;

before(async () => {
  const key = join(temporary.folder, "key.pem");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
  [pool, stranger] = [await startPool(`--issuer=${REGION}`), await startPool(`--issuer=${REGION}`, `--key=${key}`)];
  process.env.LOCAL_POOL = pool.settings.endpoint;
  [ours, theirs] = [await tokens(pool), await tokens(stranger)];
  app = await startApp();
  chrome = await startBrowser();
});
after(async () => {
  await chrome?.close();
  await app?.close();
  await pool?.stop();
  await stranger?.stop();
  temporary.remove();
});

test("a token of the pool is taken, by the keys at the pool's own address", async () => {
  const { status, set } = await post({ token: ours.accessToken });
  assert.equal(status, 204);
  assert.match(set, /^__Host-session=[\w.-]+; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=\d+$/);
  const seconds = Number(/\d+$/.exec(set)[0]);
  assert.ok(seconds > 3500 && seconds <= 3600, `${seconds} s`);
  const claims = await ask(set.split(";")[0]);
  assert.equal(claims.username, "ann");
  assert.equal(await ask(`other=1; ${set.split(";")[0]}; more=2`).then((it) => it.username), "ann");
});

test("no other token is", async () => {
  const [head, body, signature] = ours.accessToken.split(".");
  const changed = (change) => {
    const claims = JSON.parse(Buffer.from(body, "base64url"));
    return Buffer.from(JSON.stringify({ ...claims, ...change })).toString("base64url");
  };
  const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  const others = {
    "none": null,
    "of another pool, in this one's name": theirs.accessToken,
    "that says who one is, and opens nothing": ours.idToken,
    "of somebody else": `${head}.${changed({ username: "bob" })}.${signature}`,
    "that never ends": `${head}.${changed({ exp: 9_999_999_999 })}.${signature}`,
    "unsigned": `${none}.${body}.`,
    "cut off": ours.accessToken.slice(0, -4),
    "no token": "a.b.c",
  };
  for (const [name, token] of Object.entries(others)) {
    assert.deepEqual(await post({ token }), { status: 401, set: null }, name);
    if (token !== null) assert.equal(await ask(`__Host-session=${token}`), null, name);
  }
  const elsewhere = sessionCookie({ ...pool.settings, clientId: "1otherclient", origin: app.origin });
  const request = new Request(app.origin, { headers: { cookie: `__Host-session=${ours.accessToken}` } });
  assert.equal(await elsewhere.whoAsks(request), null, "of another app client");
});

test("nobody but the app's own pages sets or clears it", async () => {
  for (const origin of [null, "null", "https://evil.example", `${app.origin}.evil.example`]) {
    assert.deepEqual(await post({ token: ours.accessToken, origin }), { status: 403, set: null }, origin);
    assert.deepEqual(await post({ method: "DELETE", origin }), { status: 403, set: null }, origin);
  }
  const { status, set } = await post({ method: "DELETE" });
  assert.equal(status, 204);
  assert.match(set, /^__Host-session=; .*HttpOnly; Secure; SameSite=Lax; Max-Age=0$/);
  assert.equal((await post({ method: "GET" })).status, 405);
});

test("where the keys cannot be had, nobody is told that they are not signed in", async () => {
  const { endpoint } = pool.settings;
  process.env.LOCAL_POOL = "http://127.0.0.1:9";
  try {
    const fresh = sessionCookie({ ...pool.settings, origin: app.origin });
    const request = new Request(app.origin, { headers: { cookie: `__Host-session=${ours.accessToken}` } });
    await assert.rejects(fresh.whoAsks(request), { name: "Error", message: /ECONNREFUSED|fetch/ });
  } finally {
    process.env.LOCAL_POOL = endpoint;
  }
});

test("docs/frameworks.md and docs/server.md show the recipes as they are", () => {
  const files = recipeFiles();
  for (const page of ["frameworks", "server"]) {
    const text = readFileSync(join(root, `docs/${page}.md`), "utf8");
    const blocks = [...text.matchAll(/^\[`(.+?)`\]\(\.\.\/tests\/recipes\/(.+?)\):\n\n```\w+\n(.*?)^```$/gms)];
    assert.equal(blocks.length, text.match(/^```(?!sh$)\w+$/gm).length, page);
    for (const [, name, path, code] of blocks) {
      assert.ok(path.endsWith(`/${name}`), name);
      assert.equal(code, files.get(path), path);
    }
  }
});

test("the handler has sixty lines at most", () => {
  const text = readFileSync(join(import.meta.dirname, "server/session-cookie.mjs"), "utf8");
  assert.ok(text.trimEnd().split("\n").length <= 60);
});

test("a page keeps it: after the sign-in, with each new token, and until the sign-out", { timeout: 60_000 }, async () => {
  const context = await chrome.newContext();
  const faults = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.addInitScript((settings) => (window.settings = settings), pool.settings);
    await page.goto(app.origin);
    await page.waitForFunction(() => window.flow !== undefined);
    const me = () => page.evaluate(() => fetch("/me").then((reply) => reply.json()));
    const until = async (holds) => {
      for (let tries = 0; !(await holds()); tries += 1) {
        assert.ok(tries < 100, String(holds));
        await new Promise((done) => setTimeout(done, 100));
      }
    };
    const kept = async () => (await context.cookies()).find(({ name }) => name === "__Host-session");

    assert.equal(await me(), null);
    await page.evaluate((password) => flow.send({ type: "signIn", username: "ann", password }), PASSWORD);
    await until(async () => (await me())?.username === "ann");
    const first = await kept();
    assert.ok(first.httpOnly && first.secure && first.sameSite === "Lax");
    assert.equal(await page.evaluate(() => document.cookie), "");
    // It is the server's: the token that it holds is that of the page, which alone can renew it.
    assert.equal(first.value, await page.evaluate(() => flow.session().then((it) => it.accessToken)));

    // Tokens tell their time in seconds.
    await new Promise((done) => setTimeout(done, 1_100));
    await page.evaluate(() => flow.session({ refresh: true }));
    await until(async () => (await kept()).value !== first.value);
    assert.equal((await me()).username, "ann");

    const other = await context.newPage();
    await other.addInitScript((settings) => (window.settings = settings), pool.settings);
    await other.goto(app.origin);
    await other.waitForFunction(() => window.stop !== undefined && flow.snapshot().step === "signedOut");
    await other.waitForTimeout(300);
    assert.ok(await kept(), "a tab with nobody in it leaves the cookie");

    await page.reload();
    await page.waitForFunction(() => window.flow?.snapshot().step === "signedIn");
    await page.evaluate(() => flow.send({ type: "signOut" }));
    await until(async () => (await kept()) === undefined);
    assert.equal(await me(), null);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
});

async function tokens({ addUser, settings }) {
  await addUser("ann", PASSWORD);
  const flow = await createFlow({ ...settings, verify: { when: "never" } });
  await flow.send({ type: "signIn", username: "ann", password: PASSWORD });
  const session = await flow.session();
  flow.dispose();
  return session;
}

async function post({ token = null, method = "POST", origin = app.origin }) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(origin && { origin }) };
  const reply = await fetch(`${app.origin}/session`, { method, headers });
  return { status: reply.status, set: reply.headers.get("set-cookie") };
}

const ask = (cookie) => fetch(`${app.origin}/me`, { headers: { cookie } }).then((reply) => reply.json());

/** The handler behind Node's own server, and the page. */
async function startApp() {
  const files = {
    "/": join(import.meta.dirname, "server/page.html"),
    "/page.js": join(import.meta.dirname, "server/page.js"),
    "/keep-cookie.js": join(import.meta.dirname, "server/keep-cookie.js"),
    ...Object.fromEntries(["index.js", "passkeys.js"].map((name) => [`/cognito-flow/${name}`, join(root, "dist", name)])),
  };
  const answer = async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/session") return cookie.handle(request);
    if (pathname === "/me") return Response.json(await cookie.whoAsks(request));
    if (!files[pathname]) return new Response(null, { status: 404 });
    const type = pathname.endsWith(".js") ? "text/javascript" : "text/html";
    return new Response(readFileSync(files[pathname]), { headers: { "content-type": type } });
  };
  const server = createServer(async ({ method, url, headers }, reply) => {
    const given = Object.entries(headers).filter(([name]) => ["authorization", "cookie", "origin"].includes(name));
    const { status, headers: said, body } = await answer(new Request(new URL(url, app.origin), { method, headers: given }));
    reply.writeHead(status, Object.fromEntries(said));
    reply.end(body && Buffer.from(await new Response(body).arrayBuffer()));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  cookie = sessionCookie({ ...pool.settings, origin });
  return {
    origin,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
