// Codes and links: wrong, over, sent again, kept across a reload.
import assert from "node:assert/strict";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { another, card, fill, giveCode, moveClock, press, sees, seesError, signIn, signOut, step } =
  person;

withBrowser();

/** A person who gives a code by SMS when signing in, and is asked for one now. */
async function atTheSecondFactor(page) {
  await person.signUpAndVerify(page);
  await card(page).getByText("Two-step verification").click();
  await card(page).getByLabel("By SMS").check();
  await page.getByText("By SMS: on").waitFor();
  await signOut(page);
  const before = await person.newestSms(page);
  await signIn(page);
  await step(page, "Enter your code");
  return person.smsCode(page, before);
}

pageTest(
  "a wrong code stays in the step, beside its field; the right one goes on",
  async ({ tab }) => {
    const page = await tab();
    const code = await atTheSecondFactor(page);
    await giveCode(page, another(code), "Continue");
    await seesError(page, "codeMismatch");
    const field = card(page).getByLabel("Code", { exact: true });
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.ok(await field.evaluate((input) => input.matches(":focus")));
    // As pasted from a message.
    await giveCode(page, ` Your code is ${code.slice(0, 3)}\u2009${code.slice(3)}.`, "Continue");
    await step(page, "Welcome, alice");
  },
);

pageTest("three minutes later the second factor is over, and the name is kept", async ({ tab }) => {
  const page = await tab();
  await atTheSecondFactor(page);
  await sees(page, /You have [12]:\d\d left/);
  await moveClock(page, "+3 min");
  await step(page, "Sign in");
  await seesError(page, "challengeExpired");
  assert.equal(await card(page).getByLabel("User name").inputValue(), "alice");
  const password = card(page).getByLabel("Password", { exact: true });
  assert.ok(await password.evaluate((input) => input.matches(":focus")));
});

pageTest(
  "another code for the second factor; the old one is worth nothing then",
  async ({ tab }) => {
    const page = await tab();
    const first = await atTheSecondFactor(page);
    const before = await person.newestSms(page);
    const waiting = card(page).getByRole("button", { name: /Send a new code \(in 0:\d\d\)/ });
    assert.equal(await waiting.getAttribute("aria-disabled"), "true");
    await moveClock(page, "+1 min");
    await fill(page, "Code", "12");
    await press(page, "Send a new code");
    const second = await person.smsCode(page, before);
    // It is another challenge, and so another form.
    assert.equal(await card(page).getByLabel("Code", { exact: true }).inputValue(), "");
    if (first !== second) {
      await giveCode(page, first, "Continue");
      await seesError(page, "codeMismatch");
    }
    await giveCode(page, second, "Continue");
    await step(page, "Welcome, alice");
  },
);

pageTest("a day later the sign-up's code is over; another one works", async ({ tab }) => {
  const page = await tab();
  await person.signUp(page);
  await step(page, "Confirm your account");
  const code = await person.smsCode(page);
  const before = await person.newestSms(page);
  await moveClock(page, "+24 h");
  await seesError(page, "codeExpired");
  await giveCode(page, code, "Confirm");
  await seesError(page, "codeExpired");
  await press(page, "Send a new code");
  await giveCode(page, await person.smsCode(page, before), "Confirm");
  // The password is not kept for a day.
  await sees(page, "Your account is confirmed.");
  await signIn(page);
  await step(page, "Verify your email address");
});

pageTest(
  "another code can be asked for after a while, and the button says when",
  async ({ tab }) => {
    const page = await tab();
    await person.signUp(page);
    await step(page, "Confirm your account");
    const waiting = card(page).getByRole("button", { name: /Send a new code \(in 0:\d\d\)/ });
    await waiting.waitFor();
    assert.equal(await waiting.getAttribute("aria-disabled"), "true");
    await moveClock(page, "+1 min");
    const before = await person.newestSms(page);
    await press(page, "Send a new code");
    await giveCode(page, await person.smsCode(page, before), "Confirm");
    await step(page, "Verify your email address");
  },
);

pageTest("a reload in the middle of the second factor loses nothing", async ({ tab }) => {
  const page = await tab();
  const code = await atTheSecondFactor(page);
  await page.reload();
  await step(page, "Enter your code");
  await sees(page, "+*******0123");
  await sees(page, /You have [12]:\d\d left/);
  await giveCode(page, code, "Continue");
  await step(page, "Welcome, alice");
});

pageTest("a reload in the middle of a verification loses nothing", async ({ tab }) => {
  const page = await tab();
  await person.signUp(page);
  await step(page, "Confirm your account");
  await page.reload();
  await step(page, "Confirm your account");
  await sees(page, "+*******0123");
  await giveCode(page, await person.smsCode(page), "Confirm");
  // The password went with the reload.
  await signIn(page);
  await step(page, "Verify your email address");
  const code = await person.emailCode(page);
  await page.reload();
  await step(page, "Verify your email address");
  await sees(page, "a***@e***");
  await giveCode(page, code, "Verify");
  await step(page, "Welcome, alice");
});

pageTest("the back button leaves a step, and the address says nothing", async ({ tab }) => {
  const page = await tab();
  await atTheSecondFactor(page);
  assert.ok(!page.url().includes("alice"));
  await page.goBack();
  await step(page, "Sign in");
  const before = await person.newestSms(page);
  await signIn(page);
  await step(page, "Enter your code");
  await giveCode(page, await person.smsCode(page, before), "Continue");
  await step(page, "Welcome, alice");
});

pageTest("a link in an email confirms the sign-up, once", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("Phone number").uncheck();
  await person.setUpPool(page, ["A link"]);
  await person.signUp(page);
  await step(page, "Confirm your account");
  await sees(page, "a***@e***");
  assert.equal(await card(page).getByLabel("Code", { exact: true }).count(), 0);
  // Too early: it is said so, and nothing is lost.
  await press(page, "I opened the link");
  await sees(page, "Your account is not confirmed yet.");
  const mailbox = page.getByRole("region", { name: "Mailbox", exact: true });
  await mailbox.getByRole("button", { name: "Open the link" }).click();
  await mailbox.getByText("The link worked").waitFor();
  // The sign-in goes on with the password of the sign-up.
  await press(page, "I opened the link");
  await step(page, "Verify your phone number");
  await press(page, "Not now");
  await step(page, "Welcome, alice");
  await sees(page, "alice@example.com Verified");
});

pageTest("a link is over after a day", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("Phone number").uncheck();
  await person.setUpPool(page, ["A link"]);
  await person.signUp(page);
  await step(page, "Confirm your account");
  await moveClock(page, "+24 h");
  const mailbox = page.getByRole("region", { name: "Mailbox", exact: true });
  await mailbox.getByRole("button", { name: "Open the link" }).click();
  await mailbox.getByText("This link is not valid").waitFor();
});
