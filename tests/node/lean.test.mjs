// The package with its module in two parts, in a page: nobody can tell but by when things happen. The second
// part comes when the test lets it, from the file that was built; the pool is the one that Node can run.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { afterEach, beforeEach, test } from "node:test";
import { createLocalPool } from "../../build/pool/local-pool.js";
import { storageOf } from "./support/storage.mjs";

const hooks = `let times = 0;
export const resolve = (name, context, next) => {
  if (name !== "./second.js") return next(name, context);
  const file = new URL(name, context.parentURL).href.replace(/[?].*$/, "");
  const source = "await globalThis.secondComes(); export * from " + JSON.stringify(file) + "; //" + (times += 1);
  return { url: "data:text/javascript," + encodeURIComponent(source), shortCircuit: true };
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const POOL_ID = "eu-west-1_LeanPool1";
const wasm = await readFile(new URL("../../build/pool/cognito_pool_bg.wasm", import.meta.url));
const settled = () => new Promise((done) => setTimeout(done, 20));
/** Waits for what comes from a file, or from a timer; not for ever. */
async function until(isThere) {
  for (let turn = 0; turn < 500 && !isThere(); turn += 1) await settled();
}

/** Where the module's own memory begins. */
const BEHIND_THE_STACK = 1_048_576;

let asked;
let comes;
let idle;
let instances;
let memories;
let pages = 0;
const flows = [];
/** The package as a page of its own has it: its module is not that of other tests. */
async function page() {
  const { createFlow } = await import(`../../dist/lean.js?${(pages += 1)}`);
  return async (options) => {
    const flow = await createFlow(options);
    flows.push(flow);
    return flow;
  };
}

const { instantiate } = WebAssembly;
beforeEach(() => {
  asked = 0;
  comes = withResolvers();
  globalThis.secondComes = () => {
    asked += 1;
    return comes.promise;
  };
  // A page has one; a worker, or Node, has not, and loads everything at once.
  globalThis.document = {};
  idle = [];
  globalThis.requestIdleCallback = (action) => idle.push(action);
  instances = 0;
  memories = [];
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    instances += 1;
    const memory = Object.values((made.instance ?? made).exports).find((it) => it instanceof WebAssembly.Memory);
    if (memory) memories.push(memory);
    return made;
  };
});

// Their timers would keep the process alive.
afterEach(() => {
  for (const flow of flows.splice(0)) flow.dispose();
});

function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

/** Another try comes through, where the last did not. */
function mend() {
  comes = withResolvers();
  comes.resolve();
}

async function poolOf(more = {}) {
  const pool = await createLocalPool({ wasm });
  const [clientId] = pool.createUserPool({
    Id: POOL_ID,
    PoolName: "lean",
    AutoVerifiedAttributes: ["email"],
    Clients: [{ ClientId: "leanclient" }],
    ...more,
  }).clientIds;
  const sent = [];
  const fetch = (url, init) => {
    sent.push(init.headers["x-amz-target"].split(".")[1]);
    return pool.fetch("http://pool.invalid/", init);
  };
  const options = { userPoolId: POOL_ID, clientId, fetch };
  return { pool, sent, options, code: (to) => pool.outbox(to).at(-1).code };
}

const ANN = { username: "ann", password: "Correct-horse-1" };
const EMAIL = "ann@example.com";

async function signedUp(world, createFlow) {
  const flow = await createFlow(world.options);
  await flow.send({ type: "signUp", ...ANN, attributes: { email: EMAIL } });
  const after = await flow.send({ type: "confirmSignUp", code: world.code(EMAIL) });
  assert.equal(after.error, null);
  assert.equal(after.step, "signedIn");
  return flow;
}

test("the first event waits for the second part, and the person sees it worked on at once", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  const flow = await createFlow(world.options);
  assert.equal(asked, 0, "a form needs none of it");
  const seen = [];
  flow.subscribe(() => seen.push(flow.snapshot().busy));
  const before = flow.snapshot();
  const signUp = flow.send({ type: "signUp", ...ANN, attributes: { email: EMAIL } });
  assert.equal(flow.snapshot().busy, "signUp");
  assert.deepEqual(["signUp", "cancel"].map(flow.accepts), [false, true]);
  assert.ok(Object.isFrozen(flow.snapshot()));
  const second = assert.rejects(flow.send({ type: "signIn", ...ANN }), { code: "busy" });
  await until(() => asked > 0);
  assert.deepEqual([asked, world.sent], [1, []]);
  comes.resolve();
  await second;
  assert.equal((await signUp).step, "confirmSignUp");
  assert.deepEqual(world.sent, ["SignUp"]);
  await settled();
  assert.deepEqual(seen.filter((busy, at) => busy !== seen[at - 1]), ["signUp", null]);
  assert.equal(before.busy, null);
});

test("what an input leaves behind that needs the second part is nothing: no byte of the memory is another", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  const flow = await createFlow(world.options);
  // The first is that of what unpacks the module.
  const bytes = () => Buffer.from(new Uint8Array(memories.at(-1).buffer, BEHIND_THE_STACK));
  const before = Buffer.from(bytes());
  const password = "A-password-that-is-looked-for-1";
  const signIn = flow.send({ type: "signIn", username: "ann", password });
  assert.equal(bytes().indexOf(password), -1);
  assert.equal(Buffer.compare(before, bytes().subarray(0, before.length)), 0);
  assert.ok(bytes().subarray(before.length).every((byte) => byte === 0), "where it has grown meanwhile");
  comes.resolve();
  assert.equal((await signIn).error.code, "wrongCredentials");
  assert.equal(bytes().indexOf(password), -1, "nor later");
});

test("what is no event, or not accepted, is refused when that can be said, and shown no longer", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  const flow = await createFlow(world.options);
  const refusals = [
    assert.rejects(flow.send({ type: "signIn" }), { code: "malformed" }),
    assert.rejects(flow.send({ type: "submitCode", code: "123456" }), { code: "notAccepted" }),
    assert.rejects(flow.send({ type: "nothing" }), { code: "malformed" }),
    assert.rejects(flow.send(null), { code: "malformed" }),
    assert.rejects(flow.account.devices(), { code: "notAccepted" }),
  ];
  assert.equal(flow.snapshot().busy, "signIn");
  comes.resolve();
  await Promise.all(refusals);
  assert.equal(flow.snapshot().busy, null);
  assert.ok(flow.accepts("signIn"));
});

// By SRP there is something to make ready; the others have a form as well.
for (const signInWith of ["srp", "password", "custom"]) {
  test(`a page that has nothing else to do, and a form to show, loads it ahead: ${signInWith}`, async () => {
    const [world, createFlow] = [await poolOf(), await page()];
    const flow = await createFlow({ ...world.options, signInWith });
    idle.forEach((action) => action());
    assert.equal(flow.snapshot().busy, null);
    comes.resolve();
    await until(() => instances > 1);
    await settled();
    assert.equal(asked, 1);
    const sending = flow.send({ type: "signUp", ...ANN, attributes: { email: EMAIL } });
    assert.deepEqual(world.sent, ["SignUp"], "at once");
    await sending;
  });
}

test("who is signed in is, and has fresh tokens, without it", async () => {
  const world = await poolOf();
  const storage = storageOf();
  world.options.storage = storage;
  comes.resolve();
  const first = await signedUp(world, await page());
  first.dispose();
  asked = 0;
  comes = withResolvers();
  world.sent.length = 0;

  const createFlow = await page();
  const flow = await createFlow(world.options);
  idle.splice(0).forEach((action) => action());
  assert.equal(flow.snapshot().step, "signedIn");
  assert.equal(flow.snapshot().attributes.email, EMAIL);
  const { accessToken } = await flow.session();
  const { accessToken: next } = await flow.session({ refresh: true });
  assert.notEqual(accessToken, next);
  assert.deepEqual([asked, world.sent], [0, ["InitiateAuth"]]);

  // Another tab signs out: this one follows.
  const signedIn = [...storage.kept].filter(([key]) => key.endsWith(".session"));
  for (const key of [...storage.kept.keys()]) storage.removeItem(key);
  await assert.rejects(flow.session(), { code: "challengeSpent" });
  assert.equal(flow.snapshot().step, "signedOut");

  // And another signs in.
  for (const [key, record] of signedIn) storage.setItem(key, record);
  for (let turn = 0; turn < 100 && flow.snapshot().step !== "signedIn"; turn += 1) {
    await flow.session().catch(() => {});
    await settled();
  }
  assert.equal(flow.snapshot().attributes.email, EMAIL);
  assert.equal(asked, 0);
});

/** A page that opens where somebody is signed in, and whose second part has not come. */
async function signedInWithoutSecond() {
  const world = await poolOf();
  const storage = storageOf();
  world.options.storage = storage;
  comes.resolve();
  (await signedUp(world, await page())).dispose();
  comes = withResolvers();
  return { world, storage, flow: await (await page())(world.options) };
}

/** Somebody else signs in in another tab; what is sent from now on is of interest. */
function anotherSignsIn({ sent }, storage) {
  const [key] = [...storage.kept.keys()].filter((it) => it.endsWith(".session"));
  storage.setItem(key, JSON.stringify({ ...JSON.parse(storage.getItem(key)), id: "another" }));
  sent.length = 0;
}

test("a call that waits is that of whoever was signed in when it was made", async () => {
  const { world, storage, flow } = await signedInWithoutSecond();
  const call = flow.account.updateAttributes({ name: "Ann" });
  await settled();
  anotherSignsIn(world, storage);
  comes.resolve();
  await assert.rejects(call, { code: "challengeSpent" });
  assert.deepEqual(world.sent.filter((it) => it === "UpdateUserAttributes"), []);
});

test("nor is a second call that waits made of whoever came meanwhile", async () => {
  const { world, storage, flow } = await signedInWithoutSecond();
  const calls = [flow.account.updateAttributes({ name: "Ann" }), flow.account.deleteUser(), flow.send({ type: "signOut", everywhere: true })];
  const refused = Promise.all(calls.map((call) => assert.rejects(call, { code: "challengeSpent" })));
  await settled();
  anotherSignsIn(world, storage);
  comes.resolve();
  await refused;
  assert.deepEqual([world.sent, flow.snapshot().step, flow.snapshot().busy], [[], "signedIn", null]);
  assert.ok(await flow.session(), "what is asked for from then on is asked of them");
});

test("who is signed in stays so, with tokens, where the second part is not to be had", async () => {
  const world = await poolOf();
  world.options.storage = storageOf();
  comes.resolve();
  (await signedUp(world, await page())).dispose();
  const heard = [];
  const { addEventListener } = globalThis;
  globalThis.addEventListener = (name, listener) => heard.push(listener);
  try {
    comes = withResolvers();
    comes.promise.catch(() => {});
    const flow = await (await page())(world.options);
    const lost = assert.rejects(flow.account.devices(), { code: "offline" });
    const session = flow.session();
    // The page comes to the front meanwhile.
    for (const listener of heard) listener();
    comes.reject(new TypeError("Failed to fetch"));
    await lost;
    const { accessToken } = await session;
    assert.equal((await flow.session()).accessToken, accessToken);
    assert.notEqual((await flow.session({ refresh: true })).accessToken, accessToken);
  } finally {
    globalThis.addEventListener = addEventListener;
  }
});

test("who signs out is signed out at once, also where nothing can be loaded", async () => {
  for (const everywhere of [false, true]) {
    const world = await poolOf();
    const storage = storageOf();
    world.options.storage = storage;
    mend();
    (await signedUp(world, await page())).dispose();
    const session = () => [...storage.kept.keys()].filter((key) => key.endsWith(".session"));
    comes = withResolvers();
    const flow = await (await page())(world.options);
    assert.equal(session().length, 1);
    world.sent.length = 0;
    const signOut = flow.send({ type: "signOut", everywhere });
    signOut.catch(() => {});
    assert.deepEqual([flow.snapshot().step, flow.snapshot().busy, session()], ["signedOut", "signOut", []]);
    assert.deepEqual(world.sent, [everywhere ? "GlobalSignOut" : "RevokeToken"]);
    comes.reject(new TypeError("Failed to fetch"));
    comes.promise.catch(() => {});
    if (everywhere) continue;
    // Nobody waits longer for what the pool has said to it than for the pool.
    const { step, busy } = await signOut;
    assert.deepEqual([step, busy, flow.accepts("signIn")], ["signedOut", null, true]);
  }
});

test("a form stays usable while a passkey is to be offered in it", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  world.options.signInWith = "choice";
  world.options.passkeys = { create: () => {}, get: () => new Promise(() => {}) };
  const flow = await createFlow(world.options);
  const offered = flow.send({ type: "signIn", username: "ann", preferred: "passkey", autofill: true });
  assert.deepEqual([flow.snapshot().busy, flow.accepts("signIn")], [null, true]);
  const signIn = flow.send({ type: "signIn", ...ANN });
  assert.equal(flow.snapshot().busy, "signIn");
  comes.resolve();
  await Promise.all([offered, signIn]);
  assert.deepEqual([flow.snapshot().busy, world.sent], [null, ["InitiateAuth"]]);
});

test("who cancels what waits for the second part does not wait for it, and nothing is sent", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  const flow = await createFlow(world.options);
  const before = flow.snapshot();
  const signUp = flow.send({ type: "signUp", ...ANN, attributes: { email: EMAIL } });
  assert.equal(flow.snapshot().busy, "signUp");
  assert.equal(await flow.send({ type: "cancel" }), before);
  assert.equal(await signUp, before);
  assert.deepEqual([flow.accepts("signUp"), flow.accepts("cancel")], [true, false]);
  comes.resolve();
  await settled();
  assert.deepEqual([world.sent, flow.snapshot()], [[], before]);
  const wrong = await flow.send({ type: "signIn", ...ANN });
  assert.equal(wrong.error.code, "wrongCredentials");
});

test("a second part that does not come is said, costs nothing, and is asked for again", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  const flow = await createFlow(world.options);
  const cause = new TypeError("Failed to fetch dynamically imported module");
  comes.reject(cause);
  comes.promise.catch(() => {});
  const after = await flow.send({ type: "signIn", ...ANN });
  assert.deepEqual([after.step, after.busy, after.error.code, after.error.cause], ["signedOut", null, "offline", cause]);
  assert.ok(after.error.message);
  assert.ok(Object.isFrozen(after.error));
  assert.equal(flow.snapshot(), after);
  assert.ok(flow.accepts("signIn"));
  // A call has no other way to say it, nor has an event that the step does not take.
  for (const call of [flow.account.devices(), flow.send({ type: "submitCode", code: "123456" })]) {
    await assert.rejects(call, (error) => {
      assert.deepEqual([error.name, error.code, error.cause], ["FlowError", "offline", cause]);
      return true;
    });
  }
  mend();
  assert.equal((await flow.send({ type: "signUp", ...ANN, attributes: { email: EMAIL } })).step, "confirmSignUp");
});

test("who disposes of a flow while something waits has it refused, and nothing of it happens", async () => {
  const [world, createFlow] = [await poolOf(), await page()];
  const flow = await createFlow(world.options);
  const waits = assert.rejects(flow.send({ type: "signIn", ...ANN }), { code: "disposed" });
  await settled();
  flow.dispose();
  await waits;
  comes.resolve();
  await settled();
  assert.deepEqual(world.sent, []);
});

test("a flow that begins in the middle of something begins there", async () => {
  const world = await poolOf();
  globalThis.sessionStorage = storageOf();
  try {
    world.options.storage = "session";
    comes.resolve();
    const first = await (await page())(world.options);
    const { step } = await first.send({ type: "signUp", ...ANN, attributes: { email: EMAIL } });
    comes = withResolvers();
    asked = 0;
    const opening = (await page())(world.options);
    await until(() => asked > 0);
    assert.equal(asked, 1);
    comes.resolve();
    const flow = await opening;
    assert.deepEqual([flow.snapshot().step, step], ["confirmSignUp", "confirmSignUp"]);
    assert.equal((await flow.send({ type: "confirmSignUp", code: world.code(EMAIL) })).busy, null);

    // Where that is not to be had, it is said, and can be tried again.
    const again = await (await page())(world.options);
    again.dispose();
    const createFlow = await page();
    await first.send({ type: "cancel" });
    await first.send({ type: "forgotPassword", username: "ann" });
    comes = withResolvers();
    comes.reject(new TypeError("Failed to fetch"));
    comes.promise.catch(() => {});
    await assert.rejects(createFlow(world.options), { code: "offline" });
    mend();
    assert.equal((await createFlow(world.options)).snapshot().step, "resetPassword");
  } finally {
    delete globalThis.sessionStorage;
  }
});

test("two flows of a page share the part, and wait each for itself", async () => {
  const [one, other, createFlow] = [await poolOf(), await poolOf(), await page()];
  const flows = [await createFlow(one.options), await createFlow(other.options)];
  const event = { type: "signUp", ...ANN, attributes: { email: EMAIL } };
  const both = flows.map((flow) => flow.send(event));
  comes.resolve();
  assert.deepEqual((await Promise.all(both)).map(({ step }) => step), ["confirmSignUp", "confirmSignUp"]);
  assert.deepEqual([asked, one.sent, other.sent], [1, ["SignUp"], ["SignUp"]]);
});

for (const [where, has] of [["in a page", true], ["in a worker, or Node", false]]) {
  test(`a whole life of a user, ${where}`, async () => {
    if (!has) delete globalThis.document;
    comes.resolve();
    const world = await poolOf({
      AutoVerifiedAttributes: ["email", "phone_number"],
      SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms", ExternalId: "lean" },
      MfaConfiguration: "OPTIONAL",
    });
    const createFlow = await page();
    const flow = await signedUp(world, createFlow);
    assert.equal(asked, 1);
    const { account } = flow;
    assert.deepEqual(await account.mfaPreference(), { enabled: [], preferred: null });
    await account.updateAttributes({ phone_number: "+491701234567" });
    assert.equal(flow.snapshot().attributes.phone_number, "+491701234567");
    await flow.send({ type: "verifyAttribute", attribute: "phone_number" });
    assert.equal((await flow.send({ type: "submitCode", code: world.code("+491701234567") })).step, "signedIn");
    await account.setMfaPreference({ sms: "preferred" });
    await flow.send({ type: "signOut" });
    assert.equal((await flow.send({ type: "signIn", ...ANN })).step, "mfaCode");
    assert.equal((await flow.send({ type: "submitCode", code: world.code("+491701234567") })).step, "signedIn");
    await account.changePassword(ANN.password, "Another-horse-2");
    await flow.send({ type: "signOut", everywhere: true });
    const wrong = await flow.send({ type: "signIn", ...ANN });
    assert.equal(wrong.error.code, "wrongCredentials");
    await flow.send({ type: "forgotPassword", username: "ann" });
    const reset = await flow.send({ type: "resetPassword", code: world.code(), password: "A-third-horse-3" });
    assert.equal(reset.error, null);
    if (reset.step === "signedOut") await flow.send({ type: "signIn", username: "ann", password: "A-third-horse-3" });
    if (flow.snapshot().step === "mfaCode") {
      await flow.send({ type: "submitCode", code: world.code("+491701234567") });
    }
    assert.equal(flow.snapshot().step, "signedIn");
    await account.deleteUser();
    assert.equal(flow.snapshot().step, "signedOut");
  });
}
