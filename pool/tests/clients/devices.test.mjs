// The verifier and the proof of a device: amazon-cognito-identity-js, pycognito and the client of this
// repository make the same of the same thousand devices. (The pool takes no part in it; the other
// clients are installed here.)
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const { default: AuthenticationHelper } = require(
  "amazon-cognito-identity-js/lib/AuthenticationHelper.js",
);
const { default: BigInteger } = require("amazon-cognito-identity-js/lib/BigInteger.js");
const run = promisify(execFile);

const DEVICES = 1000;
/** How a salt begins: with zeros that no number has, with a high bit, with both behind a zero. */
const BEGINNINGS = ["00", "0000", "008", "00007", "0", "8", "ff", "7f", "", ""];

let folder;
let devices;
let ours;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "devices-"));
  devices = Array.from({ length: DEVICES }, someDevice);
  ours = await madeByOurs();
});
after(() => folder && rm(folder, { recursive: true }));

function someDevice(_, number) {
  const hex = (bytes) => randomBytes(bytes).toString("hex");
  const beginning = BEGINNINGS[number % BEGINNINGS.length];
  return {
    group: `-${randomBytes(6).toString("base64url")}`,
    key: `eu-west-1_${crypto.randomUUID()}`,
    secret: hex(40),
    salt: beginning + hex(16).slice(beginning.length),
    a: hex(32),
    b: BigInt(`0x${hex(number % 4 === 0 ? 380 : 383)}`).toString(16),
    block: randomBytes(64).toString("base64"),
    wall: Date.UTC(2026, number % 12, 1 + (number % 28), number % 24, number % 60, number % 50),
  };
}

async function madeByOurs() {
  const env = {
    ...process.env,
    DEVICES: join(folder, "devices.json"),
    DEVICES_MADE: join(folder, "made.json"),
  };
  await writeFile(env.DEVICES, JSON.stringify(devices));
  const args = ["test", "--locked", "--release", "--package=cognito-flow", "--test=srp", "--"];
  const name = "devices_are_as_others_make_them";
  const cwd = join(import.meta.dirname, "../../..");
  await run("cargo", [...args, "--ignored", "--exact", name], { cwd, env });
  return JSON.parse(await readFile(env.DEVICES_MADE, "utf8"));
}

test("the devices are awkward enough", () => {
  const salts = devices.map(({ salt }) => salt);
  for (const [what, shape] of [
    ["leading zeros", /^00/],
    ["a high bit behind leading zeros", /^00[89a-f]/],
    ["a high bit", /^[89a-f]/],
    ["an odd number of digits", /^(00)*0[1-9a-f]/],
  ]) {
    assert.ok(salts.filter((salt) => shape.test(salt)).length > 50, what);
  }
});

test("amazon-cognito-identity-js", async (t) => {
  const drawn = [];
  t.mock.method(globalThis.crypto, "getRandomValues", (words) => {
    words[0] = drawn.shift() ?? 1;
    return words;
  });
  const helper = new AuthenticationHelper("");
  const told = (body) =>
    new Promise((done, fail) => {
      body((error, result) => (error ? fail(error) : done(result)));
    });
  for (const [number, device] of devices.entries()) {
    const bytes = Buffer.from(device.secret + device.salt, "hex");
    for (let at = 0; at < bytes.length; at += 4) drawn.push(bytes.readUInt32BE(at));
    await told((back) => helper.generateHashDevice(device.group, device.key, back));
    const base64 = (hex) => Buffer.from(hex, "hex").toString("base64");
    const made = ours[number];
    assert.equal(made.secret, helper.getRandomPassword());
    assert.equal(made.salt, base64(helper.getSaltDevices()), device.salt);
    assert.equal(made.verifier, base64(helper.getVerifierDevices()), device.salt);

    const integer = (hex) => new BigInteger(hex, 16);
    helper.poolName = device.group;
    helper.smallAValue = integer(device.a);
    helper.largeAValue = await told((back) => helper.calculateA(helper.smallAValue, back));
    assert.equal(made.srpA, helper.largeAValue.toString(16));
    const [b, salt] = [integer(device.b), integer(device.salt)];
    const key = await told((back) =>
      helper.getPasswordAuthenticationKey(device.key, made.secret, b, salt, back),
    );
    const signature = createHmac("sha256", key)
      .update(device.group + device.key)
      .update(Buffer.from(device.block, "base64"))
      .update(made.timestamp)
      .digest("base64");
    assert.equal(made.signature, signature, device.salt);
  }
});

test("pycognito", async () => {
  const file = join(folder, "devices.json");
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const script = join(import.meta.dirname, "devices.py");
  const options = { env, maxBuffer: 1 << 26 };
  const { stdout } = await run(process.env.PYTHON ?? "python3", [script, file], options);
  const theirs = JSON.parse(stdout);
  assert.equal(theirs.length, DEVICES);
  for (const [number, made] of theirs.entries()) {
    assert.deepEqual(ours[number], made, devices[number].salt);
  }
});
