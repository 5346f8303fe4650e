//! Passwords: their policy, forgetting them, changing them.

use serde_json::{Value, json};

use super::codes::{made_up_delivery, no_code};
use crate::call::{App, Bearer, Call, Input};
use crate::delivery::Kind;
use crate::error::{
    Outcome, Refusal, invalid_parameter, invalid_password, not_authorized, nothing,
    password_history, user_not_found,
};
use crate::randomness::Draw;
use crate::settings::PoolSettings;
use crate::srp::Verifier;
use crate::state::{Factor, Purpose, User, UserStatus};

/// The guide gives 5 to 20 for both, by the risk it sees; here it is always the same.
const FORGOT_PASSWORD_PER_HOUR: u32 = 10;

pub(crate) fn forgot(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Username");
    let app = call.app(input, Some(name))?;
    let Some(mut found) = call.find(&app, name) else {
        return if app.prevents_user_existence_errors() {
            Ok(json!({ "CodeDeliveryDetails": made_up_delivery(&app, name) }))
        } else {
            Err(user_not_found("Username/client id combination not found."))
        };
    };
    if !found.user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    if found.user.status == UserStatus::ForceChangePassword {
        return Err(not_authorized(
            "User password cannot be reset in the current state.",
        ));
    }
    call.count(&mut found.user, "ForgotPassword", FORGOT_PASSWORD_PER_HOUR)?;
    let attribute = recovery_attribute(&app, &found.user)?;
    let value = found
        .user
        .attribute(attribute)
        .unwrap_or_default()
        .to_owned();
    let details = call.send_new_code(
        &app,
        &mut found,
        Purpose::ForgotPassword,
        Kind::ForgotPassword,
        (attribute, &value),
    )?;
    Ok(json!({ "CodeDeliveryDetails": details }))
}

pub(crate) fn confirm_forgot(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Username");
    let app = call.app(input, Some(name))?;
    let password = input.text("Password");
    let Some(mut found) = call.find(&app, name) else {
        return Err(if app.prevents_user_existence_errors() {
            no_code()
        } else {
            user_not_found("Username/client id combination not found.")
        });
    };
    if !found.user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    call.count(
        &mut found.user,
        "ConfirmForgotPassword",
        FORGOT_PASSWORD_PER_HOUR,
    )?;
    check_policy(&app.settings, password)?;
    call.check_history(&app, &found.user, password)?;
    let code = input.text("ConfirmationCode");
    let code = call.use_code(&app, &mut found, Purpose::ForgotPassword, code)?;
    // The code came back, so the address is the person's.
    call.verify_attribute(&app, &mut found, &code, false)
        .map_err(|_| no_code())?;
    call.set_password(&app, &mut found.user, password);
    if found.user.status == UserStatus::ResetRequired {
        found.user.status = UserStatus::Confirmed;
    }
    call.store_modified(&app, &mut found);
    Ok(nothing())
}

pub(crate) fn change(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, mut found, .. } = call.bearer(input)?;
    call.count(&mut found.user, "ChangePassword", 5)?;
    call.check_not_locked(&found.user)?;
    let (previous, proposed) = (
        input.text("PreviousPassword"),
        input.text("ProposedPassword"),
    );
    if !call.password_matches(&app, &found.user, previous) {
        return Err(call.wrong_password(&app, &mut found));
    }
    check_policy(&app.settings, proposed)?;
    call.check_history(&app, &found.user, proposed)?;
    call.set_password(&app, &mut found.user, proposed);
    call.store_modified(&app, &mut found);
    Ok(nothing())
}

/// Whether a password does what the pool's policy asks, with Cognito's words for what it lacks.
pub(crate) fn check_policy(settings: &PoolSettings, password: &str) -> Result<(), Refusal> {
    let policy = &settings.policies.password_policy;
    let has = |is: fn(char) -> bool| password.chars().any(is);
    let lacks = if password.chars().count() < policy.minimum_length {
        "Password not long enough"
    } else if policy.require_uppercase && !has(|c| c.is_ascii_uppercase()) {
        "Password must have uppercase characters"
    } else if policy.require_lowercase && !has(|c| c.is_ascii_lowercase()) {
        "Password must have lowercase characters"
    } else if policy.require_numbers && !has(|c| c.is_ascii_digit()) {
        "Password must have numeric characters"
    } else if policy.require_symbols && !has(is_symbol) {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    Err(invalid_password(format!(
        "Password did not conform with policy: {lacks}"
    )))
}

impl Call<'_> {
    /// Gives a user a new password, which ends every lock and the temporary one.
    pub(crate) fn set_password(&mut self, app: &App, user: &mut User, password: &str) {
        let salt: [u8; 16] = self.randomness.array();
        let pool = app.short_name();
        let verifier = Verifier::new(pool, &user.username, password, &salt);
        let remembered = app
            .settings
            .policies
            .password_policy
            .password_history_size
            .unwrap_or(0);
        user.former_passwords
            .extend(user.password.replace(verifier));
        let too_many = user.former_passwords.len().saturating_sub(remembered);
        user.former_passwords.drain(..too_many);
        user.temporary_password_expires = None;
        user.wrong_passwords = 0;
        user.locked_until = 0;
    }

    /// Refuses a password that the user had lately, where the policy keeps a history.
    pub(crate) fn check_history(
        &self,
        app: &App,
        user: &User,
        password: &str,
    ) -> Result<(), Refusal> {
        let size = app
            .settings
            .policies
            .password_policy
            .password_history_size
            .unwrap_or(0);
        let pool = app.short_name();
        let lately = user
            .password
            .iter()
            .chain(user.former_passwords.iter().rev())
            .take(size);
        for verifier in lately {
            if verifier.matches(pool, &user.username, password) {
                return Err(password_history(
                    "Password has previously been used and cannot be reused.",
                ));
            }
        }
        Ok(())
    }
}

/// Where a code to recover an account goes: verified, and in the order of AccountRecoverySetting;
/// without one the phone comes first.
fn recovery_attribute(app: &App, user: &User) -> Result<&'static str, Refusal> {
    let setting = app.settings.account_recovery_setting.as_ref();
    let mut mechanisms = setting
        .map(|s| s.recovery_mechanisms.clone())
        .unwrap_or_default();
    mechanisms.sort_by_key(|mechanism| mechanism.priority);
    let mut order: Vec<&str> = mechanisms.iter().map(|m| m.name.as_str()).collect();
    if order.is_empty() {
        order = vec!["verified_phone_number", "verified_email"];
    }
    if order.contains(&"admin_only") {
        return Err(not_authorized("Contact administrator to reset password."));
    }
    let by_sms_mfa = user.mfa.enabled.contains(&Factor::Sms);
    for name in order {
        let attribute = match name {
            // One phone must not be both factors.
            "verified_phone_number" if setting.is_some() && by_sms_mfa => continue,
            "verified_phone_number" => "phone_number",
            "verified_email" => "email",
            _ => continue,
        };
        if user.is_verified(attribute) {
            return Ok(attribute);
        }
    }
    Err(invalid_parameter(
        "Cannot reset password for the user as there is no registered/verified email or \
         phone_number",
    ))
}

fn is_symbol(c: char) -> bool {
    c.is_ascii_punctuation() || c == ' '
}
