//! README's table of operations is that of the dispatcher: `UPDATE_DOCS=1` writes it anew.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cognito_pool::{api_operations, built_operations};

const BEGIN: &str =
    "<!-- the table that dispatches: UPDATE_DOCS=1 cargo test -p cognito-pool --test readme -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn the_readme_has_the_table_that_dispatches() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the mark of the table");
    let (written, after) = rest.split_once(END).expect("the mark of its end");
    let table = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, [before, BEGIN, &table, END, after].concat()).unwrap();
        return;
    }
    assert_eq!(written, table, "run it with UPDATE_DOCS=1");
}

/// A row for each verb that several operations begin with, and one for all others.
fn table() -> String {
    let built: BTreeSet<&str> = built_operations().collect();
    let all: Vec<&str> = api_operations().collect();
    let mut rows = BTreeMap::<&str, Vec<&str>>::new();
    for name in &all {
        rows.entry(verb(name)).or_default().push(name);
    }
    let few: Vec<&str> = rows
        .keys()
        .copied()
        .filter(|verb| rows[verb].len() < 4)
        .collect();
    let others: Vec<&str> = few
        .iter()
        .flat_map(|verb| rows.remove(verb).unwrap())
        .collect();
    let mut out = format!(
        "Of the {} operations of the API {} are built:\n\n| | built | not built |\n|---|---|---|\n",
        all.len(),
        built.len()
    );
    let named = rows
        .iter()
        .map(|(verb, names)| (format!("`{verb}…`"), names));
    for (title, names) in named.chain([("others".to_owned(), &others)]) {
        let cell = |wanted: bool| {
            let names = names.iter().filter(|name| built.contains(*name) == wanted);
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        out.push_str(&format!("| {title} | {} | {} |\n", cell(true), cell(false)));
    }
    out
}

/// `Admin` of `AdminGetUser`.
fn verb(name: &str) -> &str {
    let end = name
        .char_indices()
        .skip(1)
        .find(|(_, letter)| letter.is_uppercase());
    end.map_or(name, |(end, _)| &name[..end])
}
