// The browser's passkeys: loaded when one is asked for, so it imports nothing that is loaded before.
// What the machine speaks is JSON; what the browser speaks has bytes in it, and most browsers convert
// the one into the other.

/**
 * What came of asking for a passkey: the JSON of the credential that was made (`create`), or that has
 * signed (`get`, or `offer`: in the field for the name), as a value; or `undefined`, the name of what
 * went wrong and its exception. `given` is the app's own `navigator.credentials`, if it has one.
 */
export async function passkey(given, signal, wanted, json) {
  const browser = globalThis.PublicKeyCredential;
  const credentials = given ?? (browser && globalThis.navigator?.credentials);
  if (!credentials || (wanted === "offer" && !(await offers(given, browser)))) return [undefined, ""];
  // It was only asked whether one can be offered.
  if (!json) return [{}];

  const [what, parser] =
    wanted === "create"
      ? ["create", "parseCreationOptionsFromJSON"]
      : ["get", "parseRequestOptionsFromJSON"];
  let failure = "options";
  try {
    const options = { __proto__: null, signal, publicKey: parsed(browser, parser, json) };
    if (wanted === "offer") options.mediation = "conditional";
    failure = undefined;
    signal.throwIfAborted();
    return [asJSON(await credentials[what](options))];
  } catch (cause) {
    return [undefined, failure ?? `${cause?.name}`, cause];
  }
}

/** Has the browser's key store forget a passkey that the pool does not know. */
export async function forget(credentialId, rpId = globalThis.location?.hostname) {
  const browser = globalThis.PublicKeyCredential;
  await browser?.signalUnknownCredential?.({ __proto__: null, rpId, credentialId });
}

/** Whether a passkey can be offered in a field. What the app has itself is for the app to know. */
function offers(given, browser) {
  const available = browser?.isConditionalMediationAvailable;
  return available ? available.call(browser) : given !== undefined;
}

/** Options with own members alone, converted. */
function parsed(browser, parser, json) {
  const options = JSON.parse(json, (_name, value) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? { __proto__: null, ...value }
      : value,
  );
  if (browser?.[parser]) return { __proto__: null, ...browser[parser](options) };
  const convert = (object, name) => {
    if (object) object[name] = bytes(object[name]);
  };
  convert(options, "challenge");
  convert(options.user, "id");
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    list?.forEach((credential) => convert(credential, "id"));
  }
  return options;
}

/** A credential as JSON has it. What some password managers give only looks like one. */
function asJSON(credential) {
  const json = attempt(() => credential.toJSON());
  if (json) return json;
  const { id, rawId, type, authenticatorAttachment, response } = credential;
  const call = (name) => attempt(() => response[name]());
  return encoded({
    id,
    rawId,
    type,
    authenticatorAttachment,
    clientExtensionResults: attempt(() => credential.getClientExtensionResults()) ?? {},
    response: {
      clientDataJSON: response.clientDataJSON,
      attestationObject: response.attestationObject,
      transports: call("getTransports"),
      publicKeyAlgorithm: call("getPublicKeyAlgorithm"),
      publicKey: call("getPublicKey"),
      authenticatorData: response.authenticatorData ?? call("getAuthenticatorData"),
      signature: response.signature,
      userHandle: response.userHandle,
    },
  });
}

/** The same with its bytes in base64url, and without what is `null`. */
function encoded(value) {
  if (value === null || typeof value !== "object") return value ?? undefined;
  if (value.byteLength !== undefined) return base64url(value);
  if (Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, encoded(inner)]));
}

function base64url(buffer) {
  const all = new Uint8Array(buffer.buffer ?? buffer, buffer.byteOffset ?? 0, buffer.byteLength);
  const base64 = btoa(String.fromCharCode(...all));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** What an action gives; `undefined` if it throws. */
function attempt(action) {
  try {
    return action();
  } catch {
    // There is nothing to give.
  }
}
