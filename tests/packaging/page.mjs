// Runs the scratch application of a test in headless Chromium.
import { chromium } from "playwright-core";
import { findBrowser } from "../../scripts/provision/needs.mjs";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];

export async function startBrowser() {
  const { chrome } = findBrowser();
  return chromium.launch({ executablePath: chrome, args: ARGS });
}

/**
 * Opens a page, lets its `journeyDone` come to an end, and answers with what that was. `setup` runs in
 * the page before anything else.
 */
export async function journeyOn(chrome, url, pool, username, setup) {
  const context = await chrome.newContext();
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.exposeFunction("readCode", pool.readCode);
  const settings = { ...pool.settings, username };
  await page.addInitScript((value) => {
    window.journeySettings = value;
  }, settings);
  if (setup) await page.addInitScript(setup);
  try {
    await page.goto(url);
    // In its development mode Vite may load a page again while it finds out what it imports.
    await page.waitForFunction(() => window.journeyDone !== undefined, null, { timeout: 60_000 });
    return await page.evaluate(() => window.journeyDone);
  } catch (error) {
    throw new Error(`${error.message}\non the page: ${faults.join("\n") || "nothing"}`);
  } finally {
    await context.close();
  }
}
