// `npm run mutants`: changes to the code, one at a time, each of which a test has to notice (cargo-mutants).
//
//   npm run mutants                        everything in `AREAS`, area by area, and js/ (Stryker)
//   npm run mutants -- srp protocol        some areas
//   npm run mutants -- js --file=js/lock.js
//   npm run mutants -- --shard=0/8         an eighth of each
//   npm run mutants -- srp --file=src/srp/encoding.rs
//
// Begun again, it goes on: what was caught before is not tried again. The lists of what was caught,
// missed, timed out and did not compile are in target/mutants/AREA/mutants.out, of js/ in target/mutants/js.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { FILES, mutantsOf, tryMutant } from "./lib/js-mutants.mjs";
import { Failure, main, root, run, say, targetDir } from "./lib/run.mjs";
import { browser, cargoTool, npmPackages, provide, withCargoTools } from "./provision/needs.mjs";
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
    options: { shard: { type: "string" }, file: { type: "string", multiple: true }, on: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.on) return tryMutant(positionals);
  const all = [...Object.keys(AREAS), "js"];
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Failure(`no area "${unknown}"; there are: ${all.join(", ")}`);
  const missed = [];
  for (const name of positionals.length > 0 ? positionals : all) {
    say(`mutants of ${name}`);
    const areNoticed = name === "js" ? await triedOfJs(values) : await tried(name, values);
    if (!areNoticed) missed.push(name);
  }
  if (missed.length > 0) throw new Failure(`not each was noticed: ${missed.join(", ")}`);
});

async function triedOfJs({ file = Object.keys(FILES) }) {
  const unknown = file.find((name) => !(name in FILES));
  if (unknown !== undefined) throw new Failure(`${unknown} has no tests named for it: scripts/lib/js-mutants.mjs`);
  await build();
  await provide([browser, npmPackages(join(root, "tests/mutants"))]);
  let areNoticed = true;
  for (const name of file) areNoticed = (await mutantsOf(name)) && areNoticed;
  return areNoticed;
}

async function tried(name, { shard, file }) {
  await provide([rust, cargoTool("cargo-mutants")]);
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
