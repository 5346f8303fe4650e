// The package's JavaScript: snapshots, listeners, promises, errors.
import assert from "node:assert/strict";
import { SECRETS, browserTest } from "./support.mjs";

browserTest(
  "a snapshot is frozen through and through, and the same until it changes",
  async ({ tab }) => {
    const page = await tab();
    const seen = await page.evaluate(async () => {
      const { flow } = await open(MFA);
      const before = flow.snapshot();
      const same = before === flow.snapshot();
      const sending = flow.send(SIGN_IN);
      const during = flow.snapshot();
      const after = await sending;
      const frozen = (value) =>
        value === null ||
        typeof value !== "object" ||
        (Object.isFrozen(value) && Object.values(value).every(frozen));
      return {
        same,
        differ: new Set([before, during, after]).size,
        busy: [before.busy, during.busy, after.busy],
        isCurrent: after === flow.snapshot(),
        frozen: [before, during, after, flow, flow.account].every(frozen),
        destination: after.delivery.destination,
      };
    });
    assert.deepEqual(seen, {
      same: true,
      differ: 3,
      busy: [null, "signIn", null],
      isCurrent: true,
      frozen: true,
      destination: "+*******1234",
    });
  },
);

browserTest(
  "listeners are told from a microtask, once for all that has changed by then",
  async ({ tab }) => {
    const page = await tab();
    const seen = await page.evaluate(async () => {
      const { flow } = await open(MFA);
      const told = [];
      const stop = flow.subscribe(() => told.push(flow.snapshot().busy));
      const sending = flow.send(SIGN_IN);
      const atOnce = told.length;
      await null;
      const inMicrotask = [...told];
      await sending;
      await null;
      const all = [...told];
      stop();
      stop();
      await flow.send({ type: "cancel" });
      await sleep(20);
      return { atOnce, inMicrotask, all, afterStop: told.length };
    });
    assert.deepEqual(seen, {
      atOnce: 0,
      inMicrotask: ["signIn"],
      all: ["signIn", null],
      afterStop: 2,
    });
  },
);

browserTest(
  "one function subscribed twice is told twice, and each time is ended for itself",
  async ({ tab }) => {
    const page = await tab();
    const counts = await page.evaluate(async () => {
      const { flow } = await open(MFA);
      let told = 0;
      const listener = () => (told += 1);
      const [first, second] = [flow.subscribe(listener), flow.subscribe(listener)];
      await flow.send(SIGN_IN);
      await sleep(20);
      const both = told;
      first();
      await flow.send({ type: "cancel" });
      await sleep(20);
      second();
      return { both, one: told - both };
    });
    assert.equal(counts.both, 4);
    assert.ok(counts.one >= 1 && counts.one <= 2, `${counts.one}`);
  },
);

browserTest(
  "a listener that throws harms neither the flow nor the other listeners",
  async ({ tab }) => {
    const page = await tab();
    const seen = await page.evaluate(async () => {
      const { flow } = await open(MFA);
      let told = 0;
      const stop = flow.subscribe(() => {
        stop();
        throw new Error("a listener's fault");
      });
      flow.subscribe(() => (told += 1));
      const { step } = await flow.send(SIGN_IN);
      await sleep(20);
      return { step, told };
    });
    assert.deepEqual(seen, { step: "mfaCode", told: 2 });
  },
  { thrown: ["a listener's fault"] },
);

browserTest("sending inside a listener is legal", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow, network } = await open(MFA);
    const refused = [];
    flow.subscribe(() => {
      const { step, busy } = flow.snapshot();
      if (step !== "mfaCode" && busy === null) return;
      // While the sign-in is worked on it is refused, and when it is done it is taken.
      flow.send({ type: "submitCode", code: "246810" }).catch(({ code }) => refused.push(code));
    });
    await flow.send(SIGN_IN);
    await until(() => flow.snapshot().step === "signedIn");
    await flow.account.mfaPreference();
    return { refused: [...new Set(refused)], answers: network.count("RespondToAuthChallenge") };
  });
  assert.deepEqual(seen, { refused: ["busy"], answers: 1 });
});

browserTest(
  "disposing inside a listener ends everything, and late answers are dropped",
  async ({ tab }) => {
    const page = await tab();
    const seen = await page.evaluate(async () => {
      const { flow, network } = await open({ InitiateAuth: ["late"] }, { storage: "local" });
      let others = 0;
      flow.subscribe(() => flow.dispose());
      flow.subscribe(() => (others += 1));
      const sending = refusal(flow.send(SIGN_IN));
      const { code, isFlowError } = await sending;
      const atTheEnd = flow.snapshot();
      await sleep(200);
      flow.dispose();
      return {
        code,
        isFlowError,
        others,
        aborted: network.calls[0].signal.aborted,
        unchanged: atTheEnd === flow.snapshot(),
        kept: localStorage.length,
        accepts: flow.accepts("signIn"),
        later: [
          (await refusal(flow.send(SIGN_IN))).code,
          (await refusal(flow.session())).code,
          (await refusal(flow.account.deleteUser())).code,
        ],
        subscribed: typeof flow.subscribe(() => {}),
      };
    });
    assert.deepEqual(seen, {
      code: "disposed",
      isFlowError: true,
      others: 0,
      aborted: true,
      unchanged: true,
      kept: 0,
      accepts: false,
      later: ["disposed", "disposed", "disposed"],
      subscribed: "function",
    });
  },
);

browserTest("everything is bound", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const { flow } = await open(SIGNED_IN);
    const { snapshot, subscribe, send, accepts, session, dispose } = flow;
    const { mfaPreference } = flow.account;
    subscribe(() => {})();
    const before = accepts("signIn");
    await send(SIGN_IN);
    const { accessToken } = await session();
    const preference = await mfaPreference();
    const { step } = snapshot();
    dispose();
    const isDispose = !Symbol.dispose || flow[Symbol.dispose] === dispose;
    return { before, step, hasToken: accessToken.startsWith("access-"), preference, isDispose };
  });
  assert.deepEqual(seen, {
    before: true,
    step: "signedIn",
    hasToken: true,
    preference: { enabled: [], preferred: null },
    isDispose: true,
  });
});

browserTest(
  "misuse rejects with a FlowError that names what is wrong, and changes nothing",
  async ({ tab }) => {
    const page = await tab();
    const { refusals, unchanged } = await page.evaluate(async () => {
      const { flow, network } = await open(MFA);
      const before = flow.snapshot();
      const events = [
        undefined,
        null,
        "signIn",
        [],
        {},
        { type: 7 },
        { type: "signin" },
        { type: "toString" },
        { type: "signIn", username: "ann" },
        { type: "signIn", username: 7, password: "correct horse" },
        { type: "signUp", username: "ann", password: "correct horse", attributes: { email: 7 } },
        { type: "submitCode", code: "246810" },
      ];
      const refusals = [];
      for (const event of events) refusals.push(await refusal(flow.send(event)));
      refusals.push(await refusal(flow.session()));
      refusals.push(await refusal(flow.account.updateAttributes(7)));
      const unchanged = before === flow.snapshot() && network.calls.length === 0;
      return { refusals, unchanged };
    });
    assert.ok(unchanged, JSON.stringify(refusals));
    assert.deepEqual(
      refusals.map(({ code }) => code),
      [...Array(11).fill("malformed"), "notAccepted", "notAccepted", "malformed"],
    );
    for (const { isFlowError, name, hasStack, message } of refusals) {
      assert.deepEqual([isFlowError, name, hasStack], [true, "FlowError", true]);
      assert.doesNotMatch(message, SECRETS);
    }
    assert.match(refusals[8].message, /`password`/);
    assert.match(refusals[9].message, /`username`/);
  },
);

browserTest("malformed options reject, and name the option", async ({ tab }) => {
  const page = await tab();
  const cases = {
    userPoolId: [undefined, 7, "", "eu-west-1", "eu-west-1_a/b"],
    clientId: [undefined, 7, ""],
    endpoint: [7, "ftp://example.com", "javascript:alert(1)"],
    fetch: [7, {}],
    storage: [7, "disk", {}],
    signInWith: ["magic"],
    verify: [7, []],
    "verify.when": ["sometimes"],
    "verify.attributes": [7, ["address"]],
    "verify.skippable": ["no"],
    sessionSeconds: [0, -1, "180"],
    timeoutMs: [0, "1000", -1],
    clientMetadata: [7, { a: 7 }],
  };
  for (const [path, values] of Object.entries(cases)) {
    const [option, member] = path.split(".");
    for (const [index, value] of values.entries()) {
      const about = `${path} ${index}`;
      const refused = await page.evaluate(
        ([option, value]) => refusal(open(MFA, { [option]: value })),
        [option, member ? { [member]: value } : value],
      );
      assert.ok(refused, about);
      assert.deepEqual([refused.code, refused.isFlowError], ["malformed", true], about);
      assert.ok(
        refused.message.includes(`\`${member ?? option}\``),
        `${about}: ${refused.message}`,
      );
    }
  }
});

browserTest("flows live side by side and share nothing", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const [one, two] = await Promise.all([open(MFA), open(SIGNED_IN)]);
    let told = 0;
    two.flow.subscribe(() => (told += 1));
    await one.flow.send(SIGN_IN);
    const apart = [one.flow.snapshot().step, two.flow.snapshot().step, told];
    one.flow.dispose();
    const { step } = await two.flow.send(SIGN_IN);
    return { apart, step };
  });
  assert.deepEqual(seen, { apart: ["mfaCode", "signedOut", 0], step: "signedIn" });
});

browserTest(
  "a dead connection is offline, and the browser's own fetch says so",
  async ({ tab, context }) => {
    const page = await tab();
    await page.evaluate(async () => {
      const options = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client", endpoint: "/pool" };
      window.flow = await createFlow(options);
    });
    await context.setOffline(true);
    const { step, error } = await page.evaluate(() => flow.send(SIGN_IN));
    assert.deepEqual([step, error.code], ["signedOut", "offline"]);
  },
);

browserTest(
  "what goes over the wire: no cookie, no referrer, two headers",
  async ({ tab, posted }) => {
    const page = await tab();
    const { code } = await page.evaluate(async () => {
      document.cookie = "session=of-the-app";
      const options = { userPoolId: "eu-west-1_AbCdEfGhI", clientId: "client", endpoint: "/pool" };
      const flow = await createFlow(options);
      return (await flow.send(SIGN_IN)).error;
    });
    assert.equal(code, "wrongCredentials");
    assert.equal(posted.length, 1);
    const [{ method, headers, body }] = posted;
    assert.equal(method, "POST");
    assert.equal(headers["content-type"], "application/x-amz-json-1.1");
    assert.equal(headers["x-amz-target"], "AWSCognitoIdentityProviderService.InitiateAuth");
    assert.equal(headers.cookie, undefined);
    assert.equal(headers.referer, undefined);
    const { AuthFlow, AuthParameters, ClientId } = JSON.parse(body);
    assert.deepEqual([AuthFlow, ClientId], ["USER_SRP_AUTH", "client"]);
    assert.deepEqual(Object.keys(AuthParameters).sort(), ["SRP_A", "USERNAME"]);
  },
);
