// The forms alone, over a flow that does what a test says: for what the pool in the page cannot be
// brought to do.
import en from "../../../../ui/texts/en.js";
import { contentSecurityPolicy } from "../../../../scripts/lib/serve.mjs";

const HTML = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>Forms</title>
  <link rel="icon" href="data:," />
  <link rel="stylesheet" href="/demo/base.css" />
  <main><h1 class="visually-hidden">Forms</h1><div id="root"></div></main>
</html>`;

/** What every snapshot has. */
const NOTHING = { busy: null, error: null, round: 1 };

/** A signed-in person. */
export const signedInAs = (username, more = {}) => ({
  step: "signedIn",
  username,
  attributes: { email: `${username}@example.com` },
  unverified: [],
  tokensExpireAt: Date.now() + 3_600_000,
  device: null,
  ...more,
});

/**
 * Opens the forms at a snapshot; `options.forms` are those of `mountSignIn`. Answers `{ page, becomes(snapshot), sent(), called(), answers(name,
 * answer) }`: what the flow shows from now on, which events and account calls it was given, and how
 * it answers one: `{ resolve }`, `{ reject }` or `{ becomes }`; a call without an answer waits.
 */
export async function scripted({ context, url }, first, options = {}) {
  const { language = "en", policy = contentSecurityPolicy(), forms = {} } = options;
  const page = await context.newPage();
  await page.route("**/forms", (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": policy },
      body: HTML,
    }),
  );
  await page.goto(`${url}forms`);
  await page.evaluate(openForms, { first: { ...NOTHING, ...first }, language, forms });
  await page.waitForFunction(() => window.findAll(".card[aria-busy]").length === 0);
  return {
    page,
    becomes: (snapshot) =>
      page.evaluate((next) => window.script.becomes(next), { ...NOTHING, ...snapshot }),
    // As text: what else goes between page and test loses members called `__proto__`.
    sent: async () => JSON.parse(await page.evaluate(() => JSON.stringify(window.script.sent))),
    called: () => page.evaluate(() => window.script.called),
    answers: (name, answer) =>
      page.evaluate(([name, answer]) => window.script.answers.set(name, answer), [name, answer]),
  };
}

/** Runs in the page. */
async function openForms({ first, language, forms }) {
  const [{ mountSignIn }, { loadTexts }] = await Promise.all([
    import("/ui/mount.js"),
    import("/ui/texts.js"),
  ]);
  const listeners = new Set();
  const script = { sent: [], called: [], answers: new Map() };
  let snapshot = first;
  const answer = (name) => {
    const given = script.answers.get(name);
    if (given === undefined) return new Promise(() => {});
    if (given.becomes) script.becomes(given.becomes);
    if (given.reject) return Promise.reject(Object.assign(new Error(), given.reject));
    return Promise.resolve(given.resolve);
  };
  script.becomes = (next) => {
    snapshot = { busy: null, error: null, round: 1, ...next };
    queueMicrotask(() => listeners.forEach((listener) => listener()));
  };
  const call = (name) => async (...given) => {
    script.called.push([name, ...given]);
    return answer(name);
  };
  const names = [
    ...["mfaPreference", "setMfaPreference", "updateAttributes", "deleteAttributes"],
    ...["changePassword", "deleteUser", "rememberDevice", "forgetDevice", "devices"],
    ...["startTotp", "confirmTotp", "passkeys", "createPasskey", "deletePasskey", "factors"],
    ...["sessions", "endSession"],
  ];
  const flow = {
    snapshot: () => snapshot,
    subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)),
    accepts: () => true,
    session: call("session"),
    account: Object.fromEntries(names.map((name) => [name, call(name)])),
    async send(event) {
      script.sent.push(event);
      const given = await answer(event.type);
      return given ?? snapshot;
    },
  };
  document.documentElement.lang = language;
  const texts = await loadTexts(language);
  window.script = script;
  mountSignIn(document.querySelector("#root"), { flow, texts, ...forms });
}

/** The words of a key, in English. */
export const words = (key, values = {}) =>
  en[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
