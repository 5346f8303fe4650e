// Who is told of changes, and how often.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openListeners } from "../../js/listeners.js";

/** When no microtask is left. */
const settled = () => new Promise((done) => setImmediate(done));

test("what changes before listeners are told is told once, and what changes then is told again", async () => {
  const listeners = openListeners();
  let told = 0;
  listeners.subscribe(() => {
    told += 1;
    if (told === 1) listeners.changed();
  });
  listeners.changed();
  listeners.changed();
  listeners.changed();
  assert.equal(told, 0, "from a microtask");
  await settled();
  assert.equal(told, 2, "of what was changed before, and of what the listener itself has changed");
});

test("nobody is told of what did not change", async () => {
  const listeners = openListeners();
  listeners.subscribe(() => assert.fail("told of nothing"));
  await settled();
});

test("who is taken away by another listener is not told any more", async () => {
  const listeners = openListeners();
  const told = [];
  let stop = () => {};
  listeners.subscribe(() => {
    told.push("first");
    stop();
  });
  stop = listeners.subscribe(() => told.push("second"));
  listeners.changed();
  await settled();
  assert.deepEqual(told, ["first"]);
  listeners.clear();
  listeners.changed();
  await settled();
  assert.deepEqual(told, ["first"]);
});

test("a listener that throws keeps nobody from being told, and its fault is the page's to see", async () => {
  const listeners = openListeners();
  const fault = new Error("a listener's");
  let told = 0;
  listeners.subscribe(() => {
    throw fault;
  });
  listeners.subscribe(() => (told += 1));
  const { queueMicrotask } = globalThis;
  const queued = [];
  globalThis.queueMicrotask = (action) => queued.push(action);
  try {
    listeners.changed();
    queued.shift()();
    assert.equal(told, 1);
    // As if it had been thrown where nobody catches it.
    assert.equal(queued.length, 1);
    assert.throws(queued[0], fault);
  } finally {
    globalThis.queueMicrotask = queueMicrotask;
  }
});
