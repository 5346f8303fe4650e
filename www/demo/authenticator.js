// The authenticator of a story: a passkey whose key the story tells, and which gives it to whoever asks.

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Flags of its data (Web Authentication Level 2, section 6.1): who is there, was verified; a key is with it. */
const THERE = 1 | 4;
const HAS_KEY = 64;

/**
 * `{ create(options), get(options) }`, with the options of `navigator.credentials` and the JSON of what they
 * give. `key` is a JSON Web Key with its private part, `uses` how often it was used before.
 */
export async function openAuthenticator({ id, origin, key, uses }) {
  const signing = await crypto.subtle.importKey("jwk", key, ALGORITHM, false, ["sign"]);
  let counter = uses;

  const dataFor = async (relyingParty, flags) => {
    const hash = await sha256(new TextEncoder().encode(relyingParty));
    const count = new DataView(new ArrayBuffer(4));
    count.setUint32(0, (counter += 1));
    return joined(hash, [THERE | flags], new Uint8Array(count.buffer));
  };
  const clientData = (type, { challenge }) => {
    const said = { type, challenge: inBase64(challenge), origin, crossOrigin: false };
    return new TextEncoder().encode(JSON.stringify(said));
  };
  const credential = (response) => {
    const all = Object.entries(response).map(([name, bytes]) => [name, inBase64(bytes)]);
    const json = {
      ...{ id, rawId: id, type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: {} },
      response: Object.fromEntries(all),
    };
    return { toJSON: () => json };
  };

  return {
    async create(options) {
      const ofId = bytesOf(id);
      // A COSE key: { 1: 2, 3: -7, -1: 1, -2: x, -3: y }.
      const publicKey = joined(
        ...[[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], bytesOf(key.x)],
        ...[[0x22, 0x58, 32], bytesOf(key.y)],
      );
      const data = joined(
        ...[await dataFor(options.rp.id, HAS_KEY), new Uint8Array(16), [0, ofId.length], ofId, publicKey],
      );
      // { "fmt": "none", "attStmt": {}, "authData": … }: a text's length is in the letter before it.
      const [before, after] = ["cfmtdnonegattStmt", "hauthDataX"].map((text) => new TextEncoder().encode(text));
      const object = joined([0xa3], before, [0xa0], after, [data.length], data);
      return credential({ clientDataJSON: clientData("webauthn.create", options), attestationObject: object });
    },
    async get(options) {
      const authenticatorData = await dataFor(options.rpId, 0);
      const clientDataJSON = clientData("webauthn.get", options);
      const signed = joined(authenticatorData, await sha256(clientDataJSON));
      const signature = inDer(new Uint8Array(await crypto.subtle.sign(ALGORITHM, signing, signed)));
      return credential({ clientDataJSON, authenticatorData, signature });
    },
  };
}

/** A signature's two numbers, as WebCrypto has them one behind the other, in the DER of WebAuthn. */
function inDer(signature) {
  const number = (bytes) => {
    let from = 0;
    while (from < 31 && bytes[from] === 0) from += 1;
    const digits = bytes.subarray(from);
    const positive = digits[0] < 128 ? digits : joined([0], digits);
    return joined([2, positive.length], positive);
  };
  const both = joined(number(signature.subarray(0, 32)), number(signature.subarray(32)));
  return joined([0x30, both.length], both);
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function joined(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function inBase64(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
