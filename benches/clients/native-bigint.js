// SRP as one would write it in an afternoon: the browser's BigInt and WebCrypto, an exponent of 256
// bits, square and multiply. Not constant-time, so a yardstick for speed and not a way to do it.
const N = BigInt(
  "0x" +
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
    "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb" +
    "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
    "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" +
    "3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33" +
    "a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7" +
    "abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864" +
    "d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e2" +
    "08e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
);
const utf8 = new TextEncoder();

export function ready() {}

export async function signIn({ region, userPoolId, clientId, username, password }) {
  const call = async (operation, body) => {
    const response = await fetch(`https://cognito-idp.${region}.amazonaws.com/`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(operation);
    return response.json();
  };
  const a = number(crypto.getRandomValues(new Uint8Array(32)));
  const A = power(2n, a);
  const { ChallengeParameters: challenge } = await call("InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    ClientId: clientId,
    AuthParameters: { USERNAME: username, SRP_A: A.toString(16) },
  });

  const B = BigInt(`0x${challenge.SRP_B}`);
  if (B % N === 0n) throw new Error("SRP_B");
  const poolName = userPoolId.split("_")[1];
  const identity = `${poolName}${challenge.USER_ID_FOR_SRP}`;
  const u = await sha256(integer(A), integer(B));
  const hashed = await sha256(utf8.encode(`${identity}:${password}`));
  const x = number(await sha256(integer(BigInt(`0x${challenge.SALT}`)), hashed));
  const k = number(await sha256(integer(N), integer(2n)));
  const base = (((B - k * power(2n, x)) % N) + N) % N;
  const shared = power(base, a + number(u) * x);
  const extracted = await hmac(integer(number(u)), integer(shared));
  const expanded = await hmac(extracted, utf8.encode("Caldera Derived Key\u0001"));
  const timestamp = new Date()
    .toUTCString()
    .replace(/(...), 0?(\d+) (...) (\d+) (.*) GMT/, "$1 $3 $2 $5 UTC $4");
  const block = Uint8Array.from(atob(challenge.SECRET_BLOCK), (c) => c.charCodeAt(0));
  const key = expanded.slice(0, 16);
  const signature = await hmac(key, utf8.encode(identity), block, utf8.encode(timestamp));

  const { AuthenticationResult } = await call("RespondToAuthChallenge", {
    ChallengeName: "PASSWORD_VERIFIER",
    ClientId: clientId,
    ChallengeResponses: {
      USERNAME: challenge.USER_ID_FOR_SRP,
      PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
      PASSWORD_CLAIM_SIGNATURE: btoa(String.fromCharCode(...signature)),
      TIMESTAMP: timestamp,
    },
  });
  localStorage.setItem("tokens", JSON.stringify(AuthenticationResult));
}

export function signOut() {
  localStorage.removeItem("tokens");
}

function power(base, exponent) {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % N;
    if (bit === "1") result = (result * base) % N;
  }
  return result;
}

function integer(value) {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (parseInt(hex[0], 16) >= 8) hex = `00${hex}`;
  return Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
}

function number(bytes) {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(parts)));
}

async function hmac(key, ...parts) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, join(parts)));
}

function join(parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
