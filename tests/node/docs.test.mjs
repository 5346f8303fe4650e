// The documentation as a whole: few pages, each for somebody who wants something, and no link into nothing.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/run.mjs";

const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
const text = (page) => readFileSync(join(root, page), "utf8");

test("ten pages at most, each opens with what one wants, and README leads to it", () => {
  assert.ok(pages.length <= 10, pages.join(" "));
  const readme = text("README.md");
  for (const page of pages) {
    assert.match(text(page), /^# .+\n\nYou (want|have) /, page);
    assert.ok(readme.includes(`](${page})`), `README does not lead to ${page}`);
  }
});

const others = ["tests/README.md", "benches/README.md", "pool/README.md", "docs/pool/README.md"];
for (const page of ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", ...others, ...pages]) {
  test(`${page}: every link leads somewhere`, () => {
    const links = [...text(page).matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(([, link, image]) => link ?? image);
    const own = links.filter((link) => !/^https?:/.test(link));
    for (const link of own) {
      const [path, heading] = link.split("#");
      const file = path ? normalize(join(dirname(page), path)) : page;
      assert.ok(existsSync(join(root, file)), `no ${link}`);
      if (heading && file.endsWith(".md")) assert.ok(headings(file).includes(heading), `no heading for ${link}`);
    }
  });
}

/** As GitHub names them. */
function headings(file) {
  const titles = [...text(file).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase());
  return titles.map((title) => title.replace(/[^\p{Letter}\p{Number}_ -]/gu, "").replaceAll(" ", "-"));
}
