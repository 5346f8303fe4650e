// All tests of the surface that are not about Chromium alone, in one process with one browser.
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** An extension is loaded by a flag of Chromium's. */
const CHROMIUM_ONLY = ["extension.test.mjs"];

const folder = join(import.meta.dirname, "../surface");
for (const name of readdirSync(folder).sort()) {
  if (name.endsWith(".test.mjs") && !CHROMIUM_ONLY.includes(name)) await import(join(folder, name));
}
