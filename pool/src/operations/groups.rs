//! Groups of users.

use serde_json::{Map, Value, json};

use super::admin::list::{decoded, encoded};
use super::admin::users::described as described_user;
use super::settings::pools::seconds;
use crate::call::{App, Call, Input, Who};
use crate::error::{Outcome, Refusal, group_exists, nothing, resource_not_found};
use crate::state::{GROUP, Group};

pub(crate) fn create(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let name = input.text("GroupName").to_owned();
    let now = call.now;
    let pool = call.pool_mut(&app.pool_id)?;
    if pool.groups.contains_key(&name) {
        return Err(group_exists("A group with the name already exists."));
    }
    let mut group = Group {
        name: name.clone(),
        description: None,
        role_arn: None,
        precedence: None,
        created: now,
        modified: now,
    };
    read_into(&mut group, input);
    let out = json!({ "Group": described(&app, &group) });
    pool.groups.insert(name, group);
    Ok(out)
}

pub(crate) fn group(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let group = find(call, &app, input)?;
    Ok(json!({ "Group": described(&app, &group) }))
}

pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let mut group = find(call, &app, input)?;
    read_into(&mut group, input);
    group.modified = call.now;
    let out = json!({ "Group": described(&app, &group) });
    call.pool_mut(&app.pool_id)?
        .groups
        .insert(group.name.clone(), group);
    Ok(out)
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let group = find(call, &app, input)?;
    let pool = call.pool_mut(&app.pool_id)?;
    let members = pool.users.with(GROUP, &group.name, None);
    let members: Vec<String> = members.map(String::from).collect();
    for key in members {
        if let Some(user) = pool.users.get_mut(&key) {
            user.more.groups.remove(&group.name);
        }
    }
    pool.groups.remove(&group.name);
    Ok(nothing())
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let after = input.optional("NextToken").map(decoded).transpose()?;
    let pool = call.pool(&app.pool_id)?;
    let mut rows = pool.groups.after(after.as_deref());
    let page: Vec<_> = rows.by_ref().take(limit(input)).collect();
    let next = rows.next().and(page.last()).map(|(last, _)| encoded(last));
    let groups: Vec<Value> = (page.iter())
        .map(|(_, group)| described(&app, group))
        .collect();
    Ok(with_next(json!({ "Groups": groups }), next))
}

pub(crate) fn add_user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let group = find(call, &who.app, input)?;
    call.modify(&who)?.more.groups.insert(group.name);
    Ok(nothing())
}

pub(crate) fn remove_user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let group = find(call, &who.app, input)?;
    call.modify(&who)?.more.groups.remove(&group.name);
    Ok(nothing())
}

pub(crate) fn of_user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let names = call.user(&who)?.more.groups.iter().cloned().collect();
    let (page, next) = page(names, input);
    let pool = call.pool(&who.app.pool_id)?;
    let groups: Vec<Value> = page
        .iter()
        .filter_map(|name| pool.groups.get(name))
        .map(|group| described(&who.app, group))
        .collect();
    Ok(with_next(json!({ "Groups": groups }), next))
}

pub(crate) fn users(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let group = find(call, &app, input)?;
    let pool = call.pool(&app.pool_id)?;
    let after = input.optional("NextToken").map(decoded).transpose()?;
    let mut members = pool.users.with(GROUP, &group.name, after.as_deref());
    let page: Vec<&str> = members.by_ref().take(limit(input)).collect();
    let next = members.next().and(page.last()).map(|last| encoded(last));
    let users: Vec<Value> = page
        .iter()
        .filter_map(|key| pool.users.get(key))
        .map(|user| Value::Object(described_user(user, "Attributes")))
        .collect();
    Ok(with_next(json!({ "Users": users }), next))
}

impl Call<'_> {
    /// A user's groups, the most important (lowest precedence) first.
    pub(crate) fn groups_by_precedence(&self, who: &Who) -> Result<Vec<Group>, Refusal> {
        let pool = self.pool(&who.app.pool_id)?;
        let names = self.user(who)?.more.groups.iter();
        let mut groups: Vec<Group> = names
            .filter_map(|name| pool.groups.get(name))
            .cloned()
            .collect();
        groups.sort_by_key(|group| group.precedence.unwrap_or(u64::MAX));
        Ok(groups)
    }
}

fn find(call: &Call<'_>, app: &App, input: &Value) -> Result<Group, Refusal> {
    let group = call
        .pool(&app.pool_id)?
        .groups
        .get(input.text("GroupName"))
        .cloned();
    group.ok_or_else(|| resource_not_found("Group not found."))
}

fn read_into(group: &mut Group, input: &Value) {
    if let Some(description) = input.optional("Description") {
        group.description = Some(description.into());
    }
    if let Some(role) = input.optional("RoleArn") {
        group.role_arn = Some(role.into());
    }
    if let Some(precedence) = input.get("Precedence").and_then(Value::as_u64) {
        group.precedence = Some(precedence);
    }
}

fn described(app: &App, group: &Group) -> Value {
    let mut out = Map::new();
    out.insert("GroupName".into(), json!(group.name));
    out.insert("UserPoolId".into(), json!(app.pool_id));
    out.insert("CreationDate".into(), seconds(group.created));
    out.insert("LastModifiedDate".into(), seconds(group.modified));
    if let Some(description) = &group.description {
        out.insert("Description".into(), json!(description));
    }
    if let Some(role) = &group.role_arn {
        out.insert("RoleArn".into(), json!(role));
    }
    if let Some(precedence) = group.precedence {
        out.insert("Precedence".into(), json!(precedence));
    }
    Value::Object(out)
}

fn limit(input: &Value) -> usize {
    let limit = input.get("Limit").and_then(Value::as_u64);
    usize::try_from(limit.unwrap_or(60).max(1)).unwrap_or(60)
}

/// One page of sorted keys, and where the next begins. The token is a place in the list.
fn page(keys: Vec<String>, input: &Value) -> (Vec<String>, Option<String>) {
    let limit = limit(input);
    let skip: usize = input.text("NextToken").parse().unwrap_or(0);
    let more = keys.len() > skip.saturating_add(limit);
    let next = more.then(|| (skip + limit).to_string());
    (keys.into_iter().skip(skip).take(limit).collect(), next)
}

fn with_next(mut out: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(members)) = (next, out.as_object_mut()) {
        members.insert("NextToken".into(), json!(next));
    }
    out
}
