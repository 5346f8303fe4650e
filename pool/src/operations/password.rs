//! Passwords: their policy, forgetting them, changing them.

use serde_json::{Value, json};

use super::codes::{made_up_delivery, no_code};
use super::migration::Met;
use crate::call::{App, Bearer, Call, Input, Who};
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
    let mut found = call.find(&app, name);
    if found.is_none() {
        found = call.migrate(&app, name, Met::Forgetful)?;
    }
    let Some(who) = found else {
        return if app.prevents_user_existence_errors() {
            Ok(json!({ "CodeDeliveryDetails": made_up_delivery(&app, name) }))
        } else {
            Err(user_not_found("Username/client id combination not found."))
        };
    };
    let user = call.user(&who)?;
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    if matches!(
        user.status,
        UserStatus::ForceChangePassword | UserStatus::ExternalProvider
    ) {
        return Err(not_authorized(
            "User password cannot be reset in the current state.",
        ));
    }
    call.count(&who, "ForgotPassword", FORGOT_PASSWORD_PER_HOUR)?;
    let attribute = recovery_attribute(&app, call.user(&who)?)?;
    let value = call.attribute(&who, attribute)?.unwrap_or_default();
    let (purpose, kind) = (Purpose::ForgotPassword, Kind::ForgotPassword);
    let details = call.send_new_code(&who, purpose, kind, (attribute, &value))?;
    Ok(json!({ "CodeDeliveryDetails": details }))
}

pub(crate) fn confirm_forgot(call: &mut Call<'_>, input: &Value) -> Outcome {
    let name = input.text("Username");
    let app = call.app(input, Some(name))?;
    let password = input.text("Password");
    let Some(who) = call.find(&app, name) else {
        return Err(if app.prevents_user_existence_errors() {
            no_code()
        } else {
            user_not_found("Username/client id combination not found.")
        });
    };
    if !call.user(&who)?.enabled {
        return Err(not_authorized("User is disabled."));
    }
    call.count(&who, "ConfirmForgotPassword", FORGOT_PASSWORD_PER_HOUR)?;
    check_policy(&app.settings, password, call.operation)?;
    call.check_history(&who, password)?;
    let code = input.text("ConfirmationCode");
    let code = call.use_code(&who, Purpose::ForgotPassword, code)?;
    // The code came back, so the address is the person's.
    call.verify_attribute(&who, &code, false)
        .map_err(|_| no_code())?;
    call.set_password(&who, password)?;
    let user = call.modify(&who)?;
    if user.status == UserStatus::ResetRequired {
        user.status = UserStatus::Confirmed;
    }
    call.tell_confirmed(&who, "ConfirmForgotPassword")?;
    Ok(nothing())
}

pub(crate) fn change(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    call.count(&who, "ChangePassword", 5)?;
    call.check_not_locked(&who)?;
    let (previous, proposed) = (
        input.text("PreviousPassword"),
        input.text("ProposedPassword"),
    );
    // Somebody without a password has none to show.
    if call.user(&who)?.password.is_some() && !call.password_matches(&who, previous)? {
        return Err(call.wrong_password(&who));
    }
    check_policy(&who.app.settings, proposed, call.operation)?;
    call.check_history(&who, proposed)?;
    call.set_password(&who, proposed)?;
    call.modify(&who)?;
    Ok(nothing())
}

/// Whether a password does what the pool's policy asks, with Cognito's words for what it lacks. They
/// are others in AdminCreateUser and, by what forms of other people match, in ConfirmForgotPassword.
pub(crate) fn check_policy(
    settings: &PoolSettings,
    password: &str,
    operation: &str,
) -> Result<(), Refusal> {
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
    let said = match operation {
        "AdminCreateUser" => "Password did not conform with password policy",
        "ConfirmForgotPassword" => "Password does not conform to policy",
        _ => "Password did not conform with policy",
    };
    Err(invalid_password(format!("{said}: {lacks}")))
}

impl Call<'_> {
    /// Gives a user a new password, which ends every lock and the temporary one.
    pub(crate) fn set_password(&mut self, who: &Who, password: &str) -> Result<(), Refusal> {
        let salt: [u8; 16] = self.randomness.array();
        let remembered = remembered_passwords(&who.app);
        let user = self.user_mut(who)?;
        let verifier = Verifier::new(who.app.short_name(), &user.username, password, &salt);
        user.more
            .former_passwords
            .extend(user.password.replace(verifier));
        let too_many = user.more.former_passwords.len().saturating_sub(remembered);
        user.more.former_passwords.drain(..too_many);
        user.more.temporary_password_expires = None;
        user.more.wrong_passwords = 0;
        user.more.locked_until = 0;
        Ok(())
    }

    /// Refuses a password that the user had lately, where the policy keeps a history.
    pub(crate) fn check_history(&self, who: &Who, password: &str) -> Result<(), Refusal> {
        let user = self.user(who)?;
        let lately = user
            .password
            .iter()
            .chain(user.more.former_passwords.iter().rev())
            .take(remembered_passwords(&who.app));
        for verifier in lately {
            if verifier.matches(who.app.short_name(), &user.username, password, self.worked) {
                return Err(password_history(
                    "Password has previously been used and cannot be reused.",
                ));
            }
        }
        Ok(())
    }
}

/// How many passwords the policy does not allow to come back.
fn remembered_passwords(app: &App) -> usize {
    let policy = &app.settings.policies.password_policy;
    policy.password_history_size.unwrap_or(0)
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
    let by_sms_mfa = user.more.mfa.enabled.contains(&Factor::Sms);
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
