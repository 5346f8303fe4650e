// `passkeys` of the app's own that answer what no browser does: nothing of it is believed, nothing is
// thrown in the page, and the person can go on.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

/** Signs in by what `answer` makes; says where that leaves the person, and what was sent. */
const setup = () => {
  window.bytes = (...values) => Uint8Array.from(values).buffer;
  window.response = () => ({ clientDataJSON: bytes(1), authenticatorData: bytes(2), signature: bytes(3) });
  window.credential = () => ({ id: "_w", rawId: bytes(255), type: "public-key", response: response() });
  window.signInBy = async (answer) => {
    const script = { InitiateAuth: ["passkey"], RespondToAuthChallenge: ["tokens"], GetUser: ["user"] };
    const passkeys = { create: answer, get: answer };
    const { flow, network } = await open(script, { signInWith: "choice", passkeys });
    const { step, error } = await flow.send({ type: "signIn", username: "ann", preferred: "passkey" });
    const sent = network.calls.find(({ operation }) => operation.startsWith("Respond"));
    const given = sent?.body.ChallengeResponses.CREDENTIAL;
    const goesOn = step === "signedIn" || flow.accepts("usePasskey");
    flow.dispose();
    return { step, code: error?.code ?? null, given, goesOn };
  };
};

browserTest("what is no credential is a passkey that failed, and is not sent", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const fail = () => {
      throw new Error("a getter's fault");
    };
    const throwing = Object.defineProperty(credential(), "response", { get: fail });
    const revoked = Proxy.revocable(credential(), {});
    revoked.revoke();
    const cycle = credential();
    cycle.response.userHandle = cycle;
    const answers = {
      undefined: undefined,
      null: null,
      text: "credential",
      number: 7,
      symbol: Symbol("credential"),
      function: () => {},
      empty: {},
      list: [credential()],
      "no response": { ...credential(), response: null },
      "a getter that throws": throwing,
      "a proxy that is revoked": revoked.proxy,
      "a proxy that throws": new Proxy({}, { get: fail }),
      "a cycle": cycle,
      "a response that throws": { ...credential(), response: new Proxy({}, { get: fail }) },
    };
    const seen = {};
    for (const [what, answer] of Object.entries(answers)) {
      const { code, given, step, goesOn } = await signInBy(async () => answer);
      seen[what] = [step, code, given ?? null, goesOn];
    }
    for (const [what, answer] of Object.entries({
      "throws at once": fail,
      "throws nothing": () => {
        throw undefined;
      },
      "rejects with a text": () => Promise.reject("no"),
      "rejects with a name that throws": () =>
        Promise.reject(Object.defineProperty({}, "name", { get: fail })),
      "rejects with a name of another kind": () => Promise.reject({ name: { toString: fail } }),
      "a thenable that throws": () => ({ then: fail }),
    })) {
      const { code, given, step, goesOn } = await signInBy(answer);
      seen[what] = [step, code, given ?? null, goesOn];
    }
    return seen;
  });
  for (const [what, [step, code, given, goesOn]] of Object.entries(seen)) {
    assert.deepEqual([step, code, given, goesOn], ["passkey", "passkeyFailed", null, true], what);
  }
});

browserTest("bytes are bytes, of whatever realm and in whatever view", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const { Uint8Array: Foreign } = frame.contentWindow;
    const whole = Foreign.from([9, 255, 254, 253, 9]);
    const shared = new Uint8Array(new ArrayBuffer(8), 2, 3);
    shared.set([255, 254, 253]);
    const given = [];
    for (const signature of [
      Foreign.from([255, 254, 253]).buffer,
      whole.subarray(1, 4),
      shared,
      new DataView(shared.buffer, 2, 3),
    ]) {
      const passkey = credential();
      passkey.response.signature = signature;
      const { step, given: sent } = await signInBy(async () => passkey);
      given.push([step, JSON.parse(sent).response.signature]);
    }
    frame.remove();
    return given;
  });
  assert.deepEqual(seen, Array(4).fill(["signedIn", "__79"]));
});

browserTest("members of Object.prototype are none of what is asked for", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const asked = [];
    const pollution = {
      mediation: "silent",
      extensions: { credProps: true },
      rpId: "elsewhere.example",
    };
    Object.assign(Object.prototype, pollution);
    try {
      const { step } = await signInBy(async (options) => {
        const { publicKey } = options;
        // Firefox always has an object there.
        asked.push(options.mediation, publicKey.extensions?.credProps ?? null, publicKey.rpId);
        return credential();
      });
      return { step, asked };
    } finally {
      for (const name of Object.keys(pollution)) delete Object.prototype[name];
    }
  });
  assert.deepEqual(seen, { step: "signedIn", asked: [undefined, null, "localhost"] });
});

browserTest("what is larger than any passkey is sent to nobody", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const large = credential();
    large.response.signature = new ArrayBuffer(8 << 20);
    const { step, code, goesOn, given } = await signInBy(async () => large);
    return [step, code, goesOn, given ?? null];
  });
  assert.deepEqual(seen, ["passkey", "passkeyFailed", true, null]);
});

browserTest("a prompt that never ends is over with its challenge, and then it is too late", async ({ tab }) => {
  const page = await tab(setup);
  const seen = await page.evaluate(async () => {
    const prompt = Promise.withResolvers();
    let aborted;
    const get = ({ signal }) => {
      aborted = () => signal.aborted;
      return prompt.promise;
    };
    const script = { InitiateAuth: ["passkey"], RespondToAuthChallenge: ["tokens"], GetUser: ["user"] };
    const { flow, network } = await open(script, {
      signInWith: "choice",
      passkeys: { create: get, get },
      sessionSeconds: 1,
    });
    const over = await flow.send({ type: "signIn", username: "ann", preferred: "passkey" });
    // What takes no notice of its signal, and answers all the same, is not listened to.
    prompt.resolve(credential());
    await sleep(30);
    const isQuiet = flow.snapshot() === over;
    return [over.step, over.error?.code, aborted(), isQuiet, network.count("RespondToAuthChallenge")];
  });
  assert.deepEqual(seen, ["signedOut", "challengeExpired", true, true, 0]);
});
