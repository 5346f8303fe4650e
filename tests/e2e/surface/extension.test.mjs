// The client in the service worker of a browser extension (Manifest V3).
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { root } from "../../../scripts/lib/run.mjs";

test("an extension's service worker signs somebody in and out", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "cognito-flow-extension-"));
  const extension = join(folder, "extension");
  cpSync(join(import.meta.dirname, "extension"), extension, { recursive: true });
  cpSync(join(root, "dist/index.js"), join(extension, "cognito-flow/index.js"));
  let context;
  try {
    context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: process.env.CHROME || "/usr/bin/chromium",
      headless: false,
      // Playwright turns extensions off of itself.
      ignoreDefaultArgs: ["--disable-extensions"],
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-features=DisableLoadExtensionCommandLineSwitch",
        `--disable-extensions-except=${extension}`,
        `--load-extension=${extension}`,
      ],
    });
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker", { timeout: 30_000 }));
    const seen = await worker.evaluate(() => signIn());
    assert.deepEqual(seen, ["undefined", "undefined", "signedIn", "ann@example.com", "access-token-1", "signedOut"]);
  } finally {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
