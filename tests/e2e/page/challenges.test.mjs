// The forms of what a pool can ask in a sign-in, over a flow by script: what each sends, what it says
// of what goes wrong, that all of it is there for a keyboard, a screen reader and a small screen.
import assert from "node:assert/strict";
import { LANGUAGES } from "../../../ui/texts.js";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import { readQr } from "./support/qr.mjs";
import { scripted, words } from "./support/scripted.mjs";

withBrowser();

const field = (page, label) => page.getByLabel(label, { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });
const hasFocus = (locator) => locator.evaluate((it) => it.matches(":focus"));

const sometime = () => Date.now() + 170_000;
const inSignIn = (step, more = {}) => ({ step, username: "alice", expiresAt: sometime(), ...more });
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DP";
const URI = `otpauth://totp/example.com:alice?secret=${SECRET}&issuer=example.com`;
const delivery = { medium: "email", destination: "a***@e***", attribute: "email" };

const STEPS = {
  firstFactor: inSignIn("selectFactor", {
    of: "firstFactor",
    choices: ["password", "sms", "email", "passkey"],
  }),
  mfa: inSignIn("selectFactor", { of: "mfa", choices: ["sms", "totp"] }),
  mfaSetUp: inSignIn("selectFactor", { of: "mfaSetUp", choices: ["totp", "email"] }),
  password: inSignIn("password", { alternatives: ["email", "passkey"] }),
  signInCode: inSignIn("signInCode", {
    ...{ medium: "email", delivery, alternatives: ["password"], canResend: true, resendAt: null },
  }),
  passkey: inSignIn("passkey", { alternatives: ["password", "email"] }),
  customChallenge: inSignIn("customChallenge", { parameters: { question: "3 + 4?" } }),
  setUpTotp: inSignIn("setUpTotp", { secret: SECRET, uri: URI }),
  setUpEmail: inSignIn("setUpEmail"),
};

const titles = {
  firstFactor: "select.firstFactor.title",
  mfa: "select.mfa.title",
  mfaSetUp: "select.mfaSetUp.title",
  password: "password.title",
  signInCode: "signInCode.title",
  passkey: "passkey.title",
  customChallenge: "custom.title",
  setUpTotp: "totp.title",
  setUpEmail: "setUpEmail.title",
};

for (const language of Object.keys(LANGUAGES)) {
  pageTest(
    `every form is whole and fits 320 pixels, in ${language}`,
    async (person) => {
      const { default: table } = await import(`../../../ui/texts/${language}.js`);
      const [[, first], ...others] = Object.entries(STEPS);
      const { page, becomes } = await scripted(person, first, { language });
      const seen = async (name) => {
        await heading(page, table[titles[name]]).waitFor();
        for (const details of await page.locator("details:not([hidden])").all()) {
          await details.evaluate((element) => (element.open = true));
        }
        const text = await page.locator(".root").innerText();
        // Neither a key without a text nor a blank that was left.
        assert.doesNotMatch(text, /\b(select|way|setUp|custom|totp|passkey|error)\.\w+|\{\w+\}/);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= 320, `${name}: ${wide}`);
        assert.deepEqual(await axe(page), [], name);
      };
      await seen("firstFactor");
      let round = 1;
      for (const [name, snapshot] of others) {
        round += 1;
        await becomes({ ...snapshot, round });
        await seen(name);
      }
    },
    { viewport: { width: 320, height: 700 }, reducedMotion: "reduce" },
  );
}

for (const [of, choices] of [
  ["firstFactor", { password: "Password", sms: "Code by SMS", email: "Code by email", passkey: "Passkey" }],
  ["mfa", { sms: "Code by SMS", totp: "Code from an authenticator app" }],
  ["mfaSetUp", { totp: "Authenticator app", email: "Codes by email" }],
]) {
  pageTest(`a choice, ${of}: a press is enough`, async (person) => {
    for (const [choice, label] of Object.entries(choices)) {
      const { page, sent, becomes } = await scripted(person, STEPS[of]);
      await heading(page, words(titles[of])).waitFor();
      await button(page, label).click();
      assert.deepEqual(await sent(), [{ type: "selectFactor", choice }]);
      await becomes({ ...STEPS[of], busy: "selectFactor" });
      await button(page, `${label} ${words("busy")}`).waitFor();
      // While one is on its way another press does nothing.
      for (const other of Object.values(choices).filter((it) => it !== label)) {
        await button(page, other).dispatchEvent("click");
      }
      assert.equal((await sent()).length, 1);
      await becomes({ ...STEPS[of], error: { code: "offline", message: "" } });
      await page.getByText(words("error.offline")).waitFor();
      await button(page, label).click();
      assert.equal((await sent()).length, 2);
      await page.close();
    }
  });
}

pageTest("the password alone: a wrong one stays to be corrected", async (person) => {
  const { page, sent, becomes, answers } = await scripted(person, STEPS.password);
  await button(page, "Sign in").click();
  await page.getByText(words("error.missing")).waitFor();
  assert.deepEqual(await sent(), []);
  await field(page, "Password").fill("Wrong-Horse-7 ");
  const wrong = { ...STEPS.password, error: { code: "wrongCredentials", message: "" } };
  await answers("submitPassword", { resolve: wrong, becomes: wrong });
  await button(page, "Sign in").click();
  await page.getByText(words("error.wrongPasswordAlone")).waitFor();
  await page.getByText(words("error.passwordBlank")).waitFor();
  assert.ok(await hasFocus(field(page, "Password")));
  assert.deepEqual(await sent(), [{ type: "submitPassword", password: "Wrong-Horse-7 " }]);
  // Password managers look for whose it is.
  assert.equal(await page.locator("input[autocomplete=username]").inputValue(), "alice");
  await becomes({ ...STEPS.password, round: 2 });
  await page.getByText(words("error.wrongPasswordAlone")).waitFor({ state: "detached" });
  assert.equal(await field(page, "Password").inputValue(), "");
});

for (const [name, ways] of [
  ["password", ["email", "passkey"]],
  ["signInCode", ["password"]],
  ["passkey", ["password", "email"]],
]) {
  pageTest(`another way in place of ${name}`, async (person) => {
    const { page, sent, becomes } = await scripted(person, STEPS[name]);
    await page.getByText("Try another way").click();
    for (const way of ways) await button(page, words(`way.${way}`)).click();
    assert.deepEqual(
      await sent(),
      ways.map((choice) => ({ type: "selectFactor", choice })),
    );
    // Where there is no other, none is offered.
    await becomes({ ...STEPS[name], alternatives: [], round: 2 });
    await page.getByText("Try another way").waitFor({ state: "hidden" });
    await button(page, "Back to sign-in").click();
    assert.deepEqual((await sent()).at(-1), { type: "cancel" });
  });
}

pageTest("a code in place of the password: sent, sent again, wrong", async (person) => {
  const { page, sent, becomes, answers } = await scripted(person, STEPS.signInCode);
  await page.getByText("We sent an email to a***@e***.").waitFor();
  await page.getByText(/^You have [12]:\d\d left\.$/).waitFor();
  assert.equal(await field(page, "Code").getAttribute("autocomplete"), "one-time-code");
  // Six digits may be the beginning of eight.
  await field(page, "Code").pressSequentially("123456");
  assert.deepEqual(await sent(), []);
  const wrong = { ...STEPS.signInCode, error: { code: "codeMismatch", message: "" } };
  await answers("submitCode", { resolve: wrong, becomes: wrong });
  await button(page, "Sign in").click();
  await page.getByText(words("error.codeMismatch")).waitFor();
  await answers("resendCode", { resolve: { ...STEPS.signInCode, error: null } });
  await button(page, "Send a new code").click();
  await page.getByText(words("resend.done")).waitFor();
  assert.deepEqual(await sent(), [{ type: "submitCode", code: "123456" }, { type: "resendCode" }]);
  await becomes({ ...STEPS.signInCode, canResend: false });
  await button(page, "Send a new code").waitFor({ state: "hidden" });
});

pageTest("a passkey: the browser asks, a closed prompt can be had again", async (person) => {
  const asking = { ...STEPS.passkey, busy: "signIn" };
  const { page, sent, becomes } = await scripted(person, asking);
  await button(page, `Use passkey ${words("busy")}`).waitFor();
  await becomes({ ...STEPS.passkey, error: { code: "passkeyFailed", message: "NotAllowedError" } });
  await page.getByText(words("error.passkeyFailed")).waitFor();
  assert.equal(await page.getByText("NotAllowedError").count(), 0);
  await button(page, "Use passkey").click();
  assert.deepEqual(await sent(), [{ type: "usePasskey" }]);
  await becomes({ ...STEPS.passkey, busy: "usePasskey" });
  await page.getByText(words("error.passkeyFailed")).waitFor({ state: "detached" });
  await becomes({ ...STEPS.passkey, error: { code: "passkeyUnsupported", message: "" } });
  await page.getByText(words("error.passkeyUnsupported")).waitFor();
  // The prompt does not keep anybody from another way, or from leaving.
  await becomes({ ...STEPS.passkey, busy: "usePasskey" });
  await page.getByText("Try another way").click();
  await button(page, "Password").click();
  await button(page, "Back to sign-in").click();
  assert.deepEqual((await sent()).slice(1), [
    { type: "selectFactor", choice: "password" },
    { type: "cancel" },
  ]);
});

pageTest("a custom challenge: as it came, round after round", async (person) => {
  const first = STEPS.customChallenge;
  const { page, sent, becomes } = await scripted(person, first);
  await page.getByRole("definition").getByText("3 + 4?").waitFor();
  await field(page, "Answer").fill("7");
  await button(page, "Continue").click();
  assert.deepEqual(await sent(), [{ type: "answerChallenge", answer: "7" }]);
  // Another round with the same words is an empty field, and the focus is in it.
  await becomes({ ...first, round: 2 });
  await page.waitForFunction(() => window.focused()?.name === "answer");
  assert.equal(await field(page, "Answer").inputValue(), "");
  const hostile = { constructor: "<b>bold</b>", toString: "x".repeat(300) };
  await becomes({ ...first, parameters: hostile, round: 3 });
  await page.getByText("<b>bold</b>").waitFor();
  await becomes({ ...first, parameters: {}, round: 4 });
  await page.getByText("<b>bold</b>").waitFor({ state: "detached" });
  assert.equal(await page.getByRole("definition").count(), 0);
});

pageTest("an authenticator app: picture, link, key in groups, copied whole", async (person) => {
  const { page, sent, answers } = await scripted(person, STEPS.setUpTotp);
  const image = page.getByRole("img", { name: words("totp.qr") });
  await image.waitFor();
  assert.equal(await readQr(image), URI);
  assert.equal(await page.getByRole("link", { name: words("totp.open") }).getAttribute("href"), URI);
  const groups = await page.locator("code.secret span").allTextContents();
  assert.deepEqual(groups, ["JBSW", "Y3DP", "EHPK", "3PXP", "JBSW", "Y3DP"]);
  await button(page, "Copy key").click();
  await page.getByText("Copied.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), SECRET);
  const wrong = { ...STEPS.setUpTotp, error: { code: "codeMismatch", message: "" } };
  await answers("submitCode", { resolve: wrong, becomes: wrong });
  await field(page, "Code").pressSequentially("123456");
  await page.getByText(words("error.totpMismatch"), { exact: true }).waitFor();
  assert.deepEqual(await sent(), [{ type: "submitCode", code: "123456" }]);
});

pageTest("what is not an authenticator's address becomes no link", async (person) => {
  const uri = "javascript:alert(1)";
  const { page } = await scripted(person, { ...STEPS.setUpTotp, uri });
  await page.getByRole("img", { name: words("totp.qr") }).waitFor();
  assert.equal(await page.getByRole("link").count(), 0);
});

pageTest("an email address for codes", async (person) => {
  const { page, sent, becomes } = await scripted(person, STEPS.setUpEmail);
  await field(page, "Email address").fill("alice@example.com");
  await button(page, "Send code").click();
  assert.deepEqual(await sent(), [{ type: "setUpEmail", email: "alice@example.com" }]);
  const error = { code: "invalidParameter", message: "No.", attribute: "email" };
  await becomes({ ...STEPS.setUpEmail, error });
  await page.getByText(words("error.invalidParameter")).waitFor();
  assert.equal(await field(page, "Email address").getAttribute("aria-invalid"), "true");
});

pageTest("a form that cannot be loaded says so, and is there when it can", async (person) => {
  const { page, becomes } = await scripted(person, { step: "signedOut", username: null });
  await page.route("**/later.js", (route) => route.abort());
  await becomes({ ...STEPS.password, round: 2 });
  await page.getByRole("alert").getByText(words("error.offline")).waitFor();
  await page.unroute("**/later.js");
  await button(page, "Try again").click();
  await heading(page, words("password.title")).waitFor();
});

pageTest("every form by keyboard alone", async (person) => {
  const { page, sent, becomes } = await scripted(person, { step: "signedOut", username: null });
  let round = 1;
  const opens = async (name) => {
    round += 1;
    await becomes({ ...STEPS[name], round });
    await heading(page, words(titles[name])).waitFor();
  };
  const tabTo = async (name) => {
    for (let stops = 0; stops < 20; stops += 1) {
      const label = await page.evaluate(() => window.focused().textContent);
      if (label.startsWith(name)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} cannot be reached by keyboard`);
  };
  await opens("firstFactor");
  // A form without a field begins at its title.
  assert.ok(await hasFocus(heading(page, words("select.firstFactor.title"))));
  await tabTo("Passkey");
  await page.keyboard.press("Enter");
  await opens("password");
  await page.keyboard.type("Correct-Horse-7");
  await page.keyboard.press("Enter");
  await opens("passkey");
  await tabTo("Try another way");
  await page.keyboard.press("Enter");
  await tabTo("Code by email");
  await page.keyboard.press("Space");
  await opens("customChallenge");
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await opens("setUpTotp");
  await page.keyboard.type("123456");
  await opens("setUpEmail");
  await page.keyboard.type("alice@example.com");
  await page.keyboard.press("Enter");
  assert.deepEqual(await sent(), [
    { type: "selectFactor", choice: "passkey" },
    { type: "submitPassword", password: "Correct-Horse-7" },
    { type: "selectFactor", choice: "email" },
    { type: "answerChallenge", answer: "7" },
    { type: "submitCode", code: "123456" },
    { type: "setUpEmail", email: "alice@example.com" },
  ]);
});
