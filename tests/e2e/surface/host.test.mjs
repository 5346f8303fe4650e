// The boundary itself, with a machine by script in the module's place: what it may ask for, when
// that is done, and what it is told.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

/** Makes `openWith(machine, options)` in the page: a host around a machine that does as it is told. */
const setup = () => {
  window.openWith = async (machine, options = {}) => {
    const { openHost } = await import("/js/host.js");
    const log = [];
    let host;
    function Machine(json, given, _clock, ...records) {
      host = given;
      log.push(["new", json, records]);
      const inner = {
        snapshot: () => ({ step: "signedOut", busy: null, error: null, ...machine.shows }),
        accepts: () => true,
        wake() {},
        dispose: () => void log.push(["dispose"]),
        free: () => void log.push(["free"]),
      };
      for (const name of ["send", "ask", "reply", "locked", "stored"]) {
        inner[name] = (...values) => {
          log.push([name, ...values]);
          return machine[name]?.(host, ...values);
        };
      }
      return inner;
    }
    const given = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client", ...options };
    return { host: openHost(Machine, given, () => {}), log, asks: () => host };
  };
};

browserTest("nothing that the machine asks for is done before it has returned", async ({ tab }) => {
  const page = await tab(setup);
  const order = await page.evaluate(async () => {
    const order = [];
    const storage = ownStorage();
    const spy = (name) => {
      const method = storage[name];
      storage[name] = (key, value) => {
        if (key.endsWith("session")) order.push(name);
        return method(key, value);
      };
    };
    const machine = {
      send(host) {
        host.save(0, '{"a":1}');
        host.send(1, "https://pool.example/", "InitiateAuth", "{}", false);
        host.answer(1, true, {
          get then() {
            order.push("then");
          },
        });
        host.changed();
        order.push("returned");
      },
    };
    const fetch = () => {
      order.push("fetch");
      return new Promise(() => {});
    };
    const { host } = await openWith(machine, { fetch, storage });
    void host.ask("session", {});
    ["getItem", "setItem"].forEach(spy);
    await host.send({ type: "signIn" });
    return order;
  });
  assert.deepEqual(order, ["getItem", "returned", "getItem", "setItem", "getItem", "fetch", "then"]);
});

browserTest("an event that belonged to a session that is gone rejects", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const machine = { shows: { busy: "verifyAttribute" }, send: (host) => host.changed() };
    machine.locked = (host) => {
      host.reject({ code: "challengeSpent", message: "This session has ended." });
      machine.shows = { busy: null };
      host.changed();
    };
    const { host, asks } = await openWith(machine);
    const sending = host.send({ type: "verifyAttribute" }).catch((error) => error);
    asks().lock(1);
    // As from a timer of the module's, which is what drains the queue here.
    asks().wake();
    const { code, name } = await sending;
    return [code, name, host.snapshot().busy];
  });
  assert.deepEqual(seen, ["challengeSpent", "FlowError", null]);
});

browserTest("what is asked in the belief in a session that is gone is not given to the machine", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const spent = { code: "challengeSpent", message: "This session has ended." };
    const machine = {
      stored() {
        throw spent;
      },
    };
    const { host, log } = await openWith(machine, { storage, fetch: async () => new Response("") });
    const key = "cognito-flow.eu-west-1_AbCdEfGhI.client.session";
    const codes = [];
    storage.setItem(key, '{ "of": "another" }');
    codes.push((await refusal(host.send({ type: "signOut" }))).code);
    storage.removeItem(key);
    codes.push((await refusal(host.ask("session", {}))).code);
    return { codes, log: log.slice(1) };
  });
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
    const machine = { send: (host) => host.save(2, '{"kept":2}') };
    const { host, log } = await openWith(machine, { storage: "local", devices: "on" });
    const [[, json, records]] = log;
    await host.send({});
    const kept = localStorage.getItem(key("devices"));
    localStorage.setItem(key("devices"), "no JSON");
    await host.send({});
    return { devices: JSON.parse(json).devices, records, kept, told: log.filter(([n]) => n === "stored") };
  });
  assert.deepEqual(seen, {
    devices: "on",
    records: ["", "", '{"kept":1}'],
    kept: '{"kept":2}',
    told: [["stored", 2, "{}"]],
  });
});

browserTest("a reply is given as it is checked: firewall, exception, and an object's own text", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
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
    const machine = {
      send(host) {
        for (let id = 0; id < count; id += 1) host.send(id, "/", "GetUser", "{}", false);
      },
    };
    const fetch = async () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const { host, log } = await openWith(machine, { fetch });
    await host.send({});
    const replies = () => log.filter(([name]) => name === "reply");
    await until(() => replies().length === count);
    return replies().sort(([, one], [, two]) => one - two);
  });
  const none = undefined;
  assert.deepEqual(seen, [
    ["reply", 0, 202, none, true, ""],
    ["reply", 1, 200, none, false, '{"a":[1,"é",null],"__proto__":{"b":1000}}'],
    ["reply", 2, 405, "Some:thing", false, none],
    ["reply", 3, 500, none, false, none],
    ["reply", 4, 204, none, false, ""],
    ["reply", 5, -1, none, false],
    ["reply", 6, -2, none, false],
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
    return JSON.parse(log[0][1]);
  });
  assert.deepEqual(seen, {
    userPoolId: "eu-west-1_AbCdEfGhI",
    clientId: "client",
    redirect: { domain: "auth.example.com", scopes: ["openid"] },
    signInWith: "srp",
  });
});

browserTest("disposing drops the machine before anything of the page runs", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const machine = {
      send(host) {
        host.lock(1);
        host.send(1, "/", "GetUser", "{}", false);
      },
    };
    const fetch = (_url, { signal }) => {
      signal.addEventListener("abort", () => log.push(["aborted"]));
      return new Promise(() => {});
    };
    const { host, log, asks } = await openWith(machine, { storage: "local", fetch });
    await host.send({});
    host.dispose();
    host.dispose();
    asks().wake();
    await sleep(150);
    const { held, pending } = await navigator.locks.query();
    return { log: log.slice(1).map(([name]) => name), locks: held.length + pending.length };
  });
  assert.deepEqual(seen, { log: ["send", "dispose", "free", "aborted"], locks: 0 });
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
