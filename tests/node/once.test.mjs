// What is loaded once: for all who ask, and after a failure by the next who does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { once } from "../../js/once.js";

test("nothing is loaded before somebody asks, and then once for all", async () => {
  let times = 0;
  const get = once(async () => ({ times: (times += 1) }));
  assert.equal(times, 0);
  const [one, two] = await Promise.all([get(), get()]);
  assert.deepEqual(one, { times: 1 });
  assert.ok(one === two && one === (await get()));
});

test("a failed load is told to all who wait, and tried again by the next call, once", async () => {
  const fault = new Error("offline");
  const tries = [];
  const get = once(() => new Promise((resolve, reject) => tries.push({ resolve, reject })));
  const told = [assert.rejects(get(), fault), assert.rejects(get(), fault)];
  tries[0].reject(fault);
  await Promise.all(told);
  const again = [get(), get()];
  assert.equal(tries.length, 2);
  tries[1].resolve("loaded");
  assert.deepEqual([...(await Promise.all(again)), await get(), tries.length], ["loaded", "loaded", "loaded", 2]);
});

test("who tries again at once, while others are still being told, is not forgotten by them", async () => {
  const fault = new Error("offline");
  const tries = [];
  const get = once(() => new Promise((resolve, reject) => tries.push({ resolve, reject })));
  const eager = get().catch(() => get());
  const others = [1, 2, 3].map(() => assert.rejects(get(), fault));
  tries[0].reject(fault);
  // Asked when it has failed, and nobody was told yet.
  others.push(assert.rejects(get(), fault));
  await Promise.all(others);
  const last = get();
  assert.equal(tries.length, 2, "one module, however they come");
  tries[1].resolve("loaded");
  assert.deepEqual([await eager, await last, await get(), tries.length], ["loaded", "loaded", "loaded", 2]);
});
