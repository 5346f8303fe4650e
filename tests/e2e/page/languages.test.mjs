// The page in each language: chosen by the browser, changed by the person.
import assert from "node:assert/strict";
import { pageTest, withBrowser } from "./support/browser.mjs";
import { ALICE, another } from "./support/journey.mjs";
import { LANGUAGES } from "../../../ui/texts.js";

withBrowser();

const LOCALES = {
  en: "en-GB",
  de: "de-DE",
  ja: "ja-JP",
  fr: "fr-FR",
  es: "es-ES",
  "pt-BR": "pt-BR",
  zh: "zh-CN",
  ko: "ko-KR",
  ar: "ar-EG",
};

for (const language of Object.keys(LANGUAGES)) {
  pageTest(
    `a sign-up in ${LANGUAGES[language]}`,
    async ({ tab }) => {
      const { default: texts } = await import(`../../../ui/texts/${language}.js`);
      // The page around the element speaks fewer languages.
      const around = ["de", "ja"].includes(language) ? language : "en";
      const { default: demo } = await import(`../../../www/demo/texts/${around}.js`);
      const page = await tab();
      assert.equal(await page.locator("html").getAttribute("lang"), around);
      const card = page.getByRole("region", { name: demo["page.signingIn"] });
      const heading = (key) =>
        card.getByRole("heading", { name: texts[key], exact: true }).waitFor();
      const fill = (key, value) => card.getByLabel(texts[key], { exact: true }).fill(value);
      const press = (key) => card.getByRole("button", { name: texts[key], exact: true }).click();

      await heading("signIn.title");
      await card.getByRole("link", { name: texts["signUp.title"] }).click();
      await heading("signUp.title");
      await fill("username.label", ALICE.username);
      await fill("email.label", ALICE.email);
      await fill("phone.label", ALICE.phone);
      await fill("password.label", ALICE.password);
      await press("signUp.action");
      await heading("confirm.title");
      await card.getByText("+*******0123").waitFor();
      await fill("code.label", "000");
      await press("confirm.action");
      await card.getByText(texts["error.codeShape"].replace("{digits}", "6")).waitFor();
      const phone = page.getByRole("log", { name: demo["phone.title"] });
      const [code] = /\d{6}/.exec(await phone.getByRole("listitem").first().textContent());
      await fill("code.label", another(code));
      await card.getByText(texts["error.codeMismatch"], { exact: true }).waitFor();
      // Nothing is left that has no text in this language.
      const seen = (await page.locator("body").innerText()) + (await page.locator(".root").innerText());
      assert.doesNotMatch(seen, /\b(error|page|settings|signIn|confirm|mfa)\.[a-z]\w+/i);
      assert.doesNotMatch(seen, /\{\w+\}/);
    },
    { locale: LOCALES[language] },
  );
}

pageTest("the language can be chosen, keeps the step, and is remembered", async ({ tab }) => {
  const page = await tab();
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  const heading = page.getByRole("heading", { name: "Anmelden", exact: true });
  await heading.waitFor();
  await page.reload();
  await heading.waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
});
