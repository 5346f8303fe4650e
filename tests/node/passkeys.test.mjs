// The browser's passkeys: what it is asked, and what is made of what it, or a password manager, gives.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { forget, passkey } from "../../js/passkeys.js";

const had = Object.getOwnPropertyDescriptor(globalThis, "navigator");
afterEach(() => {
  for (const name of ["PublicKeyCredential", "navigator", "location"]) delete globalThis[name];
  if (had) Object.defineProperty(globalThis, "navigator", had);
});

function install({ browser, credentials, location }) {
  const globals = { PublicKeyCredential: browser, navigator: credentials && { credentials }, location };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { configurable: true, value });
}

const signal = () => new AbortController().signal;
const buffer = (...values) => Uint8Array.from(values).buffer;

const CREATE = JSON.stringify({
  challenge: "_-8",
  rp: { id: "example.com", name: "Example" },
  user: { id: "AQID", name: "ann", displayName: "Ann" },
  pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  excludeCredentials: [{ type: "public-key", id: "BAU" }, { type: "public-key", id: "Bg==" }],
});
const GET = JSON.stringify({ challenge: "AAAA", rpId: "example.com", allowCredentials: [{ type: "public-key", id: "__8" }] });

/** Credentials that keep what they were asked, and give `answer`. */
function asking(answer = { toJSON: () => ({ id: "json" }) }) {
  const asked = [];
  const of = (what) => function (options, ...more) {
    asked.push([what, options, more, this]);
    return typeof answer === "function" ? answer() : Promise.resolve(answer);
  };
  return { asked, credentials: { create: of("create"), get: of("get") } };
}

const bytesOf = (value) => [...value];

test("where there are no passkeys, that is said", async () => {
  const { credentials } = asking();
  for (const none of [{}, { credentials }, { browser: class {} }]) {
    install(none);
    for (const wanted of ["create", "get", "offer"]) assert.deepEqual(await passkey(undefined, signal(), wanted, GET), [undefined, ""]);
  }
  delete globalThis.navigator;
  install({ browser: class {} });
  assert.deepEqual(await passkey(undefined, signal(), "get", GET), [undefined, ""]);
});

test("a new passkey is asked for with bytes where the browser wants them, and no member more", async () => {
  const { asked, credentials } = asking();
  install({ browser: class {}, credentials });
  const aborts = signal();
  assert.deepEqual(await passkey(undefined, aborts, "create", CREATE), [{ id: "json" }]);
  const [[what, options, more, self]] = asked;
  assert.deepEqual([what, more.length, self === credentials, asked.length], ["create", 0, true, 1]);
  const { publicKey } = options;
  assert.deepEqual(Object.keys(options), ["signal", "publicKey"]);
  assert.equal(options.signal, aborts);
  for (const object of [options, publicKey, publicKey.rp, publicKey.user, publicKey.excludeCredentials[0], publicKey.pubKeyCredParams[0]]) {
    assert.equal(Object.getPrototypeOf(object), null);
  }
  assert.deepEqual(bytesOf(publicKey.challenge), [255, 239]);
  assert.deepEqual(bytesOf(publicKey.user.id), [1, 2, 3]);
  assert.equal(publicKey.user.displayName, "Ann");
  assert.ok(Array.isArray(publicKey.excludeCredentials));
  assert.deepEqual(publicKey.excludeCredentials.map(({ id }) => bytesOf(id)), [[4, 5], [6]]);
  assert.equal(publicKey.pubKeyCredParams[0].alg, -7);
});

test("a passkey that is there signs what it is asked", async () => {
  const { asked, credentials } = asking();
  install({ browser: class {}, credentials });
  await passkey(undefined, signal(), "get", GET);
  const [[what, { publicKey, ...rest }]] = asked;
  assert.deepEqual([what, Object.keys(rest)], ["get", ["signal"]]);
  assert.deepEqual([bytesOf(publicKey.challenge), bytesOf(publicKey.allowCredentials[0].id)], [[0, 0, 0], [255, 255]]);
  assert.ok(!("user" in publicKey) && !("excludeCredentials" in publicKey));
  await passkey(undefined, signal(), "get", '{"challenge":"AAAA"}');
  assert.deepEqual(bytesOf(asked[1][1].publicKey.challenge), [0, 0, 0], "by whichever passkey of this site");
});

test("a browser that converts by itself is let to", async () => {
  const { asked, credentials } = asking();
  const converted = [];
  const parser = (name) => (options) => {
    converted.push([name, options]);
    return { by: name };
  };
  const browser = {
    parseCreationOptionsFromJSON: parser("create"),
    parseRequestOptionsFromJSON: parser("get"),
  };
  install({ browser, credentials });
  await passkey(undefined, signal(), "create", CREATE);
  await passkey(undefined, signal(), "get", GET);
  assert.deepEqual(converted.map(([name, { challenge }]) => [name, challenge]), [["create", "_-8"], ["get", "AAAA"]]);
  for (const [, { publicKey }] of asked) assert.equal(Object.getPrototypeOf(publicKey), null);
  assert.deepEqual(asked.map(([, { publicKey }]) => publicKey.by), ["create", "get"]);
  assert.equal(Object.getPrototypeOf(converted[0][1]), null, "nothing inherited goes in");
});

test("options that are none are no fault of the person's", async () => {
  const { asked, credentials } = asking();
  install({ browser: class {}, credentials });
  for (const json of ["{", "null", '{"challenge":"*"}', '{"allowCredentials":{}}', "<html>"]) {
    const [nothing, name, cause] = await passkey(undefined, signal(), "get", json);
    assert.deepEqual([nothing, name, cause instanceof Error], [undefined, "options", true], json);
  }
  const browser = { parseRequestOptionsFromJSON: () => { throw new TypeError("no"); } };
  install({ browser, credentials });
  assert.equal((await passkey(undefined, signal(), "get", GET))[1], "options");
  assert.deepEqual(asked, []);
});

test("who gave up before the browser was asked is not asked", async () => {
  const { asked, credentials } = asking();
  install({ browser: class {}, credentials });
  const controller = new AbortController();
  controller.abort();
  const [nothing, name] = await passkey(undefined, controller.signal, "get", GET);
  assert.deepEqual([nothing, name, asked], [undefined, "AbortError", []]);
});

test("what the browser refuses with is told by its name, whatever it is", async () => {
  const refused = async (error) => {
    const { credentials } = asking(() => Promise.reject(error));
    install({ browser: class {}, credentials });
    return passkey(undefined, signal(), "get", GET);
  };
  const error = new DOMException("no", "NotAllowedError");
  assert.deepEqual(await refused(error), [undefined, "NotAllowedError", error]);
  for (const odd of [undefined, null, 5, {}]) assert.equal((await refused(odd))[1], "undefined");
  const { credentials } = asking(() => { throw error; });
  install({ browser: class {}, credentials });
  assert.deepEqual(await passkey(undefined, signal(), "create", CREATE), [undefined, "NotAllowedError", error]);
  for (const nothing of [null, undefined]) {
    install({ browser: class {}, credentials: asking(() => Promise.resolve(nothing)).credentials });
    assert.equal((await passkey(undefined, signal(), "get", GET))[1], "TypeError");
  }
});

test("in the field one is offered only where the browser says that it can", async () => {
  const { asked, credentials } = asking();
  for (const [browser, isOffered] of [
    [{ isConditionalMediationAvailable: async () => true }, true],
    [{ isConditionalMediationAvailable: async () => false }, false],
    [{}, false],
  ]) {
    install({ browser, credentials });
    asked.length = 0;
    assert.deepEqual(await passkey(undefined, signal(), "offer"), isOffered ? [{}] : [undefined, ""], "asked whether it can");
    assert.deepEqual(asked, []);
    const said = await passkey(undefined, signal(), "offer", GET);
    assert.deepEqual(said, isOffered ? [{ id: "json" }] : [undefined, ""]);
    const expected = isOffered ? [["get", "conditional"]] : [];
    assert.deepEqual(asked.map(([what, { mediation }]) => [what, mediation]), expected);
  }
});

test("the question whether it can is a method of the browser's own", async () => {
  const { credentials } = asking();
  const browser = {
    async isConditionalMediationAvailable() {
      return this === browser;
    },
  };
  install({ browser, credentials });
  assert.deepEqual(await passkey(undefined, signal(), "offer"), [{}]);
});

test("the app's own credentials take the place of the browser's, and need no browser", async () => {
  const { asked, credentials } = asking();
  install({});
  assert.deepEqual(await passkey(credentials, signal(), "get", GET), [{ id: "json" }]);
  assert.deepEqual(await passkey(credentials, signal(), "offer", GET), [{ id: "json" }]);
  assert.deepEqual(asked.map(([what, { mediation }, , self]) => [what, mediation, self === credentials]), [["get", undefined, true], ["get", "conditional", true]]);
  const browsers = asking();
  install({ browser: { isConditionalMediationAvailable: async () => false }, credentials: browsers.credentials });
  assert.deepEqual(await passkey(credentials, signal(), "get", GET), [{ id: "json" }]);
  assert.deepEqual(browsers.asked, []);
});

const signed = () => ({
  id: "_w",
  rawId: buffer(255, 254),
  type: "public-key",
  authenticatorAttachment: null,
  getClientExtensionResults: () => ({ credProps: { rk: true }, bytes: buffer(1) }),
  response: { clientDataJSON: buffer(1), authenticatorData: new Uint8Array([9, 2, 3, 9]).subarray(1, 3), signature: buffer(251, 255), userHandle: null },
});

const gives = async (credential) => {
  const { credentials } = asking(() => Promise.resolve(credential));
  install({ browser: class {}, credentials });
  return passkey(undefined, signal(), "get", GET);
};

test("a credential that is not the browser's is written as the browser's would be", async () => {
  const [json] = await gives(signed());
  assert.deepEqual(json, {
    id: "_w",
    rawId: "__4",
    type: "public-key",
    authenticatorAttachment: undefined,
    clientExtensionResults: { credProps: { rk: true }, bytes: "AQ" },
    response: {
      clientDataJSON: "AQ",
      attestationObject: undefined,
      transports: undefined,
      publicKeyAlgorithm: undefined,
      publicKey: undefined,
      authenticatorData: "AgM",
      signature: "-_8",
      userHandle: undefined,
    },
  });
});

test("one that was made says how it is reached, and by which key, where it can", async () => {
  const response = {
    clientDataJSON: buffer(1),
    attestationObject: buffer(2),
    getTransports: () => ["internal", "hybrid"],
    getPublicKeyAlgorithm: () => -7,
    getPublicKey: () => buffer(3),
    getAuthenticatorData: () => buffer(4),
  };
  const [json] = await gives({ id: "_w", rawId: buffer(255), type: "public-key", response });
  const members = { transports: ["internal", "hybrid"], publicKeyAlgorithm: -7, publicKey: "Aw", authenticatorData: "BA" };
  assert.deepEqual(JSON.parse(JSON.stringify(json)), {
    id: "_w",
    rawId: "_w",
    type: "public-key",
    clientExtensionResults: {},
    response: { clientDataJSON: "AQ", attestationObject: "Ag", ...members },
  });
  const throwing = () => {
    throw new Error("not implemented");
  };
  for (const name of Object.keys(response).filter((name) => name.startsWith("get"))) {
    const [json] = await gives({ id: "_w", rawId: buffer(255), type: "public-key", response: { ...response, [name]: throwing } });
    assert.equal(json.response.attestationObject, "Ag", name);
  }
});

test("what the browser writes itself is taken, unless it cannot", async () => {
  const toJSON = () => ({ id: "its own" });
  assert.deepEqual(await gives({ ...signed(), toJSON }), [{ id: "its own" }]);
  for (const odd of [() => { throw new TypeError("Illegal invocation"); }, () => undefined, () => null, "x"]) {
    const [json] = await gives({ ...signed(), toJSON: odd });
    assert.equal(json.rawId, "__4");
  }
});

test("the browser's key store is told of a passkey that is gone, for this site where no other is named", async () => {
  const told = [];
  const browser = {
    async signalUnknownCredential(options) {
      assert.equal(this, browser);
      assert.equal(Object.getPrototypeOf(options), null);
      told.push({ ...options });
    },
  };
  install({ browser, location: { hostname: "app.example" } });
  await forget("id");
  await forget("id", "example.com");
  assert.deepEqual(told, [{ rpId: "app.example", credentialId: "id" }, { rpId: "example.com", credentialId: "id" }]);
  install({ browser });
  await forget("id");
  assert.equal(told[2].rpId, undefined, "where there is no page");
  for (const none of [undefined, {}]) {
    install({ browser: none });
    await forget("id");
  }
});
