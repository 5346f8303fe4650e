// Signing up: what is asked for and marked, what is said before anything is sent, country codes, how hard
// a password is to guess; and what confirms it: a code, a link, an administrator, or another try.
import assert from "node:assert/strict";
import { test } from "node:test";
import { international, likelyRegion, regionOf } from "../../../ui/countries.js";
import { strengthOf } from "../../../ui/policy.js";
import { LANGUAGES } from "../../../ui/texts.js";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";
import { scripted, words } from "./support/scripted.mjs";

withBrowser();

const out = { step: "signedOut", username: null };
const field = (page, name) => page.getByLabel(name, { exact: true });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });
const signUp = (forms = {}) => ({ forms: { start: "signUp", ...forms } });
const error = (page, name) =>
  field(page, name).evaluate((it) => it.getRootNode().getElementById(`${it.id}-error`).textContent);
const delivery = { medium: "email", destination: "a***@e***", attribute: "email" };
const confirm = {
  ...{ step: "confirmSignUp", username: "alice", delivery },
  ...{ codeExpiresAt: null, resendAt: null },
};

test("a number is read as people of its country write it", () => {
  for (const [typed, region, number] of [
    ["2025550123", "US", "+12025550123"],
    ["12025550123", "CA", "+12025550123"],
    ["030901820", "DE", "+4930901820"],
    ["0612345678", "FR", "+33612345678"],
    ["0612345678", "IT", "+390612345678"],
    ["0701020304", "CI", "+2250701020304"],
    ["89123456789", "RU", "+79123456789"],
    ["9123456789", "RU", "+79123456789"],
    ["0612345678", "HU", "+3612345678"],
    ["80291234567", "BY", "+375291234567"],
    ["+4930901820", "US", "+4930901820"],
    ["004930901820", "US", "+4930901820"],
    ["", "DE", ""],
  ]) {
    assert.equal(international(typed, region), number, `${typed} in ${region}`);
  }
});

test("a country is known by the code that was typed, or by the browser's language", () => {
  assert.equal(regionOf("+4930", "US"), "DE");
  assert.equal(regionOf("+1202", "DE"), "US");
  assert.equal(regionOf("+1604", "CA"), "CA");
  assert.equal(regionOf("+7912", "DE"), "RU");
  assert.equal(regionOf("+9", "DE"), "DE");
  assert.equal(likelyRegion(["de-CH", "en"]), "CH");
  assert.equal(likelyRegion(["ja"]), "JP");
  assert.equal(likelyRegion([]), "US");
  assert.equal(likelyRegion(["c", "", "not a tag", "fr"]), "FR");
});

test("how hard a password is to guess is not how many rules it keeps", () => {
  assert.equal(strengthOf("Password1!"), "weak");
  assert.equal(strengthOf("Aaaaaaaaaa1!"), "weak");
  assert.equal(strengthOf("Qwertz123456!"), "weak");
  assert.equal(strengthOf("tr7-Gh0m"), "fair");
  assert.equal(strengthOf("Correct-Horse-7"), "strong");
});

for (const language of Object.keys(LANGUAGES)) {
  pageTest(`all that is wrong is said at once, each beside its field, in ${language}`, async (someone) => {
    const { default: table } = await import(`../../../ui/texts/${language}.js`);
    const { page, sent } = await scripted(someone, out, { language, ...signUp() });
    await field(page, table["username.label"]).waitFor();
    await button(page, table["signUp.action"]).click();
    assert.equal(await error(page, table["username.label"]), table["error.missing"]);
    assert.equal(await error(page, table["password.label"]), table["error.missing"]);
    assert.equal(await error(page, table["email.label"]), "");
    await field(page, table["email.label"]).fill("alice");
    await field(page, table["phone.label"]).fill("12");
    await field(page, table["password.label"]).fill("horse");
    await button(page, table["signUp.action"]).click();
    assert.equal(await error(page, table["username.label"]), table["error.missing"]);
    assert.equal(await error(page, table["email.label"]), table["error.email"]);
    assert.equal(await error(page, table["phone.label"]), table["error.phone"]);
    assert.equal(await error(page, table["password.label"]), table["error.invalidPassword"]);
    assert.ok(await field(page, table["username.label"]).evaluate((it) => it.matches(":focus")));
    assert.deepEqual(await axe(page), []);
    assert.deepEqual(await sent(), []);
    // Mended, it is taken back while one types.
    await field(page, table["email.label"]).fill("alice@example.com");
    assert.equal(await error(page, table["email.label"]), "");
  }, { viewport: { width: 320, height: 900 } });
}

pageTest("what is required is marked, and what is not; a pool's own wants are required", async (someone) => {
  const marks = (page) =>
    page.evaluate(() =>
      window.findAll(".label-row").map((it) => [...it.children].map(({ textContent }) => textContent).join(": ")),
    );
  const { page } = await scripted(someone, out, signUp());
  await field(page, "Phone number").waitFor();
  assert.deepEqual(await marks(page), [
    "User name: required",
    "Email address: optional",
    "Phone number: optional",
    "Password: required",
  ]);
  await page.close();
  const wants = { required: ["phone_number", "custom:team"] };
  const { page: other, sent } = await scripted(someone, out, signUp(wants));
  await field(other, "Phone number").waitFor();
  assert.deepEqual((await marks(other)).slice(1, 4), [
    "Email address: optional",
    "Phone number: required",
    "custom:team: required",
  ]);
  await field(other, "User name").fill("alice");
  await field(other, "Password").fill("Correct-Horse-7");
  await button(other, "Create account").click();
  assert.equal(await error(other, "Phone number"), words("error.missing"));
  assert.deepEqual(await sent(), []);
  await other.close();
  // Where the user name is the address, the number still comes.
  const { page: third } = await scripted(someone, out, signUp({ usernameIs: "email", required: ["phone_number", "email"] }));
  await field(third, "Phone number").waitFor();
  assert.deepEqual(await marks(third), ["Email address: required", "Phone number: required", "Password: required"]);
});

pageTest(
  "a phone number: its country from a list, loaded where the field is, and by what is typed",
  async (someone) => {
    const loaded = [];
    someone.context.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    const { page, sent } = await scripted(someone, out);
    await field(page, "User name").click();
    await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("others.js")));
    assert.ok(!loaded.includes("/ui/countries.js"));
    await page.getByRole("button", { name: "Create an account" }).click();
    const country = page.getByRole("combobox", { name: words("phone.country") });
    await country.waitFor();
    assert.ok(loaded.includes("/ui/countries.js"));
    assert.equal(await country.inputValue(), "GB");
    await country.selectOption("DE");
    await field(page, "Phone number").fill("030 / 90-18 20");
    await field(page, "User name").fill("alice");
    await field(page, "Password").fill("Correct-Horse-7");
    await button(page, "Create account").click();
    assert.deepEqual((await sent())[0].attributes, { phone_number: "+4930901820" });
    await field(page, "Phone number").fill("+1 202 555 0123");
    assert.equal(await country.inputValue(), "US");
    await button(page, "Create account").click();
    assert.deepEqual((await sent())[1].attributes, { phone_number: "+12025550123" });
    // It is there again, as what was typed is.
    await country.selectOption("JP");
    await field(page, "Phone number").fill("03 1234 5678");
    await page.getByRole("button", { name: "Sign in" }).click();
    await heading(page, "Sign in").waitFor();
    await page.getByRole("button", { name: "Create an account" }).click();
    await country.waitFor();
    assert.equal(await country.inputValue(), "JP");
    assert.equal(await field(page, "Phone number").inputValue(), "03 1234 5678");
    const names = await country.locator("option").allTextContents();
    assert.ok(names.length > 230);
    assert.ok(names.some((name) => /^Germany/.test(name)));
    assert.deepEqual(await axe(page), []);
  },
);

pageTest("the phone number is the user name: asked for once, with its country, in every form", async (someone) => {
  const forms = { usernameIs: "phone_number" };
  const { page, sent } = await scripted(someone, out, { forms });
  await field(page, "Country code").selectOption("US");
  await field(page, "Phone number").fill("202 555 0123");
  await field(page, "Password").fill("Correct-Horse-7");
  await button(page, "Sign in").click();
  const [{ type, username }] = await sent();
  assert.deepEqual([type, username], ["signIn", "+12025550123"]);

  const { page: other, sent: then } = await scripted(someone, out, signUp(forms));
  await field(other, "Phone number").waitFor();
  assert.equal(await other.getByLabel("User name").count(), 0);
  assert.equal(await other.getByLabel("Phone number", { exact: true }).count(), 1);
  await field(other, "Country code").selectOption("DE");
  await field(other, "Phone number").fill("030 901820");
  await field(other, "Password").fill("Correct-Horse-7");
  await button(other, "Create account").click();
  const [event] = await then();
  assert.equal(event.username, "+4930901820");
  assert.equal(event.attributes.phone_number, "+4930901820");
});

pageTest("a list of countries that does not load: the number is typed with its code", async (someone) => {
  await someone.context.route("**/countries.js", (route) => route.abort());
  const { page, sent } = await scripted(someone, out, signUp({ fields: ["username", "phone_number", "password"] }));
  await field(page, "User name").fill("alice");
  await field(page, "Password").fill("Correct-Horse-7");
  await field(page, "Phone number").fill("030 901820");
  await button(page, "Create account").click();
  assert.equal(await error(page, "Phone number"), words("error.phone"));
  await field(page, "Phone number").fill("+49 30 901820");
  await button(page, "Create account").click();
  assert.equal((await sent())[0].attributes.phone_number, "+4930901820");
}, { allowedFaults: [/ERR_FAILED/] });

pageTest("the rules are one below the other, and how hard it is to guess below them", async (someone) => {
  const { page } = await scripted(someone, out, signUp());
  await field(page, "Password").fill("Password1!");
  await page.getByText(words("strength.weak")).waitFor();
  const lefts = await page.locator(".policy li").evaluateAll((items) => items.map((it) => it.getBoundingClientRect().x));
  assert.equal(new Set(lefts).size, 1);
  await field(page, "Password").fill("Correct-Horse-7");
  await page.getByText(words("strength.strong"), { exact: true }).waitFor();
});

pageTest("a wrong address: back to the sign-up with all that was typed, and why the name is another", async (someone) => {
  const { page, answers, sent } = await scripted(someone, out, signUp());
  await field(page, "User name").fill("alice");
  await field(page, "Email address").fill("alice@example.con");
  await field(page, "Password").fill("Correct-Horse-7");
  await answers("signUp", { becomes: { ...confirm, round: 2 } });
  await button(page, "Create account").click();
  await heading(page, words("confirm.title")).waitFor();
  await answers("cancel", { becomes: { ...out, username: "alice", round: 3 }, resolve: { error: null } });
  await button(page, words("confirm.startAgain")).click();
  await heading(page, words("signUp.title")).waitFor();
  await page.getByText(words("confirm.startedAgain", { username: "alice" })).waitFor();
  assert.equal(await field(page, "Email address").inputValue(), "alice@example.con");
  assert.equal(await field(page, "User name").inputValue(), "alice");
  assert.equal(await field(page, "Password").inputValue(), "");
  assert.deepEqual((await sent()).map(({ type }) => type), ["signUp", "cancel"]);
  assert.deepEqual(await axe(page), []);
});

pageTest("a code is asked for where one was sent, and nothing is said of links", async (someone) => {
  for (const confirmBy of ["code", "link"]) {
    const sms = { ...confirm, delivery: { ...delivery, medium: "sms", destination: "+*******0123" } };
    const { page } = await scripted(someone, sms, { forms: { confirmBy } });
    await field(page, "Code").waitFor();
    assert.equal(await page.getByText(/link/i).count(), 0);
    await page.close();
  }
});

pageTest("a link: no code is asked for; not opened it is said so, opened the sign-in goes on", async (someone) => {
  const { page, answers, sent } = await scripted(someone, confirm, { forms: { confirmBy: "link" } });
  await page.getByText(words("confirm.byLink")).waitFor();
  assert.equal(await field(page, "Code").count(), 0);
  assert.deepEqual(await axe(page), []);
  const wrong = { ...confirm, error: { code: "codeMismatch", message: "" } };
  await answers("confirmSignUp", { becomes: wrong, resolve: wrong });
  await button(page, words("confirm.linkOpened")).click();
  await page.getByText(words("confirm.notYet")).waitFor();
  assert.equal(await page.getByText(words("error.codeMismatch")).count(), 0);
  const again = { ...confirm, busy: null, error: null, resendAt: Date.now() + 30_000 };
  await answers("resendCode", { becomes: again, resolve: again });
  await button(page, words("resend.link")).click();
  await page.getByText(words("resend.linkDone")).waitFor();
  assert.deepEqual((await sent()).map(({ type }) => type), ["confirmSignUp", "resendCode"]);
});

pageTest("where the pool sent nothing an administrator is to confirm, and no code is asked for", async (someone) => {
  for (const [snapshot, forms] of [
    [{ ...confirm, delivery: null, resendAt: Date.now() + 30_000 }, {}],
    [{ ...confirm, delivery: null }, { confirmBy: "administrator" }],
  ]) {
    const { page, answers } = await scripted(someone, snapshot, { forms });
    await page.getByText(words("confirm.byAdministrator")).waitFor();
    assert.equal(await field(page, "Code").count(), 0);
    const over = { ...snapshot, error: { code: "codeExpired", message: "" } };
    await answers("confirmSignUp", { becomes: over, resolve: over });
    await button(page, words("confirm.check")).click();
    await page.getByText(words("confirm.notYet")).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.close();
  }
});

pageTest("in the demo: confirmed by an administrator, the sign-in goes on with the held password", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  for (const name of ["Phone number", "Email address"]) await settings.getByLabel(name, { exact: true }).uncheck();
  await person.setUpPool(page, []);
  await person.signUp(page, { ...person.ALICE, phone: "" });
  await person.step(page, "Confirm your account");
  await person.sees(page, words("confirm.byAdministrator"));
  await person.press(page, "Check again");
  await person.sees(page, words("confirm.notYet"));
  const panel = await person.administer(page, "alice");
  await panel.getByRole("button", { name: "Confirm" }).click();
  await panel.getByText("CONFIRMED", { exact: true }).first().waitFor();
  await person.press(page, "Check again");
  await person.card(page).getByRole("heading", { name: /Verify your email address|Welcome, alice/ }).waitFor();
});

pageTest("in the demo: a second factor by SMS alone makes the number required", async ({ tab }) => {
  const page = await tab();
  const settings = await person.openTab(page, "Settings");
  for (const name of ["By email", "From an authenticator app"]) await settings.getByLabel(name, { exact: true }).uncheck();
  await person.setUpPool(page, ["Required"], "Make a new pool");
  await person.signUp(page, { ...person.ALICE, phone: "" });
  await person.sees(page, words("error.missing"));
  await person.fill(page, "Phone number", person.ALICE.phone);
  await person.press(page, "Create account");
  await person.step(page, "Confirm your account");
});

pageTest("a forgotten password looks the same for somebody and for nobody", async (someone) => {
  const seen = [];
  for (const known of [true, false]) {
    const { page, answers, sent } = await scripted(someone, out, { forms: { start: "forgotPassword" } });
    const now = Date.now();
    const reset = {
      ...{ step: "resetPassword", username: "alice", delivery, round: 2 },
      ...{ codeExpiresAt: now + 3_600_000, resendAt: now + 30_000 },
    };
    const nobody = { ...out, error: { code: "wrongCredentials", message: "", server: "UserNotFoundException" } };
    await answers("forgotPassword", { becomes: known ? reset : nobody, resolve: known ? reset : nobody });
    await field(page, "User name").fill("alice");
    await button(page, "Send code").click();
    await heading(page, words("reset.title")).waitFor();
    await page.getByText(words("forgot.unknown")).waitFor();
    const look = async () =>
      (await page.locator(".card").innerText()).replace(/\d?\d:\d\d(:\d\d)?/g, "0:00").split("\n").filter(Boolean);
    const before = await look();
    const wrong = { ...reset, error: { code: "codeMismatch", message: "" } };
    await answers("resetPassword", { becomes: wrong, resolve: wrong });
    await field(page, "Code").fill("123456");
    await field(page, "New password").fill("Another-Horse-8");
    await button(page, "Save password").click();
    await page.getByText(words("error.codeMismatch"), { exact: true }).waitFor();
    assert.ok(await field(page, "Code").evaluate((it) => it.matches(":focus")));
    seen.push([before, await look()]);
    assert.equal((await sent()).length, known ? 2 : 1);
    assert.deepEqual(await axe(page), []);
    if (!known) {
      await button(page, "Back to sign-in").click();
      await heading(page, "Sign in").waitFor();
    }
    await page.close();
  }
  assert.deepEqual(seen[1], seen[0]);
});
