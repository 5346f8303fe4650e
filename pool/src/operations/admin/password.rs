//! AdminSetUserPassword and AdminResetUserPassword.

use serde_json::Value;

use crate::call::{Call, Input};
use crate::delivery::Kind;
use crate::error::{Outcome, invalid_parameter, not_authorized, nothing};
use crate::operations::codes::DAY;
use crate::operations::password::check_policy;
use crate::state::{Purpose, UserStatus};

pub(crate) fn set(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let password = input.text("Password");
    let policy = &who.app.settings.policies.password_policy;
    check_policy(&who.app.settings, password, call.operation)?;
    call.check_history(&who, password)?;
    call.set_password(&who, password)?;
    let days = policy.temporary_password_validity_days;
    let expires = call.now.saturating_add(days.saturating_mul(DAY));
    let user = call.modify(&who)?;
    if input.flag("Permanent") {
        user.status = UserStatus::Confirmed;
    } else {
        user.status = UserStatus::ForceChangePassword;
        user.more.temporary_password_expires = Some(expires);
    }
    Ok(nothing())
}

/// The user must choose a new password by the code that is sent.
pub(crate) fn reset(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let user = call.user(&who)?;
    if !user.enabled {
        return Err(not_authorized("User is disabled"));
    }
    if !matches!(
        user.status,
        UserStatus::Confirmed | UserStatus::ResetRequired
    ) {
        return Err(not_authorized(
            "User password cannot be reset in the current state.",
        ));
    }
    let carrier = ["phone_number", "email"]
        .into_iter()
        .find(|name| user.is_verified(name));
    let Some(attribute) = carrier else {
        return Err(invalid_parameter(
            "Cannot reset password for the user as there is no registered/verified email or \
             phone_number",
        ));
    };
    let value = user.attribute(attribute).unwrap_or_default().to_owned();
    call.modify(&who)?.status = UserStatus::ResetRequired;
    let (purpose, kind) = (Purpose::ForgotPassword, Kind::ForgotPassword);
    call.send_new_code(&who, purpose, kind, (attribute, &value))?;
    Ok(nothing())
}
