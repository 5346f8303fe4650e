// The devtools' notes of steps: of a snapshot what holds no person's data, and of one flow at a time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { notesOfSteps } from "../../js/devtools/steps.js";

function flowOf(snapshot) {
  const listeners = new Set();
  const it = {
    snapshot: () => snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show: (next) => {
      snapshot = next;
      for (const listener of listeners) listener();
    },
    listeners,
  };
  return it;
}

const SIGNED_OUT = { step: "signedOut", round: 1, busy: null, error: null };

test("of a snapshot those members are noted that are nobody's data", () => {
  const steps = notesOfSteps();
  const before = Date.now();
  const error = { code: "wrongCredentials", message: "secret", server: "NotAuthorizedException", retryAt: 5, attribute: "secret" };
  steps.watch(flowOf({ ...SIGNED_OUT, username: "ann", secret: "totp", expiresAt: 1, codeExpiresAt: "soon", resendAt: 3, tokensExpireAt: null, error, busy: "signIn" }));
  const [{ at, ...note }] = steps.notes;
  assert.ok(at >= before);
  assert.deepEqual(note, {
    step: "signedOut", round: 1, busy: "signIn", error: "wrongCredentials", server: "NotAuthorizedException",
    times: [["expiresAt", 1], ["resendAt", 3], ["retryAt", 5]],
  });
});

test("the name of an exception is one, or is not noted", () => {
  const steps = notesOfSteps();
  const flow = flowOf(SIGNED_OUT);
  steps.watch(flow);
  for (const [server, noted] of [["OddException", true], ["x", false], ["odd exception: secret", false], ["xOdd", false], ["Odd1", false], ["O".repeat(61), true], ["O".repeat(62), false]]) {
    flow.show({ ...SIGNED_OUT, error: { code: "server", server } });
    assert.equal(steps.notes.at(-1).server, noted ? server : null, server);
  }
  flow.show({ ...SIGNED_OUT, error: { code: "server" } });
  assert.deepEqual([steps.notes.at(-1).server, steps.notes.at(-1).error], [null, "server"]);
  flow.show({ ...SIGNED_OUT, tokensExpireAt: 7 });
  const { error, server, times } = steps.notes.at(-1);
  assert.deepEqual([error, server, times], [null, null, [["tokensExpireAt", 7]]]);
  flow.show({ ...SIGNED_OUT, codeExpiresAt: 8 });
  assert.deepEqual(steps.notes.at(-1).times, [["codeExpiresAt", 8]]);
});

test("one flow is followed at a time, and nobody is told when there is none", () => {
  const steps = notesOfSteps();
  let told = 0;
  const stop = steps.subscribe(() => (told += 1));
  steps.watch(null);
  const [one, two] = [flowOf(SIGNED_OUT), flowOf({ ...SIGNED_OUT, step: "mfaCode" })];
  steps.watch(one);
  steps.watch(one);
  assert.deepEqual([steps.notes.length, told, one.listeners.size], [1, 1, 1]);
  steps.watch(two);
  one.show({ ...SIGNED_OUT, step: "other" });
  assert.deepEqual([steps.notes.map(({ step }) => step), one.listeners.size, two.listeners.size], [["signedOut", "mfaCode"], 0, 1]);
  steps.watch(null);
  steps.watch(null);
  assert.deepEqual([steps.notes.length, two.listeners.size], [2, 0]);
  steps.watch(two);
  assert.equal(steps.notes.length, 3, "followed again");
  stop();
  two.show(SIGNED_OUT);
  assert.deepEqual([steps.notes.length, told], [4, 3]);
});
