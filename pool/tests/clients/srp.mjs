// The client's half of Cognito's SRP, for clients that leave it to their caller: SRP-6a (RFC 5054)
// with the 3072-bit group, and a proof of Cognito's own.
import { createHash, createHmac, randomBytes } from "node:crypto";

// RFC 3526, group 15.
const N = BigInt(
  "0x" +
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const G = 2n;
const K = toNumber(sha256(integer(N), integer(G)));

/** Begins an exchange: `a` for SRP_A, and `answer` to what the server says to it. */
export function startSrp(userPoolId) {
  const secret = toNumber(randomBytes(32));
  const A = power(G, secret);
  return {
    a: A.toString(16),
    /** The responses to a PASSWORD_VERIFIER challenge. */
    answer(parameters, password) {
      const poolName = userPoolId.split("_")[1];
      const user = parameters.USER_ID_FOR_SRP;
      const B = BigInt(`0x${parameters.SRP_B}`);
      const u = toNumber(sha256(integer(A), integer(B)));
      const inner = sha256(`${poolName}${user}:${password}`);
      const x = toNumber(sha256(integer(BigInt(`0x${parameters.SALT}`)), inner));
      const base = (((B - K * power(G, x)) % N) + N) % N;
      const S = power(base, secret + u * x);
      const derived = hmac(integer(u), integer(S));
      const key = hmac(derived, Buffer.from("Caldera Derived Key\u0001")).subarray(0, 16);
      const timestamp = now();
      const block = Buffer.from(parameters.SECRET_BLOCK, "base64");
      const message = Buffer.concat([Buffer.from(poolName + user), block, Buffer.from(timestamp)]);
      return {
        USERNAME: user,
        PASSWORD_CLAIM_SECRET_BLOCK: parameters.SECRET_BLOCK,
        TIMESTAMP: timestamp,
        PASSWORD_CLAIM_SIGNATURE: hmac(key, message).toString("base64"),
      };
    },
  };
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n, square = (square * square) % N) {
    if (exponent & 1n) result = (result * square) % N;
  }
  return result;
}

/** Big-endian two's complement of a number that is not negative, as short as can be. */
function integer(number) {
  const hex = number.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

function toNumber(bytes) {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function sha256(...parts) {
  return parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
}

function hmac(key, message) {
  return createHmac("sha256", key).update(message).digest();
}

/** `Mon Jan 2 15:04:05 UTC 2026`. */
function now() {
  const [, week, day, month, year, time] = /^(\w+), 0?(\d+) (\w+) (\d+) (\S+)/.exec(
    new Date().toUTCString(),
  );
  return `${week} ${month} ${day} ${time} UTC ${year}`;
}
