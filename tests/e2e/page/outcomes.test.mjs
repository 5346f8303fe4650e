// What came of something is seen, not only heard: sent again, changed, deleted, signed out or not
// everywhere. And the small things of every form: what a toggle is called, what is first and second.
import assert from "node:assert/strict";
import { LANGUAGES } from "../../../ui/texts.js";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";
import { scripted, signedInAs, words } from "./support/scripted.mjs";

withBrowser();

const delivery = { medium: "sms", destination: "+*******0123", attribute: "phone_number" };
const mfa = {
  ...{ step: "mfaCode", username: "alice", medium: "sms", expiresAt: null },
  ...{ delivery, canResend: true, resendAt: null },
};
const confirm = {
  ...{ step: "confirmSignUp", username: "alice", delivery },
  ...{ codeExpiresAt: null, resendAt: null },
};
const out = { step: "signedOut", username: "alice", round: 2 };

const button = (page, name) => page.getByRole("button", { name, exact: true });
const field = (page, name) => page.getByLabel(name, { exact: true });
const settled = (snapshot) => ({ busy: null, error: null, round: 1, ...snapshot });
/** A line that is seen, and said as it comes. */
const outcome = (page, text) => page.getByRole("status").and(page.getByText(text, { exact: true }));

pageTest("another code was sent: seen below the button, which says how long the pause is", async (person) => {
  const { page, answers, becomes } = await scripted(person, confirm);
  const after = settled({ ...confirm, resendAt: Date.now() + 30_000 });
  await answers("resendCode", { becomes: after, resolve: after });
  await field(page, "Code").pressSequentially("12");
  await button(page, "Send a new code").click();
  await outcome(page, words("resend.done")).waitFor();
  await page.getByRole("button", { name: /Send a new code \(in 0:\d\d\)/ }).waitFor();
  // What was typed stays, and the news go when something else is done.
  assert.equal(await field(page, "Code").inputValue(), "12");
  await becomes({ ...after, busy: "confirmSignUp" });
  await outcome(page, words("resend.done")).waitFor({ state: "detached" });
});

pageTest("another code that is another challenge: the new form begins with the news", async (person) => {
  const { page, becomes } = await scripted(person, mfa);
  await becomes({ ...mfa, busy: "resendCode" });
  await becomes({ ...mfa, round: 2, resendAt: Date.now() + 30_000 });
  await outcome(page, words("resend.done")).waitFor();
  await becomes({ ...mfa, round: 3 });
  await page.waitForFunction(() => window.findAll("[part~=good]").every((it) => it.textContent === ""));
});

pageTest("another code that could not be sent is no news", async (person) => {
  const { page, answers } = await scripted(person, confirm);
  const error = { code: "deliveryFailed", message: "" };
  await answers("resendCode", { becomes: { ...confirm, error }, resolve: settled({ ...confirm, error }) });
  await button(page, "Send a new code").click();
  await page.getByText(words("error.deliveryFailed")).waitFor();
  assert.equal(await page.getByText(words("resend.done")).count(), 0);
});

for (const [name, key] of [
  ["Sign out", "notice.signedOut"],
  ["Sign out everywhere", "notice.signedOutEverywhere"],
]) {
  pageTest(`${name}: what came of it is on the next form, until something is begun`, async (person) => {
    const { page, becomes } = await scripted(person, signedInAs("alice"));
    await button(page, name).click();
    await becomes({ ...out, busy: "signOut" });
    // Here it is so at once; elsewhere once the pool has said so.
    await outcome(page, words("notice.signedOut")).waitFor();
    await field(page, "Password").fill("Correct-Horse-7");
    await becomes(out);
    await outcome(page, words(key)).waitFor();
    assert.equal(await field(page, "Password").inputValue(), "Correct-Horse-7");
    assert.deepEqual(await axe(page), []);
    await becomes({ ...out, busy: "signIn" });
    await page.locator(".notice.good:visible").waitFor({ state: "detached" });
  });
}

pageTest("signed out here but not everywhere: that it is not, and nothing good", async (person) => {
  const { page, becomes } = await scripted(person, signedInAs("alice"));
  await button(page, "Sign out everywhere").click();
  await becomes({ ...out, busy: "signOut" });
  await becomes({ ...out, error: { code: "offline", message: "" } });
  await page.getByRole("alert").getByText(words("error.notEverywhere")).waitFor();
  assert.equal(await page.locator(".notice.good:visible").count(), 0);
});

pageTest("signed out by another tab, or because the session ended, is not called one's own doing", async (person) => {
  const { page, becomes } = await scripted(person, signedInAs("alice"));
  await becomes(out);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.locator(".notice:visible").count(), 0);
});

pageTest("a deleted account: said on the form for signing in; one that was not is not", async (person) => {
  const { page, answers, becomes } = await scripted(person, signedInAs("alice"));
  await answers("deleteUser", { reject: { code: "offline", message: "" } });
  await page.getByText("Delete account").click();
  await field(page, "Type alice to confirm").fill("alice");
  await button(page, "Delete account").click();
  await page.getByText(words("error.offline")).waitFor();
  await becomes({ ...out, username: null });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.getByText(words("notice.deleted")).count(), 0);

  await becomes(signedInAs("alice", { round: 3 }));
  await answers("deleteUser", { becomes: { ...out, username: null, round: 4 } });
  await page.getByText("Delete account").click();
  await field(page, "Type alice to confirm").fill("alice");
  await button(page, "Delete account").click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.locator(".notice.good").getByText(words("notice.deleted")).waitFor();
});

pageTest("what the account changed is seen beside it, and the passwords are gone from the fields", async (person) => {
  const { page, answers } = await scripted(person, signedInAs("alice"));
  await answers("changePassword", {});
  await page.getByText("Change password").click();
  await field(page, "Current password").fill("Correct-Horse-7");
  await field(page, "New password").fill("Another-Horse-8");
  await button(page, "Save").click();
  await outcome(page, words("account.passwordChanged")).waitFor();
  for (const name of ["Current password", "New password"]) {
    assert.equal(await field(page, name).inputValue(), "");
  }
  await answers("mfaPreference", { resolve: { enabled: [], preferred: null } });
  await answers("setMfaPreference", {});
  await page.getByText("Two-step verification").click();
  await page.getByLabel("By SMS").click();
  await outcome(page, words("account.mfaOn", { factor: "By SMS" })).waitFor();
});

pageTest("Show is a toggle that says what it shows, and whether it does", async (person) => {
  const { page } = await scripted(person, { step: "signedOut", username: null });
  const toggle = page.getByRole("button", { name: words("password.showIt"), exact: true });
  const password = field(page, "Password");
  const before = await toggle.boundingBox();
  assert.equal(await toggle.getAttribute("aria-pressed"), "false");
  await toggle.click();
  assert.equal(await toggle.getAttribute("aria-pressed"), "true");
  assert.equal(await password.getAttribute("type"), "text");
  // It neither changes its name nor moves.
  assert.deepEqual(await toggle.boundingBox(), before);
  await toggle.click();
  assert.equal(await toggle.getAttribute("aria-pressed"), "false");
  assert.equal(await password.getAttribute("type"), "password");
});

for (const language of Object.keys(LANGUAGES)) {
  pageTest(
    `Show is called what it says, and no button wraps at 320 pixels, in ${language}`,
    async (person) => {
      const { default: table } = await import(`../../../ui/texts/${language}.js`);
      // Who says what they see is understood by their browser.
      assert.ok(table["password.showIt"].toLowerCase().includes(table["password.show"].toLowerCase()));
      const { page, becomes } = await scripted(person, { step: "signedOut", username: null }, { language });
      const wrapped = () =>
        page.evaluate(() =>
          window
            .findAll(".primary, .secondary, .show-password, .badge, .mark")
            .filter((it) => it.checkVisibility())
            .filter((it) => {
              const range = document.createRange();
              range.selectNodeContents(it.firstChild);
              const { height } = range.getBoundingClientRect();
              return height > parseFloat(getComputedStyle(it).lineHeight) * 1.5;
            })
            .map((it) => it.textContent),
        );
      assert.deepEqual(await wrapped(), []);
      await becomes(signedInAs("alice", { round: 2, unverified: ["email"] }));
      await page.getByRole("heading", { name: /alice/ }).waitFor();
      assert.deepEqual(await wrapped(), []);
    },
    { viewport: { width: 320, height: 700 } },
  );
}

pageTest("the ways out of an account are not what is offered first", async (person) => {
  const { page } = await scripted(person, signedInAs("alice"));
  for (const name of ["Sign out", "Sign out everywhere"]) {
    assert.match(await button(page, name).getAttribute("class"), /secondary/);
  }
  assert.equal(await page.locator("button.primary:visible").count(), 0);
});

pageTest(
  "with the person's own colours what is pressed, first and wrong is told apart",
  async (person) => {
    const { page } = await scripted(person, { step: "signedOut", username: null });
    const look = (locator) =>
      locator.evaluate((it) => {
        const { backgroundColor, outlineStyle, borderTopStyle } = getComputedStyle(it);
        return { backgroundColor, outlineStyle, borderTopStyle };
      });
    const toggle = page.getByRole("button", { name: words("password.showIt") });
    const off = await look(toggle);
    await toggle.click();
    assert.notEqual((await look(toggle)).backgroundColor, off.backgroundColor);
    const first = await look(button(page, "Sign in"));
    assert.notEqual(first.backgroundColor, off.backgroundColor);
    await button(page, "Sign in").click();
    await page.getByText(words("error.missing")).first().waitFor();
    assert.equal((await look(field(page, "Password"))).outlineStyle, "solid");
    assert.deepEqual(await axe(page), []);
  },
  { forcedColors: "active" },
);

pageTest("in the demo: a code can be copied, a temporary password is not called one", async ({ tab }) => {
  const page = await tab();
  const panel = await person.openTab(page, "Administrator");
  await panel.getByText("Create a user").click();
  await panel.getByLabel("User name").fill("bob");
  await panel.getByLabel("Email address").last().fill("bob@example.com");
  await panel.getByLabel("Temporary password (or").fill("Temporary-1");
  await panel.getByRole("button", { name: "Create user" }).click();
  const mailbox = page.getByRole("region", { name: "Mailbox", exact: true });
  await mailbox.getByText("Temporary-1").waitFor();
  assert.equal(await mailbox.getByRole("button", { name: "Copy code" }).count(), 0);
});
