// The import map for a page that loads the built package from a public copy of npm: with the hash of each
// script that was built here, so that the browser takes no other.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main, root } from "./lib/run.mjs";

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

main(import.meta, () => {
  const map = JSON.stringify(importMap(), null, 2);
  console.log(`\`\`\`html\n<script type="importmap">\n${map}\n</script>\n\`\`\``);
});
