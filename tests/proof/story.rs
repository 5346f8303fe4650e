//! What happened, in words.

use serde_json::Value;

use crate::{
    moves::{Came, Move},
    support::World,
};

/// One move, in the world that it is about to happen in; `heard` says whether the pool did it.
pub(crate) fn of(did: &Move, before: &World, heard: bool) -> String {
    match did {
        Move::Event(event) => {
            let members = event.as_object().unwrap().iter();
            let said: Vec<_> = members
                .filter(|(name, _)| !["type", "attributes"].contains(&name.as_str()))
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            format!(
                "the person: {} {}",
                event["type"].as_str().unwrap(),
                said.join(", ")
            )
        }
        Move::Call(name, arguments) => format!("the page calls {name} {arguments}"),
        Move::Reply(at, came) => {
            let request = &before.network.under_way[*at];
            let name = request.operation;
            let kind = ["AuthFlow", "ChallengeName"].map(|member| request.body[member].as_str());
            let kind = kind.into_iter().flatten().next().unwrap_or_default();
            let came = match came {
                Came::Answer(answer) if heard => format!(
                    "is answered {} {}",
                    answer.status,
                    answer.error_type.as_deref().unwrap_or_default()
                ),
                Came::Answer(answer) => format!(
                    "does not reach the pool: answered {} {}",
                    answer.status,
                    answer
                        .error_type
                        .as_deref()
                        .unwrap_or("by no words of Cognito's")
                ),
                Came::NotSent => "is never sent".into(),
                Came::Lost if heard => "is done, and its answer is lost".into(),
                Came::Lost => "is lost on its way".into(),
            };
            format!("{name} {kind} {came}")
        }
        Move::Wait => {
            let deadline = before.flow.deadline().unwrap();
            format!(
                "nothing, for {:.0} s",
                (deadline - before.clock.steady) / 1000.0
            )
        }
        Move::Reload => "the page is loaded anew".into(),
    }
}

/// What is then seen.
pub(crate) fn seen(world: &World) -> String {
    let snapshot = world.snapshot();
    let word = |name: &str| snapshot[name].as_str().map(str::to_owned);
    let mut said = word("step").unwrap();
    if let Some(busy) = word("busy") {
        said += &format!(", busy with {busy}");
    }
    if let Value::String(code) = &snapshot["error"]["code"] {
        said += &format!(", error {code}");
    }
    said
}
