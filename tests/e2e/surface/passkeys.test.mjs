// Passkeys, with the browser's own authenticator for tests.
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { browserTest } from "./support.mjs";

/** Passkeys are for names, never for addresses. */
const NAMED = { host: "localhost" };
const WITH_KEYS = { ...NAMED, chromiumOnly: "an authenticator for tests" };

const INTERNAL = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** Gives a page an authenticator, as `Touch ID` is one. */
async function authenticator(context, page, options = {}) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...INTERNAL, ...options },
  });
  const send = (method, more) => cdp.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return {
    send,
    credentials: async () => (await send("getCredentials")).credentials,
  };
}

const decoded = (base64url) => Buffer.from(base64url, "base64url");
const clientData = ({ response }) => JSON.parse(decoded(response.clientDataJSON));

/** Signs ann in in the page, and says how making a passkey ended and what the pool was sent. */
const making = (script = {}, options = {}) => ({ script, options });
const make = async ({ script, options }) => {
  const { flow, network } = await open(
    { ...SIGNED_IN, StartWebAuthnRegistration: ["creation"], ...script },
    options,
  );
  await flow.send(SIGN_IN);
  const error = await refusal(flow.account.createPasskey());
  const sent = network.calls.find(({ operation }) => operation === "CompleteWebAuthnRegistration");
  return { code: error?.code, message: error?.message, credential: sent?.body.Credential };
};

browserTest(
  "a passkey is made, with the browser's conversions and without",
  async ({ context, tab }) => {
    const credentials = [];
    for (const old of [false, true]) {
      const page = await tab(
        old &&
          (() => {
            delete PublicKeyCredential.parseCreationOptionsFromJSON;
            delete PublicKeyCredential.prototype.toJSON;
          }),
      );
      const { credentials: kept, send } = await authenticator(context, page);
      const { code, credential } = await page.evaluate(make, making());
      assert.equal(code, undefined);
      const [{ credentialId, isResidentCredential, rpId, userHandle }] = await kept();
      assert.ok(isResidentCredential);
      assert.equal(rpId, "localhost");
      assert.equal(decoded(userHandle).toString(), "ann");
      assert.deepEqual(decoded(credential.id), decoded(credentialId));
      assert.equal(credential.rawId, credential.id);
      const { type, challenge, origin } = clientData(credential);
      assert.equal(type, "webauthn.create");
      assert.equal(challenge, "Y2hhbGxlbmdlLW9mLXRoZS1wb29s");
      assert.match(origin, /^http:\/\/localhost:/);
      assert.doesNotMatch(JSON.stringify(credential.response), /[+/=]/, "base64url, not base64");
      credentials.push(credential);
      await send("removeVirtualAuthenticator");
    }
    const shape = ({ response, ...rest }) => [Object.keys(rest).sort(), Object.keys(response).sort()];
    const [today, before] = credentials;
    assert.deepEqual(shape(before), shape(today));
    for (const name of ["attestationObject", "authenticatorData", "publicKey"]) {
      const lengths = credentials.map(({ response }) => decoded(response[name]).length);
      assert.ok(lengths[0] > 30 && lengths[0] === lengths[1], `${name}: ${lengths}`);
    }
    assert.deepEqual(before.response.transports, today.response.transports);
    assert.equal(before.response.publicKeyAlgorithm, -7);
  },
  WITH_KEYS,
);

browserTest(
  "each end of the prompt is told apart, with its exception as the cause",
  async ({ context, tab }) => {
    const page = await tab();
    const { send } = await authenticator(context, page);
    const creation = (change) => page.evaluate((change) => {
      const options = ANSWERS.creation();
      Object.assign(options.CredentialCreationOptions, change);
      ANSWERS.changed = () => options;
    }, change);
    const script = { StartWebAuthnRegistration: ["changed"] };
    const made = await page.evaluate(make, making());

    const exclude = [{ type: "public-key", id: made.credential.id, transports: ["internal"] }];
    await creation({ excludeCredentials: exclude });
    const again = await page.evaluate(make, making(script));
    assert.deepEqual([again.code, /already/.test(again.message)], ["passkeyFailed", true]);

    await creation({ rp: { id: "example.org", name: "Somebody else" } });
    const elsewhere = await page.evaluate(make, making(script));
    const notHere = /not for this site/.test(elsewhere.message);
    assert.deepEqual([elsewhere.code, notHere], ["passkeyUnsupported", true]);

    await creation({ challenge: "this is no base64url!" });
    assert.equal((await page.evaluate(make, making(script))).code, "server");

    await send("setUserVerified", { isUserVerified: false });
    await creation({ timeout: 1000 });
    const refused = await page.evaluate(make, making(script));
    assert.deepEqual([refused.code, /refused/.test(refused.message)], ["passkeyFailed", true]);

    const causes = await page.evaluate(async () => {
      const script = { ...SIGNED_IN, StartWebAuthnRegistration: ["creation"] };
      const causes = [];
      for (const name of ["NotAllowedError", "SecurityError", "Whatever"]) {
        const create = async () => {
          throw new DOMException("no", name);
        };
        const { flow } = await open(script, { passkeys: { create, get: create } });
        await flow.send(SIGN_IN);
        const { code, cause } = await flow.account.createPasskey().catch((error) => error);
        causes.push([code, cause.name, cause instanceof DOMException]);
      }
      return causes;
    });
    assert.deepEqual(causes, [
      ["passkeyFailed", "NotAllowedError", true],
      ["passkeyUnsupported", "SecurityError", true],
      ["passkeyFailed", "Whatever", true],
    ]);
  },
  WITH_KEYS,
);

browserTest("a browser without passkeys says so", async ({ tab }) => {
  const page = await tab(() => {
    delete globalThis.PublicKeyCredential;
  });
  const { code, message } = await page.evaluate(make, making());
  assert.deepEqual([code, message], ["passkeyUnsupported", "This browser cannot use passkeys here."]);
});

browserTest(
  "an event, another call, another tab and the end of the flow stop the prompt",
  async ({ context, tab }) => {
    const page = await tab();
    await authenticator(context, page, { automaticPresenceSimulation: false });
    const seen = await page.evaluate(async () => {
      const script = { ...SIGNED_IN, StartWebAuthnRegistration: ["creation"] };
      const results = [];
      for (const stop of [
        ({ flow }) => flow.send({ type: "signOut" }),
        ({ flow }) => void flow.account.createPasskey().catch(() => {}),
        ({ storage }) => {
          storage.map.clear();
          document.dispatchEvent(new Event("visibilitychange"));
        },
        ({ flow }) => flow.dispose(),
      ]) {
        const signals = [];
        const passkeys = {
          get: () => {},
          create: (options) => {
            signals.push(options.signal);
            return navigator.credentials.create(options);
          },
        };
        const storage = ownStorage();
        const { flow } = await open(script, { passkeys, storage });
        await flow.send(SIGN_IN);
        const creating = refusal(flow.account.createPasskey());
        await until(() => signals.length === 1);
        await stop({ flow, storage });
        const { code } = await creating;
        await until(() => signals[0].aborted);
        results.push(code);
        flow.dispose();
      }
      return results;
    });
    assert.deepEqual(seen, ["passkeyFailed", "passkeyFailed", "challengeSpent", "disposed"]);
  },
  WITH_KEYS,
);

browserTest(
  "a deleted passkey is gone from the browser's key store",
  async ({ context, tab }) => {
    const page = await tab(() => {
      window.told = [];
      PublicKeyCredential.signalUnknownCredential = async (options) => {
        told.push({ ...options });
        throw new Error("whatever it says, nobody is troubled with it");
      };
    });
    await authenticator(context, page);
    const seen = await page.evaluate(async () => {
      ANSWERS.list = () => ({
        Credentials: [
          {
            CredentialId: "YQ",
            FriendlyCredentialName: "My phone",
            RelyingPartyId: "example.com",
            AuthenticatorTransports: ["internal"],
            CreatedAt: 1_700_000_000,
          },
        ],
      });
      const { flow } = await open({ ...SIGNED_IN, ListWebAuthnCredentials: ["list"] });
      await flow.send(SIGN_IN);
      await flow.account.deletePasskey("Yg");
      await until(() => told.length === 1);
      const list = await flow.account.passkeys();
      const nothing = await flow.account.deletePasskey("YQ");
      await until(() => told.length === 2);
      return { list, nothing, told };
    });
    assert.deepEqual(seen, {
      list: [{ id: "YQ", name: "My phone", createdAt: 1_700_000_000_000, transports: ["internal"] }],
      nothing: undefined,
      told: [
        { rpId: "localhost", credentialId: "Yg" },
        { rpId: "example.com", credentialId: "YQ" },
      ],
    });
  },
  WITH_KEYS,
);

browserTest("passkeys of the app's own are two functions, whatever they stand in", async ({ tab }) => {
  const page = await tab();
  const codes = await page.evaluate(async () => {
    class Own {
      create() {}
      get() {}
    }
    const codes = [];
    for (const passkeys of [undefined, null, new Own(), navigator.credentials, {}, "x", { get() {} }]) {
      codes.push((await refusal(open({}, { passkeys })))?.code);
    }
    return codes;
  });
  assert.deepEqual(codes, [undefined, undefined, undefined, undefined, ...Array(3).fill("malformed")]);
});

/** Makes a passkey of ann's, which the pool then knows, and signs her out. */
const prepare = async () => {
  const { flow, network } = await open({ ...SIGNED_IN, StartWebAuthnRegistration: ["creation"] });
  await flow.send(SIGN_IN);
  await flow.account.createPasskey();
  const made = network.calls.at(-1).body.Credential;
  window.passkeys = [{ type: "public-key", id: made.id, transports: ["internal"] }];
  await flow.send({ type: "signOut" });
  flow.dispose();
  window.BY_CHOICE = { signInWith: "choice" };
  window.BY_PASSKEY = { type: "signIn", username: "ann", preferred: "passkey" };
  window.PASSKEY = { InitiateAuth: ["passkey"], RespondToAuthChallenge: ["tokens"], GetUser: ["user"] };
  return made;
};

/** Whether the passkey that was made has signed what was sent. */
function hasSigned(made, { response }) {
  const key = createPublicKey({ key: decoded(made.response.publicKey), format: "der", type: "spki" });
  const hash = createHash("sha256").update(decoded(response.clientDataJSON)).digest();
  const signed = Buffer.concat([decoded(response.authenticatorData), hash]);
  return verify("sha256", signed, key, decoded(response.signature));
}

browserTest(
  "a passkey signs in, with the browser's conversions and without",
  async ({ context, tab }) => {
    for (const old of [false, true]) {
      const page = await tab(
        old &&
          (() => {
            delete PublicKeyCredential.parseCreationOptionsFromJSON;
            delete PublicKeyCredential.parseRequestOptionsFromJSON;
            delete PublicKeyCredential.prototype.toJSON;
          }),
      );
      const { send } = await authenticator(context, page);
      const made = await page.evaluate(prepare);
      const { steps, credential } = await page.evaluate(async () => {
        const { flow, network } = await open(PASSKEY, BY_CHOICE);
        const steps = [];
        flow.subscribe(() => {
          const { step, busy, error, alternatives } = flow.snapshot();
          steps.push([step, busy, error, alternatives]);
        });
        await flow.send(BY_PASSKEY);
        await until(() => steps.at(-1)[0] === "signedIn");
        const { body } = network.calls.find(({ operation }) => operation.startsWith("Respond"));
        return { steps, credential: JSON.parse(body.ChallengeResponses.CREDENTIAL) };
      });
      assert.deepEqual(steps, [
        ["signedOut", "signIn", null, undefined],
        ["passkey", "signIn", null, ["password"]],
        ["signedIn", null, null, undefined],
      ]);
      const { type, challenge } = clientData(credential);
      assert.deepEqual([type, challenge], ["webauthn.get", "Y2hhbGxlbmdlLXRvLXNpZ24"]);
      assert.equal(credential.id, made.id);
      assert.equal(decoded(credential.response.userHandle).toString(), "ann");
      assert.ok(hasSigned(made, credential));
      await send("removeVirtualAuthenticator");
    }
  },
  WITH_KEYS,
);

browserTest(
  "whoever is not verified, or has lost the passkey, stays in the step and can be asked again",
  async ({ context, tab }) => {
    const page = await tab();
    const { send, credentials } = await authenticator(context, page);
    await page.evaluate(prepare);
    await send("setUserVerified", { isUserVerified: false });
    const ask = (event) =>
      page.evaluate(async (event) => {
        const { step, busy, error } = await own.flow.send(event);
        const inner = error?.cause;
        return [step, busy, error?.code, inner?.name];
      }, event);
    await page.evaluate(async () => {
      window.own = await open(PASSKEY, BY_CHOICE);
    });
    const refused = ["passkey", null, "passkeyFailed", "NotAllowedError"];
    const byPasskey = await page.evaluate(() => BY_PASSKEY);
    assert.deepEqual(await ask(byPasskey), refused);

    const [kept] = await credentials();
    await send("setUserVerified", { isUserVerified: true });
    await send("clearCredentials");
    assert.deepEqual(await ask({ type: "usePasskey" }), refused);
    await send("addCredential", { credential: kept });
    const signedIn = ["signedIn", null, undefined, undefined];
    assert.deepEqual(await ask({ type: "usePasskey" }), signedIn);
  },
  WITH_KEYS,
);

browserTest(
  "cancel stops the prompt, and what comes of it then is dropped",
  async ({ context, tab }) => {
    const page = await tab();
    const { send } = await authenticator(context, page);
    await page.evaluate(prepare);
    await send("setAutomaticPresenceSimulation", { enabled: false });
    const seen = await page.evaluate(async () => {
      const signals = [];
      const passkeys = {
        create: () => {},
        get: (options) => {
          signals.push(options.signal);
          return navigator.credentials.get(options);
        },
      };
      const { flow, network } = await open(PASSKEY, { ...BY_CHOICE, passkeys });
      const asking = flow.send(BY_PASSKEY);
      await until(() => signals.length === 1);
      const meanwhile = [flow.snapshot().step, flow.snapshot().busy, flow.accepts("signIn")];
      const { step, error } = await flow.send({ type: "cancel" });
      await asking;
      return [...meanwhile, signals[0].aborted, step, error, network.count("RespondToAuthChallenge")];
    });
    assert.deepEqual(seen, ["passkey", "signIn", false, true, "signedOut", null, 0]);
  },
  WITH_KEYS,
);

browserTest(
  "a passkey is offered in the field, and signs in when it is chosen there",
  async ({ context, tab }) => {
    const page = await tab();
    await authenticator(context, page);
    const made = await page.evaluate(prepare);
    const before = await page.evaluate(async () => {
      const field = document.createElement("input");
      field.autocomplete = "username webauthn";
      document.body.append(field);
      const get = navigator.credentials.get.bind(navigator.credentials);
      window.asked = [];
      // The authenticator for tests chooses at once: not before the page lets it.
      const chosen = new Promise((choose) => (window.choose = choose));
      navigator.credentials.get = async (options) => {
        asked.push(options);
        await chosen;
        return get(options);
      };
      window.own = await open(PASSKEY, BY_CHOICE);
      const { step, busy, error } = await own.flow.send({ ...BY_PASSKEY, autofill: true });
      await until(() => asked.length === 1);
      await sleep(100);
      const { mediation, signal } = asked[0];
      return [step, busy, error, mediation, signal.aborted, own.flow.snapshot().step];
    });
    assert.deepEqual(before, ["signedOut", null, null, "conditional", false, "signedOut"]);
    const credential = await page.evaluate(async () => {
      choose();
      await until(() => own.flow.snapshot().step === "signedIn");
      const { body } = own.network.calls.find(({ operation }) => operation.startsWith("Respond"));
      return JSON.parse(body.ChallengeResponses.CREDENTIAL);
    });
    assert.ok(hasSigned(made, credential));
  },
  WITH_KEYS,
);

browserTest(
  "an offer ends with the next event, and is none where the browser has none",
  async ({ context, tab }) => {
    const page = await tab();
    await authenticator(context, page, { automaticPresenceSimulation: false });
    const seen = await page.evaluate(async () => {
      const BY_CHOICE = { signInWith: "choice" };
      const offer = { type: "signIn", username: "ann", preferred: "passkey", autofill: true };
      const signals = [];
      const get = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = (options) => {
        signals.push(options.signal);
        return get(options);
      };
      const script = { InitiateAuth: ["passkey", "sms"] };
      const results = [];
      for (const end of [{ type: "cancel" }, { type: "signIn", username: "ann" }, undefined]) {
        const { flow } = await open(script, BY_CHOICE);
        await flow.send(offer);
        await until(() => signals.length > results.length);
        if (end) await flow.send(end);
        else flow.dispose();
        results.push([signals.at(-1).aborted, flow.snapshot().error]);
        flow.dispose();
      }
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
      const { flow, network } = await open(script, BY_CHOICE);
      const { step, busy, error } = await flow.send(offer);
      await sleep(100);
      return { results, none: [step, busy, error, network.calls.length, signals.length] };
    });
    assert.deepEqual(seen, {
      results: Array(3).fill([true, null]),
      none: ["signedOut", null, null, 0, 3],
    });
  },
  WITH_KEYS,
);

browserTest("passkeys of the app's own are asked as the browser's would be", async ({ tab }) => {
  const page = await tab(() => {
    delete globalThis.PublicKeyCredential;
  });
  const seen = await page.evaluate(async () => {
    const asked = [];
    const bytes = (...values) => Uint8Array.from(values).buffer;
    const passkeys = {
      create: () => {},
      async get({ publicKey, mediation, signal }) {
        asked.push([
          mediation,
          signal instanceof AbortSignal,
          new TextDecoder().decode(publicKey.challenge),
          publicKey.rpId,
        ]);
        const response = {
          clientDataJSON: bytes(1),
          authenticatorData: bytes(2),
          signature: bytes(255, 254, 253),
          userHandle: null,
        };
        return { id: "_w", rawId: bytes(255), type: "public-key", response };
      },
    };
    const script = { InitiateAuth: ["passkey"], RespondToAuthChallenge: ["tokens"], GetUser: ["user"] };
    const credentials = [];
    for (const autofill of [false, true]) {
      const { flow, network } = await open(script, { signInWith: "choice", passkeys });
      await flow.send({ type: "signIn", username: "ann", preferred: "passkey", autofill });
      await until(() => flow.snapshot().step === "signedIn");
      const { body } = network.calls.find(({ operation }) => operation.startsWith("Respond"));
      credentials.push(JSON.parse(body.ChallengeResponses.CREDENTIAL));
    }
    return { asked, credentials };
  });
  const credential = {
    id: "_w",
    rawId: "_w",
    type: "public-key",
    clientExtensionResults: {},
    response: { clientDataJSON: "AQ", authenticatorData: "Ag", signature: "__79" },
  };
  assert.deepEqual(seen, {
    asked: [
      [undefined, true, "challenge-to-sign", "localhost"],
      ["conditional", true, "challenge-to-sign", "localhost"],
    ],
    credentials: [credential, credential],
  });
});

browserTest(
  "a prompt ends when the person signs out in another tab, and nothing of it is sent",
  async ({ context, tab }) => {
    const [one, two] = [await tab(), await tab()];
    // A page that is not in front cannot ask for a passkey.
    await one.bringToFront();
    await authenticator(context, one, { automaticPresenceSimulation: false });
    await one.evaluate(async () => {
      const script = { ...SIGNED_IN, StartWebAuthnRegistration: ["creation"] };
      window.own = await open(script, { storage: "local" });
      await own.flow.send(SIGN_IN);
      window.creating = refusal(own.flow.account.createPasskey());
      await until(() => own.network.count("StartWebAuthnRegistration") === 1);
      await sleep(100);
    });
    await two.evaluate(async () => {
      const { flow } = await open({}, { storage: "local" });
      await until(() => flow.snapshot().step === "signedIn");
      await flow.send({ type: "signOut" });
    });
    const seen = await one.evaluate(async () => {
      const { code } = await creating;
      const { step, error } = own.flow.snapshot();
      return [code, step, error, own.network.count("CompleteWebAuthnRegistration")];
    });
    assert.deepEqual(seen, ["challengeSpent", "signedOut", null, 0]);
  },
  WITH_KEYS,
);
