// Every step and every pane, one after the other, for whoever wants to look at each.
import * as person from "./journey.mjs";

const { ALICE, another, card, fill, follow, giveCode, press, seesError, signIn, signOut, step } =
  person;

/** Calls `visit(name)` at each step, on a page that was just opened for the first time. */
export async function tour(page, visit) {
  await step(page, "Sign in");
  await visit("sign-in");
  await signIn(page, { username: "nobody", password: "Wrong-Horse-7" });
  await seesError(page, "wrongCredentials");
  await visit("sign-in-refused");
  await follow(page, "I already signed up and have a code");
  await step(page, "Confirm your account");
  await visit("confirm-later");
  await follow(page, "Back to sign-in");
  await follow(page, "Create an account");
  await fill(page, "Password", "Corr");
  await visit("sign-up");
  await person.signUp(await onSignIn(page));
  await step(page, "Confirm your account");
  const code = await person.smsCode(page);
  await visit("confirm-sign-up");
  await giveCode(page, another(code), "Confirm");
  await seesError(page, "codeMismatch");
  await visit("confirm-sign-up-refused");
  await giveCode(page, code, "Confirm");
  await step(page, "Verify your email address");
  const emailed = await person.emailCode(page);
  await visit("verify-email");
  await giveCode(page, emailed, "Verify");
  await step(page, "Welcome, alice");
  await visit("signed-in");
  await visitPanes(page, visit);

  await card(page).getByText("Tokens", { exact: true }).click();
  await card(page).getByRole("region", { name: "Access token" }).waitFor();
  await card(page).getByText("Email address and phone number").click();
  await card(page).getByText("Change password").click();
  await card(page).getByText("Delete account").first().click();
  await card(page).getByText("Two-step verification").click();
  await card(page).getByLabel("By SMS").check();
  await page.getByText("By SMS: on").waitFor({ state: "attached" });
  await visit("account");

  await signOut(page);
  const before = await person.newestSms(page);
  await signIn(page);
  await step(page, "Enter your code");
  await person.smsCode(page, before);
  await visit("mfa");
  await person.moveClock(page, "+3 min");
  await seesError(page, "challengeExpired");
  await visit("mfa-over");

  await follow(page, "Forgot your password?");
  await step(page, "Reset your password");
  await visit("forgot-password");
  await press(page, "Send code");
  await step(page, "Set a new password");
  await visit("reset-password");
  await press(page, "Back to sign-in");

  const panel = await person.openTab(page, "Administrator");
  await panel.getByText("Create a user").click();
  await panel.getByLabel("User name").fill("bob");
  await panel.getByLabel("Email address").last().fill("bob@example.com");
  await panel.getByLabel("Temporary password (or").fill("Temporary-1");
  await panel.getByRole("button", { name: "Create user" }).click();
  await panel.getByText("FORCE_CHANGE_PASSWORD").waitFor();
  await signIn(page, { username: "bob", password: "Temporary-1" });
  await step(page, "Choose a new password");
  await visit("new-password");
  await fill(page, "New password", ALICE.password);

  await person.tryOut(page, "Run out of money for SMS");
  await step(page, "Sign in");
  await card(page).getByText("Press “Sign in”").waitFor();
  await visit("try-money");
  await person.signInAsFilled(page);
  await step(page, "Enter your code");
  await page.getByRole("log", { name: "Phone" }).getByText("SNS dropped it").waitFor();
  await visit("dropped");
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("Required").check();
  await settings.getByText("“Required” takes a new pool").waitFor();
  await visit("settings-not-saved");
  await settings.getByRole("button", { name: "Clear everything" }).click();
  await visit("ask");
  await page.keyboard.press("Escape");
}

/**
 * The steps that a pool leads to when it has everything, on a page that was opened by name; `keys` is the
 * virtual authenticator of its browser.
 */
export async function tourOfWays(page, keys, visit) {
  await person.setUpPool(page, [
    ...["A choice of ways", "Passkey", "Code in an email", "Code in a text message"],
    ...["From an authenticator app", "When the person says so"],
    ...["People see where they are signed in", "People can sign in on other sites"],
  ]);
  await visit("ways-sign-in");
  await person.signUpAndVerify(page);
  await visit("ways-signed-in");
  await press(page, "Yes");
  for (const part of ["Ways to sign in", "Passkeys", "Devices", "Where you are signed in"]) {
    await card(page).getByText(part, { exact: true }).click();
  }
  await press(page, "Create a passkey");
  await card(page).getByRole("list", { name: "Passkeys" }).getByRole("listitem").waitFor();
  await card(page).getByText("Two-step verification").click();
  await card(page).getByRole("checkbox", { name: "Authenticator app" }).click();
  await card(page).getByRole("img").waitFor();
  await visit("ways-account");
  await keys.answer(false);
  await signOut(page);
  await fill(page, "Password", "");
  await press(page, "Sign in");
  await step(page, "How do you want to sign in?");
  await visit("ways-select");
  await press(page, "Password");
  await step(page, "Enter your password");
  await card(page).getByText("Try another way").click();
  await visit("ways-password");
  await press(page, "Code by email");
  await step(page, "Sign in with a code");
  await visit("ways-code");
  await card(page).getByText("Try another way").click();
  await press(page, "Passkey");
  await step(page, "Use your passkey");
  await visit("ways-passkey");
  await press(page, "Back to sign-in");
  await press(page, "Sign in on the pool's own page");
  const site = page.getByRole("dialog", { name: "Another site, not the app" });
  await site.getByLabel("Password").waitFor();
  await visit("ways-other-site");
  await site.getByRole("button", { name: "Close" }).click();
  await person.setUpPool(page, ["The password, then a puzzle"]);
  await signIn(page);
  await step(page, "One more question");
  await visit("ways-puzzle");
  await press(page, "Back to sign-in");
  const settings = await person.openTab(page, "Settings");
  await settings.getByLabel("By SMS").uncheck();
  await settings.getByLabel("By email").uncheck();
  await person.setUpPool(page, ["The password", "Required"], "Make a new pool");
  const old = await person.shownSms(page);
  await person.signUp(page);
  await step(page, "Confirm your account");
  await giveCode(page, await person.smsCode(page, old), "Confirm");
  await step(page, "Set up an authenticator app");
  await card(page).getByRole("img").waitFor();
  await visit("ways-set-up-totp");
}

async function onSignIn(page) {
  await follow(page, "Sign in");
  await step(page, "Sign in");
  return page;
}

async function visitPanes(page, visit) {
  for (const name of ["SMS", "Administrator", "Underneath", "States", "Other pool", "Settings"]) {
    const panel = await person.openTab(page, name);
    if (name === "SMS") await showMoney(panel);
    if (name === "Administrator") await person.administer(page, "alice");
    if (name === "Underneath") await panel.locator("summary").last().click();
    if (name === "States") await panel.getByText("Now: signedIn").waitFor();
    await visit(`pane-${name.toLowerCase().replace(" ", "-")}`);
  }
}

/** Nearly everything is spent; the price list and the case are open. */
async function showMoney(sms) {
  await sms.getByText("What a message costs, by country").click();
  await sms.getByText("Ask for a higher limit").click();
  await sms.getByRole("button", { name: "File the case" }).click();
  await sms.getByText("From AWS Support").waitFor();
  await sms.getByRole("button", { name: "Spend 0.99 USD" }).click();
  await sms.getByText("of 20.00 USD").waitFor();
}
