// `npm run proof`: the search of tests/proof with large bounds, and what it met.
//
//   npm run proof                   20,000 states of each setting, two faults on one way
//   npm run proof -- 100000 3       so many states, and faults
import { Failure, main, run, targetDir } from "./lib/run.mjs";
import { provide } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

main(import.meta, async () => {
  const [states = "20000", faults = "2"] = process.argv.slice(2);
  for (const number of [states, faults]) {
    if (!/^[1-9]\d*$/.test(number)) throw new Failure(`"${number}" is no number: npm run proof -- STATES FAULTS`);
  }
  await provide([rust]);
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir, PROOF_STATES: states, PROOF_FAULTS: faults };
  const test = ["test", "--locked", "--release", "--test=proof", "--", "--nocapture"];
  await run("cargo", test, { env });
});
