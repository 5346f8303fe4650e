// The page of themes, and what the element looks like in each.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../../scripts/lib/run.mjs";
import { THEMES, TOKENS } from "../../../ui/style.js";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";

withBrowser();

pageTest("what is moved is seen, and is the CSS to copy", async ({ tab }) => {
  const page = await tab("theme.html");
  await page.getByLabel("--cognito-radius").fill("30px");
  await page.getByLabel("--cognito-accent", { exact: true }).fill("#aa0066");
  const card = page.locator("cognito-sign-in .card").first();
  assert.equal(await card.evaluate((it) => getComputedStyle(it).borderRadius), "30px");
  const button = page.locator("cognito-sign-in .primary").first();
  assert.equal(await button.evaluate((it) => getComputedStyle(it).backgroundColor), "rgb(170, 0, 102)");
  await page.getByRole("button", { name: "Copy CSS" }).click();
  await page.getByText("Copied.").waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    "cognito-sign-in {\n  --cognito-radius: 30px;\n  --cognito-accent: #aa0066;\n}",
  );
  await page.getByRole("button", { name: "Reset" }).click();
  assert.equal(await card.evaluate((it) => getComputedStyle(it).borderRadius), "14px");
});

for (const colorScheme of ["light", "dark"]) {
  pageTest(
    `axe finds nothing in any theme, nor in Arabic: ${colorScheme}`,
    async ({ tab }) => {
      const page = await tab("theme.html");
      for (const theme of ["", ...Object.keys(THEMES)]) {
        await page.getByLabel("Theme").selectOption(theme);
        for (const language of ["en", "ar"]) {
          await page.getByLabel("Language").selectOption(language);
          await page.locator(`.root[lang=${language}] h2`).nth(1).waitFor();
          assert.deepEqual(await axe(page), [], `${theme} ${language}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= 320, `${theme} ${language}: ${wide}`);
        }
      }
    },
    { colorScheme, viewport: { width: 320, height: 700 }, reducedMotion: "reduce" },
  );
}

pageTest("a property of the page's reaches the element, in the dark too", async ({ tab }) => {
  const page = await tab("theme.html");
  await page.evaluate(() => document.documentElement.style.setProperty("--cognito-surface", "light-dark(white, #010203)"));
  await page.getByLabel("Colours").selectOption("dark");
  const card = page.locator("cognito-sign-in .card").first();
  assert.equal(await card.evaluate((it) => getComputedStyle(it).backgroundColor), "rgb(1, 2, 3)");
});

test("each property is in the table of the documentation", () => {
  const text = readFileSync(join(root, "docs/element.md"), "utf8");
  for (const [name, light, dark] of TOKENS) {
    const row = `| \`--cognito-${name}\` | \`${light}\`${dark === undefined ? "" : ` / \`${dark}\``} |`;
    assert.ok(text.includes(row), row);
  }
  assert.equal(text.match(/^\| `--cognito-/gm).length, TOKENS.length);
});
