//! NEW_PASSWORD_REQUIRED: the first sign-in of a user whom an administrator created.

use serde_json::{Map, Value, json};

use super::challenge::invalid_session;
use super::{Progress, after_password, required};
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, invalid_parameter, not_authorized};
use crate::operations::password::check_policy;
use crate::state::{Expects, UserStatus, verified_flag};

const PREFIX: &str = "userAttributes.";

pub(super) fn challenge(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    progress: Progress,
) -> Outcome {
    let user = &found.user;
    let missing: Vec<String> = app
        .settings
        .missing_attributes(|name| user.attribute(name).is_some())
        .map(|name| format!("{PREFIX}{name}"))
        .collect();
    let shown: Map<String, Value> = user
        .attributes
        .iter()
        .filter(|(name, _)| *name != "sub")
        .map(|(name, value)| (name.clone(), json!(value)))
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
    let expects = Expects::NewPassword;
    call.issue(
        app,
        &found.key,
        "NEW_PASSWORD_REQUIRED",
        parameters,
        expects,
        &progress,
    )
}

pub(super) fn set(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let session = input.text("Session");
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::NewPassword = challenge.expects else {
        return Err(invalid_session());
    };
    let (mut found, progress) = call.challenged(app, &challenge)?;
    super::check_state(call, &found)?;
    let password = required(
        input.entry("ChallengeResponses", "NEW_PASSWORD"),
        "NEW_PASSWORD",
    )?;
    check_policy(&app.settings, password)?;
    call.check_history(app, &found.user, password)?;
    let responses = input.get("ChallengeResponses").and_then(Value::as_object);
    let mut given = std::collections::BTreeMap::new();
    for (name, value) in responses.into_iter().flatten() {
        let Some(name) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if name == "sub" || !app.client_settings().may_write(name) {
            return Err(not_authorized(
                "A client attempted to write unauthorized attribute",
            ));
        }
        // Clients send back what they were shown; nobody verifies an address by saying so.
        if name == verified_flag("email") || name == verified_flag("phone_number") {
            continue;
        }
        given.insert(
            name.to_owned(),
            value.as_str().unwrap_or_default().to_owned(),
        );
    }
    call.change_attributes(app, &mut found, given, false)?;
    if let Some(missing) = app
        .settings
        .missing_attributes(|name| found.user.attribute(name).is_some())
        .next()
    {
        return Err(invalid_parameter(format!(
            "Invalid attributes given, {missing} is missing"
        )));
    }
    call.set_password(app, &mut found.user, password);
    found.user.status = UserStatus::Confirmed;
    call.spend(app, session);
    call.store_modified(app, &mut found);
    after_password(call, app, &mut found, progress)
}
