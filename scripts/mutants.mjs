// `npm run mutants`: changes to the code, one at a time, each of which a test has to notice.
//
//   npm run mutants                        everything in `AREAS`
//   npm run mutants -- srp protocol        some areas
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
// of each (`outcomes.jsonl`) and a list of those that nothing noticed (`missed.txt`).
import { main, say, Failure } from "./lib/run.mjs";
import { parseArgs } from "node:util";
import { count, tryMutants } from "./lib/rust-mutants.mjs";
import { cargoTool, provide } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

const client = { of: "cognito-flow", tests: ["--lib", "--test=flow", "--test=srp"] };

/** Which files, and which tests have to notice. */
const AREAS = {
  srp: { ...client, files: ["src/srp.rs", "src/srp/**/*.rs"] },
  protocol: { ...client, files: ["src/protocol.rs", "src/protocol/*.rs"] },
  flow: { ...client, files: ["src/flow.rs", "src/flow/**/*.rs"] },
  client: { ...client, files: ["src/*.rs"], except: ["src/srp.rs", "src/protocol.rs", "src/flow.rs"] },
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
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !(name in AREAS));
  if (unknown !== undefined) {
    throw new Failure(`no area "${unknown}"; there are: ${Object.keys(AREAS).join(", ")}`);
  }
  await provide([rust, cargoTool("cargo-mutants")]);
  const { file, ...options } = values;
  const areas = (positionals.length > 0 ? positionals : Object.keys(AREAS)).map((name) => ({
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
  if (missed.length > 0) throw new Failure(`not each was noticed: ${missed.join(", ")}`);
});
