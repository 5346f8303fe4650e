// The boundary itself, with a machine by script in the module's place: what it may ask for, when
// that is done, and what it is told.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

/**
 * Makes `openWith(machine, options)` in the page: a host around a machine that answers by its
 * members `open`, `event`, …, and a log of what it was given.
 */
const setup = () => {
  const KINDS = ["open", "event", "ask", "reply", "locked", "stored", "wake", "passkey", "returned", "idle"];
  const SNAPSHOT = { step: "signedOut", busy: null, error: null };
  window.openWith = async (machine, options = {}) => {
    const { openHost } = await import("/js/host.js");
    const log = [];
    let outside;
    let made;
    class Machine {
      constructor(host) {
        outside = host;
        made = new WeakRef(this);
      }
      feed(kind, id, status, blocked, name, text) {
        const input = { id, status, blocked, name, text };
        // When it comes is the browser's choice.
        if (KINDS[kind] !== "idle") log.push([KINDS[kind], input]);
        const first = kind === 0 && { snapshot: SNAPSHOT, accepts: ["signIn"] };
        const { effects = [], snapshot, accepts, error } = { ...first, ...machine[KINDS[kind]]?.(input) };
        const said = [...effects];
        if (snapshot) said.push(["show", snapshot, accepts]);
        if (error) said.push(["misuse", error]);
        return JSON.stringify(said);
      }
      free() {
        machine.free?.();
        log.push(["free"]);
      }
    }
    const given = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client", ...options };
    const host = openHost(Machine, given, () => {});
    const names = () => log.map(([name]) => name);
    return { host, log, names, wake: () => outside.wake(), isHeld: () => made.deref() !== undefined };
  };
};

const SPENT = { code: "challengeSpent", message: "This session has ended." };
const SEND = ["send", 1, "/", "GetUser", "{}", false];

browserTest("a page that is idle is told to the machine, once, and nothing to one that is gone", async ({ tab }) => {
  const page = await tab(setup);
  const told = await page.evaluate(async () => {
    const told = [];
    const waiting = [];
    window.requestIdleCallback = (action) => void waiting.push(action);
    const idle = () => waiting.splice(0).forEach((action) => action());
    const open = (name) => openWith({ idle: () => void told.push(name) });
    await open("first");
    told.push("opened");
    idle();
    const { host } = await open("second");
    host.dispose();
    idle();
    window.requestIdleCallback = undefined;
    await open("third");
    await new Promise((resolve) => setTimeout(resolve, 700));
    idle();
    return told;
  });
  assert.deepEqual(told, ["opened", "first", "third"]);
});

browserTest("what the machine asks for is done in its order, when the snapshot is there", async ({ tab }) => {
  const page = await tab(setup);
  const order = await page.evaluate(async (send) => {
    const order = [];
    const storage = ownStorage();
    const machine = {
      event: () => ({
        effects: [["save", 0, '{"a":1}'], send, ["answer", 1, 7]],
        snapshot: { step: "signedOut", busy: "signIn", error: null },
        accepts: ["cancel"],
      }),
    };
    const fetch = () => {
      order.push("fetch", host.snapshot().busy, host.accepts("signIn"), host.accepts("cancel"));
      return new Promise(() => {});
    };
    const { host } = await openWith(machine, { fetch, storage });
    const asking = host.ask("session", {}).then((value) => order.push(value));
    for (const name of ["getItem", "setItem"]) {
      const method = storage[name];
      storage[name] = (key, value) => {
        if (key.endsWith("session")) order.push(name);
        return method(key, value);
      };
    }
    void host.send({ type: "signIn" });
    await asking;
    return order;
  }, SEND);
  // It looks, and sees whether that is there already; a write counts when it reads back.
  const look = ["getItem"];
  const write = ["getItem", "setItem", "getItem"];
  assert.deepEqual(order, [...look, ...write, "fetch", "signIn", false, true, 7]);
});

browserTest("an event that belonged to a session that is gone rejects", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async (spent) => {
    const busy = { step: "signedIn", busy: "verifyAttribute", error: null };
    const machine = {
      event: () => ({ snapshot: busy, accepts: [] }),
      wake: () => ({
        effects: [["reject", 0, spent]],
        snapshot: { ...busy, busy: null },
        accepts: [],
      }),
    };
    const { host, wake } = await openWith(machine);
    const sending = host.send({ type: "verifyAttribute" }).catch((error) => error);
    wake();
    const { code, name } = await sending;
    return [code, name, host.snapshot().busy];
  }, SPENT);
  assert.deepEqual(seen, ["challengeSpent", "FlowError", null]);
});

browserTest("what is asked in the belief in a session that is gone is not given to the machine", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async (spent) => {
    const storage = ownStorage();
    const machine = { stored: () => ({ error: spent }) };
    const { host, log } = await openWith(machine, { storage });
    const key = "cognito-flow.eu-west-1_AbCdEfGhI.client.session";
    const codes = [];
    storage.setItem(key, '{ "of": "another" }');
    codes.push((await refusal(host.send({ type: "signOut" }))).code);
    storage.removeItem(key);
    codes.push((await refusal(host.ask("session", {}))).code);
    return { codes, log: log.slice(1).map(([name, { id, text }]) => [name, id, text]) };
  }, SPENT);
  assert.deepEqual(seen, {
    codes: ["challengeSpent", "challengeSpent"],
    log: [
      ["stored", 0, '{"of":"another"}'],
      ["stored", 0, ""],
    ],
  });
});

browserTest("the record of the devices is given, looked at and kept as the session's is", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const key = (slot) => `cognito-flow.eu-west-1_AbCdEfGhI.client.${slot}`;
    localStorage.setItem(key("devices"), '{"kept":1}');
    const machine = { event: () => ({ effects: [["save", 2, '{"kept":2}']] }) };
    const { host, log } = await openWith(machine, { storage: "local", devices: "on" });
    const opening = JSON.parse(log[0][1].text);
    await host.send({});
    const kept = localStorage.getItem(key("devices"));
    localStorage.setItem(key("devices"), "no JSON");
    await host.send({});
    const told = log.filter(([name]) => name === "stored").map(([, { id, text }]) => [id, text]);
    return { ...opening, options: JSON.parse(opening.options).devices, kept, told };
  });
  assert.deepEqual(seen, {
    options: "on",
    session: "",
    pending: "",
    devices: '{"kept":1}',
    kept: '{"kept":2}',
    told: [[2, "{}"]],
  });
});

browserTest("a reply is given as it is checked: firewall, exception, and an object's own text", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async (send) => {
    const answers = [
      new Response("", { status: 202, headers: { "x-amzn-waf-action": "challenge" } }),
      new Response('{ "a": [1, "é", null], "__proto__": { "b": 1e3 } }', { status: 200 }),
      new Response("[1]", { status: 405, headers: { "x-amzn-ErrorType": "Some:thing" } }),
      new Response('{"a":', { status: 500 }),
      new Response(null, { status: 204 }),
      Object.assign(new Error("refused"), { cause: { code: "ECONNREFUSED" } }),
      new Error("broke"),
    ];
    const count = answers.length;
    const effects = answers.map((_, id) => send.with(1, id));
    const machine = { event: () => ({ effects }) };
    const fetch = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const { host, log } = await openWith(machine, { fetch });
    await host.send({});
    const replies = () => log.filter(([name]) => name === "reply").map(([, reply]) => reply);
    await until(() => replies().length === count);
    return replies()
      .sort((one, two) => one.id - two.id)
      .map(({ status, name, blocked, text }) => [status, name, blocked, text]);
  }, SEND);
  const none = undefined;
  assert.deepEqual(seen, [
    [202, none, true, ""],
    [200, none, false, '{"a":[1,"é",null],"__proto__":{"b":1000}}'],
    [405, "Some:thing", false, none],
    [500, none, false, none],
    [204, none, false, ""],
    [-1, none, false, none],
    [-2, none, false, none],
  ]);
});

browserTest("what the host calls is not in the text of the options", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const { log } = await openWith({}, {
      fetch() {},
      storage: "session",
      passkeys: { get() {}, create() {} },
      redirect: { domain: "auth.example.com", scopes: ["openid"], navigate() {} },
      signInWith: "srp",
    });
    return JSON.parse(JSON.parse(log[0][1].text).options);
  });
  assert.deepEqual(seen, {
    userPoolId: "eu-west-1_AbCdEfGhI",
    clientId: "client",
    redirect: { domain: "auth.example.com", scopes: ["openid"] },
    signInWith: "srp",
    issuer: "127.0.0.1",
  });
});

browserTest("disposing drops the machine before anything of the page runs", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async (send) => {
    const machine = { event: () => ({ effects: [["lock", 1], send] }) };
    const fetch = (_url, { signal }) => {
      signal.addEventListener("abort", () => log.push(["aborted"]));
      return new Promise(() => {});
    };
    const { host, log, names, wake } = await openWith(machine, { storage: "local", fetch });
    await host.send({});
    host.dispose();
    host.dispose();
    wake();
    await sleep(150);
    const { held, pending } = await navigator.locks.query();
    return { names: names(), locks: held.length + pending.length, accepts: host.accepts("signIn") };
  }, SEND);
  const names = ["open", "event", "free", "aborted"];
  assert.deepEqual(seen, { names, locks: 0, accepts: false });
});

browserTest("nothing of a flow that was disposed of holds the machine", async ({ tab }) => {
  const page = await tab(setup);
  const [before, after] = await page.evaluate(async (send) => {
    const machine = { event: () => ({ effects: [["lock", 1], send, ["save", 0, "{}"]] }) };
    const fetch = () => new Promise(() => {});
    // The rest of a flow stays: the app has it, and the module may have what wakes it.
    window.own = await openWith(machine, { storage: "session", fetch });
    await own.host.send({});
    void own.host.ask("session", {}).catch(() => {});
    await sleep(50);
    gc();
    const before = own.isHeld();
    own.host.dispose();
    for (let tries = 0; tries < 20 && own.isHeld(); tries += 1) {
      await sleep(20);
      gc();
    }
    return [before, own.isHeld()];
  }, SEND);
  assert.deepEqual([before, after], [true, false]);
}, { chromiumOnly: "`gc()`, to see what is still held" });

browserTest("a machine that refuses its options is dropped", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const error = { code: "malformed", message: "`clientId` of the options must be a string." };
    const names = [];
    const machine = { open: () => ({ error }), free: () => void names.push("free") };
    const { code, name } = await refusal(openWith(machine));
    return [code, name, ...names];
  });
  assert.deepEqual(seen, ["malformed", "FlowError", "free"]);
});

browserTest("a lock is given once for each time it was asked for, however it is granted", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const { openLock } = await import("/js/lock.js");
    const seen = {};
    const area = { get: () => null, use() {} };
    const grants = {
      twice: async (_name, callback) => void (await Promise.all([callback(), callback()])),
      "and stolen": async (_name, callback) => {
        void callback();
        throw new DOMException("stolen", "AbortError");
      },
      never: () => Promise.reject(new DOMException("not here", "SecurityError")),
      "by throwing": () => {
        throw new TypeError("no");
      },
    };
    for (const [how, request] of Object.entries(grants)) {
      Object.defineProperty(navigator, "locks", { value: { request }, configurable: true });
      const granted = [];
      const lock = openLock("a lock", area, (id) => granted.push(id));
      lock.acquire(7);
      await until(() => granted.length > 0);
      await sleep(60);
      lock.release(7);
      lock.acquire(8);
      lock.close();
      await sleep(60);
      seen[how] = granted;
    }
    delete navigator.locks;
    return seen;
  });
  assert.deepEqual(seen, { twice: [7, 8], "and stolen": [7, 8], never: [7], "by throwing": [7] });
});
