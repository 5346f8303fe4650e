//! Runs wasm-bindgen on a built module, at the version that the workspace pins.
//!
//! `bindgen <module.wasm> <output folder> [--no-default-path] [--keep-names]` writes the glue for the
//! web and the module beside it. With `--no-default-path` the glue is not told where its module lies:
//! for a loader that brings the bytes itself. With `--keep-names` functions keep their names.
#![forbid(unsafe_code)]

use std::{env, error::Error};

use wasm_bindgen_cli_support::Bindgen;

const NO_DEFAULT_PATH: &str = "--no-default-path";
const KEEP_NAMES: &str = "--keep-names";
const USAGE: &str =
    "usage: bindgen <module.wasm> <output folder> [--no-default-path] [--keep-names]";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [input, output, flags @ ..] = args.as_slice() else {
        return Err(USAGE.into());
    };
    if flags
        .iter()
        .any(|flag| ![NO_DEFAULT_PATH, KEEP_NAMES].contains(&flag.as_str()))
    {
        return Err(USAGE.into());
    }
    let has = |name| flags.iter().any(|flag| flag == name);
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .omit_default_module_path(has(NO_DEFAULT_PATH))
        .typescript(false)
        .remove_name_section(!has(KEEP_NAMES))
        .remove_producers_section(true)
        .generate(output)?;
    Ok(())
}
