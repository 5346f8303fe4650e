// What is needed and may have to be installed. Each need says what it is, sees whether it is there,
// and installs it; nothing else in scripts/ changes the machine.
import { say } from "../lib/run.mjs";
import { npmPackages } from "./npm.mjs";
import { rust, stdSource, wasmTarget } from "./rust.mjs";

export { browser, findBrowser } from "./browser.mjs";
export { compilerOfC } from "./cxx.mjs";
export { cargoTool, cargoToolsPath, withCargoTools } from "./cargo-tools.mjs";
export { ENGINES, engines, findEngine } from "./engines.mjs";
export { npmPackages } from "./npm.mjs";
export { pythonBin, pythonPackages } from "./python.mjs";

/** What `npm run build` needs. */
export const forBuilding = () => [rust, npmPackages(), wasmTarget, stdSource];

/** Says what of this is missing, then installs that; does nothing where nothing is. */
export async function provide(needs) {
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  say("missing here, and installed now:");
  for (const { what } of missing) console.log(`    ${what}`);
  for (const need of missing) {
    // One may have come with another.
    if (!need.isThere()) await need.install();
  }
}
