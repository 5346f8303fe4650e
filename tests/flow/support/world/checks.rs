//! What is held against a flow after each input.

use cognito_flow::{EventType, FlowError};
use serde_json::Value;

use super::{World, shown};

impl World {
    pub(super) fn check_snapshot(&mut self) {
        let snapshot = shown(&self.flow);
        let revision = self.flow.revision();
        assert_eq!(
            revision != self.last.0,
            snapshot != self.last.1,
            "the revision changes when the snapshot does"
        );
        if revision != self.last.0 {
            self.seen.push(snapshot.clone());
        }
        strings(&snapshot, &mut |text| {
            self.secrets.check_absent("a snapshot", text)
        });
        self.secrets
            .check_absent("the debug output of the flow", &format!("{:?}", self.flow));
        if snapshot["busy"].is_null() {
            if let Some(started) = self.started.take() {
                started.check(&snapshot);
            }
            let accepted = EventType::ALL
                .into_iter()
                .any(|event| self.flow.accepts(event));
            assert!(accepted, "a dead end: {snapshot}");
        } else {
            let awaited = !self.network.under_way.is_empty() || !self.wanted_locks.is_empty();
            assert!(
                awaited || self.flow.deadline().is_some(),
                "stuck: {snapshot}"
            );
        }
        self.last = (revision, snapshot);
    }

    pub(super) fn check_error(&self, error: &FlowError) {
        let shown = serde_json::to_value(error).unwrap();
        strings(&shown, &mut |text| {
            self.secrets.check_absent("an error", text)
        });
        self.secrets
            .check_absent("an error's text", &format!("{error} {error:?}"));
    }
}

/// Every string in a value, names and numbers left out.
fn strings(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, look)),
        Value::Object(members) => members.values().for_each(|member| strings(member, look)),
        _ => {}
    }
}
