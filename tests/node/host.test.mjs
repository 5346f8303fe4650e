// What surrounds the machine: the order in which things are done, who is told what of what went wrong, and that
// code of the page, wherever it runs, finds a flow that works. The machine is a script of the test's.
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { openHost } from "../../js/host.js";
import {
  ASK, EVENT, IDLE, LOCKED, LOST, NOT_SENT, OPEN, PASSKEY, REPLY, RETURNED, STORED, WAKE,
} from "../../js/json.js";
import { storageOf } from "./support/storage.mjs";

const OPTIONS = { userPoolId: "eu-west-1_Pool", clientId: "client" };
const KEY = "cognito-flow.eu-west-1_Pool.client";
const SIGNED_OUT = { step: "signedOut", busy: null, error: null };
const BUSY = { step: "signedOut", busy: "signIn", error: null };
const show = (snapshot, accepts = ["signIn"]) => ["show", snapshot, accepts];
const settled = () => new Promise((done) => setImmediate(done));
const later = (ms) => new Promise((done) => setTimeout(done, ms));
/** Waits for what a file that is loaded, or a timer, brings; not for ever. */
async function until(isThere) {
  for (let turn = 0; turn < 1000 && !isThere(); turn += 1) await later(5);
}

const GLOBALS = [
  "location", "navigator", "localStorage", "sessionStorage", "requestIdleCallback", "addEventListener",
  "removeEventListener", "BroadcastChannel", "PublicKeyCredential",
];
const had = new Map(GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
const install = (globals) => {
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
};
const open = [];
afterEach(() => {
  for (const host of open.splice(0)) host.dispose();
  for (const [name, descriptor] of had) {
    delete globalThis[name];
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
  }
});

/** A machine that says what the test's script says to each input, by its kind. */
function machineOf(script) {
  const machine = { fed: [], freed: 0, made: 0 };
  machine.Machine = class {
    constructor(callbacks, clock) {
      machine.made += 1;
      machine.wake = callbacks.wake;
      assert.equal(clock, performance);
    }
    feed(kind, number, status, blocked, name, text) {
      assert.equal(machine.freed, 0, "nothing is asked of what is gone");
      machine.fed.push({ kind, number, status, blocked, name, text });
      const said = script[kind];
      return JSON.stringify((typeof said === "function" ? said({ number, status, blocked, name, text }) : said) ?? []);
    }
    free() {
      machine.freed += 1;
    }
  };
  machine.of = (kind) => machine.fed.filter((input) => input.kind === kind);
  return machine;
}

function hostOf(script = {}, { options, redirect, ...more } = {}) {
  // The idle input comes when the test says so.
  const idle = [];
  if (!("requestIdleCallback" in globalThis)) install({ requestIdleCallback: (action) => idle.push(action) });
  const machine = machineOf({ [OPEN]: [show(SIGNED_OUT)], ...script });
  let changes = 0;
  const host = openHost(machine.Machine, { ...OPTIONS, ...options }, () => (changes += 1), redirect);
  open.push(host);
  // Whoever waits still when the test is over is told so, and need not care.
  for (const name of ["send", "ask"]) {
    const call = host[name];
    host[name] = (...given) => {
      const promise = call(...given);
      promise.catch(() => {});
      return promise;
    };
  }
  return { ...machine, machine, host, idle, changes: () => changes, ...more };
}

const rejected = async (promise) => {
  const error = await promise.then(() => assert.fail("it should have been rejected"), (error) => error);
  return { error, code: error.code, message: error.message };
};

test("the machine begins with the options, without what is the host's, and the records", () => {
  install({ location: { hostname: "app.example" } });
  const { fed, host } = hostOf({}, {
    options: { fetch: () => {}, passkeys: { create() {}, get() {} }, storage: storageOf({ [`${KEY}.session`]: '{"a":1}' }), timeoutMs: 5 },
  });
  assert.deepEqual(fed.map(({ text, ...input }) => [input, JSON.parse(text)]), [[
    { kind: OPEN, number: 0, status: 0, blocked: false, name: undefined },
    { options: JSON.stringify({ ...OPTIONS, timeoutMs: 5, issuer: "app.example" }), session: '{"a":1}', devices: "" },
  ]]);
  assert.deepEqual(host.snapshot(), SIGNED_OUT);
  assert.equal(host.redirectState(), null);
  assert.deepEqual(["signIn", "signUp"].map(host.accepts), [true, false]);
});

test("the issuer of an authenticator's entry is the app's own, where it says one, or none", () => {
  const options = ({ fed }) => JSON.parse(JSON.parse(fed[0].text).options);
  assert.equal("issuer" in options(hostOf()), false, "where there is no page");
  install({ location: { hostname: "app.example" } });
  assert.equal(options(hostOf({}, { options: { issuer: "Shop" } })).issuer, "Shop");
  assert.equal(options(hostOf({}, { options: { issuer: null } })).issuer, "app.example");
});

test("each profile has records of its own", () => {
  for (const [profile, key] of [[undefined, KEY], ["", KEY], ["work", `${KEY}/work`]]) {
    const storage = storageOf();
    const { fed } = hostOf({ [OPEN]: [["save", 0, '{"a":1}', false], show(SIGNED_OUT)] }, { options: { storage, profile } });
    assert.deepEqual([...storage.kept.keys()], [`${key}.session`]);
    assert.equal(fed.length, 1);
  }
});

test("an option that is not what it must be is named before the machine is made", () => {
  for (const [name, values, expected] of [
    ["profile", [5, null, {}], "a string"],
    ["fetch", ["x", {}, 5], "a function"],
    ["passkeys", [5, {}, { create() {} }, { get() {} }, { create: 1, get() {} }], "an object with the functions `create` and `get`"],
    ["storage", ["disk"], '"memory", "session", "local" or an object like localStorage, without promises'],
  ]) {
    for (const value of values) {
      const { Machine, ...machine } = machineOf({});
      assert.throws(() => openHost(Machine, { ...OPTIONS, [name]: value }, () => {}), {
        code: "malformed",
        message: `\`${name}\` of the options must be ${expected}.`,
      }, `${name}: ${String(value)}`);
      assert.equal(machine.made, 0);
    }
  }
  hostOf({}, { options: { fetch: null, passkeys: null, storage: null, redirect: null } });
});

test("options whose getters throw are malformed, with what was thrown", () => {
  const fault = new Error("a getter's");
  const throwing = { get: () => { throw fault; }, enumerable: true };
  for (const options of [
    Object.defineProperty({ ...OPTIONS }, "clientId", throwing),
    { ...OPTIONS, verify: Object.defineProperty({}, "when", throwing) },
    { ...OPTIONS, passkeys: Object.defineProperty({ get() {} }, "create", throwing) },
    { ...OPTIONS, storage: Object.defineProperty({}, "getItem", throwing) },
  ]) {
    assert.throws(() => openHost(machineOf({}).Machine, options, () => {}), (error) => {
      assert.deepEqual([error.code, error.cause], ["malformed", fault]);
      return true;
    });
  }
});

test("options that the machine refuses leave nothing behind", () => {
  const listeners = new Map();
  install({
    requestIdleCallback: () => assert.fail("there is nothing to make ready"),
    addEventListener: (name, listener, ...more) => listeners.set(name, [listener, ...more]),
    removeEventListener: (name, listener, isCaptured) => {
      assert.deepEqual(listeners.get(name), [listener, isCaptured]);
      listeners.delete(name);
    },
  });
  const machine = machineOf({ [OPEN]: [["misuse", { code: "malformed", message: "No such pool." }]] });
  assert.throws(() => openHost(machine.Machine, OPTIONS, () => {}), { code: "malformed", message: "No such pool." });
  assert.deepEqual([machine.freed, listeners.size], [1, 0]);
});

test("an event is done when the flow is busy no more", async () => {
  let next = [show(BUSY)];
  const { changes, fed, host } = hostOf({ [EVENT]: () => next, [WAKE]: () => next });
  const before = changes();
  let done;
  const sent = host.send({ type: "signIn", username: "ann" }).then((snapshot) => (done = snapshot));
  await settled();
  assert.equal(done, undefined);
  const { kind, number, text, name } = fed.at(-1);
  assert.deepEqual([kind, number, text, name], [EVENT, 1, '{"type":"signIn","username":"ann"}', undefined]);
  assert.ok(Object.isFrozen(host.snapshot()));
  next = [show({ step: "mfaCode", busy: null, error: null }, ["submitCode"])];
  host.send({ type: "x" });
  const snapshot = await sent;
  assert.equal(snapshot, host.snapshot());
  assert.equal(snapshot.step, "mfaCode");
  assert.deepEqual([host.accepts("signIn"), host.accepts("submitCode")], [false, true]);
  assert.equal(changes(), before + 2);
  next = [];
  assert.equal(await host.send({ type: "y" }), snapshot, "what changes nothing is done at once");
});

test("misuse is the caller's, who alone is told", async () => {
  const { changes, fed, host } = hostOf({ [EVENT]: [show(BUSY), ["misuse", { code: "notAccepted", message: "Not now." }]] });
  const { error, code } = await rejected(host.send({ type: "signIn" }));
  assert.deepEqual([error.name, code], ["FlowError", "notAccepted"]);
  const before = changes();
  const fault = new Error("a getter's");
  const count = fed.length;
  const unreadable = await rejected(host.send({ get type() { throw fault; } }));
  assert.deepEqual([unreadable.code, unreadable.error.cause, fed.length, changes()], ["malformed", fault, count, before]);
});

test("a question has its own answer, by its number, once", async () => {
  const { fed, host, machine } = hostOf({
    [ASK]: [],
    [WAKE]: [
      ["answer", 2, { b: 2 }], ["refuse", 1, { code: "throttled", message: "Wait.", retryAt: 5 }], ["answer", 3, null],
      ["answer", 1, "again"], ["answer", 99, "nobody's"], ["refuse", 98, { code: "x", message: "" }],
    ],
  });
  const asked = [host.ask("session", { refresh: true }), host.ask("devices", {}), host.ask("deleteUser", {})].map((promise) => promise.catch((error) => error));
  assert.deepEqual(fed.slice(1).map(({ kind, number, name, text }) => [kind, number, name, text]), [
    [ASK, 1, "session", '{"refresh":true}'], [ASK, 2, "devices", "{}"], [ASK, 3, "deleteUser", "{}"],
  ]);
  machine.wake();
  await settled();
  const [first, second, third] = await Promise.all(asked);
  assert.deepEqual([first.name, first.code, first.retryAt, second, third], ["FlowError", "throttled", 5, { b: 2 }, undefined]);
});

test("a question that is refused as misuse is answered by that, and by nothing later", async () => {
  const { host, machine } = hostOf({
    [ASK]: [["misuse", { code: "notAccepted", message: "" }]],
    [WAKE]: [["answer", 1, "late"]],
  });
  assert.equal((await rejected(host.ask("session", {}))).code, "notAccepted");
  machine.wake();
  await settled();
});

test("events that nobody will do any more reject, and questions stay", async () => {
  const { host, machine } = hostOf({
    [EVENT]: [show(BUSY)],
    [WAKE]: [["reject", 0, { code: "challengeSpent", message: "Somebody else is signed in." }], show(SIGNED_OUT)],
  });
  const asked = host.ask("devices", {}).catch((error) => error);
  const sent = host.send({ type: "signIn" });
  machine.wake();
  assert.equal((await rejected(sent)).code, "challengeSpent");
  host.dispose();
  assert.equal((await asked).code, "disposed");
});

test("what comes between is not shown: a page's code that runs sees the snapshot of what it is called for", async () => {
  const order = [];
  const seen = [];
  const { host, fed } = hostOf({
    [EVENT]: ({ text }) => JSON.parse(text).type === "signIn"
      ? [["send", 7, "https://pool/", "InitiateAuth", "{}", false], ["send", 8, "https://pool/", "GetUser", "{}", true], show(BUSY)]
      : [["send", 9, "https://pool/", "Other", "{}", false], show(SIGNED_OUT)],
  }, {
    options: {
      fetch: (url, init) => {
        const operation = init.headers["x-amz-target"].split(".")[1];
        order.push([operation, init.keepalive]);
        seen.push(host.snapshot().busy);
        // Code of the page asks for more, in the midst of it.
        if (operation === "InitiateAuth") host.send({ type: "cancel" });
        order.push("done");
        return new Promise(() => {});
      },
    },
  });
  host.send({ type: "signIn" });
  await settled();
  assert.deepEqual(fed.map(({ kind }) => kind), [OPEN, EVENT, EVENT]);
  // In the order in which they were asked for, and none within another.
  assert.deepEqual(order, [["InitiateAuth", undefined], "done", ["GetUser", true], "done", ["Other", undefined], "done"]);
  assert.deepEqual(seen, ["signIn", null, null]);
});

test("what the machine asks of a platform that calls the page is done when the machine has ended its sentence", async () => {
  let host;
  const told = [];
  const script = {
    // While the machine is on the stack, code of the page sends an event: of a wrapped clock, say.
    [EVENT]: ({ text }) => {
      if (JSON.parse(text).type === "inner") return [["send", 2, "https://pool/", "Inner", "{}", false]];
      host.send({ type: "inner" });
      told.push("before the outer is done");
      return [["send", 1, "https://pool/", "Outer", "{}", false]];
    },
  };
  ({ host } = hostOf(script, {
    options: {
      fetch: (_, { headers }) => {
        told.push(headers["x-amz-target"].split(".")[1]);
        return new Promise(() => {});
      },
    },
  }));
  host.send({ type: "outer" });
  await settled();
  assert.deepEqual(told, ["before the outer is done", "Inner", "Outer"]);
});

test("a fetch that throws does not keep the rest from being done", async () => {
  const asked = [];
  const { host, machine } = hostOf({
    [EVENT]: [["send", 1, "https://pool/", "One", "{}", false], ["send", 2, "https://pool/", "Two", "{}", false], show(BUSY)],
  }, {
    options: { fetch: (_, { headers }) => { asked.push(headers["x-amz-target"]); throw new Error("blocked"); } },
  });
  host.send({});
  await settled();
  assert.equal(asked.length, 2);
  assert.deepEqual(machine.of(REPLY).map(({ number, status }) => [number, status]), [[1, NOT_SENT], [2, NOT_SENT]]);
});

test("a reply comes with all that it says, and a request that is given up with nothing", async () => {
  const { host, machine } = hostOf({
    [EVENT]: [["send", 1, "https://pool/", "GetUser", "{}", false]],
    [REPLY]: [["send", 2, "https://pool/", "GetUser", "{}", false], ["abort", 2]],
  }, {
    options: { fetch: async () => new Response('{"a":1}', { status: 400, headers: { "x-amzn-errortype": "Odd", "x-amzn-waf-action": "x" } }) },
  });
  host.send({});
  await settled();
  await settled();
  assert.deepEqual(machine.of(REPLY), [{ kind: REPLY, number: 1, status: 400, blocked: true, name: "Odd", text: '{"a":1}' }]);
});

/** A flow whose request failed with `cause`, and whose machine made `code` of it. */
async function failing(code, cause = new Error("no route")) {
  const it = hostOf({
    [EVENT]: [["send", 1, "https://pool/", "InitiateAuth", "{}", false], show(BUSY)],
    [REPLY]: () => [show({ ...SIGNED_OUT, error: { code, message: "" } }), ["refuse", 2, { code, message: "" }]],
    [WAKE]: () => [show(it.next)],
  }, { options: { fetch: () => Promise.reject(cause) } });
  const asked = it.host.ask("devices", {});
  const sent = it.host.send({});
  // The first number is the question's.
  const refused = it.host.ask("x", {}).catch((error) => error);
  void asked.catch(() => {});
  const { error } = await sent;
  return { ...it, it, cause, error, refused };
}

test("an error that a fetch threw is the cause of what it became, is hidden, and stays with it", async () => {
  for (const code of ["offline", "outcomeUnknown", "timeout"]) {
    const { cause, error, host, it, machine } = await failing(code);
    assert.equal(machine.of(REPLY)[0].status, LOST);
    assert.equal(error.cause, cause);
    assert.ok(!Object.keys(error).includes("cause") && Object.isFrozen(error) && !Object.isFrozen(cause));
    // Another snapshot shows the same error.
    it.next = { ...SIGNED_OUT, round: 2, error: { code, message: "" } };
    machine.wake();
    await settled();
    assert.equal(host.snapshot().error.cause, cause);
    // One that is another's has none, nor has the same one when it comes again.
    it.next = { ...SIGNED_OUT, error: { code: "wrongCredentials", message: "" } };
    machine.wake();
    await settled();
    assert.ok(!("cause" in host.snapshot().error));
    it.next = { ...SIGNED_OUT, error: { code, message: "" } };
    machine.wake();
    await settled();
    assert.ok(!("cause" in host.snapshot().error), code);
  }
});

test("an error that no exception can become has no cause, and neither has one after none was shown", async () => {
  const { error, host, it, machine } = await failing("throttled");
  assert.ok(!("cause" in error));
  const second = await failing("offline");
  second.it.next = SIGNED_OUT;
  second.machine.wake();
  await settled();
  second.it.next = { ...SIGNED_OUT, error: { code: "offline", message: "" } };
  second.machine.wake();
  await settled();
  assert.ok(!("cause" in second.host.snapshot().error));
  void [host, it, machine];
});

test("a question that failed by the same exception has it as cause too", async () => {
  const cause = new Error("no route");
  const { host } = hostOf({
    [ASK]: [["send", 1, "https://pool/", "GetUser", "{}", false]],
    [REPLY]: [["refuse", 1, { code: "offline", message: "" }]],
    [WAKE]: [["refuse", 2, { code: "offline", message: "" }]],
  }, { options: { fetch: () => Promise.reject(cause) } });
  assert.equal((await rejected(host.ask("devices", {}))).error.cause, cause);
  const next = hostOf({ [ASK]: [], [WAKE]: [["refuse", 1, { code: "offline", message: "" }]] });
  const asked = next.host.ask("devices", {});
  next.machine.wake();
  assert.ok(!("cause" in (await rejected(asked)).error), "another time nothing was thrown");
});

test("the module's timer wakes it when it is not on the stack", async () => {
  const { machine } = hostOf();
  machine.wake();
  assert.equal(machine.of(WAKE).length, 0);
  await Promise.resolve();
  assert.deepEqual(machine.of(WAKE), [{ kind: WAKE, number: 0, status: 0, blocked: false, name: undefined, text: undefined }]);
});

test("a page that comes back to the front wakes it, until it is disposed of", () => {
  const listeners = new Map();
  install({
    addEventListener: (name, listener, isCaptured) => listeners.set(name, { listener, isCaptured }),
    removeEventListener: (name, listener, isCaptured) => {
      const had = listeners.get(name);
      if (had.listener === listener && had.isCaptured === isCaptured) listeners.delete(name);
    },
  });
  const { host, machine } = hostOf();
  assert.deepEqual([...listeners.keys()], ["visibilitychange", "pageshow", "storage"]);
  for (const { listener, isCaptured } of listeners.values()) {
    assert.equal(isCaptured, true);
    listener({});
  }
  assert.equal(machine.of(WAKE).length, 3);
  host.dispose();
  assert.equal(listeners.size, 0);
});

test("what is made ready is made when the browser has time, or half a second later", () => {
  const { idle, machine } = hostOf();
  assert.deepEqual([idle.length, machine.of(IDLE).length], [1, 0]);
  idle[0]();
  assert.equal(machine.of(IDLE).length, 1);
  delete globalThis.requestIdleCallback;
  const ended = hostOf();
  ended.host.dispose();
  ended.idle[0]();
  assert.equal(ended.machine.of(IDLE).length, 0);
  install({ requestIdleCallback: undefined });
  mock.timers.enable({ apis: ["setTimeout"] });
  const second = hostOf();
  mock.timers.tick(499);
  assert.equal(second.machine.of(IDLE).length, 0);
  mock.timers.tick(1);
  assert.equal(second.machine.of(IDLE).length, 1);
  mock.timers.reset();
});

test("another tab's record is told before whatever is asked or has happened", async () => {
  const storage = storageOf({ [`${KEY}.session`]: '{"a":1}' });
  const { fed, host, machine } = hostOf({}, { options: { storage } });
  const kinds = () => fed.splice(0).map(({ kind, number, text }) => [kind, number, text]);
  kinds();
  storage.kept.set(`${KEY}.session`, '{"b":2}');
  host.send({ type: "x" });
  assert.deepEqual(kinds(), [[STORED, 0, '{"b":2}'], [EVENT, 1, '{"type":"x"}']]);
  storage.kept.delete(`${KEY}.session`);
  machine.wake();
  await settled();
  assert.deepEqual(kinds(), [[STORED, 0, ""], [WAKE, 0, undefined]]);
  host.dispose();
  let looks = 0;
  storage.getItem = () => void (looks += 1);
  assert.equal((await rejected(host.ask("devices", {}))).code, "disposed");
  machine.wake();
  await settled();
  assert.deepEqual([kinds(), looks], [[], 0], "a flow that has ended looks at nothing");
});

test("a record is kept and taken away where the options say", () => {
  const storage = storageOf();
  const { host } = hostOf({
    [EVENT]: ({ number }) => number === 1 ? [["save", 0, '{"a":1}', false], ["save", 2, '{"d":1}', false]] : [["erase", 0]],
  }, { options: { storage } });
  host.send({});
  assert.deepEqual([...storage.kept], [[`${KEY}.session`, '{"a":1}'], [`${KEY}.devices`, '{"d":1}']]);
  host.send({});
  assert.deepEqual([...storage.kept.keys()], [`${KEY}.devices`]);
});

test("a lock is granted by its number, with the news of the other tabs first, and not after the end", async () => {
  const storage = storageOf();
  const names = [];
  let grant;
  install({ navigator: { locks: { request: async (name, callback) => { names.push(name); grant = callback; } } } });
  const { fed, host } = hostOf({ [EVENT]: [["lock", 5]], [ASK]: [["unlock", 5]] }, { options: { storage } });
  host.send({});
  storage.kept.set(`${KEY}.session`, '{"b":2}');
  grant();
  assert.deepEqual(names, [`${KEY}.lock`]);
  assert.deepEqual(fed.slice(2).map(({ kind, number }) => [kind, number]), [[STORED, 0], [LOCKED, 5]]);
  host.send({});
  const count = fed.length;
  host.ask("x", {});
  grant();
  assert.equal(fed.length, count + 1, "who gave it back is not granted it");
});

test("who disposes is answered so, whatever was under way, and nothing happens any more", async () => {
  let aborted;
  const { fed, host, machine } = hostOf({
    [EVENT]: [["send", 1, "https://pool/", "GetUser", "{}", false], show(BUSY)],
  }, {
    options: { fetch: (_, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail((aborted = signal.reason)))) },
  });
  const [sent, asked] = [host.send({}), host.ask("devices", {})].map((promise) => promise.catch((error) => error));
  host.dispose();
  host.dispose();
  for (const error of [await sent, await asked, await host.send({}).catch((error) => error), await host.ask("x", {}).catch((error) => error)]) {
    assert.deepEqual([error.name, error.code, error.message], ["FlowError", "disposed", "The flow was disposed."]);
  }
  assert.equal(aborted.name, "AbortError");
  const count = fed.length;
  machine.wake();
  await settled();
  assert.deepEqual([fed.length, machine.freed, host.accepts("signIn")], [count, 1, false]);
  assert.deepEqual(host.snapshot(), BUSY, "what was seen last stays to be seen");
});

test("whoever disposes while the machine is on the stack does not take it from under itself", async () => {
  let freed;
  let asked = 0;
  const { host, machine } = hostOf({
    [EVENT]: () => {
      host.dispose();
      ({ freed } = machine);
      return [["send", 1, "https://pool/", "GetUser", "{}", false], show(BUSY)];
    },
  }, { options: { fetch: () => (asked += 1) } });
  assert.equal((await rejected(host.send({}))).code, "disposed");
  assert.deepEqual([freed, machine.freed, asked], [0, 1, 0], "and nothing is sent any more");
});

test("a machine that fails when it was disposed of is not shown to have failed", async () => {
  const { changes, host } = hostOf({
    [EVENT]: () => {
      host.dispose();
      throw new Error("unreachable");
    },
  });
  const [before, snapshot] = [changes(), host.snapshot()];
  assert.equal((await rejected(host.send({}))).code, "disposed");
  assert.deepEqual([changes(), host.snapshot() === snapshot], [before, true]);
});

test("whoever disposes in the midst of what is done is asked for nothing more", async () => {
  // So that it would be asked at once.
  await import("../../js/passkeys.js");
  let prompts = 0;
  const { host } = hostOf({ [EVENT]: [["send", 1, "https://pool/", "GetUser", "{}", false], ["passkey", 3, "get", '{"challenge":"AAAA"}']] }, {
    options: {
      fetch: () => {
        host.dispose();
        return new Promise(() => {});
      },
      passkeys: { create() {}, get: () => (prompts += 1) },
    },
  });
  host.send({});
  await later(20);
  assert.equal(prompts, 0);
});

test("a machine that fails ends its flow, says so where it is seen, and to whoever waits", async () => {
  const trap = new Error("unreachable");
  const { changes, host, machine } = hostOf({ [EVENT]: ({ number }) => { if (number > 1) throw trap; return [show(BUSY)]; } });
  const sent = host.send({}).catch((error) => error);
  const before = changes();
  const { error, code, message } = await rejected(host.send({}));
  assert.deepEqual([code, message, error.cause], ["server", "The module failed: this flow has ended.", trap]);
  assert.equal(await sent, error);
  const snapshot = host.snapshot();
  assert.deepEqual(snapshot, { ...BUSY, busy: null, error: { code: "server", message } });
  assert.equal(snapshot.error.cause, trap);
  assert.deepEqual([changes(), machine.freed, host.accepts("signIn")], [before + 1, 1, false]);
  assert.equal((await rejected(host.send({}))).code, "disposed");
});

test("a machine that fails at once rejects with what it failed by, and one that says what is no JSON has failed", async () => {
  const trap = new Error("unreachable");
  const machine = machineOf({ [OPEN]: () => { throw trap; } });
  assert.throws(() => openHost(machine.Machine, OPTIONS, () => assert.fail("there is nothing to see")), (error) => {
    assert.deepEqual([error.code, error.cause], ["server", trap]);
    return true;
  });
  assert.equal(machine.freed, 1);
  const mute = machineOf({});
  mute.Machine.prototype.feed = () => "";
  assert.throws(() => openHost(mute.Machine, OPTIONS, () => {}), { code: "server" });
});

test("a failure that nobody called for is in the snapshot alone", async () => {
  const { host, machine } = hostOf({ [WAKE]: () => { throw new Error("unreachable"); } });
  machine.wake();
  await settled();
  assert.equal(host.snapshot().error.code, "server");
});

const credential = { toJSON: () => ({ id: "a", deep: [[[[[1]]]]] }) };

test("a passkey is asked for, and what comes of it told with all that it holds", async () => {
  const asked = [];
  const passkeys = { create: async () => assert.fail(), get: async (options) => { asked.push(options); return credential; } };
  const { host, machine } = hostOf({ [EVENT]: [["passkey", 3, "get", '{"challenge":"AAAA"}'], show(BUSY)] }, { options: { passkeys } });
  host.send({});
  await until(() => machine.of(PASSKEY).length > 0);
  assert.deepEqual(machine.of(PASSKEY), [{ kind: PASSKEY, number: 3, status: 0, blocked: false, name: "Error", text: '{"id":"a","deep":[[[[[1]]]]]}' }]);
  assert.equal(asked[0].signal.aborted, false);
});

test("a passkey that is refused has its name, and its exception is the cause of what it becomes", async () => {
  const cause = new DOMException("no", "NotAllowedError");
  for (const [code, isCause] of [["passkeyFailed", true], ["passkeyUnsupported", true], ["server", true], ["offline", false]]) {
    const { host, machine } = hostOf({
      [EVENT]: [["passkey", 3, "create", '{"challenge":"AAAA"}'], show(BUSY)],
      [PASSKEY]: [show({ ...SIGNED_OUT, error: { code, message: "" } })],
    }, { options: { passkeys: { create: () => Promise.reject(cause), get() {} } } });
    const { error } = await host.send({});
    const [{ name, text }] = machine.of(PASSKEY);
    assert.deepEqual([name, text, error.cause === cause], ["NotAllowedError", "[0]", isCause], code);
  }
});

test("a passkey that is given up is aborted, and what comes of it is nobody's", async () => {
  let signal;
  const passkeys = { create() {}, get: (options) => new Promise((_, fail) => { ({ signal } = options); signal.addEventListener("abort", () => fail(signal.reason)); }) };
  const { host, machine } = hostOf({ [EVENT]: [["passkey", 3, "get", '{"challenge":"AAAA"}']], [ASK]: [["abort", 3]] }, { options: { passkeys } });
  host.send({});
  await until(() => signal);
  host.ask("x", {});
  assert.equal(signal.aborted, true);
  await settled();
  assert.deepEqual(machine.of(PASSKEY), []);
});

test("where there are no passkeys, and where one cannot be read, nobody waits", async () => {
  for (const [passkeys, name] of [[undefined, ""], [{ create() {}, get: async () => ({ toJSON: () => { const ring = {}; ring.ring = ring; return ring; } }) }, "Error"]]) {
    const { host, machine } = hostOf({ [EVENT]: [["passkey", 3, "get", '{"challenge":"AAAA"}'], show(BUSY)], [PASSKEY]: [show(SIGNED_OUT)] }, { options: { passkeys } });
    await host.send({});
    assert.equal(machine.of(PASSKEY)[0].name, name);
  }
});

test("a passkey that breaks what asks for it is one that failed", async () => {
  const name = { toString() { throw new Error("a name's"); } };
  const { host, machine } = hostOf({ [EVENT]: [["passkey", 3, "get", '{"challenge":"AAAA"}'], show(BUSY)], [PASSKEY]: [show({ ...SIGNED_OUT, error: { code: "passkeyFailed", message: "" } })] },
    { options: { passkeys: { create() {}, get: () => Promise.reject({ name }) } } });
  const { error } = await host.send({});
  assert.deepEqual([machine.of(PASSKEY)[0].name, error.cause.message], ["Error", "a name's"]);
});

test("a passkey that the pool does not know is told to the browser, whose refusal harms nobody", async () => {
  const told = [];
  install({ PublicKeyCredential: { signalUnknownCredential: async (options) => { told.push(options.credentialId); throw new Error("no"); } } });
  const { host } = hostOf({ [EVENT]: [["unknown", 0, "id", "example.com"]] });
  host.send({});
  await until(() => told.length > 0);
  await settled();
  assert.deepEqual(told, ["id"]);
});

/** A way to leave the page. */
function redirectOf({ back, leave = () => {}, state = "mine" } = {}) {
  const given = [];
  const made = { leave, back: () => back, state: () => state, request: (operation, body) => [`https://domain${operation}`, "text/x", body, (json) => json] };
  return { given, open: (...all) => (given.push(all), made) };
}

test("leaving and coming back are those of the option, which the machine is told without its functions", async () => {
  const left = [];
  const redirect = redirectOf({ back: { error: "e", description: "d" }, leave: (to) => left.push(to) });
  const options = { redirect: { domain: "auth", navigate() {} } };
  const { fed, host, machine } = hostOf({ [EVENT]: [["redirect", 0, { verifier: "v" }], ["send", 1, "", "/oauth2/token", "{}", false]] }, {
    options: { ...options, fetch: async (url) => new Response(JSON.stringify({ url })) },
    redirect: redirect.open,
  });
  const [[given, clientId, key, malformed]] = redirect.given;
  assert.deepEqual([given === options.redirect, clientId, key, malformed("redirect.domain", "x").code], [true, "client", KEY, "malformed"]);
  assert.deepEqual(JSON.parse(JSON.parse(fed[0].text).options).redirect, { domain: "auth" });
  assert.deepEqual(fed.slice(1).map(({ kind, number, text }) => [kind, number, text]), [[RETURNED, 0, '{"error":"e","description":"d"}']]);
  assert.equal(host.redirectState(), "mine");
  host.send({});
  await settled();
  await settled();
  assert.deepEqual(left, [{ verifier: "v" }]);
  assert.equal(machine.of(REPLY)[0].text, '{"url":"https://domain/oauth2/token"}');
});

test("who came back with nothing is told nothing, and has no state", () => {
  const { host, machine } = hostOf({}, { options: { redirect: {} }, redirect: redirectOf({ state: null }).open });
  assert.deepEqual([machine.of(RETURNED), host.redirectState()], [[], null]);
});

test("a page that cannot be left says why it is still there", async () => {
  const cause = new Error("sessionStorage keeps nothing");
  for (const [code, isCause] of [["redirectFailed", true], ["offline", false]]) {
    const { host, machine } = hostOf({
      [EVENT]: [["redirect", 0, {}], show(BUSY)],
      [RETURNED]: [show({ ...SIGNED_OUT, error: { code, message: "" } })],
    }, { options: { redirect: {} }, redirect: redirectOf({ leave: () => { throw cause; } }).open });
    const { error } = await host.send({});
    assert.deepEqual([machine.of(RETURNED).map(({ number, text }) => [number, text]), error.cause === cause], [[[0, '{"error":""}']], isCause]);
  }
});

test("a return that cannot be read ends the flow that was to begin", () => {
  const machine = machineOf({ [OPEN]: [show(SIGNED_OUT)] });
  const fault = new Error("no");
  const open = () => ({ back: () => { throw fault; }, state: () => null });
  assert.throws(() => openHost(machine.Machine, { ...OPTIONS, redirect: {} }, () => {}, open), (error) => error === fault);
  assert.equal(machine.freed, 1);
});

/** A tab that is a copy of others: what it hears and says. */
function channelOf() {
  const said = [];
  let channel;
  install({
    BroadcastChannel: class {
      constructor(name) {
        this.name = name;
        channel = this;
      }
      postMessage(data) {
        said.push(data);
      }
      close() {
        said.push("closed");
      }
    },
  });
  return { said, hear: (data) => channel.onmessage({ data }), name: () => channel?.name };
}

test("copies of a tab hear of each change of its own session, and of no other", () => {
  const { said, name } = channelOf();
  install({ sessionStorage: storageOf({ [`${KEY}.session`]: '{"a":1}' }) });
  const { host } = hostOf({
    [EVENT]: ({ number }) => [[["save", 0, '{"b":2}', true]], [["save", 2, "{}", true], ["save", 2, '{"d":1}', true]], [["save", 1, "{}", true], ["erase", 1]], [["erase", 0]]][number - 1],
  }, { options: { storage: "session" } });
  assert.equal(name(), `${KEY}.session`);
  for (let time = 0; time < 4; time += 1) host.send({});
  assert.deepEqual(said, [{ from: '{"a":1}', to: '{"b":2}' }, { from: '{"b":2}', to: null }]);
  host.dispose();
  assert.equal(said.at(-1), "closed");
});

test("a session that leaves this tab for all of them is told of, and so is one that comes to it", () => {
  const { said } = channelOf();
  install({ localStorage: storageOf(), sessionStorage: storageOf({ [`${KEY}.tabSession`]: '{"a":1}' }) });
  const { host } = hostOf({
    [EVENT]: ({ number }) => [[["save", 0, '{"b":2}', false]], [["save", 0, '{"c":3}', false]], [["save", 0, '{"d":4}', true]]][number - 1],
  }, { options: { storage: "local" } });
  for (let time = 0; time < 3; time += 1) host.send({});
  assert.deepEqual(said, [{ from: '{"a":1}', to: '{"b":2}' }, { from: '{"c":3}', to: '{"d":4}' }]);
});

test("a copy's change is followed from where this tab is, kept, and told", () => {
  const { hear } = channelOf();
  const sessionStorage = storageOf({ [`${KEY}.session`]: '{"a":1}' });
  install({ sessionStorage });
  const { fed } = hostOf({}, { options: { storage: "session" } });
  fed.length = 0;
  hear({ from: '{"x":0}', to: '{"y":0}' });
  assert.deepEqual([fed, sessionStorage.kept.get(`${KEY}.session`)], [[], '{"a":1}']);
  hear({ from: '{"a":1}', to: '{"b":2}' });
  assert.deepEqual(fed.splice(0).map(({ kind, number, text }) => [kind, number, text]), [[STORED, 0, '{"b":2}']]);
  assert.equal(sessionStorage.kept.get(`${KEY}.session`), '{"b":2}');
  hear({ from: '{"b":2}', to: null });
  assert.deepEqual(fed.map(({ text }) => text), [""]);
  assert.equal(sessionStorage.kept.size, 0);
  hear({ from: '{"z":0}', to: null });
  assert.equal(fed.length, 1);
});

test("a copy that went where this tab is already is remembered, and where it never was is not", () => {
  const { hear, said } = channelOf();
  const sessionStorage = storageOf({ [`${KEY}.session`]: '{"b":2}' });
  install({ sessionStorage });
  const { fed, host } = hostOf({ [EVENT]: [["erase", 0]] }, { options: { storage: "session" } });
  const known = (from) => {
    said.length = 0;
    hear({ from });
    return said.map(({ to }) => to);
  };
  hear({ from: '{"a":1}', to: '{"b":2}' });
  hear({ from: '{"x":0}', to: '{"y":0}' });
  assert.deepEqual([known('{"a":1}'), known('{"x":0}')], [['{"b":2}'], []]);
  // Signed out here; that somebody signed out elsewhere is another matter.
  host.send({});
  hear({ from: '{"z":0}', to: null });
  assert.deepEqual(known('{"z":0}'), []);
  assert.deepEqual(fed.map(({ kind }) => kind), [OPEN, EVENT], "the machine was told of none of them");
});

test("a copy's change is looked for in what this tab holds now", () => {
  const { hear } = channelOf();
  const sessionStorage = storageOf({ [`${KEY}.session`]: '{"a":1}' });
  install({ sessionStorage });
  const { fed } = hostOf({}, { options: { storage: "session" } });
  fed.length = 0;
  // A frame of this tab has gone on before the copy did.
  sessionStorage.kept.set(`${KEY}.session`, '{"b":2}');
  hear({ from: '{"b":2}', to: '{"c":3}' });
  assert.deepEqual(fed.map(({ text }) => text), ['{"b":2}', '{"c":3}']);
});

test("who is about to refresh asks its copies first", async () => {
  const { said, hear } = channelOf();
  install({ navigator: {}, sessionStorage: storageOf({ [`${KEY}.session`]: '{"a":1}' }) });
  const { host, machine } = hostOf({ [EVENT]: [["lock", 4]] }, { options: { storage: "session" } });
  host.send({});
  await until(() => said.length > 0);
  assert.deepEqual([said, machine.of(LOCKED).length], [[{ from: '{"a":1}', to: undefined }], 0]);
  hear({ from: '{"a":1}', to: '{"b":2}' });
  assert.deepEqual(machine.fed.slice(-2).map(({ kind, number }) => [kind, number]), [[STORED, 0], [LOCKED, 4]]);
});

/** A host whose machine lacks its second part, which each input in `needs` wants, until `come`. */
function hostInParts(needs, script = {}, more) {
  const parts = { missing: new Error("missing"), isWhole: false };
  const wanting = needs.map((kind) => [
    kind,
    (input) => {
      if (!parts.isWhole) throw parts.missing;
      return typeof script[kind] === "function" ? script[kind](input) : script[kind];
    },
  ]);
  const all = hostOf({ ...script, ...Object.fromEntries(wanting) }, more);
  const { Machine } = all.machine;
  Machine.missing = parts.missing;
  Machine.complete = () => new Promise((resolve) => (parts.resolve = resolve));
  const come = () => {
    parts.isWhole = true;
    parts.resolve();
  };
  return { ...all, come };
}

test("what was asked of one session is not done for the one that came while it waited", async () => {
  const storage = storageOf({ [`${KEY}.session`]: '{"a":1}' });
  const spent = { code: "challengeSpent", message: "" };
  const answers = ({ number }) => [["answer", number, "done"]];
  const script = { [ASK]: answers, [STORED]: ({ text }) => (text === '{"b":2}' ? [["misuse", spent]] : []) };
  const { host, come, machine } = hostInParts([ASK], script, { options: { storage } });
  const calls = ["devices", "deleteUser"].map((name) => host.ask(name, {}));
  const refused = calls.map((call) => assert.rejects(call, { code: "challengeSpent" }));
  storage.kept.set(`${KEY}.session`, '{"b":2}');
  come();
  await Promise.all(refused);
  assert.equal(machine.of(STORED).length, 1);
  const fed = machine.of(ASK).length;
  assert.equal(await host.ask("devices", {}), "done", "from then on it is theirs");
  assert.equal(machine.of(ASK).length, fed + 1);

  // The same session with other tokens is the same.
  const same = hostInParts([ASK], script, { options: { storage } });
  const call = same.host.ask("devices", {});
  storage.kept.set(`${KEY}.session`, '{"c":3}');
  same.come();
  assert.equal(await call, "done");
});

test("an event that waits is answered when it is done, or taken back by who leaves, at once", async () => {
  const script = { [EVENT]: [show({ ...SIGNED_OUT, username: "ann" })], [ASK]: ({ number }) => [["answer", number, "done"]] };
  const { host, come, machine } = hostInParts([EVENT, ASK], script);
  const before = host.snapshot();
  const calls = [host.ask("devices", {}), host.send({ type: "signIn" })];
  assert.deepEqual([host.snapshot().busy, host.accepts("signIn"), host.accepts("cancel")], ["signIn", false, true]);
  assert.equal(await host.send({ type: "cancel" }), before);
  assert.deepEqual([await calls[1], host.snapshot(), host.accepts("signIn")], [before, before, true]);
  const again = host.send({ type: "signIn" });
  come();
  assert.deepEqual([await calls[0], (await again).username], ["done", "ann"]);
  // The first of all waited for the call.
  assert.deepEqual(machine.of(EVENT).map(({ text }) => text), ['{"type":"signIn"}']);
});
