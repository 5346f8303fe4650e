// What the machine is given, as JSON text made without running anybody's code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import * as json from "../../js/json.js";

const { objectText, own, text } = json;

test("what JSON has a word for is written in it", () => {
  assert.equal(text(null), "null");
  assert.equal(text(true), "true");
  assert.equal(text(-1.5), "-1.5");
  assert.equal(text('a "b" \u2028'), JSON.stringify('a "b" \u2028'));
  assert.equal(text([1, [], "x"]), '[1,[],"x"]');
  assert.equal(text({ a: { b: [false] }, 'c"': null }), '{"a":{"b":[false]},"c\\"":null}');
  assert.equal(text({}), "{}");
});

test("what JSON has no word for is malformed wherever it stands, and nothing that is not said is a member", () => {
  for (const value of [undefined, NaN, Infinity, 1n, Symbol("a"), () => 1]) {
    assert.equal(text(value), "[0]", String(value));
    assert.equal(text([value]), "[[0]]", String(value));
  }
  assert.equal(text({ a: undefined, b: 1, c: NaN }), '{"b":1,"c":[0]}');
  assert.equal(text(Array(2)), "[[0],[0]]");
});

test("four levels are read, and what is below the last one is not", () => {
  assert.equal(text({ a: { b: { c: { d: 1 } } } }), '{"a":{"b":{"c":{"d":1}}}}');
  assert.equal(text({ a: { b: { c: { d: {} } } } }), '{"a":{"b":{"c":{"d":[0]}}}}');
  const ring = {};
  ring.ring = ring;
  assert.equal(text(ring), '{"ring":{"ring":{"ring":{"ring":[0]}}}}');
});

test("nobody's code runs, and prototypes have no members", () => {
  const fails = () => assert.fail("this is not to be called");
  Object.prototype.polluted = "everywhere";
  try {
    class Options {
      get password() {
        return fails();
      }
      toJSON = undefined;
    }
    assert.equal(text(new Options()), "{}");
    assert.equal(text({ toJSON: undefined, a: 1 }), '{"a":1}');
    assert.equal(text(Object.create({ inherited: 1 })), "{}");
    assert.equal(own({ a: 1 }).polluted, undefined);
    for (const nothing of [null, undefined, 5, true]) assert.deepEqual(Object.keys(own(nothing)), []);
  } finally {
    delete Object.prototype.polluted;
  }
  assert.equal(text({ toJSON: fails, a: 1 }), '{"toJSON":[0],"a":1}');
});

test("of a JSON text an object is taken, and nothing else", () => {
  assert.equal(objectText('{ "a": [1, {"b": null}] }'), '{"a":[1,{"b":null}]}');
  for (const json of ["", "null", "1", '"{}"', "[]", "{", "<html>", "undefined"]) {
    assert.equal(objectText(json), undefined, json);
  }
  const deep = `{"a":${"[".repeat(20)}1${"]".repeat(20)}}`;
  assert.equal(objectText(deep), deep, "a reply may be as deep as it likes");
  const endless = '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000);
  assert.equal(objectText(endless), undefined);
});

test("numbers mean the same on both sides", () => {
  const browser = readFileSync(new URL("../../src/browser.rs", import.meta.url), "utf8");
  for (const name of ["NOT_SENT", "LOST"]) {
    assert.equal(Number(new RegExp(`const ${name}: i32 = (-?\\d+);`).exec(browser)[1]), json[name], name);
  }
  const inputs = { EVENT: "Event", ASK: "Ask", REPLY: "Reply", LOCKED: "Locked", STORED: "Stored", PASSKEY: "Passkey", RETURNED: "Returned", IDLE: "Idle" };
  for (const [name, input] of Object.entries(inputs)) {
    const number = new RegExp(`\\b(\\d+) => (?:\\{[^}]*?)?Input::${input}\\b`).exec(browser)?.[1];
    assert.equal(Number(number), json[name], name);
  }
  const slots = { SESSION: "Session", PENDING: "Pending" };
  for (const [name, slot] of Object.entries(slots)) {
    assert.equal(Number(new RegExp(`\\b(\\d+) => Slot::${slot}\\b`).exec(browser)[1]), json[name], name);
  }
});
