//! The domains at which managed login is reached.

use serde_json::{Value, json};

use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, nothing, resource_not_found};
use crate::managed_login::Domain;
use crate::state::ACCOUNT_ID;

/// Words that AWS keeps for itself.
const RESERVED: [&str; 3] = ["aws", "amazon", "cognito"];

pub(crate) fn create(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Domain").to_owned();
    let pool_id = call.pool(input.text("UserPoolId"))?.id.clone();
    if owner(call, &name).is_some() {
        return Err(invalid_parameter(
            "Domain already associated with another user pool.",
        ));
    }
    let mut domain = Domain {
        name: name.clone(),
        custom: None,
        managed_login_version: 1,
        routing: None,
    };
    read_into(&mut domain, input);
    check_name(&domain)?;
    let domains = &mut call.pool_mut(&pool_id)?.managed_login.domains;
    if domains
        .values()
        .any(|other| other.is_custom() == domain.is_custom())
    {
        return Err(invalid_parameter(
            "User pool already has a domain configured.",
        ));
    }
    domains.insert(name, domain.clone());
    Ok(summary(call, &domain))
}

/// An unknown domain is described by nothing, as in Cognito.
pub(crate) fn describe(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Domain");
    let description = match owner(call, name) {
        Some((pool, domain)) => {
            let mut out = json!({
                "UserPoolId": pool,
                "AWSAccountId": ACCOUNT_ID,
                "Domain": domain.name,
                "CloudFrontDistribution": address(call),
                "Version": "1",
                "Status": "ACTIVE",
                "CustomDomainConfig": domain.custom.clone().unwrap_or_else(nothing),
                "ManagedLoginVersion": domain.managed_login_version,
            });
            add_routing(&mut out, &domain);
            out
        }
        None => nothing(),
    };
    Ok(json!({ "DomainDescription": description }))
}

pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let mut domain = owned(call, input)
        .ok_or_else(|| resource_not_found("No such domain or user pool exists."))?;
    if domain.custom.is_none() && input.get("CustomDomainConfig").is_some() {
        return Err(invalid_parameter(
            "A prefix domain has no CustomDomainConfig.",
        ));
    }
    read_into(&mut domain, input);
    let domains = &mut call
        .pool_mut(input.text("UserPoolId"))?
        .managed_login
        .domains;
    domains.insert(domain.name.clone(), domain.clone());
    Ok(summary(call, &domain))
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let domain = owned(call, input)
        .ok_or_else(|| invalid_parameter("No such domain or user pool exists."))?;
    let domains = &mut call
        .pool_mut(input.text("UserPoolId"))?
        .managed_login
        .domains;
    domains.remove(&domain.name);
    Ok(nothing())
}

/// The domain, and the pool that has it.
fn owner(call: &Call<'_>, name: &str) -> Option<(String, Domain)> {
    call.state.pools.values().find_map(|pool| {
        let domain = pool.managed_login.domains.get(name)?;
        Some((pool.id.clone(), domain.clone()))
    })
}

fn owned(call: &Call<'_>, input: &Value) -> Option<Domain> {
    let (pool, domain) = owner(call, input.text("Domain"))?;
    (pool == input.text("UserPoolId")).then_some(domain)
}

fn read_into(domain: &mut Domain, input: &Value) {
    let given = |name: &str| input.get(name).filter(|value| !value.is_null()).cloned();
    if let Some(custom) = given("CustomDomainConfig") {
        domain.custom = Some(custom);
    }
    if let Some(version) = input.get("ManagedLoginVersion").and_then(Value::as_u64) {
        domain.managed_login_version = version;
    }
    if let Some(routing) = given("Routing") {
        domain.routing = Some(routing);
    }
}

fn check_name(domain: &Domain) -> Result<(), Refusal> {
    if domain.is_custom() {
        return if domain.name.contains('.') {
            Ok(())
        } else {
            Err(invalid_parameter("Custom domain is not a valid domain."))
        };
    }
    if domain.name.contains('.') {
        return Err(invalid_parameter(
            "The domain name contains an invalid character. Domain names can only contain \
             lower-case letters, numbers, and hyphens.",
        ));
    }
    match RESERVED.iter().find(|word| domain.name.contains(*word)) {
        Some(word) => Err(invalid_parameter(format!(
            "Domain cannot contain reserved word: {word}"
        ))),
        None => Ok(()),
    }
}

fn summary(call: &Call<'_>, domain: &Domain) -> Value {
    let mut out = json!({ "ManagedLoginVersion": domain.managed_login_version });
    if let (true, Some(members)) = (domain.is_custom(), out.as_object_mut()) {
        members.insert("CloudFrontDomain".into(), json!(address(call)));
    }
    add_routing(&mut out, domain);
    out
}

fn add_routing(out: &mut Value, domain: &Domain) {
    if let (Some(routing), Some(members)) = (&domain.routing, out.as_object_mut()) {
        members.insert("Routing".into(), routing.clone());
    }
}

/// Where every domain is answered: this service itself.
fn address(call: &Call<'_>) -> String {
    let endpoint = &call.options.endpoint;
    let host = endpoint.split_once("://").map_or("", |(_, host)| host);
    host.trim_end_matches('/').to_owned()
}
