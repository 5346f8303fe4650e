// Each challenge's step in a page: a flow that is disposed of in it, and where its secrets are.
import assert from "node:assert/strict";
import { browserTest } from "./support.mjs";

const CODE = "246810";
const CHOICE = { signInWith: "choice" };
const NAME = { type: "signIn", username: "ann" };
const SIGN_IN = { ...NAME, password: "correct horse battery" };
const HELD = { RespondToAuthChallenge: ["held"] };

/** Of each step: how it is reached, and what the person does in it that the pool has not answered yet. */
const STEPS = {
  selectFactor: {
    options: CHOICE,
    script: { InitiateAuth: ["select"], ...HELD },
    reach: NAME,
    act: { type: "selectFactor", choice: "email" },
  },
  password: {
    options: CHOICE,
    script: { InitiateAuth: ["select", "held"], ...HELD },
    reach: { ...NAME, preferred: "password" },
    act: { type: "submitPassword", password: SIGN_IN.password },
  },
  signInCode: {
    options: CHOICE,
    script: { InitiateAuth: ["emailCode"], ...HELD },
    reach: { ...NAME, preferred: "email" },
    act: { type: "submitCode", code: CODE },
  },
  customChallenge: {
    options: { signInWith: "custom" },
    script: { InitiateAuth: ["custom"], ...HELD },
    reach: NAME,
    act: { type: "answerChallenge", answer: CODE },
  },
  setUpTotp: {
    script: {
      InitiateAuth: ["setUp"],
      AssociateSoftwareToken: ["totp"],
      VerifySoftwareToken: ["held"],
    },
    reach: SIGN_IN,
    act: { type: "submitCode", code: CODE },
  },
  setUpEmail: {
    script: { InitiateAuth: ["setUpEmail"], ...HELD },
    reach: SIGN_IN,
    act: { type: "setUpEmail", email: "ann@example.com" },
  },
};

/** Disposes of a flow whose event waits for an answer, and lets the answer come all the same. */
const disposed = async ({ script, options, reach, act }) => {
  const { flow, network } = await open(script, { storage: "local", ...options });
  const { step, error } = await flow.send(reach);
  let told = 0;
  flow.subscribe(() => (told += 1));
  const sending = refusal(flow.send(act));
  await until(() => flow.snapshot().busy === act.type);
  const other = refusal(flow.session());
  await sleep(5);
  const before = [told, flow.snapshot(), network.calls.length];
  const kept = JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
  flow.dispose();
  const codes = [(await sending).code, (await other).code];
  const { aborted } = network.calls.at(-1).signal;
  network.release();
  await sleep(30);
  const after = [told, flow.snapshot(), network.calls.length];
  return {
    step,
    error,
    codes,
    aborted,
    isQuiet: before.every((it, index) => it === after[index]),
    isKept: kept === JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    later: [(await refusal(flow.send({ type: "cancel" }))).code, flow.accepts("cancel")],
  };
};

for (const [step, how] of Object.entries(STEPS)) {
  browserTest(`${step}: who disposes of the flow hears so, and nothing comes after`, async ({ tab }) => {
    const page = await tab();
    assert.deepEqual(await page.evaluate(disposed, how), {
      step,
      error: null,
      codes: ["disposed", "notAccepted"],
      aborted: true,
      isQuiet: true,
      isKept: true,
      later: ["disposed", false],
    });
  });
}

browserTest("the prompt for a passkey is aborted with the flow, whoever asked for it", async ({ tab }) => {
  const page = await tab();
  const seen = await page.evaluate(async () => {
    const seen = {};
    const asking = {
      step: { type: "signIn", username: "ann", preferred: "passkey" },
      autofill: { type: "signIn", username: "ann", preferred: "passkey", autofill: true },
      account: undefined,
    };
    for (const [name, event] of Object.entries(asking)) {
      const prompt = Promise.withResolvers();
      const signals = [];
      const ask = ({ signal }) => {
        signals.push(signal);
        return prompt.promise;
      };
      const { flow, network } = await open(
        {
          InitiateAuth: [event ? "passkey" : "tokens"],
          StartWebAuthnRegistration: ["creation"],
          RespondToAuthChallenge: ["tokens"],
          GetUser: ["user"],
        },
        { signInWith: event ? "choice" : "password", passkeys: { create: ask, get: ask } },
      );
      if (!event) await flow.send(SIGN_IN);
      let told = 0;
      const asked = refusal(event ? flow.send(event) : flow.account.createPasskey());
      await until(() => signals.length === 1);
      const { step, busy } = flow.snapshot();
      flow.subscribe(() => (told += 1));
      const calls = network.calls.length;
      flow.dispose();
      const bytes = new ArrayBuffer(1);
      const response = { clientDataJSON: bytes, authenticatorData: bytes, signature: bytes };
      prompt.resolve({ id: "_w", rawId: bytes, type: "public-key", response });
      const code = (await asked)?.code ?? null;
      await sleep(30);
      const late = [network.calls.length - calls, told];
      seen[name] = [step, busy, signals[0].aborted, code, late];
    }
    return seen;
  });
  assert.deepEqual(seen, {
    step: ["passkey", "signIn", true, "disposed", [0, 0]],
    // An offer is nothing that anybody waits for.
    autofill: ["signedOut", null, true, null, [0, 0]],
    account: ["signedIn", null, true, "disposed", [0, 0]],
  });
});

/** Goes through a step, wrong once and then right, and tells all that a page can see of it. */
const told = async ({ script, options, reach, act }) => {
  const seen = [];
  const written = [];
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (key, value) {
    written.push([this === localStorage ? "local" : "session", key, value]);
    setItem.call(this, key, value);
  };
  const right = { ...script, GetUser: ["user"], ConfirmDevice: ["deviceKept"] };
  for (const [name, list] of Object.entries(right)) {
    right[name] = list.map((it) => (it === "held" ? "newDevice" : it));
  }
  if (script.VerifySoftwareToken) {
    Object.assign(right, { VerifySoftwareToken: ["verified"], RespondToAuthChallenge: ["newDevice"] });
  }
  const wrong = { ...right, InitiateAuth: [script.InitiateAuth[0], "refused"] };
  for (const name of ["RespondToAuthChallenge", "VerifySoftwareToken"]) wrong[name] = ["refused"];
  ANSWERS.refused = () => ({ hello: "nobody" });
  for (const script of [wrong, right]) {
    const { flow, network } = await open(script, { storage: "local", ...options });
    flow.subscribe(() => seen.push(flow.snapshot()));
    seen.push(await flow.send(reach), await flow.send(act));
    seen.push(await refusal(flow.send(act)), await refusal(flow.account.confirmTotp("135790")));
    const urls = network.calls.map(({ operation }) => operation);
    seen.push(location.href, urls, performance.getEntries().map(({ name }) => name));
    seen.push({ ...flow }, String(flow), flow.snapshot().step);
    flow.dispose();
    // The next one begins anew.
    sessionStorage.clear();
  }
  Storage.prototype.setItem = setItem;
  return { seen: JSON.stringify(seen), last: seen.at(-1), written };
};

const NEVER_TOLD = /correct horse|246810|135790|access-token|id-token|refresh-token|session-string/;

for (const [step, how] of Object.entries(STEPS)) {
  browserTest(`${step}: its secrets are told nobody, and kept where they belong`, async ({ tab }) => {
    const page = await tab();
    const { seen, last, written } = await page.evaluate(told, how);
    assert.equal(last, "signedIn");
    assert.match(seen, new RegExp(`"step":"${step}"`));
    assert.doesNotMatch(seen, NEVER_TOLD);
    const totp = "JBSWY3DPEHPK3PXP";
    assert.equal(seen.includes(totp), step === "setUpTotp", "the secret that a person must see");

    const all = JSON.stringify(written);
    assert.doesNotMatch(all, /correct horse|246810|135790/);
    assert.ok(!all.includes(totp), "it is kept nowhere");
    const of = (kind) => written.filter(([area, key]) => `${area} ${key}`.endsWith(kind));
    const text = (records) => records.map(([, , value]) => value).join("\n");
    const [session, devices] = [of(".session"), of(".devices")];
    const pending = written.filter((it) => !session.includes(it) && !devices.includes(it));
    // The tokens, the pool's session and the device's secret: each in its own record, in its area.
    assert.match(text(session), /access-token/);
    assert.doesNotMatch(text(pending), /access-token|id-token|refresh-token/);
    assert.doesNotMatch(text(session) + text(devices), /session-string/);
    assert.ok(pending.length > 0 && pending.every(([area]) => area === "session"));
    const [{ secret }] = Object.values(JSON.parse(devices.at(-1)[2]).devices ?? {}).flat();
    assert.ok(secret.length > 40, "the secret of a device");
    assert.ok(!seen.includes(secret) && !text(pending).includes(secret));
    assert.ok(!text(session).includes(secret));
  });
}
