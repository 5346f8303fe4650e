// The field of a code: what is typed and pasted into it, when it is sent, what is never sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { codeIn } from "../../../ui/code.js";
import { LANGUAGES } from "../../../ui/texts.js";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import { scripted, signedInAs, words } from "./support/scripted.mjs";

withBrowser();

const delivery = { medium: "sms", destination: "+*******0123", attribute: "phone_number" };
const mfa = {
  ...{ step: "mfaCode", username: "alice", medium: "sms", expiresAt: null },
  ...{ delivery, canResend: true, resendAt: null },
};
const signInCode = { ...mfa, step: "signInCode", alternatives: [] };
const reset = {
  ...{ step: "resetPassword", username: "alice", delivery },
  ...{ codeExpiresAt: null, resendAt: null },
};

const code = (page) => page.getByLabel("Code", { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const mismatch = { code: "codeMismatch", message: "" };

/** What a person has on the clipboard, into the field. */
async function paste(page, text) {
  await code(page).focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("Control+V");
}

test("a code is found as people write it, and nothing else is taken for one", () => {
  for (const [typed, found] of [
    ["123456", "123456"],
    [" 123 456 ", "123456"],
    ["123-456", "123456"],
    ["Your code is 123 456.", "123456"],
    ["123\u2009456\u200e", "123456"],
    ["１２３４５６", "123456"],
    ["١٢٣٤٥٦", "123456"],
    ["۱۲۳۴۵۶", "123456"],
    ["On 2026-11-26, 12:30: 654321 is your code", "654321"],
    ["12345", null],
    ["1234567", null],
    ["12345678", null],
    ["abc123456789", null],
    ["", null],
    ["no code", null],
  ]) {
    assert.equal(codeIn(typed, [6]), found, typed);
  }
  assert.equal(codeIn("Your code is 12345678.", [6, 8]), "12345678");
});

pageTest("six digits are sent when the last one is there, and not before", async (person) => {
  const { page, sent } = await scripted(person, mfa);
  await page.getByText(words("code.auto")).waitFor();
  await code(page).pressSequentially("12345");
  assert.deepEqual(await sent(), []);
  await page.keyboard.type("6");
  assert.deepEqual(await sent(), [{ type: "submitCode", code: "123456" }]);
});

pageTest("typed in groups and in other digits, it is sent the same", async (person) => {
  for (const typed of ["123 456", "123-456", "１２３４５６", "١٢٣٤٥٦"]) {
    const { page, sent } = await scripted(person, mfa);
    await code(page).pressSequentially(typed);
    assert.deepEqual(await sent(), [{ type: "submitCode", code: "123456" }], typed);
    await page.close();
  }
});

pageTest("a pasted sentence is sent as the code in it, which is what the field shows then", async (person) => {
  const { page, sent } = await scripted(person, mfa);
  await paste(page, "Your code is 123 456.");
  await page.waitForFunction(() => window.script.sent.length === 1);
  assert.deepEqual(await sent(), [{ type: "submitCode", code: "123456" }]);
  assert.equal(await code(page).inputValue(), "123456");
});

pageTest("in place of a password it may have eight: typed it waits for them, pasted it does not", async (person) => {
  const { page, sent, becomes } = await scripted(person, signInCode);
  assert.equal(await page.getByText(words("code.auto")).count(), 0);
  await code(page).pressSequentially("123456");
  assert.deepEqual(await sent(), []);
  await page.keyboard.type("78");
  assert.deepEqual(await sent(), [{ type: "submitCode", code: "12345678" }]);
  await becomes({ ...signInCode, round: 2 });
  await page.waitForFunction(() => window.findAll("input[name=code]")[0].value === "");
  await paste(page, "654321");
  await page.waitForFunction(() => window.script.sent.length === 2);
  assert.equal((await sent())[1].code, "654321");
  // Also in place of another one.
  await code(page).selectText();
  await paste(page, "Your code is 111222.");
  await page.waitForFunction(() => window.script.sent.length === 3);
  assert.equal((await sent())[2].code, "111222");
});

pageTest("beside a new password it is not sent before that is there, too", async (person) => {
  const { page, sent } = await scripted(person, reset);
  await code(page).fill("123456");
  assert.deepEqual(await sent(), []);
  await page.getByLabel("New password", { exact: true }).fill("Another-Horse-8");
  await button(page, "Save password").click();
  assert.deepEqual(await sent(), [{ type: "resetPassword", code: "123456", password: "Another-Horse-8" }]);
});

pageTest("one that was refused is not sent again as it is: Enter out of habit spends no try", async (person) => {
  const { page, sent, answers, becomes } = await scripted(person, mfa);
  const wrong = { ...mfa, error: mismatch };
  await answers("submitCode", { becomes: wrong, resolve: wrong });
  await code(page).pressSequentially("111111");
  await page.getByText(words("error.codeMismatch")).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: `Code: ${words("error.codeMismatch")}` }).waitFor({ state: "attached" });
  assert.equal((await sent()).length, 1);
  await code(page).fill("222222");
  await page.waitForFunction(() => window.script.sent.length === 2);
  // Once another one is on its way, the same digits may be right.
  await answers("resendCode", { becomes: mfa, resolve: { ...mfa, busy: null, error: null } });
  await button(page, "Send a new code").click();
  await page.getByText(words("resend.done")).waitFor();
  await button(page, "Continue").click();
  await page.waitForFunction(() => window.script.sent.length === 4);
});

for (const language of Object.keys(LANGUAGES)) {
  pageTest(`what cannot be a code is refused before it is sent, in ${language}`, async (person) => {
    const { default: table } = await import(`../../../ui/texts/${language}.js`);
    const { page, sent } = await scripted(person, mfa, { language });
    const field = page.getByLabel(table["code.label"], { exact: true });
    for (const typed of ["12345", "1234567", "hello"]) {
      await field.fill(typed);
      await page.keyboard.press("Enter");
      await page.getByText(table["error.codeShape"].replace("{digits}", "6"), { exact: true }).waitFor();
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.ok(await field.evaluate((it) => it.matches(":focus")));
    }
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await sent(), []);
    // Mended, there is nothing to say any more.
    await field.fill("123456");
    assert.equal(await field.getAttribute("aria-invalid"), null);
  });
}

pageTest("for an authenticator app of the account: sent when it is whole", async (person) => {
  const { page, answers, called } = await scripted(person, signedInAs("alice"));
  await answers("mfaPreference", { resolve: { enabled: [], preferred: null } });
  const secret = "JBSWY3DPEHPK3PXPJBSWY3DP";
  await answers("startTotp", { resolve: { secret, uri: `otpauth://totp/x?secret=${secret}` } });
  await page.getByText("Two-step verification").click();
  await page.getByRole("checkbox", { name: "Authenticator app" }).click();
  await code(page).pressSequentially("123456");
  await page.waitForFunction(() => window.script.called.some(([name]) => name === "confirmTotp"));
  assert.deepEqual((await called()).at(-1), ["confirmTotp", "123456", { as: "preferred" }]);
});
