// Requests by a given `fetch`, and what is made of what comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LOST, NOT_SENT } from "../../js/json.js";
import { openNetwork } from "../../js/network.js";

const LONGEST = 1_048_576;
const POOL = "https://pool.example/";

/** Sends one request; gives what was passed to `fetch` and what was replied. */
async function sent(fetch, { operation = "GetUser", keepalive, domain } = {}) {
  const asked = [];
  const replies = [];
  const given = (...request) => {
    asked.push(request);
    return fetch(...request);
  };
  const network = openNetwork(given, domain, (...reply) => replies.push(reply));
  await network.send(7, POOL, operation, '{"a":1}', keepalive);
  return { asked, reply: replies[0], replies, network };
}

const answering = (response) => () => Promise.resolve(response);
const reply = async (response) => (await sent(answering(response))).reply;

test("a request is a POST of the operation that takes nothing of the page along", async () => {
  const { asked, reply } = await sent(answering(new Response('{"b":2}', { status: 200 })));
  const [[url, init]] = asked;
  assert.equal(url, POOL);
  assert.equal(Object.getPrototypeOf(init), null);
  assert.equal(Object.getPrototypeOf(init.headers), null);
  const { signal, headers, ...rest } = init;
  assert.ok(signal instanceof AbortSignal);
  assert.deepEqual({ ...headers }, {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "AWSCognitoIdentityProviderService.GetUser",
  });
  assert.deepEqual({ ...rest }, {
    method: "POST",
    body: '{"a":1}',
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
  });
  assert.deepEqual(reply, [7, 200, '{"b":2}', undefined, false]);
});

test("only what ends a session may outlive the page", async () => {
  const { asked } = await sent(answering(new Response("{}")), { keepalive: true });
  assert.equal(asked[0][1].keepalive, true);
});

test("a path is the domain's, which says where it goes and reads the reply", async () => {
  const domain = {
    request: (operation, body) => {
      assert.deepEqual([operation, body], ["/oauth2/token", '{"a":1}']);
      return ["https://domain.example/token", "text/x", "form", (json) => `{"read":${json}}`];
    },
  };
  const response = new Response("[1]", { status: 400, headers: { "x-amzn-errortype": "Odd" } });
  const { asked, reply } = await sent(answering(response), { operation: "/oauth2/token", domain });
  const [[url, init]] = asked;
  assert.equal(url, "https://domain.example/token");
  assert.deepEqual({ ...init.headers }, { "content-type": "text/x" });
  assert.equal(init.body, "form");
  assert.deepEqual(reply, [7, 400, '{"read":[1]}', "Odd", false]);
});

test("a body is an object or empty, or none", async () => {
  assert.equal((await reply(new Response('{ "a" : [] }')))[2], '{"a":[]}');
  assert.equal((await reply(new Response("")))[2], "");
  for (const body of ["<html>", "[]", "null", "{"]) {
    assert.equal((await reply(new Response(body)))[2], undefined, body);
  }
});

test("a firewall is known by its header", async () => {
  const headers = { "x-amzn-waf-action": "challenge" };
  assert.equal((await reply(new Response("{}", { status: 202, headers })))[4], true);
});

test("what has no status that there is, or is from another address, is an answer of nobody's", async () => {
  const odd = [undefined, null, {}, { status: "200" }, { status: 99 }, { status: 600 }, { status: 200.5 }];
  for (const response of [...odd, { status: 200, redirected: true }]) {
    assert.deepEqual(await reply(response), [7, 0]);
  }
  for (const status of [100, 599]) {
    assert.equal((await reply({ status, text: () => "{}" }))[1], status);
  }
});

test("headers that are none of a browser's are none", async () => {
  for (const get of [() => 5, () => { throw new Error("no"); }, undefined]) {
    assert.deepEqual(await reply({ status: 200, headers: { get }, text: () => "{}" }), [7, 200, "{}", undefined, false]);
  }
});

/** A body that comes in pieces. */
function piecewise(pieces, cancelled = () => {}) {
  let at = 0;
  const reader = {
    read: async () => (at < pieces.length ? { value: pieces[at++] } : { done: true }),
    cancel: async () => cancelled(),
  };
  return { status: 200, body: { getReader: () => reader } };
}

test("a body of a megabyte is read, and one byte more is not, however it comes", async () => {
  const whole = `{"a":"${"x".repeat(LONGEST - 8)}"}`;
  assert.equal(whole.length, LONGEST);
  for (const [text, isRead] of [[whole, true], [`${whole} `, false]]) {
    const bytes = new TextEncoder().encode(text);
    let cancelled = 0;
    const pieces = [bytes.subarray(0, 1000), bytes.subarray(1000)];
    const [, status, body] = await reply(piecewise(pieces, () => (cancelled += 1)));
    assert.deepEqual([status, body === whole, cancelled], [200, isRead, isRead ? 0 : 1]);
    assert.equal((await reply({ status: 200, text: async () => text }))[2] === whole, isRead);
  }
});

test("a letter that two pieces share is read", async () => {
  const bytes = new TextEncoder().encode('{"a":"ü"}');
  assert.equal((await reply(piecewise([bytes.subarray(0, 7), bytes.subarray(7)])))[2], '{"a":"ü"}');
});

test("what has no body, or one that is no text, has none", async () => {
  assert.deepEqual(await reply({ status: 200 }), [7, 200, undefined, undefined, false], "which is an answer all the same");
  for (const odd of [5, undefined, ["{}"], { length: 2, toString: () => "{}" }]) {
    assert.equal((await reply({ status: 200, body: {}, text: () => odd }))[2], undefined);
  }
  assert.equal((await reply({ status: 200, body: {}, text: () => "{}" }))[2], "{}");
});

test("what was not sent is told from what was lost, as far as anyone can tell", async () => {
  const failing = (cause) => () => Promise.reject(cause);
  const status = async (fetch) => (await sent(fetch)).reply;
  const lost = new TypeError("fetch failed");
  assert.deepEqual(await status(failing(lost)), [7, LOST, undefined, undefined, false, lost]);
  const thrown = new Error("blocked");
  const before = await status(() => { throw thrown; });
  assert.deepEqual(before, [7, NOT_SENT, undefined, undefined, false, thrown]);
  for (const [code, expected] of [["ECONNREFUSED", NOT_SENT], ["ENOTFOUND", NOT_SENT], ["EAI_AGAIN", NOT_SENT], ["ECONNRESET", LOST]]) {
    const cause = Object.assign(new Error(), { code });
    assert.equal((await status(failing(new TypeError("failed", { cause }))))[1], expected, code);
  }
  class Inherited {
    get cause() {
      return assert.fail("nobody's code is run");
    }
  }
  const throwing = {
    get cause() {
      throw new Error("in a getter");
    },
  };
  for (const odd of [undefined, null, 5, "x", new Inherited(), throwing, { cause: null }, { cause: throwing }]) {
    assert.equal((await status(failing(odd)))[1], LOST);
  }
});

test("who was offline from the beginning to the end has sent nothing, who was for a while may have", async () => {
  const had = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  for (const [before, after, status] of [
    [false, false, NOT_SENT],
    // The connection went after the request: a pool may have carried it out.
    [true, false, LOST],
    // A `fetch` that waits for the connection.
    [false, true, LOST],
    [true, true, LOST],
    [undefined, undefined, LOST],
  ]) {
    const navigator = { onLine: before };
    Object.defineProperty(globalThis, "navigator", { configurable: true, value: navigator });
    try {
      const failing = async () => {
        navigator.onLine = after;
        throw new TypeError("Failed to fetch");
      };
      assert.equal((await sent(failing)).reply[1], status, `${before} ${after}`);
    } finally {
      if (had) Object.defineProperty(globalThis, "navigator", had);
      else delete globalThis.navigator;
    }
  }
});

/** A `fetch` that fails when it is aborted. */
const held = (_, { signal }) =>
  new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));

test("what was given up is aborted, and its answer is nobody's", async () => {
  const replies = [];
  const network = openNetwork(held, undefined, (...reply) => replies.push(reply));
  const first = network.send(1, POOL, "GetUser", "{}");
  const second = network.send(2, POOL, "GetUser", "{}");
  network.abort(1);
  network.abort(3);
  await first;
  assert.deepEqual(replies, []);
  network.close();
  await second;
  await network.send(4, POOL, "GetUser", "{}");
  assert.deepEqual(replies, [], "nothing is sent any more");
});

test("a body that comes while its request is given up is not read on", async () => {
  const more = new TextEncoder().encode('{"a":1');
  let network;
  let reads = 0;
  let cancelled = 0;
  const reader = {
    read: async () => {
      reads += 1;
      if (reads === 2) network.abort(1);
      return { value: more };
    },
    cancel: () => Promise.reject(new Error(String((cancelled += 1)))),
  };
  const replies = [];
  network = openNetwork(answering({ status: 200, body: { getReader: () => reader } }), undefined, (...reply) => replies.push(reply));
  await network.send(1, POOL, "GetUser", "{}");
  assert.deepEqual([replies, reads, cancelled], [[], 2, 1]);
});

test("what is begun without a request can be given up, and is done once", () => {
  const network = openNetwork(held, undefined, () => {});
  const signal = network.begin(5);
  network.abort(5);
  assert.equal(signal.aborted, true);
  network.begin(6);
  assert.deepEqual([network.done(6), network.done(6)], [true, false]);
});
