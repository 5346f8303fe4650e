// `<cognito-devtools>`: which flow it follows, and when it looks; the document is the test's.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Node } from "./support/document.mjs";

let roots = 0;
globalThis.HTMLElement = class extends Node {
  shadowRoot = null;
  attachShadow(options) {
    assert.deepEqual([options, this.shadowRoot], [{ mode: "open" }, null]);
    roots += 1;
    return (this.shadowRoot = new Node());
  }
};
globalThis.CSSStyleSheet = class {
  replaceSync() {}
};
const defined = new Map();
globalThis.customElements = { get: (name) => defined.get(name), define: (name, of) => defined.set(name, of) };
const { CognitoDevtools, showDevtools, watchFetch } = await import("../../js/devtools.js");
const { watchFetch: itself } = await import("../../js/devtools/requests.js");

let elements;
let listeners;
const realFetch = globalThis.fetch;
const shown = [];
beforeEach(() => {
  elements = [];
  listeners = [];
  globalThis.document = {
    body: new Node(),
    createElement: (tag) => (tag === "cognito-devtools" ? new CognitoDevtools() : new Node()),
    querySelectorAll: (selector) => (selector === "cognito-sign-in" ? elements : []),
    addEventListener: (name, listener) => listeners.push([name, listener]),
    removeEventListener: (name, listener) => {
      listeners = listeners.filter(([of, one]) => of !== name || one !== listener);
    },
  };
});
afterEach(() => {
  for (const element of shown.splice(0)) element.disconnectedCallback();
  delete globalThis.document;
  globalThis.fetch = realFetch;
});

function flowAt(step) {
  const it = { followers: new Set() };
  it.snapshot = () => ({ step, round: 1, busy: null, error: null });
  it.subscribe = (listener) => {
    it.followers.add(listener);
    return () => it.followers.delete(listener);
  };
  return it;
}

/** On the page. */
function connected(element = new CognitoDevtools()) {
  element.connectedCallback();
  shown.push(element);
  return element;
}
/** The step that the element shows, once it has drawn. */
const stepOf = async ({ shadowRoot }) => {
  await null;
  return shadowRoot.children[0].children[0].textContent.replace("cognito-flow: ", "");
};
/** An element of the page tells of a step. */
const tell = (target) => {
  for (const [name, listener] of listeners) if (name === "cognito-step") listener({ target });
};

test("the element is defined once, and can be imported where there is none", async () => {
  assert.deepEqual([...defined], [["cognito-devtools", CognitoDevtools]]);
  await import("../../js/devtools.js?again");
  assert.equal(defined.get("cognito-devtools"), CognitoDevtools);
  const { HTMLElement, customElements } = globalThis;
  delete globalThis.HTMLElement;
  delete globalThis.customElements;
  try {
    assert.equal(typeof (await import("../../js/devtools.js?server")).showDevtools, "function");
  } finally {
    Object.assign(globalThis, { HTMLElement, customElements });
  }
  assert.equal(watchFetch, itself);
});

test("a flow that is given is followed while the element is on the page, and another in its place", async () => {
  const [one, two] = [flowAt("signedOut"), flowAt("mfaCode")];
  const element = showDevtools(one);
  assert.deepEqual(document.body.children, [element]);
  assert.equal(element.flow, one);
  connected(element);
  assert.equal(await stepOf(element), "signedOut");
  element.flow = two;
  assert.deepEqual([await stepOf(element), one.followers.size, two.followers.size], ["mfaCode", 0, 1]);
  element.flow = undefined;
  assert.deepEqual([element.flow, two.followers.size], [null, 0]);
  element.flow = two;
  element.disconnectedCallback();
  assert.deepEqual([two.followers.size, listeners.length, globalThis.fetch], [0, 0, realFetch]);
  // Moved in the page it goes on, in the same root.
  const before = roots;
  element.connectedCallback();
  assert.deepEqual([two.followers.size, roots, await stepOf(element)], [1, before, "mfaCode"]);
});

test("what is connected twice is so once", () => {
  const element = connected();
  const { fetch } = globalThis;
  assert.notEqual(fetch, realFetch);
  element.connectedCallback();
  assert.deepEqual([listeners.length, globalThis.fetch], [1, fetch]);
  element.disconnectedCallback();
  assert.equal(globalThis.fetch, realFetch);
  element.connectedCallback();
});

test("without a flow of its own it follows that of the page's element, now and later", async () => {
  const [one, two, given] = [flowAt("signedOut"), flowAt("mfaCode"), flowAt("signedIn")];
  elements = [{ flow: null }, { flow: one }];
  const element = connected(showDevtools());
  assert.deepEqual([element.flow, await stepOf(element)], [one, "signedOut"]);
  tell({ flow: null });
  tell({});
  assert.equal(element.flow, one);
  tell({ flow: two });
  assert.deepEqual([element.flow, await stepOf(element), one.followers.size], [two, "mfaCode", 0]);
  element.flow = given;
  tell({ flow: one });
  assert.deepEqual([element.flow, await stepOf(element)], [given, "signedIn"]);
  element.flow = null;
  assert.equal(element.flow, two, "that which was found is followed again");
});

test("a flow that was set before the element was known is its flow", () => {
  const flow = flowAt("signedOut");
  // The browser upgrades an element that has members already.
  const { HTMLElement } = globalThis;
  const Base = Object.getPrototypeOf(CognitoDevtools);
  assert.equal(Base, HTMLElement);
  Object.setPrototypeOf(CognitoDevtools, function upgraded() {
    const element = Reflect.construct(HTMLElement, [], CognitoDevtools);
    return Object.defineProperty(element, "flow", { value: flow, configurable: true, writable: true });
  });
  try {
    const element = new CognitoDevtools();
    assert.equal(Object.hasOwn(element, "flow"), false);
    assert.equal(element.flow, flow);
    element.flow = null;
    assert.equal(element.flow, null);
  } finally {
    Object.setPrototypeOf(CognitoDevtools, Base);
  }
});

test("the page's own fetch is noted while the element is there", async () => {
  globalThis.fetch = async () => new Response("{}");
  const element = connected();
  await globalThis.fetch("x", { headers: { "x-amz-target": "AWSCognitoIdentityProviderService.GetUser" }, body: "{}" });
  for (let turn = 0; turn < 5; turn += 1) await new Promise((done) => setImmediate(done));
  const [, , { children: [head, table] }] = element.shadowRoot.children[0].children;
  assert.equal(head.textContent, "Requests");
  assert.match(table.textContent, /GetUser200, \d+ ms/);
});
