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

/** Signs up alice and makes bob, without anything that he would have to verify. */
async function aliceAndBob(page) {
  await person.signUpAndVerify(page);
  const panel = await person.openTab(page, "Administrator");
  await panel.getByText("Create a user").click();
  await panel.getByLabel("User name").fill("bob");
  await panel.getByLabel("Temporary password (or").fill("Temporary-1");
  await panel.getByRole("button", { name: "Create user" }).click();
  await panel.getByText("FORCE_CHANGE_PASSWORD").waitFor();
}

/** Signs alice out and bob in, in another tab. */
async function bobSignsIn(page) {
  await step(page, "Welcome, alice");
  await signOut(page);
  await signIn(page, { username: "bob", password: "Temporary-1" });
  await step(page, "Choose a new password");
  await fill(page, "New password", person.PASSWORD);
  const email = card(page).getByLabel("Email address");
  if ((await email.count()) > 0) await email.fill("bob@example.com");
  await press(page, "Save and continue");
  await card(page).getByRole("button", { name: "Not now" }).click();
  await step(page, "Welcome, bob");
}

for (const [what, act] of [
  ["deleting the account", (page) => press(page, "Delete account")],
  ["signing out everywhere", (page) => press(page, "Sign out everywhere")],
]) {
  pageTest(`somebody else has signed in in another tab meanwhile: ${what}`, async ({ context, tab }) => {
    await context.addInitScript(() => {
      for (const name of ["storage", "pageshow", "visibilitychange"]) {
        const stop = (event) => window.asleep && event.stopImmediatePropagation();
        window.addEventListener(name, stop, true);
      }
    });
    const one = await tab();
    await aliceAndBob(one);
    const users = await person.openTab(one, "Administrator");
    await card(one).getByText("Delete account").first().click();
    await fill(one, "Type alice to confirm", "alice");
    // This tab is not told: it was asleep.
    await one.evaluate(() => (window.asleep = true));
    await bobSignsIn(await tab());
    await step(one, "Welcome, alice");
    await act(one);
    await step(one, "Welcome, bob");
    await person.sees(one, "This page now shows the account of bob.");
    assert.equal(await card(one).locator("details[open]").count(), 0);
    assert.equal(await card(one).getByRole("alert").filter({ hasText: /./ }).count(), 0);
    // Nothing was done to either.
    await one.reload();
    await step(one, "Welcome, bob");
    await person.openTab(one, "Administrator");
    for (const name of ["alice", "bob"]) {
      await users.locator("summary", { hasText: name }).waitFor();
    }
  });
}

pageTest("who signs in in one tab is signed in in the other, under their own name", async ({ tab }) => {
  const one = await tab();
  await aliceAndBob(one);
  await card(one).getByText("Change password").click();
  await fill(one, "Current password", "Alices-Horse-7");
  await bobSignsIn(await tab());
  await step(one, "Welcome, bob");
  await card(one).getByText("Change password").click();
  await person.sees(one, "Account: bob");
  const current = card(one).getByLabel("Current password");
  assert.equal(await current.inputValue(), "");
});

pageTest("what is typed and sent before the page is there goes nowhere", async ({ context, url }) => {
  const page = await context.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request));
  let go;
  const held = new Promise((done) => (go = done));
  await page.route("**/cognito-flow/index.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(url, { waitUntil: "commit" });
  await page.getByRole("heading", { name: "cognito-flow" }).waitFor();
  const early = page.locator("form, input, button");
  for (let count = await early.count(); count > 0; count -= 1) {
    await early.nth(count - 1).evaluate((element) => element.form?.requestSubmit());
  }
  await page.keyboard.type("alice\tCorrect-Horse-7\n");
  go();
  await step(page, "Sign in");
  assert.equal(page.url(), url);
  assert.ok(requests.every((request) => request.method() === "GET"));
  assert.ok(requests.every((request) => !/alice|Horse|\?/.test(request.url())));
});

for (const address of ["", "?pool=eu-west-1_AbCdEfGhI&client=1h57kf5cpq17m0eml12"]) {
  pageTest(`a browser that cannot run the module: /${address}`, async ({ context, tab }) => {
    await context.addInitScript(() => {
      const fail = () => Promise.reject(new WebAssembly.CompileError("no SIMD"));
      Object.assign(WebAssembly, { instantiate: fail, instantiateStreaming: fail, compile: fail });
    });
    const page = await tab(address);
    const alert = page.getByRole("main").getByRole("alert");
    await alert.getByText("This browser lacks something that signing in needs.").waitFor();
  });
}
