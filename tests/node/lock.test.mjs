// One lock for all tabs: Web Locks that are granted, refused, stolen or missing, and the guard in their place.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { openLock } from "../../js/lock.js";

const NAME = "cognito-flow.pool.client.lock";
const SHOWN_MS = 100;
const POLL_MS = 50;
const GUARD_MS = 20_000;
const START = 1_800_000_000_000;

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: START }));
afterEach(() => {
  mock.timers.reset();
  delete globalThis.navigator;
});

const settled = () => new Promise((done) => setImmediate(done));
/** Time goes on, and what waits for it is done. */
async function pass(ms) {
  await settled();
  mock.timers.tick(ms);
  await settled();
}

const setLocks = (locks) => Object.defineProperty(globalThis, "navigator", { configurable: true, value: { locks } });

/** A storage of all tabs. */
function areaOf(methods = {}) {
  const kept = new Map();
  const own = { setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key), ...methods };
  return { kept, get: (key) => kept.get(key) ?? null, use: (method, ...values) => own[method](...values) };
}

/** A tab: its lock, and what it was granted. */
function tab(area) {
  const granted = [];
  return { granted, ...openLock(NAME, area, (id) => granted.push(id)) };
}

/** Web Locks, as far as one exclusive lock goes. */
function webLocks() {
  const names = [];
  let last = Promise.resolve();
  return {
    names,
    request(name, callback) {
      names.push(name);
      last = last.then(() => callback({ name }));
      return last;
    },
  };
}

test("without anything shared there is nobody to wait for, but not before the caller is done", async () => {
  const { acquire, granted } = tab(undefined);
  acquire(1);
  acquire(2);
  await settled();
  assert.deepEqual(granted, []);
  await pass(0);
  assert.deepEqual(granted, [1, 2]);
});

test("what is given back before it is there is never granted", async () => {
  for (const [locks, area] of [[undefined, undefined], [webLocks(), areaOf()], [undefined, areaOf()]]) {
    setLocks(locks);
    const { acquire, close, granted, release } = tab(area);
    acquire(1);
    release(1);
    release(1);
    release(9);
    acquire(2);
    close();
    await pass(SHOWN_MS + POLL_MS);
    assert.deepEqual(granted, []);
    assert.deepEqual([...(area?.kept.keys() ?? [])], []);
  }
});

test("a Web Lock is one for all tabs, and is held on until what was written is shown to the next", async () => {
  const locks = webLocks();
  setLocks(locks);
  const area = areaOf();
  const [one, two] = [tab(area), tab(area)];
  one.acquire(1);
  two.acquire(2);
  await settled();
  assert.deepEqual([locks.names, one.granted, two.granted], [[NAME, NAME], [1], []]);
  one.release(1);
  await pass(SHOWN_MS - 1);
  assert.deepEqual(two.granted, [], "the other tab may not see yet what was written");
  await pass(1);
  assert.deepEqual(two.granted, [2]);
  assert.deepEqual([...area.kept.keys()], [], "no guard besides");
  two.close();
  await pass(SHOWN_MS);
  one.acquire(3);
  await settled();
  assert.deepEqual(one.granted, [1, 3], "closed is given back");
});

test("who gave up while waiting does not hold up those behind", async () => {
  setLocks(webLocks());
  const area = areaOf();
  const [one, two, three] = [tab(area), tab(area), tab(area)];
  one.acquire(1);
  two.acquire(2);
  three.acquire(3);
  await settled();
  two.release(2);
  one.release(1);
  await pass(SHOWN_MS);
  assert.deepEqual([two.granted, three.granted], [[], [3]]);
});

test("a lock that is refused is a guard instead", async () => {
  const refusing = [{ request: () => Promise.reject(new Error("SecurityError")) }, { request: () => { throw new Error("no"); } }];
  for (const locks of [undefined, null, {}, ...refusing]) {
    setLocks(locks);
    const area = areaOf();
    const { acquire, granted, release } = tab(area);
    acquire(1);
    await pass(SHOWN_MS - 1);
    assert.match(area.kept.get(NAME), new RegExp(`^${Date.now() - SHOWN_MS + 1} 0\\.\\d+$`));
    assert.deepEqual(granted, []);
    await pass(1);
    assert.deepEqual(granted, [1]);
    release(1);
    assert.equal(area.kept.size, 0);
  }
});

test("a lock that is stolen was granted once, and is guarded on", async () => {
  let steal;
  setLocks({
    request: (name, callback) => new Promise((_, fail) => {
      steal = fail;
      callback({ name });
    }),
  });
  const area = areaOf();
  const { acquire, granted, release } = tab(area);
  acquire(1);
  await settled();
  steal(new Error("AbortError"));
  await pass(SHOWN_MS);
  assert.deepEqual([granted, area.kept.size], [[1], 1], "and not twice");
  release(1);
  await pass(SHOWN_MS);
  assert.equal(area.kept.size, 0);
});

test("a lock that is refused when nobody wants it any more leaves no guard", async () => {
  let refuse;
  setLocks({ request: () => new Promise((_, fail) => (refuse = fail)) });
  const area = areaOf();
  const { acquire, granted, release } = tab(area);
  acquire(1);
  await settled();
  release(1);
  refuse(new Error("AbortError"));
  await pass(SHOWN_MS);
  assert.deepEqual([granted, area.kept.size], [[], 0]);
});

test("a guard is waited for, and taken when it is given back", async () => {
  const area = areaOf();
  const [one, two] = [tab(area), tab(area)];
  one.acquire(1);
  await pass(SHOWN_MS);
  two.acquire(2);
  await settled();
  for (let time = 0; time < 10; time += 1) await pass(POLL_MS);
  assert.deepEqual([one.granted, two.granted], [[1], []]);
  one.release(1);
  await pass(POLL_MS - 1);
  assert.equal(area.kept.size, 0, "not looked at without a pause");
  await pass(1);
  await pass(SHOWN_MS);
  assert.deepEqual(two.granted, [2]);
});

test("who gave up waiting for a guard takes none", async () => {
  const area = areaOf();
  area.kept.set(NAME, `${START} 0.1`);
  const { acquire, granted, release } = tab(area);
  acquire(1);
  await pass(POLL_MS);
  release(1);
  area.kept.delete(NAME);
  await pass(SHOWN_MS + POLL_MS);
  assert.deepEqual([granted, area.kept.size], [[], 0]);
});

test("of two that write the guard at once one has it, and the other waits", async () => {
  const area = areaOf();
  const [one, two] = [tab(area), tab(area)];
  // Each sees none: a process of its own is shown what the other has written some time later.
  const { get } = area;
  area.get = () => null;
  one.acquire(1);
  two.acquire(2);
  await settled();
  area.get = get;
  await pass(SHOWN_MS);
  assert.deepEqual([one.granted, two.granted], [[], [2]]);
  const mark = area.kept.get(NAME);
  one.release(1);
  assert.equal(area.kept.get(NAME), mark, "another's guard is not taken away");
  one.acquire(3);
  two.release(2);
  await pass(POLL_MS);
  await pass(SHOWN_MS);
  assert.deepEqual(one.granted, [3]);
});

test("who was not fast enough looks again after a pause", async () => {
  const area = areaOf();
  const { acquire, granted } = tab(area);
  acquire(1);
  await settled();
  area.kept.set(NAME, `${START} 0.5`);
  await pass(SHOWN_MS);
  area.kept.delete(NAME);
  await pass(POLL_MS - 1);
  assert.equal(area.kept.size, 0);
  await pass(1);
  await pass(SHOWN_MS);
  assert.deepEqual(granted, [1]);
});

test("a guard of a tab that died, or of a clock that was set back, is none after twenty seconds", async () => {
  for (const [age, isFree] of [[0, false], [GUARD_MS, false], [GUARD_MS + 1, true], [-GUARD_MS, false], [-GUARD_MS - 1, true]]) {
    const area = areaOf();
    area.kept.set(NAME, `${Date.now() - age} 0.1`);
    const { acquire, close, granted } = tab(area);
    acquire(1);
    await pass(SHOWN_MS);
    assert.deepEqual(granted, isFree ? [1] : [], String(age));
    close();
  }
  const area = areaOf();
  area.kept.set(NAME, "spoiled");
  const { acquire, granted } = tab(area);
  acquire(1);
  await pass(SHOWN_MS);
  assert.deepEqual(granted, [1]);
});

test("a storage that keeps nothing guards nothing, and nobody waits for ever", async () => {
  for (const get of [() => null, () => undefined]) {
    const area = areaOf({ setItem: () => {} });
    area.get = get;
    let removed = 0;
    const { use } = area;
    area.use = (method, ...values) => {
      if (method === "removeItem") removed += 1;
      use(method, ...values);
    };
    const { acquire, granted, release } = tab(area);
    acquire(1);
    await pass(SHOWN_MS);
    assert.deepEqual(granted, [1]);
    release(1);
    assert.equal(removed, 0);
  }
});

test("what is given back by the storage's own code is not granted", async () => {
  for (const method of ["setItem", "getItem"]) {
    const area = areaOf();
    const { acquire, granted, release } = tab(area);
    const { get, use } = area;
    area.use = (...call) => {
      use(...call);
      if (call[0] === method) release(1);
    };
    area.get = (key) => {
      if (method === "getItem") release(1);
      return get(key);
    };
    acquire(1);
    await pass(SHOWN_MS);
    await pass(SHOWN_MS);
    assert.deepEqual(granted, []);
  }
});
