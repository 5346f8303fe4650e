//! What a search met. `PROOF_RESULTS` is the folder where it is kept: a run that was interrupted goes on
//! with the settings that it has not finished.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::PathBuf,
};

use serde_json::{Value, json};

use crate::search::Bounds;

#[derive(Default)]
pub(crate) struct Found {
    pub(crate) transitions: usize,
    pub(crate) steps: BTreeMap<String, usize>,
    pub(crate) errors: BTreeSet<String>,
}

pub(crate) struct Report {
    pub(crate) name: &'static str,
    pub(crate) bounds: Bounds,
    pub(crate) tried: usize,
    pub(crate) depth: usize,
    pub(crate) met: usize,
    /// Whether no state is left untried.
    pub(crate) all: bool,
    pub(crate) seconds: f64,
    pub(crate) found: Found,
}

impl Report {
    /// What an earlier run of the same bounds has kept.
    pub(crate) fn of_earlier_run(name: &str, bounds: Bounds) -> Option<String> {
        let text = fs::read_to_string(file(name)?).ok()?;
        let kept: Value = serde_json::from_str(&text).ok()?;
        let same = kept["states"] == json!(bounds.states) && kept["faults"] == json!(bounds.faults);
        same.then(|| format!("{name}: done by an earlier run"))
    }

    pub(crate) fn keep(&self) {
        let Some(file) = file(self.name) else { return };
        let report = json!({
            "name": self.name,
            "states": self.bounds.states,
            "faults": self.bounds.faults,
            "met": self.met,
            "tried": self.tried,
            "all": self.all,
            "transitions": self.found.transitions,
            "depth": self.depth,
            "seconds": self.seconds,
            "steps": self.found.steps,
            "errors": self.found.errors,
        });
        fs::write(file, report.to_string()).unwrap();
    }
}

fn file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PROOF_RESULTS")?;
    Some(PathBuf::from(folder).join(format!("{}.json", name.replace(' ', "-"))))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match self.all {
            true => "all there are",
            false => "bounded",
        };
        write!(
            f,
            "{}: {} states met, {} of them tried ({whole}), {} transitions, depth {}, {:.1} s\n  \
             steps: {:?}\n  errors: {:?}",
            self.name,
            self.met,
            self.tried,
            self.found.transitions,
            self.depth,
            self.seconds,
            self.found.steps,
            self.found.errors,
        )
    }
}
