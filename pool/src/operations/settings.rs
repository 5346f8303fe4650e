//! User pools, app clients and what managed login needs: made, described, changed, deleted.

pub(crate) mod clients;
mod describe;
pub(crate) mod domains;
pub(crate) mod kept;
pub(crate) mod mfa;
pub(crate) mod pools;
pub(crate) mod providers;
pub(crate) mod resource_servers;
pub(crate) mod sessions;
pub(crate) mod tags;

use serde_json::{Map, Value, json};

use crate::call::{Call, Input};
use crate::error::{Refusal, invalid_parameter};
use crate::facts;
use crate::settings::SessionSettings;

/// What [`Pool::create_user_pool`](crate::Pool::create_user_pool) made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The user pool's id.
    pub user_pool_id: String,
    /// The app clients' ids, in the order of the description.
    pub client_ids: Vec<String>,
}

/// Makes a pool with its clients from one description; see
/// [`Pool::create_user_pool`](crate::Pool::create_user_pool).
pub(crate) fn create_described(
    call: &mut Call<'_>,
    description: &Value,
) -> Result<Created, Refusal> {
    let Value::Object(members) = description else {
        return Err(invalid_parameter("A user pool is described by an object."));
    };
    let mut members = members.clone();
    let id = members
        .remove("Id")
        .and_then(|id| id.as_str().map(String::from));
    let mfa = members.remove("MfaConfig");
    let sessions = members.remove("SessionConfiguration");
    let clients = members
        .remove("Clients")
        .unwrap_or(Value::Array(Vec::new()));
    let parts = [
        (
            "CreateUserPoolDomain",
            members.remove("Domain").map(domain_of),
        ),
        (
            "CreateIdentityProvider",
            members.remove("IdentityProviders"),
        ),
        ("CreateResourceServer", members.remove("ResourceServers")),
    ];
    let mut pool = Value::Object(members);
    // A mode that needs factors of MfaConfig is set together with them.
    let mode = match (&mfa, pool.as_object_mut()) {
        (Some(_), Some(members)) => members.remove("MfaConfiguration"),
        _ => None,
    };
    let pool = facts::accepted("CreateUserPool", pool)?;
    if let Some(role) = pool.get("SmsConfiguration") {
        let external_id = Some(role.text("ExternalId")).filter(|id| !id.is_empty());
        let account = call.state.account.get_mut();
        account.add_sms_role(role.text("SnsCallerArn"), external_id, call.now);
    }
    let user_pool_id = pools::create_with_id(call, &pool, id)?;
    if let Some(Value::Object(mut mfa)) = mfa {
        mfa.insert("UserPoolId".into(), user_pool_id.clone().into());
        if let Some(mode) = mode {
            mfa.entry("MfaConfiguration").or_insert(mode);
        }
        let mfa = facts::accepted("SetUserPoolMfaConfig", Value::Object(mfa))?;
        mfa::set_config(call, &mfa)?;
    }
    if let Some(Value::Object(mut sessions)) = sessions {
        sessions.insert("UserPoolId".into(), user_pool_id.clone().into());
        let usual = || json!({ "MaxPerUser": SessionSettings::default().most_per_user });
        sessions.entry("TokenSession").or_insert_with(usual);
        let sessions = facts::accepted("SetUserPoolSessionConfiguration", Value::Object(sessions))?;
        sessions::set_config(call, &sessions)?;
    }
    for (operation, part) in parts {
        for input in part
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let mut members = input.as_object().cloned().unwrap_or_default();
            members.insert("UserPoolId".into(), user_pool_id.clone().into());
            let input = facts::accepted(operation, Value::Object(members))?;
            match operation {
                "CreateUserPoolDomain" => domains::create(call, &input)?,
                "CreateIdentityProvider" => providers::create(call, &input)?,
                _ => resource_servers::create(call, &input)?,
            };
        }
    }
    let mut client_ids = Vec::new();
    for client in clients.as_array().map_or(&[] as &[Value], Vec::as_slice) {
        let mut members: Map<String, Value> = client.as_object().cloned().unwrap_or_default();
        members.insert("UserPoolId".into(), user_pool_id.clone().into());
        members.entry("ClientName").or_insert_with(|| "app".into());
        let id = members
            .remove("ClientId")
            .and_then(|id| id.as_str().map(String::from));
        let input = facts::accepted("CreateUserPoolClient", Value::Object(members))?;
        client_ids.push(clients::create_with_id(call, &input, id)?.id.clone());
    }
    Ok(Created {
        user_pool_id,
        client_ids,
    })
}

/// A domain by name, or what CreateUserPoolDomain takes: a list of one.
fn domain_of(given: Value) -> Value {
    match given {
        Value::String(name) => json!([{ "Domain": name }]),
        Value::Array(domains) => Value::Array(domains),
        other => Value::Array(vec![other]),
    }
}

/// How many rows a request wants at once.
fn most(input: &Value, default: usize) -> usize {
    let most = input.get("MaxResults").and_then(Value::as_u64);
    let most = most.and_then(|most| usize::try_from(most).ok());
    most.filter(|most| *most > 0).unwrap_or(default)
}

/// Adds where the next page begins, if `names` goes on after `most` of them.
fn with_next<'a>(mut out: Value, names: impl Iterator<Item = &'a str>, most: usize) -> Value {
    let mut names = names.skip(most.saturating_sub(1));
    if let (Some(last), Some(_), Some(members)) = (names.next(), names.next(), out.as_object_mut())
    {
        members.insert("NextToken".into(), json!(last));
    }
    out
}
