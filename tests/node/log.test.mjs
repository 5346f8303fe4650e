// The last of what happened, and who is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { log } from "../../js/devtools/log.js";

test("two hundred are kept, the newest, and each is told of", () => {
  const { add, changed, notes, subscribe } = log();
  assert.deepEqual(notes, []);
  let told = 0;
  const stop = subscribe(() => (told += 1));
  for (let at = 1; at <= 200; at += 1) add(at);
  assert.deepEqual([notes.length, notes[0], notes.at(-1)], [200, 1, 200]);
  add(201);
  assert.deepEqual([notes.length, notes[0], notes.at(-1), told], [200, 2, 201, 201]);
  changed();
  assert.equal(told, 202);
  stop();
  add(202);
  changed();
  assert.equal(told, 202);
});
