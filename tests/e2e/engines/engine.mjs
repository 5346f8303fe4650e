// Which browser the tests run in: Chromium, or the one that ENGINE names (`npm test -- engines`).
import { chromium } from "playwright-core";
import { launchFirefox } from "./firefox.mjs";

export const engine = process.env.ENGINE || "chromium";

const LAUNCH = {
  chromium: (options) => {
    return chromium.launch({ executablePath: process.env.CHROME || "/usr/bin/chromium", ...options });
  },
  firefox: () => launchFirefox(process.env.FIREFOX || "/usr/bin/firefox-esr"),
};

/** The browser; `options` are for Chromium, the others have none to be set. */
export function launch(options) {
  return LAUNCH[engine](options);
}
