// Whose turn it is at a module in two parts: what waits for the second, in which order, and what becomes of it.
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { openTurns, whenEnough } from "../../js/turns.js";

const settled = () => new Promise((done) => setImmediate(done));
const hadDocument = Object.getOwnPropertyDescriptor(globalThis, "document");
const opened = [];
afterEach(() => {
  mock.timers.reset();
  // What is still asked for would be waited for.
  for (const { machine, turns } of opened.splice(0)) {
    turns.end(new Error("the test is over"));
    machine.fail?.(new Error("the test is over"));
  }
  delete globalThis.document;
  if (hadDocument) Object.defineProperty(globalThis, "document", hadDocument);
});

/** A machine that lacks its second part until `come`, or is told that there is none. */
function openMachine() {
  const machine = { missing: new Error("missing"), asked: 0, isWhole: false, done: [] };
  machine.complete = () => {
    machine.asked += 1;
    return new Promise((resolve, reject) => {
      machine.come = () => resolve((machine.isWhole = true));
      machine.fail = reject;
    });
  };
  /** What needs the second part, and what does not. */
  machine.needs = (name) => () => {
    if (!machine.isWhole) throw machine.missing;
    machine.done.push(name);
  };
  machine.does = (name) => () => void machine.done.push(name);
  const shown = [];
  let seen = [{ step: "signedOut", busy: null, error: { code: "offline" } }, ["signIn", "signUp"]];
  const turns = openTurns(machine, () => seen, (...view) => shown.push((seen = view)));
  opened.push({ machine, turns });
  return { machine, turns, shown, see: (...view) => (seen = view) };
}

test("what needs nothing is done at once, and after what waits once something does, in order", async () => {
  const { machine, turns } = openMachine();
  turns.inTurn(machine.does(1));
  turns.inTurn(machine.needs(2));
  turns.inTurn(machine.does(3));
  turns.inTurn(() => turns.inTurn(machine.does(5)));
  turns.inTurn(machine.needs(4));
  assert.deepEqual([machine.done, machine.asked], [[1], 1]);
  machine.come();
  await settled();
  assert.deepEqual([machine.done, machine.asked], [[1, 2, 3, 4, 5], 1]);
  turns.inTurn(machine.needs(6));
  assert.equal(machine.done.at(-1), 6);
});

test("what goes wrong is thrown at once, or told to whoever waits, and holds up nobody", async () => {
  const { machine, turns } = openMachine();
  const fault = new Error("fault");
  const fails = () => {
    throw fault;
  };
  assert.throws(() => turns.inTurn(fails), fault);
  const told = [];
  turns.inTurn(machine.needs(1));
  turns.inTurn(fails, (error) => told.push(error));
  turns.inTurn(fails);
  turns.inTurn(machine.does(2));
  machine.come();
  await settled();
  assert.deepEqual([told, machine.done], [[fault], [1, 2]]);
});

test("where the second part does not come whoever can be told is, and the others wait for the next try", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { machine, turns } = openMachine();
  const told = [];
  const cause = new TypeError("Failed to fetch");
  turns.inTurn(machine.needs(1));
  turns.inTurn(machine.needs(2), (error) => told.push([error.code, error.cause]));
  machine.fail(cause);
  await settled();
  assert.deepEqual([told, machine.done, machine.asked], [[["offline", cause]], [], 1]);

  // Not before its time; and somebody who asks does not wait for that.
  mock.timers.tick(2999);
  assert.equal(machine.asked, 1);
  mock.timers.tick(1);
  assert.equal(machine.asked, 2);
  machine.fail(cause);
  await settled();
  turns.inTurn(machine.needs(3));
  assert.equal(machine.asked, 3);
  mock.timers.tick(3000);
  assert.equal(machine.asked, 3, "one try at a time");
  machine.come();
  await settled();
  assert.deepEqual(machine.done, [1, 3]);
  mock.timers.tick(10_000);
  assert.equal(machine.asked, 3, "nothing waits any more");
});

test("what needs none of the second part is done, though that does not come: nobody waits for what is not to be had", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { machine, turns } = openMachine();
  const [told, fault] = [[], new Error("fault")];
  const tell = (error) => told.push(error.code ?? error);
  turns.inTurn(machine.needs(1), tell);
  turns.inTurn(machine.does(2));
  turns.inTurn(machine.does(3), tell);
  turns.inTurn(() => {
    throw fault;
  }, tell);
  machine.fail(new TypeError("Failed to fetch"));
  await settled();
  assert.deepEqual([told, machine.done], [["offline", fault], [2, 3]]);
  turns.inTurn(machine.does(4));
  assert.equal(machine.done.at(-1), 4, "nothing waits any more");
  mock.timers.tick(10_000);
  assert.equal(machine.asked, 1);

  // Nor for what nobody can ask for again.
  turns.inTurn(machine.needs(5));
  turns.inTurn(machine.does(6), tell);
  machine.fail(new TypeError("Failed to fetch"));
  await settled();
  assert.deepEqual(machine.done, [2, 3, 4, 6]);
});

test("however often somebody asks in vain, it is asked for again once", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { machine, turns } = openMachine();
  turns.inTurn(machine.needs(1));
  for (let time = 0; time < 3; time += 1) {
    turns.inTurn(machine.needs(2), () => {});
    machine.fail(new TypeError("Failed to fetch"));
    await settled();
    mock.timers.tick(1000);
  }
  assert.equal(machine.asked, 3);
  for (let time = 4; time < 7; time += 1) {
    mock.timers.tick(time === 4 ? 2000 : 3000);
    assert.equal(machine.asked, time);
    machine.fail(new TypeError("Failed to fetch"));
    await settled();
  }
  turns.end(new Error("disposed"));
  mock.timers.tick(10_000);
  assert.equal(machine.asked, 6, "of what is over nobody wants more");
});

test("a second part that never comes is not waited for longer than for the pool", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { machine, turns } = openMachine();
  const told = [];
  turns.inTurn(machine.needs(1), ({ code, cause }) => told.push([code, cause.message]));
  mock.timers.tick(14_999);
  await settled();
  assert.deepEqual(told, []);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual(told, [["offline", "cognito-flow: second.js takes too long"]]);
  // It may come later, for who asks again.
  const { come } = machine;
  turns.inTurn(machine.needs(2));
  come();
  machine.come();
  await settled();
  assert.deepEqual(machine.done, [2]);

  globalThis.document = {};
  const lost = openMachine().machine;
  const refused = assert.rejects(whenEnough(lost, lost.needs("host")), { code: "offline" });
  await settled();
  mock.timers.tick(15_000);
  await refused;
  // A worker that has no more than the first part goes on with that.
  delete globalThis.document;
  const worker = openMachine().machine;
  const opening = whenEnough(worker, () => "host");
  await settled();
  mock.timers.tick(15_000);
  assert.equal(await opening, "host");
});

test("what became of an event without the second part is seen, as where the pool cannot be reached", async () => {
  const { machine, turns, shown, see } = openMachine();
  const [cause, told, answered] = [new TypeError("Failed to fetch"), [], []];
  const tell = (error) => told.push(error.code);
  turns.inTurn(machine.needs("strange"), tell, () => answered.push("strange"));
  turns.cover('{"type":"submitCode"}');
  turns.inTurn(machine.needs("event"), tell, () => answered.push(shown.at(-1)));
  turns.cover('{"type":"signIn"}');
  turns.inTurn(machine.needs("second"), tell, () => answered.push("second"));
  turns.cover('{"type":"signUp"}');
  machine.fail(cause);
  await settled();
  assert.deepEqual(told, ["offline", "offline"], "of what the step does not take, nobody can say more");
  const [[{ error, ...snapshot }, accepted]] = answered;
  assert.deepEqual([snapshot, accepted], [{ step: "signedOut", busy: null }, ["signIn", "signUp"]]);
  assert.deepEqual(Object.keys(error), ["code", "message"]);
  assert.deepEqual([error.code, error.cause, shown.length, answered.length], ["offline", cause, 2, 1]);

  // What has changed meanwhile is not taken back.
  turns.inTurn(machine.needs("event"), tell, () => answered.push(shown.at(-1)));
  turns.cover('{"type":"signIn"}');
  turns.inTurn(() => {
    turns.uncover();
    see({ step: "signedIn", busy: null, error: null }, ["signOut"]);
  });
  machine.fail(cause);
  await settled();
  assert.deepEqual([answered.at(-1)[0].step, answered.at(-1)[0].error.code, answered.at(-1)[1]], ["signedIn", "offline", ["signOut"]]);
  machine.fail(cause);
});

test("who leaves before the second part is there leaves at once, and nothing of what was sent happens", async () => {
  const { machine, turns, shown } = openMachine();
  const [left, before] = [[], [{ step: "signedOut", busy: null, error: { code: "offline" } }, ["signIn", "signUp"]]];
  assert.equal(turns.leaves('{"type":"cancel"}'), false, "nothing waits");
  turns.inTurn(machine.needs(1), undefined, undefined);
  turns.inTurn(machine.needs(2), undefined, () => left.push([2, shown.at(-1)]));
  turns.cover('{"type":"signIn"}');
  turns.inTurn(machine.needs(3), undefined, () => left.push([3, shown.at(-1)]));
  turns.inTurn(machine.needs(4));
  for (const other of ['{"type":"signUp"}', '{"type":"cancel","clientMetadata":3}', "null", "[0]"]) assert.equal(turns.leaves(other), false);
  assert.deepEqual(left, []);
  assert.equal(turns.leaves('{"type":"cancel"}'), true);
  assert.deepEqual(left, [[2, before], [3, before]], "who is told sees what there is to see");
  assert.equal(turns.leaves('{"type":"cancel"}'), false, "nothing is left to leave");
  machine.come();
  await settled();
  assert.deepEqual([machine.done, shown.length], [[1, 4], 2]);

  // Whoever is signed in leaves nothing.
  const other = openMachine();
  other.see({ step: "signedIn", busy: null, error: null }, ["signOut"]);
  other.turns.inTurn(other.machine.needs(1), undefined, () => {});
  other.turns.cover('{"type":"signOut"}');
  assert.equal(other.turns.leaves('{"type":"cancel"}'), false);
});

test("an event that waits is shown to be worked on, until something else is shown or it is not", async () => {
  const { machine, turns, shown, see } = openMachine();
  const before = [{ step: "signedOut", busy: null, error: { code: "offline" } }, ["signIn", "signUp"]];
  turns.cover('{"type":"signIn"}');
  assert.deepEqual(shown, [], "nothing waits");
  turns.inTurn(machine.needs(1));
  for (const strange of ['{"type":"submitCode"}', "null", "{}", "[0]"]) turns.cover(strange);
  assert.deepEqual(shown, []);
  turns.cover('{"type":"signIn","preferred":"passkey","autofill":true}');
  assert.deepEqual(shown, [], "what is offered in a field leaves its form as it is");
  turns.cover('{"type":"signIn","autofill":false}');
  turns.cover('{"type":"signUp"}');
  assert.deepEqual(shown, [[{ step: "signedOut", busy: "signIn", error: null }, ["cancel"]]]);
  machine.come();
  await settled();
  assert.deepEqual(shown.at(-1), before, "the machine had nothing else to show");

  const other = openMachine();
  other.see({ step: "signedIn", busy: null, error: null }, ["signOut"]);
  other.turns.inTurn(() => {
    other.machine.needs(1)();
    other.turns.uncover();
  });
  other.turns.cover('{"type":"signOut"}');
  assert.deepEqual(other.shown, [[{ step: "signedIn", busy: "signOut", error: null }, []]]);
  other.machine.come();
  await settled();
  assert.equal(other.shown.length, 1, "what the machine shows stays");
  see();
});

test("what is done aside waits for nobody, and is done again", async () => {
  const { machine, turns } = openMachine();
  turns.aside(machine.needs(1));
  turns.aside(() => {
    throw new Error("a fault is nobody's");
  });
  turns.inTurn(machine.does(2));
  assert.deepEqual([machine.done, machine.asked], [[2], 1]);
  machine.come();
  await settled();
  assert.deepEqual(machine.done, [2, 1]);
  const alone = openMachine();
  alone.turns.aside(alone.machine.needs(1));
  alone.machine.fail(new Error("offline"));
  await settled();
  assert.deepEqual(alone.machine.done, []);
});

test("what may fail may, but for what is to be done again", () => {
  const { machine, turns } = openMachine();
  turns.heed(() => {
    throw new Error("passed over");
  });
  turns.heed(() => {
    throw undefined;
  });
  assert.throws(() => turns.heed(machine.needs(1)), machine.missing);
  assert.equal(openTurns({}, () => [], () => {}).isMissing(undefined), false);
});

test("the end of a flow is told to all who wait, and nothing of theirs is done", async () => {
  const { machine, turns, shown } = openMachine();
  const [end, told] = [new Error("disposed"), []];
  turns.inTurn(machine.needs(1), (error) => told.push(error));
  turns.inTurn(machine.needs(2));
  turns.cover('{"type":"signIn"}');
  turns.end(end);
  machine.come();
  await settled();
  assert.deepEqual([told, machine.done, shown.length], [[end], [], 1]);
});

test("a flow begins when enough of the module is there", async () => {
  const { machine } = openMachine();
  globalThis.document = {};
  assert.equal(await whenEnough(machine, () => "host"), "host");
  assert.equal(machine.asked, 0);
  const opening = whenEnough(machine, machine.needs("host"));
  await settled();
  machine.come();
  await opening;
  assert.deepEqual([machine.done, machine.asked], [["host"], 1]);

  const fault = new Error("malformed");
  let opened = 0;
  const fails = () => {
    opened += 1;
    throw fault;
  };
  await assert.rejects(whenEnough(openMachine().machine, fails), fault);
  assert.equal(opened, 1, "nothing that could be loaded mends it");
  const lost = openMachine().machine;
  const refused = assert.rejects(whenEnough(lost, lost.needs("host")), { code: "offline", cause: fault });
  await settled();
  lost.fail(fault);
  await refused;

  // Where nobody looks at a page, it is all there.
  delete globalThis.document;
  for (const how of ["needs", "does"]) {
    const worker = openMachine().machine;
    const whole = whenEnough(worker, worker[how]("host"));
    await settled();
    assert.deepEqual(worker.done, [], how);
    worker.come();
    await whole;
    assert.deepEqual([worker.done, worker.asked], [["host"], 1], how);
  }
  assert.equal(await whenEnough({}, () => "host"), "host", "a module that was whole from the beginning");
});
