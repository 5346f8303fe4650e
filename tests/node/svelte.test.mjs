// A flow as a store of Svelte's, and the element held by an action.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cognitoSignIn, useFlow } from "../../js/svelte.js";

test("a store tells at once what there is, then each change, until it is let go", () => {
  const listeners = new Set();
  let snapshot = { step: "signedOut" };
  const flow = {
    snapshot: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const told = [];
  const stop = useFlow(flow).subscribe((said) => told.push(said.step));
  snapshot = { step: "mfaCode" };
  for (const listener of listeners) listener();
  assert.deepEqual(told, ["signedOut", "mfaCode"]);
  stop();
  assert.equal(listeners.size, 0);
});

test("an action gives the element what it is given, then what has changed, and lets it go", async () => {
  const given = [];
  let disposed = 0;
  const element = Object.assign(new EventTarget(), { isConnected: false, flow: null, dispose: () => (disposed += 1) });
  Object.defineProperty(element, "options", { set: (options) => given.push(options) });
  const { destroy, update } = cognitoSignIn(element, { clientId: "a" });
  update({ clientId: "b" });
  assert.deepEqual(given, [{ clientId: "a" }, { clientId: "b" }]);
  destroy();
  await null;
  assert.equal(disposed, 1);
});
