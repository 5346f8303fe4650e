// What else runs in the page: polluted prototypes, getters that throw, a `fetch` or a storage that
// calls the flow again, a platform that fails.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

browserTest("what somebody put on Object.prototype changes nothing", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const answers = [ANSWERS.tokens(1), ANSWERS.user()].map((answer) => JSON.stringify(answer));
    let diverted = 0;
    const pollution = {
      toJSON: () => "polluted",
      endpoint: "https://elsewhere.example/",
      fetch: () => void (diverted += 1),
      storage: "local",
      signInWith: "srp",
      clientMetadata: { of: "elsewhere" },
      username: "mallory",
      password: "known to mallory",
      server: "polluted",
      cause: { code: "ENOTFOUND" },
      retryAt: 1,
      refresh: true,
      keepalive: true,
      integrity: "sha256-polluted",
    };
    const given = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client", signInWith: "password" };
    const fetch = answering(() => new Response(answers.shift()));
    Object.assign(Object.prototype, pollution);
    try {
      const flow = await createFlow({ ...given, fetch });
      const refused = await flow.send({ type: "signIn" }).catch((error) => error);
      const { step } = await flow.send(SIGN_IN);
      const [{ url, init }] = fetch.calls;
      const failing = await createFlow({ ...given, fetch: () => Promise.reject(new Error("no")) });
      const { error } = await failing.send(SIGN_IN);
      return {
        step,
        url,
        diverted,
        kept: localStorage.length,
        body: JSON.parse(init.body),
        read: [init.keepalive, init.integrity, init.headers.toJSON],
        refused: [refused.code, Object.keys(refused)],
        failed: [error.code, error.cause.message],
      };
    } finally {
      for (const name of Object.keys(pollution)) delete Object.prototype[name];
    }
  });
  assert.deepEqual(seen, {
    step: "signedIn",
    url: "https://cognito-idp.eu-west-1.amazonaws.com/",
    diverted: 0,
    kept: 0,
    body: {
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: "ann", PASSWORD: "correct horse battery" },
      ClientId: "client",
    },
    read: [undefined, undefined, undefined],
    refused: ["malformed", ["code"]],
    failed: ["outcomeUnknown", "no"],
  });
});

browserTest("what throws while it is read is malformed, and the reason is told", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open(MFA);
    const fault = new Error("a getter's fault");
    const fail = () => {
      throw fault;
    };
    const thrower = Object.defineProperty({ ...SIGN_IN }, "username", { get: fail, enumerable: true });
    const proxy = new Proxy({}, { ownKeys: fail });
    const refused = [];
    for (const promise of [
      flow.send(thrower),
      flow.send(proxy),
      flow.account.updateAttributes(proxy),
      flow.session(proxy),
      flow.account.confirmTotp("123456", proxy),
      createFlow(thrower),
      createFlow(proxy),
      open(MFA, { storage: new Proxy({}, { get: fail }) }),
    ]) {
      const error = await promise.catch((error) => error);
      refused.push([error instanceof FlowError, error.code, error.cause === fault]);
    }
    return { refused, calls: network.calls.length, step: (await flow.send(SIGN_IN)).step };
  });
  assert.deepEqual(seen.refused, Array(8).fill([true, "malformed", true]));
  assert.deepEqual([seen.calls, seen.step], [0, "mfaCode"]);
});

browserTest("what JSON has no word for is malformed, and what nobody reads is not", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow } = await open(MFA);
    const codes = [];
    for (const username of [() => "ann", Symbol("ann"), 7n, NaN, new String("ann"), undefined]) {
      codes.push((await refusal(flow.send({ ...SIGN_IN, username }))).code);
    }
    codes.push((await refusal(open(MFA, { timeoutMs: Infinity }))).code);
    codes.push((await refusal(open(MFA, { verify: { skippable: () => true } }))).code);
    const event = { ...SIGN_IN, toJSON: () => ({ type: "cancel" }) };
    event.target = event;
    return { codes, step: (await flow.send(event)).step };
  });
  assert.deepEqual(seen, { codes: Array(8).fill("malformed"), step: "mfaCode" });
});

browserTest("a fetch that sends, or disposes of the flow, is legal", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const refused = [];
    const first = await open(MFA, {
      fetch: (...request) => {
        flow.send(SIGN_IN).catch(({ code }) => refused.push(code));
        return first.network.fetch(...request);
      },
    });
    const { flow } = first;
    const { step } = await flow.send(SIGN_IN);
    const second = await open(MFA, {
      fetch: () => {
        second.flow.dispose();
        return new Promise(() => {});
      },
    });
    return { step, refused, code: (await refusal(second.flow.send(SIGN_IN))).code };
  });
  assert.deepEqual(seen, { step: "mfaCode", refused: ["busy"], code: "disposed" });
});

browserTest("a fetch that cancels what it is called for is legal", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    let cancelling;
    const busy = [];
    const { flow } = await open(MFA, {
      fetch: () => {
        busy.push(flow.snapshot().busy);
        cancelling = flow.send({ type: "cancel" });
        busy.push(flow.snapshot().busy);
        return new Promise(() => {});
      },
    });
    const left = await flow.send(SIGN_IN);
    return [left.step, busy, (await cancelling) === left];
  });
  assert.deepEqual(seen, ["signedOut", ["signIn", null], true]);
});

browserTest("a storage that calls the flow again is legal", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const answers = [];
    let flow;
    for (const name of ["getItem", "setItem", "removeItem"]) {
      const method = storage[name];
      storage[name] = (...values) => {
        const asked = flow?.session().then(() => "given", ({ code }) => code);
        if (asked) answers.push(asked);
        return method(...values);
      };
    }
    ({ flow } = await open(SIGNED_IN, { storage }));
    const { step } = await flow.send(SIGN_IN);
    const { accessToken } = await flow.session();
    const [record] = storage.map.values();
    const left = await flow.send({ type: "signOut" });
    const told = new Set(await Promise.all(answers));
    return {
      step,
      isKept: JSON.parse(record).accessToken === accessToken,
      left: [left.step, storage.map.size],
      told: [...told].sort(),
    };
  });
  assert.deepEqual(seen, {
    step: "signedIn",
    isKept: true,
    left: ["signedOut", 0],
    told: ["given", "notAccepted"],
  });
});

browserTest("a sign-out is kept although the storage disposes of the flow meanwhile", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const storage = ownStorage();
    const { removeItem } = storage;
    const { flow } = await open(SIGNED_IN, { storage });
    await flow.send(SIGN_IN);
    const kept = storage.map.size;
    storage.removeItem = (key) => {
      flow.dispose();
      removeItem(key);
    };
    const { code } = await refusal(flow.send({ type: "signOut" }));
    return { kept, code, left: storage.map.size };
  });
  assert.deepEqual(seen, { kept: 1, code: "disposed", left: 0 });
});

browserTest("a platform that fails inside the module ends one flow and tells all who wait", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open({ InitiateAuth: ["hang"] });
    const other = await open(MFA);
    const snapshots = [];
    flow.subscribe(() => snapshots.push(flow.snapshot()));
    const sending = flow.send(SIGN_IN).catch((error) => error);
    const fault = new Error("there is no clock");
    performance.now = () => {
      throw fault;
    };
    const asking = await flow.session().catch((error) => error);
    delete performance.now;
    const errors = [asking, await sending, snapshots.at(-1).error];
    await sleep(20);
    return {
      told: errors.map(({ code, cause }) => [code, cause === fault]),
      areErrors: errors.map((error) => error instanceof FlowError),
      busy: flow.snapshot().busy,
      aborted: network.calls[0].signal.aborted,
      later: [(await refusal(flow.send(SIGN_IN))).code, flow.accepts("signIn")],
      other: (await other.flow.send(SIGN_IN)).step,
    };
  });
  assert.deepEqual(seen, {
    told: Array(3).fill(["server", true]),
    areErrors: [true, true, false],
    busy: null,
    aborted: true,
    later: ["disposed", false],
    other: "mfaCode",
  });
});

for (const [what, setup] of [
  ["no WebAssembly", () => Object.defineProperty(window, "WebAssembly", { value: undefined })],
  [
    "no SIMD",
    () => {
      WebAssembly.instantiate = async () => {
        throw new WebAssembly.CompileError("invalid simd opcode");
      };
    },
  ],
]) {
  browserTest(`a browser with ${what} is unsupported`, async ({ tab }) => {
    const page = await tab(setup);
    const refused = await page.evaluate(async () => {
      const error = await open(MFA).catch((error) => error);
      return [error instanceof FlowError, error.code, error.cause instanceof Error];
    });
    assert.deepEqual(refused, [true, "unsupported", true]);
  });
}

browserTest("a module that could not be fetched is no fault of the browser's", async ({ tab }) => {
  const page = await tab(() => {
    WebAssembly.instantiate = async () => {
      throw new TypeError("Failed to fetch");
    };
  });
  const refused = await page.evaluate(() => open(MFA).catch(({ name }) => name));
  assert.equal(refused, "TypeError");
});
