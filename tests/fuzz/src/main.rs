//! Coverage-guided fuzzing of all that reads what somebody else wrote. `npm run fuzz` builds and runs it;
//! `FUZZ_TARGET` says which target.
#![no_main]

mod flow;
mod ground;
mod pool;
mod values;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

type Target = fn(&[u8]);

/// Every target: its name, as that of the folder with its corpus.
const TARGETS: &[(&str, Target)] = &[
    ("values", values::values),
    ("challenge", values::challenge),
    ("flow", flow::flow),
    ("operation", pool::operation),
    ("filter", pool::filter),
    ("template", pool::template),
    ("policy", pool::policy),
    ("account", pool::account),
    ("proof", pool::proof),
    ("passkey", pool::passkey),
    ("oauth", pool::oauth),
];

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    found
        .unwrap_or_else(|| panic!("FUZZ_TARGET is no target: {wanted:?}"))
        .1
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
