// Whole journeys, from signing up to a forgotten password.
import assert from "node:assert/strict";
import en from "../../../ui/texts/en.js";
import { engine } from "../engines/engine.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { ALICE, card, fill, follow, giveCode, press, sees, signIn, signOut, step } = person;

withBrowser();

pageTest(
  "phone and email: SMS first, then the email; reload, sign out, forgotten password",
  async ({ tab }) => {
    const page = await tab();
    await person.signUp(page);
    await step(page, "Confirm your account");
    await sees(page, "+*******0123");
    assert.equal(await page.getByRole("log", { name: "Mailbox" }).getByText("alice@").count(), 0);
    await giveCode(page, await person.smsCode(page), "Confirm");

    await step(page, "Verify your email address");
    await sees(page, "a***@e***");
    await giveCode(page, await person.emailCode(page), "Verify");
    await step(page, "Welcome, alice");
    await sees(page, "+12025550123");
    assert.equal(await card(page).getByText("Verified", { exact: true }).count(), 2);

    await page.reload();
    await step(page, "Welcome, alice");
    await signOut(page);
    await page.reload();
    await step(page, "Sign in");

    const before = await person.newestSms(page);
    await follow(page, "Forgot your password?");
    await fill(page, "User name", "alice");
    await press(page, "Send code");
    await step(page, "Set a new password");
    await fill(page, "New password", "Another-Horse-8");
    await giveCode(page, await person.smsCode(page, before), "Save password");
    await sees(page, "Your new password is saved.");
    await signIn(page, { username: "alice", password: "Another-Horse-8" });
    await step(page, "Welcome, alice");
  },
);

pageTest("required MFA from sign-up on", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["Required"], "Make a new pool");
  await person.signUp(page);
  await step(page, "Confirm your account");
  const first = await person.newestSms(page);
  await giveCode(page, await person.smsCode(page), "Confirm");

  await step(page, "Enter your code");
  await sees(page, "+*******0123");
  await giveCode(page, await person.smsCode(page, first), "Continue");
  await step(page, "Verify your email address");
  await giveCode(page, await person.emailCode(page), "Verify");
  await step(page, "Welcome, alice");

  await signOut(page);
  const second = await person.newestSms(page);
  await signIn(page);
  await step(page, "Enter your code");
  await giveCode(page, await person.smsCode(page, second), "Continue");
  await step(page, "Welcome, alice");
});

pageTest(
  "required MFA cannot be chosen for a pool that is there: it leads to a new one, and back",
  async ({ tab }) => {
    const page = await tab();
    const settings = await person.openTab(page, "Settings");
    await settings.getByText("can only be chosen when a pool is made").waitFor();
    await person.signUpAndVerify(page);
    await settings.getByLabel("Required").check();
    await settings.getByText("“Required” takes a new pool").waitFor();
    assert.ok(await settings.getByRole("button", { name: "Save" }).isHidden());
    await settings.getByRole("button", { name: "Make a new pool" }).click();
    await settings.getByText("This is a new pool, without users.").waitFor();
    await step(page, "Sign in");
    await settings.getByRole("button", { name: "Back to the previous pool" }).click();
    await settings.getByText("This is the previous pool, with its users.").waitFor();
    assert.ok(await settings.getByLabel("Optional: each person chooses").isChecked());
    // Who was signed in there is so still.
    await step(page, "Welcome, alice");
  },
);

pageTest("optional MFA, turned on by the person and off again", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  await card(page).getByText("Two-step verification").click();
  await card(page).getByLabel("By SMS").check();
  await page.getByText("By SMS: on").waitFor();
  await signOut(page);

  const before = await person.newestSms(page);
  await signIn(page);
  await step(page, "Enter your code");
  await giveCode(page, await person.smsCode(page, before), "Continue");
  await step(page, "Welcome, alice");

  await card(page).getByText("Two-step verification").click();
  await card(page).getByLabel("By SMS").uncheck();
  await page.getByText("By SMS: off").waitFor();
  await signOut(page);
  await signIn(page);
  await step(page, "Welcome, alice");
});

pageTest(
  "codes by email as the second factor; the pool's factors can be chosen",
  async ({ tab }) => {
    const page = await tab();
    const settings = await person.openTab(page, "Settings");
    await settings.getByLabel("By SMS").uncheck();
    await person.setUpPool(page, []);
    await person.signUpAndVerify(page);
    await card(page).getByText("Two-step verification").click();
    await card(page).getByLabel("By email").check();
    await page.getByText("By email: on").waitFor();
    await signOut(page);
    const before = await person.newestEmail(page);
    await signIn(page);
    await step(page, "Enter your code");
    await sees(page, "a***@e***");
    await giveCode(page, await person.emailCode(page, before), "Continue");
    await step(page, "Welcome, alice");
  },
);

pageTest("coming back later with the code of an earlier sign-up", async ({ tab }) => {
  const page = await tab();
  await person.signUp(page);
  await step(page, "Confirm your account");
  await page.goBack();
  await step(page, "Create an account");
  await follow(page, "Sign in");
  await follow(page, "I already signed up and have a code");
  await step(page, "Confirm your account");
  await fill(page, "User name", "alice");
  await giveCode(page, await person.smsCode(page), "Confirm");
  await sees(page, "Your account is confirmed.");
  await signIn(page);
  await step(page, "Verify your email address");
  await press(page, "Not now");
  await step(page, "Welcome, alice");
  await sees(page, "Not verified");
  await press(page, "Verify email address");
  await step(page, "Verify your email address");
});

pageTest("who is not confirmed is led to the code, and can ask for another", async ({ tab }) => {
  const page = await tab();
  await person.signUp(page);
  await step(page, "Confirm your account");
  const first = await person.newestSms(page);
  await page.goBack();
  await step(page, "Create an account");
  await follow(page, "Sign in");
  await signIn(page);
  await person.seesError(page, "userNotConfirmed");
  await press(page, "Send a new code");
  await giveCode(page, await person.smsCode(page, first), "Confirm");
  await step(page, "Verify your email address");
});

pageTest("what is wrong is said beside its field, and nothing is lost", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  await signOut(page);

  await signIn(page, { ...ALICE, password: "Wrong-Horse-7" });
  await person.seesError(page, "wrongCredentials");
  assert.equal(await card(page).getByLabel("User name").inputValue(), "alice");

  // The error of one form is not shown in another.
  await follow(page, "Create an account");
  await step(page, "Create an account");
  assert.equal(await card(page).getByText("User name or password is wrong").count(), 0);
  await press(page, "Create account");
  await sees(page, "Please fill this in.");
  await fill(page, "User name", "alice");
  await fill(page, "Email address", "a@example.com");
  await fill(page, "Password", ALICE.password);
  await press(page, "Create account");
  await person.seesError(page, "userExists");

  await fill(page, "User name", "bob");
  await fill(page, "Password", "short");
  await press(page, "Create account");
  await person.seesError(page, "invalidPassword");
  assert.equal(await card(page).getByLabel("User name").inputValue(), "bob");
  assert.equal(
    await card(page).getByLabel("Password", { exact: true }).getAttribute("aria-invalid"),
    "true",
  );
});

pageTest(
  "a changed email address is verified; tokens on asking; the account deleted",
  async ({ tab }) => {
    const page = await tab();
    await person.signUpAndVerify(page);
    const before = await person.newestEmail(page);
    await card(page).getByText("Email address and phone number").click();
    await fill(page, "Email address", "alice@example.org");
    await card(page).getByRole("button", { name: "Save" }).click();
    await step(page, "Verify your email address");
    await giveCode(page, await person.emailCode(page, before), "Verify");
    await step(page, "Welcome, alice");
    await sees(page, "alice@example.org");

    await card(page).getByText("Tokens", { exact: true }).click();
    await card(page)
      .getByRole("region", { name: "ID token" })
      .getByText("cognito:username")
      .waitFor();
    await card(page).getByRole("button", { name: "Copy access token" }).click();
    await page.getByText("Copied.").waitFor();
    // Elsewhere a page may not look into the clipboard without being asked to by hand.
    if (engine === "chromium") {
      const token = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(token.split(".").length, 3);
      assert.ok(!page.url().includes(token));
    }

    await card(page).getByText("Delete account").first().click();
    await fill(page, "Type alice to confirm", "alice");
    await card(page).getByRole("button", { name: "Delete account" }).click();
    await step(page, "Sign in");
    await signIn(page);
    await person.seesError(page, "wrongCredentials");
  },
);

pageTest("the password is changed by a person who is signed in", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  await card(page).getByText("Change password").click();
  await fill(page, "Current password", ALICE.password);
  await fill(page, "New password", "Another-Horse-8");
  await card(page).getByRole("button", { name: "Save" }).click();
  await sees(page, en["account.passwordChanged"]);
  await signOut(page);
  await signIn(page, { ...ALICE, password: "Another-Horse-8" });
  await step(page, "Welcome, alice");
});
