// `npm run mutants`: changes to the code, one at a time, each of which a test has to notice.
//
//   npm run mutants                        everything in `AREAS`, and js/ (Stryker)
//   npm run mutants -- srp protocol        some areas
//   npm run mutants -- js --file=js/lock.js
//   npm run mutants -- js --quick          by the tests in Node alone, without a browser
//   npm run mutants -- --shard=0/8         an eighth of each
//   npm run mutants -- srp --file=src/srp/encoding.rs
//   npm run mutants -- --anew              those that were noticed before, too
//
// Which changes there are, cargo-mutants says. Building each of them alone would take days, so all are built
// at once, each behind a switch (tools/mutants), and a change costs no more than the tests that reach it, the
// fastest first. Those that have no place behind a switch (in a `const fn`, or of another type) are built
// alone.
//
// Begun again, it goes on: what was noticed before is not tried again. target/mutants/AREA has the outcome
// of each (`outcomes.jsonl`) and a list of those that nothing noticed (`missed.txt`); target/mutants/js is
// Stryker's.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { FILES, mutantsOf, tryMutant } from "./lib/js-mutants.mjs";
import { Failure, main, root, say } from "./lib/run.mjs";
import { count, tryMutants } from "./lib/rust-mutants.mjs";
import { browser, cargoTool, npmPackages, provide } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

const client = { of: "cognito-flow", tests: ["--lib", "--test=flow", "--test=srp"] };

/** Which files, and which tests have to notice. */
const AREAS = {
  srp: { ...client, files: ["src/srp.rs", "src/srp/**/*.rs"], tests: ["--lib", "--test=srp"] },
  protocol: { ...client, files: ["src/protocol.rs", "src/protocol/*.rs"] },
  flow: { ...client, files: ["src/flow.rs", "src/flow/**/*.rs"] },
  client: { ...client, files: ["src/*.rs"], except: ["src/srp.rs", "src/protocol.rs", "src/flow.rs"] },
  pool: {
    of: "cognito-pool",
    files: [
      "pool/src/operations.rs",
      "pool/src/operations/**/*.rs",
      "pool/src/srp.rs",
      "pool/src/srp/*.rs",
      "pool/src/tokens.rs",
      "pool/src/tokens/*.rs",
      "pool/src/call.rs",
      "pool/src/call/*.rs",
    ],
    // Those that ask the pool itself: of those around a server, each would come to everything.
    tests: ["--lib", "--test=pool"],
  },
};

/**
 * What the build for this machine has not: instructions of WebAssembly, the browser, proofs for Kani; and
 * tests.
 */
const NEVER = [
  "src/**/proofs.rs",
  "src/**/tests.rs",
  "src/browser.rs",
  "src/srp/group/vector/simd.rs",
];

main(import.meta, async () => {
  const { values, positionals } = parseArgs({
    options: {
      shard: { type: "string" },
      file: { type: "string", multiple: true },
      anew: { type: "boolean" },
      jobs: { type: "string", default: "1" },
      quick: { type: "boolean" },
      on: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.on) return tryMutant(positionals);
  const all = [...Object.keys(AREAS), "js"];
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Failure(`no area "${unknown}"; there are: ${all.join(", ")}`);
  const names = positionals.length > 0 ? positionals : all;
  const missed = await triedOfRust(names.filter((name) => name in AREAS), values);
  if (names.includes("js") && !(await triedOfJs(values))) missed.push("js");
  if (missed.length > 0) throw new Failure(`not each was noticed: ${missed.join(", ")}`);
});

/** The areas in which something was missed. */
async function triedOfRust(names, { file, ...options }) {
  if (names.length > 0) await provide([rust, cargoTool("cargo-mutants")]);
  const areas = names.map((name) => ({
    name,
    ...AREAS[name],
    files: file ?? AREAS[name].files,
    except: [...(AREAS[name].except ?? []), ...NEVER],
  }));
  const missed = [];
  for (const crate of new Set(areas.map(({ of }) => of))) {
    const outcomes = await tryMutants(areas.filter(({ of }) => of === crate), options);
    for (const [name, of] of outcomes) {
      say(`${name}: ${count(of)}`);
      if (of.includes("missed")) missed.push(name);
    }
  }
  return missed;
}

async function triedOfJs({ file = Object.keys(FILES), quick, anew }) {
  const unknown = file.find((name) => !(name in FILES));
  if (unknown !== undefined) throw new Failure(`${unknown} has no tests named for it: scripts/lib/js-mutants.mjs`);
  // Node reads js/ itself.
  if (!quick) await build();
  await provide([...(quick ? [] : [browser]), npmPackages(join(root, "tests/mutants"))]);
  let areNoticed = true;
  for (const name of file) areNoticed = (await mutantsOf(name, quick, anew)) && areNoticed;
  return areNoticed;
}
