// Command line tools that only the tests need, compiled once per version into a cache of the user's.
import { delimiter, join } from "node:path";
import { readFileSync, rmSync } from "node:fs";
import { Failure, cacheDir, isExecutable, root, run, say } from "../lib/run.mjs";

const TOOLS = {
  "wasm-pack": { program: "wasm-pack", version: () => "0.15.1", locked: true },
  "wasm-bindgen-cli": {
    program: "wasm-bindgen-test-runner",
    version: wasmBindgenVersion,
    // Its lock file names a crate version that was never published.
    locked: false,
  },
  "cargo-mutants": { program: "cargo-mutants", version: () => "27.1.0", locked: true },
  "cargo-deny": { program: "cargo-deny", version: () => "0.20.2", locked: true },
  "fakecloud-user-pool": {
    program: "fakecloud-user-pool",
    version: () => "0.51.0",
    locked: true,
    folder: join(root, "tests/e2e/others/fakecloud"),
  },
};

export function cargoTool(name) {
  return {
    what: `${name} ${TOOLS[name].version()}, compiled into ${cacheDir} (some minutes)`,
    isThere: () => isExecutable(join(binOf(name), TOOLS[name].program)),
    install: () => install(name),
  };
}

/** `env` with the tools on its PATH. */
export function withCargoTools(env = process.env) {
  return { ...env, PATH: [cargoToolsPath(), env.PATH].join(delimiter) };
}

/** The folders that the tools are in, or would be. */
export function cargoToolsPath() {
  return Object.keys(TOOLS).map(binOf).join(delimiter);
}

function binOf(name) {
  return join(cacheDir, `${name}-${TOOLS[name].version()}`, "bin");
}

/** The tool and the crate must be of one version: the crate's, as it is locked. */
function wasmBindgenVersion() {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const version = /^name = "wasm-bindgen"\nversion = "(.*)"$/m.exec(lock)?.[1];
  if (version === undefined) throw new Failure("Cargo.lock has no wasm-bindgen");
  return version;
}

async function install(name) {
  const version = TOOLS[name].version();
  say(`cargo install ${name} ${version}`);
  // Another checkout may be installing at the same time, and the folder goes when it is done.
  const build = join(cacheDir, `build-${process.pid}`);
  const folder = join(binOf(name), "..");
  const from = TOOLS[name].folder;
  const which = from ? [`--path=${from}`] : [name, `--version=${version}`];
  const args = ["install", ...which, `--root=${folder}`, "--quiet"];
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: build,
    // They run for seconds: compiling them fast matters more than their speed.
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
    CARGO_PROFILE_RELEASE_LTO: "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  };
  try {
    await run("cargo", TOOLS[name].locked ? [...args, "--locked"] : args, { env });
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}
