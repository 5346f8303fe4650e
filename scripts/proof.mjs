// `npm run proof`: the search of tests/proof with large bounds, one setting after the other, and a
// table of what it met. What is finished is kept in target/proof, by what it was run on: begun anew, it
// goes on with the settings that are left. It is one process that takes one core.
//
//   npm run proof                     20,000 states of each setting, two faults on one way
//   npm run proof -- 100000 3         so many states, and faults
//   npm run proof -- 2000 1 passkey   of the settings with this in the name of their test
//   npm run proof -- --table          writes what there is into tests/README.md
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root, run, targetDir } from "./lib/run.mjs";
import { provide } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

const SEARCHED = ["src", "pool/src", "tests/flow/support", "tests/proof"];
const README = join(root, "tests/README.md");
const [BEGINS, ENDS] = ["<!-- proof: begins -->\n", "<!-- proof: ends -->"];

main(import.meta, async () => {
  const given = process.argv.slice(2);
  const results = join(targetDir, "proof", fingerprint());
  mkdirSync(results, { recursive: true });
  if (given[0] === "--table") return writeTable(results);
  const [states = "20000", faults = "2", ...names] = given;
  for (const number of [states, faults]) {
    if (!/^[1-9]\d*$/.test(number)) throw new Failure(`"${number}" is no number: npm run proof -- STATES FAULTS`);
  }
  await provide([rust]);
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: targetDir,
    PROOF_STATES: states,
    PROOF_FAULTS: faults,
    PROOF_RESULTS: results,
  };
  const test = ["test", "--locked", "--release", "--test=proof", "--"];
  try {
    await run("cargo", [...test, "--nocapture", "--test-threads=1", ...names], { env });
  } finally {
    console.log(`\n${table(results)}\n${unmet(results)}`);
  }
});

/** Of all that a search depends on. */
function fingerprint() {
  const hash = createHash("sha256");
  const files = SEARCHED.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith(".rs"))
      .map((name) => join(folder, name)),
  );
  for (const name of ["Cargo.lock", ...files.sort()]) {
    hash.update(`${name}\n`).update(readFileSync(join(root, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

function reports(results) {
  const files = readdirSync(results).filter((name) => name.endsWith(".json"));
  const all = files.map((file) => JSON.parse(readFileSync(join(results, file), "utf8")));
  return all.sort((one, other) => one.name.localeCompare(other.name));
}

function table(results) {
  const number = (value) => value.toLocaleString("en");
  const rows = reports(results).map(
    ({ name, met, tried, all, transitions, depth, seconds, faults }) =>
      `| ${name} | ${number(met)} | ${number(tried)}${all ? " (all)" : ""} | ${number(transitions)} | ${depth} | ${faults} | ${seconds.toFixed(0)} |\n`,
  );
  return `| setting | states met | tried | transitions | depth | faults | seconds |\n|---|--:|--:|--:|--:|--:|--:|\n${rows.join("")}`;
}

/** The codes of the declarations that no state of any setting had. */
function unmet(results) {
  const declarations = readFileSync(join(root, "js/index.d.ts"), "utf8");
  const codes = /export type FlowErrorCode =([^;]+);/.exec(declarations)[1];
  const met = new Set(reports(results).flatMap(({ errors }) => errors));
  const left = [...codes.matchAll(/"(\w+)"/g)].map(([, code]) => code).filter((code) => !met.has(code));
  return `Error codes that none of them met: ${left.map((code) => `\`${code}\``).join(", ") || "none"}.\n`;
}

function writeTable(results) {
  const text = readFileSync(README, "utf8");
  const [before, after] = [text.split(BEGINS)[0], text.split(ENDS)[1]];
  if (after === undefined) throw new Failure("tests/README.md has no place for the table.");
  writeFileSync(README, `${before}${BEGINS}${table(results)}\n${unmet(results)}${ENDS}${after}`);
}
