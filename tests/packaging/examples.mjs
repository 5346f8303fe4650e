// The examples of the documentation, as they stand there.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/run.mjs";

const LANGUAGES = ["html", "js", "mjs", "jsx", "ts", "tsx", "vue", "svelte"];

/** Every block of code that a person could put into a page: `{ name, language, code }`. */
export function examples() {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...pages.map((name) => `docs/${name}`)].flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
    return blocks
      .filter(([, language]) => LANGUAGES.includes(language))
      .map(({ 1: language, 2: code, index }) => {
        const line = text.slice(0, index).split("\n").length;
        return { name: `${page}:${line}`, language, code };
      });
  });
}
