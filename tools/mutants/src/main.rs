//! Puts every change that cargo-mutants lists into the source at once, each behind a switch, so that one
//! build holds all of them and each costs no more than the tests that reach it.
//!
//! ```text
//! cognito-flow-mutants FOLDER < changes.json > places.json
//! ```
//!
//! The changes are those of `cargo mutants --list --json`, each with a number of its own as `id`. The files
//! in `FOLDER` are written anew. The answer says, for each change, where in its file it now stands, in
//! bytes; or that it has no place there: then it is one to be tried by itself, or breaks the file.

mod places;
mod render;

use std::{collections::BTreeMap, error::Error, fs, io, path::Path};

use serde::{Deserialize, Serialize};

/// One change, as cargo-mutants lists it.
#[derive(Deserialize)]
struct Change {
    id: u32,
    file: String,
    genre: Genre,
    span: Span,
    replacement: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Span {
    start: Position,
    end: Position,
}

/// Both count from one; the column counts characters.
#[derive(Deserialize)]
struct Position {
    line: usize,
    column: usize,
}

/// Where a change stands in the file that was written, in bytes.
#[derive(Serialize)]
struct Place {
    id: u32,
    file: String,
    start: usize,
    end: usize,
}

#[derive(Default, Serialize)]
struct Answer {
    placed: Vec<Place>,
    alone: Vec<u32>,
    broken: Vec<u32>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let changes: Vec<Change> = serde_json::from_reader(io::stdin())?;
    let mut files: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        files.entry(change.file.clone()).or_default().push(change);
    }
    let mut answer = Answer::default();
    for (file, changes) in files {
        let path = Path::new(&folder).join(&file);
        let source = fs::read_to_string(&path)?;
        let places = places::Places::of(&source)?;
        let mut edits = Vec::new();
        for change in &changes {
            match places.edit(change) {
                Some(edit) => edits.push(edit),
                None if places.forbid(change) => answer.broken.push(change.id),
                None => answer.alone.push(change.id),
            }
        }
        let (written, spans) = render::render(&source, edits);
        fs::write(&path, written)?;
        answer
            .placed
            .extend(spans.into_iter().map(|(id, span)| Place {
                id,
                file: file.clone(),
                start: span.start,
                end: span.end,
            }));
    }
    serde_json::to_writer(io::stdout(), &answer)?;
    Ok(())
}
