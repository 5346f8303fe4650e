//! What happened, in words.

use serde_json::Value;

use crate::{
    browser::Browser,
    moves::{Act, Came, Move},
    script::waits,
    support::World,
};

/// One move, in the browser that it is about to happen in; `heard` says whether the pool did it.
pub(crate) fn of(did: &Move, before: &Browser, heard: bool) -> String {
    let told = told(did, before, heard);
    match before.tabs.len() {
        1 => told,
        _ => format!("tab {}: {told}", did.tab + 1),
    }
}

fn told(did: &Move, before: &Browser, heard: bool) -> String {
    let world = &before.tabs[did.tab];
    match &did.act {
        Act::Event(event) => {
            let members = event.as_object().unwrap().iter();
            let said: Vec<_> = members
                .filter(|(name, _)| !["type", "attributes"].contains(&name.as_str()))
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            let kind = event["type"].as_str().unwrap();
            format!("the person: {kind} {}", said.join(", "))
        }
        Act::Call(name, arguments) => format!("the page calls {name} {arguments}"),
        Act::Reply(at, came) => {
            let request = &world.network.under_way[*at];
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
        Act::Passkey(Ok(_)) => "the person gives a passkey".into(),
        Act::Passkey(Err(name)) => format!("the prompt for a passkey ends with {name}"),
        Act::Wait => format!("nothing, for {:.1} s", waits(before) / 1000.0),
        Act::Oversleep(ms) => {
            let seconds = (waits(before) + ms) / 1000.0;
            format!("nothing, for {seconds:.1} s, and nobody is woken")
        }
        Act::Reload => "the page is loaded anew".into(),
        Act::Return(Ok(_)) => "the person has signed in on the other page, and is back".into(),
        Act::Return(Err(name)) => format!("the person is back from the other page with {name}"),
        Act::Notice => "the tab hears of the storage".into(),
        Act::Administrator(operation) => format!("an administrator: {operation}"),
    }
}

/// What is then seen in the tab.
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
