// `npm test`: installs what the tests need, then runs every stage and sums up.
//
//   npm test                  all stages
//   npm test -- native page   some stages, by name
//   npm test -- --list        their names
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { apiTools, checkApi } from "./api.mjs";
import { build } from "./build.mjs";
import { compiledDocs } from "./lib/compiled-docs.mjs";
import { write } from "./lib/files.mjs";
import { freePort } from "./lib/ports.mjs";
import { Failure, ask, main, root, run, say, targetDir } from "./lib/run.mjs";
import { TARGET, wasmEnvironment } from "./lib/rust.mjs";
import {
  ENGINES,
  browser,
  cargoTool,
  engines,
  findBrowser,
  findEngine,
  forBuilding,
  npmPackages,
  provide,
  pythonBin,
  pythonPackages,
  withCargoTools,
} from "./provision/needs.mjs";
import { forFuzzing, fuzzBriefly } from "./fuzz.mjs";
import { checkBudget, forMeasuring } from "./size.mjs";

const WARNINGS = ["--", "-D", "warnings"];
// Time is what these tests wait on, and two browsers at once make each other miss it.
const NODE_TESTS = ["--test", "--test-reporter=spec", "--test-concurrency=1"];

/** Every stage: what it shows, what it needs besides what building does, how it runs. */
export const STAGES = {
  fmt: stage("formatting", async () => {
    await run("cargo", ["fmt", "--all", "--check"]);
    for (const apart of ["tests/fuzz", "tools/mutants"]) {
      await run("cargo", ["fmt", "--check", `--manifest-path=${apart}/Cargo.toml`]);
    }
  }),
  clippy: stage("clippy, natively and for wasm", async () => {
    await cargo("clippy", "--locked", "--workspace", "--all-targets", ...WARNINGS);
    await wasmCargo("clippy", "--lib", "--test=browser", "--test=srp", "--package=cognito-flow", ...WARNINGS);
    await wasmCargo("clippy", "--lib", "--package=cognito-pool", ...WARNINGS);
  }),
  docs: stage("rustdoc, natively and for wasm", async () => {
    const flags = ["--no-deps", "--lib", "--document-private-items"];
    await cargo("doc", "--locked", "--workspace", ...flags);
    await wasmCargo("doc", "--package=cognito-flow", ...flags);
  }),
  native: stage("Rust tests", () => cargo("test", "--locked", "--workspace", "--no-fail-fast")),
  fuzz: stage("a minute of fuzzing of each target", () => fuzzBriefly(60), forFuzzing),
  browser: stage("Rust tests in a headless browser", wasmPack, () => [
    browser,
    cargoTool("wasm-pack"),
    cargoTool("wasm-bindgen-cli"),
  ]),
  types: stage("TypeScript declarations, and docs/api made of them", typescript, () => [apiTools()]),
  node: nodeStage("JavaScript tests in Node", "tests/node"),
  traced: nodeStage("what a sign-in does, whatever its secrets are", "tests/traced"),
  packaging: nodeStage("the packed package in bundlers, Node and a browser", "tests/packaging"),
  frameworks: nodeStage("apps of React, Vue and Svelte, signed in to", "tests/frameworks"),
  recipes: nodeStage("an app by each recipe of docs/frameworks.md, signed in to", "tests/recipes", () =>
    foldersWithLock("tests/recipes").map(npmPackages),
  ),
  surface: nodeStage("the package's JavaScript in a browser", "tests/e2e/surface"),
  page: nodeStage("the page in a browser", "tests/e2e/page"),
  engines: stage("the package's JavaScript, the journeys and the element in Firefox and WebKit", otherEngines, () => engines),
  adopt: nodeStage("sessions of other clients, taken over in a browser", "tests/e2e/adopt"),
  others: nodeStage("the client against other servers", "tests/e2e/others", () => [
    cargoTool("fakecloud-user-pool"),
  ]),
  clients: nodeStage("other clients against the pool", "pool/tests/clients"),
  size: stage("size budget", checkBudget, forMeasuring),
  deny: stage("licences, bans, sources, advisories", dependencies, () => [cargoTool("cargo-deny")]),
};

main(import.meta, async () => {
  const names = chosenStages(process.argv.slice(2));
  if (names === null) return;

  await provide([...forBuilding(), ...names.flatMap((name) => STAGES[name].needs())]);
  const results = [await timed("build", { what: "building", run: build })];
  if (results[0].ok) {
    for (const name of names) results.push(await timed(name, STAGES[name]));
  }
  console.log("\nStages:");
  for (const { name, ok, seconds } of results) {
    console.log(`  ${ok ? "✓" : "✗"} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`);
  }
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  if (failed.length > 0) throw new Failure(`failed: ${failed.join(", ")}`);
});

function stage(what, run, needs = () => []) {
  return { what, needs, run };
}

function chosenStages(args) {
  const all = Object.keys(STAGES);
  if (args.includes("--list")) {
    for (const name of all) console.log(`${name.padEnd(10)} ${STAGES[name].what}`);
    return null;
  }
  const unknown = args.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Failure(`no stage "${unknown}"; there are: ${all.join(", ")}`);
  return args.length > 0 ? args : all;
}

async function timed(name, { what, run }) {
  console.log(`\n━━━ ${name}: ${what}`);
  const start = performance.now();
  let ok = true;
  try {
    await run();
  } catch (error) {
    ok = false;
    console.error(error instanceof Failure ? `✗ ${error.message}` : error);
  }
  return { name, ok, seconds: (performance.now() - start) / 1000 };
}

function cargo(...args) {
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir, RUSTDOCFLAGS: "-D warnings" };
  return run("cargo", args, { env });
}

async function wasmCargo(command, ...args) {
  const env = { ...wasmEnvironment(), RUSTDOCFLAGS: "-D warnings" };
  await run("cargo", [command, "--locked", `--target=${TARGET}`, ...args], { env });
}

async function wasmPack() {
  const { chrome, chromedriver } = findBrowser();
  const env = withCargoTools(wasmEnvironment());
  // The driver is told which browser to start, and everything else as the file says.
  const capabilities = JSON.parse(readFileSync(join(root, "webdriver.json"), "utf8"));
  if (chrome !== null) capabilities["goog:chromeOptions"].binary = chrome;
  const file = join(root, "build/webdriver.json");
  write(file, JSON.stringify(capabilities, null, 2));
  const driver = ["--headless", "--chrome", "--chromedriver", chromedriver];
  const named = { WASM_BINDGEN_TEST_WEBDRIVER_JSON: file, WASM_BINDGEN_TEST_TIMEOUT: "60" };
  for (const tests of ["--lib", "--test=browser", "--test=srp"]) {
    await onPage(["test", ...driver, root, "--locked", tests], { ...env, ...named });
  }
}

/** One page with tests. */
async function onPage(test, env) {
  const port = await freePort();
  const named = { ...env, WASM_BINDGEN_TEST_ADDRESS: `127.0.0.1:${port}` };
  // A page that did not load has not tested anything.
  for (let tries = 1; ; tries += 1) {
    let heard = "";
    let passing;
    const opened = () => /^Running headless tests/m.test(heard);
    const hear = (piece) => {
      heard += piece;
      if (opened()) passing ??= passBy(port);
    };
    try {
      return await run("wasm-pack", test, { env: named, hear });
    } catch (failure) {
      if (!opened() || /^running \d+ test/m.test(heard) || tries === 3) throw failure;
      say("the page with the tests did not load: once more");
    } finally {
      clearInterval(passing);
    }
  }
}

/**
 * The server in wasm-bindgen's runner now and then leaves one of the page's requests waiting: of two that come
 * at once, its pool of threads (tiny_http's) wakes a thread for one alone. Whoever is done takes what waits, so
 * somebody comes by and goes again, all the time.
 */
function passBy(port) {
  return setInterval(() => connect(port, "127.0.0.1").on("error", () => {}).end(), 200);
}

async function typescript() {
  for (const [name, text] of Object.entries(compiledDocs())) write(join(root, "build/types", name), text);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  for (const config of ["tsconfig.json", "bundler.json"]) {
    await run(process.execPath, [tsc, "--project", join(root, "tests/types", config)]);
  }
  await checkApi();
}

function foldersWithLock(folder) {
  const folders = readdirSync(join(root, folder)).map((name) => join(root, folder, name));
  return folders.filter((path) => existsSync(join(path, "package-lock.json")));
}

/**
 * The stage that runs `*.test.mjs` of a folder in Node. What its package.json and requirements.txt
 * list is installed before; a browser is named to the tests by CHROME.
 */
function nodeStage(what, folder, more = () => []) {
  const path = join(root, folder);
  const requirements = join(path, "requirements.txt");
  const hasPackages = existsSync(join(path, "package-lock.json"));
  const hasRequirements = existsSync(requirements);

  const needs = () => {
    const needed = [browser, ...more()];
    if (hasPackages) needed.push(npmPackages(path));
    if (hasRequirements) needed.push(pythonPackages(requirements));
    return needed;
  };
  const body = async () => {
    const names = existsSync(path) ? readdirSync(path) : [];
    const files = names.filter((name) => name.endsWith(".test.mjs"));
    if (files.length === 0) throw new Failure(`there are no tests in ${folder}`);

    const { chrome, chromedriver } = findBrowser();
    const named = { CARGO_TARGET_DIR: targetDir, CHROME: chrome, CHROMEDRIVER: chromedriver };
    const env = { ...withCargoTools(), ...named };
    if (hasRequirements) {
      const bin = pythonBin(requirements);
      env.PATH = [bin, dirname(process.execPath), env.PATH].join(delimiter);
      env.PYTHON = join(bin, "python");
    }
    const tests = files.sort().map((name) => join(path, name));
    await run(process.execPath, [...NODE_TESTS, ...tests], { cwd: path, env });
  };
  return stage(what, body, needs);
}

/** The same tests that other stages run in Chromium, as far as they are not about Chromium alone. */
async function otherEngines() {
  const path = join(root, "tests/e2e/engines");
  const tests = ["surface.mjs", "../page/journeys.test.mjs", "../page/element.test.mjs"].map((name) => join(path, name));
  const failed = [];
  // Before any test is held to its time.
  await cargo("build", "--quiet", "--locked", "--package=cognito-pool", "--bin=cognito-pool");
  const runIn = async (name) => {
    if (findEngine(name) === null) {
      say(`${name} is not here and could not be installed: nothing was tested in it`);
      return;
    }
    const env = { ...process.env, CARGO_TARGET_DIR: targetDir, ENGINE: name };
    await run(process.execPath, [...NODE_TESTS, ...tests], { cwd: path, env, whole: true }).catch((failure) => {
      if (!(failure instanceof Failure)) throw failure;
      failed.push(name);
    });
    say(`that was ${name}`);
  };
  // Side by side: no one test keeps two processors busy, and none is held to a time that a slow one misses.
  await Promise.all(Object.keys(ENGINES).map(runIn));
  if (failed.length > 0) throw new Failure(`tests failed in ${failed.join(" and ")}`);
}

async function dependencies() {
  await cargoDeny();
  npmAudit();
}

/** What builds the package; the locks of other people's servers and clients, which the tests run, are theirs. */
function npmAudit() {
  const { ok, stdout } = ask("npm", ["audit", "--json", "--audit-level=high"]);
  let report = {};
  try {
    report = JSON.parse(stdout);
  } catch {
    // It says below that there is no report.
  }
  if (report.metadata?.vulnerabilities === undefined) {
    say("npm's advisories were not checked: this registry does not serve them");
    return;
  }
  if (!ok) throw new Failure(`npm audit: ${Object.keys(report.vulnerabilities).join(", ")}`);
}

async function cargoDeny() {
  const env = withCargoTools({ ...process.env, CARGO_TARGET_DIR: targetDir });
  await run("cargo-deny", ["--locked", "check", "licenses", "bans", "sources"], { env });
  if (!advisoriesReachable()) {
    say("advisories were not checked: their database is a git repository that is not reached here");
    return;
  }
  await run("cargo-deny", ["--locked", "check", "advisories"], { env });
}

function advisoriesReachable() {
  const repository = "https://github.com/RustSec/advisory-db";
  const env = { ...process.env, GIT_TERMINAL_PROMPT: "0" };
  return ask("git", ["ls-remote", "--exit-code", repository, "HEAD"], { env }).ok;
}
