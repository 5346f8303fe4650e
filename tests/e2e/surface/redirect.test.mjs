// Signing in on the pages of the pool's domain, and coming back: with the local pool's server for a
// domain, and by script where it is the page alone that counts.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { root, targetDir } from "../../../scripts/lib/run.mjs";
import { LOOPBACK, contentSecurityPolicy, serve } from "../../../scripts/lib/serve.mjs";
import { arrives, browserTest, stepBack } from "./support.mjs";

const PERSON = { username: "ann", password: "Correct-horse-7" };
const USER_POOL = { userPoolId: "eu-west-1_Redirect1", clientId: "redirect0client" };
const TEXT = { "content-type": "application/x-amz-json-1.1" };
const ALL = ["openid", "email", "profile", "aws.cognito.signin.user.admin"];

const folder = mkdtempSync(join(tmpdir(), "redirect-"));
let pages;
let site;
let pool;
let endpoint;

before(async () => {
  pages = await serve({
    mounts: { "/": fileURLToPath(new URL("page", import.meta.url)), "/cognito-flow/": join(root, "dist") },
    headers: { "content-security-policy": contentSecurityPolicy(LOOPBACK) },
  });
  site = `http://localhost:${pages.port}/`;
  const client = {
    ClientId: USER_POOL.clientId,
    ClientName: "app",
    ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    CallbackURLs: [site, `${site}?view=back&flag`],
    LogoutURLs: [`${site}?view=left`],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: ALL,
    SupportedIdentityProviders: ["COGNITO", "Google"],
  };
  const description = {
    Id: USER_POOL.userPoolId,
    PoolName: "redirect",
    Domain: "redirect",
    IdentityProviders: [
      { ProviderName: "Google", ProviderType: "Google", ProviderDetails: { client_id: "any" } },
    ],
    Clients: [client],
  };
  const file = join(folder, "pool.json");
  writeFileSync(file, JSON.stringify(description));
  const build = ["build", "--quiet", "--locked", "--package=cognito-pool", "--bin=cognito-pool"];
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir };
  const built = spawnSync("cargo", build, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  assert.equal(built.status, 0, "the server could not be built");
  const args = ["--listen", "127.0.0.1:0", "--seed", "1", "--log", "off", "--pool", file];
  pool = spawn(join(targetDir, "debug/cognito-pool"), args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: pool.stdout }), "line");
  endpoint = /http:\/\/[\d.:]+/.exec(line)[0];
  const UserPoolId = USER_POOL.userPoolId;
  const { username: Username, password: Password } = PERSON;
  const UserAttributes = [
    { Name: "email", Value: "ann@example.com" },
    { Name: "email_verified", Value: "true" },
  ];
  await admin("AdminCreateUser", { UserPoolId, Username, UserAttributes, MessageAction: "SUPPRESS" });
  await admin("AdminSetUserPassword", { UserPoolId, Username, Password, Permanent: true });
});

after(async () => {
  if (pool) {
    const exit = once(pool, "exit");
    pool.kill("SIGTERM");
    await exit;
  }
  await pages?.close();
  rmSync(folder, { recursive: true });
});

async function admin(operation, input) {
  const headers = { ...TEXT, "x-amz-target": `AWSCognitoIdentityProviderService.${operation}` };
  const reply = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  assert.equal(reply.status, 200, `${operation}: ${await reply.clone().text()}`);
}

/** A page of the app, and `flow` in it. `more` are options over those that all tests have. */
async function appIn(page, more = {}, redirect = {}) {
  await page.waitForFunction(() => window.ready);
  const options = {
    ...USER_POOL,
    endpoint,
    storage: "local",
    redirect: { domain: endpoint, redirectUri: site, ...redirect },
    ...more,
  };
  return page.evaluate(async (options) => {
    window.flow = await createFlow(options);
    const { busy } = flow.snapshot();
    await until(() => flow.snapshot().busy === null);
    return { ...flow.snapshot(), busy, address: location.href };
  }, options);
}

async function leave(page, event = {}, path = /\/login/) {
  await Promise.all([
    arrives(page, path),
    page.evaluate((event) => void flow.send({ type: "signInWithRedirect", ...event }), event),
  ]);
}

/** Signs in on the pool's page, and is back. */
async function signInThere(page) {
  await page.fill("[name=username]", PERSON.username);
  await page.fill("[name=password]", PERSON.password);
  await Promise.all([arrives(page, site), page.click("button:has-text('Sign in')")]);
}

const kept = (page) => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

browserTest("there and back: signed in, with nothing left in the address or kept", async ({ context }) => {
  const page = await context.newPage();
  const redirectUri = `${site}?view=back&flag`;
  await page.goto(site);
  await appIn(page, {}, { redirectUri });
  await leave(page, { state: '{"to":"/cart?é"}', lang: "en" });
  await signInThere(page);
  const before = await page.evaluate(() => [location.search, history.length]);
  assert.match(before[0], /^\?view=back&flag(=)?&code=[^&]+&state=[0-9a-f]+$/);
  await page.waitForFunction(() => window.ready);
  await page.evaluate(() => history.replaceState({ app: 1 }, "", `${location.href}#part`));
  const seen = await appIn(page, {}, { redirectUri });
  assert.equal(seen.busy, "signInWithRedirect");
  assert.deepEqual([seen.step, seen.error, seen.username], ["signedIn", null, "ann"]);
  assert.equal(seen.attributes.email, "ann@example.com");
  assert.match(seen.address, /\?view=back&flag(=)?#part$/);
  const after = await page.evaluate(async () => {
    const { accessToken, idToken } = await flow.session();
    return {
      state: flow.redirectState(),
      app: history.state,
      tab: Object.keys(sessionStorage),
      lengths: [accessToken, idToken].map((token) => token.split(".").length),
      factors: await flow.account.factors(),
    };
  });
  assert.deepEqual(after, {
    state: '{"to":"/cart?é"}',
    app: { app: 1 },
    tab: [],
    lengths: [3, 3],
    factors: ["password"],
  });
  // The domain refreshes what it gave; after a reload the session is there, and nobody is busy.
  const [first, second] = await page.evaluate(async () => {
    const before = await flow.session();
    const after = await flow.session({ refresh: true });
    return [before, after].map(({ accessToken }) => accessToken);
  });
  assert.notEqual(first, second);
  await page.reload();
  const again = await appIn(page, {}, { redirectUri });
  assert.deepEqual([again.busy, again.step, again.username], [null, "signedIn", "ann"]);
  assert.equal(await page.evaluate(() => flow.redirectState()), null);
});

browserTest("an identity provider's user comes by its page, and leaves by the domain's", async ({ context }) => {
  const page = await context.newPage();
  const signOutUri = `${site}?view=left`;
  // Nobody has said that the provider's address is verified.
  const more = { verify: { when: "never" } };
  await page.goto(site);
  await appIn(page, more, { signOutUri });
  await leave(page, { provider: "Google" }, /\/idp/);
  await page.fill("[name=sub]", "1234");
  await page.fill("[name=email]", "bob@example.com");
  await Promise.all([arrives(page, site), page.click("button:has-text('Go on')")]);
  const seen = await appIn(page, more, { signOutUri });
  assert.deepEqual([seen.step, seen.error], ["signedIn", null]);
  assert.match(seen.username, /^google_1234$/i);
  assert.equal(seen.attributes.email, "bob@example.com");
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await Promise.all([
    arrives(page, signOutUri),
    page.evaluate(() => void flow.send({ type: "signOut" })),
  ]);
  const logout = new URL(requests.find((url) => url.includes("/logout")));
  assert.deepEqual(Object.fromEntries(logout.searchParams), {
    client_id: USER_POOL.clientId,
    logout_uri: signOutUri,
  });
  const left = await appIn(page, more, { signOutUri });
  assert.deepEqual([left.step, left.username], ["signedOut", null]);
  assert.doesNotMatch(await kept(page), /oken/);
  // Nor does the domain remember anybody.
  await leave(page);
  assert.equal(await page.locator("button:has-text('Continue as')").count(), 0);
});

browserTest("whoever turns back there comes back with the provider's words", async ({ context }) => {
  const page = await context.newPage();
  await page.goto(site);
  await appIn(page);
  await leave(page, { provider: "Google", state: "here" }, /\/idp/);
  await Promise.all([arrives(page, site), page.click("button:has-text('Cancel')")]);
  const seen = await appIn(page);
  assert.deepEqual([seen.step, seen.busy, seen.error.code], ["signedOut", null, "redirectFailed"]);
  assert.equal(seen.error.server, "access_denied");
  assert.equal(seen.address, site);
  assert.equal(await page.evaluate(() => flow.redirectState()), "here");
  // And can try again.
  await leave(page);
  await signInThere(page);
  assert.equal((await appIn(page)).step, "signedIn");
});

browserTest("a step back is not busy, and the way there is open again", async ({ context }) => {
  const page = await context.newPage();
  await page.goto(site);
  await appIn(page);
  await leave(page);
  await stepBack(page, site);
  await page.waitForFunction(() => window.ready);
  const isSame = await page.evaluate(() => window.flow !== undefined);
  const seen = isSame ? await page.evaluate(() => flow.snapshot()) : await appIn(page);
  assert.deepEqual([seen.busy, seen.step, seen.error], [null, "signedOut", null]);
  await leave(page);
  await signInThere(page);
  assert.equal((await appIn(page)).step, "signedIn");
  // Back over what was done: the address there has no code, and the session is there.
  await stepBack(page, endpoint);
  await stepBack(page, site);
  await page.waitForFunction(() => window.ready);
  const back = await appIn(page);
  assert.deepEqual([back.step, back.error], ["signedIn", null]);
});

browserTest("two tabs go there at once, and each is back in its own", async ({ context }) => {
  const [one, two] = [await context.newPage(), await context.newPage()];
  for (const page of [one, two]) {
    await page.goto(site);
    await appIn(page, { storage: "session" });
    await leave(page);
  }
  await signInThere(one);
  const first = await appIn(one, { storage: "session" });
  assert.equal(first.step, "signedIn");
  // The code of one is nobody's in the other.
  const foreign = await one.evaluate(() => location.href);
  assert.equal(foreign, site);
  await two.fill("[name=username]", PERSON.username).catch(() => {});
  await two.fill("[name=password]", PERSON.password).catch(() => {});
  await Promise.all([arrives(two, site), two.click("button:has-text('Sign in')")]);
  assert.equal((await appIn(two, { storage: "session" })).step, "signedIn");
});

browserTest("tokens without the scope are a session without attributes, and it says so", async ({ context }) => {
  const page = await context.newPage();
  const scopes = ["openid", "email"];
  await page.goto(site);
  await appIn(page, {}, { scopes });
  await leave(page);
  await signInThere(page);
  const seen = await appIn(page, {}, { scopes });
  assert.deepEqual([seen.step, seen.error.code, seen.username], ["signedIn", "refused", "ann"]);
  assert.deepEqual([seen.attributes, seen.unverified], [{}, ["phone_number", "email"]]);
  const [before, after] = await page.evaluate(async () => [
    (await flow.session()).accessToken,
    (await flow.session({ refresh: true })).accessToken,
  ]);
  assert.notEqual(before, after);
});

browserTest("a code that somebody else sends is left where it is, and no request is made", async ({ context }) => {
  const page = await context.newPage();
  await page.goto(site);
  await appIn(page);
  await leave(page);
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  for (const query of ["?code=attackers&state=attackers", "?code=x", "?state=x", "?error=access_denied"]) {
    await page.goto(site + query);
    const seen = await appIn(page);
    assert.deepEqual([seen.busy, seen.step, seen.error], [null, "signedOut", null]);
    assert.equal(seen.address, site + query);
  }
  assert.deepEqual(requests.filter((url) => url.includes("/oauth2/token")), []);
  // What this tab has begun is not spoilt by it.
  await page.goto(site);
  await page.waitForFunction(() => window.ready);
  assert.match(await kept(page), /verifier/);
});
