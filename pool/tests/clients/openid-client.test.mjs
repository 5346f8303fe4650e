// openid-client (and oauth4webapi, which it stands on): an OpenID Connect client that knows nothing
// of Cognito finds the endpoints by itself and checks every answer. The person's part, the pages, is
// played by a browser of a few lines.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as client from "openid-client";
import { person, startServer } from "./server.mjs";

const POOL = "eu-west-1_Pages";
const CALLBACK = "http://localhost:8080/callback";
const SCOPE = "openid email https://notes.example.com/read";
const INSECURE = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };

let server;
let app;

before(async () => {
  server = await startServer(["--pool", join(import.meta.dirname, "pages.toml")]);
  const id = "pages0client0000000000000";
  app = await client.discovery(issuer(), id, undefined, client.None(), INSECURE);
});
after(() => server?.stop());

const issuer = () => new URL(`${server.endpoint}/${POOL}`);

/** A browser: cookies, redirects, the form that has a field. */
function browser() {
  const cookies = new Map();
  let page = { url: "", html: "" };
  async function go(url, init = {}) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { ...init.headers, cookie };
    const reply = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of reply.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split("=");
      cookies.set(name, value);
    }
    const location = reply.headers.get("location");
    if (location === null) {
      page = { url, html: await reply.text() };
      return null;
    }
    const next = new URL(location, url);
    return next.origin === new URL(server.endpoint).origin ? go(next) : next;
  }
  return {
    go,
    submit(fields) {
      const [field] = Object.keys(fields);
      const form = page.html.split("<form ").find((form) => form.includes(`name="${field}"`));
      assert.ok(form, `no form with ${field}: ${page.html}`);
      const text = (html) => html.replaceAll("&amp;", "&").replaceAll("&quot;", '"');
      const hidden = form.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g);
      const body = new URLSearchParams([...hidden].map(([, name, value]) => [name, text(value)]));
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      const action = new URL(text(/action="([^"]*)"/.exec(form)[1]), page.url);
      return go(action, { method: "POST", body, headers: { origin: action.origin } });
    },
  };
}

/** What an app sends a browser off with, and what it checks when it comes back. */
async function asking(more = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const url = client.buildAuthorizationUrl(app, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...more,
  });
  return { url, checks };
}

async function call(operation, input) {
  const target = `AWSCognitoIdentityProviderService.${operation}`;
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  const reply = await fetch(server.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  assert.equal(reply.status, 200, await reply.clone().text());
}

test("a person signs in, the tokens are checked, refreshed and revoked", async () => {
  const who = person();
  const named = { UserPoolId: POOL, Username: who.username };
  await call("AdminCreateUser", {
    ...named,
    MessageAction: "SUPPRESS",
    UserAttributes: [{ Name: "email", Value: who.email }],
  });
  await call("AdminSetUserPassword", { ...named, Password: who.password, Permanent: true });
  const window = browser();
  const { url, checks } = await asking();
  assert.equal(await window.go(url), null);
  assert.equal(await window.submit({ username: who.username, password: "wrong" }), null);
  const back = await window.submit({ username: who.username, password: who.password });
  const tokens = await client.authorizationCodeGrant(app, back, checks);
  assert.equal(tokens.scope ?? SCOPE, SCOPE);
  const { sub, email } = tokens.claims();
  assert.equal(email, who.email);
  const info = await client.fetchUserInfo(app, tokens.access_token, sub);
  assert.equal(info.username, who.username);
  const refreshed = await client.refreshTokenGrant(app, tokens.refresh_token);
  assert.equal(refreshed.claims().sub, sub);

  // The code was good once.
  await assert.rejects(client.authorizationCodeGrant(app, back, checks), { error: "invalid_grant" });
  // Whoever signed in is known for a while.
  const silent = await asking({ prompt: "none" });
  const again = await window.go(silent.url);
  await client.authorizationCodeGrant(app, again, silent.checks);

  await client.tokenRevocation(app, tokens.refresh_token);
  const refresh = client.refreshTokenGrant(app, tokens.refresh_token);
  await assert.rejects(refresh, { error: "invalid_grant" });
  await assert.rejects(client.fetchUserInfo(app, tokens.access_token, sub));
  const goodbye = new URL(app.serverMetadata().end_session_endpoint);
  goodbye.search = new URLSearchParams({
    client_id: app.clientMetadata().client_id,
    logout_uri: "http://localhost:8080/",
  });
  assert.equal(String(await window.go(goodbye)), "http://localhost:8080/");
});

test("a person comes by an identity provider, or turns back", async () => {
  const window = browser();
  const { url, checks } = await asking({ identity_provider: "Google" });
  assert.equal(await window.go(url), null);
  const back = await window.submit({ sub: "1234", email: "ada@example.com" });
  const tokens = await client.authorizationCodeGrant(app, back, checks);
  assert.equal(tokens.claims()["cognito:username"], "Google_1234");
  const other = await asking({ identity_provider: "Google", prompt: "login" });
  await window.go(other.url);
  const turned = await window.submit({ sub: "", action: "cancel" });
  const refused = client.authorizationCodeGrant(app, turned, other.checks);
  await assert.rejects(refused, { error: "access_denied" });
});

test("somebody else's verifier, and nobody signed in", async () => {
  const window = browser();
  const { url, checks } = await asking({ prompt: "none" });
  const nobody = await window.go(url);
  const refused = client.authorizationCodeGrant(app, nobody, checks);
  await assert.rejects(refused, { error: "login_required" });
  const wish = await asking({ identity_provider: "Google" });
  await window.go(wish.url);
  const back = await window.submit({ sub: "5", email: "" });
  const theirs = { ...wish.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  await assert.rejects(client.authorizationCodeGrant(app, back, theirs), { error: "invalid_grant" });
});

for (const [how, authentication] of [
  ["header", client.ClientSecretBasic],
  ["form", client.ClientSecretPost],
]) {
  test(`a client calls in its own name, its secret in the ${how}`, async () => {
    const secret = "aSecretThatOnlyThisTestHas0123456789abcdefghijklmno";
    const id = "pages0machine000000000000";
    const machine = await client.discovery(issuer(), id, undefined, authentication(secret), INSECURE);
    const tokens = await client.clientCredentialsGrant(machine);
    const claims = JSON.parse(Buffer.from(tokens.access_token.split(".")[1], "base64url"));
    assert.equal(claims.scope, "https://notes.example.com/read");
    const wrong = client.clientCredentialsGrant(machine, { scope: "openid" });
    await assert.rejects(wrong, { error: "invalid_scope" });
    const thief = await client.discovery(issuer(), id, undefined, authentication("guess"), INSECURE);
    await assert.rejects(client.clientCredentialsGrant(thief), { error: "invalid_client" });
  });
}
