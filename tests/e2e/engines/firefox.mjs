// Debian's Firefox, driven by Playwright over WebDriver BiDi: the same calls as for Chromium.
import { firefox } from "playwright-core";

export async function launchFirefox(executablePath) {
  const browser = await firefox.launch({ channel: "moz-firefox", executablePath, headless: true });
  takeWhatItHas(browser);
  return browser;
}

/**
 * Playwright asks each page for a colour scheme, by a command that an older Firefox (153) does not know,
 * and gives up. Nothing here depends on it. There is no public way to leave it out; package.json names the
 * one version of Playwright whose inside this is.
 */
function takeWhatItHas(browser) {
  const session = Object.getPrototypeOf(browser._connection.toImpl(browser)._browserSession);
  const { send } = session;
  session.send = async function (method, params) {
    try {
      return await send.call(this, method, params);
    } catch (error) {
      if (method === "emulation.setMediaFeaturesOverride" && /unknown command/.test(error.message)) return {};
      throw error;
    }
  };
}
