// What amazon-cognito-identity-js makes of a part of the devices in a file, as JSON: see devices.test.mjs.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const { default: AuthenticationHelper } = require("amazon-cognito-identity-js/lib/AuthenticationHelper.js");
const { default: BigInteger } = require("amazon-cognito-identity-js/lib/BigInteger.js");

const [file, part, parts] = process.argv.slice(2);
const devices = JSON.parse(readFileSync(file, "utf8")).filter((_, number) => number % parts === Number(part));

const drawn = [];
globalThis.crypto.getRandomValues = (words) => {
  words[0] = drawn.shift() ?? 1;
  return words;
};
const helper = new AuthenticationHelper("");
const told = (body) => promisify(body)();
const base64 = (hex) => Buffer.from(hex, "hex").toString("base64");
const integer = (hex) => new BigInteger(hex, 16);

async function madeOf(device) {
  const bytes = Buffer.from(device.secret + device.salt, "hex");
  for (let at = 0; at < bytes.length; at += 4) drawn.push(bytes.readUInt32BE(at));
  await told((back) => helper.generateHashDevice(device.group, device.key, back));
  const made = {
    secret: helper.getRandomPassword(),
    salt: base64(helper.getSaltDevices()),
    verifier: base64(helper.getVerifierDevices()),
  };
  helper.poolName = device.group;
  helper.smallAValue = integer(device.a);
  helper.largeAValue = await told((back) => helper.calculateA(helper.smallAValue, back));
  const [b, salt] = [integer(device.b), integer(device.salt)];
  const key = await told((back) =>
    helper.getPasswordAuthenticationKey(device.key, made.secret, b, salt, back),
  );
  return { ...made, srpA: helper.largeAValue.toString(16), key: Buffer.from(key).toString("hex") };
}

const made = [];
for (const device of devices) made.push(await madeOf(device));
console.log(JSON.stringify(made));
