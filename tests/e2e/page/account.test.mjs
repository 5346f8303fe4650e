// What a signed-in person has and may change, over a flow by script: factors, passkeys, devices,
// sessions. Each part loads, fails and ends in a way that is said.
import assert from "node:assert/strict";
import { LANGUAGES } from "../../../ui/texts.js";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import { readQr } from "./support/qr.mjs";
import { scripted, signedInAs, words } from "./support/scripted.mjs";

withBrowser();

const ACCOUNT = ["factors", "passkeys", "mfa", "contact", "password", "devices", "sessions", "delete"];
const forms = { account: ACCOUNT };
const button = (page, name) => page.getByRole("button", { name, exact: true });
const list = (page, key) => page.getByRole("list", { name: words(key) });
const open = (page, key) => page.locator("summary", { hasText: words(key) }).click();
const status = (page, text) => page.getByText(text, { exact: true }).waitFor({ state: "attached" });
const offline = { reject: { code: "offline", message: "" } };

const at = Date.UTC(2026, 0, 2, 3, 4);
const PASSKEYS = [
  { id: "p1", name: "Laptop", createdAt: at, transports: ["internal"] },
  { id: "p2", name: null, createdAt: at, transports: [] },
];
const DEVICES = [
  { key: "d1", name: "Firefox on Linux", createdAt: at, lastUsedAt: at, current: true },
  { key: "eu-west-1_0e1f", name: null, createdAt: at, lastUsedAt: null, current: false },
];
const SESSION = { clientId: null, createdAt: at, lastActiveAt: at };
const SESSIONS = [
  { ...SESSION, id: "tkn1", deviceType: "Chrome", ip: "192.0.2.1", place: "Oslo, Norway", current: true },
  { ...SESSION, id: "tkn2", lastActiveAt: null, deviceType: null, ip: null, place: null, current: false },
];
const SECRET = { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/x:alice?secret=JBSWY3DPEHPK3PXP" };

/** The account of alice, in which every list has something. */
async function account(person, options = {}) {
  const script = await scripted(person, signedInAs("alice"), { forms, ...options });
  await script.answers("factors", { resolve: ["password", "email", "passkey"] });
  await script.answers("passkeys", { resolve: PASSKEYS });
  await script.answers("devices", { resolve: DEVICES });
  await script.answers("sessions", { resolve: SESSIONS });
  await script.answers("mfaPreference", { resolve: { enabled: ["sms", "email"], preferred: "sms" } });
  return script;
}

for (const language of Object.keys(LANGUAGES)) {
  pageTest(
    `every part is whole and fits 320 pixels, in ${language}`,
    async (person) => {
      const { default: table } = await import(`../../../ui/texts/${language}.js`);
      const { page, answers } = await account(person, { language });
      for (const part of ACCOUNT) {
        await page.locator("summary", { hasText: table[`account.${part}`] }).first().click();
      }
      await page.getByText("Firefox on Linux").first().waitFor();
      await page.getByText("192.0.2.1").waitFor();
      await page.getByText("Laptop").first().waitFor();
      await answers("startTotp", { resolve: SECRET });
      await page.getByRole("checkbox", { name: table["factor.totp"] }).click();
      await page.getByRole("img", { name: table["totp.qr"] }).waitFor();
      const text = await page.locator("main").innerText();
      assert.doesNotMatch(text, /\b(account|way|factor|totp|error)\.\w+|\{\w+\}/);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
      assert.deepEqual(await axe(page), []);
    },
    { viewport: { width: 320, height: 700 }, reducedMotion: "reduce" },
  );
}

pageTest(
  "addresses and tokens are read from left to right in Arabic too, and have room at 320 pixels",
  async (person) => {
    const { page, answers } = await account(person, { language: "ar" });
    const directions = () =>
      page.locator(".value, td bdi").evaluateAll((all) => all.map((it) => getComputedStyle(it).direction));
    assert.deepEqual([...new Set(await directions())], ["ltr"]);
    const claims = { phone_number: "+12025550123", "a-name-without-a-place-to-break": "1".repeat(60) };
    const token = `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    await answers("session", { resolve: { accessToken: token, idToken: token, expiresAt: 0 } });
    await page.locator("summary").first().click();
    await page.getByText("+12025550123").last().waitFor();
    assert.deepEqual([...new Set(await directions())], ["ltr"]);
    const { width } = await page.locator("td").last().boundingBox();
    assert.ok(width > 150, `${width}`);
  },
  { viewport: { width: 320, height: 700 } },
);

pageTest("the account has the parts that the app names", async (person) => {
  const { page } = await scripted(person, signedInAs("alice"), { forms: { account: ["mfa"] } });
  const parts = await page.locator(".account .account summary").allTextContents();
  assert.deepEqual(parts, [words("account.mfa")]);
});

pageTest("with what one can begin", async (person) => {
  const { page } = await account(person);
  await open(page, "account.factors");
  await list(page, "account.factors").getByText("Passkey").waitFor();
  const shown = await list(page, "account.factors").getByRole("listitem").allTextContents();
  assert.deepEqual(shown, ["Password", "Code by email", "Passkey"]);
});

pageTest("a list that cannot be had says why, and can be asked for again", async (person) => {
  const { page, answers } = await account(person);
  await answers("sessions", offline);
  await open(page, "account.sessions");
  await page.getByRole("alert").getByText(words("error.offline")).waitFor();
  await answers("sessions", { resolve: SESSIONS });
  await button(page, "Try again").click();
  await list(page, "account.sessions").getByText("Oslo, Norway · 192.0.2.1").waitFor();
  assert.equal(await page.getByText(words("error.offline")).count(), 0);
  await button(page, "Try again").waitFor({ state: "hidden" });
});

pageTest("passkeys: none, one made, one deleted after asking once more", async (person) => {
  const { page, answers, called } = await account(person);
  await answers("passkeys", { resolve: [] });
  await open(page, "account.passkeys");
  await page.getByText(words("account.passkeys.none")).waitFor();

  await answers("createPasskey", { reject: { code: "passkeyFailed", message: "NotAllowedError" } });
  await button(page, "Create a passkey").click();
  await page.getByText(words("account.passkeys.notMade")).waitFor();
  const cause = { name: "InvalidStateError" };
  await answers("createPasskey", { reject: { code: "passkeyFailed", message: "", cause } });
  await button(page, "Create a passkey").click();
  await page.getByText(words("account.passkeys.there")).waitFor();
  await answers("createPasskey", {});
  await answers("passkeys", { resolve: PASSKEYS });
  await button(page, "Create a passkey").click();
  await status(page, words("account.passkeys.created"));

  const laptop = list(page, "account.passkeys").getByRole("listitem").filter({ hasText: "Laptop" });
  await laptop.getByRole("button", { name: "Delete – Laptop" }).click();
  await laptop.getByRole("button", { name: "Cancel – Laptop" }).click();
  assert.ok(!(await called()).some(([name]) => name === "deletePasskey"));
  await laptop.getByRole("button", { name: "Delete – Laptop" }).click();
  await answers("deletePasskey", {});
  await answers("passkeys", { resolve: PASSKEYS.slice(1) });
  await laptop.getByRole("button", { name: "Yes, delete – Laptop" }).click();
  await status(page, words("account.passkeys.deleted"));
  await laptop.waitFor({ state: "detached" });
  assert.deepEqual((await called()).filter(([name]) => name === "deletePasskey"), [["deletePasskey", "p1"]]);
  // The keyboard goes on from the list.
  assert.ok(await list(page, "account.passkeys").evaluate((it) => it.matches(":focus")));
});

pageTest("a browser without passkeys makes none, and can still delete", async (person) => {
  await person.context.addInitScript(() => delete window.PublicKeyCredential);
  const { page } = await account(person);
  await open(page, "account.passkeys");
  await page.getByText(words("error.passkeyUnsupported")).waitFor();
  await page.getByRole("button", { name: "Delete – Laptop" }).waitFor();
  assert.equal(await button(page, "Create a passkey").count(), 0);
});

pageTest("devices: this one remembered, another forgotten", async (person) => {
  const { page, answers, called, becomes } = await account(person);
  await open(page, "account.devices");
  const devices = list(page, "account.devices");
  await devices.getByText("This device").waitFor();
  await answers("rememberDevice", { becomes: signedInAs("alice", { device: "remembered" }) });
  await devices.getByRole("button", { name: "Remember – Firefox on Linux" }).click();
  await status(page, words("device.remembered"));
  await devices.getByRole("button", { name: /^Remember/ }).waitFor({ state: "detached" });
  await answers("forgetDevice", {});
  await devices.getByRole("button", { name: "Remove – eu-west-1_0e1f" }).click();
  await status(page, words("account.devices.forgotten"));
  await answers("forgetDevice", { becomes: signedInAs("alice") });
  await answers("devices", { resolve: [] });
  await devices.getByRole("button", { name: "Remove – Firefox on Linux" }).click();
  await page.getByText(words("account.devices.none")).waitFor();
  const changes = (await called()).filter(([name]) => name !== "devices");
  assert.deepEqual(changes, [["rememberDevice"], ["forgetDevice", "eu-west-1_0e1f"], ["forgetDevice"]]);
  await becomes(signedInAs("alice"));
});

pageTest("what a pool gives no date for is listed without one", async (person) => {
  const { page, answers } = await account(person);
  const undated = (list) => ({ resolve: list.map((it) => ({ ...it, createdAt: null, lastUsedAt: null })) });
  await answers("devices", undated(DEVICES));
  await answers("passkeys", undated(PASSKEYS));
  for (const key of ["account.devices", "account.passkeys"]) {
    await open(page, key);
    const rows = list(page, key);
    await rows.getByText(key === "account.devices" ? "Firefox on Linux" : "Laptop").first().waitFor();
    assert.doesNotMatch(await rows.innerText(), /Since|19[67]0/);
  }
});

pageTest("sessions: another one ended; this one by signing out alone", async (person) => {
  const { page, answers, called } = await account(person);
  await open(page, "account.sessions");
  const sessions = list(page, "account.sessions");
  await sessions.getByText("Here", { exact: true }).waitFor();
  assert.equal(await sessions.getByRole("button").count(), 1);
  await answers("endSession", { reject: { code: "refused", message: "No.", server: "X" } });
  await sessions.getByRole("button", { name: "Sign out there – Sign-in tkn2" }).click();
  await page.getByText("The server says: “No.”").waitFor();
  await answers("endSession", {});
  await answers("sessions", { resolve: SESSIONS.slice(0, 1) });
  await sessions.getByRole("button", { name: "Sign out there – Sign-in tkn2" }).click();
  await status(page, words("account.sessions.ended"));
  assert.equal(await sessions.getByRole("listitem").count(), 1);
  assert.deepEqual((await called()).filter(([name]) => name === "endSession"), [
    ["endSession", "tkn2"],
    ["endSession", "tkn2"],
  ]);
});

pageTest("an authenticator app: wrong code, right code, then it is on", async (person) => {
  const { page, answers, called } = await account(person);
  await open(page, "account.mfa");
  const totp = page.getByRole("checkbox", { name: "Authenticator app" });
  await totp.waitFor();
  await answers("startTotp", offline);
  await totp.click();
  await page.getByText(words("error.offline")).waitFor();
  assert.ok(!(await totp.isChecked()));
  await answers("startTotp", { resolve: SECRET });
  await totp.click();
  assert.equal(await readQr(page.getByRole("img", { name: words("totp.qr") })), SECRET.uri);
  // It is on when its code was right, not before.
  assert.ok(!(await totp.isChecked()));
  const enrolment = page.getByRole("group", { name: words("totp.title") });
  const code = enrolment.getByLabel("Code", { exact: true });
  assert.ok(await code.evaluate((it) => it.matches(":focus")));
  await answers("confirmTotp", { reject: { code: "codeMismatch", message: "" } });
  await code.fill("111111");
  await enrolment.getByText(words("error.totpMismatch")).waitFor();
  await answers("confirmTotp", {});
  await answers("mfaPreference", { resolve: { enabled: ["sms", "totp"], preferred: "totp" } });
  await code.fill("222222");
  await enrolment.waitFor({ state: "detached" });
  await status(page, "Authenticator app: on");
  await page.waitForFunction(() => window.focused()?.name === "totp");
  assert.ok(await totp.isChecked());
  assert.deepEqual((await called()).filter(([name]) => name === "confirmTotp"), [
    ["confirmTotp", "111111", { as: "preferred" }],
    ["confirmTotp", "222222", { as: "preferred" }],
  ]);
});

pageTest("the secret goes when the set-up is left, and with the person", async (person) => {
  const { page, answers, becomes } = await account(person);
  await open(page, "account.mfa");
  await answers("startTotp", { resolve: SECRET });
  await page.getByRole("checkbox", { name: "Authenticator app" }).click();
  await page.getByRole("img", { name: words("totp.qr") }).waitFor();
  await button(page, "Cancel").click();
  assert.equal(await page.locator(".secret, .qr").count(), 0);
  await page.getByRole("checkbox", { name: "Authenticator app" }).click();
  await page.getByRole("img", { name: words("totp.qr") }).waitFor();
  await becomes(signedInAs("bob", { round: 2 }));
  await page.getByRole("heading", { name: "Welcome, bob" }).waitFor();
  assert.equal(await page.locator(".secret, .qr").count(), 0);
  // A secret that comes when its owner is gone is not shown to the next.
  await open(page, "account.mfa");
  await page.getByRole("checkbox", { name: "Authenticator app" }).waitFor();
  await answers("startTotp", { becomes: signedInAs("eve", { round: 3 }), resolve: SECRET });
  await page.getByRole("checkbox", { name: "Authenticator app" }).click();
  await page.getByRole("heading", { name: "Welcome, eve" }).waitFor();
  assert.equal(await page.locator(".secret, .qr").count(), 0);
});

pageTest("which second factor is asked for first", async (person) => {
  const { page, answers, called } = await account(person);
  await open(page, "account.mfa");
  await page.getByText("Asked for first").waitFor();
  await answers("setMfaPreference", {});
  await answers("mfaPreference", { resolve: { enabled: ["sms", "email"], preferred: "email" } });
  await page.getByRole("button", { name: "Ask for this first – By email" }).click();
  await page.getByRole("button", { name: "Ask for this first – By SMS" }).waitFor();
  const changes = (await called()).filter(([name]) => name === "setMfaPreference");
  assert.deepEqual(changes, [["setMfaPreference", { email: "preferred" }]]);
});
