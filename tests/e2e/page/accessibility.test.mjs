// For everybody: axe at every step, screen readers, small screens, zoom, less motion, keyboard.
import assert from "node:assert/strict";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";
import { virtualAuthenticator } from "./support/authenticator.mjs";
import { tour, tourOfWays } from "./support/tour.mjs";

const { ALICE, another, card, step } = person;

withBrowser();

for (const [look, options] of Object.entries({
  "light, desktop": { colorScheme: "light" },
  "dark, phone": { colorScheme: "dark", viewport: { width: 360, height: 760 } },
})) {
  pageTest(
    `axe finds nothing at any step: ${look}`,
    async ({ tab }) => {
      const page = await tab();
      const found = [];
      await tour(page, async (name) => {
        for (const violation of await axe(page)) found.push(`${name}: ${violation}`);
      });
      assert.deepEqual(found, []);
    },
    { reducedMotion: "reduce", ...options },
  );
}

pageTest(
  "axe finds nothing, and nothing scrolls sideways at 320 pixels, where the pool has everything",
  async ({ tab }) => {
    const page = await tab();
    const found = [];
    await tourOfWays(page, await virtualAuthenticator(page), async (name) => {
      for (const violation of await axe(page)) found.push(`${name}: ${violation}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > 320) found.push(`${name}: ${wide}`);
    });
    assert.deepEqual(found, []);
  },
  { reducedMotion: "reduce", byName: true, viewport: { width: 320, height: 700 } },
);

// 640 CSS pixels are a window of 1280 at 200 % zoom.
for (const width of [320, 360, 640, 768, 1440]) {
  pageTest(
    `nothing is cut off or scrolls sideways at ${width} pixels`,
    async ({ tab }) => {
      const page = await tab();
      const tooWide = [];
      await tour(page, async (name) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) tooWide.push(`${name}: ${wide}`);
      });
      assert.deepEqual(tooWide, []);
    },
    { viewport: { width, height: 800 } },
  );
}

pageTest(
  "a screen reader hears new steps, errors beside their field, and 60, 30, 10 seconds",
  async ({ tab }) => {
    const page = await tab();
    await page.evaluate(() => {
      window.heard = [];
      const region = window.findAll(".root > [role=status]")[0];
      new MutationObserver(() => window.heard.push(region.textContent.trim())).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    const heard = () => page.evaluate(() => window.heard.splice(0));
    await person.signUpAndVerify(page);
    assert.deepEqual(await heard(), [
      "Create an account",
      "Confirm your account",
      "Verify your email address",
      "Welcome, alice",
    ]);
    await card(page).getByText("Two-step verification").click();
    await card(page).getByLabel("By SMS").check();
    await page.getByText("By SMS: on").waitFor({ state: "attached" });
    await person.signOut(page);
    await person.signIn(page);
    await step(page, "Enter your code");
    await heard();
    await person.moveClock(page, "+1 min");
    await person.moveClock(page, "+1 min");
    await page.getByText("60 seconds left").waitFor({ state: "attached" });
    const announced = (await heard()).filter((text) => text.includes("seconds"));
    assert.deepEqual(announced, ["60 seconds left"]);

    await person.giveCode(page, another(await person.smsCode(page)), "Continue");
    await person.seesError(page, "codeMismatch");
    const field = card(page).getByLabel("Code", { exact: true });
    const described = await field.evaluate((input) =>
      input
        .getAttribute("aria-describedby")
        .split(" ")
        .map((id) => input.getRootNode().getElementById(id).textContent),
    );
    assert.ok(described.some((text) => text.includes("This code is wrong")));
  },
);

pageTest(
  "nothing moves for who asked for that",
  async ({ tab }) => {
    const page = await tab();
    const under = await person.openTab(page, "Underneath");
    await under.getByLabel("Network").selectOption("Slow (2 seconds)");
    await person.signIn(page);
    await card(page).getByRole("button", { name: "Sign in – please wait" }).waitFor();
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  },
  { reducedMotion: "reduce" },
);

pageTest("the whole journey by keyboard alone", async ({ tab }) => {
  const page = await tab();
  const keyboard = keys(page);
  await keyboard.press("Create an account");
  await step(page, "Create an account");
  await keyboard.typeInto("User name", ALICE.username);
  await keyboard.typeInto("Email address", ALICE.email);
  await keyboard.typeInto("Phone number", ALICE.phone);
  await keyboard.typeInto("Password", ALICE.password);
  await page.keyboard.press("Enter");
  await step(page, "Confirm your account");
  // The new form's first field has the focus.
  await page.keyboard.type(await person.smsCode(page));
  await step(page, "Verify your email address");
  await person.emailCode(page);
  await keyboard.press("Copy code", "Mailbox");
  await keyboard.focus("Code");
  await page.keyboard.press("Control+V");
  await step(page, "Welcome, alice");

  await keyboard.focus("Settings");
  await page.keyboard.press("End");
  await page.getByRole("tabpanel", { name: "Other pool" }).waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tabpanel", { name: "SMS" }).waitFor();

  await keyboard.press("Two-step verification");
  await card(page).getByLabel("By SMS").waitFor();
  await keyboard.focus("By SMS");
  await page.keyboard.press("Space");
  await page.getByText("By SMS: on").waitFor({ state: "attached" });
  await keyboard.press("Sign out");
  await step(page, "Sign in");
  const before = await person.newestSms(page);
  await keyboard.typeInto("Password", ALICE.password);
  await page.keyboard.press("Enter");
  await step(page, "Enter your code");
  await page.keyboard.type(await person.smsCode(page, before));
  await step(page, "Welcome, alice");
});

/** Reaching things with Tab and Shift+Tab alone, by the names a screen reader says. */
function keys(page) {
  const focused = () =>
    page.evaluate(() => {
      const element = window.focused();
      const label = element.labels?.[0]?.textContent ?? element.textContent ?? "";
      return {
        name: (element.getAttribute("aria-label") ?? label).trim(),
        region:
          element.closest("[aria-labelledby], section[aria-label]")?.querySelector("h2")
            ?.textContent ?? "",
      };
    });
  const focus = async (name, region) => {
    for (let stops = 0; stops < 80; stops += 1) {
      const at = await focused();
      if (at.name === name && (region === undefined || at.region === region)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} cannot be reached by keyboard`);
  };
  return {
    focus,
    async press(name, region) {
      await focus(name, region);
      await page.keyboard.press("Enter");
    },
    async typeInto(name, text) {
      await focus(name);
      await page.keyboard.type(text);
    },
  };
}
