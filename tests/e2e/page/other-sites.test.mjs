// The pages at which one signs in elsewhere: the pool's own and its identity provider's, in the window
// that stands for another site.
import assert from "node:assert/strict";
import { axe } from "./support/axe.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";
import * as person from "./support/journey.mjs";

const { card } = person;

withBrowser();

const SETTING = ["People can sign in on other sites"];
const site = (page) => page.getByRole("dialog", { name: "Another site, not the app" });

/** Opens the window at the pool's authorization page, as an app would lead there. */
async function openSite(page, provider) {
  await page.evaluate(async (provider) => {
    const [{ embeddedPool, ENDPOINT }, { siteBrowser }, { siteWindow }, { loadTexts }] =
      await Promise.all([
        import("/demo/embedded-pool.js"),
        import("/demo/site-browser.js"),
        import("/demo/panes/site.js"),
        import("/ui/texts.js"),
      ]);
    const demo = await import("/demo/texts/en.js");
    const texts = await loadTexts("en", async () => [demo.default]);
    const pool = await embeddedPool();
    const { clientId } = JSON.parse(localStorage.getItem("cognito-flow-demo.world"));
    const url = new URL("/oauth2/authorize", ENDPOINT);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: clientId,
      redirect_uri: location.origin + location.pathname,
      scope: "openid email",
      state: "state-of-the-test",
      code_challenge: "A".repeat(43),
      code_challenge_method: "S256",
      ...(provider ? { identity_provider: provider } : {}),
    });
    window.left = null;
    const browser = siteBrowser(pool.request, new URL(ENDPOINT).origin);
    siteWindow({ texts, browser, leave: (to) => (window.left = to) }).open(url);
  }, provider);
  await site(page).waitFor();
}

async function left(page) {
  await page.waitForFunction(() => window.left !== null);
  return new URL(await page.evaluate(() => window.left));
}

pageTest("the provider's page: who one wants to be, and back with a code", async ({ tab, url }) => {
  const page = await tab();
  await person.setUpPool(page, SETTING);
  await openSite(page, "Example");
  assert.deepEqual(await axe(page), []);
  await site(page).getByText("https://pool.invalid/", { exact: false }).first().waitFor();
  await site(page).getByLabel("sub").fill("carol");
  await site(page).getByLabel("email").fill("carol@example.com");
  await site(page).getByRole("button").filter({ hasNotText: /Close|cancel/i }).first().click();
  const to = await left(page);
  assert.equal(to.origin + to.pathname, url);
  assert.equal(to.searchParams.get("state"), "state-of-the-test");
  assert.ok(to.searchParams.get("code"));
  await site(page).waitFor({ state: "detached" });
  // Another instance of the pool did it, in this tab.
  await page.reload();
  const users = await person.openTab(page, "Administrator");
  await users.getByText("EXTERNAL_PROVIDER").waitFor();
});

pageTest("there and back: signed in by the provider, signed out everywhere", async ({ tab, url }) => {
  const page = await tab();
  await person.setUpPool(page, SETTING);
  await person.press(page, "Sign in with Example");
  await site(page).getByLabel("sub").fill("carol");
  await site(page).getByLabel("email").fill("carol@example.com");
  await site(page).getByRole("button", { name: "Go on" }).click();
  await person.step(page, "Verify your email address");
  // What came back with the address is not left in it.
  assert.doesNotMatch(page.url(), /code|state/);
  await person.press(page, "Not now");
  await card(page).getByText("carol@example.com").waitFor();
  await page.reload();
  await card(page).getByText("carol@example.com").waitFor();
  await person.press(page, "Sign out");
  await person.step(page, "Sign in");
  assert.ok(page.url().startsWith(url));
});

pageTest("there and back: turned back at the provider", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, SETTING);
  await person.press(page, "Sign in with Example");
  await site(page).getByRole("button", { name: "Cancel" }).click();
  await person.seesError(page, "redirectFailed");
  assert.doesNotMatch(page.url(), /error|state/);
  // The form is there to try again.
  await person.press(page, "Sign in with Example");
  await site(page).getByRole("button", { name: "Close" }).click();
  await person.step(page, "Sign in");
});

pageTest("there and back: the pool's own page", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, SETTING);
  await person.signUpAndVerify(page);
  await person.signOut(page);
  await person.press(page, "Sign in on the pool's own page");
  await site(page).getByLabel("User name").fill("alice");
  await site(page).getByLabel("Password").fill(person.PASSWORD);
  await site(page).getByRole("button", { name: "Sign in", exact: true }).click();
  await person.step(page, "Welcome, alice");
});

pageTest("the pool's own page: wrong password, right password; remembered by its cookie", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, SETTING);
  await person.signUpAndVerify(page);
  await openSite(page);
  await site(page).getByLabel(/user ?name/i).fill("alice");
  await site(page).getByLabel("Password").fill("Wrong-Horse-7");
  await site(page).getByRole("button", { name: "Sign in", exact: true }).click();
  await site(page).getByRole("alert").waitFor();
  assert.deepEqual(await axe(page), []);
  await site(page).getByLabel(/user ?name/i).fill("alice");
  await site(page).getByLabel("Password").fill(person.PASSWORD);
  await site(page).getByRole("button", { name: "Sign in", exact: true }).click();
  assert.ok((await left(page)).searchParams.get("code"));
});

pageTest("the window can be closed, and its pages fit 320 pixels", async ({ tab }) => {
  const page = await tab();
  await person.setUpPool(page, SETTING);
  await openSite(page);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
  await site(page).getByRole("button", { name: "Close" }).click();
  await site(page).waitFor({ state: "detached" });
}, { viewport: { width: 320, height: 700 } });

pageTest("what a page of the pool does not have is not drawn", async ({ tab }) => {
  const page = await tab();
  const drawn = await page.evaluate(async () => {
    const { elementsOf } = await import("/demo/html.js");
    const root = document.createElement("div");
    const html = `<main><p class="a" onclick="x()">a &lt;b&gt; &amp;amp;</p><script>alert(1)</` +
      `script><img src="x"><a href="/y?a=1&amp;b=2" target="t">y</a><input id="n" required></main>`;
    root.append(...elementsOf(html, "site-"));
    return root.outerHTML;
  });
  assert.equal(
    drawn,
    '<div><p class="a">a &lt;b&gt; &amp;amp;</p><span>alert(1)</span><span></span>' +
      '<a href="/y?a=1&amp;b=2">y</a><input id="site-n" required=""></div>',
  );
});
