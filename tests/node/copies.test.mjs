// Tabs that were duplicated: what they tell each other of the one session that they hold.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { openCopies } from "../../js/copies.js";

const NAME = "cognito-flow.pool.client.session";
const ANSWER_MS = 100;

let channels;
class Channel {
  closed = false;
  constructor(name) {
    this.name = name;
    channels.push(this);
  }
  postMessage(data) {
    if (this.closed) throw new Error("InvalidStateError");
    for (const other of channels) {
      if (other === this || other.name !== this.name || other.closed) continue;
      other.onmessage?.({ data: structuredClone(data) });
    }
  }
  close() {
    this.closed = true;
  }
}

const had = globalThis.BroadcastChannel;
const setChannel = (value) => Object.defineProperty(globalThis, "BroadcastChannel", { configurable: true, writable: true, value });
beforeEach(() => {
  channels = [];
  setChannel(Channel);
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => {
  mock.timers.reset();
  setChannel(had);
});

/** A tab with its record: it follows what it is told, as a flow does. */
function tab(held, isOfTab = () => true) {
  const it = { held, told: [] };
  Object.assign(it, openCopies(isOfTab, NAME, (from, to) => {
    it.told.push([from, to]);
    if (it.held !== from) return to !== null && it.held === to;
    it.held = to;
    return true;
  }));
  /** It refreshes, or signs out. */
  it.go = (to) => {
    const from = it.held;
    it.held = to;
    it.tell(from, to);
  };
  return it;
}

/** Somebody else in this channel. */
const outside = () => {
  const heard = [];
  const channel = new Channel(NAME);
  channel.onmessage = ({ data }) => heard.push(data);
  return { heard, say: (data) => channel.postMessage(data) };
};

/** Whether it goes on at once; else after how long. */
function asked(it, record = it.held) {
  let done = 0;
  it.ask(record, () => (done += 1));
  return { done: () => done };
}

test("a copy follows a refresh, and a sign-out", () => {
  const [one, two, other] = [tab("A"), tab("A"), tab("X")];
  one.go("B");
  assert.deepEqual([two.held, other.held], ["B", "X"]);
  two.go(null);
  assert.deepEqual([one.held, other.held], [null, "X"]);
});

test("nothing is told of what did not change, or began from nothing", () => {
  const one = tab("A");
  const { heard } = outside();
  one.tell("A", "A");
  one.tell(null, "B");
  assert.deepEqual(heard, []);
  one.tell("A", "B");
  assert.deepEqual(heard, [{ from: "A", to: "B" }]);
});

test("where sessions are for all tabs no channel is opened, and nobody is waited for", () => {
  const one = tab("A", () => false);
  one.tell("A", "B");
  assert.equal(asked(one).done(), 1);
  assert.equal(channels.length, 0);
  one.close();
});

test("a session that becomes this tab's alone is told of from then on, by one channel", () => {
  let isOfTab = false;
  const one = tab("A", () => isOfTab);
  const { heard } = outside();
  one.tell("A", "B");
  isOfTab = true;
  one.tell("B", "C");
  one.tell("C", "D");
  assert.deepEqual(heard, [{ from: "B", to: "C" }, { from: "C", to: "D" }]);
  assert.equal(channels.length, 2);
  // And is not asked about when it has become everybody's again.
  isOfTab = false;
  assert.equal(asked(one, "D").done(), 1);
  assert.equal(heard.length, 2);
});

test("without channels in this browser everything goes on alone", () => {
  for (const none of [undefined, class { constructor() { throw new Error("SecurityError"); } }]) {
    setChannel(none);
    const one = tab("A");
    one.tell("A", "B");
    assert.equal(asked(one).done(), 1);
    one.close();
  }
});

test("who is about to refresh waits a little for a copy that was sooner", () => {
  const one = tab("A");
  const alone = asked(one);
  mock.timers.tick(ANSWER_MS - 1);
  assert.equal(alone.done(), 0);
  mock.timers.tick(1);
  assert.equal(alone.done(), 1);
  mock.timers.tick(ANSWER_MS);
  assert.equal(alone.done(), 1);
  assert.equal(asked(one, null).done(), 1, "of no record nobody knows anything");
});

test("a copy that slept is told what its record has become, over several changes, and goes on at once", () => {
  const one = tab("A");
  one.go("B");
  one.go("C");
  const two = tab("A");
  const waiting = asked(two);
  assert.deepEqual([two.held, waiting.done()], ["C", 1]);
  mock.timers.tick(ANSWER_MS);
  assert.equal(waiting.done(), 1, "once");
  one.go("D");
  assert.deepEqual([two.held, waiting.done()], ["D", 1]);
  // Whoever has followed knows it as well.
  one.close();
  const three = tab("A");
  asked(three);
  assert.equal(three.held, "D");
});

test("a copy that slept is told that the other one signed out", () => {
  const one = tab("A");
  one.go("B");
  one.go(null);
  const two = tab("A");
  const waiting = asked(two);
  assert.deepEqual([two.held, waiting.done()], [null, 1]);
});

test("who knows nothing of a record says nothing, and an answer of another record's is none", () => {
  const one = tab("A");
  const { heard, say } = outside();
  one.go("B");
  heard.length = 0;
  say({ from: "B" });
  say({ from: "other" });
  assert.deepEqual(heard, []);
  const two = tab("B");
  const waiting = asked(two);
  say({ from: "X", to: "Y" });
  assert.equal(waiting.done(), 0);
  say({ from: "B", to: "C" });
  assert.equal(waiting.done(), 1);
});

test("eight changes are remembered", () => {
  const one = tab("0");
  for (let step = 1; step <= 9; step += 1) one.go(`${step}`);
  const [lost, known] = [tab("0"), tab("1")];
  asked(lost);
  asked(known);
  assert.deepEqual([lost.held, known.held], ["0", "9"]);
});

test("a record that comes again is where it ends, whatever it became before", () => {
  const one = tab("A");
  one.go("B");
  one.go("A");
  const { heard, say } = outside();
  say({ from: "A" });
  assert.deepEqual(heard, []);
  say({ from: "B" });
  assert.deepEqual(heard, [{ from: "B", to: "A" }]);
});

test("two that refresh one record at once stay what they are, and remember the way to it", () => {
  const [one, two] = [tab("A"), tab("A")];
  two.held = "B";
  one.go("B");
  assert.deepEqual([two.told, two.held], [[["A", "B"]], "B"]);
  one.close();
  const three = tab("A");
  asked(three);
  assert.equal(three.held, "B");
});

test("a copy on another way is not followed, nor remembered", () => {
  const two = tab("X");
  const { heard, say } = outside();
  say({ from: "A", to: "B" });
  assert.equal(two.held, "X");
  say({ from: "A" });
  assert.deepEqual(heard, []);
});

test("messages that are none of ours are none", () => {
  const one = tab("A");
  const { heard, say } = outside();
  for (const data of [null, undefined, 5, "A", [], {}, { from: 5 }, { to: "B" }, { from: null, to: "B" }, { from: "A", to: 5 }, { from: "A", to: {} }, { from: "A", to: false }]) {
    say(data);
  }
  assert.deepEqual([one.told, heard], [[], []]);
  Object.prototype.from = "A";
  Object.prototype.to = "B";
  try {
    say({});
  } finally {
    delete Object.prototype.from;
    delete Object.prototype.to;
  }
  assert.deepEqual(one.told, []);
});

test("a closed one tells nobody, hears nothing, and whom it kept waiting is not called", () => {
  const [one, two] = [tab("A"), tab("A")];
  const waiting = asked(one);
  one.close();
  mock.timers.tick(ANSWER_MS);
  assert.equal(waiting.done(), 0);
  two.go("B");
  assert.equal(one.held, "A");
  one.tell("A", "C");
  assert.equal(two.held, "B");
  assert.ok(channels[0].closed);
});

test("the last one who asks is the one who is answered", () => {
  const one = tab("A");
  const [first, second] = [asked(one), asked(one)];
  mock.timers.tick(ANSWER_MS);
  assert.deepEqual([first.done(), second.done()], [0, 1]);
});

test("in Node a channel keeps nobody from ending", () => {
  let unreferenced = 0;
  setChannel(class extends Channel {
    unref() {
      unreferenced += 1;
    }
  });
  tab("A");
  assert.equal(unreferenced, 1);
});
