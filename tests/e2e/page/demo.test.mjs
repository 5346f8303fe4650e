// The demo around the form: what it is at a glance, somebody to sign in as, and six things to try, each to
// its end.
import assert from "node:assert/strict";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { card, fill, giveCode, press, signInAsFilled, step, tryOut } = person;
const DEMO = { username: "demo", password: "Correct-Horse-7" };

withBrowser();

pageTest("what it is, how to have it, where to read more; settings are folded away", async ({ tab, url }) => {
  const page = await tab();
  const intro = page.getByRole("region", { name: "What this is" });
  await intro.getByText("Sign-up and sign-in for Amazon Cognito").waitFor();
  await intro.getByRole("button", { name: "Copy" }).click();
  await intro.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "npm install cognito-flow");
  const links = await intro.getByRole("link").evaluateAll((all) => all.map(({ href }) => href));
  assert.equal(links.length, 4);
  for (const link of links.filter((link) => link.startsWith(url))) {
    assert.ok((await page.request.get(link)).ok(), link);
  }
  const list = page.getByRole("region", { name: "Six things to try" });
  assert.equal(await list.getByRole("listitem").count(), 6);
  assert.equal(await page.getByRole("tabpanel").count(), 0);
  assert.equal(await page.getByRole("tab", { selected: true }).count(), 0);
});

pageTest(
  "with the person's own colours the open pane is told from the others",
  async ({ tab }) => {
    const page = await tab();
    await person.openTab(page, "SMS");
    const line = (name) =>
      page.getByRole("tab", { name }).evaluate((it) => getComputedStyle(it).borderBottomColor);
    assert.notEqual(await line("SMS"), await line("States"));
    assert.equal(await line("Settings"), await line("States"));
  },
  { forcedColors: "active" },
);

pageTest("where nothing may be copied, what was to be copied is there to be selected", async ({ tab }) => {
  const page = await tab();
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
  });
  await person.signUpAndVerify(page);
  await page.getByRole("log", { name: "Phone" }).getByRole("button", { name: "Copy code" }).click();
  await page.waitForFunction(() => /^Your .*\d{6}/.test(getSelection().toString()));
  await card(page).getByText("Tokens", { exact: true }).click();
  await card(page).getByRole("button", { name: "Copy ID token" }).click();
  await card(page).getByText("Copying didn’t work. Select the text and copy it yourself.").waitFor();
  const shown = await card(page).locator("code:visible").innerText();
  assert.match(shown, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  // The other one is nobody's business yet.
  assert.equal(await card(page).locator("code:visible").count(), 1);
});

pageTest("an open pane stays open: after a reload, and in another language", async ({ tab }) => {
  const page = await tab();
  await person.openTab(page, "Administrator");
  await page.reload();
  await page.getByRole("tabpanel", { name: "Administrator" }).waitFor();
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await page.getByRole("tabpanel", { name: "Administration" }).waitFor();
});

pageTest("where storages and locks are blocked, it lasts as long as the page", async ({ context, tab }) => {
  await context.addInitScript(() => {
    const blocked = () => {
      throw new DOMException("Blocked", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: blocked });
    LockManager.prototype.request = async () => blocked();
  });
  const page = await tab();
  await page.getByRole("button", { name: "Use a demo user" }).click();
  await signInAsFilled(page);
  await step(page, "Welcome, demo");
  await page.reload();
  await step(page, "Sign in");
});

for (const width of [320, 390]) {
  pageTest(
    `the header takes one line at ${width} pixels`,
    async ({ tab }) => {
      const page = await tab();
      const { height } = await page.getByRole("banner").boundingBox();
      assert.ok(height < 60, `${height}`);
    },
    { viewport: { width, height: 700 } },
  );
}

pageTest("a demo user is ready, as often as wanted", async ({ tab }) => {
  const page = await tab();
  for (let times = 0; times < 2; times += 1) {
    // The second time somebody is signed in.
    await page.getByRole("button", { name: "Use a demo user" }).click();
    await card(page).getByText("demo is filled in").waitFor();
    await step(page, "Sign in");
    await page.waitForFunction(() => window.focused().textContent.startsWith("Sign in"));
    await page.keyboard.press("Enter");
    await step(page, "Welcome, demo");
    await card(page).getByText("demo is filled in").waitFor({ state: "detached" });
  }
});

pageTest("1: a sign-up", async ({ tab }) => {
  const page = await tab();
  await tryOut(page, "Sign up with email and phone");
  await step(page, "Create an account");
  await page.waitForFunction(() => window.focused().name === "username");
  await page.keyboard.type("alice");
  await fill(page, "Email address", "alice@example.com");
  await fill(page, "Phone number", "+1 202 555 0123");
  await fill(page, "Password", "Correct-Horse-7");
  await press(page, "Create account");
  await giveCode(page, await person.smsCode(page), "Confirm");
  await step(page, "Verify your email address");
});

pageTest("2: a code by SMS, in the middle of another sign-up", async ({ tab }) => {
  const page = await tab();
  await person.signUp(page);
  await step(page, "Confirm your account");
  const old = await person.newestSms(page);
  await tryOut(page, "Sign in with a code by SMS");
  await signInAsFilled(page);
  await step(page, "Enter your code");
  await giveCode(page, await person.smsCode(page, old), "Continue");
  await step(page, "Welcome, demo");
});

pageTest("3: a forgotten password; the next thing to try has the old one again", async ({ tab }) => {
  const page = await tab();
  await tryOut(page, "Forget the password");
  await step(page, "Reset your password");
  await page.waitForFunction(() => window.focused().textContent.startsWith("Send code"));
  assert.equal(await card(page).getByLabel("User name").inputValue(), "demo");
  await page.keyboard.press("Enter");
  await step(page, "Set a new password");
  await fill(page, "Code", await person.smsCode(page));
  await fill(page, "New password", "Another-Horse-8");
  await press(page, "Save password");
  await person.signIn(page, { ...DEMO, password: "Another-Horse-8" });
  await step(page, "Welcome, demo");
  await page.getByRole("button", { name: "Use a demo user" }).click();
  await signInAsFilled(page);
  await step(page, "Welcome, demo");
});

pageTest("4: no password", async ({ tab }) => {
  const page = await tab();
  await tryOut(page, "Sign in without a password");
  await signInAsFilled(page);
  await step(page, "How do you want to sign in?");
  await press(page, "Code by email");
  await giveCode(page, await person.emailCode(page), "Sign in");
  await step(page, "Welcome, demo");
});

pageTest("5: a lost phone, and what helps", async ({ tab }) => {
  const page = await tab();
  await tryOut(page, "Lose the phone");
  await page.getByRole("tabpanel", { name: "Administrator" }).waitFor();
  await signInAsFilled(page);
  await step(page, "Enter your code");
  await page.getByText("The phone with +491713920001 is lost").waitFor();
  const user = await person.administer(page, "demo");
  await user.getByLabel("Phone number").fill("+12025550188");
  await user.getByLabel("Counts as verified").first().check();
  await user.getByRole("button", { name: "Change phone number" }).click();
  await press(page, "Back to sign-in");
  await person.signIn(page, DEMO);
  await step(page, "Enter your code");
  await giveCode(page, await person.smsCode(page), "Continue");
  await step(page, "Welcome, demo");
});

pageTest("6: no money for SMS, and what helps; the others then have some", async ({ tab }) => {
  const page = await tab();
  await tryOut(page, "Run out of money for SMS");
  const sms = page.getByRole("tabpanel", { name: "SMS" });
  await sms.getByText("of 1.00 USD").waitFor();
  await signInAsFilled(page);
  await step(page, "Enter your code");
  await sms.getByText("No quota left for account").first().waitFor();
  await sms.getByText("Ask for a higher limit").click();
  await sms.getByRole("button", { name: "File the case" }).click();
  await sms.getByText("of 20.00 USD").waitFor();
  await press(page, "Back to sign-in");
  await person.signIn(page, DEMO);
  await giveCode(page, await person.smsCode(page), "Continue");
  await step(page, "Welcome, demo");
  // Again, and then another one.
  await tryOut(page, "Run out of money for SMS");
  await signInAsFilled(page);
  await step(page, "Enter your code");
  const phone = page.getByRole("log", { name: "Phone" });
  await phone.getByRole("listitem").first().getByText("SNS dropped it").waitFor();
  const old = await person.shownSms(page);
  await tryOut(page, "Sign in with a code by SMS");
  await signInAsFilled(page);
  await giveCode(page, await person.smsCode(page, old), "Continue");
  await step(page, "Welcome, demo");
});

pageTest("in a pool that requires codes, what wants another pool has one", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, ["Required"], "Make a new pool");
  await tryOut(page, "Sign in without a password");
  await signInAsFilled(page);
  await step(page, "How do you want to sign in?");
});

const PHONE = { viewport: { width: 390, height: 760 } };

pageTest(
  "on a phone the message is over the form; pressing it fills the code in",
  async ({ tab }) => {
    const page = await tab();
    const bar = page.getByRole("group", { name: "New message" });
    await person.signUp(page);
    await step(page, "Confirm your account");
    const first = await person.smsCode(page);
    const message = bar.getByRole("button", { name: `SMS: ${first} – fill in` });
    await message.waitFor();
    const inSight = await message.evaluate((button) => button.getBoundingClientRect().bottom < innerHeight);
    assert.ok(inSight);
    // A whole code is sent at once.
    await message.click();
    // The email's, not the SMS of before.
    await step(page, "Verify your email address");
    const second = await person.emailCode(page);
    await bar.getByRole("button", { name: `Email: ${second} – fill in` }).click();
    await step(page, "Welcome, alice");
    assert.ok(await bar.isHidden());
    await person.signOut(page);
    assert.ok(await bar.isHidden());
  },
  PHONE,
);

pageTest(
  "the message can be put away, is there after a reload, and a new one takes its place",
  async ({ tab }) => {
    const page = await tab();
    const bar = page.getByRole("group", { name: "New message" });
    await person.signUp(page);
    const old = await person.newestSms(page);
    await bar.getByRole("button", { name: "fill in" }).waitFor();
    await page.reload();
    await bar.getByRole("button", { name: "fill in" }).waitFor();
    await bar.getByRole("button", { name: "Close" }).click();
    await bar.waitFor({ state: "hidden" });
    await person.moveClock(page, "+1 min");
    await press(page, "Send a new code");
    const code = await person.smsCode(page, old);
    await bar.getByRole("button", { name: `SMS: ${code} – fill in` }).waitFor();
  },
  PHONE,
);

pageTest(
  "what was not sent is said where it would have come, and why behind the scenes",
  async ({ tab }) => {
    const page = await tab();
    await tryOut(page, "Run out of money for SMS");
    await signInAsFilled(page);
    await step(page, "Enter your code");
    const phone = page.getByRole("log", { name: "Phone" });
    await phone.getByText("SNS dropped it: No quota left for account.").waitFor();
    await person.openTab(page, "Settings");
    await page.getByRole("button", { name: "No SMS came: No quota left for account. Why?" }).click();
    await page.getByRole("tabpanel", { name: "SMS" }).waitFor();
    await person.openTab(page, "Settings");
    await phone.getByRole("button", { name: "Why?" }).click();
    await page.getByRole("tabpanel", { name: "SMS" }).waitFor();
  },
  PHONE,
);

pageTest("beside the form a message fills its code in, too; a lost phone can be found", async ({ tab }) => {
  const page = await tab();
  await tryOut(page, "Lose the phone");
  await signInAsFilled(page);
  await step(page, "Enter your code");
  assert.ok(await page.getByRole("group", { name: "New message" }).isHidden());
  await page.getByRole("button", { name: "It was found again" }).click();
  const fill = page.getByRole("log", { name: "Phone" }).getByRole("button", { name: "Fill in" });
  await fill.click();
  await step(page, "Welcome, demo");
  await fill.click();
  await page.getByRole("button", { name: "No code is asked for now" }).waitFor();
});
