//! Runs wasm-bindgen on a built module, at the version that the workspace pins.
//!
//! `bindgen <module.wasm> <output folder> [--no-default-path]` writes the glue for the web and the
//! module beside it. With `--no-default-path` the glue is not told where its module lies: for a
//! loader that brings the bytes itself.
#![forbid(unsafe_code)]

use std::{env, error::Error};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let (input, output, no_default_path) = match args.as_slice() {
        [input, output] => (input, output, false),
        [input, output, flag] if flag == "--no-default-path" => (input, output, true),
        _ => return Err("usage: bindgen <module.wasm> <output folder> [--no-default-path]".into()),
    };
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .omit_default_module_path(no_default_path)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(output)?;
    Ok(())
}
