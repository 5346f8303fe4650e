// The import map for a page that loads the built package from a public copy of npm: with the hash of each
// script that was built here, so that the browser takes no other.
//
//   node scripts/integrity.mjs            prints it, for the notes of a release
//   node scripts/integrity.mjs --readme   writes it into README, which is what npm shows of the release
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root } from "./lib/run.mjs";

const dist = join(root, "dist");

/** The entry, and what it loads when that is used. */
export function importMap() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const at = (name) => `https://cdn.jsdelivr.net/npm/cognito-flow@${version}/dist/${name}`;
  const later = readFileSync(join(dist, "index.js"), "utf8").matchAll(/\bimport\("\.\/([\w-]+\.js)"\)/g);
  const names = ["index.js", ...new Set([...later].map(([, name]) => name))];
  const hash = (name) => createHash("sha384").update(readFileSync(join(dist, name))).digest("base64");
  return {
    imports: { "cognito-flow": at("index.js") },
    integrity: Object.fromEntries(names.map((name) => [at(name), `sha384-${hash(name)}`])),
  };
}

const markdown = () =>
  `\`\`\`html\n<script type="importmap">\n${JSON.stringify(importMap(), null, 2)}\n</script>\n\`\`\``;

const PLACE = /(<!-- import map -->\n).*?(\n<!-- end of import map -->)/s;

/** That README with this release's import map in its place. */
export function withImportMap(readme) {
  if (!PLACE.test(readme)) throw new Failure("README has no place for the import map");
  const said = `To load the client from a public copy of npm, without a bundler; the browser takes only what was published:\n`;
  return readme.replace(PLACE, (_, start, end) => `${start}${said}\n${markdown()}${end}`);
}

main(import.meta, () => {
  if (process.argv[2] !== "--readme") {
    console.log(markdown());
    return;
  }
  const file = join(root, "README.md");
  writeFileSync(file, withImportMap(readFileSync(file, "utf8")));
});
