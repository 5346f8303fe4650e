// The browsers besides Chromium that the tests run in. Nobody has to have them: where one cannot be had,
// its tests are left out, and the output says so.
import { Failure, say, which } from "../lib/run.mjs";
import { aptInstall } from "./apt.mjs";
import { named } from "./browser.mjs";

export const ENGINES = {
  firefox: {
    packages: ["firefox-esr"],
    /** From FIREFOX, else from PATH. */
    find: () => ({ FIREFOX: named("FIREFOX") ?? which("firefox-esr") ?? which("firefox") }),
  },
};

/** The variables that name an engine's programs to its tests; null where one of them is missing. */
export function findEngine(name) {
  const programs = ENGINES[name].find();
  return Object.values(programs).includes(null) ? null : programs;
}

/** Needs that may stay unmet. */
export const engines = Object.entries(ENGINES).map(([name, { packages }]) => ({
  what: `Debian's ${packages.join(", ")}, for the tests in another engine; without it they are left out`,
  isThere: () => findEngine(name) !== null,
  async install() {
    try {
      await aptInstall(packages, `The engine ${name}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
    }
  },
}));
