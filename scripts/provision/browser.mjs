// A browser for the tests, and its driver.
import { Failure, isExecutable, which } from "../lib/run.mjs";
import { aptInstall } from "./apt.mjs";

const PACKAGES = ["chromium", "chromium-driver"];

export const browser = {
  what: `Debian's ${PACKAGES.join(", ")} (or name yours in the variables CHROME and CHROMEDRIVER)`,
  isThere: () => Object.values(findBrowser()).every((file) => file !== null),
  install: () =>
    aptInstall(
      PACKAGES,
      "A browser for the tests (Chromium or Chrome, and the chromedriver of its version; or name " +
        "them in the variables CHROME and CHROMEDRIVER)",
    ),
};

/** The two programs: from CHROME and CHROMEDRIVER, else from PATH; null where there is none. */
export function findBrowser() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = names.map((name) => which(name)).find((file) => file !== null);
  return {
    chrome: named("CHROME") ?? onPath ?? null,
    chromedriver: named("CHROMEDRIVER") ?? which("chromedriver"),
  };
}

/** The program that a variable names; null where it names none. */
export function named(variable) {
  const file = process.env[variable];
  if (file === undefined || file === "") return null;
  if (!isExecutable(file)) throw new Failure(`${variable}=${file} is not a program`);
  return file;
}
