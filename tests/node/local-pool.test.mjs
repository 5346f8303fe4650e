// The embedded pool's managed login: what a page that shows it in a frame works with.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createLocalPool } from "../../build/pool/local-pool.js";

const wasm = await readFile(new URL("../../build/pool/cognito_pool_bg.wasm", import.meta.url));
const CALLBACK = "https://app.example.com/";
const ENDPOINT = "https://pool.invalid";

async function poolWithPages(state) {
  const pool = await createLocalPool({ wasm, state, options: { endpoint: ENDPOINT } });
  if (state === undefined) {
    pool.createUserPool({
      Id: "eu-west-1_Pages",
      PoolName: "pages",
      Domain: "pages",
      AutoVerifiedAttributes: ["email"],
      IdentityProviders: [
        { ProviderName: "Google", ProviderType: "Google", ProviderDetails: {} },
        { ProviderName: "A&B<i>", ProviderType: "OIDC", ProviderDetails: {} },
      ],
      Clients: [
        {
          ClientId: "pages",
          CallbackURLs: [CALLBACK],
          AllowedOAuthFlowsUserPoolClient: true,
          AllowedOAuthFlows: ["code"],
          AllowedOAuthScopes: ["openid", "email", "aws.cognito.signin.user.admin"],
          SupportedIdentityProviders: ["COGNITO", "Google", "A&B<i>"],
        },
      ],
    });
  }
  return pool;
}

function asking(more = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "pages",
    redirect_uri: CALLBACK,
    scope: "openid aws.cognito.signin.user.admin",
    state: "s-1",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...more,
  });
  return { verifier, address: `${ENDPOINT}/oauth2/authorize?${query}` };
}

/** Fills in the form of a page that has the first of the fields. */
function submit(pool, shown, fields, options = {}) {
  const forms = shown.body.split("<form ").slice(1);
  const form = forms.find((form) => form.includes(`name="${Object.keys(fields)[0]}"`));
  const text = (html) => html.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const action = text(/action="([^"]*)"/.exec(form)[1]);
  const hidden = form.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const body = new URLSearchParams([...hidden].map(([, name, value]) => [name, text(value)]));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return pool.page(action, { ...options, method: "POST", body });
}

async function exchange(pool, away, verifier) {
  const url = new URL(away);
  assert.equal(url.origin + url.pathname, CALLBACK);
  assert.equal(url.searchParams.get("state"), "s-1");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: "pages",
    redirect_uri: CALLBACK,
    code: url.searchParams.get("code"),
    code_verifier: verifier,
  });
  const reply = await pool.fetch(`${ENDPOINT}/oauth2/token`, { method: "POST", body });
  return { status: reply.status, tokens: await reply.json() };
}

test("from signing up to tokens, page by page", async () => {
  const pool = await poolWithPages();
  const { verifier, address } = asking();
  let shown = pool.page(address);
  assert.equal(shown.title, "Sign in");
  assert.match(shown.url, /^\/login\?/);
  const to = shown.url.replace("/login", "/signup");
  const email = "ada@example.com";
  const password = "Correct-horse-7";
  shown = submit(pool, pool.page(to), { username: "ada", password, "attribute.email": email });
  assert.equal(shown.title, "Confirm your account");
  shown = submit(pool, shown, { code: pool.outbox(email).at(-1).code });
  shown = submit(pool, shown, { username: "ada", password: "wrong" });
  assert.equal(shown.status, 400);
  shown = submit(pool, shown, { username: "ada", password });
  const { status, tokens } = await exchange(pool, shown.away, verifier);
  assert.equal(status, 200);
  assert.equal(pool.call("GetUser", { AccessToken: tokens.access_token }).Username, "ada");
  // The pool knows the browser again, and the person may leave.
  assert.match(pool.page(asking({ prompt: "none" }).address).away, /\?code=/);
  const logout = new URLSearchParams(new URL(address).search);
  assert.equal(pool.page(`/logout?${logout}`).title, "Sign in");
  assert.match(pool.page(asking({ prompt: "none" }).address).away, /\?error=login_required/);
});

test("cookies can outlive the pool's object, as its state does", async () => {
  const cookies = new Map();
  const first = await poolWithPages();
  const shown = first.page(asking({ identity_provider: "Google" }).address, { cookies });
  assert.equal(shown.title, "Sign in with Google");
  assert.match(submit(first, shown, { sub: "1" }, { cookies }).away, /\?code=/);
  const second = await poolWithPages(first.save());
  assert.match(second.page(asking({ prompt: "none" }).address, { cookies }).away, /\?code=/);
  assert.match(second.page(asking({ prompt: "none" }).address).away, /login_required/);
});

test("a title is text, a page is escaped", async () => {
  const pool = await poolWithPages();
  const shown = pool.page(asking({ identity_provider: "A&B<i>" }).address);
  assert.equal(shown.title, "Sign in with A&B<i>");
  assert.match(shown.body, /<h1>Sign in with A&amp;B&lt;i&gt;<\/h1>/);
});
