// What axe finds in a page as it is now. It preloads no styles: its way to those of a shadow root violates the policy.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** One line for each rule that is violated, with the elements. */
export async function axe(page) {
  await page.evaluate(`if (!window.axe) { ${source} }`);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ["violations"], preload: false }),
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
  );
}
