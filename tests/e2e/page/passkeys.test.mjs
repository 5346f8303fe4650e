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

/** Alice with a passkey, signed out, in a pool that takes them. */
async function aliceWithPasskey(page, { choices = [], ...options } = {}) {
  const keys = await virtualAuthenticator(page, options);
  await person.setUpPool(page, ["A choice of ways", "Passkey", "Code in an email", ...choices]);
  await person.signUpAndVerify(page);
  await createPasskey(page);
  await signOut(page);
  return keys;
}

async function createPasskey(page) {
  await card(page).getByText("Passkeys", { exact: true }).click();
  await press(page, "Create a passkey");
  await list(page).getByRole("listitem").first().waitFor();
}

async function signInWithPasskey(page) {
  await step(page, "Sign in");
  await fill(page, "User name", "alice");
  await press(page, "Sign in with a passkey");
}

pageTest("made in the account, resident, and signed in with", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  const [passkey] = await keys.passkeys();
  assert.ok(passkey.isResidentCredential);
  assert.equal(passkey.rpId, "localhost");
  await keys.answer(false);
  await signInWithPasskey(page);
  await step(page, "Use your passkey");
  await keys.answer(true);
  await step(page, "Welcome, alice");
  await card(page).getByText("Ways to sign in").click();
  await card(page).getByRole("list", { name: "Ways to sign in" }).getByText("Passkey").waitFor();
}, byName);

pageTest("a person who is not verified, where a passkey is both factors", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.verify(false);
  await signInWithPasskey(page);
  await step(page, "Use your passkey");
  await seesError(page, "passkeyFailed");
  await keys.verify(true);
  await press(page, "Use passkey");
  await step(page, "Welcome, alice");
}, byName);

pageTest("a person who is not verified, where a passkey is one factor", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page, { choices: ["Off"] });
  await keys.verify(false);
  await signInWithPasskey(page);
  await step(page, "Welcome, alice");
}, byName);

pageTest("a prompt that was refused: again, another way, or back", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.verify(false);
  await signInWithPasskey(page);
  await seesError(page, "passkeyFailed");
  await card(page).getByText("Try another way").click();
  await press(page, "Password");
  await step(page, "Enter your password");
  await press(page, "Back to signing in");
  await step(page, "Sign in");
  await signIn(page);
  await step(page, "Welcome, alice");
}, byName);

pageTest("while the browser asks one can leave", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.answer(false);
  await signInWithPasskey(page);
  await step(page, "Use your passkey");
  await press(page, "Back to signing in");
  await step(page, "Sign in");
  await keys.answer(true);
  await signInWithPasskey(page);
  await step(page, "Welcome, alice");
}, byName);

pageTest("a passkey that was removed from the key store", async ({ tab }) => {
  const page = await tab();
  const keys = await aliceWithPasskey(page);
  await keys.clear();
  await signInWithPasskey(page);
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

pageTest("offered in the field to who was here last, taken without a word", async ({ tab }) => {
  const page = await tab();
  await aliceWithPasskey(page);
  // The virtual key store is chosen from the field by itself.
  await step(page, "Welcome, alice");
}, byName);

pageTest("offered in the field, and the form can be used all the same", async ({ tab }) => {
  const page = await tab();
  const keys = await virtualAuthenticator(page);
  await person.setUpPool(page, ["A choice of ways", "Passkey", "Code in an email"]);
  await person.signUpAndVerify(page);
  await createPasskey(page);
  await keys.answer(false);
  await signOut(page);
  await signIn(page);
  await step(page, "Welcome, alice");
}, byName);
