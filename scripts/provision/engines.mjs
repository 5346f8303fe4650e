// The browsers besides Chromium that the tests run in. Nobody has to have them: where one cannot be had,
// its tests are left out, and the output says so.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isExecutable, which } from "../lib/run.mjs";
import { aptInstall, optional } from "./apt.mjs";
import { named } from "./browser.mjs";

export const ENGINES = {
  firefox: {
    packages: ["firefox-esr"],
    /** Any that FIREFOX names; of those on PATH the one whose versions Playwright is known to drive. */
    find: () => ({ firefox: named("FIREFOX") ?? which("firefox-esr") }),
  },
  // WebKitGTK: the driver, the browser that it drives, and a display that nobody looks at.
  webkit: {
    packages: ["webkit2gtk-driver", "xvfb"],
    find: () => ({ driver: which("WebKitWebDriver"), miniBrowser: miniBrowser(), xvfb: which("Xvfb") }),
  },
};

/** The programs of an engine; null where one of them is missing. */
export function findEngine(name) {
  const programs = ENGINES[name].find();
  return Object.values(programs).includes(null) ? null : programs;
}

/** Needs that may stay unmet. */
export const engines = Object.entries(ENGINES).map(([name, { packages }]) =>
  optional({
    what: `Debian's ${packages.join(", ")}, for the tests in another engine; without it they are left out`,
    isThere: () => findEngine(name) !== null,
    install: () => aptInstall(packages, `The engine ${name}`),
  }),
);

/** Beside WebKitGTK's own programs, in the folder of the machine's kind. */
function miniBrowser() {
  for (const version of ["4.1", "4.0"]) {
    for (const folder of folders("/usr/lib")) {
      const file = join("/usr/lib", folder, `webkit2gtk-${version}`, "MiniBrowser");
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function folders(path) {
  try {
    return readdirSync(path).filter((name) => name.includes("-linux-"));
  } catch {
    return [];
  }
}
