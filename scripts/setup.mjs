// Installs what the project needs and is not there. Safe to run again: what is there is left alone.
//
//   node scripts/setup.mjs          what building and serving need
//   node scripts/setup.mjs --tests  what the tests need besides
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { aptInstall } from "./apt.mjs";
import { Failure, isExecutable, main, root, run, say, which } from "./run.mjs";
import { cargoTools } from "./cargo-tools.mjs";
import { smallStd } from "./small-std.mjs";
import { wasmToolchain } from "./toolchain.mjs";

export { smallStd } from "./small-std.mjs";
export { wasmToolchain } from "./toolchain.mjs";
export { cargoTools } from "./cargo-tools.mjs";
export { pythonEnvironment } from "./python.mjs";

main(import.meta, async () => {
  await nodeModules();
  const env = await wasmToolchain();
  await smallStd(env);
  if (process.argv.includes("--tests")) {
    await browser();
    await cargoTools(env);
  }
  say("ready");
});

/** Installs a folder's npm packages as its lock file says, unless that was done for this lock file. */
export async function nodeModules(folder = root) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  const version = createHash("sha256").update(lock).digest("hex");
  const stamp = join(folder, "node_modules", ".installed-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;

  say(`npm ci in ./${relative(root, folder)}`);
  // No package needs its install script, and none gets to run one.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["ci", ...flags], { cwd: folder });
  writeFileSync(stamp, version);
}

/** Chromium and its driver: from CHROME and CHROMEDRIVER, from PATH, or from Debian. */
export async function browser() {
  const found = findBrowser();
  if (found.chrome !== null && found.chromedriver !== null) return found;
  await aptInstall(
    ["chromium", "chromium-driver"],
    "A browser for the tests (Chromium or Chrome, and the chromedriver of its version; or name " +
      "them in the variables CHROME and CHROMEDRIVER)",
  );
  return findBrowser();
}

function findBrowser() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = names.map((name) => which(name)).find((file) => file !== null);
  return {
    chrome: named("CHROME") ?? onPath ?? null,
    chromedriver: named("CHROMEDRIVER") ?? which("chromedriver"),
  };
}

function named(variable) {
  const file = process.env[variable];
  if (file === undefined || file === "") return null;
  if (!isExecutable(file)) throw new Failure(`${variable}=${file} is not a program`);
  return file;
}
