// Passkeys in the page, with DevTools' virtual authenticator: made, used, offered in the field, refused,
// removed in between.
import assert from "node:assert/strict";
import { virtualAuthenticator } from "./support/authenticator.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { card, fill, press, seesError, signIn, signOut, step } = person;

withBrowser();

const byName = { byName: true };
const list = (page) => card(page).getByRole("list", { name: "Passkeys" });

/** Alice with a passkey, signed out, in a pool that takes them. No prompt is answered yet. */
async function aliceWithPasskey(page, options) {
  const keys = await virtualAuthenticator(page, options);
  await person.setUpPool(page, ["A choice of ways", "Passkey", "Code in an email"]);
  await person.signUpAndVerify(page);
  await createPasskey(page);
  // Else the passkey that is offered in the field is taken before anything else can be done; beside an
  // error none is offered, and the next prompt is the one that a test is about.
  await keys.answer(false);
  await signOut(page);
  await wrongPassword(page);
  return keys;
}

/** Beside its error no passkey is offered. */
async function wrongPassword(page) {
  await signIn(page, { username: "alice", password: "Wrong-Horse-7" });
  await seesError(page, "wrongCredentials");
}

async function createPasskey(page) {
  await card(page).getByText("Passkeys", { exact: true }).click();
  await press(page, "Create a passkey");
  await list(page).getByRole("listitem").first().waitFor();
}

/** By the button; `answers`: whether the person does something at the prompt. */
async function signInWithPasskey(page, keys, answers = true) {
  await step(page, "Sign in");
  await fill(page, "User name", "alice");
  await keys.answer(answers);
  await press(page, "Sign in with a passkey");
}

pageTest("made in the account, resident, and signed in with", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  const [passkey] = await keys.passkeys();
  assert.ok(passkey.isResidentCredential);
  assert.equal(passkey.rpId, "localhost");
  await signInWithPasskey(page, keys);
  await step(page, "Welcome, alice");
  assert.equal((await keys.passkeys())[0].signCount, passkey.signCount + 1);
  await card(page).getByText("Ways to sign in").click();
  await card(page).getByRole("list", { name: "Ways to sign in" }).getByText("Passkey").waitFor();
}, byName);

pageTest("one of several ways to choose from", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await fill(page, "Password", "");
  await press(page, "Sign in");
  await step(page, "How do you want to sign in?");
  await keys.answer(true);
  await press(page, "Passkey");
  await step(page, "Welcome, alice");
}, byName);

pageTest("a person who is not verified, where a passkey is both factors", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.verify(false);
  await signInWithPasskey(page, keys);
  await step(page, "Use your passkey");
  await seesError(page, "passkeyFailed");
  await keys.verify(true);
  await press(page, "Use passkey");
  await step(page, "Welcome, alice");
}, byName);

pageTest("a key store that verifies nobody, where a passkey is one factor", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("Off", { exact: true }).check();
  const keys = await aliceWithPasskey(page, { canVerify: false, isVerified: false });
  await signInWithPasskey(page, keys);
  await step(page, "Welcome, alice");
}, byName);

pageTest("a prompt that was refused: again, another way, or back", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.verify(false);
  await signInWithPasskey(page, keys);
  await seesError(page, "passkeyFailed");
  await press(page, "Use passkey");
  await card(page).locator("form[aria-busy=false]").waitFor();
  await seesError(page, "passkeyFailed");
  await card(page).getByText("Try another way").click();
  await press(page, "Password");
  await step(page, "Enter your password");
  await press(page, "Back to sign-in");
  await signIn(page);
  await step(page, "Welcome, alice");
}, byName);

pageTest("while the browser asks one can leave, or go another way", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await signInWithPasskey(page, keys, false);
  await step(page, "Use your passkey");
  await card(page).locator("form[aria-busy=true]").waitFor();
  await press(page, "Back to sign-in");
  await signInWithPasskey(page, keys, false);
  await step(page, "Use your passkey");
  await card(page).locator("form[aria-busy=true]").waitFor();
  await card(page).getByText("Try another way").click();
  await press(page, "Code by email");
  await step(page, "Sign in with a code");
  await press(page, "Back to sign-in");
  await wrongPassword(page);
  await signInWithPasskey(page, keys);
  await step(page, "Welcome, alice");
}, byName);

pageTest("a reload while the browser asks", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await signInWithPasskey(page, keys, false);
  await step(page, "Use your passkey");
  await keys.answer(true);
  await page.reload();
  await page.getByRole("heading", { name: /^(Use your passkey|Welcome, alice)$/ }).waitFor();
  const again = card(page).getByRole("button", { name: "Use passkey", exact: true });
  if (await again.isVisible()) await again.click();
  await step(page, "Welcome, alice");
}, byName);

pageTest("a passkey that was removed from the key store", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.clear();
  await signInWithPasskey(page, keys);
  await step(page, "Use your passkey");
  await seesError(page, "passkeyFailed");
}, byName);

pageTest("a passkey that was deleted in the account is gone from the key store too", async ({ tab }) => {
  const page = await tab();
  const keys = await virtualAuthenticator(page);
  await person.setUpPool(page, ["A choice of ways", "Passkey"]);
  await person.signUpAndVerify(page);
  await createPasskey(page);
  await list(page).getByRole("button", { name: /^Delete/ }).click();
  await list(page).getByRole("button", { name: /^Yes, delete/ }).click();
  await card(page).getByText("You have no passkey yet.").waitFor();
  const told = await page.evaluate(() => "signalUnknownCredential" in PublicKeyCredential);
  if (told) assert.deepEqual(await keys.passkeys(), []);
}, byName);

pageTest("a second passkey in the same key store: it is there already", async ({ tab }) => {
  const page = await tab();
  await virtualAuthenticator(page);
  await person.setUpPool(page, ["A choice of ways", "Passkey"]);
  await person.signUpAndVerify(page);
  await createPasskey(page);
  await press(page, "Create a passkey");
  await card(page).getByText("This device already has a passkey for this account.").waitFor();
  assert.equal(await list(page).getByRole("listitem").count(), 1);
}, byName);

pageTest("offered in the field to who was here last, and taken there", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.answer(true);
  // The virtual key store's person takes what is offered at once.
  await page.reload();
  await step(page, "Welcome, alice");
}, byName);

pageTest("offered in the field, and the form can be used all the same", async ({ tab }) => {
  const page = await tab();
  await aliceWithPasskey(page);
  await page.reload();
  await signIn(page, { username: "alice", password: "Wrong-Horse-7" });
  await seesError(page, "wrongCredentials");
  await signIn(page);
  await step(page, "Welcome, alice");
}, byName);
