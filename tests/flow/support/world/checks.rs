//! What is held against a flow after each input.

use cognito_flow::{EventType, FlowError};
use serde_json::Value;

use super::{World, shown};

impl World {
    /// Takes the snapshot as it is.
    pub(super) fn look(&mut self) {
        self.last = (self.flow.revision(), shown(&self.flow));
        if self.last.1["busy"].is_null() {
            self.started = None;
        }
    }

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
        let mut unexpected = snapshot.clone();
        if snapshot["step"] == "setUpTotp" {
            // The one secret that a person must see.
            let members = unexpected.as_object_mut().unwrap();
            members.retain(|name, _| name != "secret" && name != "uri");
        }
        strings(&unexpected, &mut |text| {
            self.secrets.check_absent("a snapshot", text)
        });
        check_members(&snapshot);
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
        }
        // Whatever the network or another tab does not do: time alone ends the waiting.
        if !snapshot["busy"].is_null() || !self.unanswered.is_empty() {
            let waits = "whoever waits waits until a time";
            assert!(self.flow.deadline().is_some(), "{waits}: {snapshot}");
        }
        self.last = (revision, snapshot);
    }

    pub(super) fn check_error(&self, error: &FlowError) {
        let shown = serde_json::from_str(&error.json()).unwrap();
        strings(&shown, &mut |text| {
            self.secrets.check_absent("an error", text)
        });
        self.secrets
            .check_absent("an error's text", &format!("{error} {error:?}"));
    }
}

/// Each step has the members that the declarations promise, of the types that they have there,
/// and no others: `null` is a value, and a missing member is none. (`?` may be `null`.)
fn check_members(snapshot: &Value) {
    let promised = match snapshot["step"].as_str().unwrap() {
        "signedOut" => "username:string?",
        "confirmSignUp" | "resetPassword" => {
            "username:string delivery:object? codeExpiresAt:number? resendAt:number?"
        }
        "mfaCode" => {
            "username:string medium:string delivery:object? expiresAt:number? canResend:boolean \
             resendAt:number?"
        }
        "customChallenge" => "username:string parameters:object expiresAt:number?",
        "setUpTotp" => "username:string secret:string uri:string expiresAt:number?",
        "setUpEmail" => "username:string expiresAt:number?",
        "newPassword" => "username:string missingAttributes:array expiresAt:number?",
        "verifyAttribute" => {
            "attribute:string remaining:array delivery:object? codeExpiresAt:number? \
             resendAt:number? skippable:boolean"
        }
        "signedIn" => {
            "username:string attributes:object unverified:array tokensExpireAt:number \
             device:string?"
        }
        "selectFactor" => "username:string of:string choices:array expiresAt:number?",
        "password" | "passkey" => "username:string alternatives:array expiresAt:number?",
        "signInCode" => {
            "username:string medium:string delivery:object? alternatives:array expiresAt:number? \
             canResend:boolean resendAt:number?"
        }
        step => panic!("a step that is not declared: {step}"),
    };
    let every = "step:string busy:string? error:object? round:number";
    hold_members(snapshot, &format!("{every} {promised}"));
    if snapshot["delivery"].is_object() {
        let promised = "medium:string destination:string attribute:string?";
        hold_members(&snapshot["delivery"], promised);
    }
}

fn hold_members(object: &Value, promised: &str) {
    let members = object.as_object().unwrap();
    let promised: Vec<_> = promised.split_whitespace().collect();
    assert_eq!(members.len(), promised.len(), "{object}");
    for member in promised {
        let (name, kind) = member.split_once(':').unwrap();
        let is = match &members[name] {
            Value::Null => kind.ends_with('?'),
            Value::Bool(_) => kind == "boolean",
            Value::Number(_) => kind.starts_with("number"),
            Value::String(_) => kind.starts_with("string"),
            Value::Array(items) => kind == "array" && items.iter().all(Value::is_string),
            Value::Object(_) => kind.starts_with("object"),
        };
        assert!(is, "{name} is to be a {kind}: {object}");
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
