//! Resource servers: APIs with scopes of their own.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, nothing, resource_not_found};
use crate::managed_login::{ResourceServer, Scope};

pub(crate) fn create(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let identifier = input.text("Identifier");
    if pool.managed_login.resource_servers.contains_key(identifier) {
        return Err(invalid_parameter(format!(
            "{identifier} already exists in user pool {}.",
            pool.id
        )));
    }
    keep(call, input)
}

pub(crate) fn describe(call: &mut Call<'_>, input: &Value) -> Outcome {
    let server = find(call, input)?;
    Ok(json!({ "ResourceServer": described(input, &server) }))
}

/// The scopes are those of the request: what it leaves out is gone.
pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    find(call, input)?;
    keep(call, input)
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let server = find(call, input)?;
    let pool = call.pool_mut(input.text("UserPoolId"))?;
    pool.managed_login
        .resource_servers
        .remove(&server.identifier);
    Ok(nothing())
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let after = input.text("NextToken");
    let servers: Vec<&ResourceServer> = (pool.managed_login.resource_servers.values())
        .filter(|server| server.identifier.as_str() > after)
        .collect();
    let most = super::most(input, 50);
    let list: Vec<Value> = (servers.iter().take(most))
        .map(|server| described(input, server))
        .collect();
    let names = servers.iter().map(|server| server.identifier.as_str());
    let out = json!({ "ResourceServers": list });
    Ok(super::with_next(out, names, most))
}

fn find(call: &Call<'_>, input: &Value) -> Result<ResourceServer, Refusal> {
    let identifier = input.text("Identifier");
    let pool = call.pool(input.text("UserPoolId"))?;
    let server = pool.managed_login.resource_servers.get(identifier).cloned();
    server
        .ok_or_else(|| resource_not_found(format!("Resource server {identifier} does not exist.")))
}

fn keep(call: &mut Call<'_>, input: &Value) -> Outcome {
    let scope = |scope: &Value| Scope {
        name: scope.text("ScopeName").into(),
        description: scope.text("ScopeDescription").into(),
    };
    let server = ResourceServer {
        identifier: input.text("Identifier").into(),
        name: input.text("Name").into(),
        scopes: input.list("Scopes").iter().map(scope).collect(),
    };
    let names: BTreeSet<&str> = (server.scopes.iter())
        .map(|scope| scope.name.as_str())
        .collect();
    if names.len() < server.scopes.len() {
        return Err(invalid_parameter("Scope names must be unique."));
    }
    let out = json!({ "ResourceServer": described(input, &server) });
    let pool = call.pool_mut(input.text("UserPoolId"))?;
    let servers = &mut pool.managed_login.resource_servers;
    servers.insert(server.identifier.clone(), server);
    Ok(out)
}

fn described(input: &Value, server: &ResourceServer) -> Value {
    json!({
        "UserPoolId": input.text("UserPoolId"),
        "Identifier": server.identifier,
        "Name": server.name,
        "Scopes": server.scopes,
    })
}
