// The Rust toolchain that can compile for wasm32-unknown-unknown.
//
// Usually that is rustup's, with its target added. Where rustup cannot download (only package
// registries are reached), Debian's `rustc-web` is used beside it: it brings the standard
// library's source, which is compiled once and put where that rustc looks for installed targets.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { aptInstall, privilege } from "./apt.mjs";
import { Failure, ask, isExecutable, run, say, targetDir, which } from "./run.mjs";

const TARGET = "wasm32-unknown-unknown";
const DEBIAN_BIN = "/usr/bin";
const DEBIAN_LIB = `/usr/lib/rustlib/${TARGET}/lib`;
const DEBIAN_PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/**
 * The environment in which `cargo`, `rustc` and `wasm-pack` compile for wasm; what is missing is
 * installed. WASM_TOOLCHAIN=debian passes rustup's over, to try what machines without it get.
 */
export async function wasmToolchain() {
  requireRust();
  if (process.env.WASM_TOOLCHAIN === "debian") {
    await installDebian();
    return debianEnvironment();
  }
  if (canCompile("rustc")) return environment();
  if (hasDebian() && canCompile(join(DEBIAN_BIN, "rustc"))) return debianEnvironment();

  if (which("rustup") !== null) {
    say(`rustup target add ${TARGET}`);
    const added = ask("rustup", ["target", "add", TARGET]);
    if (added.ok && canCompile("rustc")) return environment();
    say("rustup could not add the target; trying Debian's toolchain");
  }
  await installDebian();
  return debianEnvironment();
}

function requireRust() {
  if (which("cargo") === null || which("rustc") === null) {
    throw new Failure("Rust is missing: install it from https://rustup.rs, then run this again");
  }
}

/**
 * Whether a rustc has the target's standard library, and `test` with it, which wasm-pack's tests
 * need. Compiling is the only sure way to know: files left by another version are there too.
 */
function canCompile(rustc) {
  const args = ["--target", TARGET, "--crate-type=lib", "--emit=metadata", "-o", "-", "-"];
  const input = "#![feature(test)] extern crate test; pub fn f() -> Vec<u8> { Vec::new() }";
  return ask(rustc, args, { input, env: { ...process.env, RUSTC_BOOTSTRAP: "1" } }).ok;
}

function hasDebian() {
  return ["rustc", "cargo", "cargo-clippy"].every((name) => isExecutable(join(DEBIAN_BIN, name)));
}

async function installDebian() {
  await debianCompiler();
  if (!canCompile(join(DEBIAN_BIN, "rustc"))) await buildStd();
}

/** Debian's compiler, a linker for it and the standard library's source, which need not be built. */
export async function debianCompiler() {
  const sourceThere = foldersIn("/usr/lib/rustlib/src/rust/library").length > 0;
  if (!hasDebian() || !sourceThere) {
    await aptInstall(DEBIAN_PACKAGES, `The Rust target ${TARGET}`);
  }
  if (linker() === null) await aptInstall(["lld"], "A linker for wasm");
  return debianEnvironment();
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
  await run(
    join(DEBIAN_BIN, "cargo"),
    [
      "build",
      "--release",
      `--target=${TARGET}`,
      "-Zbuild-std=std,panic_abort,panic_unwind,test",
    ],
    {
      cwd: crate,
      env: { ...debianEnvironment(), CARGO_TARGET_DIR: built, RUSTC_BOOTSTRAP: "1" },
    },
  );

  const deps = join(built, TARGET, "release/deps");
  const rlibs = readdirSync(deps).filter((name) => name.endsWith(".rlib"));
  const libraries = rlibs.filter((name) => !name.startsWith("libstd_for_wasm"));
  const [command, ...prefix] = [...(privilege() ?? []), "sh"];
  // Only what was put there before goes: a std of another version beside this one is ambiguous.
  const script = 'set -e; mkdir -p "$0"; rm -f "$0"/*.rlib; for f; do cp "$f" "$0"/; done';
  const files = libraries.map((name) => join(deps, name));
  await run(command, [...prefix, "-c", script, DEBIAN_LIB, ...files]);
  rmSync(crate, { recursive: true, force: true });
  if (!canCompile(join(DEBIAN_BIN, "rustc"))) {
    throw new Failure(`the standard library was compiled, but ${DEBIAN_BIN}/rustc does not take it`);
  }
}

function environment() {
  // A folder of its own, so that builds for wasm and native builds do not wait for each other's
  // lock, nor undo each other's work where their compilers differ.
  return {
    ...process.env,
    CARGO_TARGET_DIR: join(targetDir, "for-wasm"),
    CARGO_ENCODED_RUSTFLAGS: rustflags().join("\x1f"),
  };
}

function rustflags() {
  // SHA-256 in a loop instead of unrolled: 9 kB less, for hashes of a few hundred bytes.
  const flags = ["--cfg", 'sha2_backend="soft"', "--cfg", 'sha2_backend_soft="compact"'];
  // The text of a panic names its source file: not by a path of the machine that compiled it.
  const registry = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry/src");
  for (const folder of foldersIn(registry)) {
    flags.push(`--remap-path-prefix=${join(registry, folder)}/=`);
  }
  return flags;
}

function foldersIn(path) {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

function debianEnvironment() {
  const env = { ...environment(), PATH: `${DEBIAN_BIN}${delimiter}${process.env.PATH}` };
  for (const name of ["RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"]) delete env[name];
  const link = linker();
  if (link !== null) env.CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER = link;
  return env;
}

/** Debian's rustc has no linker of its own: rustup's does, or LLVM's from Debian. */
function linker() {
  const rustup = ask("rustup", ["which", "rustc"]).stdout.trim();
  if (rustup !== "") {
    const host = /^host: (.*)$/m.exec(ask(rustup, ["-vV"]).stdout)?.[1];
    const file = join(rustup, "../../lib/rustlib", host ?? "", "bin/rust-lld");
    if (isExecutable(file)) return file;
  }
  return which("wasm-ld");
}
