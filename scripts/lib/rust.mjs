// Which Rust compiles for wasm32-unknown-unknown: looked for here, installed by provision/rust.mjs.
//
// Usually that is rustup's, with its target added. Where rustup cannot download (only package
// registries are reached), it is Debian's `rustc-web` beside it.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure, ask, isExecutable, targetDir, which } from "./run.mjs";

export const TARGET = "wasm32-unknown-unknown";
export const DEBIAN_BIN = "/usr/bin";

/**
 * The environment in which `cargo`, `rustc` and `wasm-pack` compile for wasm.
 * WASM_TOOLCHAIN=debian passes rustup's over, to try what machines without it get.
 */
export function wasmEnvironment() {
  const env = findWasm();
  if (env === null) throw new Failure(`no Rust here compiles for ${TARGET}: npm run setup`);
  return env;
}

/** The same, or null. */
export function findWasm() {
  const found = [rustupEnvironment(), debianEnvironment()].filter((env) => env !== null);
  return found.find(canCompile) ?? null;
}

/** The environment of a compiler for wasm that has the standard library's source, or null. */
export function findSource() {
  const wasm = findWasm();
  const found = [wasm, debianEnvironment()].filter((env) => env !== null);
  return found.find(hasSource) ?? null;
}

/**
 * Whether there is the target's standard library, and `test` with it, which wasm-pack's tests need.
 * Compiling is the only sure way to know: files left by another version are there too.
 */
export function canCompile(env) {
  const args = ["--target", TARGET, "--crate-type=lib", "--emit=metadata", "-o", "-", "-"];
  const input = "#![feature(test)] extern crate test; pub fn f() -> Vec<u8> { Vec::new() }";
  return ask("rustc", args, { input, env: { ...env, RUSTC_BOOTSTRAP: "1" } }).ok;
}

export function hasSource(env) {
  const sysroot = ask("rustc", ["--print=sysroot"], { env }).stdout.trim();
  return existsSync(join(sysroot, "lib/rustlib/src/rust/library/Cargo.lock"));
}

function rustupEnvironment() {
  if (process.env.WASM_TOOLCHAIN === "debian") return null;
  return environment();
}

function environment() {
  const env = {
    ...process.env,
    // A folder of its own, so that builds for wasm and native builds do not wait for each other's
    // lock, nor undo each other's work where their compilers differ.
    CARGO_TARGET_DIR: join(targetDir, "for-wasm"),
  };
  // They would take the place of those in .cargo/config.toml.
  for (const name of ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]) delete env[name];
  return env;
}

/** Null where one of Debian's packages is missing. */
export function debianEnvironment() {
  const programs = ["rustc", "cargo", "cargo-clippy"].map((name) => join(DEBIAN_BIN, name));
  const link = linker();
  if (!programs.every(isExecutable) || link === null) return null;
  const env = {
    ...environment(),
    PATH: `${DEBIAN_BIN}${delimiter}${process.env.PATH}`,
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: link,
  };
  for (const name of ["RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"]) delete env[name];
  return env;
}

/** Debian's rustc has no linker of its own: rustup's does, or LLVM's from Debian. */
export function linker() {
  const rustup = ask("rustup", ["which", "rustc"]).stdout.trim();
  if (rustup !== "") {
    const host = /^host: (.*)$/m.exec(ask(rustup, ["-vV"]).stdout)?.[1];
    const file = join(rustup, "../../lib/rustlib", host ?? "", "bin/rust-lld");
    if (isExecutable(file)) return file;
  }
  return which("wasm-ld");
}
