// What the components of Vue hand on; Vue itself is the test's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { beforeEach, test } from "node:test";

const NAMES = ["defineComponent", "h", "onBeforeUnmount", "onMounted", "onScopeDispose", "shallowReadonly", "shallowRef", "watch"];
const hooks = `export const resolve = (name, context, next) => {
  const of = { vue: "export const { ${NAMES.join(", ")} } = globalThis.vue;", "./ui/index.js": "" };
  return name in of ? { url: "data:text/javascript," + encodeURIComponent(of[name]), shortCircuit: true } : next(name, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

let mounted;
let unmounted;
let ended;
let watched;
globalThis.vue = {
  defineComponent: (component) => component,
  h: (...node) => node,
  onMounted: (action) => mounted.push(action),
  onBeforeUnmount: (action) => unmounted.push(action),
  onScopeDispose: (action) => ended.push(action),
  shallowReadonly: (ref) => ({ get value() { return ref.value; } }),
  shallowRef: (value) => ({ value }),
  watch: (get, told, { immediate }) => {
    watched.push(() => told(get()));
    if (immediate) told(get());
  },
};
const { CognitoAccount, CognitoSignIn, useFlow } = await import("../../js/vue.js");

beforeEach(() => ([mounted, unmounted, ended, watched] = [[], [], [], []]));

/** The members of an interface of the declarations. */
function membersOf(file, name) {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  const from = text.indexOf(`export interface ${name} `);
  assert.ok(from >= 0, name);
  const body = text.slice(from, text.indexOf("\n}", from));
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member]) => member);
}

test("a flow's snapshot is a ref for as long as the scope", () => {
  let snapshot = { step: "signedOut" };
  let listener;
  let stopped = 0;
  const flow = { snapshot: () => snapshot, subscribe: (told) => ((listener = told), () => (stopped += 1)) };
  const ref = useFlow(flow);
  assert.equal(ref.value, snapshot);
  snapshot = { step: "mfaCode" };
  listener();
  assert.equal(ref.value, snapshot);
  for (const end of ended) end();
  assert.equal(stopped, 1);
});

test("each option that is declared reaches the element", () => {
  const declared = [...membersOf("js/index.d.ts", "FlowOptions"), ...membersOf("ui/index.d.ts", "FormOptions"), "flow"];
  assert.ok(declared.length > 30);
  for (const component of [CognitoSignIn, CognitoAccount]) {
    assert.deepEqual(Object.keys(component.props).sort(), declared.sort());
  }
  // Of what is left out Vue would make `false`.
  const text = readFileSync(new URL("../../ui/index.d.ts", import.meta.url), "utf8");
  const isSwitch = (name) => new RegExp(`^ {2}${name}\\?: boolean;`, "m").test(text);
  for (const [name, prop] of Object.entries(CognitoSignIn.props)) {
    assert.deepEqual(prop, isSwitch(name) ? { type: Boolean, default: undefined } : { type: null }, name);
  }
});

test("a component is the element, holds it to what it is given, tells its events, and lets it go", async () => {
  for (const [component, name, tag] of [[CognitoSignIn, "CognitoSignIn", "cognito-sign-in"], [CognitoAccount, "CognitoAccount", "cognito-account"]]) {
    [mounted, unmounted, watched] = [[], [], []];
    assert.equal(component.name, name);
    assert.deepEqual(component.emits, ["step", "signedIn", "signedOut", "failure"]);
    const emitted = [];
    const props = { clientId: "a" };
    const slots = { default: () => "inner", header: () => "above", "signed-in": () => "there" };
    const render = component.setup(props, { emit: (...said) => emitted.push(said), slots });
    unmounted[0]();
    const [of, { ref }, children] = render();
    assert.deepEqual([of, children], [tag, ["inner", ["div", { slot: "header" }, "above"], undefined, undefined, ["div", { slot: "signed-in" }, "there"]]]);
    const given = [];
    let disposed = 0;
    ref.value = Object.assign(new EventTarget(), { isConnected: false, flow: null, dispose: () => (disposed += 1) });
    Object.defineProperty(ref.value, "options", { set: (options) => given.push(options) });
    mounted[0]();
    props.clientId = "b";
    for (const look of watched) look();
    assert.deepEqual(given, [{ clientId: "a" }, { clientId: "b" }]);
    for (const [type, detail] of [["step", 1], ["signed-in", 2], ["signed-out", 3], ["failed", { error: 4 }]]) {
      ref.value.dispatchEvent(Object.assign(new Event(`cognito-${type}`), { detail }));
    }
    assert.deepEqual(emitted, [["step", 1, null], ["signedIn", 2, null], ["signedOut", 3, null], ["failure", 4]]);
    unmounted[0]();
    await null;
    assert.equal(disposed, 1);
  }
  const bare = CognitoSignIn.setup({}, { emit() {}, slots: { footer: () => "f", support: () => "s" } });
  assert.deepEqual(bare()[2], [undefined, undefined, ["div", { slot: "footer" }, "f"], ["div", { slot: "support" }, "s"], undefined]);
});
