//! Runs wasm-bindgen on a built module, at the version that the workspace pins.
#![forbid(unsafe_code)]

fn main() {}
