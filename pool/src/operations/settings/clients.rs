//! App clients.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pools::seconds;
use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, nothing, resource_not_found};
use crate::randomness::Draw;
use crate::settings::ClientSettings;
use crate::state::Client;

const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

pub(crate) fn create(call: &mut Call<'_>, input: &Value) -> Outcome {
    let client = create_with_id(call, input, None)?;
    Ok(json!({ "UserPoolClient": described(input.text("UserPoolId"), &client) }))
}

pub(crate) fn create_with_id(
    call: &mut Call<'_>,
    input: &Value,
    id: Option<String>,
) -> Result<Arc<Client>, Refusal> {
    let pool = call.pool(input.text("UserPoolId"))?.id.clone();
    let settings = read(input)?;
    let has_secret = input.flag("GenerateSecret") || input.optional("ClientSecret").is_some();
    (settings.oauth).check(has_secret, &call.pool(&pool)?.managed_login)?;
    let given = input.optional("ClientSecret").map(String::from);
    let secret = given.or_else(|| {
        input
            .flag("GenerateSecret")
            .then(|| call.randomness.text(51, LETTERS_AND_DIGITS))
    });
    let id = id.unwrap_or_else(|| call.randomness.text(26, LETTERS_AND_DIGITS));
    if id.is_empty()
        || id.len() > 128
        || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        return Err(invalid_parameter("Invalid client id."));
    }
    if call.app_of(&id).is_ok() {
        return Err(invalid_parameter(format!("User pool client {id} exists.")));
    }
    let client = Arc::new(Client {
        id: id.clone(),
        secret,
        settings,
        created: call.now,
        modified: call.now,
    });
    call.pool_mut(&pool)?.clients.insert(id, client.clone());
    Ok(client)
}

pub(crate) fn describe(call: &mut Call<'_>, input: &Value) -> Outcome {
    let client = find(call, input)?;
    Ok(json!({ "UserPoolClient": described(input.text("UserPoolId"), &client) }))
}

/// What the request leaves out goes back to its default.
pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let mut client = (*find(call, input)?).clone();
    let name = client.settings.client_name.clone();
    client.settings = read(input)?;
    let pool = call.pool(input.text("UserPoolId"))?;
    (client.settings.oauth).check(client.secret.is_some(), &pool.managed_login)?;
    if client.settings.client_name.is_empty() {
        client.settings.client_name = name;
    }
    client.modified = call.now;
    let client = Arc::new(client);
    let pool = input.text("UserPoolId");
    call.pool_mut(pool)?
        .clients
        .insert(client.id.clone(), client.clone());
    Ok(json!({ "UserPoolClient": described(pool, &client) }))
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let client = find(call, input)?;
    call.pool_mut(input.text("UserPoolId"))?
        .clients
        .remove(&client.id);
    Ok(nothing())
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let after = input.text("NextToken");
    let clients: Vec<&Arc<Client>> = (pool.clients.values())
        .filter(|client| client.id.as_str() > after)
        .collect();
    let most = super::most(input, 60);
    let list: Vec<Value> = (clients.iter().take(most))
        .map(|client| {
            json!({
                "ClientId": client.id,
                "UserPoolId": pool.id,
                "ClientName": client.settings.client_name,
            })
        })
        .collect();
    let ids = clients.iter().map(|client| client.id.as_str());
    let out = json!({ "UserPoolClients": list });
    Ok(super::with_next(out, ids, most))
}

fn find(call: &Call<'_>, input: &Value) -> Result<Arc<Client>, Refusal> {
    let id = input.text("ClientId");
    let client = call
        .pool(input.text("UserPoolId"))?
        .clients
        .get(id)
        .cloned();
    client.ok_or_else(|| resource_not_found(format!("User pool client {id} does not exist.")))
}

fn read(input: &Value) -> Result<ClientSettings, Refusal> {
    let mut members = input.as_object().cloned().unwrap_or_default();
    for not_a_setting in ["UserPoolId", "ClientId", "GenerateSecret", "ClientSecret"] {
        members.remove(not_a_setting);
    }
    members.retain(|_, value| !value.is_null());
    let settings: ClientSettings = serde_json::from_value(Value::Object(members))
        .map_err(|error| invalid_parameter(format!("Invalid app client: {error}")))?;
    settings.completed()
}

fn described(pool: &str, client: &Client) -> Value {
    let mut out = serde_json::to_value(&client.settings).unwrap_or_default();
    if let Some(members) = out.as_object_mut() {
        members.insert("UserPoolId".into(), json!(pool));
        members.insert("ClientId".into(), json!(client.id));
        members.insert("CreationDate".into(), seconds(client.created));
        members.insert("LastModifiedDate".into(), seconds(client.modified));
        members
            .entry("EnablePropagateAdditionalUserContextData")
            .or_insert(json!(false));
        if let Some(secret) = &client.secret {
            members.insert("ClientSecret".into(), json!(secret));
        }
    }
    out
}
