// Two tabs of one browser, and a network that is slow or gone.
import assert from "node:assert/strict";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { card, fill, press, seesError, signIn, signOut, step } = person;

withBrowser();

pageTest("signing out everywhere in one tab signs the other out", async ({ tab }) => {
  const one = await tab();
  await person.signUpAndVerify(one);
  const two = await tab();
  await step(two, "Welcome, alice");
  await press(one, "Sign out everywhere");
  await step(one, "Sign in");
  await step(two, "Sign in");
});

pageTest("a session that was ended elsewhere is noticed when it is renewed", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  const alice = await person.administer(page, "alice");
  await alice.getByRole("button", { name: "Sign out everywhere" }).click();
  await person.moveClock(page, "+24 h");
  await card(page).getByText("Tokens", { exact: true }).click();
  await step(page, "Sign in");
  await seesError(page, "challengeSpent");
});

pageTest("two tabs renew their tokens at once, and both stay signed in", async ({ tab }) => {
  const one = await tab();
  await person.signUpAndVerify(one);
  const two = await tab();
  await step(two, "Welcome, alice");
  await person.moveClock(one, "+24 h");
  await Promise.all(
    [one, two].map((page) => card(page).getByText("Tokens", { exact: true }).click()),
  );
  for (const page of [one, two]) {
    await card(page).getByRole("region", { name: "Access token" }).getByText("token_use").waitFor();
    await step(page, "Welcome, alice");
  }
  await signOut(one);
  await step(two, "Sign in");
});

pageTest("offline: it is said so, nothing is lost, and it works again after", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  await signOut(page);
  const under = await person.openTab(page, "Underneath");
  await under.getByLabel("Network").selectOption("Offline");
  await signIn(page);
  await seesError(page, "offline");
  assert.equal(
    await card(page).getByLabel("Password", { exact: true }).inputValue(),
    person.PASSWORD,
  );
  await under.getByLabel("Network").selectOption("Normal");
  await press(page, "Sign in");
  await step(page, "Welcome, alice");
});

pageTest("signing out works offline", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  const under = await person.openTab(page, "Underneath");
  await under.getByLabel("Network").selectOption("Offline");
  await signOut(page);
  await page.reload();
  await step(page, "Sign in");
});

pageTest("who signs out on a slow network can sign in again at once", async ({ tab }) => {
  const page = await tab();
  await person.signUpAndVerify(page);
  const under = await person.openTab(page, "Underneath");
  await under.getByLabel("Network").selectOption("Slow (2 seconds)");
  await press(page, "Sign out");
  await step(page, "Sign in");
  // What is typed while the pool is still being told of it is not lost, and Enter waits.
  await card(page).getByLabel("Password", { exact: true }).focus();
  await page.keyboard.type(person.PASSWORD);
  await page.keyboard.press("Enter");
  await card(page).getByRole("button", { name: "Sign in – please wait" }).waitFor();
  await step(page, "Welcome, alice");
});

pageTest("a slow network: the form waits without moving, and sends once", async ({ tab }) => {
  const page = await tab();
  const under = await person.openTab(page, "Underneath");
  await under.getByLabel("Network").selectOption("Slow (2 seconds)");
  await fill(page, "User name", "nobody");
  await fill(page, "Password", "Wrong-Horse-7");
  const button = card(page).getByRole("button", { name: "Sign in" });
  const before = await button.boundingBox();
  await button.dblclick();
  await card(page).getByRole("button", { name: "Sign in – please wait" }).waitFor();
  assert.deepEqual(await button.boundingBox(), before);
  await card(page).getByLabel("User name").press("Enter");
  await seesError(page, "wrongCredentials");
  const operations = await under.getByRole("listitem").locator("code").allTextContents();
  assert.equal(operations.filter((name) => name === "InitiateAuth").length, 1);
});
