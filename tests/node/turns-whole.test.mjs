// A module that is whole: everything is done at once, and nothing of it is seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openTurns, whenEnough } from "../../js/turns-whole.js";

const fault = new Error("fault");
const fails = () => {
  throw fault;
};

test("what enters the machine enters at once, and what it throws is thrown", () => {
  const turns = openTurns();
  assert.equal(turns.inTurn(() => "done"), "done");
  assert.throws(() => turns.inTurn(fails), fault);
  assert.equal(whenEnough(undefined, () => "host"), "host");
});

test("what may fail may", () => {
  const turns = openTurns();
  const done = [];
  for (const name of ["aside", "heed"]) {
    turns[name](() => done.push(name));
    turns[name](fails);
  }
  assert.deepEqual(done, ["aside", "heed"]);
});

test("nothing waits: nothing is covered, left, ended or missing", () => {
  const turns = openTurns();
  for (const name of ["cover", "uncover", "leaves", "end", "isMissing"]) assert.ok(!turns[name](fault), name);
});
