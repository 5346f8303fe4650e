//! Tags of user pools, by the pool's ARN.

use serde_json::{Map, Value, json};

use crate::call::{Call, Input};
use crate::delivery::pool_arn;
use crate::error::{Outcome, Refusal, nothing, resource_not_found};
use crate::state::UserPool;

const MEMBER: &str = "UserPoolTags";

pub(crate) fn tag(call: &mut Call<'_>, input: &Value) -> Outcome {
    let given = input.get("Tags").and_then(Value::as_object).cloned();
    change(call, input, |tags| {
        tags.extend(given.unwrap_or_default());
    })
}

pub(crate) fn untag(call: &mut Call<'_>, input: &Value) -> Outcome {
    let gone = input.texts("TagKeys");
    change(call, input, |tags| {
        tags.retain(|name, _| !gone.contains(name));
    })
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = find(call, input)?;
    Ok(json!({ "Tags": tags_of(pool) }))
}

fn change(
    call: &mut Call<'_>,
    input: &Value,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Outcome {
    let pool = find(call, input)?;
    let (id, mut tags) = (pool.id.clone(), tags_of(pool));
    change(&mut tags);
    let mut settings = (*pool.settings).clone();
    settings.other.insert(MEMBER.into(), Value::Object(tags));
    call.pool_mut(&id)?.settings = settings.into();
    Ok(nothing())
}

fn tags_of(pool: &UserPool) -> Map<String, Value> {
    let tags = pool.settings.other.get(MEMBER);
    tags.and_then(Value::as_object).cloned().unwrap_or_default()
}

fn find<'a>(call: &'a Call<'_>, input: &Value) -> Result<&'a UserPool, Refusal> {
    let arn = input.text("ResourceArn");
    let id = arn.rsplit_once('/').map_or("", |(_, id)| id);
    let pool = call.state.pools.get(id);
    pool.filter(|pool| pool_arn(&pool.id) == arn)
        .ok_or_else(|| resource_not_found(format!("Resource {arn} does not exist.")))
}
