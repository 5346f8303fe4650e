// What a sign-in does must not depend on its secrets: in the module as it is published, each branch goes
// the same way and each address is the same, whatever the password and the exponent are.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/run.mjs";
import { functionAt, instrumented } from "./instrumented.mjs";
import { lengths, openProver, withChance } from "./sign-in.mjs";

const wasm = readFileSync(join(root, "build/client/cognito_flow_bg.wasm"));
const SECRETS = 8;

test("sign-ins with other passwords and exponents of the same length do the same", async () => {
  const traced = await tracer(instrumented(wasm));
  const [first, ...others] = secrets();
  const expected = await traced(first);
  assert.ok(expected.count > 1_000_000, `only ${expected.count} notes: is the proof among them?`);
  assert.deepEqual(await traced(first), expected, "the same secrets do the same");
  const signatures = new Set();
  for (const secret of others) {
    const trace = await traced(secret);
    signatures.add(trace.signature);
    if (trace.digest !== expected.digest) assert.fail(await firstDifference(traced, first, secret));
    assert.equal(trace.count, expected.count);
  }
  assert.equal(signatures.size, others.length, "they are other secrets");
});

for (const plant of ["branch", "address"]) {
  test(`a planted ${plant} that depends on a secret is found`, async () => {
    const traced = await tracer(instrumented(wasm, plant));
    const [one, other] = secrets();
    assert.notEqual((await traced(one)).digest, (await traced(other)).digest);
  });
}

async function tracer(bytes) {
  const module = await WebAssembly.compile(bytes);
  return ({ exponent, password }, limit = -1) =>
    withChance(exponent, async () => {
      const { exports, begin, close } = await openProver(module);
      exports.limit.value = limit;
      const { body, operation } = begin(password).finish();
      assert.equal(operation, "RespondToAuthChallenge");
      const trace = {
        digest: exports.digest.value,
        count: exports.count.value >>> 0,
        place: exports.place.value,
        signature: body.ChallengeResponses.PASSWORD_CLAIM_SIGNATURE,
      };
      close();
      return trace;
    });
}

/** Passwords and exponents of one length, as far as the protocol lets their lengths be seen. */
function secrets() {
  const found = new Map();
  for (let seed = 0; ; seed += 1) {
    const digest = (what) => createHash("sha256").update(`${what} ${seed}`).digest();
    const exponent = digest("exponent");
    const password = digest("password").toString("base64").slice(0, 20);
    const key = lengths(exponent, password);
    const like = found.get(key) ?? [];
    like.push({ exponent, password });
    if (like.length === SECRETS) return like;
    found.set(key, like);
  }
}

/** Where two sign-ins part, by bisection. */
async function firstDifference(traced, one, other) {
  let [same, differs] = [0, (await traced(one)).count];
  while (differs - same > 1) {
    const middle = Math.floor((same + differs) / 2);
    const digests = [(await traced(one, middle)).digest, (await traced(other, middle)).digest];
    if (digests[0] === digests[1]) same = middle;
    else differs = middle;
  }
  const { place } = await traced(one, differs);
  return `they part at note ${differs}: byte ${place} of the module with its notes, function ${functionAt(wasm, place)}`;
}
