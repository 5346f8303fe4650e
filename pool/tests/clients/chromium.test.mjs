// Passkeys of a browser: Chromium, with the authenticator that it has for tests, and the AWS SDK v3
// between it and the pool.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-cognito-identity-provider";
import { chromium } from "playwright-core";
import { person, startServer } from "./server.mjs";

const FACTORS = ["PASSWORD", "WEB_AUTHN"];
const INTERNAL = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

let server;
let site;
let browser;
let call;
before(async () => {
  server = await startServer();
  const client = new sdk.CognitoIdentityProviderClient({
    endpoint: server.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  call = (operation, input) => client.send(new sdk[`${operation}Command`](input));
  // Passkeys are for names, never for addresses.
  site = createServer((_, reply) => reply.setHeader("content-type", "text/html").end("<!doctype html>"));
  await once(site.listen(0, "127.0.0.1"), "listening");
  browser = await chromium.launch({
    executablePath: process.env.CHROME || "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
  });
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

/** A pool with passkeys of localhost, and somebody who is signed in. */
async function signedIn(webauthn = {}) {
  const { UserPool } = await call("CreateUserPool", {
    PoolName: "browser",
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: FACTORS } },
  });
  const UserPoolId = UserPool.Id;
  await call("SetUserPoolMfaConfig", {
    UserPoolId,
    WebAuthnConfiguration: { RelyingPartyId: "localhost", ...webauthn },
  });
  const { UserPoolClient } = await call("CreateUserPoolClient", {
    UserPoolId,
    ClientName: "page",
    ExplicitAuthFlows: ["ALLOW_USER_AUTH"],
  });
  const { ClientId } = UserPoolClient;
  const { username: Username, password: Password } = person();
  await call("AdminCreateUser", { UserPoolId, Username, MessageAction: "SUPPRESS" });
  await call("AdminSetUserPassword", { UserPoolId, Username, Password, Permanent: true });
  const start = (more) =>
    call("InitiateAuth", {
      ClientId,
      AuthFlow: "USER_AUTH",
      AuthParameters: { USERNAME: Username, ...more },
    });
  const answer = ({ ChallengeName, Session }, more) =>
    call("RespondToAuthChallenge", {
      ClientId,
      ChallengeName,
      Session,
      ChallengeResponses: { USERNAME: Username, ...more },
    });
  const reply = await start({ PREFERRED_CHALLENGE: "PASSWORD", PASSWORD: Password });
  return { start, answer, AccessToken: reply.AuthenticationResult.AccessToken };
}

/** A page of localhost whose authenticator is such. */
async function page(t, options) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`http://localhost:${site.address().port}/`);
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { ...INTERNAL, ...options } });
  return {
    create: (options) =>
      page.evaluate(async (json) => {
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
        return (await navigator.credentials.create({ publicKey })).toJSON();
      }, options),
    get: (options) =>
      page.evaluate(async (json) => {
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
        return (await navigator.credentials.get({ publicKey })).toJSON();
      }, options),
  };
}

async function register({ AccessToken }, { create }, change = {}) {
  const started = await call("StartWebAuthnRegistration", { AccessToken });
  const Credential = await create({ ...started.CredentialCreationOptions, ...change });
  await call("CompleteWebAuthnRegistration", { AccessToken, Credential });
  return Credential;
}

async function signIn(user, { get }) {
  const asked = await user.start({ PREFERRED_CHALLENGE: "WEB_AUTHN" });
  assert.equal(asked.ChallengeName, "WEB_AUTHN");
  const options = JSON.parse(asked.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS);
  const CREDENTIAL = JSON.stringify(await get(options));
  return user.answer(asked, { CREDENTIAL });
}

const only = (alg) => ({ pubKeyCredParams: [{ type: "public-key", alg }] });

for (const [what, change, options] of [
  ["as the pool asks for it", {}, {}],
  ["attested", { attestation: "direct" }, {}],
  ["with a key of RSA", only(-257), {}],
  ["on a security key", {}, { transport: "usb" }],
  ["that does not verify who holds it", {}, { hasUserVerification: false, isUserVerified: false }],
]) {
  test(`Chromium: a passkey ${what}`, async (t) => {
    const [user, tab] = [await signedIn(), await page(t, options)];
    const { id } = await register(user, tab, change);
    const { Credentials } = await call("ListWebAuthnCredentials", { AccessToken: user.AccessToken });
    assert.deepEqual(
      Credentials.map((it) => it.CredentialId),
      [id],
    );
    for (let times = 0; times < 2; times += 1) {
      assert.ok((await signIn(user, tab)).AuthenticationResult.AccessToken);
    }
    await assert.rejects(register(user, tab, change), /InvalidStateError/);
  });
}

test("Chromium: a key that the pool did not ask for is refused", async (t) => {
  const [user, tab] = [await signedIn(), await page(t)];
  await assert.rejects(register(user, tab, only(-8)), {
    name: "WebAuthnCredentialNotSupportedException",
  });
});

test("Chromium: where verification is required, a key without it makes no passkey", async (t) => {
  const user = await signedIn({ UserVerification: "required" });
  const tab = await page(t, { hasUserVerification: false, isUserVerified: false });
  await assert.rejects(register(user, tab), /NotAllowedError/);
  const weaker = { authenticatorSelection: { userVerification: "discouraged" } };
  await assert.rejects(register(user, tab, weaker), {
    name: "WebAuthnCredentialNotSupportedException",
  });
});
