// Mutants of js/: Stryker makes them, all in one copy of the files in which one at a time is on, and the
// tests of the package in a browser have to notice. A browser has no environment that could say which is
// on: `tryMutant` writes it into what the tests load.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { basename, join, relative } from "node:path";
import { bundlePackage } from "../build.mjs";
import { write } from "./files.mjs";
import { Failure, root, run, say, targetDir } from "./run.mjs";

/**
 * Which tests have to notice besides the file's own in tests/node/, those first that speak of it most. Where
 * there are none Node is enough.
 */
export const FILES = {
  "js/amplify.js": [],
  "js/copies.js": ["session", "storage", "steps"],
  "js/devtools.js": ["devtools"],
  "js/devtools/log.js": [],
  "js/devtools/panel.js": ["devtools"],
  "js/devtools/requests.js": ["devtools"],
  "js/devtools/steps.js": ["devtools"],
  "js/error.js": ["host", "flow", "hostile"],
  "js/host.js": ["host", "flow", "session", "hostile", "steps", "kept", "remember", "redirect"],
  "js/index.js": ["flow", "hostile", "host", "redirect-script"],
  "js/json.js": ["hostile", "host", "flow"],
  "js/listeners.js": ["flow", "host"],
  "js/load-external.js": [],
  "js/load-inline.js": [],
  "js/load-second.js": [],
  "js/lock.js": ["session", "storage", "kept"],
  "js/network.js": ["network", "host", "redirect-script"],
  "js/once.js": [],
  "js/passkeys.js": ["passkeys", "hostile-passkeys"],
  "js/react.js": [],
  "js/redirect.js": ["redirect-script", "redirect"],
  "js/sign-in.js": [],
  "js/storage.js": ["storage", "kept", "remember", "session"],
  "js/svelte.js": [],
  "js/turns.js": ["lean"],
  "js/turns-whole.js": [],
  "js/vue.js": [],
  "js/worker.js": ["worker"],
};

/** Changes that cannot matter, and why: by the file, a part of the line, and what stands there instead. */
const CANNOT_MATTER = [
  // What is done runs code of anybody, and so may be anything: what is no function is passed over.
  ["js/host.js", "const queue = [];", '["Stryker was here"]'],
  // No error has such a code.
  ["js/host.js", "let failures = [];", '["Stryker was here"]'],
  // Numbers that go down are each another one, too.
  ["js/worker.js", "const id = `${connection} ${++ids}`;", "--ids"],
];

/** What no test of these reads or needs. */
const NOT_COPIED = ["/target", "/benches", "/docs", "/pool", "/shots", "/tests/*", "!/tests/e2e", "/tests/e2e/*"];
const NEEDED = ["node", "e2e/surface", "e2e/engines", "e2e/page", "e2e/once-more.mjs"].map((name) => `!/tests/${name}`);
/** And what the tests in Node do: some read the other side, too. */
const IN_NODE = ["/*", "!/js", "!/scripts", "!/src", "!/ui", "!/package.json", "!/tests", "/tests/*", "!/tests/node"];

/** What takes longer in Node, where a file of tests takes some tenths of a second, would go on for ever. */
const HANGS_MS = 15_000;

/**
 * Whether each mutant of the file was noticed, by the tests in Node alone if `isQuick`; what is known from an
 * earlier run is not tried again, unless `anew`.
 */
export async function mutantsOf(file, isQuick, anew) {
  const kept = join(targetDir, "mutants/js", file.replaceAll("/", "-"));
  const inNode = `tests/node/${basename(file, ".js")}.test.mjs`;
  const inBrowser = isQuick ? [] : FILES[file].map((name) => `tests/e2e/surface/${name}.test.mjs`);
  const tests = existsSync(join(root, inNode)) ? [inNode, ...inBrowser] : inBrowser;
  const config = `${kept}.config.json`;
  const settings = {
    testRunner: "command",
    commandRunner: { command: `node scripts/mutants.mjs --on ${tests.join(" ")}` },
    mutate: [file],
    ignorePatterns: isQuick ? IN_NODE : [...NOT_COPIED, ...NEEDED],
    tempDirName: join(relative(root, targetDir), "mutants/js/copy"),
    incremental: true,
    incrementalFile: `${kept}.json`,
    concurrency: 1,
    coverageAnalysis: "off",
    disableTypeChecks: false,
    reporters: ["clear-text"],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportScoreTable: false },
    allowConsoleColors: false,
    // A machine that does other things besides is slow.
    timeoutMS: 120_000,
    timeoutFactor: 3,
    thresholds: { break: null },
  };
  write(config, JSON.stringify(settings, null, 2));
  if (anew) rmSync(`${kept}.json`, { force: true });
  else tryMissedAgain(`${kept}.json`);
  const stryker = join(root, "tests/mutants/node_modules/@stryker-mutator/core/bin/stryker.js");
  await run(process.execPath, [stryker, "run", config], { env: { ...process.env, CARGO_TARGET_DIR: targetDir } });
  const { mutants } = Object.values(JSON.parse(readFileSync(`${kept}.json`, "utf8")).files)[0];
  const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
  const survived = mutants.filter(({ status }) => ["Survived", "NoCoverage"].includes(status));
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const known = ({ location, replacement }) =>
    CANNOT_MATTER.some(([of, part, instead]) =>
      of === file && lines[location.start.line - 1].includes(part) && replacement === instead);
  const missed = survived.filter((mutant) => !known(mutant)).length;
  const tried = mutants.length - count("Ignored");
  say(`${file}: ${tried} mutants, ${count("Killed")} noticed, ${count("Timeout")} hang, ${survived.length - missed} cannot matter, ${missed} not noticed`);
  return missed === 0;
}

/** What no test noticed in an earlier run is forgotten: Stryker does not see that there are other tests. */
function tryMissedAgain(results) {
  if (!existsSync(results)) return;
  const known = JSON.parse(readFileSync(results, "utf8"));
  for (const file of Object.values(known.files)) {
    file.mutants = file.mutants.filter(({ status }) => ["Killed", "Timeout"].includes(status));
  }
  write(results, JSON.stringify(known));
}

/** In Stryker's copy: the tests, with the mutant on that the environment names, until one fails. */
export async function tryMutant(tests) {
  for (const test of tests) if (!existsSync(join(root, test))) throw new Failure(`there is no ${test}`);
  const isInNode = (test) => test.startsWith("tests/node/");
  // What is seen without a browser is seen sooner: in 0.3 s, where a file of the others takes 5 to 60.
  for (const test of tests.filter(isInNode)) {
    const { status } = spawnSync(process.execPath, [join(root, test)], { stdio: "ignore", timeout: HANGS_MS, killSignal: "SIGKILL" });
    if (status !== 0) throw new Failure(`${test} has noticed`);
  }
  const others = tests.filter((test) => !isInNode(test));
  if (others.length === 0) return;
  await switchOn(JSON.stringify(process.env.__STRYKER_ACTIVE_MUTANT__));
  for (const test of others) await run(process.execPath, ["--test", join(root, test)]);
}

async function switchOn(mutant) {
  const base = join(root, "build/mutants");
  if (!existsSync(base)) {
    await bundlePackage();
    for (const folder of ["dist", "js"]) cpSync(join(root, folder), join(base, folder), { recursive: true });
  }
  for (const folder of ["dist", "js"]) {
    for (const name of readdirSync(join(base, folder)).filter((name) => name.endsWith(".js"))) {
      const text = readFileSync(join(base, folder, name), "utf8");
      write(join(root, folder, name), `(globalThis.__stryker__ ??= {}).activeMutant = ${mutant};${text}`);
    }
  }
}
