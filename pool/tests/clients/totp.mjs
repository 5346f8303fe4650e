// Time-based one-time passwords (RFC 6238) as an authenticator app makes them.
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * The code of a shared secret (Base32), `steps` half-minutes from now. A server takes each code once,
 * and also those of the neighbouring half-minutes: the next one's is a second code to give in a row,
 * and stays good while time goes on.
 */
export function totp(secret, steps = 0) {
  let bits = "";
  for (const letter of secret.replace(/=+$/, "")) {
    bits += ALPHABET.indexOf(letter).toString(2).padStart(5, "0");
  }
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
