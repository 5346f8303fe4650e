// Every example of README.md and docs/ is run as it stands there, in a browser: a person signs in with
// it, also one who submits the form before the module has loaded, or without any script at all; where
// the example leaves for the pool's own pages, by way of these.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/lib/serve.mjs";
import { examples } from "./examples.mjs";
import { startBrowser } from "./page.mjs";
import { startPool } from "./pool.mjs";
import { must, pack, scratchProject, temporaryFolder } from "./scratch.mjs";

const ESBUILD = join(import.meta.dirname, "../../node_modules/esbuild/bin/esbuild");
const USERNAME = "ann";
const PASSWORD = "Correct-Horse-7";
/** The examples' own pool and app client, for which those of the local pool are put in. */
const POOL = "eu-west-1_AbCdEfGhI";
const CLIENT = "1h57kf5cpq17m0eml12EXAMPLE";
const ENDPOINT = "https://cognito-idp.eu-west-1.amazonaws.com/";
/** The examples' own domain of managed login, and the address at which their app is. */
const DOMAIN = '"auth.example.com"';
const APP = "https://app.example.com/";
/** An example's script stands in its page. */
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; " +
  "connect-src http://127.0.0.1:*; img-src data:";

/** How an example of each language becomes a page; where its form is before the module is there. */
const LANGUAGES = {
  html: { page: (project, code) => code, formIsThereEarly: true },
  // Said of an element that is there.
  js: { page: (project, code) => code, formIsThereEarly: false },
  jsx: { page: reactPage, formIsThereEarly: false },
};

const temporary = temporaryFolder();
let project;
let chrome;
let pool;

before(async () => {
  project = scratchProject(join(temporary.folder, "project"), pack(temporary.folder));
  [chrome, pool] = [await startBrowser(), await startPool()];
  const { journey } = await import(join(project, "src/journey.js"));
  const { settings, readCode } = pool;
  await journey({ ...settings, readCode, username: USERNAME });
  await trustProvider();
});
after(async () => {
  await chrome?.close();
  await pool?.stop();
  temporary.remove();
});

test("README has an example without and one with React", () => {
  const languages = examples().filter(({ name }) => name.startsWith("README.md"));
  assert.deepEqual(languages.map(({ language }) => language).slice(0, 2), ["html", "jsx"]);
});

for (const { name, language, code } of examples()) {
  const example = LANGUAGES[language];
  if (example === undefined) {
    test(`${name} is run by no test yet: say in this file how`, () => assert.fail());
    continue;
  }
  if (code.includes("cognito-sign-in") || code.includes("element.")) {
    testElement(name, code);
    continue;
  }
  if (code.includes("signInWithRedirect")) {
    testRedirect(name, example, code);
    continue;
  }

  test(`${name}: a person signs in`, () =>
    open(example, code, async ({ page, release }) => {
      release();
      await submit(page);
      await page.getByText("signedIn").waitFor();
    }));

  test(`${name}: a person submits before the module is there`, () =>
    open(example, code, async ({ page, release, arrived }) => {
      if (!example.formIsThereEarly) {
        await arrived;
        assert.equal(await page.locator("form").count(), 0, "a form that nobody listens to");
        release();
        await submit(page);
        await page.getByText("signedIn").waitFor();
        return;
      }
      await submit(page);
      // As long as a page needs that goes elsewhere instead.
      await page.waitForTimeout(500);
      assert.equal(new URL(page.url()).search, "");
      assert.equal(await page.evaluate(() => history.length), 1 + 1, "the empty tab and the page");
      release();
      await page.getByText("signedIn").waitFor();
    }));

  test(`${name}: scripts are off`, () =>
    open(example, code, async ({ page, release }) => {
      release();
      if (!example.formIsThereEarly) return;
      await submit(page);
      await page.waitForTimeout(500);
      assert.equal(new URL(page.url()).search, "");
    }, { javaScriptEnabled: false }));
}

/** The element draws its form itself: there is none before it, and none without scripts. */
function testElement(name, code) {
  const isPage = code.includes("<cognito-sign-in");
  const element = `<script type="module" src="./node_modules/cognito-flow/dist/ui/index.js"></script>
<cognito-sign-in user-pool-id="${POOL}" client-id="${CLIENT}"></cognito-sign-in>
<script type="module">const element = document.querySelector("cognito-sign-in");
${code}</script>`;
  test(`${name}: a person signs in`, () =>
    open(LANGUAGES.html, isPage ? code : element, async ({ page, release, arrived }) => {
      await arrived;
      assert.equal(await page.locator("form").count(), 0, "a form that nobody listens to");
      release();
      await submit(page);
      await page.getByRole("heading", { name: `Welcome, ${USERNAME}` }).waitFor();
    }));
}

function testRedirect(name, example, code) {
  test(`${name}: a person signs in at the provider, and is back`, () =>
    open(example, code, async ({ page, release }) => {
      release();
      const app = page.url();
      await page.getByText("signedOut").waitFor();
      await page.getByRole("button").click();
      await page.waitForURL(/\/idp\?/);
      await page.locator('[name="sub"]').fill("1234");
      await page.locator('[name="email"]').fill("ann@example.com");
      await page.getByRole("button", { name: "Go on" }).click();
      await page.getByText("signedIn").waitFor();
      assert.equal(page.url(), app, "nothing is left in the address");
      assert.ok(await page.getByRole("button").isDisabled(), "there is nobody to sign in");
    }));

  test(`${name}: what went wrong there is shown, and the way is open again`, () =>
    open(example, code, async ({ page, release }) => {
      release();
      await page.getByRole("button").click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByText("did not want to sign in").waitFor();
      assert.ok(await page.getByRole("button").isEnabled());
    }));

  test(`${name}: nothing can be pressed before the module is there`, () =>
    open(example, code, async ({ page, release, arrived }) => {
      await arrived;
      assert.ok(await page.getByRole("button").isDisabled());
      release();
      await page.getByText("signedOut").waitFor();
      assert.ok(await page.getByRole("button").isEnabled());
    }));

  test(`${name}: scripts are off, and nothing can be pressed`, () =>
    open(example, code, async ({ page, release }) => {
      release();
      assert.ok(await page.getByRole("button").isDisabled());
    }, { javaScriptEnabled: false }));
}

/** The local pool has a domain and a provider, whose addresses count as verified here. */
async function trustProvider() {
  await admin("UpdateIdentityProvider", {
    ProviderName: "Google",
    AttributeMapping: { email: "email", email_verified: "email_verified" },
  });
}

/** An app client whose people come back to that address; answers with its id. */
async function clientAt(address) {
  const { UserPoolClient } = await admin("CreateUserPoolClient", {
    ClientName: "example",
    CallbackURLs: [address],
    LogoutURLs: [address],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ["code"],
    AllowedOAuthScopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
    SupportedIdentityProviders: ["Google"],
  });
  return UserPoolClient.ClientId;
}

async function admin(operation, input) {
  const { endpoint, userPoolId: UserPoolId } = pool.settings;
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
  };
  const body = JSON.stringify({ UserPoolId, ...input });
  const reply = await fetch(endpoint, { method: "POST", headers, body });
  const answer = await reply.json();
  assert.equal(reply.status, 200, `${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

/**
 * Opens an example in a browser profile of its own. Neither a file of the package nor its module gets
 * any further before `release()`; `arrived` is when one of them was waited for. Whatever the test does,
 * the password goes nowhere in an address.
 */
async function open(example, code, body, options = {}) {
  const headers = { "content-security-policy": POLICY };
  const server = await serve({ mounts: { "/": project }, headers });
  const { endpoint, userPoolId } = pool.settings;
  const leaves = code.includes(DOMAIN);
  const clientId = leaves ? await clientAt(server.url) : pool.settings.clientId;
  const local = code
    .replaceAll(POOL, userPoolId)
    .replaceAll(CLIENT, clientId)
    .replaceAll(DOMAIN, JSON.stringify(endpoint))
    .replaceAll(APP, server.url);
  writeFileSync(join(project, "index.html"), `<!doctype html><meta charset="utf-8">
<title>Example</title><link rel="icon" href="data:,">${example.page(project, local)}`);

  const context = await chrome.newContext(options);
  const { promise: released, resolve: release } = withResolvers();
  const { promise: arrived, resolve: arrive } = withResolvers();
  const addresses = [];
  try {
    context.on("request", (request) => addresses.push(request.url()));
    await context.route("**/node_modules/**", async (route) => {
      arrive();
      await released;
      await route.continue();
    });
    await context.exposeFunction("held", () => {
      arrive();
      return released;
    });
    await context.addInitScript(surroundings, { endpoint, userPoolId, clientId, real: ENDPOINT });
    const page = await context.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.goto(server.url, { waitUntil: "commit" });
    await body({ page, release, arrived });
    const told = [...addresses, page.url()].filter((address) => address.includes(PASSWORD));
    assert.deepEqual(told, []);
    assert.deepEqual(faults, []);
  } finally {
    release();
    await context.close();
    await server.close();
  }
}

/** Runs in the page: Amazon's endpoint is the local pool's, and modules start when they are let. */
function surroundings({ endpoint, userPoolId, clientId, real }) {
  const { fetch } = window;
  window.fetch = (url, init) => fetch(String(url).replace(real, endpoint), init);
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    await window.held();
    return instantiate(...args);
  };
  window.journeySettings = { userPoolId, clientId };
}

async function submit(page) {
  await page.locator('[name="username"]').fill(USERNAME);
  await page.locator('[name="password"]').fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The example compiled with what it leaves to the application. */
function reactPage(project, code) {
  const source = join(project, "react");
  mkdirSync(source, { recursive: true });
  cpSync(join(import.meta.dirname, "examples"), source, { recursive: true });
  const around = ["userPoolId", "clientId", "Password", "Code", "App", "Other"];
  const imports = `import { ${around.join(", ")} } from "./around.jsx";\n`;
  writeFileSync(join(source, "example.jsx"), imports + code);
  const flags = ["--bundle", "--minify", "--format=esm", "--jsx=automatic", "--log-level=warning"];
  const env = { ...process.env, NODE_PATH: join(import.meta.dirname, "node_modules") };
  must("node", [ESBUILD, "react/main.jsx", ...flags, "--outfile=react.js"], project, env);
  return '<div id="root"></div><script type="module" src="react.js"></script>';
}

/** As `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  const it = {};
  it.promise = new Promise((resolve) => (it.resolve = resolve));
  return it;
}
