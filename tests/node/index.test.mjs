// The package's surface: what each call hands on, and what comes of a module that cannot be loaded.
import assert from "node:assert/strict";
import { register } from "node:module";
import { beforeEach, test } from "node:test";

// The build puts the one loader or the other in this place; here it is the test's.
const hooks = `export const resolve = (name, context, next) => name === "./load.js"
  ? { url: "data:text/javascript,export const load = () => globalThis.loadMachine();", shortCircuit: true }
  : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
const { FlowError, createFlow } = await import("../../js/index.js");
const { ASK, EVENT, OPEN } = await import("../../js/json.js");

const OPTIONS = { userPoolId: "eu-west-1_Pool", clientId: "client" };
const SIGNED_OUT = { step: "signedOut", busy: null, error: null };
const settled = () => new Promise((done) => setImmediate(done));

let fed;
let freed;
beforeEach(() => {
  fed = [];
  freed = 0;
  globalThis.requestIdleCallback = () => {};
  globalThis.loadMachine = async () =>
    class {
      feed(kind, number, _status, _blocked, name, text) {
        fed.push([kind, name, text]);
        if (kind === ASK) return JSON.stringify([["answer", number, { of: name }]]);
        return JSON.stringify(kind === OPEN || kind === EVENT ? [["show", SIGNED_OUT, ["signIn"]]] : []);
      }
      free() {
        freed += 1;
      }
    };
});

test("a flow has what the declarations say, and nothing of it can be replaced", async () => {
  const flow = await createFlow(OPTIONS);
  const names = ["snapshot", "accepts", "send", "redirectState", "subscribe", "session", "account", "dispose"];
  assert.deepEqual(Object.keys(flow).sort(), names.sort());
  assert.ok(Object.isFrozen(flow) && Object.isFrozen(flow.account));
  assert.deepEqual(flow.snapshot(), SIGNED_OUT);
  assert.equal(flow.redirectState(), null);
  let told = 0;
  const stop = flow.subscribe(() => (told += 1));
  // Functions alone: nobody has to keep the object beside them.
  const { send, dispose } = flow;
  await send({ type: "signIn" });
  await settled();
  assert.equal(told, 1);
  stop();
  dispose();
  assert.equal(freed, 1);
});

test("each call is handed on by its name, with what it is given by the machine's names", async () => {
  const flow = await createFlow(OPTIONS);
  fed.length = 0;
  const { account } = flow;
  const calls = [
    ["mfaPreference", [], "{}"],
    ["startTotp", [], "{}"],
    ["deleteUser", ["more"], "{}"],
    ["factors", [], "{}"],
    ["sessions", [], "{}"],
    ["devices", [], "{}"],
    ["rememberDevice", [], "{}"],
    ["passkeys", [], "{}"],
    ["createPasskey", [], "{}"],
    ["deletePasskey", ["a"], '{"id":"a"}'],
    ["endSession", ["a"], '{"id":"a"}'],
    ["forgetDevice", ["a"], '{"key":"a"}'],
    ["setMfaPreference", [{ sms: "on" }], '{"preference":{"sms":"on"}}'],
    ["updateAttributes", [{ name: "Ann" }], '{"attributes":{"name":"Ann"}}'],
    ["deleteAttributes", [["name"]], '{"names":["name"]}'],
    ["changePassword", ["old", "new"], '{"current":"old","next":"new"}'],
    ["confirmTotp", ["123456", { deviceName: "Phone", as: "on", more: 1 }], '{"code":"123456","deviceName":"Phone","as":"on"}'],
  ];
  assert.deepEqual(Object.keys(account).sort(), calls.map(([name]) => name).sort());
  for (const [name, given, text] of calls) {
    assert.deepEqual(await account[name](...given), { of: name });
    assert.deepEqual(fed.splice(0), [[ASK, name, text]]);
  }
  await account.confirmTotp("123456");
  await flow.session();
  await flow.session({ refresh: true, more: 1 });
  await flow.session(null);
  assert.deepEqual(fed, [
    [ASK, "confirmTotp", '{"code":"123456"}'], [ASK, "session", "{}"], [ASK, "session", '{"refresh":true}'], [ASK, "session", "{}"],
  ]);
});

test("options that throw while they are read reject, wherever they stand", async () => {
  const fault = new Error("a getter's");
  const throwing = (name) => Object.defineProperty({}, name, { enumerable: true, get: () => { throw fault; } });
  const flow = await createFlow(OPTIONS);
  for (const call of [
    () => createFlow(throwing("userPoolId")), () => flow.session(throwing("refresh")), () => flow.account.confirmTotp("1", throwing("as")),
  ]) {
    const error = await call().catch((error) => error);
    assert.ok(error instanceof FlowError);
    assert.deepEqual([error.code, error.cause], ["malformed", fault]);
  }
});

test("who disposes tells no listener more, of what came before neither", async () => {
  const flow = await createFlow(OPTIONS);
  flow.subscribe(() => assert.fail("told after the end"));
  const sent = flow.send({ type: "signIn" });
  flow.dispose();
  await sent;
  await settled();
});

test("where there is `using`, a flow ends with its block, and where there is none nothing takes its place", async () => {
  if (Symbol.dispose) {
    const flow = await createFlow(OPTIONS);
    flow[Symbol.dispose]();
    assert.equal(freed, 1);
  }
  const { Symbol: had } = globalThis;
  globalThis.Symbol = {};
  try {
    assert.ok(!("undefined" in (await createFlow(OPTIONS))));
  } finally {
    globalThis.Symbol = had;
  }
});

test("a flow that leaves the page has how, and no other is held to it", async () => {
  for (const redirect of [null, undefined]) await createFlow({ ...OPTIONS, redirect });
  const error = await createFlow({ ...OPTIONS, redirect: {} }).catch((error) => error);
  assert.match(error.message, /`redirect\.domain` of the options must be a host/);
  const flow = await createFlow({ ...OPTIONS, redirect: { domain: "auth.example.com", redirectUri: "https://app.example/" } });
  assert.equal(flow.redirectState(), null);
});

test("a browser that cannot compile the module is told from one that cannot load it", async () => {
  const failing = async (cause) => {
    globalThis.loadMachine = () => Promise.reject(cause);
    return createFlow(OPTIONS).catch((error) => error);
  };
  const refused = new WebAssembly.CompileError("blocked by a policy");
  const unsupported = await failing(refused);
  assert.deepEqual([unsupported instanceof FlowError, unsupported.code, unsupported.cause], [true, "unsupported", refused]);
  assert.equal(unsupported.message, "WebAssembly with SIMD is needed, and a content security policy that lets it compile.");
  const gone = new TypeError("Failed to fetch");
  assert.equal(await failing(gone), gone, "which another try may mend");
  const { WebAssembly: had } = globalThis;
  for (const none of [undefined, {}]) {
    globalThis.WebAssembly = none;
    try {
      const error = await failing(gone);
      assert.deepEqual([error.code, error.cause], ["unsupported", gone], "where there is no WebAssembly nothing else is the reason");
    } finally {
      globalThis.WebAssembly = had;
    }
  }
});
