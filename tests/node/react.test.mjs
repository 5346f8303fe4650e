// What the components of React hand on; React itself is the test's.
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";

const hooks = `export const resolve = (name, context, next) => {
  const of = { react: "export const { createElement, useEffect, useRef, useSyncExternalStore } = globalThis.react;", "./ui/index.js": "" };
  return name in of ? { url: "data:text/javascript," + encodeURIComponent(of[name]), shortCircuit: true } : next(name, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

let effects = [];
let refs = [];
let at = 0;
globalThis.react = {
  createElement: (...node) => node,
  useEffect: (effect, given) => effects.push({ effect, given }),
  useRef: (current) => (refs[at] ??= { current }) && refs[at++],
  useSyncExternalStore: (...given) => given,
};
const { CognitoAccount, CognitoSignIn, useFlow } = await import("../../js/react.js");

test("a flow is a store that is the same on a server", () => {
  const flow = { snapshot: () => {}, subscribe: () => {} };
  assert.deepEqual(useFlow(flow), [flow.subscribe, flow.snapshot, flow.snapshot]);
});

test("a component is the element, held from the first render to the last to what it is given", async () => {
  for (const [component, tag] of [[CognitoSignIn, "cognito-sign-in"], [CognitoAccount, "cognito-account"]]) {
    refs = [];
    const render = (props) => {
      [at, effects] = [0, []];
      return component(props);
    };
    const style = { color: "red" };
    const [of, attributes, children] = render({ className: "c", id: "i", style, children: "inner", clientId: "a" });
    const { ref, ...others } = attributes;
    assert.deepEqual([of, others, children], [tag, { class: "c", id: "i", style }, "inner"]);
    const given = [];
    let disposed = 0;
    ref.current = Object.assign(new EventTarget(), { isConnected: false, flow: null, dispose: () => (disposed += 1) });
    Object.defineProperty(ref.current, "options", { set: (options) => given.push(options) });
    assert.deepEqual(effects.map(({ given }) => given), [[], undefined], "held once, updated each time");
    const end = effects[0].effect();
    effects[1].effect();
    render({ clientId: "b" });
    effects[1].effect();
    assert.deepEqual(given, [{ clientId: "a" }, { clientId: "b" }]);
    end();
    await null;
    assert.equal(disposed, 1);
  }
});
