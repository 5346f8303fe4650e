// The code that an authenticator app shows: RFC 6238, with SHA-1 and six digits, as Cognito has it.
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Of a secret in Base32, at a time in ms since the epoch. */
export async function totp(secret, now) {
  let bits = "";
  for (const letter of secret.replace(/=+$/, "")) bits += LETTERS.indexOf(letter).toString(2).padStart(5, "0");
  const bytes = Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(now / 30_000)));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const at = mac.getUint8(19) & 15;
  return String((mac.getUint32(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
