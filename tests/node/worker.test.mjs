// A flow in a worker: what passes between it and its page, what does not, and what comes of a worker that dies.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { errorOf } from "../../js/error.js";
import { FlowError, connectFlow, serveFlow } from "../../js/worker.js";

const settled = () => new Promise((done) => setImmediate(done));

/** One end of a channel: what is sent from the other is copied, and comes a little later. */
class Port extends EventTarget {
  heard = [];
  started = 0;
  listeners = [];
  addEventListener(name, listener) {
    this.listeners.push([name, listener]);
    super.addEventListener(name, listener);
  }
  removeEventListener(name, listener) {
    this.listeners = this.listeners.filter(([of, one]) => of !== name || one !== listener);
    super.removeEventListener(name, listener);
  }
  postMessage(data) {
    const copy = structuredClone(data);
    this.other.heard.push(copy);
    queueMicrotask(() => this.other.dispatchEvent(new MessageEvent("message", { data: copy })));
  }
  start() {
    this.started += 1;
  }
}

function channel() {
  const [page, worker] = [new Port(), new Port()];
  [page.other, worker.other] = [worker, page];
  return { page, worker };
}

/** A flow as the worker has it. */
function flowOf(more = {}) {
  let snapshot = { step: "signedOut", busy: null, error: null };
  const listeners = new Set();
  const calls = [];
  const it = {
    calls,
    listeners,
    show(next) {
      snapshot = next;
      for (const listener of listeners) listener();
    },
    snapshot: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    accepts: (type) => ["signIn", "signUp"].includes(type) && snapshot.step === "signedOut",
    send: async (event) => {
      calls.push(["send", event]);
      it.show({ step: "signedIn", busy: null, error: null });
      return snapshot;
    },
    session: async (options) => {
      calls.push(["session", options]);
      return { accessToken: "a" };
    },
    account: Object.fromEntries(
      ACCOUNT.map((name) => [name, async (...given) => {
        calls.push([name, ...given]);
        return { of: name };
      }]),
    ),
    dispose: () => calls.push(["dispose"]),
    ...more,
  };
  it.account.secret = () => assert.fail("this is for nobody");
  return it;
}
const ACCOUNT = [
  "changePassword", "confirmTotp", "createPasskey", "deleteAttributes", "deletePasskey", "deleteUser", "devices", "endSession",
  "factors", "forgetDevice", "mfaPreference", "passkeys", "rememberDevice", "sessions", "setMfaPreference", "startTotp",
  "updateAttributes",
];

async function connected(served = flowOf()) {
  const ports = channel();
  serveFlow(served, ports.worker);
  return { ...ports, served, flow: await connectFlow(ports.page) };
}

test("the page's flow shows what the worker's shows, frozen, and tells of changes", async () => {
  const { flow, page, served, worker } = await connected();
  assert.deepEqual([page.started, worker.started], [1, 1]);
  assert.deepEqual(flow.snapshot(), { step: "signedOut", busy: null, error: null });
  let told = 0;
  const stop = flow.subscribe(() => (told += 1));
  assert.equal(flow.accepts("signIn"), true);
  assert.equal(flow.accepts("submitCode"), false);
  served.show({ step: "mfaCode", busy: null, delivery: { to: ["a"] } });
  await settled();
  assert.equal(flow.snapshot().delivery.to[0], "a");
  assert.ok(Object.isFrozen(flow.snapshot()) && Object.isFrozen(flow.snapshot().delivery.to));
  assert.deepEqual([told, flow.accepts("signIn")], [1, false]);
  stop();
  served.show({ step: "signedOut", busy: null });
  await settled();
  assert.equal(told, 1);
  assert.equal(flow.redirectState(), null);
  assert.ok(Object.isFrozen(flow) && Object.isFrozen(flow.account));
});

test("a snapshot that is there already is not sent again, and is the one that the call gives", async () => {
  const { flow, page } = await connected();
  const event = { type: "signIn", username: "ann" };
  page.heard.length = 0;
  const given = await flow.send(event);
  assert.equal(given, flow.snapshot());
  assert.deepEqual(page.heard.map(({ of, ...said }) => [of, Object.keys(said)]), [
    ["cognito-flow", ["snapshot", "accepted"]],
    ["cognito-flow", ["id", "isShown"]],
  ]);
});

test("each call reaches the one of its name, with what it was given", async () => {
  const { flow, served } = await connected();
  await flow.send({ type: "cancel" });
  assert.deepEqual(await flow.session({ refresh: true }), { accessToken: "a" });
  assert.ok(Object.isFrozen(await flow.session()));
  for (const name of ACCOUNT) assert.deepEqual(await flow.account[name]("one", { two: 2 }), { of: name });
  assert.deepEqual(Object.keys(flow.account), ACCOUNT);
  assert.deepEqual(served.calls, [
    ["send", { type: "cancel" }],
    ["session", { refresh: true }],
    ["session", undefined],
    ...ACCOUNT.map((name) => [name, "one", { two: 2 }]),
  ]);
});

test("a page calls nothing but what it may", async () => {
  const { page, served } = await connected();
  page.heard.length = 0;
  const names = ["secret", "dispose", "subscribe", "constructor", "toString", "__proto__", undefined, 5];
  for (const name of names) page.postMessage({ of: "cognito-flow", id: 1000, name, given: [] });
  await settled();
  assert.deepEqual(page.heard.map(({ error }) => [error.code, error.message]), names.map(() => ["malformed", "There is no such call."]));
  // And what it may call it cannot give what is no list.
  page.postMessage({ of: "cognito-flow", id: 1001, name: "send", given: { 0: "x" } });
  page.postMessage({ of: "cognito-flow", id: 1002, name: "session" });
  await settled();
  page.heard.length = 0;
  page.postMessage({ of: "cognito-flow", id: 1003, name: "close", given: [99] });
  await settled();
  assert.deepEqual(served.calls, [["send", undefined], ["session", undefined]]);
  assert.deepEqual([page.heard, served.listeners.size], [[{ of: "cognito-flow", id: 1003, value: undefined }], 1], "a connection that there is not is over");
});

test("messages of somebody else are left alone, on both ends", async () => {
  const { flow, page, served, worker } = await connected();
  const before = flow.snapshot();
  page.heard.length = 0;
  for (const data of [null, undefined, 5, "x", [], {}, { of: "other", name: "send", id: 1 }, { name: "send", id: 2, given: [] }]) {
    page.postMessage(data);
  }
  await settled();
  assert.deepEqual([page.heard, served.calls], [[], []]);
  for (const data of [null, 5, { snapshot: { step: "evil" } }, { of: "x", snapshot: { step: "evil" } }]) worker.postMessage(data);
  Object.prototype.of = "cognito-flow";
  try {
    worker.postMessage({ snapshot: { step: "evil" } });
    await settled();
  } finally {
    delete Object.prototype.of;
  }
  assert.equal(flow.snapshot(), before);
  // An answer that nobody waits for.
  worker.postMessage({ of: "cognito-flow", id: 99, value: 1 });
  worker.postMessage({ of: "cognito-flow", id: 99, error: { code: "x", message: "" } });
  await settled();
});

test("what a call rejects with is an error of ours here too, with what a page may know of it", async () => {
  const cause = new Error("inner");
  const refuse = (error) => flowOf({ session: () => Promise.reject(error) });
  const rejection = async (error) => {
    const { flow } = await connected(refuse(error));
    return flow.session().catch((error) => error);
  };
  const throttled = await rejection(errorOf({ code: "throttled", message: "Wait.", server: "Too", retryAt: 5, attribute: "email", more: "x" }, cause));
  assert.ok(throttled instanceof FlowError);
  assert.deepEqual([throttled.message, { ...throttled }], ["Wait.", { code: "throttled", server: "Too", retryAt: 5, attribute: "email" }]);
  assert.ok(!("cause" in throttled));
  const plain = await rejection(errorOf({ code: "busy", message: "Busy." }));
  assert.deepEqual({ ...plain }, { code: "busy" });
  for (const odd of [undefined, null, 5, {}]) {
    const error = await rejection(odd);
    assert.deepEqual([error.message, { ...error }], ["The call failed.", { code: "server" }]);
  }
  assert.equal((await rejection(new TypeError("told"))).message, "told");
});

test("what cannot be sent is malformed, on the way there, and said on the way back", async () => {
  const { flow } = await connected(flowOf({ session: async () => ({ accessToken: () => {} }) }));
  const fault = new Error("in a getter");
  const throwing = {
    get type() {
      throw fault;
    },
  };
  for (const event of [{ type: () => {} }, throwing]) {
    const error = await flow.send(event).catch((error) => error);
    assert.deepEqual([error.code, error.message], ["malformed", "What was given cannot be sent to the worker."]);
    assert.equal(error.cause === fault, event === throwing);
  }
  assert.equal((await flow.session().catch((error) => error)).code, "server");
  assert.equal((await flow.send({ type: "cancel" })).step, "signedIn", "and it goes on");
});

test("a flow that could not be made rejects as createFlow does", async () => {
  const { page, worker } = channel();
  serveFlow(Promise.reject(errorOf({ code: "unsupported", message: "No SIMD." })), worker);
  const error = await connectFlow(page).catch((error) => error);
  assert.deepEqual([error instanceof FlowError, error.code, error.message], [true, "unsupported", "No SIMD."]);
});

test("a worker that does not start is said, with its words if it has any; one that throws later goes on", async () => {
  for (const [message, said] of [["", "The worker did not start."], ["Oops", "The worker failed: Oops"]]) {
    const { page } = channel();
    const connecting = connectFlow(page);
    page.dispatchEvent(Object.assign(new Event("error"), { message }));
    const error = await connecting.catch((error) => error);
    assert.deepEqual([error.code, error.message], ["unsupported", said]);
  }
  const { flow, page } = await connected();
  page.dispatchEvent(Object.assign(new Event("error"), { message: "a fault of the app's" }));
  assert.equal((await flow.send({ type: "cancel" })).step, "signedIn");
});

test("who disposes is told so, hears nothing more, and leaves the worker's flow to others", async () => {
  const { flow, page, served } = await connected(flowOf({ session: () => new Promise(() => {}) }));
  let told = 0;
  flow.subscribe(() => (told += 1));
  const waiting = flow.session().catch((error) => error);
  flow.dispose();
  flow.dispose();
  const [first, then] = [await waiting, await flow.send({ type: "cancel" }).catch((error) => error)];
  for (const error of [first, then]) {
    assert.deepEqual([error instanceof FlowError, error.code, error.message], [true, "disposed", "The flow was disposed."]);
  }
  const last = flow.snapshot();
  served.show({ step: "mfaCode", busy: null });
  await settled();
  assert.deepEqual([told, flow.snapshot() === last, flow.accepts("signIn"), served.listeners.size], [0, true, false, 0]);
  assert.deepEqual(served.calls, []);
  page.dispatchEvent(Object.assign(new Event("error"), { message: "late" }));
  assert.equal(page.other.heard.filter(({ name }) => name === "close").length, 1);
});

test("each call and each event that there is can be made, or accepted, by the page's flow, and nothing is left on its port", async () => {
  const { flow, page } = await connected(flowOf({ accepts: () => true }));
  const declared = readFileSync(new URL("../../js/index.d.ts", import.meta.url), "utf8");
  const account = declared.slice(declared.indexOf("export interface Account "));
  const calls = [...account.slice(0, account.indexOf("\n}")).matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(flow.account), calls.sort());
  const all = declared.slice(declared.indexOf("export type FlowEvent"));
  const names = [...all.matchAll(/\btype: "(\w+)"/g)].map(([, name]) => name);
  assert.ok(names.length >= 18);
  assert.deepEqual(names.filter((name) => !flow.accepts(name)), []);
  assert.equal(page.listeners.length, 2);
  flow.dispose();
  assert.deepEqual(page.listeners, []);
});

test("a port that is dead when it is disposed of harms nobody", async () => {
  const { flow, page } = await connected();
  page.postMessage = () => {
    throw new Error("InvalidStateError");
  };
  flow.dispose();
  await settled();
  assert.equal((await flow.session().catch((error) => error)).code, "disposed");
});

test("where there is `using`, it ends with its block", { skip: !Symbol.dispose }, async () => {
  const { flow } = await connected();
  flow[Symbol.dispose]();
  assert.equal((await flow.session().catch((error) => error)).code, "disposed");
});

test("where there is no `using` yet, nothing takes its place", async () => {
  const { Symbol } = globalThis;
  const { page, worker } = channel();
  serveFlow(flowOf(), worker);
  globalThis.Symbol = {};
  try {
    const flow = await connectFlow(page);
    assert.deepEqual(Reflect.ownKeys(flow), ["snapshot", "subscribe", "send", "accepts", "session", "account", "redirectState", "dispose"]);
  } finally {
    globalThis.Symbol = Symbol;
  }
});

test("a worker has nothing to start, and neither has its own scope", async () => {
  const { page, worker } = channel();
  page.start = worker.start = undefined;
  serveFlow(flowOf(), worker);
  assert.equal((await connectFlow(page)).snapshot().step, "signedOut");
});

test("a page that connects again is not given what the connection before it had asked for", async () => {
  let answer;
  const { flow, page } = await connected(flowOf({ session: () => new Promise((done) => (answer = done)) }));
  const dropped = flow.session().catch(({ code }) => code);
  await settled();
  const late = answer;
  flow.dispose();
  assert.equal(await dropped, "disposed");
  const again = await connectFlow(page);
  const asked = again.session();
  await settled();
  late({ accessToken: "of the one before" });
  await settled();
  answer({ accessToken: "of this one" });
  assert.deepEqual(await asked, { accessToken: "of this one" });
});

test("one that is disposed of after the next has connected takes nothing away from it", async () => {
  const { flow, page, served } = await connected();
  const next = await connectFlow(page);
  flow.dispose();
  await settled();
  served.show({ step: "mfaCode", busy: null });
  await settled();
  assert.equal(next.snapshot().step, "mfaCode");
  next.dispose();
  await settled();
  assert.equal(served.listeners.size, 0);
});

test("two copies of the script on one port are not taken for each other", async () => {
  const { page, worker } = channel();
  const served = flowOf({ session: () => new Promise(() => {}) });
  serveFlow(served, worker);
  const copies = await Promise.all(["one", "another"].map((name) => import(`../../js/worker.js?${name}`)));
  const [flow, other] = await Promise.all(copies.map((copy) => copy.connectFlow(page)));
  // As many calls of each: numbers alone would be the same.
  const states = [flow.session(), other.send({ type: "cancel" })].map((promise) => {
    const state = { isOver: false };
    promise.catch(() => {}).then(() => (state.isOver = true));
    return state;
  });
  await settled();
  assert.deepEqual(states, [{ isOver: false }, { isOver: true }]);
  other.dispose();
  await settled();
  served.show({ step: "mfaCode", busy: null });
  await settled();
  assert.equal(flow.snapshot().step, "mfaCode", "it still hears of what changes");
});
