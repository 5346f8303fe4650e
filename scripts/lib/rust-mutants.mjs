// How changes to the code are tried: all in one build, each behind a switch.
import { spawn } from "node:child_process";
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure, ask, root, say, targetDir } from "./run.mjs";
import { withCargoTools } from "../provision/needs.mjs";

const folder = join(targetDir, "mutants");
/** The source as it was at the beginning, and a copy with the changes in it. */
const source = join(folder, "source");
const tree = join(folder, "tree");
const OUTCOMES = ["noticed", "missed", "timed out", "does not compile"];
/** By so many tests most changes are noticed. */
const FIRST = 32;
/** For a change that makes something endless: seconds of a processor, and kilobytes. */
const SPARE_SECONDS = 5;
const COMPILER_SECONDS = 60;
const MEMORY = 4_000_000;

/** Tries what was not noticed before, of areas of one crate, and answers with the outcomes by their areas. */
export async function tryMutants(areas, { shard, anew, jobs }) {
  copyTree();
  const list = areas.flatMap((area) => {
    const known = new Known(join(folder, area.name), anew);
    return listed(area, shard).map((change) => ({ ...change, area: area.name, known }));
  });
  // None is 0: that is no change.
  const all = list.map((change, index) => ({ ...change, id: index + 1 }));
  const changes = all.filter(({ name, known }) => [undefined, "missed"].includes(known.of(name)));
  say(`${all.length} changes, ${changes.length} to try`);
  if (changes.length > 0) await tryThese(areas[0], changes, Number(jobs));
  return new Map(areas.map(({ name }) => [name, outcomesOf(name, all)]));
}

async function tryThese(crate, changes, jobs) {
  const { alone, broken, programs } = await built(crate, changes);
  for (const change of changes.filter(({ id }) => broken.has(id))) {
    change.known.say(change, "does not compile");
  }
  await tryTogether(programs, changes.filter(({ id }) => !alone.has(id) && !broken.has(id)), jobs);
  restored(crate, changes);
  for (const change of changes.filter(({ id }) => alone.has(id))) {
    change.known.say(change, await tryAlone(crate, change));
  }
}

function outcomesOf(area, list) {
  const ofArea = list.filter((change) => change.area === area);
  const missed = ofArea.filter(({ name, known }) => known.of(name) === "missed");
  writeFileSync(join(folder, area, "missed.txt"), missed.map(({ name }) => `${name}\n`).join(""));
  return ofArea.map(({ name, known }) => known.of(name));
}

export function count(outcomes) {
  const counts = OUTCOMES.map((it) => `${outcomes.filter((outcome) => outcome === it).length} ${it}`);
  return `${outcomes.length} changes: ${counts.join(", ")}`;
}

/** The outcome of each change by its name, kept in a file as it becomes known. */
class Known {
  #file;
  #outcomes = new Map();

  constructor(folder, anew) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, "outcomes.jsonl");
    if (anew) rmSync(this.#file, { force: true });
    if (!existsSync(this.#file)) return;
    for (const line of readFileSync(this.#file, "utf8").split("\n").filter(Boolean)) {
      const { name, outcome } = JSON.parse(line);
      this.#outcomes.set(name, outcome);
    }
  }

  of(name) {
    return this.#outcomes.get(name);
  }

  say({ name }, outcome) {
    this.#outcomes.set(name, outcome);
    appendFileSync(this.#file, `${JSON.stringify({ name, outcome })}\n`);
    if (outcome === "missed" || outcome === "timed out") console.log(`  ${outcome}: ${name}`);
  }
}

/** What cargo-mutants would change. */
function listed({ of, files, except }, shard) {
  const args = [
    "mutants",
    "--list",
    "--json",
    `--package=${of}`,
    ...files.flatMap((glob) => ["--file", glob]),
    ...except.flatMap((glob) => ["--exclude", glob]),
    ...(shard === undefined ? [] : [`--shard=${shard}`]),
  ];
  const { ok, stdout, stderr } = ask("cargo", args, { cwd: source, env: withCargoTools() });
  if (!ok) throw new Failure(`cargo mutants: ${stderr}`);
  return JSON.parse(stdout);
}

function copyTree() {
  const { stdout } = ask("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  for (const file of stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file)))) {
    for (const copy of [source, tree]) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      copyFileSync(join(root, file), join(copy, file));
    }
  }
}

/** Builds the tests with all changes that have a place behind a switch; the others are `alone`. */
async function built(crate, changes) {
  // A function has one type, also where it does not say which.
  const unnamed = ({ genre, function: of }) => genre === "FnValue" && /\bimpl\b/.test(of.return_type);
  const alone = new Set(changes.filter(unnamed).map(({ id }) => id));
  const broken = new Set();
  for (;;) {
    restored(crate, changes);
    const together = changes.filter(({ id }) => !alone.has(id) && !broken.has(id));
    const { placed, ...others } = switched(crate, together);
    for (const id of others.alone) alone.add(id);
    for (const id of others.broken) broken.add(id);
    const { programs, errors } = await compiled(crate);
    if (errors.length === 0) return { alone, broken, programs };
    for (const error of errors) {
      const id = culprit(error, placed);
      if (id === undefined) {
        throw new Failure(`does not compile, and no change is known that it comes from:\n${error.rendered}`);
      }
      // Where no switch can be asked, in what the compiler computes, the change may be good all the same.
      (error.code?.code === "E0015" ? alone : broken).add(id);
    }
  }
}

/** Writes all changes into the tree, each behind its switch. */
function switched(crate, changes) {
  const switches = join(tree, dirname(rootOf(crate)), "mutant_switch.rs");
  copyFileSync(join(root, "tools/mutants/switch.rs"), switches);
  const args = ["run", "--quiet", "--manifest-path=tools/mutants/Cargo.toml", "--locked"];
  const tool = [...args, `--target-dir=${join(folder, "tool")}`, "--", tree];
  const { ok, stdout, stderr } = ask("cargo", tool, { input: JSON.stringify(changes.map(({ known, ...change }) => change)) });
  if (!ok) throw new Failure(`tools/mutants: ${stderr}`);
  appendFileSync(join(tree, rootOf(crate)), "\nmod mutant_switch;\n");
  return JSON.parse(stdout);
}

/** The crate's first file. */
function rootOf({ of }) {
  return of === "cognito-pool" ? "pool/src/lib.rs" : "src/lib.rs";
}

/** Puts back what the changes change. */
function restored(crate, changes) {
  for (const file of [rootOf(crate), ...changes.map(({ file }) => file)]) restore(file);
}

function restore(file) {
  copyFileSync(join(source, file), join(tree, file));
}

/** The programs of these tests, or the compiler's errors; `endless` when it took more of a processor than it may. */
async function compiled({ of, tests }, command = ["test", "--no-run"], seconds) {
  const args = [...command, "--locked", `--package=${of}`, ...tests, "--message-format=json"];
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: join(folder, "build"),
    CARGO_PROFILE_DEV_DEBUG: "0",
    CARGO_PROFILE_DEV_OPT_LEVEL: "1",
    RUSTFLAGS: "--cap-lints=allow",
  };
  const limits = seconds === undefined ? "" : `ulimit -t ${seconds}`;
  const { ok, stdout, stderr } = await output("cargo", args, { cwd: tree, env, limits });
  if (seconds !== undefined && /\(signal: \d+, SIG(XCPU|KILL)/.test(stderr)) {
    return { errors: [], programs: [], endless: true };
  }
  const messages = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const errors = messages
    .filter(({ reason, message }) => reason === "compiler-message" && message.level === "error")
    .map(({ message }) => message)
    .filter(({ spans }) => spans.length > 0);
  if (!ok && errors.length === 0) throw new Failure(`cargo: ${stderr}`);
  const programs = messages.filter(({ executable, profile }) => executable && profile.test);
  return { errors, programs: programs.map(({ executable, target }) => ({ executable, file: target.src_path })) };
}

/** Which change an error of the compiler's lies in. */
function culprit({ spans, children }, placed) {
  const all = [...spans, ...children.flatMap((child) => child.spans)];
  all.sort((one, other) => Number(other.is_primary) - Number(one.is_primary));
  for (const span of all) {
    const around = placed.filter(
      ({ file, start, end }) =>
        file === span.file_name && start <= span.byte_start && span.byte_end <= end,
    );
    if (around.length > 0) return around.sort((a, b) => a.end - a.start - (b.end - b.start))[0].id;
  }
  return undefined;
}

async function tryTogether(programs, changes, jobs) {
  const tests = await reached(programs, changes);
  // Most are noticed by the first tests: what needs all of them comes last.
  let left = changes;
  for (const [from, to] of [[0, FIRST], [FIRST, Infinity]]) {
    const queue = [...left];
    left = [];
    const worker = async () => {
      for (let change = queue.shift(); change !== undefined; change = queue.shift()) {
        const outcome = await tried(inOrder(tests, change).slice(from, to), change);
        if (outcome === "missed" && to < Infinity) left.push(change);
        else change.known.say(change, outcome);
      }
    };
    await Promise.all(Array.from({ length: jobs }, worker));
  }
}

/** The tests that come to each change, and by file: how much each comes to there that others do not come to. */
async function reached(programs, changes) {
  const of = new Map();
  for (const program of programs) {
    for (const [id, tests] of await reachedBy(program)) of.set(id, [...(of.get(id) ?? []), ...tests]);
  }
  const rarity = new Map();
  for (const { id, file } of changes) {
    const tests = of.get(id) ?? [];
    const ofFile = rarity.get(file) ?? new Map();
    rarity.set(file, ofFile);
    for (const test of tests) ofFile.set(test, (ofFile.get(test) ?? 0) + 1 / tests.length);
  }
  return { of, rarity };
}

/** Which tests of a program come to each change, and how long they take. */
async function reachedBy(program) {
  const file = join(folder, "reached.txt");
  rmSync(file, { force: true });
  const env = { MUTANT: "reached", MUTANTS_REACHED: file };
  const args = ["--format=json", "--report-time", "--test-threads=2"];
  const { ok, stdout } = await run(program, args, env, 3600);
  if (!ok) throw new Failure(`${program.executable}: fails without any change\n${stdout.slice(-4000)}`);
  const tests = new Map();
  for (const line of stdout.split("\n").filter((line) => line.startsWith("{"))) {
    const { type, event, name, exec_time } = JSON.parse(line);
    if (type === "test" && event === "ok") tests.set(name, { program, name, seconds: exec_time });
  }
  const testsOf = new Map();
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  for (const line of lines) {
    const id = Number(line.slice(0, line.indexOf(" ")));
    const name = line.slice(line.indexOf(" ") + 1);
    // By a thread that is no test's: any of them may have been the one.
    const those = tests.has(name) ? [tests.get(name)] : [...tests.values()];
    testsOf.set(id, new Set([...(testsOf.get(id) ?? []), ...those]));
  }
  return testsOf;
}

/** Some tests, with the change. */
async function tried(tests, { id }) {
  for (const some of runs(tests)) {
    const names = some.map(({ name }) => name);
    const expected = some.reduce((sum, { seconds }) => sum + seconds, 0);
    const outcome = await noticed(some[0].program, ["--exact", ...names], { MUTANT: String(id) }, expected);
    if (outcome !== "missed") return outcome;
  }
  return "missed";
}

/**
 * Tests that are run at once, all of one program: within a run their order is by name. What hangs hangs in the
 * first one, which is by itself; after it the runs become longer.
 */
function runs(tests) {
  const rounds = [];
  let [seconds, longest] = [0, 0];
  for (const test of tests) {
    if (seconds >= longest) {
      longest = rounds.length === 0 ? 0 : Math.max(0.5, 4 * longest);
      seconds = 0;
      rounds.push([]);
    }
    rounds.at(-1).push(test);
    seconds += test.seconds;
  }
  return rounds.flatMap((round) => {
    const programs = [...new Set(round.map(({ program }) => program))];
    return programs.map((program) => round.filter((test) => test.program === program));
  });
}

/**
 * Some of the fastest; then some that come to what few others come to, of the same file; and the others, the
 * fastest first.
 */
function inOrder({ of, rarity }, { id, file }) {
  const bySeconds = (one, other) => one.seconds - other.seconds;
  const tests = [...(of.get(id) ?? [])].sort(bySeconds);
  const fastest = tests.splice(0, 8);
  const worth = (test) => rarity.get(file).get(test) / (0.05 + test.seconds);
  const rare = tests.sort((one, other) => worth(other) - worth(one)).splice(0, FIRST - fastest.length);
  return [...fastest, ...rare, ...tests.sort(bySeconds)];
}

async function noticed(program, args, env, expected) {
  const spare = SPARE_SECONDS + 3 * expected;
  const { ok, late } = await run(program, ["--fail-fast", "--test-threads=1", ...args], env, spare);
  return ok ? "missed" : late ? "timed out" : "noticed";
}

/** Runs a program of tests; `late` when it took more than so many seconds of a processor. */
async function run({ executable, file }, args, env, seconds) {
  const limits = `ulimit -t ${Math.ceil(seconds)}; ulimit -v ${MEMORY}`;
  const cwd = file.startsWith(join(tree, "pool")) ? join(tree, "pool") : tree;
  // The standard harness's own options are unstable, and its only way to stop at the first failure.
  const all = { ...process.env, RUSTC_BOOTSTRAP: "1", RUST_BACKTRACE: "0", ASK_WRONGLY: "no", ...env };
  return await output(executable, ["-Zunstable-options", ...args], { cwd, env: all, limits, seconds: 10 * seconds });
}

/** One change by itself, without a switch. */
async function tryAlone({ of, tests }, { file, span, replacement }) {
  const path = join(tree, file);
  const lines = readFileSync(path, "utf8").split("\n");
  const offset = ({ line, column }) =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) +
    [...lines[line - 1]].slice(0, column - 1).join("").length;
  const text = lines.join("\n");
  writeFileSync(path, text.slice(0, offset(span.start)) + replacement + text.slice(offset(span.end)));
  try {
    // What the compiler computes may have no end, either.
    const { errors, endless } = await compiled({ of, tests: ["--lib"] }, ["check"], COMPILER_SECONDS);
    if (endless) return "timed out";
    if (errors.length > 0) return "does not compile";
    // The tests beside the code are built in a moment.
    for (const some of tests) {
      for (const program of (await compiled({ of, tests: [some] })).programs) {
        const outcome = await noticed(program, [], {}, 60);
        if (outcome !== "missed") return outcome;
      }
    }
    return "missed";
  } finally {
    restore(file);
  }
}

/** Runs a program to its end, and answers with what it printed. */
/** What a program prints, run under the shell's `limits`. */
function output(command, args, { cwd, env, limits, seconds = 3600 }) {
  return new Promise((done, fail) => {
    const within = ["-c", `${limits}\nexec "$@"`, "sh", command, ...args];
    const child = spawn("sh", within, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    const said = { stdout: [], stderr: [] };
    for (const name of ["stdout", "stderr"]) child[name].on("data", (piece) => said[name].push(piece));
    child.on("error", (error) => fail(new Failure(`${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const late = signal === "SIGKILL" || signal === "SIGXCPU";
      const text = (name) => Buffer.concat(said[name]).toString();
      done({ ok: code === 0, late, stdout: text("stdout"), stderr: text("stderr") });
    });
  });
}
