// `npm run mutants`: changes to the code, one at a time, each of which a test has to notice (cargo-mutants).
//
//   npm run mutants                        everything in `AREAS`, area by area
//   npm run mutants -- srp protocol        some areas
//   npm run mutants -- --shard=0/8         an eighth of each
//   npm run mutants -- srp --file=src/srp/encoding.rs
//
// Begun again, it goes on: what was caught before is not tried again. The lists of what was caught,
// missed, timed out and did not compile are in target/mutants/AREA/mutants.out.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure, main, run, say, targetDir } from "./lib/run.mjs";
import { cargoTool, provide, withCargoTools } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

/** Which files, and which tests have to notice: the fewest that speak of them, for each costs a build. */
const AREAS = {
  srp: { of: "cognito-flow", files: ["src/srp.rs", "src/srp/**/*.rs"], tests: ["--lib", "--test=srp"] },
  protocol: {
    of: "cognito-flow",
    files: ["src/protocol.rs", "src/protocol/*.rs"],
    tests: ["--lib", "--test=flow"],
  },
  flow: { of: "cognito-flow", files: ["src/flow.rs", "src/flow/**/*.rs"], tests: ["--lib", "--test=flow"] },
  client: {
    of: "cognito-flow",
    files: ["src/*.rs"],
    except: ["src/srp.rs", "src/protocol.rs", "src/flow.rs", "src/browser.rs", "src/lib.rs"],
    tests: ["--lib", "--test=flow", "--test=srp"],
  },
  pool: {
    of: "cognito-pool",
    files: [
      "pool/src/operations.rs",
      "pool/src/operations/**/*.rs",
      "pool/src/srp.rs",
      "pool/src/tokens.rs",
      "pool/src/tokens/*.rs",
      "pool/src/call.rs",
      "pool/src/call/*.rs",
    ],
    tests: ["--lib", "--tests"],
  },
};

/** What is not this build's: instructions of WebAssembly, proofs for Kani. */
const NEVER = ["src/**/proofs.rs", "src/**/tests.rs"];

main(import.meta, async () => {
  const { values, positionals } = parseArgs({
    options: { shard: { type: "string" }, file: { type: "string", multiple: true } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !(name in AREAS));
  if (unknown !== undefined) {
    throw new Failure(`no area "${unknown}"; there are: ${Object.keys(AREAS).join(", ")}`);
  }
  await provide([rust, cargoTool("cargo-mutants")]);
  const missed = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(AREAS)) {
    say(`mutants of ${name}`);
    if (!(await tried(name, values))) missed.push(name);
  }
  if (missed.length > 0) throw new Failure(`not each was noticed: ${missed.join(", ")}`);
});

async function tried(name, { shard, file }) {
  const { of, files, except = [], tests } = AREAS[name];
  const args = [
    "mutants",
    `--package=${of}`,
    ...(file ?? files).flatMap((glob) => ["--file", glob]),
    ...[...except, ...NEVER].flatMap((glob) => ["--exclude", glob]),
    "--iterate",
    `--output=${join(targetDir, "mutants", name)}`,
    "--colors=never",
    "--no-shuffle",
    // A machine that does other things besides is slow, and a mutant that hangs hangs for good.
    "--minimum-test-timeout=120",
    ...(shard === undefined ? [] : [`--shard=${shard}`]),
    "--",
    "--locked",
    ...tests,
  ];
  try {
    await run("cargo", args, { env: withCargoTools() });
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
