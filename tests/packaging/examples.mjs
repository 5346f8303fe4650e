// The examples of the documentation, as they stand there.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/run.mjs";

const LANGUAGES = ["html", "js", "mjs", "jsx", "ts", "tsx", "vue", "svelte"];

/** Every block of code that a person could put into a page: `{ name, language, code }`; not those of recipes. */
export function examples() {
  const recipes = new Set(recipeFiles().values());
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...pages.map((name) => `docs/${name}`)].flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
    return blocks
      .filter(([, language, code]) => LANGUAGES.includes(language) && !recipes.has(code))
      .map(({ 1: language, 2: code, index }) => {
        const line = text.slice(0, index).split("\n").length;
        return { name: `${page}:${line}`, language, code };
      });
  });
}

/** The texts of the recipes' projects by their paths; `npm test -- recipes` builds and runs them. */
export function recipeFiles() {
  const folder = join(root, "tests/recipes");
  const below = (path) =>
    readdirSync(path).flatMap((name) => {
      if (name === "node_modules" || name.startsWith(".") || BUILT.includes(name)) return [];
      const file = join(path, name);
      return statSync(file).isDirectory() ? below(file) : [file];
    });
  const projects = readdirSync(folder).map((name) => join(folder, name)).filter((path) => statSync(path).isDirectory());
  const files = projects.flatMap(below);
  return new Map(files.map((file) => [file.slice(folder.length + 1), readFileSync(file, "utf8")]));
}

const BUILT = ["build", "dist"];
