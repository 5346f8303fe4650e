//! AdminCreateUser: a user with a temporary password and an invitation.

use serde_json::{Value, json};

use super::users::described;
use crate::call::{App, Call, Input, Who};
use crate::error::{
    Outcome, Refusal, invalid_parameter, no_such_user, unsupported_user_state, username_exists,
};
use crate::operations::codes::DAY;
use crate::operations::password::check_policy;
use crate::operations::sign_up::claim_names;
use crate::randomness::Draw;
use crate::state::UserStatus;

pub(crate) fn create_user(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered(input)?;
    let name = input.text("Username");
    let action = input.text("MessageAction");
    if action == "RESEND" {
        return resend(call, &app, name, input);
    }
    let given = input.attributes("UserAttributes");
    if given.contains_key("sub") {
        return Err(invalid_parameter(
            "Cannot modify the non-mutable attribute sub",
        ));
    }
    let (attributes, faults) = app.settings.read_attributes(given);
    faults.at_creation()?;
    let who = call.new_user(&app, name, UserStatus::ForceChangePassword)?;
    call.user_mut(&who)?.give(&attributes);
    // What it would do by itself has a meaning for those who sign up alone.
    let asked = json!({ "validationData": input.attributes("ValidationData"),
        "clientMetadata": call.metadata });
    call.tell("PreSignUp", "PreSignUp_AdminCreateUser", &who, asked)?;
    claim_names(call, &who)?;
    claim_verified_aliases(call, &who, input.flag("ForceAliasCreation"))?;
    let password = give_temporary_password(call, &who, input)?;
    if action != "SUPPRESS" {
        invite(call, &who, &password, input)?;
    }
    Ok(json!({ "User": described(call.user(&who)?, "Attributes") }))
}

fn resend(call: &mut Call<'_>, app: &App, name: &str, input: &Value) -> Outcome {
    let who = call.find(app, name).ok_or_else(no_such_user)?;
    let user = call.user(&who)?;
    if user.status != UserStatus::ForceChangePassword {
        return Err(unsupported_user_state(format!(
            "Resend not possible. {} status is not FORCE_CHANGE_PASSWORD",
            user.username
        )));
    }
    let password = give_temporary_password(call, &who, input)?;
    call.modify(&who)?;
    invite(call, &who, &password, input)?;
    Ok(json!({ "User": described(call.user(&who)?, "Attributes") }))
}

fn give_temporary_password(
    call: &mut Call<'_>,
    who: &Who,
    input: &Value,
) -> Result<String, Refusal> {
    let settings = &who.app.settings;
    let password = match input.optional("TemporaryPassword") {
        Some(password) => {
            check_policy(settings, password, call.operation)?;
            password.to_owned()
        }
        None => made_up_password(call, &who.app),
    };
    call.set_password(who, &password)?;
    let policy = &settings.policies.password_policy;
    let unused = settings
        .admin_create_user_config
        .unused_account_validity_days;
    let days = unused.unwrap_or(policy.temporary_password_validity_days);
    let expires = call.now.saturating_add(days.saturating_mul(DAY));
    call.user_mut(who)?.more.temporary_password_expires = Some(expires);
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
fn invite(call: &mut Call<'_>, who: &Who, password: &str, input: &Value) -> Result<(), Refusal> {
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
        let reachable = attribute == "email" || who.app.settings.sms_configuration.is_some();
        if reachable && call.user(who)?.attribute(attribute).is_some() {
            call.send_invitation(who, attribute, password)?;
            sent = true;
        }
    }
    // The default medium is SMS, but an invitation nobody gets helps nobody.
    if !sent && input.list("DesiredDeliveryMediums").is_empty() {
        if call.user(who)?.attribute("email").is_some() {
            call.send_invitation(who, "email", password)?;
        }
    } else if !sent {
        return Err(invalid_parameter(
            "User does not have an attribute for the desired delivery mediums.",
        ));
    }
    Ok(())
}

/// What is marked verified signs in at once.
fn claim_verified_aliases(call: &mut Call<'_>, who: &Who, force: bool) -> Result<(), Refusal> {
    let aliases = &who.app.settings.alias_attributes;
    let mut names = Vec::new();
    for attribute in ["email", "phone_number"] {
        let is_alias = aliases.iter().any(|name| name == attribute);
        if is_alias && call.user(who)?.is_verified(attribute) {
            names.push(attribute);
        }
    }
    names.push("preferred_username");
    for attribute in names {
        if let Some(value) = call.attribute(who, attribute)? {
            call.claim_alias(who, attribute, &value, force)
                .map_err(|refusal| username_exists(refusal.message))?;
        }
    }
    Ok(())
}
