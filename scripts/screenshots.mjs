// `npm run screenshots`: pictures of every step at phone and desktop width, light and dark, in
// build/screenshots/; look at each. With --docs, the four of the README are made anew.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newPerson, start, stop } from "../tests/e2e/page/support/browser.mjs";
import { virtualAuthenticator } from "../tests/e2e/page/support/authenticator.mjs";
import { tour, tourOfWays } from "../tests/e2e/page/support/tour.mjs";
import { main, root, say } from "./lib/run.mjs";

const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1440, height: 900 },
};
const README = [
  "mfa-desktop-light",
  "mfa-phone-dark",
  "pane-states-desktop-dark",
  "pane-sms-desktop-light",
];

main(import.meta, async () => {
  const forReadme = process.argv.includes("--docs");
  const folder = join(root, forReadme ? "docs/screenshots" : "build/screenshots");
  mkdirSync(folder, { recursive: true });
  await start();
  try {
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of ["light", "dark"]) {
        say(`${size}, ${colorScheme}`);
        const person = await newPerson({ viewport, colorScheme });
        const page = await person.tab();
        const picture = (page) => async (step) => {
          const name = `${step}-${size}-${colorScheme}`;
          if (forReadme && !README.includes(name)) return;
          const path = join(folder, `${name}.png`);
          await page.evaluate(() => window.scrollTo(0, 0));
          await page.screenshot(forReadme ? { path, fullPage: true, clip: await clipOf(page, step) } : { path, fullPage: true });
        };
        await tour(page, picture(page));
        await person.context.close();
        if (forReadme) continue;
        const other = await newPerson({ viewport, colorScheme, byName: true });
        const itsPage = await other.tab();
        await tourOfWays(itsPage, await virtualAuthenticator(itsPage), picture(itsPage));
        await other.context.close();
      }
    }
  } finally {
    await stop();
  }
  say(`pictures are in ${folder}`);
});

/** What of the page is in the README: a pane alone, else the form with what stands beside it. */
async function clipOf(page, step) {
  const pane = await page.locator(step.startsWith("pane-") ? ".behind" : ".signing-in").boundingBox();
  if (step.startsWith("pane-")) return { ...pane, height: Math.min(pane.height, 840) };
  const { width, height } = page.viewportSize();
  const top = width < 700 ? pane.y - 16 : 0;
  return { x: 0, y: top, width, height: Math.min(height, 760) };
}
