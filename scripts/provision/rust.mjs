// Rust, its target for wasm, and the standard library's source.
//
// Where rustup cannot add them, Debian's packages bring a compiler beside it and the source. That
// compiler's standard library for wasm is compiled once, and put where it looks for installed targets.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, privilege } from "./apt.mjs";
import {
  DEBIAN_BIN,
  TARGET,
  canCompile,
  debianEnvironment,
  findSource,
  findWasm,
  hasSource,
  linker,
} from "../lib/rust.mjs";
import { Failure, ask, installedToolchain, run, say, targetDir, which } from "../lib/run.mjs";

const DEBIAN_LIB = `/usr/lib/rustlib/${TARGET}/lib`;
const DEBIAN_PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

export const rust = {
  what: "Rust's stable toolchain, by rustup",
  isThere: () => {
    if (which("cargo") === null || which("rustc") === null) {
      throw new Failure("Rust is missing: install it from https://rustup.rs, then run this again");
    }
    return which("rustup") === null || process.env.RUSTUP_TOOLCHAIN !== undefined;
  },
  async install() {
    const components = ["--component=clippy", "--component=rustfmt"];
    await run("rustup", ["toolchain", "install", "stable", "--profile=minimal", ...components]);
    process.env.RUSTUP_TOOLCHAIN = installedToolchain();
  },
};

export const wasmTarget = {
  what: `Rust's target ${TARGET}, by rustup; where it cannot, by Debian's ${DEBIAN_PACKAGES.join(", ")}`,
  isThere: () => findWasm() !== null,
  async install() {
    if (rustup("target", "add", TARGET) && findWasm() !== null) return;
    await installDebian(`The Rust target ${TARGET}`);
    if (!canCompile(debianEnvironment())) await buildStd();
  },
};

export const stdSource = {
  what: "the standard library's source, by rustup; where it cannot, by the same packages of Debian's",
  isThere: () => findSource() !== null,
  // Not to be had, it makes the module larger: the build says so and goes on.
  async install() {
    if (rustup("component", "add", "rust-src") && findSource() !== null) return;
    await installDebian("The standard library's source").catch((error) => {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
    });
  },
};

/** Whether rustup is there, is wanted and did it. */
function rustup(...args) {
  if (which("rustup") === null || process.env.WASM_TOOLCHAIN === "debian") return false;
  say(`rustup ${args.join(" ")}`);
  const { ok } = ask("rustup", args);
  if (!ok) say("rustup could not; trying Debian's packages");
  return ok;
}

/** Debian's compiler, a linker for it and the standard library's source, which need not be built. */
async function installDebian(what) {
  if (linker() === null) await aptInstall(["lld"], "A linker for wasm");
  const env = debianEnvironment();
  if (env !== null && hasSource(env)) return;
  await aptInstall(DEBIAN_PACKAGES, what);
}

async function buildStd() {
  say(`compiling the standard library for ${TARGET} (once, about two minutes)`);
  const crate = join(targetDir, "std-for-wasm");
  rmSync(crate, { recursive: true, force: true });
  mkdirSync(join(crate, "src"), { recursive: true });
  // Its own workspace: it lies below this project's Cargo.toml and must not be taken for a member.
  const manifest = '[package]\nname = "std-for-wasm"\nedition = "2024"\n[workspace]\n';
  writeFileSync(join(crate, "Cargo.toml"), manifest);
  writeFileSync(join(crate, "src/lib.rs"), "#![no_std]\n");
  const built = join(crate, "target");
  const flags = ["--release", `--target=${TARGET}`, "-Zbuild-std=std,panic_abort,panic_unwind,test"];
  await run("cargo", ["build", ...flags], {
    cwd: crate,
    env: { ...debianEnvironment(), CARGO_TARGET_DIR: built, RUSTC_BOOTSTRAP: "1" },
  });

  const deps = join(built, TARGET, "release/deps");
  const rlibs = readdirSync(deps).filter((name) => name.endsWith(".rlib"));
  const libraries = rlibs.filter((name) => !name.startsWith("libstd_for_wasm"));
  const [command, ...prefix] = [...(privilege() ?? []), "sh"];
  // Only what was put there before goes: a std of another version beside this one is ambiguous.
  const script = 'set -e; mkdir -p "$0"; rm -f "$0"/*.rlib; for f; do cp "$f" "$0"/; done';
  const files = libraries.map((name) => join(deps, name));
  await run(command, [...prefix, "-c", script, DEBIAN_LIB, ...files]);
  rmSync(crate, { recursive: true, force: true });
  if (!canCompile(debianEnvironment())) {
    throw new Failure(`the standard library was compiled, but ${DEBIAN_BIN}/rustc does not take it`);
  }
}
