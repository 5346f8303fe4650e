// Codes of an authenticator app, RFC 6238: six digits, 30 seconds, HMAC-SHA-1.
import { createHmac } from "node:crypto";

const STEP_MS = 30_000;

/** The code of a secret in base32, good for some seconds yet: moto takes no other than this one. */
export async function totp(secret) {
  const left = STEP_MS - (Date.now() % STEP_MS);
  if (left < 6_000) await new Promise((done) => setTimeout(done, left + 50));
  return codeAt(secret, Date.now());
}

/** Six digits that are the code at no time near now. */
export function wrongTotp(secret) {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeAt(secret, Date.now() + steps * STEP_MS));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find(
    (code) => !near.includes(code),
  );
}

function codeAt(secret, now) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const mac = createHmac("sha1", bytesOfBase32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function bytesOfBase32(text) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of text.toUpperCase().replace(/=+$/, "")) {
    bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
