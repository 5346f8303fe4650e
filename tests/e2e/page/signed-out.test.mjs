// The forms of who is signed out, over a flow by script, as the app and the pool have them.
import assert from "node:assert/strict";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import { scripted, words } from "./support/scripted.mjs";

withBrowser();

const field = (page, label) => page.getByLabel(label, { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });

const OUT = { step: "signedOut", username: null };
const KNOWN = { step: "signedOut", username: "alice" };
const choice = { signInWith: "choice" };

/** What the browser says of its own passkeys. */
const browserHas = ({ context }, { passkeys, autofill }) =>
  context.addInitScript(
    ([passkeys, autofill]) => {
      if (!passkeys) delete window.PublicKeyCredential;
      else PublicKeyCredential.isConditionalMediationAvailable = async () => autofill;
    },
    [passkeys, autofill],
  );

pageTest("with a choice the password may be left out", async (person) => {
  const { page, sent } = await scripted(person, OUT, { forms: choice });
  await button(page, "Sign in").click();
  await page.getByText(words("error.missing")).waitFor();
  await field(page, "User name").fill("alice");
  await button(page, "Sign in").click();
  await field(page, "Password").fill("Correct-Horse-7");
  await button(page, "Sign in").click();
  assert.deepEqual(await sent(), [
    { type: "signIn", username: "alice" },
    { type: "signIn", username: "alice", password: "Correct-Horse-7" },
  ]);
  assert.deepEqual(await axe(page), []);
});

pageTest("with a custom challenge first there is no password to give", async (person) => {
  const { page, sent } = await scripted(person, OUT, { forms: { signInWith: "custom" } });
  await field(page, "User name").fill("alice");
  assert.equal(await page.getByLabel("Password").count(), 0);
  await page.keyboard.press("Enter");
  await button(page, "Sign in").click();
  assert.deepEqual((await sent())[0], { type: "signIn", username: "alice" });
});

pageTest("a passkey takes the user name, and no password", async (person) => {
  await browserHas(person, { passkeys: true, autofill: false });
  const { page, sent } = await scripted(person, OUT, { forms: choice });
  assert.equal(await field(page, "User name").getAttribute("autocomplete"), "username webauthn");
  await button(page, words("signIn.passkey")).click();
  await page.getByText(words("error.missing")).waitFor();
  assert.deepEqual(await sent(), []);
  await field(page, "User name").fill("alice");
  await button(page, words("signIn.passkey")).click();
  assert.deepEqual(await sent(), [{ type: "signIn", username: "alice", preferred: "passkey" }]);
});

pageTest("a browser without passkeys is offered none", async (person) => {
  await browserHas(person, { passkeys: false });
  const { page, sent } = await scripted(person, KNOWN, { forms: choice });
  assert.equal(await button(page, words("signIn.passkey")).count(), 0);
  await page.waitForTimeout(200);
  assert.deepEqual(await sent(), []);
});

pageTest("who is known is offered their passkeys in the field, once", async (person) => {
  await browserHas(person, { passkeys: true, autofill: true });
  const { page, sent, becomes } = await scripted(person, KNOWN, { forms: choice });
  await page.waitForFunction(() => window.script.sent.length > 0);
  const offer = { type: "signIn", username: "alice", preferred: "passkey", autofill: true };
  assert.deepEqual(await sent(), [offer]);
  // The form can be used meanwhile.
  await field(page, "Password").fill("Correct-Horse-7");
  await button(page, "Sign in").click();
  const wrong = { code: "wrongCredentials", message: "" };
  await becomes({ ...KNOWN, error: wrong });
  await page.getByText(words("error.wrongCredentials")).waitFor();
  await page.waitForTimeout(200);
  assert.equal((await sent()).length, 2);
});

pageTest("whom the app knows to have been here is known", async (person) => {
  await browserHas(person, { passkeys: true, autofill: true });
  const { page } = await scripted(person, OUT, { forms: { ...choice, lastUsername: "alice" } });
  assert.equal(await field(page, "User name").inputValue(), "alice");
  await page.waitForFunction(() => window.script.sent[0]?.username === "alice");
});

pageTest("who just signed out is offered them when the pool has been told", async (person) => {
  await browserHas(person, { passkeys: true, autofill: true });
  const { page, sent, becomes } = await scripted(person, { ...KNOWN, busy: "signOut" }, { forms: choice });
  await page.waitForTimeout(200);
  assert.deepEqual(await sent(), []);
  await becomes(KNOWN);
  await page.waitForFunction(() => window.script.sent.length === 1);
});

for (const [why, first, forms] of [
  ["nobody is known", OUT, choice],
  ["there is something to read", { ...KNOWN, error: { code: "offline", message: "" } }, choice],
  ["a sign-in is on its way", { ...KNOWN, busy: "signIn" }, choice],
  ["the app signs in by password", KNOWN, {}],
]) {
  pageTest(`no passkey is offered in the field where ${why}`, async (person) => {
    await browserHas(person, { passkeys: true, autofill: true });
    const { page, sent } = await scripted(person, first, { forms });
    await page.waitForTimeout(300);
    assert.deepEqual(await sent(), []);
  });
}

pageTest("staying signed in is asked for, and taken as it is answered", async (person) => {
  const { page, sent } = await scripted(person, OUT, { forms: { askRemember: true } });
  const remember = page.getByLabel("Keep me signed in");
  assert.ok(await remember.isChecked());
  await field(page, "User name").fill("alice");
  await field(page, "Password").fill("Correct-Horse-7");
  await button(page, "Sign in").click();
  await remember.uncheck();
  await button(page, "Sign in").click();
  assert.deepEqual(
    (await sent()).map(({ remember }) => remember),
    [true, false],
  );
});

pageTest("a button for each site where one can sign in", async (person) => {
  const redirects = [
    { label: "Sign in with Example", provider: "Example" },
    { label: "Company sign-in", idpIdentifier: "example.com" },
    { label: "All ways to sign in" },
  ];
  const { page, sent, becomes } = await scripted(person, OUT, { forms: { redirects } });
  for (const { label } of redirects) await button(page, label).click();
  const type = "signInWithRedirect";
  assert.deepEqual(await sent(), [
    { type, lang: "en", provider: "Example" },
    { type, lang: "en", idpIdentifier: "example.com" },
    { type, lang: "en" },
  ]);
  const server = "access_denied";
  const error = { code: "redirectFailed", message: "User is not assigned.", server };
  await becomes({ ...OUT, error });
  await page.getByText(words("error.redirectFailed")).waitFor();
  await page.getByText("The server says: “User is not assigned.”").waitFor();
});

pageTest("a sign-up without a password, where the pool allows it", async (person) => {
  const { page, sent } = await scripted(person, OUT, { forms: { passwordless: true } });
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByText(words("signUp.noPassword")).waitFor();
  await field(page, "User name").fill("alice");
  await field(page, "Email address").fill("alice@example.com");
  await button(page, "Create account").click();
  await field(page, "Password").fill("Correct-Horse-7");
  await button(page, "Create account").click();
  const event = { type: "signUp", username: "alice", attributes: { email: "alice@example.com" } };
  assert.deepEqual(await sent(), [event, { ...event, password: "Correct-Horse-7" }]);
});
