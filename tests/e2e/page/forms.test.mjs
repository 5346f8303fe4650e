// The forms over a flow by script: whose form it is, what is said, and what a pool may be called.
import assert from "node:assert/strict";
import { LANGUAGES } from "../../../ui/texts.js";
import { pageTest, withBrowser } from "./support/browser.mjs";
import { axe } from "./support/axe.mjs";
import { scripted, signedInAs, words } from "./support/scripted.mjs";

withBrowser();

const code = { step: "mfaCode", username: "alice", medium: "sms", expiresAt: null };
const mfa = { ...code, delivery: null, canResend: true, resendAt: null };

const field = (page, label) => page.getByLabel(label, { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const hasFocus = (locator) => locator.evaluate((it) => it.matches(":focus"));

pageTest("a wrong code stays to be corrected; another challenge is an empty form", async (person) => {
  const { page, becomes } = await scripted(person, mfa);
  await field(page, "Code").fill("111111");
  await becomes({ ...mfa, error: { code: "codeMismatch", message: "" } });
  await page.getByText(words("error.codeMismatch")).waitFor();
  assert.equal(await field(page, "Code").inputValue(), "111111");

  await button(page, "Send a new code").focus();
  await becomes({ ...mfa, round: 2 });
  await page.getByText(words("error.codeMismatch")).waitFor({ state: "detached" });
  assert.equal(await field(page, "Code").inputValue(), "");
  assert.ok(await hasFocus(field(page, "Code")));
});

pageTest("another person's account is another form, and it is said so", async (person) => {
  const { page, becomes } = await scripted(person, signedInAs("alice"));
  await page.getByText("Delete account").click();
  await page.getByText("Account: alice").waitFor();
  await field(page, "Type alice to confirm").fill("alice");
  await page.getByText("Change password").click();
  await field(page, "Current password").fill("Alices-Horse-7");
  await page.getByText("“Sign out everywhere” signs alice out").waitFor();

  await becomes(signedInAs("bob", { round: 2 }));
  await page.getByRole("heading", { name: "Welcome, bob" }).waitFor();
  await page.getByText(words("notice.anotherPerson", { username: "bob" })).first().waitFor();
  assert.ok(await hasFocus(page.getByRole("heading", { name: "Welcome, bob" })));
  assert.equal(await page.locator("details[open]").count(), 0);
  assert.equal(await page.getByText("alice").count(), 0);
  await page.getByText("Delete account").click();
  await page.getByText("Account: bob").waitFor();
  assert.equal(await field(page, "Type bob to confirm").inputValue(), "");
  await page.getByText("Change password").click();
  assert.equal(await field(page, "Current password").inputValue(), "");
});

pageTest("what was begun for one person is not gone on with for the next", async (person) => {
  const alice = signedInAs("alice", { attributes: { email: "a@example.com", phone_number: "+1" } });
  const { page, answers, called, sent } = await scripted(person, alice);
  const bob = signedInAs("bob", { round: 2 });
  // Between the two calls that this takes, bob signs in in another tab.
  await answers("deleteAttributes", { becomes: bob });
  await answers("updateAttributes", { resolve: { unverified: ["email"] } });
  await page.getByText("Email address and phone number").click();
  await field(page, "Email address").fill("alice@example.org");
  await field(page, "Phone number").fill("");
  await button(page, "Save").click();
  await page.getByRole("heading", { name: "Welcome, bob" }).waitFor();
  assert.deepEqual(await called(), [["deleteAttributes", ["phone_number"]]]);
  assert.deepEqual(await sent(), []);
  assert.equal(await page.getByRole("alert").filter({ hasText: /./ }).count(), 0);
});

pageTest("an event or a call for who is gone is dropped without a word", async (person) => {
  const { page, answers, becomes } = await scripted(person, signedInAs("alice"));
  const gone = { code: "challengeSpent", message: "" };
  const bob = signedInAs("bob", { round: 2 });
  await answers("deleteUser", { becomes: bob, reject: gone });
  await page.getByText("Delete account").click();
  await field(page, "Type alice to confirm").fill("alice");
  await button(page, "Delete account").click();
  await page.getByRole("heading", { name: "Welcome, bob" }).waitFor();

  await becomes(signedInAs("alice", { round: 3 }));
  await page.getByRole("heading", { name: "Welcome, alice" }).waitFor();
  await answers("signOut", { becomes: { ...bob, round: 4 }, reject: gone });
  await button(page, "Sign out everywhere").click();
  await page.getByRole("heading", { name: "Welcome, bob" }).waitFor();

  await becomes({ ...mfa, round: 5 });
  await answers("resendCode", { becomes: { ...bob, round: 6 }, reject: gone });
  await button(page, "Send a new code").click();
  await page.getByRole("heading", { name: "Welcome, bob" }).waitFor();

  assert.equal(await page.getByText(words("error.challengeSpent")).count(), 0);
  assert.equal(await page.getByText(words("resend.done")).count(), 0);
});

pageTest("another code for the second factor can be asked for after a while", async (person) => {
  const { page, becomes, sent } = await scripted(person, { ...mfa, resendAt: Date.now() + 30_000 });
  const waiting = page.getByRole("button", { name: /Send a new code \(in 0:\d\d\)/ });
  await waiting.waitFor();
  assert.equal(await waiting.getAttribute("aria-disabled"), "true");
  await becomes(mfa);
  await button(page, "Send a new code").click();
  assert.deepEqual(await sent(), [{ type: "resendCode" }]);
});

pageTest("a password with a blank at its end is pointed out when it was wrong", async (person) => {
  const signedOut = { step: "signedOut", username: "alice" };
  const { page, becomes } = await scripted(person, signedOut);
  const error = { code: "wrongCredentials", message: "" };
  const blank = page.getByText(words("error.passwordBlank"));
  await field(page, "Password").fill("Correct-Horse-7");
  await becomes({ ...signedOut, error });
  await page.getByText(words("error.wrongCredentials")).waitFor();
  assert.equal(await blank.count(), 0);
  await field(page, "Password").fill("Correct-Horse-7 ");
  await becomes({ ...signedOut, busy: "signIn" });
  await becomes({ ...signedOut, error });
  await blank.waitFor();
});

pageTest("a wrong current password is said beside it, not beside the new one", async (person) => {
  const { page, answers } = await scripted(person, signedInAs("alice"));
  await answers("changePassword", { reject: { code: "wrongCredentials", message: "" } });
  await page.getByText("Change password").click();
  await field(page, "Current password").fill(" Wrong-Horse-7");
  await field(page, "New password").fill("Another-Horse-8");
  await button(page, "Save").click();
  await page.getByText(words("error.wrongPassword")).waitFor();
  await page.getByText(words("error.passwordBlank")).waitFor();
  assert.equal(await field(page, "Current password").getAttribute("aria-invalid"), "true");
  assert.equal(await field(page, "New password").getAttribute("aria-invalid"), null);
});

pageTest("an authenticator app is not asked for another message", async (person) => {
  const totp = { ...mfa, medium: "totp", canResend: false };
  const { page, becomes } = await scripted(person, totp);
  const server = "ExpiredCodeException";
  await becomes({ ...totp, error: { code: "codeExpired", message: "", server } });
  await page.getByText(words("error.totpUsed")).waitFor();
  await becomes({ ...totp, error: { code: "codeMismatch", message: "" } });
  await page.getByText(words("error.totpMismatch")).waitFor();
  // A code that was sent is another matter.
  await becomes({ ...mfa, error: { code: "codeExpired", message: "", server } });
  await page.getByText(words("error.codeExpired")).waitFor();
});

pageTest("signed out here, but perhaps not everywhere", async (person) => {
  const { page, becomes } = await scripted(person, signedInAs("alice"));
  const out = { step: "signedOut", username: "alice", round: 2 };
  await button(page, "Sign out everywhere").click();
  await becomes({ ...out, busy: "signOut" });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const alert = page.getByRole("alert").filter({ hasText: words("error.notEverywhere") });
  await becomes({ ...out, error: { code: "offline", message: "" } });
  await alert.waitFor();
  assert.equal(await page.getByText(words("error.offline")).count(), 0);
  // It may turn out later, and what the pool says of it is shown.
  const server = "NotAuthorizedException";
  await becomes({ ...out, error: { code: "refused", message: "Missing scope.", server } });
  await page.getByText("The server says: “Missing scope.”").waitFor();
  await alert.waitFor();

  await becomes({ ...out, busy: "signIn" });
  await alert.waitFor({ state: "hidden" });
  await becomes({ ...out, error: { code: "offline", message: "" } });
  await page.getByText(words("error.offline")).waitFor();
  assert.equal(await alert.count(), 0);
});

pageTest("axe finds nothing in what is shown now and then", async (person) => {
  const { page, becomes } = await scripted(person, signedInAs("alice", { device: "ask" }));
  const found = [await axe(page)];
  await becomes(signedInAs("bob", { round: 2 }));
  await page.getByText(words("notice.anotherPerson", { username: "bob" })).first().waitFor();
  for (const part of ["Change password", "Delete account"]) await page.getByText(part).click();
  found.push(await axe(page));
  const out = { step: "signedOut", username: "bob", round: 3 };
  await becomes({ ...out, busy: "signOut" });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await becomes({ ...out, error: { code: "offline", message: "" } });
  await page.getByText(words("error.notEverywhere")).waitFor();
  found.push(await axe(page));
  assert.deepEqual(found.flat(), []);
});

for (const [answer, call, device, done] of [
  ["Yes", "rememberDevice", "remembered", words("device.remembered")],
  ["No", "forgetDevice", null, words("device.forgotten")],
]) {
  pageTest(`asked whether the device is to be remembered: ${answer}`, async (person) => {
    const { page, answers, called } = await scripted(person, signedInAs("alice", { device: "ask" }));
    const question = page.getByRole("group", { name: "Remember this device?" });
    await answers(call, { reject: { code: "offline", message: "" } });
    await question.getByRole("button", { name: answer }).click();
    await question.getByText(words("error.offline")).waitFor();
    await answers(call, { becomes: signedInAs("alice", { device }) });
    await question.getByRole("button", { name: answer }).click();
    await question.waitFor({ state: "hidden" });
    await page.getByText(done).waitFor({ state: "attached" });
    assert.deepEqual(await called(), [[call], [call]]);
    assert.ok(await hasFocus(page.getByRole("heading", { name: "Welcome, alice" })));
  });
}

pageTest("a pool's names may be those of members that every object has", async (person) => {
  const missingAttributes = ["constructor", "toString", "__proto__", "email"];
  const first = { step: "newPassword", username: "alice", missingAttributes, expiresAt: null };
  const { page, becomes, sent } = await scripted(person, first);
  await field(page, "New password").fill("Another-Horse-8");
  for (const name of missingAttributes.slice(0, 3)) await field(page, name).fill(`my ${name}`);
  await field(page, "Email address").fill("alice@example.com");
  const refused = { code: "invalidParameter", message: "", attribute: "constructor" };
  await becomes({ ...first, error: refused });
  await page.getByText(words("error.invalidParameter")).waitFor();
  assert.equal(await field(page, "constructor").getAttribute("aria-invalid"), "true");
  await button(page, "Save and continue").click();
  const [event] = await sent();
  assert.deepEqual(Object.entries(event.attributes), [
    ["constructor", "my constructor"],
    ["toString", "my toString"],
    ["__proto__", "my __proto__"],
    ["email", "alice@example.com"],
  ]);

  await becomes({ ...first, round: 2, error: { code: "toString", message: "" } });
  await page.getByText("Something went wrong (toString).").waitFor();
  await becomes({ step: "constructor", round: 3 });
  await page.getByText("This page doesn’t know the next step (constructor)").waitFor();
});

pageTest("what a script of the page adds to every object is not read", async (person) => {
  const signedOut = { step: "signedOut", username: "alice" };
  const { page, becomes } = await scripted(person, signedOut);
  await page.evaluate(() => {
    Object.assign(Object.prototype, { attribute: "username", retryAt: 1, server: "X", email: "e" });
    Object.assign(Object.prototype, { policy: 1, hint: "Hint", body: "Body", extra: "Extra" });
    Object.assign(Object.prototype, { kind: "kind", type: "file", required: false, before: "B" });
  });
  await becomes({ ...signedOut, error: { code: "refused", message: "Not you." } });
  const alert = page.getByRole("alert").filter({ hasText: words("error.refused") });
  await alert.waitFor();
  assert.equal(await alert.textContent(), words("error.refused"));
  await becomes(signedInAs("alice", { round: 2, attributes: {} }));
  await page.getByRole("heading", { name: "Welcome, alice" }).waitFor();
  assert.equal(await page.locator(".contacts dd").count(), 0);
  await page.getByText("Change password").click();
  await button(page, "Save").click();
  await page.getByText(words("error.missing")).first().waitFor();
  assert.equal(await page.getByText(/^(Hint|Body|Extra|B)$/).count(), 0);
  assert.equal(await field(page, "Current password").getAttribute("type"), "password");
});

pageTest("a form without its script puts nothing into the address, and sends nothing", async (person) => {
  const out = { step: "signedOut", username: null };
  // An app's own page need not have a policy that would keep it from doing so.
  const { page, becomes } = await scripted(person, out, { policy: "" });
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  const submitAll = () =>
    page.evaluate(() => {
      for (const form of window.findAll("form")) {
        const copy = form.cloneNode(true);
        document.body.append(copy);
        copy.submit();
        copy.requestSubmit();
        copy.remove();
      }
      return window.findAll("form").length;
    });
  const address = page.url();
  let forms = await submitAll();
  await becomes(signedInAs("alice", { round: 2 }));
  await page.getByRole("heading", { name: "Welcome, alice" }).waitFor();
  for (const part of ["Email address and phone", "Change password", "Delete account"]) {
    await page.getByText(part).click();
  }
  await button(page, "Delete account").waitFor();
  forms += await submitAll();
  assert.equal(forms, 4);
  await page.waitForTimeout(300);
  assert.equal(page.url(), address);
  const ofScripts = /\/ui\/[\w/-]+\.js$/;
  assert.deepEqual(requests.filter((url) => !ofScripts.test(url)), []);
});

for (const language of Object.keys(LANGUAGES)) {
  pageTest(`what the pool, a firewall or the browser refuses, in ${language}`, async (person) => {
    const { default: table } = await import(`../../../ui/texts/${language}.js`);
    const signedOut = { step: "signedOut", username: "alice" };
    const { page, becomes } = await scripted(person, signedOut, { language });
    const server = "NotAuthorizedException";
    const message = "Temporary password has expired.";
    await becomes({ ...signedOut, error: { code: "refused", message, server } });
    await page.getByText(table["error.refused"]).waitFor();
    await page.getByText(message).waitFor();
    for (const code of ["blocked", "unsupported"]) {
      await becomes({ ...signedOut, error: { code, message: "English" } });
      await page.getByText(table[`error.${code}`]).waitFor();
    }
    assert.equal(await page.getByText("English").count(), 0);
  });
}

pageTest("a forgotten password tells nobody who has an account, and speaks of no password", async (person) => {
  const out = { step: "signedOut", username: null };
  const { page, answers } = await scripted(person, out, { forms: { start: "forgotPassword" } });
  const error = { code: "wrongCredentials", message: "", server: "UserNotFoundException" };
  await answers("forgotPassword", { becomes: { ...out, error } });
  await field(page, "User name").fill("nobody");
  await button(page, "Send code").click();
  await page.getByText(words("forgot.unknown")).waitFor();
  assert.equal(await page.getByText(words("error.wrongCredentials")).count(), 0);
});

pageTest("an error beside the field that one is in is heard, with the field's name", async (person) => {
  const out = { step: "signedOut", username: null };
  const { page, becomes } = await scripted(person, out);
  await page.evaluate(() => {
    const error = { code: "wrongCredentials", message: "" };
    const after = { step: "signedOut", username: null, busy: null, error, round: 1 };
    window.script.answers.set("signIn", { becomes: after, resolve: after });
  });
  await field(page, "User name").fill("alice");
  await field(page, "Password").fill("Wrong-Horse-7");
  await page.keyboard.press("Enter");
  const heard = `Password: ${words("error.wrongCredentials")}`;
  await page.getByRole("status").filter({ hasText: heard }).waitFor({ state: "attached" });
  assert.ok(await hasFocus(field(page, "Password")));
  await becomes(out);
});

pageTest("what may be left out at the sign-up is marked so, and what may not is not", async (person) => {
  const out = { step: "signedOut", username: null };
  const { page } = await scripted(person, out, { forms: { start: "signUp" } });
  const described = (name) =>
    field(page, name).evaluate((it) =>
      (it.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .map((id) => it.getRootNode().getElementById(id)?.textContent),
    );
  assert.ok((await described("Email address")).includes(words("field.optional")));
  assert.ok((await described("Phone number")).includes(words("field.optional")));
  assert.ok(!(await described("User name")).includes(words("field.optional")));
});
