// `npm run dudect`: whether the time that a proof takes tells the secrets, by Welch's t-test (after
// Reparaz, Balasch and Verbauwhede, *Dude, is my code constant time?*, 2017).
//
// Two classes, in random order: always the same password and exponent, and random ones of the same
// length. What is timed is the machine taking the pool's challenge: hashing the password and all of the
// proof. |t| above 4.5 says that the two classes take different times.
//
//   --measurements=N   of both classes together (default 20000)
import { randomBytes, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../scripts/build.mjs";
import { Failure, main, root, say } from "../scripts/lib/run.mjs";

const LIMIT = 4.5;
/** Slow measurements say more about the machine than about the code: t is taken without them, too. */
const CROPS = [1, 0.99, 0.95, 0.9, 0.75, 0.5];
const WARM_UP = 200;

main(import.meta, async () => {
  const { values } = parseArgs({ options: { measurements: { type: "string", default: "20000" } } });
  const measurements = Number(values.measurements);
  await build({ pool: false });
  const { openProver, withChance } = await import("../tests/traced/sign-in.mjs");
  const module = await WebAssembly.compile(readFileSync(join(root, "build/client/cognito_flow_bg.wasm")));

  const fixed = secret();
  const times = [[], []];
  await withChance(fixed.exponent, async (setExponent) => {
    const { begin, cancel, close } = await openProver(module);
    const warm = performance.now();
    for (let round = 0; round < measurements + WARM_UP; round += 1) {
      const isRandom = randomInt(2);
      // Made for both, so that both find the same caches.
      const random = secret();
      const { exponent, password } = isRandom ? random : fixed;
      setExponent(exponent);
      const { finish } = begin(password);
      const start = process.hrtime.bigint();
      finish();
      const took = Number(process.hrtime.bigint() - start);
      if (round >= WARM_UP) times[isRandom].push(took);
      cancel();
    }
    close();
    say(`${measurements} proofs in ${((performance.now() - warm) / 1000).toFixed(0)} s`);
  });

  const all = [...times[0], ...times[1]].sort((a, b) => a - b);
  let worst = 0;
  for (const crop of CROPS) {
    const most = all[Math.ceil(all.length * crop) - 1];
    const [one, other] = times.map((list) => moments(list.filter((time) => time <= most)));
    const t = (one.mean - other.mean) / Math.sqrt(one.variance / one.count + other.variance / other.count);
    worst = Math.max(worst, Math.abs(t));
    const ms = (value) => (value / 1e6).toFixed(4);
    say(
      `the fastest ${(crop * 100).toFixed(0).padStart(3)} %: fixed ${ms(one.mean)} ms (${one.count}), ` +
        `random ${ms(other.mean)} ms (${other.count}), |t| = ${Math.abs(t).toFixed(2)}`,
    );
  }
  say(`largest |t|: ${worst.toFixed(2)}`);
  if (worst > LIMIT) throw new Failure(`the time tells something of the secrets: |t| is above ${LIMIT}`);
});

function secret() {
  return { exponent: randomBytes(32), password: randomBytes(15).toString("base64") };
}

function moments(list) {
  const mean = list.reduce((sum, time) => sum + time, 0) / list.length;
  const variance = list.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (list.length - 1);
  return { mean, variance, count: list.length };
}
