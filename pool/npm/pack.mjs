// Before packing the module and the licences come along, made by `npm run build`; after it they go, so that
// nothing here is older than the build.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"];

if (process.argv.includes("--after")) {
  for (const name of ["module", ...LICENCES]) rmSync(join(here, name), { recursive: true, force: true });
} else {
  mkdirSync(join(here, "module"), { recursive: true });
  for (const name of ["cognito_pool.js", "cognito_pool_bg.wasm"]) {
    copyFileSync(join(here, "../../build/pool", name), join(here, "module", name));
  }
  for (const name of LICENCES) copyFileSync(join(here, "../..", name), join(here, name));
}
