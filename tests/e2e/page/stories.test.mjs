// What the search of every state has met (tests/proof), once more, with the package and the pool as they are
// shipped: the same is seen after each thing that happens.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/lib/run.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";

withBrowser();

const all = readdirSync(join(root, "tests/proof/stories")).map((file) => file.replace(/\.json$/, ""));
for (const name of all) {
  pageTest(`${name.replaceAll("-", " ")}: as the search has seen it`, async ({ tab }) => {
    const page = await tab(`?story=${name}`);
    const story = page.getByRole("region", { name: "Story" });
    const lines = await story.getByRole("listitem").count();
    assert.ok(lines > 1);
    await story.getByRole("button", { name: "Play all" }).click();
    const status = story.getByRole("status");
    await status.filter({ hasText: "." }).waitFor();
    const seen = await story.getByRole("listitem").allInnerTexts();
    assert.equal(await status.innerText(), "Everything came as it was told.", seen.join("\n"));
  });
}

pageTest("a story that is not there is said not to be", async ({ tab }) => {
  const page = await tab("?story=none");
  await page.getByRole("alert").waitFor();
}, { allowedFaults: [/404/, /There is no story/] });
