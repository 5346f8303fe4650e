//! The documents' diagram of the states, made from the table of transitions.

use std::{collections::BTreeSet, fs, path::PathBuf};

use cognito_flow::{StepName, transitions};
use serde_json::{Value, json};

/// Set this to write the documents anew.
const UPDATE: &str = "UPDATE_DOCS";

#[test]
fn the_documents_show_the_table_as_it_is() {
    let mut json = serde_json::to_string_pretty(&states()).unwrap();
    json.push('\n');
    check("states.json", &json);
    check("states.md", &diagram());
}

#[test]
fn every_step_can_be_reached_and_left() {
    for step in StepName::ALL {
        let reached = step == StepName::SignedOut || edges().any(|(_, _, to)| to == step);
        let left = edges().any(|(from, _, to)| from == step && to != step);
        assert!(reached && left, "{step:?}");
    }
}

#[test]
fn no_row_stands_in_the_table_twice() {
    let rows: BTreeSet<_> = transitions()
        .map(|row| (row.from.as_str(), row.event.as_str()))
        .collect();
    assert_eq!(rows.len(), transitions().count());
}

/// Fails when the document differs, or writes it.
pub(crate) fn check(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    if std::env::var_os(UPDATE).is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/{name} is out of date: {UPDATE}=1 cargo test --test flow writes it anew"
    );
}

fn edges() -> impl Iterator<Item = (StepName, &'static str, StepName)> {
    transitions().flat_map(|row| {
        let to = StepName::ALL.into_iter();
        to.filter(move |to| row.to.contains(to))
            .map(move |to| (row.from, row.event.as_str(), to))
    })
}

fn states() -> Value {
    let steps: Vec<Value> = StepName::ALL
        .into_iter()
        .map(|step| json!({ "name": step.as_str(), "doc": doc(step) }))
        .collect();
    let transitions: Vec<Value> = edges()
        .map(
            |(from, event, to)| json!({ "from": from.as_str(), "event": event, "to": to.as_str() }),
        )
        .collect();
    json!({ "steps": steps, "transitions": transitions })
}

fn doc(step: StepName) -> &'static str {
    match step {
        StepName::SignedOut => "Sign in or sign up.",
        StepName::ConfirmSignUp => "Give the code that confirms the sign-up.",
        StepName::MfaCode => "Give the code of the second factor.",
        StepName::CustomChallenge => "Answer what the pool's own functions ask.",
        StepName::SetUpTotp => "Put the secret into an authenticator app, and give its code.",
        StepName::SetUpEmail => "Give the address that codes are to be sent to.",
        StepName::NewPassword => "Choose a first password.",
        StepName::VerifyAttribute => "Give the code that verifies an attribute.",
        StepName::ResetPassword => "Give the code and a new password.",
        StepName::Passkey => "Give a passkey: the browser asks for it.",
        StepName::SignedIn => "Nothing: the person is signed in.",
        StepName::SelectFactor => "Choose how to go on.",
        StepName::Password => "Give the password.",
        StepName::SignInCode => "Give the code that signs in.",
    }
}

fn diagram() -> String {
    let mut text = String::from(
        "# The states\n\n\
         You want to know which forms there are to draw, and what can follow each.\n\n\
         Each step of a snapshot, and where each event can lead from it. An event that the pool \
         refuses stays in\nits step, with an error in the snapshot. Time and other tabs move a \
         flow too: a challenge of the\npool's whose time is over (`expiresAt`) goes back to \
         `signedOut`, and so does every tab when one of them signs out.\n\n\
         Made from the rows beside each step, joined in `src/flow/table.rs`; the tests hold every move they see against \
         it.\n\n```mermaid\nstateDiagram-v2\n    [*] --> signedOut\n",
    );
    for from in StepName::ALL {
        for to in StepName::ALL {
            let events: Vec<_> = edges()
                .filter(|edge| (edge.0, edge.2) == (from, to))
                .map(|edge| edge.1)
                .collect();
            if !events.is_empty() {
                let line = format!(
                    "    {} --> {}: {}\n",
                    from.as_str(),
                    to.as_str(),
                    events.join(", ")
                );
                text.push_str(&line);
            }
        }
    }
    text.push_str("```\n");
    for step in StepName::ALL {
        let events: Vec<_> = transitions()
            .filter(|row| row.from == step)
            .map(|row| format!("`{}`", row.event.as_str()))
            .collect();
        text.push_str(&format!(
            "\n## {}\n\n{} It accepts {}.\n",
            step.as_str(),
            doc(step),
            events.join(", ")
        ));
    }
    text
}
