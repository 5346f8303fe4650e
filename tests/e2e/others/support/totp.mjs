// Codes of an authenticator app, RFC 6238: six digits, 30 seconds, HMAC-SHA-1.
import { createHmac } from "node:crypto";

/** The code of a secret in base32, now. */
export function totp(secret, now = Date.now()) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac("sha1", bytesOfBase32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Six digits that are the code at no time near now. */
export function wrongTotp(secret) {
  const near = [-2, -1, 0, 1, 2].map((steps) => totp(secret, Date.now() + steps * 30_000));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code));
}

function bytesOfBase32(text) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of text.replace(/=+$/, "")) {
    bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
