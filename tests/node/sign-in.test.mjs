// What the components of the frameworks do with the element: it is given what has changed, and nothing else.
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

const hooks = `export const resolve = (name, context, next) => name === "./ui/index.js"
  ? { url: "data:text/javascript,globalThis.loadElement();", shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
const { holdElement } = await import("../../js/sign-in.js");

let loads = 0;
let failure;
globalThis.loadElement = () => {
  loads += 1;
  if (failure) throw failure;
};
const settled = () => new Promise((done) => setImmediate(done));

/** `<cognito-sign-in>`, as far as a component sees it. */
class Element extends EventTarget {
  given = [];
  isConnected = true;
  disposed = 0;
  #flow = null;
  set options(options) {
    this.given.push(options);
  }
  get flow() {
    return this.#flow;
  }
  set flow(flow) {
    this.given.push(flow);
    this.#flow = flow;
  }
  dispose() {
    this.disposed += 1;
  }
  tell(type, detail) {
    this.dispatchEvent(Object.assign(new Event(type), { detail }));
  }
}

const flowAt = (step) => ({ snapshot: () => ({ step }) });

test("the element's code is loaded with it, and what cannot be loaded is told", async () => {
  failure = new Error("offline");
  const told = [];
  holdElement(new Element()).update({ onFailure: (...said) => told.push(said) });
  holdElement(new Element());
  for (let turn = 0; turn < 200 && told.length === 0; turn += 1) await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual([told, loads], [[[failure]], 1]);
});

test("options are given once, and again when one of them says something else", () => {
  const element = new Element();
  const { update } = holdElement(element);
  const options = () => ({ clientId: "a", verify: { attributes: ["email"], when: "always" }, fetch: () => {}, lang: undefined });
  update(options());
  assert.deepEqual(Object.keys(element.given[0]), ["clientId", "verify", "fetch"], "what is undefined is not said");
  update(options());
  update({ ...options(), onStep: () => {}, more: undefined });
  assert.equal(element.given.length, 1, "written anew it says the same");
  const changes = [
    { clientId: "b" }, { verify: { attributes: ["email"], when: "never" } }, { verify: { attributes: ["email", "phone_number"], when: "never" } },
    { verify: { attributes: ["email", "phone_number"] } }, { verify: { attributes: ["email", "phone_number"], where: "x" } }, { verify: null }, { verify: new Date(0) }, { verify: new Date(0) }, { lang: "de" },
    { fetch: null }, { clientId: undefined, other: "a" },
  ];
  let given = options();
  for (const [at, change] of changes.entries()) {
    given = { ...given, ...change };
    update({ ...given });
    assert.equal(element.given.length, at + 2, JSON.stringify(change));
  }
  // What stayed is the very same: the element compares by identity.
  const [before, after] = element.given.slice(-2);
  assert.equal(after.verify, before.verify);
});

test("a list is not an object with the same members, and NaN is itself", () => {
  const element = new Element();
  const { update } = holdElement(element);
  update({ a: [1], b: NaN, c: { d: undefined } });
  update({ a: [1], b: NaN, c: { d: undefined } });
  assert.equal(element.given.length, 1);
  update({ a: [1], b: NaN, c: { e: undefined } });
  assert.equal(element.given.length, 2);
  update({ a: [1], b: 0, c: { e: undefined } });
  update({ a: [1], b: -0, c: { e: undefined } });
  assert.equal(element.given.length, 4);
});

test("a function that was given first calls the one that was given last", () => {
  const element = new Element();
  const { update } = holdElement(element);
  const calls = [];
  const with_ = (name) => ({ describe: (...said) => `${name} ${said}`, onStep: () => calls.push(name) });
  update(with_("first"));
  const { describe } = element.given[0];
  update(with_("second"));
  assert.equal(describe(1, 2), "second 1,2");
  element.tell("cognito-step", {});
  assert.deepEqual([calls, element.given.length], [["second"], 1]);
});

test("a function becomes a value, and a value a function", () => {
  const element = new Element();
  const { update } = holdElement(element);
  update({ policy: "x" });
  update({ policy: () => "y" });
  update({ policy: "x" });
  assert.deepEqual(element.given.map(({ policy }) => typeof policy), ["string", "function", "string"]);
});

test("a flow of the app's is handed on, and taken back", () => {
  const element = new Element();
  const { update } = holdElement(element);
  const flow = flowAt("signedOut");
  update({ flow });
  update({ flow });
  assert.deepEqual(element.given, [flow, {}]);
  update({});
  assert.deepEqual(element.given, [flow, {}, null]);
  update({ flow: null });
  update({ flow: undefined });
  assert.equal(element.given.length, 3);
});

test("what the element tells is told, with its flow, and what another below it tells is not", () => {
  const element = new Element();
  element.flow = flowAt("signedOut");
  const { end, update } = holdElement(element);
  element.tell("cognito-step", "before there is anybody to tell");
  const told = [];
  const teller = (name) => (...said) => told.push([name, ...said]);
  update({ onStep: teller("step"), onSignedIn: teller("in"), onSignedOut: teller("out"), onFailure: teller("failed") });
  element.tell("cognito-step", 1);
  element.tell("cognito-signed-in", 2);
  element.tell("cognito-signed-out", 3);
  element.tell("cognito-failed", { error: 4 });
  assert.deepEqual(told, [["step", 1, element.flow], ["in", 2, element.flow], ["out", 3, element.flow], ["failed", 4]]);
  const inner = Object.assign(new Event("cognito-step"), { detail: 5 });
  Object.defineProperty(inner, "target", { get: () => new Element() });
  element.dispatchEvent(inner);
  assert.equal(told.length, 4);
  end();
  element.tell("cognito-step", 6);
  element.tell("cognito-failed", { error: 7 });
  assert.equal(told.length, 4);
});

test("an element that leaves the page ends its flow, unless somebody is signed in or it is there still", async () => {
  for (const [isConnected, flow, disposed] of [
    [false, flowAt("signedOut"), 1],
    [false, flowAt("mfaCode"), 1],
    [false, null, 1],
    [false, undefined, 1],
    [false, flowAt("signedIn"), 0],
    [true, flowAt("signedOut"), 0],
  ]) {
    const element = new Element();
    element.flow = flow;
    const { end } = holdElement(element);
    end();
    // React takes it out of the page afterwards.
    element.isConnected = isConnected;
    assert.equal(element.disposed, 0);
    await settled();
    assert.equal(element.disposed, disposed, String(flow?.snapshot().step));
  }
  const bare = new EventTarget();
  holdElement(bare).end();
  await settled();
});
