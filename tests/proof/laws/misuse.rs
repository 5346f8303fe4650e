//! What a page must not send changes nothing, in whatever state.

use cognito_flow::EventType;
use serde_json::{Value, json};

use super::has_news;
use crate::support::{World, event, sample};

/// The codes that the page is told.
pub(crate) fn changes_nothing(world: &mut World) -> Result<Vec<String>, String> {
    // Time that has passed unseen counts with whatever comes next, and so does what another tab has done.
    let deadline = world.flow.deadline();
    if deadline.is_some_and(|deadline| deadline <= world.clock.steady) || has_news(world) {
        return Ok(Vec::new());
    }
    let is_busy = !world.snapshot()["busy"].is_null();
    let expected = if is_busy { "busy" } else { "notAccepted" };
    let refused = EventType::ALL
        .into_iter()
        .filter(|kind| !world.flow.accepts(*kind));
    let mut tries: Vec<_> = refused.map(|kind| (sample(kind), expected)).collect();
    tries.push((event("nothing that there is"), "malformed"));
    tries.push((event("signIn"), "malformed"));
    let mut told = Vec::new();
    for (misuse, expected) in tries {
        let before = everything(world);
        let Err(error) = world.start(misuse.clone()) else {
            return Err(format!("{misuse} is taken, and is not to be accepted"));
        };
        let code = error.code.as_str();
        if code != expected {
            return Err(format!("{misuse} is {code}, where it is {expected}"));
        }
        if everything(world) != before {
            return Err(format!("{misuse} is refused, and has changed something"));
        }
        told.push(code.to_owned());
    }
    Ok(told)
}

fn everything(world: &World) -> Value {
    let storage = world.storage.as_ref();
    json!([
        world.snapshot(),
        world.flow.revision(),
        world.flow.deadline(),
        world.pending,
        storage.and_then(|storage| storage.session()),
        world.network.log.len() + world.network.under_way.len(),
        world.left_for.len(),
        world.prompts.len(),
    ])
}
