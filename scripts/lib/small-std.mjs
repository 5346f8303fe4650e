// How the published module is compiled: together with a standard library that is built for size.
//
// The one that comes with Rust is built for speed, formats the text of every panic, and is optimised
// apart from the client. Compiled from its source in the client's own build, with panics that are
// one trapping instruction and no texts for debugging, it takes a sixth off what is downloaded: 35.6
// instead of 42.4 kB (brotli -11). The flags are unstable ones, which RUSTC_BOOTSTRAP lets a stable
// compiler take: so it is asked whether it knows them, and tests, clippy and the pool do not depend
// on them.
import { join } from "node:path";
import { findSource } from "./rust.mjs";
import { ask, say, targetDir } from "./run.mjs";

const RUSTFLAGS = [
  "-Zunstable-options",
  "-Cpanic=immediate-abort",
  "-Zlocation-detail=none",
  "-Zfmt-debug=none",
  // 0.1 kB less.
  "-Cllvm-args=-inline-threshold=10",
];
const CARGO_FLAGS = [
  "-Zbuild-std=std,panic_abort",
  "-Zbuild-std-features=optimize_for_size",
  // Without the rlib, which the native tests use: beside it cargo leaves out the LTO, silently.
  "--crate-type=cdylib",
];

/**
 * The environment and the flags of cargo and rustc that build for size, given the environment that
 * builds for wasm. Where that cannot be had they are the ordinary ones, and `missing` says why.
 */
export function smallStd(env) {
  const compiler = findSource();
  if (compiler === null) return ordinary(env, "the standard library's source is not to be had");
  const small = { ...compiler, RUSTC_BOOTSTRAP: "1" };
  if (!ask("rustc", ["--print=cfg", ...RUSTFLAGS], { env: small }).ok) {
    return ordinary(env, `this rustc does not know ${RUSTFLAGS.join(" ")}`);
  }
  // A folder of its own: the other builds of the same crates neither wait for this one nor undo it.
  small.CARGO_TARGET_DIR = join(targetDir, "for-size");
  return { env: small, flags: CARGO_FLAGS, rustflags: RUSTFLAGS, missing: null };
}

function ordinary(env, missing) {
  say(`the client is built with the ordinary standard library, and larger: ${missing}`);
  return { env, flags: [], rustflags: [], missing };
}
