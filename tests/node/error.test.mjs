// The one error, and how code of the page is run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FlowError, attempt, errorOf, malformedOption, reading, withCause } from "../../js/error.js";

test("an error has its members, its name, and a cause that is not listed", () => {
  const cause = new Error("inner");
  const error = errorOf({ code: "offline", message: "Not reached.", retryAt: 5 }, cause);
  assert.ok(error instanceof FlowError && error instanceof Error);
  assert.deepEqual({ ...error }, { code: "offline", retryAt: 5 });
  assert.equal(String(error), "FlowError: Not reached.");
  assert.equal(error.cause, cause);
  assert.ok(!Object.keys(error).includes("cause"));
  assert.ok(!Object.hasOwn(errorOf({ code: "offline", message: "" }), "cause"), "none, where there is none");
  assert.equal(withCause({}, null).cause, null, "whatever was thrown is a cause");
});

test("an option that is not what it must be is named", () => {
  const { code, message } = malformedOption("storage", "a storage");
  assert.deepEqual([code, message], ["malformed", "`storage` of the options must be a storage."]);
});

test("what the page's code throws makes malformed what it was to give, and an error of ours stays one", () => {
  assert.equal(reading(() => 7), 7);
  const thrown = new Error("in a getter");
  assert.throws(() => reading(() => { throw thrown; }), (error) => {
    assert.deepEqual([error.code, error.message], ["malformed", "What was given cannot be read."]);
    assert.equal(error.cause, thrown);
    return true;
  });
  const ours = errorOf({ code: "busy", message: "" });
  assert.throws(() => reading(() => { throw ours; }), (error) => error === ours);
});

test("what cannot be had is undefined", () => {
  assert.equal(attempt(() => 7), 7);
  assert.equal(attempt(() => { throw new Error("no"); }), undefined);
});
