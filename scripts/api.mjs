// `npm run docs:api`: docs/api/, made of the declarations in dist/. Whatever is exported must say what it is.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { filesBelow } from "./lib/files.mjs";
import { Failure, main, root, run, say } from "./lib/run.mjs";
import { npmPackages, provide } from "./provision/needs.mjs";

const tools = join(root, "scripts/api");
const out = join(root, "docs/api");

/** What it is made with: typedoc takes an older TypeScript than what checks the declarations. */
export const apiTools = () => npmPackages(tools);

/** Fails where what is there is not what the declarations say now. */
export async function checkApi() {
  const fresh = join(root, "build/api");
  await make(fresh);
  const [before, now] = [textsIn(out), textsIn(fresh)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const other = names.filter((name) => before[name] !== now[name]);
  if (other.length > 0) throw new Failure(`docs/api is out of date, run \`npm run docs:api\`: ${other.join(", ")}`);
}

main(import.meta, async () => {
  await provide([apiTools()]);
  await build({ pool: false });
  await make(out);
  say("wrote docs/api/");
});

async function make(folder) {
  rmSync(folder, { recursive: true, force: true });
  const typedoc = join(tools, "node_modules/typedoc/bin/typedoc");
  await run(process.execPath, [typedoc, "--options", join(tools, "typedoc.json"), "--out", folder]);
}

function textsIn(folder) {
  const files = filesBelow(folder).map((file) => [file.slice(folder.length + 1), readFileSync(file, "utf8")]);
  return Object.fromEntries(files);
}
