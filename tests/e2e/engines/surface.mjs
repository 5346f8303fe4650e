// The tests of the surface in one process with one browser, but for those of Chromium alone and those that
// are about the machine's answers, which no engine changes.
import { readdirSync } from "node:fs";
import { join } from "node:path";

const LEFT_OUT = [
  // An extension is loaded by a flag of Chromium's.
  "extension.test.mjs",
  "redirect-script.test.mjs",
  "steps.test.mjs",
];

const folder = join(import.meta.dirname, "../surface");
for (const name of readdirSync(folder).sort()) {
  if (name.endsWith(".test.mjs") && !LEFT_OUT.includes(name)) await import(join(folder, name));
}
