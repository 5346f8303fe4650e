// `<cognito-devtools>`: what it shows of a flow, and that nothing secret is among it, whatever the pool says.
import assert from "node:assert/strict";
import { SECRETS, browserTest } from "./support.mjs";

/** Besides those of every script: what an app sets up, what proves, what a person types. */
const MORE = /JBSWY3DPEHPK3PXP|Y2hhbGxlbmdl|otpauth|ann@example\.com|new correct horse|tkn1/;

/** A flow whose network the element sees, and everything that the element has drawn so far. */
const begin = async ({ script, options }) => {
  const { showDevtools, watchFetch } = await import("/cognito-flow/devtools.js");
  window.network = scripted(script);
  window.flow = await createFlow({
    userPoolId: "eu-west-1_AbCdEfGhI",
    clientId: "client",
    signInWith: "password",
    fetch: watchFetch(network.fetch),
    storage: "local",
    ...options,
  });
  window.panel = showDevtools(flow);
  window.drawn = "";
  window.shown = () => [...panel.shadowRoot.querySelectorAll("tr")].map((row) => [...row.cells].map((it) => it.textContent).join(" | "));
  new MutationObserver(() => (drawn += panel.shadowRoot.innerHTML)).observe(panel.shadowRoot, {
    subtree: true,
    childList: true,
    characterData: true,
  });
};

/** What the page shows now, once it has shown all of it; nothing secret was ever drawn. */
async function shownBy(page, ...expected) {
  for (const part of expected) {
    await page.evaluate((part) => until(() => shown().some((row) => row.includes(part))), part);
  }
  const all = await page.evaluate(() => drawn + panel.shadowRoot.innerHTML + document.documentElement.outerHTML);
  assert.doesNotMatch(all, SECRETS);
  assert.doesNotMatch(all, MORE);
  return page.evaluate(() => shown());
}

browserTest("a sign-in with a second factor: steps, requests, times, what is kept", async ({ tab }) => {
  const page = await tab();
  await page.evaluate(begin, { script: { InitiateAuth: ["sms"], RespondToAuthChallenge: ["tokens"], GetUser: ["user"] } });
  await page.evaluate(() => flow.send({ type: "signIn", username: "ann", password: "correct horse battery" }));
  await shownBy(page, "mfaCode", "cognito-flow.eu-west-1_AbCdEfGhI.client.pending", "expiresAt", "sessionStorage");
  await page.evaluate(() => flow.send({ type: "submitCode", code: "246810" }));
  const rows = await shownBy(page, "signedIn", "GetUser", "tokensExpireAt", "cognito-flow.eu-west-1_AbCdEfGhI.client.session");

  const steps = rows.map((row) => row.split(" | ")[1]);
  assert.ok(steps.includes("signedOut 0") || steps.some((it) => it?.startsWith("signedOut ")), rows.join("\n"));
  const asked = rows.find((row) => row.includes("RespondToAuthChallenge"));
  assert.match(asked, /\| 200, \d+ ms \| /);
  assert.match(asked, /ChallengeName: SMS_MFA/);
  assert.match(asked, /ChallengeResponses \{ .*SMS_MFA_CODE ·.* \}/);
  assert.match(asked, /→ AuthenticationResult \{ .*AccessToken ·.*ExpiresIn: 3600.* \}/);
});

const CHOICE = { signInWith: "choice" };
const NAME = { type: "signIn", username: "ann" };
const SIGN_IN = { ...NAME, password: "correct horse battery" };
const DONE = { RespondToAuthChallenge: ["tokens"], GetUser: ["user"] };
const OTHERS = {
  "an authenticator app is set up": {
    script: { InitiateAuth: ["setUp"], AssociateSoftwareToken: ["totp"], VerifySoftwareToken: ["verified"], ...DONE },
    events: [SIGN_IN, { type: "submitCode", code: "246810" }],
    operations: ["AssociateSoftwareToken", "VerifySoftwareToken"],
  },
  "a code by email": {
    script: { InitiateAuth: ["emailCode"], ...DONE },
    options: CHOICE,
    events: [{ ...NAME, preferred: "email" }, { type: "submitCode", code: "246810" }],
    operations: ["InitiateAuth", "RespondToAuthChallenge"],
  },
  "a passkey that is asked for": {
    script: { InitiateAuth: ["passkey"] },
    options: { ...CHOICE, storage: "session" },
    events: [{ ...NAME, preferred: "passkey" }],
    operations: ["InitiateAuth"],
  },
  "a custom challenge": {
    script: { InitiateAuth: ["custom"], ...DONE },
    options: { signInWith: "custom" },
    events: [NAME, { type: "answerChallenge", answer: "246810" }],
    operations: ["RespondToAuthChallenge"],
  },
  "an email address to verify": {
    script: { InitiateAuth: ["tokens"], GetUser: ["unverified"], GetUserAttributeVerificationCode: ["sent"] },
    events: [SIGN_IN, { type: "submitCode", code: "246810" }],
    operations: ["GetUserAttributeVerificationCode", "VerifyUserAttribute"],
  },
  "a forgotten password": {
    script: { ForgotPassword: ["sent"] },
    events: [
      { type: "forgotPassword", username: "ann@example.com" },
      { type: "resetPassword", code: "246810", password: "new correct horse" },
    ],
    operations: ["ForgotPassword", "ConfirmForgotPassword"],
  },
};
for (const [name, { events, operations, ...rest }] of Object.entries(OTHERS)) {
  browserTest(`nothing secret is shown: ${name}`, async ({ tab }) => {
    const page = await tab();
    await page.evaluate(begin, rest);
    for (const event of events) await page.evaluate((event) => flow.send(event), event);
    await shownBy(page, ...operations);
  });
}

browserTest("a pool that puts secrets where names and words belong", async ({ tab }) => {
  const page = await tab();
  await page.evaluate(async () => {
    const { showDevtools, watchFetch } = await import("/cognito-flow/devtools.js");
    const replies = [
      [200, { ChallengeName: "access-token-1", "refresh-token": 1, ChallengeParameters: { "session-string": "246810" } }],
      [400, { __type: "access-token-1", message: "correct horse battery" }],
      [400, { __type: "x#NotAuthorizedException", Status: "access-token-1", ExpiresIn: "246810", AttributeName: "id-token" }],
      [200, "access-token-1"],
      [200, ["access-token-1", { AccessToken: "access-token-1" }]],
    ];
    const ask = watchFetch(async () => {
      const [status, body] = replies.shift();
      return new Response(JSON.stringify(body), { status });
    });
    window.panel = showDevtools();
    window.drawn = "";
    window.shown = () => [...panel.shadowRoot.querySelectorAll("tr")].map((row) => row.textContent);
    const target = "AWSCognitoIdentityProviderService.";
    for (const operation of ["InitiateAuth", "SignUp", "GetUser", "Unknown", "Last"]) {
      const headers = { "x-amz-target": target + operation };
      await ask("https://cognito-idp.eu-west-1.amazonaws.com/", { headers, body: '{"correct horse":"correct horse"}' });
    }
    await ask("https://auth.example.com/oauth2/token", { headers: {}, body: "refresh_token=refresh-token" }).catch(() => {});
    const other = watchFetch(async () => new Response("not ours: access-token-1"));
    await other("/api?token=access-token-1", { headers: { "x-amz-target": `${target}access-token-1` } });
  });
  const rows = await shownBy(page, "Last", "/oauth2/token", "NotAuthorizedException");
  assert.ok(!rows.some((row) => row.includes("api")));
});

browserTest("the page's own fetch is watched for as long as the element is there, and does what it did", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { showDevtools } = await import("/cognito-flow/devtools.js");
    const real = globalThis.fetch;
    const [one, two] = [showDevtools(), showDevtools()];
    const isWatched = globalThis.fetch !== real;
    const flow = await createFlow({ userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client", endpoint: "http://127.0.0.1:9", signInWith: "password" });
    one.flow = flow;
    const { error } = await flow.send({ type: "signIn", username: "ann", password: "correct horse battery" });
    const page = await (await fetch("/")).text();
    const { watchFetch } = await import("/cognito-flow/devtools.js");
    const throws = watchFetch(() => {
      throw new TypeError("not sent");
    });
    let thrown = null;
    try {
      throws("/", { headers: { "x-amz-target": "AWSCognitoIdentityProviderService.SignUp" } });
    } catch ({ message }) {
      thrown = message;
    }
    await sleep(50);
    const text = one.shadowRoot.textContent;
    one.remove();
    const isStill = globalThis.fetch !== real;
    two.remove();
    flow.dispose();
    return { thrown, isWatched, isStill, isBack: globalThis.fetch === real, code: error.code, page, text };
  });
  assert.deepEqual([seen.isWatched, seen.isStill, seen.isBack, seen.code], [true, true, true, "outcomeUnknown"]);
  assert.equal(seen.thrown, "not sent");
  assert.match(seen.page, /A page with nothing on it/);
  assert.match(seen.text, /InitiateAuth.*failed, \d+ ms/);
  assert.match(seen.text, /outcomeUnknown/);
  assert.doesNotMatch(seen.text, SECRETS);
});
