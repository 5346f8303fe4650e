//! AdminCreateUser: a user with a temporary password and an invitation.

use serde_json::{Value, json};

use super::users::described;
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, Refusal, invalid_parameter, unsupported_user_state};
use crate::operations::password::check_policy;
use crate::operations::sign_up::claim_names;
use crate::randomness::Draw;
use crate::state::{UserStatus, verified_flag};

const DAY: u64 = 24 * 60 * 60 * 1000;

pub(crate) fn create_user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let name = input.text("Username");
    let action = input.text("MessageAction");
    if action == "RESEND" {
        return resend(call, &app, name, input);
    }
    let status = UserStatus::ForceChangePassword;
    let mut found = call.new_user(&app, name, status)?;
    for (attribute, value) in input.attributes("UserAttributes") {
        if attribute == "sub" {
            return Err(invalid_parameter(
                "user.sub: Attribute cannot be updated.\n",
            ));
        }
        app.settings.check_attribute(&attribute, &value)?;
        found.user.attributes.insert(attribute, value);
    }
    for attribute in ["email", "phone_number"] {
        if found.user.attribute(attribute).is_some() {
            let flag = verified_flag(attribute);
            found
                .user
                .attributes
                .entry(flag)
                .or_insert_with(|| "false".into());
        }
    }
    claim_names(call, &app, &found)?;
    claim_verified_aliases(call, &app, &found, input.flag("ForceAliasCreation"))?;
    let password = give_temporary_password(call, &app, &mut found, input)?;
    if action != "SUPPRESS" {
        invite(call, &app, &found, &password, input)?;
    }
    call.store(&app, &found);
    Ok(json!({ "User": described(&found.user, "Attributes") }))
}

fn resend(call: &mut Call<'_>, app: &App, name: &str, input: &Value) -> Outcome {
    let mut found = call
        .find(app, name)
        .ok_or_else(crate::error::no_such_user)?;
    if found.user.status != UserStatus::ForceChangePassword {
        return Err(unsupported_user_state(format!(
            "Resend not possible. {} status is not FORCE_CHANGE_PASSWORD",
            found.user.username
        )));
    }
    let password = give_temporary_password(call, app, &mut found, input)?;
    invite(call, app, &found, &password, input)?;
    call.store_modified(app, &mut found);
    Ok(json!({ "User": described(&found.user, "Attributes") }))
}

fn give_temporary_password(
    call: &mut Call<'_>,
    app: &App,
    found: &mut Found,
    input: &Value,
) -> Result<String, Refusal> {
    let password = match input.optional("TemporaryPassword") {
        Some(password) => {
            check_policy(&app.settings, password)?;
            password.to_owned()
        }
        None => made_up_password(call, app),
    };
    call.set_password(app, &mut found.user, &password);
    let policy = &app.settings.policies.password_policy;
    let unused = app
        .settings
        .admin_create_user_config
        .unused_account_validity_days;
    let days = unused.unwrap_or(policy.temporary_password_validity_days);
    found.user.temporary_password_expires = Some(call.now.saturating_add(days.saturating_mul(DAY)));
    Ok(password)
}

/// As long as the policy asks, with every kind of character.
fn made_up_password(call: &mut Call<'_>, app: &App) -> String {
    let length = app
        .settings
        .policies
        .password_policy
        .minimum_length
        .clamp(8, 99);
    let kinds: [&[u8]; 4] = [
        b"ABCDEFGHJKLMNPQRSTUVWXYZ",
        b"abcdefghijkmnpqrstuvwxyz",
        b"23456789",
        b"!#$%&*+-=?@",
    ];
    let mut password = String::new();
    for kind in kinds.iter().cycle().take(length) {
        password.push_str(&call.randomness.text(1, kind));
    }
    password
}

/// By SMS unless email is asked for, as the API has it.
fn invite(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    password: &str,
    input: &Value,
) -> Result<(), Refusal> {
    let mut mediums = input.texts("DesiredDeliveryMediums");
    if mediums.is_empty() {
        mediums.push("SMS".into());
    }
    let mut sent = false;
    for medium in mediums {
        let attribute = if medium == "EMAIL" {
            "email"
        } else {
            "phone_number"
        };
        let reachable = attribute == "email" || app.settings.sms_configuration.is_some();
        if found.user.attribute(attribute).is_some() && reachable {
            call.send_invitation(app, &found.user, attribute, password)?;
            sent = true;
        }
    }
    // The default medium is SMS, but an invitation nobody gets helps nobody.
    if !sent && input.list("DesiredDeliveryMediums").is_empty() {
        if found.user.attribute("email").is_some() {
            call.send_invitation(app, &found.user, "email", password)?;
        }
    } else if !sent {
        return Err(invalid_parameter(
            "User does not have an attribute for the desired delivery mediums.",
        ));
    }
    Ok(())
}

/// What is marked verified signs in at once.
fn claim_verified_aliases(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    force: bool,
) -> Result<(), Refusal> {
    for attribute in ["email", "phone_number"] {
        if app
            .settings
            .alias_attributes
            .iter()
            .any(|name| name == attribute)
            && found.user.is_verified(attribute)
        {
            let value = found
                .user
                .attribute(attribute)
                .unwrap_or_default()
                .to_owned();
            call.claim_alias(app, found, attribute, &value, force)
                .map_err(|refusal| crate::error::username_exists(refusal.message))?;
        }
    }
    if let Some(value) = found.user.attribute("preferred_username").map(String::from) {
        call.claim_alias(app, found, "preferred_username", &value, force)
            .map_err(|refusal| crate::error::username_exists(refusal.message))?;
    }
    Ok(())
}
