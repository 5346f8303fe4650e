// Writing a module into a text, and getting it back out of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import binaryen from "binaryen";
import { inlineModule } from "../../scripts/lib/inline.mjs";
import { Failure, root } from "../../scripts/lib/run.mjs";

test("the client's module comes back out of its text, and is smaller in it", async () => {
  const wasm = readFileSync(join(root, "build/client/cognito_flow_bg.wasm"));
  const source = await inlineModule(wasm);
  assert.deepEqual(await unpacked(source), wasm);
  assert.match(textOf(source), /^[ -~]+$/);
  assert.doesNotMatch(textOf(source), /["$<\\`]/);
  assert.equal(await inlineModule(wasm), source, "it is always written in one way");
});

test("every operation comes back, with whatever follows it", async () => {
  await returns(assembled(EVERYTHING));
});

test("locals and functions with large numbers come back", async () => {
  const locals = Array.from({ length: 256 }, (_, index) => index);
  const uses = locals.map((index) => `(drop (local.get ${index}))`).join("");
  const again = [200, 3, 255, 200, 0, 127, 128, 3].map((index) => `(local.set ${index} (i32.const 1))`);
  const functions = locals.map((index) => `(func (call ${(index * 7) % 257}))`).join("");
  await returns(assembled(`(module (func ${"(local i32)".repeat(256)} ${uses} ${again.join(" ")}) ${functions})`));
});

test("modules of random code come back", async () => {
  const random = openRandom(20);
  for (let round = 0; round < 12; round += 1) await returns(randomModule(random));
});

test("every byte of a text that follows the code comes back", async () => {
  const bytes = Array.from({ length: 512 }, (_, index) => `\\${(index & 255).toString(16).padStart(2, "0")}`);
  await returns(assembled(`(module (memory 1) (data (i32.const 0) "${bytes.join("")}") (func))`));
});

test("what cannot be taken apart fails the build, and says why", async () => {
  const code = (...bytes) =>
    Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
      ...[10, ...sized([1, ...sized([0, ...bytes, 0x0b])])],
    );
  const fails = (wasm, why) =>
    assert.rejects(inlineModule(wasm), (error) => error instanceof Failure && why.test(error.message));
  await fails(code(0x12, 0), /operation 0x12 is not known/);
  await fails(code(0xe0), /operation 0xe0 is not known/);
  await fails(code(0xfb, 1), /operation 0xfb is not known/);
  await fails(code(0xfc, 18), /operation 0xfc 18 is not known/);
  await fails(code(0x41, 0, 0x28, 0x42, 0, 0, 0x1a), /several memories/);
  await fails(code(0x20, 0x80, 2, 0x1a), /more than 256 locals/);
  await fails(code(0x0e, 0x80, 2, ...new Array(257).fill(0)), /259 bytes follow an operation/);
  await fails(code(0x44), /does not end/);
  await fails(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), /has no code/);
});

/** What every kind of operand has, in functions of their own. */
const EVERYTHING = `(module
  (type $t (func (param i32) (result i32)))
  (import "a" "b" (func $imported (param i32)))
  (memory 1) (table 4 funcref) (global $g (mut i64) (i64.const -9))
  (elem (i32.const 0) func $all $all) (elem $passive func $all) (data $d "abc")
  (func $all (type $t)
    (local i64 f32 f64 v128 funcref i32 i32 i32 i32 i32)
    (call $imported (i32.const -1))
    (local.set 1 (i64.const -9223372036854775808))
    (local.set 2 (f32.const 1.5)) (local.set 3 (f64.const -1e300))
    (local.set 4 (v128.const i32x4 1 -2 3 -4))
    (local.set 4 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 4) (local.get 4)))
    (local.set 4 (v128.load32_lane offset=7 align=1 2 (i32.const 8) (local.get 4)))
    (local.set 4 (v128.load64_zero offset=300 (i32.const 8)))
    (local.set 6 (i32x4.extract_lane 3 (local.get 4)))
    (local.set 4 (i32x4.dot_i16x8_s (local.get 4) (v128.load align=4 (i32.const 0))))
    (v128.store (i32.const 16) (local.get 4))
    (local.set 5 (ref.func $all)) (local.set 5 (ref.null func))
    (local.set 6 (ref.is_null (local.get 5)))
    (local.set 5 (select (result funcref) (local.get 5) (ref.null func) (i32.const 1)))
    (local.set 6 (select (i32.const 1) (i32.const 200) (i32.const 70000)))
    (local.set 7 (i32.load offset=65536 align=1 (i32.const 1048576)))
    (i64.store16 offset=3 (i32.const 4) (global.get $g))
    (global.set $g (i64.extend_i32_u (i32.trunc_sat_f64_s (local.get 3))))
    (memory.copy (i32.const 0) (i32.const 8) (i32.const 4))
    (memory.fill (i32.const 0) (i32.const 8) (i32.const 4))
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $d)
    (table.init $passive (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $passive)
    (table.copy (i32.const 0) (i32.const 1) (i32.const 1))
    (table.set (i32.const 0) (table.get (i32.const 1)))
    (drop (table.grow (ref.null func) (i32.const 1))) (drop (table.size))
    (table.fill (i32.const 0) (ref.null func) (i32.const 1))
    (drop (memory.grow (i32.const 0))) (drop (memory.size))
    (block $out (result i32)
      (loop $again
        (br_if $again (i32.add (i32.const 0) (local.tee 8 (i32.const 64))))
        (block (block (br_table 0 1 2 (local.get 0)))))
      (if (result i32) (local.get 0)
        (then (br $out (call_indirect (type $t) (i32.const 63) (i32.const 0))))
        (else (return (i32.const 128)))))))`;

function assembled(source) {
  const module = binaryen.parseText(source);
  // Those of WebAssembly 2.0: with later ones it writes types that not every Node knows.
  const features = ["BulkMemory", "BulkMemoryOpt", "ReferenceTypes", "SIMD128", "NontrappingFPToInt"];
  module.setFeatures(features.reduce((all, name) => all | binaryen.Features[name], 0));
  const bytes = module.emitBinary();
  module.dispose();
  assert.ok(WebAssembly.validate(bytes));
  return bytes;
}

/** Binaryen's own generator of valid code is not in its npm package: this one is of bytes. */
function randomModule(random) {
  const number = (signed) => {
    let value = random(2 ** [3, 7, 14, 31][random(4)]);
    const bytes = [];
    for (; value > (signed ? 63 : 127); value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    return [...bytes, value];
  };
  const functions = 1 + random(20);
  const expression = (depth) => {
    const local = random(40);
    const inner = () => (depth > 4 ? [0x41, ...number(true)] : expression(depth + 1));
    return [
      () => [0x41, ...number(true)],
      () => [0x20, local],
      () => [...inner(), 0x22, local],
      () => [...inner(), 0x21, local, 0x20, local],
      () => [...inner(), ...inner(), 0x6a + random(3)],
      () => [...inner(), 0x28, random(3), ...number(false)],
      () => [...inner(), ...inner(), 0x36, random(3), ...number(false), 0x20, local],
      () => [0x10, random(functions)],
      () => [0x02, 0x7f, ...inner(), 0x0b],
      () => [...inner(), 0x04, 0x7f, ...inner(), 0x05, ...inner(), 0x0b],
      () => [0x42, ...number(true), 0xa7],
    ][random(11)]();
  };
  const bodies = Array.from({ length: functions }, () => sized([1, 40, 0x7f, ...expression(0), 0x0b]));
  const wasm = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3],
    ...sized([functions, ...new Array(functions).fill(0)]),
    ...[5, 3, 1, 0, 1, 10],
    ...sized([functions, ...bodies.flat()]),
    ...[0, ...sized([1, 0x78, ...Array.from({ length: random(300) }, () => random(256))])],
  );
  assert.ok(WebAssembly.validate(wasm));
  return wasm;
}

async function returns(wasm) {
  assert.deepEqual(await unpacked(await inlineModule(wasm)), Buffer.from(wasm));
}

async function unpacked(source) {
  const { wasmBytes } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  return Buffer.from(wasmBytes());
}

/** Bytes, after how many they are. */
function sized(bytes) {
  const size = [];
  let left = bytes.length;
  for (; left > 127; left >>= 7) size.push((left & 127) | 128);
  return [...size, left, ...bytes];
}

const textOf = (source) => /const data = "(.*)";/.exec(source)[1];

/** Numbers below a limit, always the same ones. */
function openRandom(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
