//! Holds what a flow does against the table that it publishes.

use cognito_flow::{EventType, StepName, transitions};
use serde_json::Value;

pub(crate) fn step(snapshot: &Value) -> StepName {
    let name = snapshot["step"].as_str().unwrap();
    StepName::ALL
        .into_iter()
        .find(|step| step.as_str() == name)
        .unwrap()
}

/// An event that was accepted, until it has settled.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    pub(crate) from: StepName,
    pub(crate) event: EventType,
    pub(crate) was_busy: bool,
}

impl Started {
    /// Fails unless the table has the row, or the event was refused and the step stays.
    pub(crate) fn check(self, settled: &Value) {
        let to = step(settled);
        let refused = !settled["error"].is_null() && to == self.from;
        // Whatever is under way can be left; then the step is left, if there is one to leave.
        let left = self.was_busy && self.event == EventType::Cancel && to == StepName::SignedOut;
        let known = transitions()
            .any(|row| row.from == self.from && row.event == self.event && row.to.contains(&to));
        assert!(
            known || refused || left,
            "the table lacks {:?} --{:?}--> {to:?}",
            self.from,
            self.event
        );
    }
}
