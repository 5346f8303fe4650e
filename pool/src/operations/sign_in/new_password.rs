//! NEW_PASSWORD_REQUIRED: the first sign-in of a user whom an administrator created.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::context::{Next, SignIn, Step};
use crate::call::Input;
use crate::error::{Refusal, invalid_parameter, not_authorized};
use crate::operations::challenges::invalid_session;
use crate::operations::password::check_policy;
use crate::state::{Expects, User, UserStatus, verified_flag};

const PREFIX: &str = "userAttributes.";

pub(super) fn challenge(sign_in: &mut SignIn<'_, '_>) -> Step {
    let user = sign_in.somebody()?;
    let missing: Vec<String> = missing(sign_in, user)
        .map(|name| format!("{PREFIX}{name}"))
        .collect();
    let shown: Map<String, Value> = user
        .attributes
        .iter()
        .filter(|(name, _)| *name != "sub")
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let mut parameters = Map::new();
    parameters.insert("USER_ID_FOR_SRP".into(), json!(user.username));
    parameters.insert(
        "requiredAttributes".into(),
        json!(json!(missing).to_string()),
    );
    parameters.insert(
        "userAttributes".into(),
        json!(Value::Object(shown).to_string()),
    );
    sign_in.ask("NEW_PASSWORD_REQUIRED", parameters, Expects::NewPassword)
}

pub(super) fn set(sign_in: &mut SignIn<'_, '_>) -> Step {
    let Expects::NewPassword = sign_in.open(sign_in.input.text("Session"))? else {
        return Err(invalid_session());
    };
    sign_in.check_state()?;
    let password = sign_in.required("NEW_PASSWORD")?;
    check_policy(&sign_in.app().settings, password, sign_in.call.operation)?;
    sign_in.call.check_history(&sign_in.who, password)?;
    let attributes = given_attributes(sign_in)?;
    sign_in
        .call
        .change_attributes(&sign_in.who, attributes, false)?;
    let missing: Vec<&str> = missing(sign_in, sign_in.somebody()?).collect();
    if !missing.is_empty() {
        return Err(invalid_parameter(format!(
            "Invalid attributes given, {} is missing",
            missing.join(" and ")
        )));
    }
    sign_in.call.set_password(&sign_in.who, password)?;
    sign_in.call.modify(&sign_in.who)?.status = UserStatus::Confirmed;
    sign_in.spend()?;
    Ok(Next::PasswordSettled)
}

fn missing<'a>(sign_in: &'a SignIn<'_, '_>, user: &'a User) -> impl Iterator<Item = &'a str> {
    sign_in
        .app()
        .settings
        .missing_attributes(|name| user.attribute(name).is_some())
}

/// The attributes that the answer brings along.
fn given_attributes(sign_in: &SignIn<'_, '_>) -> Result<BTreeMap<String, String>, Refusal> {
    let responses = sign_in.input.get("ChallengeResponses");
    let responses = responses.and_then(Value::as_object);
    let mut given = BTreeMap::new();
    for (name, value) in responses.into_iter().flatten() {
        let Some(name) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if name == "sub" || !sign_in.app().client_settings().may_write(name) {
            return Err(not_authorized(
                "A client attempted to write unauthorized attribute",
            ));
        }
        // Clients send back what they were shown; nobody verifies an address by saying so.
        if name == verified_flag("email") || name == verified_flag("phone_number") {
            continue;
        }
        if sign_in.somebody()?.attribute(name).is_some() {
            return Err(not_authorized(format!(
                "Cannot modify an already provided {name}"
            )));
        }
        given.insert(
            name.to_owned(),
            value.as_str().unwrap_or_default().to_owned(),
        );
    }
    Ok(given)
}
