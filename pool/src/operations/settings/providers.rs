//! Identity providers. Whatever its type, one is a page of this pool that asks who one wants to be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pools::seconds;
use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, nothing, resource_not_found};
use crate::managed_login::{IdentityProvider, ManagedLogin};
use crate::settings::{OWN_USERS, PoolSettings};

/// Types of which a pool has one provider, which is named after its type.
const SOCIAL: [&str; 4] = ["Facebook", "Google", "LoginWithAmazon", "SignInWithApple"];

pub(crate) fn create(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let (name, kind) = (input.text("ProviderName"), input.text("ProviderType"));
    if pool.managed_login.providers.contains_key(name) {
        return Err(Refusal::new(
            "DuplicateProviderException",
            format!("A provider with the name {name} already exists."),
        ));
    }
    if name.eq_ignore_ascii_case(OWN_USERS) || (SOCIAL.contains(&kind) && name != kind) {
        return Err(invalid_parameter(format!(
            "{name} is not a name for a provider of the type {kind}."
        )));
    }
    let mut provider = IdentityProvider {
        name: name.into(),
        kind: kind.into(),
        details: BTreeMap::new(),
        // What the console sets for a provider of the usual kind.
        mapping: [("email", "email"), ("username", "sub")]
            .map(|(here, there)| (here.to_owned(), there.to_owned()))
            .into(),
        identifiers: Vec::new(),
        acr_mapping: None,
        created: call.now,
        modified: call.now,
    };
    read_into(&mut provider, input);
    check(&provider, &pool.settings, &pool.managed_login)?;
    keep(call, input, provider)
}

pub(crate) fn describe(call: &mut Call<'_>, input: &Value) -> Outcome {
    let provider = find(call, input)?;
    Ok(json!({ "IdentityProvider": described(input, &provider) }))
}

pub(crate) fn by_identifier(call: &mut Call<'_>, input: &Value) -> Outcome {
    let identifier = input.text("IdpIdentifier");
    let pool = call.pool(input.text("UserPoolId"))?;
    let provider = pool.managed_login.provider_for(identifier).ok_or_else(|| {
        resource_not_found(format!("Identity provider {identifier} does not exist."))
    })?;
    Ok(json!({ "IdentityProvider": described(input, provider) }))
}

/// What the request leaves out stays as it is.
pub(crate) fn update(call: &mut Call<'_>, input: &Value) -> Outcome {
    let mut provider = find(call, input)?;
    provider.modified = call.now;
    read_into(&mut provider, input);
    let pool = call.pool(input.text("UserPoolId"))?;
    check(&provider, &pool.settings, &pool.managed_login)?;
    keep(call, input, provider)
}

pub(crate) fn delete(call: &mut Call<'_>, input: &Value) -> Outcome {
    let provider = find(call, input)?;
    let pool = call.pool_mut(input.text("UserPoolId"))?;
    pool.managed_login.providers.remove(&provider.name);
    Ok(nothing())
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let after = input.text("NextToken");
    let providers: Vec<&IdentityProvider> = (pool.managed_login.providers.values())
        .filter(|provider| provider.name.as_str() > after)
        .collect();
    let most = super::most(input, 60);
    let described: Vec<Value> = (providers.iter().take(most))
        .map(|provider| {
            json!({
                "ProviderName": provider.name,
                "ProviderType": provider.kind,
                "CreationDate": seconds(provider.created),
                "LastModifiedDate": seconds(provider.modified),
            })
        })
        .collect();
    let names = providers.iter().map(|provider| provider.name.as_str());
    let out = json!({ "Providers": described });
    Ok(super::with_next(out, names, most))
}

fn find(call: &Call<'_>, input: &Value) -> Result<IdentityProvider, Refusal> {
    let name = input.text("ProviderName");
    let pool = call.pool(input.text("UserPoolId"))?;
    let provider = pool.managed_login.providers.get(name).cloned();
    provider.ok_or_else(|| resource_not_found(format!("Identity provider {name} does not exist.")))
}

fn keep(call: &mut Call<'_>, input: &Value, provider: IdentityProvider) -> Outcome {
    let out = json!({ "IdentityProvider": described(input, &provider) });
    let pool = call.pool_mut(input.text("UserPoolId"))?;
    let providers = &mut pool.managed_login.providers;
    providers.insert(provider.name.clone(), provider);
    Ok(out)
}

fn read_into(provider: &mut IdentityProvider, input: &Value) {
    let map = |name: &str| {
        let members = input.get(name).and_then(Value::as_object)?;
        let pair =
            |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        Some(members.iter().filter_map(pair).collect())
    };
    if let Some(details) = map("ProviderDetails") {
        provider.details = details;
    }
    if let Some(mapping) = map("AttributeMapping") {
        provider.mapping = mapping;
        let username = provider.mapping.entry("username".into());
        username.or_insert_with(|| "sub".into());
    }
    if input.get("IdpIdentifiers").is_some_and(Value::is_array) {
        provider.identifiers = input.texts("IdpIdentifiers");
    }
    if let Some(acr) = input.get("AcrMapping").filter(|value| !value.is_null()) {
        provider.acr_mapping = Some(acr.clone());
    }
}

fn check(
    provider: &IdentityProvider,
    settings: &PoolSettings,
    others: &ManagedLogin,
) -> Result<(), Refusal> {
    let known = |name: &str| {
        let known = ["username", "email_verified", "phone_number_verified"];
        known.contains(&name) || settings.schema.iter().any(|known| known.name == name)
    };
    if let Some(unknown) = provider.mapping.keys().find(|name| !known(name)) {
        return Err(invalid_parameter(format!(
            "Attribute mapping contains an attribute that the user pool does not have: {unknown}."
        )));
    }
    for identifier in &provider.identifiers {
        let taken = others.provider_for(identifier);
        if taken.is_some_and(|other| other.name != provider.name) {
            return Err(invalid_parameter(format!(
                "The identifier {identifier} is that of another provider."
            )));
        }
    }
    Ok(())
}

fn described(input: &Value, provider: &IdentityProvider) -> Value {
    let mut out = json!({
        "UserPoolId": input.text("UserPoolId"),
        "ProviderName": provider.name,
        "ProviderType": provider.kind,
        "ProviderDetails": provider.details,
        "AttributeMapping": provider.mapping,
        "IdpIdentifiers": provider.identifiers,
        "CreationDate": seconds(provider.created),
        "LastModifiedDate": seconds(provider.modified),
    });
    if let (Some(acr), Some(members)) = (&provider.acr_mapping, out.as_object_mut()) {
        members.insert("AcrMapping".into(), acr.clone());
    }
    out
}
