// What takes an administrator: lost phones, first passwords, permission and money for SMS.
import assert from "node:assert/strict";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { ALICE, card, fill, follow, giveCode, press, sees, seesError, signIn, signOut, step } =
  person;

withBrowser();

pageTest(
  "a forgotten password without a verified contact is for an administrator",
  async ({ tab }) => {
    const page = await tab();
    await person.signUp(page);
    await step(page, "Confirm your account");
    const alice = await person.administer(page, "alice");
    await alice.getByRole("button", { name: "Confirm sign-up" }).click();
    await alice.getByText("CONFIRMED", { exact: true }).waitFor();

    await press(page, "Back to sign-in");
    await follow(page, "Forgot your password?");
    await fill(page, "User name", "alice");
    await press(page, "Send code");
    await seesError(page, "noVerifiedContact");
  },
);

pageTest("a lost phone: only the administrator can change the number", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["Required"], "Make a new pool");
  await person.signUp(page);
  await step(page, "Confirm your account");
  const first = await person.newestSms(page);
  await giveCode(page, await person.smsCode(page), "Confirm");
  await step(page, "Enter your code");
  await giveCode(page, await person.smsCode(page, first), "Continue");
  await step(page, "Verify your email address");
  await press(page, "Not now");
  await signOut(page);

  const phone = page.getByRole("region", { name: "Phone", exact: true });
  await phone.getByRole("button", { name: "Lose this phone" }).click();
  await phone.getByText("is lost").waitFor();
  await signIn(page);
  await step(page, "Enter your code");
  assert.equal(await page.getByRole("log", { name: "Phone" }).getByRole("listitem").count(), 0);
  await press(page, "Back to sign-in");

  const alice = await person.administer(page, "alice");
  await alice.getByLabel("Phone number").fill("+12025550199");
  await alice.getByRole("button", { name: "Change phone number" }).click();
  await page.getByRole("tabpanel", { name: "Administrator" }).getByText("Saved.").waitFor();
  await signIn(page);
  await sees(page, "+*******0199");
  await phone.getByText("+12025550199").waitFor();
  await giveCode(page, await person.smsCode(page), "Continue");
  await step(page, "Verify your email address");
});

pageTest("a user made by an administrator chooses a password of their own", async ({ tab }) => {
  const page = await tab();
  const panel = await person.openTab(page, "Administrator");
  await panel.getByText("Create a user").click();
  await panel.getByLabel("User name").fill("bob");
  await panel.getByLabel("Email address").fill("bob@example.com");
  await panel.getByLabel("Temporary password (or").fill("Temporary-1");
  await panel.getByRole("button", { name: "Create user" }).click();
  await panel.getByText("FORCE_CHANGE_PASSWORD").waitFor();
  await page.getByRole("log", { name: "Mailbox" }).getByText("Temporary-1").waitFor();

  await signIn(page, { username: "bob", password: "Temporary-1" });
  await step(page, "Choose a new password");
  await fill(page, "New password", ALICE.password);
  await press(page, "Save and continue");
  // The pool does not say whether the address is verified, as Cognito does not: nobody is asked for it.
  await step(page, "Welcome, bob");
  await signOut(page);
  await signIn(page, { username: "bob", password: ALICE.password });
  await step(page, "Welcome, bob");
});

pageTest("a password that was reset, a user who was disabled", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  await signOut(page);
  const before = await person.newestSms(page);
  const alice = await person.administer(page, "alice");
  await alice.getByRole("button", { name: "Reset password" }).click();
  await alice.getByText("RESET_REQUIRED").waitFor();
  await signIn(page);
  await step(page, "Set a new password");
  await seesError(page, "passwordResetRequired");
  await fill(page, "New password", "Another-Horse-8");
  await giveCode(page, await person.smsCode(page, before), "Save password");
  await step(page, "Sign in");

  await alice.getByRole("button", { name: "Disable", exact: true }).click();
  await alice.getByText("Disabled").waitFor();
  await signIn(page, { ...ALICE, password: "Another-Horse-8" });
  await seesError(page, "userDisabled");
});

pageTest(
  "over the spend limit the SMS is lost and the log says why; a granted case mends it",
  async ({ tab }) => {
    const page = await tab();
    const sms = await person.openTab(page, "SMS");
    await sms.getByLabel("Monthly limit in USD").fill("0");
    await sms.getByRole("button", { name: "Set limit" }).click();
    await sms.getByText("of 0.00 USD").waitFor();
    await person.signUp(page);
    await step(page, "Confirm your account");
    await sms.getByRole("cell", { name: /Dropped No quota left/ }).waitFor();
    await page
      .getByRole("log", { name: "Phone" })
      .getByText("SNS dropped it: No quota left for account.")
      .waitFor();

    await sms.getByText("Ask for a higher limit").click();
    await sms.getByLabel("New limit value (USD)").fill("20");
    await sms.getByRole("button", { name: "File the case" }).click();
    await sms.getByText("Granted: the new limit is in force.").waitFor();
    await sms.getByText("of 20.00 USD").waitFor();
    await person.moveClock(page, "+1 min");
    await press(page, "Send a new code");
    await giveCode(page, await person.smsCode(page), "Confirm");
    await step(page, "Verify your email address");
  },
);

pageTest("nearly everything can be spent at a press; then one message is dear", async ({ tab }) => {
  const page = await tab();
  const sms = await person.openTab(page, "SMS");
  const spend = sms.getByRole("button", { name: "Spend 0.99 USD" });
  await spend.click();
  await sms.getByText("0.99 USD of 1.00 USD").waitFor();
  await spend.click();
  await sms.getByRole("alert").getByText("That would pass the month's limit").waitFor();
  // To this number it costs 0.00645 USD.
  await sms.getByLabel("Limit for one message in USD").fill("0.006");
  await sms.getByRole("button", { name: "Apply" }).click();
  await sms.getByText("Saved.", { exact: true }).waitFor();
  await person.signUp(page);
  await step(page, "Confirm your account");
  await sms.getByRole("cell", { name: "Dropped This delivery would exceed max price" }).waitFor();
  await sms.getByLabel("Limit for one message in USD").fill("");
  await sms.getByRole("button", { name: "Apply" }).click();
  await person.moveClock(page, "+1 min");
  await press(page, "Send a new code");
  await sms.getByRole("cell", { name: "0.00645 USD" }).last().waitFor();
  await sms.getByText("0.99645 USD of 1.00 USD").waitFor();
});

pageTest("what a message costs, by country, and the letters of a support case", async ({ tab }) => {
  const page = await tab();
  const sms = await person.openTab(page, "SMS");
  await sms.getByText("What a message costs, by country").click();
  for (const row of ["United States, Canada +1 0.00645 USD", "India +91 0.00278 USD", "Cuba +53 cannot be reached"]) {
    await sms.getByRole("row", { name: row }).waitFor();
  }
  await sms.getByText("Ask for a higher limit").click();
  await sms.getByLabel("New limit value (USD)").fill("30");
  await sms.getByLabel("Use case").fill("Codes for our club");
  await sms.getByRole("button", { name: "File the case" }).click();
  const letters = sms.getByRole("listitem");
  await letters.filter({ hasText: "To AWS Support" }).getByText("New limit value: 30").waitFor();
  await letters.filter({ hasText: "To AWS Support" }).getByText("Use case: Codes for our club").waitFor();
  await letters.filter({ hasText: "From AWS Support" }).getByText("The case is resolved.").waitFor();
  await sms.getByText("of 30.00 USD").waitFor();
});

pageTest("a limit above the quota takes a case", async ({ tab }) => {
  const page = await tab();
  const sms = await person.openTab(page, "SMS");
  await sms.getByLabel("Monthly limit in USD").fill("50");
  await sms.getByRole("button", { name: "Set limit" }).click();
  await sms.getByRole("alert").getByText("InvalidParameter").waitFor();
});

for (const role of ["Has no permission to publish", "Does not trust Cognito"]) {
  pageTest(`the role for SMS: ${role}`, async ({ tab }) => {
    const page = await tab();
    const sms = await person.openTab(page, "SMS");
    await sms.getByLabel(role).check();
    await person.signUp(page);
    await seesError(page, "smsNotConfigured");
    await sms.getByLabel("May send").check();
    // What was typed is still there.
    await press(page, "Create account");
    await step(page, "Confirm your account");
    await giveCode(page, await person.smsCode(page), "Confirm");
    await step(page, "Verify your email address");
  });
}

pageTest("what happens underneath is shown in order, without secrets", async ({ tab }) => {
  const page = await tab();
  await person.signUp(page);
  await step(page, "Confirm your account");
  const code = await person.smsCode(page);
  await giveCode(page, code, "Confirm");
  await step(page, "Verify your email address");
  const under = await person.openTab(page, "Underneath");
  await under.getByRole("listitem").first().waitFor();
  const operations = await under.getByRole("listitem").locator("code").allTextContents();
  assert.deepEqual(operations, [
    "SignUp",
    "ConfirmSignUp",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetUser",
    "GetUserAttributeVerificationCode",
  ]);
  const everything = await under.textContent();
  assert.ok(everything.includes("alice@example.com"));
  for (const secret of [ALICE.password, code, "eyJ"])
    assert.ok(!everything.includes(secret), secret);
});

pageTest("each request says what it is, why it is made, and which line of the guide it follows", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  await person.signOut(page);
  const under = await person.openTab(page, "Underneath");
  const rows = under.getByRole("listitem");
  await rows.filter({ hasText: "RevokeToken" }).waitFor();
  // Nothing that the flow sent here is left unexplained.
  for (const row of await rows.all()) assert.equal(await row.locator(".why").count(), 1, await row.textContent());
  const proof = page.locator(".kind", { hasText: "PASSWORD_VERIFIER" });
  const first = rows.filter({ has: proof }).first();
  await first.getByText("The proof that the password is known.").waitFor();
  await first.locator("summary").click();
  await first.getByText("The guide: user name and password come first").waitFor();
});

pageTest(
  "the states: the present step is lit, and each leads to its documentation",
  async ({ tab, url }) => {
    const page = await tab();
    const states = await person.openTab(page, "States");
    const now = () => states.locator("[aria-current=step] text").textContent();
    await states.getByText("Now: signedOut. From here:").waitFor();
    assert.equal(await now(), "signedOut");
    await person.signUp(page);
    await states.getByText("Now: confirmSignUp. From here:").waitFor();
    assert.equal(await now(), "confirmSignUp");
    const table = await (await page.request.get(`${url}docs/states.json`)).json();
    for (const { name } of table.steps) {
      const link = states.getByRole("link", { name: `${name}: documentation`, exact: true });
      const target = await link.evaluate(
        (element) => new URL(element.getAttribute("href"), document.baseURI).href,
      );
      assert.ok((await page.request.get(target)).ok(), target);
    }
  },
);

pageTest("everything can be cleared", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  const settings = await person.openTab(page, "Settings");
  const question = page.getByRole("alertdialog", { name: "Forget every pool" });
  await settings.getByRole("button", { name: "Clear everything" }).click();
  await question.getByRole("button", { name: "Keep it" }).click();
  await question.waitFor({ state: "detached" });
  await step(page, "Welcome, alice");
  await settings.getByRole("button", { name: "Clear everything" }).click();
  await question.getByRole("button", { name: "Clear everything" }).click();
  await step(page, "Sign in");
  await page.getByText("Text messages arrive here.").waitFor();
  const panel = await person.openTab(page, "Administrator");
  await panel.getByText("Nobody has signed up yet.").waitFor();
  assert.equal(await card(page).getByLabel("User name").inputValue(), "");
});

pageTest("a user is deleted when that was meant", async ({ tab }) => {
  const page = await tab();
  await page.getByRole("button", { name: "Use a demo user" }).click();
  await card(page).getByText("demo is filled in").waitFor();
  const user = await person.administer(page, "demo");
  const question = page.getByRole("alertdialog", { name: "Delete the user demo?" });
  await user.getByRole("button", { name: "Delete" }).click();
  await question.waitFor();
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  await user.getByRole("button", { name: "Delete" }).click();
  await question.waitFor();
  // The button that keeps everything is the one that has the keyboard.
  await page.keyboard.press("Enter");
  await question.waitFor({ state: "detached" });
  await user.getByRole("button", { name: "Delete" }).click();
  await question.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Nobody has signed up yet.").waitFor();
});

pageTest(
  "a pool that this version cannot read is begun anew",
  async ({ tab }) => {
    const page = await tab();
    await person.signUp(page);
    await step(page, "Confirm your account");
    await page.evaluate(() => localStorage.setItem("cognito-flow-demo.pool", "of another version"));
    await page.reload();
    await page.getByText("Text messages arrive here.").waitFor();
    await step(page, "Sign in");
  },
  // The page that is left may still be looking.
  { allowedFaults: [/not the saved state of a service/] },
);
