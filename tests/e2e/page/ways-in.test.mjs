// Signing in by every way that the pool in the page has, from its settings to the account and back.
import assert from "node:assert/strict";
import { totp, wrongTotp } from "../others/support/totp.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { ALICE, another, card, fill, giveCode, press, sees, seesError, signIn, signOut, step } = person;

withBrowser();

/** Alice in a pool with these settings, signed out again. */
async function aliceIn(page, choices = []) {
  if (choices.length > 0) await person.setUpPool(page, choices);
  await person.signUpAndVerify(page);
  await signOut(page);
}

async function signInWithout(page, username = ALICE.username) {
  await step(page, "Sign in");
  await fill(page, "User name", username);
  await fill(page, "Password", "");
  await press(page, "Sign in");
}

/** The secret that is shown in text, in groups. */
async function shownSecret(page) {
  const code = card(page).locator("code.secret");
  await code.waitFor();
  return code.textContent();
}

pageTest("a choice: the password at once, or nothing and then one of several", async ({ tab }) => {
  const page = await tab();
  await aliceIn(page, ["A choice of ways", "Code in an email", "Code in a text message"]);
  await signIn(page);
  await step(page, "Welcome, alice");
  await signOut(page);

  await signInWithout(page);
  await step(page, "How do you want to sign in?");
  await press(page, "Password");
  await step(page, "Enter your password");
  await fill(page, "Password", "Wrong-Horse-7");
  await press(page, "Sign in");
  await sees(page, "The password is wrong.");
  await fill(page, "Password", ALICE.password);
  await press(page, "Sign in");
  await step(page, "Welcome, alice");
  await card(page).getByText("Ways to sign in").click();
  const ways = card(page).getByRole("list", { name: "Ways to sign in" });
  await ways.getByText("Code by email").waitFor();
});

pageTest("a code in place of the password: wrong, another way, right", async ({ tab }) => {
  const page = await tab();
  await aliceIn(page, ["A choice of ways", "Code in an email", "Code in a text message"]);
  const email = await person.newestEmail(page);
  await signInWithout(page);
  await step(page, "How do you want to sign in?");
  await press(page, "Code by email");
  await step(page, "Sign in with a code");
  await sees(page, "We sent an email to a***@e***.");
  const code = await person.emailCode(page, email);
  await giveCode(page, another(code), "Sign in");
  await seesError(page, "codeMismatch");

  const sms = await person.newestSms(page);
  await card(page).getByText("Try another way").click();
  await press(page, "Code by SMS");
  await sees(page, "+*******0123");
  await page.reload();
  await step(page, "Sign in with a code");
  await giveCode(page, await person.smsCode(page, sms), "Sign in");
  await step(page, "Welcome, alice");
});

pageTest("a sign-up without a password ends signed in", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["A choice of ways", "Code in an email", "Code in a text message"]);
  await person.signUp(page, { ...ALICE, password: "" });
  await step(page, "Confirm your account");
  await giveCode(page, await person.smsCode(page), "Confirm");
  await step(page, "Verify your email address");
  await giveCode(page, await person.emailCode(page), "Verify");
  await step(page, "Welcome, alice");
});

/** Answers the sum that is asked; `off` makes it wrong. */
async function solve(page, off = 0) {
  const question = await card(page).getByText(/How much is \d \+ \d\?/).textContent();
  const [a, b] = question.match(/\d+/g).map(Number);
  await fill(page, "Answer", String(a + b + off));
  await press(page, "Continue");
}

pageTest("a puzzle in place of the password: wrong, another one, right", async ({ tab }) => {
  const page = await tab();
  await aliceIn(page);
  await person.setUpPool(page, ["A puzzle alone"]);
  await step(page, "Sign in");
  await fill(page, "User name", "alice");
  await press(page, "Sign in");
  await step(page, "One more question");
  await solve(page, 1);
  await page.waitForFunction(() => window.findAll("[name=answer]")[0]?.value === "");
  await page.reload();
  await step(page, "One more question");
  await solve(page);
  await step(page, "Welcome, alice");
});

pageTest("the password, then a puzzle: three wrong answers are enough", async ({ tab }) => {
  const page = await tab();
  await aliceIn(page);
  await person.setUpPool(page, ["The password, then a puzzle"]);
  await signIn(page);
  await step(page, "One more question");
  // Each round is an empty field.
  const asked = card(page).getByLabel("Answer", { exact: true });
  for (let tries = 0; tries < 3; tries += 1) {
    await asked.waitFor();
    await page.waitForFunction(() => window.findAll("[name=answer]")[0]?.value === "");
    await solve(page, 1);
    await card(page).locator("form[aria-busy=false]").waitFor();
  }
  await step(page, "Sign in");
  await signIn(page);
  await step(page, "One more question");
  await solve(page);
  await step(page, "Welcome, alice");
});

pageTest("an authenticator app set up in the sign-in, then asked for", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("By SMS").uncheck();
  await settings.getByLabel("By email").uncheck();
  await person.setUpPool(page, ["Required", "From an authenticator app"], "Make a new pool");
  await person.signUp(page);
  await step(page, "Confirm your account");
  await giveCode(page, await person.smsCode(page), "Confirm");
  await step(page, "Set up an authenticator app");
  const first = await shownSecret(page);
  // A reload begins anew: the secret is kept nowhere.
  await page.reload();
  await step(page, "Set up an authenticator app");
  const secret = await shownSecret(page);
  assert.notEqual(secret, first);
  await giveCode(page, wrongTotp(secret), "Continue");
  await sees(page, "Enter the one that your app shows now.");
  await giveCode(page, await totp(secret), "Continue");
  await step(page, "Verify your email address");
  await press(page, "Not now");
  await signOut(page);
  await signIn(page);
  await step(page, "Enter your code");
  await sees(page, "Open your authenticator app");
});

pageTest("one of several second factors is set up in the sign-in, also after a reload", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("By SMS").uncheck();
  await person.setUpPool(page, ["Required", "From an authenticator app"], "Make a new pool");
  await person.signUp(page, { ...ALICE, email: "" });
  await step(page, "Confirm your account");
  await giveCode(page, await person.smsCode(page), "Confirm");
  await step(page, "Set up a second step");
  await page.reload();
  await step(page, "Set up a second step");
  await press(page, "Codes by email");
  await step(page, "Set up codes by email");
  await fill(page, "Email address", ALICE.email);
  await press(page, "Send code");
  await step(page, "Enter your code");
  await giveCode(page, await person.emailCode(page), "Continue");
  await step(page, "Welcome, alice");
  await signOut(page);
  await signIn(page);
  await step(page, "Enter your code");
  await sees(page, "We sent an email to a***@e***.");
});

pageTest("of several second factors of which none comes first one is chosen", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["From an authenticator app"]);
  await person.signUpAndVerify(page);
  await card(page).getByText("Two-step verification").click();
  for (const name of ["By SMS", "By email"]) {
    await card(page).getByRole("checkbox", { name }).check();
    await page.getByText(`${name}: on`).waitFor({ state: "attached" });
  }
  await card(page).getByRole("checkbox", { name: "Authenticator app" }).click();
  await giveCode(page, await totp(await shownSecret(page)), "Continue");
  await page.getByText("Authenticator app: on").waitFor({ state: "attached" });
  // The one that came first is gone, and of the two that are left none does.
  await card(page).getByRole("checkbox", { name: "Authenticator app" }).uncheck();
  await page.getByText("Authenticator app: off").waitFor({ state: "attached" });
  await signOut(page);
  const before = await person.newestEmail(page);
  await signIn(page);
  await step(page, "Choose a second step");
  await page.reload();
  await step(page, "Choose a second step");
  await press(page, "Code by email");
  await step(page, "Enter your code");
  const code = await person.emailCode(page, before);
  await giveCode(page, another(code), "Continue");
  await seesError(page, "codeMismatch");
  await giveCode(page, code, "Continue");
  await step(page, "Welcome, alice");
});

pageTest("an authenticator app set up in the account, and asked for first", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["From an authenticator app"]);
  await person.signUpAndVerify(page);
  await card(page).getByText("Two-step verification").click();
  await card(page).getByRole("checkbox", { name: "By SMS" }).check();
  await page.getByText("By SMS: on").waitFor({ state: "attached" });
  await card(page).getByRole("checkbox", { name: "Authenticator app" }).click();
  const secret = await shownSecret(page);
  await giveCode(page, await totp(secret), "Continue");
  await page.getByText("Authenticator app: on").waitFor({ state: "attached" });
  await card(page).getByText("Asked for first").waitFor();
  await signOut(page);
  await signIn(page);
  await step(page, "Enter your code");
  await sees(page, "Open your authenticator app");
});

pageTest("a device is remembered, saves the second factor, and is forgotten", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["When the person says so"]);
  await person.signUpAndVerify(page);
  await card(page).getByText("Two-step verification").click();
  await card(page).getByRole("checkbox", { name: "By SMS" }).check();
  await page.getByText("By SMS: on").waitFor({ state: "attached" });
  await press(page, "Yes");
  await card(page).getByRole("group", { name: "Remember this device?" }).waitFor({ state: "hidden" });
  await signOut(page);
  await signIn(page);
  await step(page, "Welcome, alice");
  await card(page).getByText("Devices", { exact: true }).click();
  const devices = card(page).getByRole("list", { name: "Devices" });
  await devices.getByText("This device").waitFor();
  await devices.getByRole("button", { name: /^Remove/ }).first().click();
  await page.getByText("The device was removed.").waitFor({ state: "attached" });
  await signOut(page);
  await signIn(page);
  await step(page, "Enter your code");
});

pageTest("signed in at two places: one ends the other", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["People see where they are signed in"]);
  await person.signUpAndVerify(page);
  // What the other place has is kept for it; here nobody is signed in.
  const elsewhere = await page.evaluate(() => {
    const records = Object.entries({ ...localStorage }).filter(([key]) => key.endsWith(".session"));
    for (const [key] of records) localStorage.removeItem(key);
    return records;
  });
  assert.equal(elsewhere.length, 1);
  await page.reload();
  await signIn(page);
  await step(page, "Welcome, alice");
  await card(page).getByText("Where you are signed in").click();
  const sessions = card(page).getByRole("list", { name: "Where you are signed in" });
  await sessions.getByText("Here", { exact: true }).waitFor();
  assert.equal(await sessions.getByRole("listitem").count(), 2);
  assert.equal(await sessions.getByText(/^Chrome, /).count(), 2, "by which browser");
  await sessions.getByRole("button", { name: /^Sign out there/ }).click();
  await page.getByText("Signed out there.").waitFor({ state: "attached" });
  assert.equal(await sessions.getByRole("listitem").count(), 1);
  await sessions.getByText("Here", { exact: true }).waitFor();

  // The other place finds out when it asks for something.
  await signOut(page);
  await page.evaluate((records) => {
    for (const [key, record] of records) localStorage.setItem(key, record);
  }, elsewhere);
  await page.reload();
  await step(page, "Welcome, alice");
  await card(page).getByText("Where you are signed in").click();
  await step(page, "Sign in");
  await seesError(page, "challengeSpent");
});
