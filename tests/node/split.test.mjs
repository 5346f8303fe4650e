// A module cut in two: both parts together do what it did, and the first alone traps at a door.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import binaryen from "binaryen";
import { isDoor, missingDoors, plainName } from "../../scripts/lib/doors.mjs";
import { filesBelow } from "../../scripts/lib/files.mjs";
import { root } from "../../scripts/lib/run.mjs";
import { inTwo } from "../../scripts/lib/split.mjs";

const WAT = `(module
 (type $0 (func (param i32) (result i32)))
 (import "host" "double" (func $double (param i32) (result i32)))
 (global $sp (mut i32) (i32.const 65536))
 (memory $0 2)
 (data $d (i32.const 65536) "\\07")
 (table $0 4 4 funcref)
 (elem $0 (table $0) (i32.const 1) func $plus $"behind<\\"it\\">" $plus)
 (export "memory" (memory $0))
 (export "run" (func $run))
 (func $run (param $0 i32) (result i32)
  (if (result i32) (local.get $0)
   (then (call $door (local.get $0)))
   (else (call_indirect (type $0) (i32.const 1) (i32.const 1)))))
 (func $plus (param $0 i32) (result i32)
  (i32.add (local.get $0) (i32.load8_u (i32.const 65536))))
 (func $door (param $0 i32) (result i32)
  (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
  (call $"behind<\\"it\\">" (call $double (local.get $0))))
 (func $"behind<\\"it\\">" (param $0 i32) (result i32)
  (call $plus (call_indirect (type $0) (local.get $0) (i32.const 3))))
)
`;

function assembled(wat) {
  const module = binaryen.parseText(wat);
  const { MutableGlobals, ReferenceTypes, BulkMemory } = binaryen.Features;
  module.setFeatures(MutableGlobals | ReferenceTypes | BulkMemory);
  assert.ok(module.validate());
  const bytes = module.emitBinary();
  module.dispose();
  return new WebAssembly.Module(bytes);
}

test("two parts do together what the module did", () => {
  const { first, second, names } = inTwo(WAT, (name) => name === "$door" || name.startsWith('$"behind'));
  assert.deepEqual(names, ["$run", "$plus", "$door", '$"behind<\\"it\\">"']);
  const host = { host: { double: (value) => value * 2 } };
  const { exports } = new WebAssembly.Instance(assembled(first), host);
  const { memory: m, shared_table: t, shared_stack: s, run } = exports;
  assert.equal(run(0), 8, "what needs no second part");
  assert.throws(() => run(5), WebAssembly.RuntimeError);
  assert.equal(s.value, 65536);
  assert.deepEqual([t.get(2), typeof t.get(3)], [null, "function"]);
  new WebAssembly.Instance(assembled(second), { a: { m, t, s } });
  assert.equal(run(5), 24);
  assert.equal(s.value, 65520, "one stack");
  assert.equal(t.get(2)(1), 15);
});

test("what it cannot cut it says", () => {
  const strange = WAT.replace("(global $sp (mut i32) (i32.const 65536))", "(global $sp i32 (i32.const 65536))");
  assert.throws(() => inTwo(strange, () => false), /cannot be cut in two/);
  assert.throws(() => inTwo(WAT.replace("(memory $0 2)", "(memory $0 2)\n (memory $1 2)"), () => false), /cannot be cut/);
});

test("a door is known by its name without the hashes, and one that is gone is missed", () => {
  const name = '$"<cognito_flow[13b8c9e0501ad05a]::flow::Flow>::on_account"';
  assert.equal(plainName(name), "<cognito_flow::flow::Flow>::on_account");
  assert.ok(isDoor(name));
  assert.ok(!isDoor(name.replace("on_account", "pass_time")));
  assert.ok(missingDoors([]).includes("<cognito_flow::flow::Flow>::on_account"));
  assert.ok(!missingDoors([name]).includes("<cognito_flow::flow::Flow>::on_account"));
});

test("the sources mark the doors that there are, and no others", () => {
  const sources = filesBelow(join(root, "src")).map((file) => readFileSync(file, "utf8"));
  const marked = sources.flatMap((text) => [...text.matchAll(/\/\/ a door: .*\n\s*(?:pub(?:\(\w+\))? )?fn (\w+)/g)]);
  const named = missingDoors([]).map((name) => name.split("::").at(-1));
  assert.deepEqual(marked.map(([, name]) => name).sort(), named.sort());
});
