// The page's pure functions.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as countdown from "../../../ui/countdown.js";
import { errorText, fieldOf } from "../../../ui/errors.js";
import { DEFAULT_POLICY, checkPassword } from "../../../ui/policy.js";
import { decodeToken } from "../../../ui/account/jwt.js";
import { LANGUAGES, chooseLanguage, isLanguage, makeTexts } from "../../../ui/texts.js";
import { connectSources, placeOf, searchFor, storageFor } from "../../../www/demo/address.js";
import { arrow, grid } from "../../../www/demo/panes/diagram-geometry.js";
import { puzzle } from "../../../www/demo/puzzle.js";
import { siteBrowser } from "../../../www/demo/site-browser.js";
import { redact, redactBody } from "../../../www/demo/redact.js";

test("what is left of a time is never negative, and the last second counts whole", () => {
  assert.equal(countdown.remaining(1000, 400), 600);
  assert.equal(countdown.remaining(1000, 5000), 0);
  assert.equal(countdown.minutesAndSeconds(180_000), "3:00");
  assert.equal(countdown.minutesAndSeconds(179_999), "3:00");
  assert.equal(countdown.minutesAndSeconds(6_001), "0:07");
  assert.equal(countdown.minutesAndSeconds(1), "0:01");
  assert.equal(countdown.minutesAndSeconds(0), "0:00");
});

test("60, 30 and 10 seconds are announced once each, also after a sleep", () => {
  const heard = [];
  for (let left = 180_000; left > 0; left -= 1000) {
    const passed = countdown.threshold(left, left - 1000);
    if (passed !== null) heard.push(passed);
  }
  assert.deepEqual(heard, [60, 30, 10]);
  assert.equal(countdown.threshold(120_000, 20_000), 30);
  assert.equal(countdown.threshold(120_000, 0), null);
  assert.equal(countdown.threshold(20_000, 19_000), null);
});

test("the next look at the clock comes when the text changes", () => {
  assert.equal(countdown.untilNextSecond(2300), 300);
  assert.equal(countdown.untilNextSecond(2000), 1000);
  assert.ok(countdown.countsDown(59 * 60_000));
  assert.ok(!countdown.countsDown(24 * 3_600_000));
});

test("the policy's rules are ticked off one by one", () => {
  const unmet = (password) =>
    checkPassword(password, DEFAULT_POLICY)
      .filter(({ met }) => !met)
      .map(({ name }) => name);
  assert.deepEqual(unmet(""), ["minimumLength", "lowercase", "uppercase", "numbers", "symbols"]);
  assert.deepEqual(unmet("aB3!"), ["minimumLength"]);
  assert.deepEqual(unmet("aaaaBBBB333"), ["symbols"]);
  assert.deepEqual(unmet("Correct-Horse-7"), []);
  assert.deepEqual(
    checkPassword("x", { minimumLength: 6 }).map(({ name }) => name),
    ["minimumLength"],
  );
});

test("a space is a symbol inside a password only", () => {
  const symbol = (password) => checkPassword(password, { symbols: true }).at(-1).met;
  assert.ok(symbol("a b"));
  assert.ok(!symbol(" ab"));
  assert.ok(!symbol("ab "));
});

test("an error stands beside the field that it is about", () => {
  assert.equal(fieldOf({ code: "codeMismatch" }), "code");
  assert.equal(fieldOf({ code: "invalidParameter", attribute: "email" }), "email");
  assert.equal(fieldOf({ code: "offline" }), null);
  assert.equal(fieldOf({ code: "constructor" }), null);
  assert.equal(fieldOf({ code: "invalidParameter", __proto__: { attribute: "email" } }), null);
});

test("an error says what to do, when, and what the pool said", async () => {
  const { default: table } = await import("../../../ui/texts/en.js");
  const texts = makeTexts("en", table);
  assert.equal(errorText({ code: "offline", message: "x" }, texts), table["error.offline"]);
  const refused = {
    code: "invalidParameter",
    message: "Bad phone.",
    server: "InvalidParameterException",
  };
  assert.match(errorText(refused, texts), /The server says: “Bad phone.”/);
  assert.match(errorText({ code: "throttled", retryAt: 1 }, texts), /try again at/);
  assert.match(errorText({ code: "newInALaterVersion" }, texts), /newInALaterVersion/);
});

test("the language is the first preferred one that there are texts in", () => {
  assert.equal(chooseLanguage(["it-IT", "de-CH", "en"]), "de");
  assert.equal(chooseLanguage(["ja"]), "ja");
  assert.equal(chooseLanguage(["it"]), "en");
  // One kind of Portuguese and of Chinese is nearer than English.
  assert.equal(chooseLanguage(["pt-PT"]), "pt-BR");
  assert.equal(chooseLanguage(["zh-Hant-TW"]), "zh");
});

test("texts are looked up among the table's own", () => {
  const texts = makeTexts("en", { greeting: "Hello, {toString} and {name}" });
  assert.equal(texts("constructor"), "constructor");
  assert.equal(texts("greeting", { name: "alice" }), "Hello, {toString} and alice");
  assert.ok(texts.has("greeting"));
  for (const key of ["constructor", "__proto__", "toString"]) assert.ok(!texts.has(key), key);
  assert.ok(isLanguage("ja"));
  assert.ok(!isLanguage("constructor"));
  assert.ok(!isLanguage(null));
});

test("every language has the same texts with the same blanks to fill", async () => {
  const blanks = (text) => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();
  for (const folder of ["ui", "www/demo", "www/demo/panes"]) {
    const load = (language) => import(`../../../${folder}/texts/${language}.js`);
    const { default: english } = await load("en");
    const languages = folder === "ui" ? Object.keys(LANGUAGES) : ["en", "de", "ja"];
    for (const language of languages) {
      const { default: table } = await load(language);
      assert.deepEqual(
        Object.keys(table).sort(),
        Object.keys(english).sort(),
        `${folder} ${language}`,
      );
      for (const [key, text] of Object.entries(english)) {
        assert.deepEqual(blanks(table[key]), blanks(text), `${language} ${key}`);
      }
    }
  }
});

test("secrets are blotted out wherever they stand in a request or reply", () => {
  const seen = redact({
    ClientId: "client",
    AuthParameters: { USERNAME: "alice", PASSWORD: "p", REFRESH_TOKEN: "r" },
    ChallengeResponses: { SMS_MFA_CODE: "1", PASSWORD_CLAIM_SIGNATURE: "s", NEW_PASSWORD: "n" },
    AuthenticationResult: { AccessToken: "a", IdToken: "i", RefreshToken: "r", ExpiresIn: 3600 },
    Session: "s",
    ConfirmationCode: "123456",
    UserAttributes: [{ Name: "email", Value: "alice@example.com" }],
  });
  assert.deepEqual(seen, {
    ClientId: "client",
    AuthParameters: { USERNAME: "alice", PASSWORD: "•••", REFRESH_TOKEN: "•••" },
    ChallengeResponses: {
      SMS_MFA_CODE: "•••",
      PASSWORD_CLAIM_SIGNATURE: "•••",
      NEW_PASSWORD: "•••",
    },
    AuthenticationResult: {
      AccessToken: "•••",
      IdToken: "•••",
      RefreshToken: "•••",
      ExpiresIn: 3600,
    },
    Session: "•••",
    ConfirmationCode: "•••",
    UserAttributes: [{ Name: "email", Value: "alice@example.com" }],
  });
  const more = ["access_token", "id_token", "refresh_token", "CREDENTIAL", "Credential", "DEVICE_KEY"];
  for (const name of [...more, "DeviceSecretVerifierConfig"]) {
    assert.deepEqual(redact({ [name]: "s" }), { [name]: "•••" });
  }
  assert.equal(redactBody(""), "");
  assert.ok(!redactBody("<html>secret</html>").includes("secret"));
});

test("a token is read as it is written: base64url and UTF-8", () => {
  const payload = Buffer.from(JSON.stringify({ name: "Zoë ⊕ ?>~" })).toString("base64url");
  assert.deepEqual(decodeToken(`h.${payload}.s`), { name: "Zoë ⊕ ?>~" });
});

test("the address names a pool elsewhere, and nothing else", () => {
  const place = { userPoolId: "eu-west-1_Ab", clientId: "c", endpoint: "http://127.0.0.1:1/" };
  assert.deepEqual(placeOf(searchFor(place)), place);
  assert.equal(placeOf(""), null);
  assert.equal(placeOf("?pool=eu-west-1_Ab"), null);
});

test("nothing is kept for an endpoint that came with a link", () => {
  const place = { userPoolId: "eu-west-1_Ab", clientId: "c" };
  assert.equal(storageFor(null), "local");
  assert.equal(storageFor(place), "local");
  assert.equal(storageFor({ ...place, endpoint: "https://cognito.example/" }), "memory");
});

test("the page may connect to the chosen region's host, and to no other", () => {
  const sources = (userPoolId, endpoint) =>
    connectSources(searchFor({ userPoolId, clientId: "c", endpoint }));
  assert.deepEqual(connectSources(""), []);
  assert.deepEqual(sources("eu-west-1_Ab"), ["https://cognito-idp.eu-west-1.amazonaws.com"]);
  assert.deepEqual(sources("us-gov-west-1_Ab"), [
    "https://cognito-idp.us-gov-west-1.amazonaws.com",
  ]);
  assert.deepEqual(sources("cn-north-1_Ab"), ["https://cognito-idp.cn-north-1.amazonaws.com.cn"]);
  assert.deepEqual(sources("eusc-de-east-1_Ab"), ["https://cognito-idp.eusc-de-east-1.amazonaws.eu"]);
  assert.deepEqual(sources("local_Ab", "http://127.0.0.1:9229/"), ["http://127.0.0.1:9229"]);
  assert.deepEqual(sources("local_Ab", "http://localhost:9229/x"), ["http://localhost:9229"]);
  // Who writes the link does not choose to whom a page that runs their script could speak.
  for (const endpoint of ["https://evil.example/", "http://127.0.0.1.evil.example/", "nonsense"]) {
    assert.deepEqual(sources("eu-west-1_Ab", endpoint), [], endpoint);
  }
  for (const id of ["evil.example/_Ab", "eu-west-1; script-src *_Ab", "eu-west-1_Ab;x", "_", "x_y"]) {
    assert.deepEqual(sources(id), [], id);
  }
});

const STEPS = [
  ...["signedOut", "selectFactor", "password", "signInCode", "passkey", "customChallenge"],
  ...["mfaCode", "setUpTotp", "setUpEmail", "newPassword", "confirmSignUp", "verifyAttribute"],
  ...["resetPassword", "fourteenth", "fifteenth", "signedIn"],
];

test("sixteen steps stand apart, inside the picture, and hold their names at any width", () => {
  for (const width of [270, 300, 340, 480, 600, 736]) {
    const { places, height } = grid(STEPS, width);
    assert.deepEqual([...places.keys()], STEPS);
    const boxes = [...places.values()];
    for (const [name, { x, y, halfWidth, halfHeight }] of places) {
      assert.ok(x - halfWidth >= 0 && x + halfWidth <= width, `${name} at ${width}`);
      assert.ok(y - halfHeight >= 0 && y + halfHeight <= height, `${name} at ${width}`);
      // Nine pixels a letter are more than its font takes.
      assert.ok(2 * halfWidth >= name.length * 9, `${name} at ${width}`);
      const touching = boxes.filter(
        (other) =>
          Math.abs(other.x - x) < halfWidth + other.halfWidth &&
          Math.abs(other.y - y) < halfHeight + other.halfHeight,
      );
      assert.equal(touching.length, 1, `${name} at ${width}`);
    }
  }
});

test("the pool's pages are visited with cookies, through redirects, and left", async () => {
  const sent = [];
  const replies = [
    [303, [["location", "/login?x=1"], ["set-cookie", "a=1; Path=/; HttpOnly"], ["set-cookie", "b=2"]]],
    [200, [["set-cookie", "a=; Max-Age=0"]], "<main>Sign in</main>"],
    [303, [["location", "https://app.example/?code=c"]]],
  ];
  const request = async (...given) => {
    sent.push(given);
    const [status, headers, body = ""] = replies.shift();
    return { status, headers, body };
  };
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const browser = siteBrowser(request, "https://pool.invalid", storage);
  const page = await browser.visit("https://pool.invalid/oauth2/authorize?y=2");
  assert.deepEqual(page, { url: "https://pool.invalid/login?x=1", html: "<main>Sign in</main>" });
  const form = new URLSearchParams({ username: "a b" });
  const end = await browser.visit("https://pool.invalid/login?x=1", form);
  assert.deepEqual(end, { elsewhere: "https://app.example/?code=c" });
  const host = "pool.invalid";
  const type = "application/x-www-form-urlencoded";
  assert.deepEqual(sent, [
    ["GET", "/oauth2/authorize?y=2", { host, cookie: "" }],
    ["GET", "/login?x=1", { host, cookie: "a=1; b=2" }],
    [
      "POST",
      "/login?x=1",
      { host, cookie: "b=2", origin: "https://pool.invalid", "content-type": type },
      "username=a+b",
    ],
  ]);
  assert.deepEqual(await browser.visit("https://other.example/"), { elsewhere: "https://other.example/" });
});

test("the puzzle is a sum, and three tries", () => {
  const ask = (name, request) => puzzle(name, { userName: "alice", request }).response;
  const sum = ask("CreateAuthChallenge", {});
  const [a, b] = sum.publicChallengeParameters.question.split(" + ").map(Number);
  const { privateChallengeParameters } = sum;
  const check = (challengeAnswer) =>
    ask("VerifyAuthChallengeResponse", { challengeAnswer, privateChallengeParameters }).answerCorrect;
  assert.ok(check(` ${a + b} `));
  assert.ok(!check(String(a + b + 1)));
  assert.ok(!JSON.stringify(sum.publicChallengeParameters).includes("answer"));

  const proven = ["SRP_A", "PASSWORD_VERIFIER"].map((challengeName) => ({ challengeName, challengeResult: true }));
  const first = ask("DefineAuthChallenge", { session: proven.slice(0, 1) });
  assert.equal(first.challengeName, "PASSWORD_VERIFIER");
  assert.ok(!first.issueTokens && !first.failAuthentication);
  const next = (...results) => {
    const tries = results.map((challengeResult) => ({ challengeName: "CUSTOM_CHALLENGE", challengeResult }));
    const { issueTokens, failAuthentication } = ask("DefineAuthChallenge", {
      session: [...proven, ...tries],
    });
    return issueTokens ? "tokens" : failAuthentication ? "no" : "again";
  };
  assert.equal(next(), "again");
  assert.equal(next(false, false), "again");
  assert.equal(next(false, true), "tokens");
  assert.equal(next(false, false, false), "no");
  assert.equal(puzzle("constructor", { request: {} }), undefined);
});

test("arrows begin and end at the edge of their boxes", () => {
  const { places } = grid(["one", "two", "three"], 400);
  const numbers = arrow(places.get("one"), places.get("two"))
    .match(/-?[\d.]+/g)
    .map(Number);
  const [startX, startY, , , endX, endY] = numbers;
  const onEdge = ({ x, y, halfWidth, halfHeight }, px, py) =>
    Math.abs(Math.abs(px - x) - halfWidth) < 0.2 ||
    Math.abs(Math.abs(py - y) - halfHeight - 2) < 0.2;
  assert.ok(onEdge(places.get("one"), startX, startY));
  assert.ok(onEdge(places.get("two"), endX, endY));
});
