//! Counts how many bytes of a module's code come from each source file.
//!
//! `lines <module.wasm> <prefix>` reads the module's line tables (DWARF) and prints `bytes file` for each
//! file. What is inlined counts for the innermost caller whose file begins with the prefix, so that the
//! standard library's share is its callers'; where there is none, for the file that it was written in.
//! The tables say nothing of the locals' declarations and the sizes before each function, some bytes each.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, env, error::Error, fs};

use addr2line::{
    Context, LookupResult,
    gimli::{Dwarf, EndianSlice, Error as DwarfError, LittleEndian, SectionId},
};
use wasmparser::{Parser, Payload};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [module, prefix] = args.as_slice() else {
        return Err("usage: lines <module.wasm> <prefix>".into());
    };
    for (file, bytes) in count(&fs::read(module)?, prefix)? {
        println!("{bytes} {file}");
    }
    Ok(())
}

fn count(module: &[u8], prefix: &str) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let mut sections = BTreeMap::new();
    let mut code = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CustomSection(section) => {
                let _ = sections.insert(section.name(), section.data());
            }
            Payload::CodeSectionStart { range, .. } => code = range.len() as u64,
            _ => {}
        }
    }
    let section = |id: SectionId| {
        let bytes = sections.get(id.name()).copied().unwrap_or_default();
        Ok::<_, DwarfError>(EndianSlice::new(bytes, LittleEndian))
    };
    let context = Context::from_dwarf(Dwarf::load(section)?)?;
    let mut counted = BTreeMap::new();
    // The linker points what it left out of the module to 0, or to where there is no code.
    for (address, bytes, location) in context.find_location_range(1, code)? {
        let mut frames = match context.find_frames(address) {
            LookupResult::Output(frames) => frames?,
            LookupResult::Load { .. } => return Err("the tables are not all in the module".into()),
        };
        let mut file = None;
        while let Some(frame) = frames.next()? {
            file = frame.location.and_then(|location| location.file);
            if file.is_some_and(|file| file.starts_with(prefix)) {
                break;
            }
        }
        let own = file.filter(|file| file.starts_with(prefix));
        let file = own.or(location.file).unwrap_or("?");
        *counted.entry(file.to_owned()).or_default() += bytes;
    }
    Ok(counted)
}
