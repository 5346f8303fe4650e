// Command line tools that only the tests need, compiled once per version into a cache of the user's.
import { delimiter, join } from "node:path";
import { readFileSync, rmSync } from "node:fs";
import { Failure, cacheDir, isExecutable, root, run, say } from "./run.mjs";

/** Installs the tools that are missing; answers with `env` whose PATH has them all. */
export async function cargoTools(env = process.env) {
  const folders = [];
  for (const tool of tools()) {
    const folder = join(cacheDir, `${tool.name}-${tool.version}`);
    if (!isExecutable(join(folder, "bin", tool.program))) await install(tool, folder);
    folders.push(join(folder, "bin"));
  }
  rmSync(join(cacheDir, "build"), { recursive: true, force: true });
  return { ...env, PATH: [...folders, env.PATH].join(delimiter) };
}

function tools() {
  return [
    { name: "wasm-pack", program: "wasm-pack", version: "0.15.1", locked: true },
    {
      name: "wasm-bindgen-cli",
      program: "wasm-bindgen-test-runner",
      version: wasmBindgenVersion(),
      // Its lock file names a crate version that was never published.
      locked: false,
    },
    { name: "cargo-deny", program: "cargo-deny", version: "0.20.2", locked: true },
  ];
}

/** The tool and the crate must be of one version: the crate's, as it is locked. */
function wasmBindgenVersion() {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const version = /^name = "wasm-bindgen"\nversion = "(.*)"$/m.exec(lock)?.[1];
  if (version === undefined) throw new Failure("Cargo.lock has no wasm-bindgen");
  return version;
}

async function install({ name, version, locked }, folder) {
  say(`cargo install ${name} ${version} (once, some minutes)`);
  const args = ["install", name, `--version=${version}`, `--root=${folder}`, "--quiet"];
  const env = {
    ...process.env,
    // One folder for the builds: the tools have many dependencies in common.
    CARGO_TARGET_DIR: join(cacheDir, "build"),
    // They run for seconds: compiling them fast matters more than their speed.
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
    CARGO_PROFILE_RELEASE_LTO: "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  };
  await run("cargo", locked ? [...args, "--locked"] : args, { env });
}
