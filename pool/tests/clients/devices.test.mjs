// The verifier and the proof of a device: amazon-cognito-identity-js, pycognito and the client of this
// repository make the same of the same thousand devices. (The pool takes no part in it; the other
// clients are installed here.)
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

const DEVICES = 1000;
/** How a salt begins: with zeros that no number has, with a high bit, with both behind a zero. */
const BEGINNINGS = ["00", "0000", "008", "00007", "0", "8", "ff", "7f", "", ""];

/** Each takes a minute or more by itself: all of them at once, and identity-js, the slowest, in two halves. */
const HALVES = [0, 1];

let folder;
let devices;
let made;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "devices-"));
  devices = Array.from({ length: DEVICES }, someDevice);
  const file = join(folder, "devices.json");
  await writeFile(file, JSON.stringify(devices));
  const python = process.env.PYTHON ?? "python3";
  made = await Promise.all([
    madeByOurs(file),
    madeBy(python, here("devices.py"), file),
    ...HALVES.map((half) => madeBy(process.execPath, here("devices.mjs"), file, half, HALVES.length)),
  ]);
});
after(() => folder && rm(folder, { recursive: true }));

const here = (name) => join(import.meta.dirname, name);

/** What a program prints of the devices in the file, as JSON. */
async function madeBy(program, ...args) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout } = await run(program, args.map(String), { env, maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

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

async function madeByOurs(file) {
  const env = { ...process.env, DEVICES: file, DEVICES_MADE: join(folder, "made.json") };
  const args = ["test", "--locked", "--package=cognito-flow", "--test=srp", "--"];
  const name = "devices_are_as_others_make_them";
  const cwd = here("../../..");
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

test("amazon-cognito-identity-js", () => {
  const [ours, , ...halves] = made;
  for (const [number, { group, key: device, block, salt }] of devices.entries()) {
    const half = halves[number % HALVES.length];
    const { key, ...theirs } = half[Math.floor(number / HALVES.length)];
    const { timestamp, ...rest } = ours[number];
    const signature = createHmac("sha256", Buffer.from(key, "hex"))
      .update(group + device)
      .update(Buffer.from(block, "base64"))
      .update(timestamp)
      .digest("base64");
    assert.deepEqual(rest, { ...theirs, signature }, salt);
  }
});

test("pycognito", () => {
  const [ours, theirs] = made;
  assert.equal(theirs.length, DEVICES);
  for (const [number, device] of theirs.entries()) {
    assert.deepEqual(ours[number], device, devices[number].salt);
  }
});
