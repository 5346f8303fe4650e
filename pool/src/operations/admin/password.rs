//! AdminSetUserPassword and AdminResetUserPassword.

use serde_json::Value;

use crate::call::{Call, Input};
use crate::delivery::Kind;
use crate::error::{Outcome, invalid_parameter, not_authorized, nothing};
use crate::operations::password::check_policy;
use crate::state::{Purpose, UserStatus};

const DAY: u64 = 24 * 60 * 60 * 1000;

pub(crate) fn set(call: &mut Call<'_>, input: &Value) -> Outcome {
    let (app, mut found) = call.administered_user(input)?;
    let password = input.text("Password");
    check_policy(&app.settings, password)?;
    call.check_history(&app, &found.user, password)?;
    call.set_password(&app, &mut found.user, password);
    if input.flag("Permanent") {
        found.user.status = UserStatus::Confirmed;
    } else {
        found.user.status = UserStatus::ForceChangePassword;
        let days = app
            .settings
            .policies
            .password_policy
            .temporary_password_validity_days;
        found.user.temporary_password_expires =
            Some(call.now.saturating_add(days.saturating_mul(DAY)));
    }
    call.store_modified(&app, &mut found);
    Ok(nothing())
}

/// The user must choose a new password by the code that is sent.
pub(crate) fn reset(call: &mut Call<'_>, input: &Value) -> Outcome {
    let (app, mut found) = call.administered_user(input)?;
    match found.user.status {
        UserStatus::Confirmed | UserStatus::ResetRequired => {}
        status => {
            return Err(not_authorized(format!(
                "User password cannot be reset in the current state. ({})",
                status.name()
            )));
        }
    }
    let carrier = ["phone_number", "email"]
        .into_iter()
        .find(|name| found.user.is_verified(name));
    let Some(attribute) = carrier else {
        return Err(invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or \
             phone_number",
        ));
    };
    let value = found
        .user
        .attribute(attribute)
        .unwrap_or_default()
        .to_owned();
    found.user.status = UserStatus::ResetRequired;
    found.user.modified = call.now;
    let carrier = (attribute, value.as_str());
    call.send_new_code(
        &app,
        &mut found,
        Purpose::ForgotPassword,
        Kind::ForgotPassword,
        carrier,
    )?;
    Ok(nothing())
}
