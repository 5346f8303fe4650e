// Where records are kept: storages that are full, blocked, wrapped, or forget, and what others write there.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { openStorage, recordOf } from "../../js/storage.js";
import { storageOf } from "./support/storage.mjs";

const KEY = "cognito-flow.pool.client";
const [SESSION, PENDING, DEVICES] = [`${KEY}.session`, `${KEY}.pending`, `${KEY}.devices`];
const TAB_SESSION = `${KEY}.tabSession`;
const A = '{"a":1}';
const B = '{"b":2}';

function install({ local, session }) {
  for (const [name, storage] of Object.entries({ localStorage: local, sessionStorage: session })) {
    const get = typeof storage === "function" ? storage : () => storage;
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
}
afterEach(() => install({}));

/** What is told of changes since the last look. */
function news(storage) {
  const told = [];
  storage.look((number, record) => told.push([number, record]));
  return told;
}

const nothing = { session: undefined, pending: undefined, devices: undefined };
const empty = { session: "", pending: "", devices: "" };

test("each kind keeps where it says, and what is of the tab is never anywhere else", () => {
  for (const choice of ["memory", "session", "local", "own"]) {
    const [local, session, own] = [storageOf(), storageOf(), storageOf()];
    install({ local, session });
    const storage = openStorage(choice === "own" ? own : choice, KEY);
    assert.deepEqual(storage.first(), choice === "memory" ? nothing : empty, choice);
    storage.slots.forEach((slot, number) => {
      slot.set(`{"n":${number}}`, false);
      assert.equal(slot.held, `{"n":${number}}`);
    });
    const expected = { memory: [[], []], session: [[], [SESSION, PENDING, DEVICES]] };
    const [inLocal, inSession] = expected[choice] ?? [choice === "local" ? [SESSION, DEVICES] : [], [PENDING]];
    assert.deepEqual([...local.kept.keys()], inLocal, choice);
    assert.deepEqual([...session.kept.keys()], inSession, choice);
    assert.deepEqual([...own.kept.keys()], choice === "own" ? [SESSION, DEVICES] : [], choice);
    assert.equal(storage.isOfTab(), choice === "session", choice);
    assert.equal(storage.area === undefined, choice === "memory", choice);
    assert.deepEqual(news(storage), [], "what a flow has written itself is no news");
    if (choice === "local") continue;
    // There is one place for the session then, whether it is to be remembered or not.
    storage.slots[0].set(A, true);
    const { area } = storage;
    assert.deepEqual([area?.get(SESSION), area?.get(TAB_SESSION)], area ? [A, null] : [undefined, undefined], choice);
  }
});

test("what is found at the beginning is what was kept, and what is no object of JSON is not ours", () => {
  const local = storageOf({ [SESSION]: ' {"a": 1}', [DEVICES]: "<html>" });
  install({ local, session: storageOf({ [PENDING]: "[1]" }) });
  const storage = openStorage("local", KEY);
  assert.deepEqual(storage.first(), { session: A, pending: "{}", devices: "{}" });
  assert.equal(storage.slots[0].held, ' {"a": 1}', "as it stands there");
  assert.deepEqual(["", "null", "7", null].map(recordOf), ["{}", "{}", "{}", ""]);
});

test("storages that may not be looked at, or are not there, keep nothing and harm nobody", () => {
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  for (const none of [forbidden, undefined, null]) {
    install({ local: none, session: none });
    for (const choice of ["local", "session", "memory"]) {
      const storage = openStorage(choice, KEY);
      assert.deepEqual(storage.first(), nothing);
      assert.equal(storage.isOfTab(), false, "what nobody keeps no copy of the tab has either");
      for (const inTab of [true, false]) {
        storage.slots[0].set(A, inTab);
        assert.equal(storage.slots[0].held, A);
        storage.slots[0].set(null);
        assert.equal(storage.slots[0].held, null);
      }
      assert.deepEqual(news(storage), []);
    }
  }
});

test("a storage of the app's has the three methods, its own, and at once", () => {
  install({ session: storageOf() });
  const late = async () => null;
  const refused = [
    "disk", 5, {}, storageOf({}, { getItem: undefined }), storageOf({}, { setItem: 5 }), storageOf({}, { removeItem: null }),
    storageOf({}, { getItem: late }), storageOf({}, { setItem: late }), storageOf({}, { removeItem: late }),
    storageOf({}, { getItem: () => Promise.resolve(null) }), storageOf({}, { getItem: () => ({ value: A }) }),
  ];
  for (const choice of refused) {
    assert.throws(() => openStorage(choice, KEY), (error) => {
      assert.equal(error.code, "malformed");
      assert.match(error.message, /`storage` of the options must be "memory", .* without promises/);
      return true;
    });
  }
  const lists = storageOf({}, { getItem: () => undefined });
  assert.deepEqual(openStorage(lists, KEY).first(), empty, "undefined is none");
});

test("what a polluted prototype has is no storage", () => {
  for (const name of ["getItem", "setItem", "removeItem"]) {
    const { [name]: _, ...others } = storageOf();
    Object.prototype[name] = () => null;
    try {
      assert.throws(() => openStorage(others, KEY), { code: "malformed" }, name);
    } finally {
      delete Object.prototype[name];
    }
  }
});

test("a storage that throws has said nothing, and neither has one that gives no text", () => {
  const throwing = () => {
    throw new Error("QuotaExceededError");
  };
  for (const getItem of [throwing, () => 5, () => NaN]) {
    install({ session: storageOf() });
    const storage = openStorage(storageOf({}, { getItem, setItem: throwing, removeItem: throwing }), KEY);
    assert.equal(storage.first().session, undefined);
    storage.slots[0].set(A);
    storage.slots[0].set(null);
    assert.deepEqual(news(storage), []);
  }
});

test("another tab's change is told once, a sign-out too, and the other tabs' flows are not told of this one", () => {
  const local = storageOf({ [SESSION]: A });
  install({ local, session: storageOf() });
  const storage = openStorage("local", KEY);
  storage.first();
  assert.deepEqual(news(storage), []);
  local.kept.set(SESSION, B);
  local.kept.set(DEVICES, A);
  assert.deepEqual(news(storage), [[0, B], [2, A]]);
  assert.equal(storage.slots[0].held, B);
  assert.deepEqual(news(storage), []);
  local.kept.delete(SESSION);
  assert.deepEqual(news(storage), [[0, ""]]);
  assert.equal(storage.slots[0].held, null);
  local.kept.set(SESSION, "spoiled");
  assert.deepEqual(news(storage), [[0, "{}"]]);
});

test("what somebody else does to the record of a challenge is no news: it is this tab's", () => {
  const session = storageOf({ [PENDING]: A });
  install({ local: storageOf(), session });
  const storage = openStorage("local", KEY);
  storage.first();
  session.kept.set(PENDING, B);
  assert.deepEqual(news(storage), []);
});

test("who cannot say for a while what is there has not signed anybody out", () => {
  let isOut = false;
  const storage = storageOf({ [SESSION]: A });
  const { getItem } = storage;
  storage.getItem = (key) => {
    if (isOut) throw new Error("busy");
    return getItem(key);
  };
  install({ session: storageOf() });
  const opened = openStorage(storage, KEY);
  opened.first();
  isOut = true;
  assert.deepEqual(news(opened), []);
  isOut = false;
  assert.deepEqual(news(opened), [], "nothing has changed meanwhile");
  isOut = true;
  news(opened);
  storage.kept.set(SESSION, B);
  isOut = false;
  assert.deepEqual(news(opened), [[0, B]], "this has");
});

test("what could not be looked at in the beginning is not news when it can be, and later changes are", () => {
  let isOut = true;
  const storage = storageOf({ [SESSION]: A });
  const { getItem } = storage;
  storage.getItem = (key) => (isOut ? NaN : getItem(key));
  install({ session: storageOf() });
  const opened = openStorage(storage, KEY);
  assert.equal(opened.first().session, undefined);
  isOut = false;
  assert.deepEqual(news(opened), []);
  storage.kept.delete(SESSION);
  assert.deepEqual(news(opened), [], "nobody was signed in here who could be signed out");
  storage.kept.set(SESSION, B);
  assert.deepEqual(news(opened), [[0, B]]);
});

test("in a full storage the older record makes room, and what finds none leaves nothing behind", () => {
  const fits = storageOf({ [SESSION]: A });
  fits.setItem = (key, value) => {
    if (fits.kept.size > 0) throw new Error("QuotaExceededError");
    fits.kept.set(key, value);
  };
  install({ session: storageOf() });
  const storage = openStorage(fits, KEY);
  storage.first();
  storage.slots[0].set(B);
  assert.equal(fits.kept.get(SESSION), B);
  storage.slots[2].set(A);
  assert.equal(fits.kept.has(DEVICES), false);
  assert.deepEqual(news(storage), []);

  const full = storageOf({ [SESSION]: A }, { setItem: () => {} });
  const other = openStorage(full, KEY);
  other.first();
  other.slots[0].set(B);
  assert.equal(full.kept.has(SESSION), false, "a token that may be spent does not stay");
  assert.equal(other.slots[0].held, B, "the flow goes on with what it has");
  assert.deepEqual(news(other), [], "its own sign-in is not undone by a storage that forgets");
});

test("of a record that a storage cuts off nothing is left", () => {
  const short = storageOf();
  short.setItem = (key, value) => void short.kept.set(key, value.slice(0, 4));
  install({ session: storageOf() });
  const storage = openStorage(short, KEY);
  storage.first();
  storage.slots[0].set(A);
  assert.deepEqual([[...short.kept], news(storage), storage.slots[0].held], [[], [], A]);
});

test("a record that is kept and then gone is a sign-out, one that never was kept is none", () => {
  for (const isKept of [true, false]) {
    const own = storageOf();
    const { setItem } = own;
    install({ session: storageOf() });
    const storage = openStorage(own, KEY);
    storage.first();
    own.kept.set(SESSION, A);
    news(storage);
    own.setItem = isKept ? setItem : () => {};
    // It stays as it is, and reads otherwise: what is left of a write that failed.
    own.removeItem = isKept ? own.removeItem : () => {};
    storage.slots[0].set(B);
    own.kept.delete(SESSION);
    assert.deepEqual(news(storage), isKept ? [[0, ""]] : []);
  }
});

test("what cannot be removed is at least made empty", () => {
  const stuck = storageOf({ [SESSION]: A }, { removeItem: () => {} });
  install({ session: storageOf() });
  const storage = openStorage(stuck, KEY);
  storage.first();
  storage.slots[0].set(null);
  assert.equal(stuck.kept.get(SESSION), "");
  const written = [];
  const honest = storageOf({ [SESSION]: A });
  honest.setItem = (key, value) => written.push([key, value]);
  const other = openStorage(honest, KEY);
  other.first();
  other.slots[0].set(null);
  assert.deepEqual([[...honest.kept], written], [[], []], "what is gone is not written to again");
});

test("a record that reads back is kept, whatever the storage says of it, and is not written twice", () => {
  const odd = storageOf({}, {});
  let writes = 0;
  odd.setItem = (key, value) => {
    writes += 1;
    odd.kept.set(key, value);
    throw new Error("QuotaExceededError");
  };
  install({ session: storageOf() });
  const storage = openStorage(odd, KEY);
  storage.slots[0].set(A);
  storage.slots[0].set(A);
  assert.deepEqual([odd.kept.get(SESSION), writes], [A, 1]);
  odd.kept.delete(SESSION);
  assert.deepEqual(news(storage), [[0, ""]], "so it was kept, and is gone now");
});

test("methods that call the flow in the midst of their work do not see half of it", () => {
  const own = storageOf({ [SESSION]: A });
  const told = [];
  let storage;
  for (const name of ["getItem", "setItem", "removeItem"]) {
    const method = own[name];
    own[name] = (...values) => {
      if (storage) told.push(...news(storage));
      return method(...values);
    };
  }
  install({ session: storageOf() });
  const opened = openStorage(own, KEY);
  opened.first();
  own.kept.set(SESSION, B);
  storage = opened;
  // A method within a method: it is still in use when the inner one has done its work.
  const { setItem } = own;
  own.setItem = (key, value) => {
    own.area.get(key);
    told.push(...news(opened));
    setItem(key, value);
  };
  own.area = opened.area;
  opened.slots[0].set("{}");
  opened.slots[0].set(null);
  assert.deepEqual(told, []);
  own.kept.set(SESSION, B);
  storage = undefined;
  assert.deepEqual(news(opened), [[0, B]]);
});

test("a storage is called with its keys, as a method of itself", () => {
  const calls = [];
  class Own {
    #kept = new Map();
    getItem(...given) {
      calls.push(["getItem", ...given]);
      return this.#kept.get(given[0]);
    }
    setItem(...given) {
      calls.push(["setItem", ...given]);
      this.#kept.set(...given);
    }
    removeItem(...given) {
      calls.push(["removeItem", ...given]);
      this.#kept.delete(given[0]);
    }
  }
  install({ session: storageOf() });
  const storage = openStorage(new Own(), KEY);
  calls.length = 0;
  storage.slots[0].set(A);
  storage.slots[0].set(null);
  const get = ["getItem", SESSION];
  assert.deepEqual(calls, [get, ["setItem", SESSION, A], get, ["removeItem", SESSION], get]);
});

test("a session that is written again where it is, is never gone in between, and the other place is left alone", () => {
  const removed = [];
  const removeItem = (key) => void removed.push(key);
  for (const inTab of [true, false]) {
    install({ local: storageOf({}, { removeItem }), session: storageOf({}, { removeItem }) });
    const [slot] = openStorage("local", KEY).slots;
    slot.set(A, inTab);
    slot.set(B, inTab);
    assert.deepEqual(removed, [], `in this tab alone: ${inTab}`);
  }
});

test("a session of this tab alone stands beside the one that all tabs see", () => {
  const [local, session] = [storageOf({ [SESSION]: A }), storageOf()];
  install({ local, session });
  const storage = openStorage("local", KEY);
  const [slot] = storage.slots;
  assert.equal(storage.first().session, A);
  slot.set(B, true);
  assert.deepEqual([local.kept.get(SESSION), session.kept.get(TAB_SESSION)], [A, B]);
  assert.deepEqual([slot.held, storage.isOfTab()], [B, true]);
  // Others sign out and in again: none of it is this tab's.
  local.kept.delete(SESSION);
  assert.deepEqual(news(storage), []);
  local.kept.set(SESSION, '{"c":3}');
  assert.deepEqual(news(storage), []);
  // It stays where it is as long as nothing else is said.
  slot.set('{"b":3}', true);
  assert.deepEqual([session.kept.get(TAB_SESSION), local.kept.get(SESSION)], ['{"b":3}', '{"c":3}']);
  // Found again by a reload of this tab.
  const reloaded = openStorage("local", KEY);
  assert.deepEqual([reloaded.first().session, reloaded.isOfTab(), reloaded.slots[0].held], ['{"b":3}', true, '{"b":3}']);
  // A change that this tab is told of.
  session.kept.set(TAB_SESSION, '{"b":4}');
  assert.deepEqual([news(reloaded), reloaded.slots[0].held], [[[0, '{"b":4}']], '{"b":4}']);
  // Signing out here leaves the others signed in, which is no news; what they do next is.
  reloaded.slots[0].set(null);
  assert.deepEqual([session.kept.has(TAB_SESSION), local.kept.get(SESSION)], [false, '{"c":3}']);
  assert.deepEqual([reloaded.slots[0].held, reloaded.isOfTab(), news(reloaded)], [null, false, []]);
  local.kept.set(SESSION, '{"c":4}');
  assert.deepEqual(news(reloaded), [[0, '{"c":4}']]);
});

test("who signs in for all tabs leaves nothing in this one, and a sign-out takes away what all tabs see", () => {
  const [local, session] = [storageOf(), storageOf({ [TAB_SESSION]: A })];
  install({ local, session });
  const storage = openStorage("local", KEY);
  storage.first();
  storage.slots[0].set(B, false);
  assert.deepEqual([session.kept.has(TAB_SESSION), local.kept.get(SESSION), storage.isOfTab()], [false, B, false]);
  storage.slots[0].set(null);
  assert.deepEqual([local.kept.has(SESSION), storage.slots[0].held], [false, null]);
});

test("without a storage of the tab, what is to be in it alone is nowhere", () => {
  const local = storageOf({ [SESSION]: A });
  install({ local, session: undefined });
  const storage = openStorage("local", KEY);
  assert.equal(storage.first().session, A);
  storage.slots[0].set(B, true);
  assert.deepEqual([local.kept.get(SESSION), storage.slots[0].held, storage.isOfTab()], [A, B, true]);
});
