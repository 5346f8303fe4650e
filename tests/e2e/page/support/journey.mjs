// What a person does and sees on the page, in the page's own words.
import assert from "node:assert/strict";
import en from "../../../../ui/texts/en.js";

export const PASSWORD = "Correct-Horse-7";

/** A person with an email address and a phone number. */
export const ALICE = {
  username: "alice",
  email: "alice@example.com",
  phone: "+1 202 555 0123",
  password: PASSWORD,
};

/** The form of the present step. */
export function card(page) {
  return page.getByRole("region", { name: "Signing in" });
}

/** Waits for the form with this heading. */
export async function step(page, title) {
  await card(page).getByRole("heading", { name: title, exact: true }).waitFor();
}

export async function press(page, name) {
  await card(page).getByRole("button", { name, exact: true }).click();
}

/** Follows a link to another form, and waits until that is there: what is typed belongs to it. */
export async function follow(page, name) {
  const link = card(page).getByRole("link", { name, exact: true });
  const before = await link.elementHandle();
  await link.click();
  await page.waitForFunction((link) => !link.isConnected, before);
}

export async function fill(page, label, value) {
  await card(page).getByLabel(label, { exact: true }).fill(value);
}

/** Waits until the person can read this in the form. */
export async function sees(page, text) {
  await card(page).getByText(text).first().waitFor();
}

/** Waits until the person can read the words for an error code. */
export function seesError(page, code) {
  return sees(page, en[`error.${code}`]);
}

export async function signUp(page, person = ALICE) {
  await follow(page, "Create an account");
  await step(page, "Create an account");
  await fill(page, "User name", person.username);
  await fill(page, "Email address", person.email ?? "");
  await fill(page, "Phone number", person.phone ?? "");
  await fill(page, "Password", person.password);
  await press(page, "Create account");
}

export async function signIn(page, { username, password } = ALICE) {
  await step(page, "Sign in");
  await fill(page, "User name", username);
  await fill(page, "Password", password);
  await press(page, "Sign in");
}

/** Where nothing else is asked for, a whole code is sent by itself. */
export async function giveCode(page, code, action) {
  const field = card(page).getByLabel("Code", { exact: true });
  const sent = /(?<!\d)\d{3}\s?\d{3}(?!\d)/.test(code) && (await isAlone(field));
  await field.fill(code);
  if (!sent) await press(page, action);
}

const isAlone = (field) =>
  field.evaluate(({ form }) => form.querySelectorAll("input:not([tabindex])").length === 1);

/** Signs up and gives both codes, so that everything is verified. */
export async function signUpAndVerify(page, person = ALICE) {
  await signUp(page, person);
  await step(page, "Confirm your account");
  await giveCode(page, await smsCode(page), "Confirm");
  await step(page, "Verify your email address");
  await giveCode(page, await emailCode(page), "Verify");
  await step(page, `Welcome, ${person.username}`);
}

export async function signOut(page) {
  await press(page, "Sign out");
  await step(page, "Sign in");
}

/** The newest text message on the phone. `after` is one that was there before. */
export function newestSms(page, after) {
  return newest(page, "Phone", after);
}

export function newestEmail(page, after) {
  return newest(page, "Mailbox", after);
}

/** The message that is on the phone now, if there is any: it may be of a pool that was there before. */
export async function shownSms(page) {
  const messages = page.getByRole("log", { name: "Phone" }).getByRole("listitem");
  return (await messages.count()) > 0 ? messages.first().textContent() : undefined;
}

export async function smsCode(page, after) {
  return codeIn(await newestSms(page, after));
}

export async function emailCode(page, after) {
  return codeIn(await newestEmail(page, after));
}

async function newest(page, device, after) {
  const messages = page.getByRole("log", { name: device }).getByRole("listitem");
  const message = messages.filter({ hasText: /\d{2}:\d{2}/ }).first();
  await message.waitFor();
  if (after !== undefined) {
    await page.waitForFunction(
      ([log, old]) => log.querySelector("li")?.textContent !== old,
      [await page.getByRole("log", { name: device }).elementHandle(), after],
    );
  }
  return message.textContent();
}

function codeIn(text) {
  const code = /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0];
  assert.ok(code, `a code in: ${text}`);
  return code;
}

/** A code that is surely not this one. */
export function another(code) {
  return code === "000000" ? "111111" : "000000";
}

export async function openTab(page, name) {
  await page.getByRole("tab", { name, exact: true }).click();
  return page.getByRole("tabpanel", { name, exact: true });
}

export async function moveClock(page, label) {
  await page.getByRole("group", { name: "Clock" }).getByRole("button", { name: label }).click();
}

/** Chooses settings of the pool and saves them, or makes a new pool with them. */
export async function setUpPool(page, choices, action = "Save") {
  const settings = await openTab(page, "Settings");
  for (const label of choices) await settings.getByLabel(label, { exact: true }).check();
  await settings.getByRole("button", { name: action }).click();
  await settings
    .getByText(action === "Save" ? "Saved." : "This is a new pool, without users.")
    .waitFor();
}

/** Presses the button of one of the six things to try. */
export async function tryOut(page, title) {
  const list = page.getByRole("region", { name: "Six things to try" });
  await list.getByRole("button", { name: `Set it up ${title}` }).click();
}

/** What was filled in is sent. */
export async function signInAsFilled(page) {
  await page.waitForFunction(() => window.focused().textContent.startsWith("Sign in"));
  await page.keyboard.press("Enter");
}

/** Opens an administrator's view of a user. */
export async function administer(page, username) {
  const panel = await openTab(page, "Administrator");
  const user = panel
    .getByRole("group")
    .filter({ has: page.locator("summary", { hasText: username }) });
  const summary = panel.locator("summary", { hasText: username });
  if (!(await user.evaluate((details) => details.open))) await summary.click();
  return user;
}
