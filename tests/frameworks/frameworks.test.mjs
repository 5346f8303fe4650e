// An app of each framework, with the package as it is published, built by the framework's own tool: a
// person signs in and out with it, and what is gone from the page listens no longer.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../../scripts/lib/run.mjs";
import { serve } from "../../scripts/lib/serve.mjs";
import { startBrowser } from "../packaging/page.mjs";
import { startPool } from "../packaging/pool.mjs";
import { must, pack, temporaryFolder } from "../packaging/scratch.mjs";

const here = import.meta.dirname;
const PASSWORD = "Correct-Horse-7";
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src http://127.0.0.1:*; img-src data:";

const temporary = temporaryFolder();
let pool;
let chrome;

before(async () => {
  const installed = join(here, "node_modules/cognito-flow");
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  must("tar", ["-xzf", pack(temporary.folder), "-C", installed, "--strip-components=1"], here);
  pool = await startPool();
  await pool.addUser("ann", PASSWORD);
  chrome = await startBrowser();
});
after(async () => {
  await chrome?.close();
  await pool?.stop();
  temporary.remove();
});

test("the declarations fit those of the frameworks", () => {
  must(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", here], here);
});

for (const framework of ["react", "vue", "svelte"]) {
  test(`${framework}: signing in and out`, { timeout: 120_000 }, () =>
    opened(framework, "", async (page) => {
      await signsIn(page);
      await page.reload();
      await page.getByRole("status").getByText("signedIn").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("status").getByText("signedOut").waitFor();
      await staysQuiet(page);
    }));

  test(`${framework}: the element, given its options anew again and again`, { timeout: 120_000 }, () =>
    opened(framework, "?element", async (page) => {
      const heading = (name) => page.locator("#one.wide").getByRole("heading", { name, exact: true });
      const press = (name) => page.getByRole("button", { name, exact: true }).click();
      await heading("Sign in").waitFor();
      await page.getByLabel("User name", { exact: true }).fill("ann");
      await press("Again");
      await press("Again");
      await page.getByText("Rendered 2").waitFor();
      assert.equal(await page.getByLabel("User name", { exact: true }).inputValue(), "ann");
      await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
      await press("Sign in");
      await heading("Welcome, ann").waitFor();
      // It is told of by what was given last, once.
      assert.deepEqual(await page.evaluate(() => window.told), ["step 0", "step 2", "signedIn 2"]);

      await press("Deutsch");
      await heading("Willkommen, ann").waitFor();
      await press("Toggle");
      await page.locator("#one").waitFor({ state: "detached" });
      assert.deepEqual(await fates(page), ["signedIn"]);
      await page.locator("cognito-account").getByRole("heading", { name: "Willkommen, ann" }).waitFor();

      await press("Toggle");
      await heading("Anmelden").waitFor();
      await press("Toggle");
      await page.waitForFunction(() => window.flows.size === 2);
      assert.deepEqual(await fates(page), ["signedIn", "disposed"]);
    }));
}

/** Builds a framework's app once, and opens it. */
async function opened(framework, query, body) {
  const pages = await serve({ mounts: { "/": built(framework) }, headers: { "content-security-policy": POLICY } });
  const context = await chrome.newContext();
  const thrown = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => thrown.push(error.message));
    page.on("console", (message) => message.type() === "error" && thrown.push(message.text()));
    await page.addInitScript((settings) => (window.settings = settings), pool.settings);
    await page.goto(pages.url + query);
    await body(page);
    // A refusal is a reply of 400, which the browser says on the console.
    assert.deepEqual(thrown.filter((text) => !text.includes("400 (")), []);
  } finally {
    await context.close();
    await pages.close();
  }
}

function built(framework) {
  const out = join(temporary.folder, framework);
  if (!existsSync(out)) {
    const vite = join(here, "node_modules/vite/bin/vite.js");
    must(process.execPath, [vite, "build", `--outDir=${out}`, "--logLevel=warn"], join(here, framework));
  }
  return out;
}

/** What became of each flow that was told of: whether its session is one, or why there is none. */
const fates = (page) =>
  page.evaluate(() =>
    Promise.all([...window.flows].map(({ session, snapshot }) => session().then(() => snapshot().step, ({ code }) => code))),
  );

async function signsIn(page) {
  const give = async (password) => {
    await page.locator('[name="username"]').fill("ann");
    await page.locator('[name="password"]').fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await give("Wrong-Horse-7");
  await page.getByRole("alert").getByText("wrongCredentials").waitFor();
  await give(PASSWORD);
  await page.getByRole("status").getByText("signedIn").waitFor();
}

async function staysQuiet(page) {
  const listeners = () => page.evaluate(() => window.listeners);
  const toggle = page.getByRole("button", { name: "Toggle" });
  assert.equal(await listeners(), 2);
  await toggle.click();
  await page.getByRole("status").waitFor({ state: "detached" });
  await page.waitForFunction(() => window.listeners === 0);
  await toggle.click();
  await page.getByRole("status").getByText("signedOut").waitFor();
  assert.equal(await listeners(), 2);
}
