// `<cognito-sign-in>` and `<cognito-account>` on a page that knows nothing of them: what they touch, what
// happens to them there, and what they are told.
import assert from "node:assert/strict";
import { signInShell } from "../../../ui/server.js";
import { contentSecurityPolicy } from "../../../scripts/lib/serve.mjs";
import { withEarly } from "../engines/early.mjs";
import { engine } from "../engines/engine.mjs";
import { pageTest, withBrowser } from "./support/browser.mjs";

withBrowser();

const IDS = `user-pool-id="eu-west-1_AbCdEfGhI" client-id="1h57kf5cpq17m0eml12EXAMPLE"`;
const ELEMENT = `<cognito-sign-in id="one" ${IDS} endpoint="http://127.0.0.1:9/" lang="en"></cognito-sign-in>`;

/** A page of an app's with this in its body; the element's script comes unless it is to come later. */
async function opened({ context, url, answer }, body, { script = true, policy = contentSecurityPolicy(), head = "" } = {}) {
  const page = await context.newPage();
  answer("/app", (_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader("content-security-policy", policy);
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
        <link rel="icon" href="data:,">${head}
        ${script ? '<script type="module" src="/ui/index.js"></script>' : ""}
        <main><h1>App</h1><p id="text">Its own text</p>${body}</main></html>`;
    response.end(withEarly(html));
  });
  await page.goto(`${url}app`);
  return page;
}

const heading = (page, name = "Sign in") => page.getByRole("heading", { name, exact: true });

/** Markup that is put in later, as Trusted Types let a test do it: by the parser of another document. */
const insert = (page, attributes) =>
  page.evaluate((attributes) => {
    const element = document.createElement("cognito-sign-in");
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.querySelector("main").append(element);
  }, attributes);

pageTest("nothing of the page is another for it", async (person) => {
  const page = await opened(person, ELEMENT, { script: false });
  const look = () =>
    page.evaluate(() => {
      const style = (element) => {
        const computed = getComputedStyle(element);
        return [...computed].map((name) => `${name}: ${computed.getPropertyValue(name)}`).join("\n");
      };
      const { length, state } = history;
      const sheets = document.styleSheets.length + document.adoptedStyleSheets.length;
      return {
        looks: ["html", "body", "h1", "#text"].map((it) => style(document.querySelector(it)).replace(/^(?:(?:perspective|transform)-origin|(?:block|inline)-size|height|width).*$/gm, "")),
        length,
        state,
        sheets,
        address: location.href,
        title: document.title,
      };
    });
  const before = await look();
  await page.evaluate(() => import("/ui/index.js"));
  await page.getByRole("button", { name: "Create an account" }).click();
  await heading(page, "Create an account").waitFor();
  assert.deepEqual(await look(), before);
});

pageTest("a part for everything that is drawn", async (person) => {
  const page = await opened(person, ELEMENT);
  await heading(page).waitFor();
  const without = await page.evaluate(() =>
    window
      .findAll(".card *")
      .filter((it) => !it.closest("svg") && !it.hasAttribute("part") && !["DIV", "SPAN", "SLOT", "OPTION"].includes(it.tagName))
      .map((it) => it.outerHTML),
  );
  assert.deepEqual(without, []);
});

pageTest("defined after the markup, with properties set before", async (person) => {
  const page = await opened(person, `<cognito-sign-in id="one" ${IDS}></cognito-sign-in>`, { script: false });
  await page.evaluate(() => {
    document.querySelector("#one").options = { lang: "de" };
    return import("/ui/index.js");
  });
  await heading(page, "Anmelden").waitFor();
});

pageTest(
  "what of the client does not come is said in the form, where it can be read, and asked for again",
  async (person) => {
    let asked = 0;
    person.answer("/cognito-flow/second.js", (request) => {
      asked += 1;
      request.socket.destroy();
    });
    const page = await opened(person, ELEMENT);
    await page.getByLabel("User name").fill("alice");
    await page.getByLabel("Password", { exact: true }).fill("Correct-horse-1");
    const signIn = page.getByRole("button", { name: "Sign in", exact: true });
    await signIn.click();
    await page.getByText("You seem to be offline").waitFor();
    // Others may remember that a module did not load.
    if (engine !== "chromium") return;
    const before = asked;
    const again = page.waitForRequest("**/second.js");
    await signIn.click();
    await again;
    assert.ok(before > 0);
  },
  { allowedFaults: [/ERR_EMPTY_RESPONSE/] },
);

pageTest("moved in the page it stays as it is; removed and put back its flow is the same", async (person) => {
  const page = await opened(person, `<section></section>${ELEMENT}`);
  await heading(page).waitFor();
  await page.getByLabel("User name").fill("alice");
  await page.evaluate(() => {
    window.one = document.querySelector("#one");
    window.itsFlow = window.one.flow;
    document.querySelector("section").append(window.one);
  });
  assert.equal(await page.getByLabel("User name").inputValue(), "alice");
  await page.evaluate(() => window.one.remove());
  await page.waitForFunction(() => window.one.shadowRoot.childElementCount === 0);
  await page.evaluate(() => document.querySelector("main").append(window.one));
  await heading(page).waitFor();
  assert.ok(await page.evaluate(() => window.one.flow === window.itsFlow));
  // What is no secret is there again.
  assert.equal(await page.getByLabel("User name").inputValue(), "alice");
});

pageTest("two on one page know nothing of each other", async (person) => {
  const page = await opened(person, `${ELEMENT}<cognito-sign-in id="two" ${IDS} lang="fr"></cognito-sign-in>`);
  await heading(page).waitFor();
  await heading(page, "Connexion").waitFor();
  await page.getByRole("button", { name: "Create an account" }).click();
  await heading(page, "Create an account").waitFor();
  await heading(page, "Connexion").waitFor();
  const ids = await page.evaluate(() => window.findAll("[id]").map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length);
});

pageTest("attributes changed later: the language keeps the flow, another client makes another", async (person) => {
  const page = await opened(person, ELEMENT);
  await heading(page).waitFor();
  await page.getByLabel("User name").fill("alice");
  const flow = await page.evaluateHandle(() => document.querySelector("#one").flow);
  await page.evaluate(() => document.querySelector("#one").setAttribute("lang", "ar"));
  await heading(page, "تسجيل الدخول").waitFor();
  assert.equal(await page.getByLabel("اسم المستخدم").inputValue(), "alice");
  assert.equal(await page.evaluate(() => window.findAll(".root")[0].dir), "rtl");
  assert.ok(await page.evaluate((flow) => document.querySelector("#one").flow === flow, flow));
  await page.evaluate(() => document.querySelector("#one").setAttribute("client-id", "another1client"));
  await page.waitForFunction((flow) => ![null, flow].includes(document.querySelector("#one").flow), flow);
});

pageTest("a pool id that is none: why, and the way back", async (person) => {
  const page = await opened(person, "");
  await insert(page, { "user-pool-id": "nonsense", "client-id": "abc", lang: "en" });
  await heading(page, "Signing in is not possible right now").waitFor();
  await page.getByRole("alert").getByText("This page is not set up correctly").waitFor();
  await page.evaluate(() => document.querySelector("cognito-sign-in").setAttribute("user-pool-id", "eu-west-1_AbCdEfGhI"));
  await heading(page).waitFor();
});

pageTest(
  "texts, the package or the module that do not load: one form, and trying again helps",
  async (person) => {
    for (const blocked of ["/ui/texts/en.js", "/cognito-flow/lean.js"]) {
      person.answer(blocked, (request) => request.socket.destroy());
      const page = await opened(person, ELEMENT);
      await heading(page, "Signing in is not possible right now").waitFor();
      person.answer(blocked, undefined);
      // A browser remembers a module that did not load: the address has to be another one.
      await page.reload();
      await heading(page).waitFor();
      await page.close();
    }
    const policy = contentSecurityPolicy().replace("'wasm-unsafe-eval'", "");
    const page = await opened(person, ELEMENT, { policy });
    await page.getByText("This browser lacks something that signing in needs").waitFor();
  },
  { allowedFaults: [/ERR_EMPTY_RESPONSE/, /CSP|WebAssembly|Content Security/i, /script/i] },
);

pageTest("storage that is blocked is no reason not to sign in", async (person) => {
  await person.context.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("Blocked", "SecurityError");
        },
      });
    }
  });
  const page = await opened(person, "");
  await insert(page, { "user-pool-id": "eu-west-1_AbCdEfGhI", "client-id": "abc", storage: "local", lang: "en" });
  await page.getByRole("heading", { level: 2 }).waitFor();
  const title = await page.getByRole("heading", { level: 2 }).textContent();
  assert.ok(["Sign in", "Signing in is not possible right now"].includes(title), title);
});

pageTest("what a server sent ahead is taken over without a jump", async (person) => {
  const nonce = "abc";
  const policy = contentSecurityPolicy().replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`);
  const shell = signInShell({ nonce });
  const body = ELEMENT.replace("></cogn", `>${shell}</cogn`);
  const page = await opened(person, `${body}<p id="below">below</p>`, { script: false, policy });
  await page.evaluate(() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) window.shifts += value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  const card = () => page.locator("#one .card").boundingBox();
  const before = await card();
  assert.ok(before.height > 250, `${before.height}`);
  await page.evaluate(() => import("/ui/index.js"));
  await heading(page).waitFor();
  const after = await card();
  assert.equal(after.width, before.width);
  assert.ok(Math.abs(after.height - before.height) < 12, `${before.height} to ${after.height}`);
  assert.ok((await page.evaluate(() => window.shifts)) < 0.02);
});

pageTest("slots, and the support contact", async (person) => {
  const page = await opened(
    person,
    ELEMENT.replace("></cogn", `><b slot="header">Header</b><i slot="footer">Footer</i></cogn`),
  );
  await page.evaluate(() => {
    document.querySelector("#one").options = { support: { text: "Help?", href: "mailto:help@example.com" } };
  });
  await page.getByRole("link", { name: "help@example.com" }).waitFor();
  await page.getByText("Header").waitFor();
  await page.getByText("Footer").waitFor();
});

pageTest("the sign-up's fields, the forms that there are, texts by key, a form to begin with", async (person) => {
  const page = await opened(person, `<cognito-sign-in id="one" ${IDS} lang="en" start="signUp" username-is="email"></cognito-sign-in>`);
  await heading(page, "Create an account").waitFor();
  assert.equal(await page.getByLabel("User name").count(), 0);
  await page.evaluate(() => {
    const one = document.querySelector("#one");
    one.flow = {
      snapshot: () => ({ step: "signedOut", username: null, busy: null, error: null, round: 1 }),
      subscribe: () => () => {},
      accepts: () => true,
      send: async (event) => {
        window.sent = event;
        return one.flow.snapshot();
      },
    };
    one.options = {
      fields: ["password", { name: "custom:team", label: "Team", options: ["Red", "Blue"], required: true }, "email"],
      texts: { "signUp.title": "Join us" },
    };
  });
  await heading(page, "Join us").waitFor();
  const labels = await page.evaluate(() => window.findAll("form label").map((it) => it.textContent));
  assert.deepEqual(labels.map((it) => it.split(" (")[0]), ["Password", "Team", "Email address"]);
  await page.getByLabel("Password", { exact: true }).fill("Correct-Horse-7");
  await page.getByLabel("Email address").fill("a@example.com");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("Please fill this in.").waitFor();
  await page.getByLabel("Team").selectOption("Blue");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForFunction(() => window.sent);
  assert.deepEqual(await page.evaluate(() => window.sent), {
    type: "signUp",
    username: "a@example.com",
    password: "Correct-Horse-7",
    attributes: { "custom:team": "Blue", email: "a@example.com" },
  });
  await page.evaluate(() => document.querySelector("#one").setAttribute("no-sign-up", ""));
  await heading(page).waitFor();
  assert.equal(await page.getByRole("button", { name: "Create an account" }).count(), 0);
});

pageTest("events, the app's own view, and the account elsewhere", async (person) => {
  const page = await opened(
    person,
    `${ELEMENT}<cognito-account for="one" lang="en"><p>Nobody is here.</p></cognito-account>`,
    { script: false },
  );
  await page.evaluate(async () => {
    window.heard = [];
    for (const name of ["cognito-step", "cognito-signed-in", "cognito-signed-out"]) {
      document.addEventListener(name, ({ detail, target }) => {
        if (target.id === "one") window.heard.push([name, detail.step]);
      });
    }
    await import("/ui/index.js");
    const listeners = new Set();
    let snapshot = { step: "signedOut", username: null, busy: null, error: null, round: 1 };
    window.becomes = (next) => {
      snapshot = { ...next, busy: null, error: null, round: 1 };
      listeners.forEach((listener) => listener());
    };
    const own = document.createElement("p");
    own.textContent = "Inside.";
    const one = document.querySelector("#one");
    one.options = { signedInView: () => own };
    one.flow = {
      snapshot: () => snapshot,
      subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
      accepts: () => true,
      send: async () => snapshot,
      account: {},
    };
  });
  await page.getByText("Nobody is here.").waitFor();
  // That stands there from the beginning: the element may still be loading its texts.
  await page.waitForFunction(() => window.heard.length === 1);
  const alice = { username: "alice", attributes: {}, unverified: [], tokensExpireAt: 1e13, device: null };
  await page.evaluate((alice) => window.becomes({ step: "signedIn", ...alice }), alice);
  await page.getByText("Inside.").waitFor();
  await heading(page, "Welcome, alice").waitFor();
  await page.evaluate(() => window.becomes({ step: "signedOut", username: null }));
  await page.getByText("Nobody is here.").waitFor();
  await page.waitForFunction(() => window.heard.length >= 5);
  assert.deepEqual(await page.evaluate(() => window.heard), [
    ["cognito-step", "signedOut"],
    ["cognito-step", "signedIn"],
    ["cognito-signed-in", "signedIn"],
    ["cognito-step", "signedOut"],
    ["cognito-signed-out", "signedOut"],
  ]);
});

pageTest("what the page has in the slot `signed-in` is seen by whoever is, and keeps its place in the page", async (person) => {
  const view = '<section slot="signed-in" id="own"><h2>Your orders</h2><button>Buy</button></section>';
  const page = await opened(person, ELEMENT.replace("></cogn", `>${view}</cogn`));
  await heading(page).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Your orders" }).isVisible(), false);
  await page.evaluate(() => {
    const listeners = new Set();
    let snapshot = { step: "signedOut", username: null, busy: null, error: null, round: 1 };
    window.becomes = (next) => {
      snapshot = { ...next, busy: null, error: null, round: 1 };
      listeners.forEach((listener) => listener());
    };
    document.querySelector("#one").flow = {
      snapshot: () => snapshot,
      subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
      accepts: () => true,
      send: async () => snapshot,
      account: {},
    };
    window.bought = 0;
    document.querySelector("#own button").addEventListener("click", () => (window.bought += 1));
  });
  const alice = { username: "alice", attributes: {}, unverified: [], tokensExpireAt: 1e13, device: null };
  await page.evaluate((alice) => window.becomes({ step: "signedIn", ...alice }), alice);
  await page.getByRole("heading", { name: "Your orders" }).waitFor();
  await page.getByRole("button", { name: "Buy" }).click();
  assert.equal(await page.evaluate(() => window.bought), 1);
  await page.evaluate(() => window.becomes({ step: "signedOut", username: null }));
  await heading(page).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Your orders" }).isVisible(), false);
  assert.equal(await page.evaluate(() => document.querySelector("#own").parentElement.id), "one");
});

pageTest("navigation by history: the back button leads to the form before, the address stays", async (person) => {
  const page = await opened(person, ELEMENT.replace('id="one"', 'id="one" navigation="history"'));
  await page.getByRole("button", { name: "Create an account" }).click();
  await heading(page, "Create an account").waitFor();
  assert.equal(await page.evaluate(() => location.hash), "");
  await page.goBack();
  await heading(page).waitFor();
});
