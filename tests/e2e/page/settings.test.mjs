// The settings of the pool in the page reach the pool, the flow and its forms, and stay.
import assert from "node:assert/strict";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { card, step } = person;

withBrowser();

pageTest("what was chosen is in the pool, also after a reload", async ({ tab }) => {
  const page = await tab();
  const chosen = {
    signInWith: ["choice"],
    firstFactors: ["EMAIL_OTP", "SMS_OTP"],
    factors: ["sms", "email", "totp"],
    devices: ["ask"],
    sessions: ["on"],
    otherSites: ["on"],
    emailBy: ["CONFIRM_WITH_LINK"],
  };
  const settings = await person.openTab(page, "Settings");
  for (const [name, values] of Object.entries(chosen)) {
    for (const value of values) await settings.locator(`[name=${name}][value=${value}]`).check();
  }
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByText("Saved.").waitFor();
  await page.reload();
  const ticked = async (name) =>
    (await settings.locator(`[name=${name}]:checked`).all()).map((it) => it.getAttribute("value"));
  await settings.getByText("The page signs in with", { exact: true }).waitFor();
  for (const [name, values] of Object.entries(chosen)) {
    assert.deepEqual(await Promise.all(await ticked(name)), values, name);
  }
  // And back again.
  await settings.getByLabel("No: none is tracked").check();
  await settings.getByLabel("Code in a text message").uncheck();
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByText("Saved.").waitFor();
  await page.reload();
  await settings.getByText("The page signs in with", { exact: true }).waitFor();
  assert.ok(await settings.getByLabel("No: none is tracked").isChecked());
  assert.ok(!(await settings.getByLabel("Code in a text message").isChecked()));
});

pageTest("the forms follow how the page signs in", async ({ tab }) => {
  const page = await tab();
  const password = card(page).getByLabel("Password", { exact: true });
  assert.ok(await password.evaluate((input) => input.required));
  await person.setUpPool(page, ["A choice of ways", "Code in an email"]);
  await card(page).getByText("Leave it empty to sign in another way.").waitFor();
  assert.ok(!(await password.evaluate((input) => input.required)));
  await person.follow(page, "Create an account");
  await card(page).getByText("You can leave it empty and sign in without a password.").waitFor();
  await person.follow(page, "Sign in");
  await person.setUpPool(page, ["A puzzle alone"]);
  await step(page, "Sign in");
  await password.waitFor({ state: "detached" });
});

pageTest("what is not saved says so, and can be dropped", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  const off = settings.getByLabel("Off", { exact: true });
  const unsaved = settings.getByText("Not saved yet.");
  await off.check();
  await unsaved.waitFor();
  await settings.getByLabel("Optional: each person chooses").check();
  await unsaved.waitFor({ state: "detached" });
  await off.check();
  await settings.getByRole("button", { name: "Discard changes" }).click();
  await unsaved.waitFor({ state: "detached" });
  assert.ok(!(await off.isChecked()));
  // What cannot be is still there, and still not saved.
  for (const factor of ["By SMS", "By email"]) await settings.getByLabel(factor).uncheck();
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByRole("alert").getByText("Choose what second-factor codes").waitFor();
  await unsaved.waitFor();
  await off.check();
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByText("Saved.", { exact: true }).waitFor();
  await unsaved.waitFor({ state: "detached" });
  assert.equal(await settings.getByRole("alert").filter({ hasText: "Choose" }).count(), 0);
});
