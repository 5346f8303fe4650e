// The devtools' notes of requests: what Cognito's own words are, and of everything else a dot.
import assert from "node:assert/strict";
import { test } from "node:test";
import { requests, watchFetch, watchGlobalFetch } from "../../js/devtools/requests.js";

const TARGET = "AWSCognitoIdentityProviderService";
const settled = () => new Promise((done) => setImmediate(done));
const asking = (operation, body) => ["https://pool.example/", { headers: { "x-amz-target": `${TARGET}.${operation}` }, body }];
const answering = (response) => async () => response;
const last = () => requests.notes.at(-1);

/** What is noted of a request with this body and answer. */
async function noted(body, answer = new Response("{}"), operation = "InitiateAuth") {
  const given = watchFetch(answering(answer))(...asking(operation, JSON.stringify(body)));
  await given;
  await settled();
  await settled();
  return last();
}

test("a fetch that is watched does what it did, and its answer is whole", async () => {
  const asked = [];
  const response = new Response('{"a":1}');
  const fetch = watchFetch((...given) => (asked.push(given), Promise.resolve(response)));
  const given = asking("GetUser", "{}");
  const answer = await fetch(...given);
  assert.deepEqual([asked, answer === response], [[given], true]);
  await settled();
  assert.deepEqual(await answer.json(), { a: 1 });
});

test("what is not asked of Cognito is not noted", async () => {
  const before = requests.notes.length;
  const fetch = watchFetch(answering(new Response("{}")));
  for (const [address, init] of [
    ["https://pool.example/"], ["https://pool.example/", {}], ["https://pool.example/", { headers: {} }],
    ["x", { headers: { "x-amz-target": `x${TARGET}.GetUser` } }], ["x", { headers: { "x-amz-target": `${TARGET}.Get-User` } }],
    ["x", { headers: { "x-amz-target": `${TARGET}.${"A".repeat(61)}` } }], ["x", { headers: { "x-amz-target": `${TARGET}.` } }],
    ["https://auth/oauth2/token?x"], ["https://auth/oauth2/tokens"], ["https://auth/oauth2/authorize"],
  ]) {
    await fetch(address, init);
  }
  assert.equal(requests.notes.length, before);
});

test("a note has the operation, when it was, how long it took and what came of it", async () => {
  let changes = 0;
  const stop = requests.subscribe(() => (changes += 1));
  const before = Date.now();
  let answer;
  const begun = performance.now();
  const asked = watchFetch(() => new Promise((done) => (answer = done)))(...asking("GetUser", "{}"));
  assert.deepEqual({ ...last(), at: 0 }, { at: 0, operation: "GetUser", sent: "", took: null, status: null });
  assert.ok(last().at >= before && changes === 1);
  await new Promise((done) => setTimeout(done, 20));
  answer(new Response('{"__type":"com.amazonaws#NotAuthorizedException","message":"secret"}', { status: 400 }));
  await asked;
  await settled();
  await settled();
  const { took, ...note } = last();
  assert.deepEqual({ ...note, at: 0 }, { at: 0, operation: "GetUser", sent: "", status: 400, got: "", exception: "NotAuthorizedException" });
  assert.ok(took >= 15 && took <= performance.now() - begun + 1 && Number.isInteger(took), String(took));
  assert.equal(changes, 2);
  stop();
  await noted({});
  assert.equal(changes, 2);
});

test("requests of the domain are noted by their path, and nothing of their forms", async () => {
  for (const path of ["/oauth2/token", "/oauth2/revoke"]) {
    await watchFetch(answering(new Response('{"access_token":"secret"}')))(`https://auth${path}`, { body: "code=secret" });
    await settled();
    await settled();
    assert.deepEqual([last().operation, last().sent, last().got], [path, "", ""]);
  }
});

test("values are noted where they are words of the API's, and are dots where they are not", async () => {
  const { sent } = await noted({
    AuthFlow: "USER_SRP_AUTH",
    ClientId: "client",
    AuthParameters: { USERNAME: "ann", SRP_A: "ABCDEF", PREFERRED_CHALLENGE: "EMAIL_OTP", PASSWORD: "SECRET" },
    ClientMetadata: { App: { Deep: { Deeper: 1 } } },
    ExpiresIn: 3600,
    UserConfirmed: true,
    List: ["secret", 1],
    Nothing: null,
    Session: "SESSION",
  });
  assert.equal(sent, [
    "AuthFlow: USER_SRP_AUTH", "ClientId ·", "AuthParameters { USERNAME ·, SRP_A ·, PREFERRED_CHALLENGE: EMAIL_OTP, PASSWORD · }",
    "ClientMetadata { App { Deep } }", "ExpiresIn: 3600", "UserConfirmed: true", "List (2)", "Nothing ·", "Session ·",
  ].join(", "));
});

test("what only looks like one of the API's words is a dot, and what is no member of the API's is not named", async () => {
  const { sent } = await noted({
    AuthFlow: "lower",
    ChallengeName: "A".repeat(42),
    Status: "A",
    DeliveryMedium: "SMS 123456",
    AttributeName: "email\n",
    ExpiresIn: "3600",
    UserConfirmed: "true",
    toString: 1,
    "custom:secret": 1,
    ann: 1,
    "4111": 1,
    A: 1,
    [`A${"a".repeat(41)}`]: 1,
  });
  assert.equal(sent, "AuthFlow ·, ChallengeName ·, Status ·, DeliveryMedium ·, AttributeName ·, ExpiresIn ·, UserConfirmed ·");
  for (const name of ["email", "phone_number"]) assert.equal((await noted({ AttributeName: name })).sent, `AttributeName: ${name}`);
  for (const name of ["xemail", "emailx"]) assert.equal((await noted({ AttributeName: name })).sent, "AttributeName ·");
  for (const word of ["xSMS", "SMSx", "1SMS"]) assert.equal((await noted({ DeliveryMedium: word })).sent, "DeliveryMedium ·");
  for (const name of ["xApp", "App1", "APP-1"]) assert.equal((await noted({ [name]: 1 })).sent, "");
  assert.equal((await noted({ DeliveryMedium: "SMS", CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL" })).sent, "DeliveryMedium: SMS, CODE_DELIVERY_DELIVERY_MEDIUM: EMAIL");
});

test("what comes back is described like what went there, whatever it is", async () => {
  const replies = {
    '{"ChallengeName":"SMS_MFA","Session":"secret"}': ["ChallengeName: SMS_MFA, Session ·", null],
    "<html>secret": ["", null],
    '"secret"': ["", null],
    "null": ["", null],
    "": ["", null],
    '{"__type":"odd exception: secret"}': ["", null],
    '{"__type":"xOdd#"}': ["", null],
    '{"__type":"secret: Odd"}': ["", null],
    '{"__type":"odd"}': ["", null],
    [`{"__type":"A${"a".repeat(61)}"}`]: ["", null],
    '{"__type":"Odd1"}': ["", null],
    '{"__type":"a#b#OddException"}': ["", "OddException"],
  };
  for (const [text, [got, exception]] of Object.entries(replies)) {
    const note = await noted({}, new Response(text));
    assert.deepEqual([note.got, note.exception, note.status], [got, exception, 200], text);
  }
  for (const odd of [undefined, null, {}, { status: 200 }]) {
    await watchFetch(answering(odd))(...asking("GetUser", "{}"));
    await settled();
    const note = last();
    assert.deepEqual([note.status, note.got, note.exception], [odd?.status ?? "failed", "", null]);
  }
});

test("what fails is noted, and fails as it did", async () => {
  const fault = new Error("no");
  const controller = new AbortController();
  await assert.rejects(watchFetch(() => Promise.reject(fault))(...asking("GetUser", "{}")), fault);
  await settled();
  assert.equal(last().status, "failed");
  assert.throws(() => watchFetch(() => { throw fault; })(...asking("GetUser", "{}")), fault);
  assert.deepEqual([last().status, Number.isInteger(last().took)], ["failed", true]);
  controller.abort();
  const [address, init] = asking("GetUser", "{}");
  await assert.rejects(watchFetch(() => Promise.reject(fault))(address, { ...init, signal: controller.signal }), fault);
  await settled();
  assert.equal(last().status, "aborted");
});

test("without a fetch of its own the page's is asked, as it is then", async () => {
  const { fetch: real } = globalThis;
  const fetch = watchFetch();
  globalThis.fetch = async (...given) => new Response(JSON.stringify(given.length));
  try {
    assert.equal(await (await fetch(...asking("GetUser", "{}"))).json(), 2);
    assert.equal(await (await watchFetch(null)("x")).json(), 2);
  } finally {
    globalThis.fetch = real;
  }
});

test("the page's own fetch is watched as long as anybody looks, and is put back", async () => {
  const { fetch: real } = globalThis;
  const own = async function () {
    assert.equal(this, globalThis);
    return new Response("{}");
  };
  globalThis.fetch = own;
  try {
    const one = watchGlobalFetch();
    const watched = globalThis.fetch;
    assert.notEqual(watched, own);
    const two = watchGlobalFetch();
    assert.equal(globalThis.fetch, watched, "once, however many look");
    const before = requests.notes.length;
    const response = await globalThis.fetch(...asking("GetUser", "{}"));
    assert.deepEqual([requests.notes.length, await response.text()], [before + 1, "{}"]);
    one();
    assert.notEqual(globalThis.fetch, own);
    two();
    assert.equal(globalThis.fetch, own);
    // Who laid another one over it keeps that.
    const stop = watchGlobalFetch();
    const over = () => {};
    globalThis.fetch = over;
    stop();
    assert.equal(globalThis.fetch, over);
  } finally {
    globalThis.fetch = real;
  }
});

test("the newest two hundred are kept", async () => {
  for (let time = 0; time < 201; time += 1) await noted({}, new Response("{}"), `Op${"abcdefghij"[time % 10]}`);
  assert.equal(requests.notes.length, 200);
  await noted({}, new Response("{}"), "Newest");
  assert.deepEqual([requests.notes.length, last().operation], [200, "Newest"]);
});
