//! Second factors of users: enrolling an authenticator app, preferring one factor to another.

use serde_json::{Map, Value, json};

use super::challenges::invalid_session;
use super::passkeys::{passkeys_for, relying_party};
use super::users::factors;
use crate::call::{App, Bearer, Call, Input, Who};
use crate::error::{
    Outcome, Refusal, enable_software_token, invalid_parameter, nothing, software_token_not_found,
};
use crate::randomness::Draw;
use crate::state::{Expects, Factor, Totp, User};
use crate::totp;

/// By an access token, or by the session of a challenge MFA_SETUP.
pub(crate) fn associate_software_token(call: &mut Call<'_>, input: &Value) -> Outcome {
    let secret = totp::base32(&call.randomness.array::<32>());
    let Some(session) = session_of(input)? else {
        let Bearer { who, .. } = call.bearer(input)?;
        check_software_token(&who.app)?;
        call.user_mut(&who)?.more.totp.pending = Some(secret.clone());
        return Ok(json!({ "SecretCode": secret }));
    };
    let (app, challenge) = call.session_without_client(session)?;
    let Expects::MfaSetup { .. } = challenge.expects else {
        return Err(invalid_session());
    };
    check_software_token(&app)?;
    let expects = Expects::MfaSetup {
        secret: Some(secret.clone()),
        used_step: None,
    };
    let session = call.exchange_session(&app, session, expects)?;
    Ok(json!({ "SecretCode": secret, "Session": session }))
}

pub(crate) fn verify_software_token(call: &mut Call<'_>, input: &Value) -> Outcome {
    let code = input.text("UserCode");
    let Some(session) = session_of(input)? else {
        let Bearer { who, .. } = call.bearer(input)?;
        let Some(secret) = call.user(&who)?.more.totp.pending.clone() else {
            return Err(software_token_not_found(
                "No software token is waiting to be verified.",
            ));
        };
        let Some(step) = totp::step_of(&secret, code, call.now) else {
            call.count(&who, "VerifySoftwareToken", 15)?;
            return Err(
                enable_software_token("Code mismatch and fail enable Software Token MFA")
                    .keeping_changes(),
            );
        };
        call.modify(&who)?.more.totp = Totp {
            secret: Some(secret),
            pending: None,
            used_step: Some(step),
        };
        return Ok(json!({ "Status": "SUCCESS" }));
    };
    let (app, challenge) = call.session_without_client(session)?;
    let Expects::MfaSetup {
        secret: Some(secret),
        ..
    } = challenge.expects.clone()
    else {
        return Err(invalid_session());
    };
    let Some(step) = totp::step_of(&secret, code, call.now) else {
        let refusal = enable_software_token("Code mismatch and fail enable Software Token MFA");
        return Err(call.wrong_answer(&app, session, refusal));
    };
    let who = call
        .find_key(&app, &challenge.user)
        .ok_or_else(invalid_session)?;
    // The app counts from here on: who does not come back with the session, but signs in anew, is
    // asked for its code. One that was set up meanwhile is not replaced.
    let user = call.modify(&who)?;
    if user.more.totp.secret.is_some() {
        return Err(invalid_session());
    }
    user.more.totp.secret = Some(secret.clone());
    user.more.totp.used_step = Some(step);
    user.more.mfa.turn_on(Factor::SoftwareToken);
    let expects = Expects::MfaSetup {
        secret: Some(secret),
        used_step: Some(step),
    };
    let session = call.exchange_session(&app, session, expects)?;
    Ok(json!({ "Status": "SUCCESS", "Session": session }))
}

/// The words are the developer guide's, "TOTP software token MFA".
fn check_software_token(app: &App) -> Result<(), Refusal> {
    if app.mfa.software_token {
        return Ok(());
    }
    Err(software_token_not_found(
        "Software Token MFA has not been enabled by the userPool",
    ))
}

pub(crate) fn set_preference(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    change_preference(&who.app, call.modify(&who)?, input, false)?;
    Ok(nothing())
}

pub(crate) fn admin_set_preference(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    change_preference(&who.app, call.modify(&who)?, input, true)?;
    Ok(nothing())
}

/// The older form, which knows SMS alone.
pub(crate) fn set_settings(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    change_settings(&who.app, call.modify(&who)?, input)
}

pub(crate) fn admin_set_settings(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    change_settings(&who.app, call.modify(&who)?, input)
}

pub(crate) fn auth_factors(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    Ok(configured_factors(&who.app, call.user(&who)?))
}

pub(crate) fn admin_auth_factors(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    Ok(configured_factors(&who.app, call.user(&who)?))
}

/// The user starts over: no authenticator app, and none preferred.
pub(crate) fn admin_delete_software_token(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    let user = call.modify(&who)?;
    user.more.totp = Totp::default();
    user.more.mfa.turn_off(Factor::SoftwareToken);
    Ok(nothing())
}

fn configured_factors(app: &App, user: &User) -> Value {
    let allows = |name: &str| app.settings.allows_first_factor(name);
    let mut configured = Vec::new();
    if user.password.is_some() && allows("PASSWORD") {
        configured.push("PASSWORD");
    }
    for (name, attribute) in [("EMAIL_OTP", "email"), ("SMS_OTP", "phone_number")] {
        if allows(name) && user.is_verified(attribute) {
            configured.push(name);
        }
    }
    let relying_party = relying_party(app).filter(|_| allows("WEB_AUTHN"));
    if relying_party.is_some_and(|it| passkeys_for(user, it.id).next().is_some()) {
        configured.push("WEB_AUTHN");
    }
    // Not to begin with: the API names it all the same.
    if app.mfa.software_token && user.more.totp.secret.is_some() {
        configured.push("SOFTWARE_TOKEN");
    }
    let mut out: Map<String, Value> = factors(user);
    out.remove("MFAOptions");
    out.insert("Username".into(), json!(user.username));
    out.insert("ConfiguredUserAuthFactors".into(), json!(configured));
    Value::Object(out)
}

/// What a code of an authenticator app is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TotpAnswer {
    Right,
    Wrong,
    Used,
}

impl Call<'_> {
    /// Checks a code; a right one moves the user's last step on, so that it is not taken again.
    pub(crate) fn check_totp(&mut self, who: &Who, code: &str) -> Result<TotpAnswer, Refusal> {
        let now = self.now;
        let totp = &mut self.user_mut(who)?.more.totp;
        let secret = totp.secret.as_deref().unwrap_or_default();
        if secret.is_empty() {
            return Ok(TotpAnswer::Wrong);
        }
        Ok(match totp::step_of(secret, code, now) {
            None => TotpAnswer::Wrong,
            Some(step) if totp.used_step.is_some_and(|used| step <= used) => TotpAnswer::Used,
            Some(step) => {
                totp.used_step = Some(step);
                TotpAnswer::Right
            }
        })
    }
}

fn change_preference(
    app: &App,
    user: &mut User,
    input: &Value,
    by_administrator: bool,
) -> Result<(), Refusal> {
    for (member, factor) in [
        ("SMSMfaSettings", Factor::Sms),
        ("SoftwareTokenMfaSettings", Factor::SoftwareToken),
        ("EmailMfaSettings", Factor::Email),
    ] {
        let Some(settings) = input.get(member).filter(|settings| settings.is_object()) else {
            continue;
        };
        // Preferring a factor without saying Enabled turns nothing on.
        let enabled = settings.flag("Enabled");
        let preferred = settings.flag("PreferredMfa");
        if enabled {
            check_can_enable(app, user, factor, by_administrator)?;
            user.more.mfa.enabled.insert(factor);
        } else if settings.get("Enabled").is_some() || !preferred {
            user.more.mfa.enabled.remove(&factor);
        }
        if preferred {
            if !user.more.mfa.enabled.contains(&factor) {
                return Err(invalid_parameter(
                    "Invalid MFA preference: a preferred factor must be enabled.",
                ));
            }
            let another = user.more.mfa.preferred.is_some_and(|other| other != factor);
            if another && preferred_twice(input) {
                return Err(invalid_parameter("Only one MFA factor can be preferred."));
            }
            user.more.mfa.preferred = Some(factor);
        } else if user.more.mfa.preferred == Some(factor) {
            user.more.mfa.preferred = None;
        }
    }
    change_passkey_preference(app, user, input)
}

/// A passkey counts as both factors unless the user turns that off. It is never the only second
/// factor, so that who loses it is not locked out.
fn change_passkey_preference(app: &App, user: &mut User, input: &Value) -> Result<(), Refusal> {
    let settings = input.get("WebAuthnMfaSettings");
    if let Some(settings) = settings.filter(|settings| settings.is_object()) {
        let enabled = settings.flag("Enabled");
        if enabled && !app.mfa.passkey_is_multi_factor() {
            return Err(invalid_parameter(
                "Passkey MFA needs the factor configuration MULTI_FACTOR_WITH_USER_VERIFICATION.",
            ));
        }
        user.more.mfa.passkey = Some(enabled);
    }
    if user.more.mfa.passkey == Some(true) && user.more.mfa.enabled.is_empty() {
        return Err(invalid_parameter(
            "Passkey MFA needs at least one other MFA method to be enabled.",
        ));
    }
    Ok(())
}

fn preferred_twice(input: &Value) -> bool {
    [
        "SMSMfaSettings",
        "SoftwareTokenMfaSettings",
        "EmailMfaSettings",
    ]
    .iter()
    .filter(|member| {
        input
            .get(**member)
            .is_some_and(|settings| settings.flag("PreferredMfa"))
    })
    .count()
        > 1
}

fn check_can_enable(
    app: &App,
    user: &User,
    factor: Factor,
    by_administrator: bool,
) -> Result<(), Refusal> {
    let no = |message: &str| Err(invalid_parameter(message));
    match factor {
        Factor::Sms if user.attribute("phone_number").is_none() => {
            no("User does not have a phone_number set to turn on SMS MFA")
        }
        Factor::Sms if app.settings.sms_configuration.is_none() => {
            no("SMS MFA is not enabled for the user pool.")
        }
        Factor::SoftwareToken if user.more.totp.secret.is_none() && by_administrator => {
            no("User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")
        }
        Factor::SoftwareToken if user.more.totp.secret.is_none() => {
            no("User has not verified software token mfa")
        }
        Factor::Email if user.attribute("email").is_none() => {
            no("User does not have an email set to turn on Email MFA")
        }
        Factor::Email if app.mfa.email.is_none() => {
            no("Email MFA is not enabled for the user pool.")
        }
        _ => Ok(()),
    }
}

fn change_settings(app: &App, user: &mut User, input: &Value) -> Outcome {
    let by_sms = input.list("MFAOptions").iter().any(|option| {
        option.text("DeliveryMedium") == "SMS" && option.text("AttributeName") == "phone_number"
    });
    if by_sms {
        check_can_enable(app, user, Factor::Sms, false)?;
        user.more.mfa.enabled.insert(Factor::Sms);
    } else {
        user.more.mfa.turn_off(Factor::Sms);
    }
    Ok(nothing())
}

/// The session, where the request goes by one and not by an access token.
fn session_of(input: &Value) -> Result<Option<&str>, Refusal> {
    match (input.optional("AccessToken"), input.optional("Session")) {
        (Some(_), _) => Ok(None),
        (None, Some(session)) => Ok(Some(session)),
        (None, None) => Err(invalid_parameter(
            "Either AccessToken or Session must be given.",
        )),
    }
}
