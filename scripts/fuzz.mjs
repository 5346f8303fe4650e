// `npm run fuzz`: coverage-guided fuzzing of everything that reads what somebody else wrote.
//
//   npm run fuzz                     the targets
//   npm run fuzz -- flow             one of them, until it is stopped
//   npm run fuzz -- flow 1000000     so many executions
//   npm run fuzz -- --seconds=600    each of them, so long
//
// LLVM's libFuzzer does it, compiled from the source that the crate libfuzzer-sys carries; the coverage
// comes from flags of the stable compiler. What it finds is in target/fuzz/found; to see it again:
//
//   FUZZ_TARGET=flow target/fuzz/HOST/release/cognito-flow-fuzz target/fuzz/found/flow-crash-…
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure, ask, main, root, run, say, targetDir } from "./lib/run.mjs";
import { optional } from "./provision/apt.mjs";
import { compilerOfC, provide } from "./provision/needs.mjs";
import { rust } from "./provision/rust.mjs";

const crate = join(root, "tests/fuzz");
const corpora = join(crate, "corpus");
const target = join(targetDir, "fuzz");

/** What the pass that counts edges is told; it is part of LLVM, and needs no other toolchain. */
const COVERAGE = [
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

const needs = [rust, compilerOfC];

/** For the short run, which is left out where no compiler of C++ can be had. */
export const forFuzzing = () => [optional(compilerOfC)];

/** Every target there is: a folder of what it begins with. */
const targets = () => readdirSync(corpora).sort();

main(import.meta, async () => {
  const options = { seconds: { type: "string" } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, executions] = positionals;
  if (name === undefined && values.seconds === undefined) {
    for (const each of targets()) console.log(each);
    return;
  }
  if (name !== undefined && !targets().includes(name)) {
    throw new Failure(`no target "${name}"; there are: ${targets().join(", ")}`);
  }
  await provide(needs);
  const program = await built();
  const limits = [
    ...(executions === undefined ? [] : [`-runs=${executions}`]),
    ...(values.seconds === undefined ? [] : [`-max_total_time=${values.seconds}`]),
  ];
  for (const each of name === undefined ? targets() : [name]) {
    const grown = join(target, "grown", each);
    mkdirSync(grown, { recursive: true });
    await fuzz(program, each, grown, limits);
  }
});

/**
 * A short run of each, from the corpora alone, `seconds` long, on as many processors as there are. What is
 * tried does not depend on chance: a test that fails now and then says nothing of the change that it is run for.
 */
export async function fuzzBriefly(seconds) {
  if (!compilerOfC.isThere()) {
    say("no compiler of C++ is here and none could be installed: nothing was fuzzed");
    return;
  }
  const program = await built();
  const left = targets();
  const one = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const grown = mkdtempSync(join(tmpdir(), "fuzz-"));
      try {
        await fuzz(program, name, grown, ["-seed=1", `-max_total_time=${seconds}`]);
      } finally {
        rmSync(grown, { recursive: true, force: true });
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: availableParallelism() }, one));
  const failed = ended.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function built() {
  const host = /^host: (.*)$/m.exec(ask("rustc", ["-vV"]).stdout)?.[1];
  if (host === undefined) throw new Failure("rustc does not say for what it compiles");
  const env = { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: COVERAGE.join(" ") };
  // With --target, the flags are not those of build scripts and macros, which would lack libFuzzer.
  const args = ["build", "--quiet", "--locked", "--release", `--target=${host}`];
  await run("cargo", args, { cwd: crate, env });
  return join(target, host, "release/cognito-flow-fuzz");
}

/** Runs libFuzzer; what it says is shown when something is found. */
function fuzz(program, name, grown, limits) {
  const found = join(target, "found");
  mkdirSync(found, { recursive: true });
  const args = [
    grown,
    join(corpora, name),
    `-artifact_prefix=${found}/${name}-`,
    `-dict=${join(crate, "words.dict")}`,
    "-max_len=4096",
    // A machine with something else to do stops for seconds.
    "-timeout=60",
    "-rss_limit_mb=2048",
    "-print_final_stats=1",
    ...limits,
  ];
  return new Promise((done, fail) => {
    const env = { ...process.env, FUZZ_TARGET: name };
    const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (piece) => {
      // A long run says much, and its end is what matters.
      said = (said + piece).slice(-20_000);
    });
    child.on("error", (error) => fail(new Failure(`${program}: ${error.message}`)));
    child.on("close", (code) => {
      const executions = /number_of_executed_units:\s*(\d+)/.exec(said)?.[1] ?? "no";
      const covered = [...said.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? "no";
      if (code === 0) {
        say(`${name.padEnd(10)} ${executions.padStart(9)} executions, ${covered} edges`);
        done();
      } else {
        console.error(said);
        fail(new Failure(`${name}: something was found, and is in ${found}`));
      }
    });
  });
}
