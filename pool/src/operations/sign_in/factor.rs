//! The second factor: which one is asked for, and its answer.

use serde_json::{Map, json};

use super::context::{Next, SignIn, Step, required};
use super::setup;
use crate::call::{App, Input};
use crate::delivery::{Kind, delivery_details};
use crate::error::{code_mismatch, expired_code, invalid_parameter};
use crate::operations::challenges::invalid_session;
use crate::operations::mfa::TotpAnswer;
use crate::randomness::Draw;
use crate::settings::MfaMode;
use crate::state::{Code, Expects, Factor, User};

/// The challenge that stands between a user and the tokens, if one does.
pub(super) fn challenge(sign_in: &mut SignIn<'_, '_>) -> Step {
    let user = sign_in.somebody()?;
    let factors = usable(sign_in.app(), user);
    let preferred = user.more.mfa.preferred;
    let preferred = preferred.filter(|factor| factors.contains(factor));
    let only = match factors.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    if let Some(factor) = preferred.or(only) {
        return ask(sign_in, factor);
    }
    if !factors.is_empty() {
        let names: Vec<&str> = factors.iter().map(|factor| factor.name()).collect();
        let mut parameters = Map::new();
        parameters.insert("MFAS_CAN_CHOOSE".into(), json!(json!(names).to_string()));
        parameters.insert("USER_ID_FOR_SRP".into(), json!(user.username));
        let expects = Expects::SelectMfaType(factors);
        return sign_in.ask("SELECT_MFA_TYPE", parameters, expects);
    }
    if sign_in.app().settings.mfa_configuration == MfaMode::On {
        return setup::challenge(sign_in);
    }
    Ok(Next::Tokens)
}

/// Whether signing in takes more than one factor.
pub(super) fn is_needed(app: &App, user: &User) -> bool {
    app.settings.mfa_configuration == MfaMode::On || !usable(app, user).is_empty()
}

/// The answer to SMS_MFA and EMAIL_OTP, and to the codes that are a first factor.
pub(super) fn sent_code(sign_in: &mut SignIn<'_, '_>) -> Step {
    let name = sign_in.input.text("ChallengeName");
    let answer = format!("{name}_CODE");
    let given = required(sign_in.given(&answer), &answer)?;
    let (code, sets_up) = match sign_in.open(sign_in.input.text("Session"))? {
        Expects::SentCode { challenge, code } if challenge == name => (code, false),
        Expects::EmailSetUp(code) if name == Factor::Email.name() => (code, true),
        _ => return Err(invalid_session()),
    };
    if code.code != given {
        let refusal = code_mismatch("Invalid code or auth state for the user.");
        return Err(sign_in.wrong_answer(refusal));
    }
    sign_in.check_state()?;
    sign_in.spend()?;
    sign_in.take_device_key();
    if sets_up {
        return setup::email_confirmed(sign_in, &code);
    }
    // The code came back, so the phone or the mailbox is the person's; unless the alias that this
    // would make belongs to somebody else.
    let (attribute, value) = (code.attribute.as_str(), code.value.as_str());
    let who = &sign_in.who;
    let is_theirs = sign_in.somebody()?.attribute(attribute) == Some(value);
    if is_theirs
        && sign_in
            .call
            .claim_alias(who, attribute, value, false)
            .is_ok()
    {
        sign_in.call.user_mut(who)?.set_verified(attribute, true);
    }
    Ok(Next::Tokens)
}

pub(super) fn software_token(sign_in: &mut SignIn<'_, '_>) -> Step {
    let given = sign_in.required("SOFTWARE_TOKEN_MFA_CODE")?;
    let Expects::SoftwareToken = sign_in.open(sign_in.input.text("Session"))? else {
        return Err(invalid_session());
    };
    sign_in.somebody()?;
    let refusal = match sign_in.call.check_totp(&sign_in.who, given)? {
        TotpAnswer::Right => {
            sign_in.spend()?;
            sign_in.check_state()?;
            sign_in.take_device_key();
            return Ok(Next::Tokens);
        }
        TotpAnswer::Used => expired_code("Your software token has already been used once."),
        TotpAnswer::Wrong => code_mismatch("Invalid code received for user"),
    };
    Err(sign_in.wrong_answer(refusal))
}

/// The answer to SELECT_MFA_TYPE is the next challenge.
pub(super) fn select(sign_in: &mut SignIn<'_, '_>) -> Step {
    let Expects::SelectMfaType(factors) = sign_in.open(sign_in.input.text("Session"))? else {
        return Err(invalid_session());
    };
    let wanted = sign_in.required("ANSWER")?;
    let Some(factor) = factors.iter().find(|factor| factor.name() == wanted) else {
        return Err(invalid_parameter(format!(
            "{wanted} is not among the factors to choose from."
        )));
    };
    sign_in.spend()?;
    ask(sign_in, *factor)
}

/// Sends a code and waits for it; the challenge is named `name`.
pub(super) fn send_and_ask(sign_in: &mut SignIn<'_, '_>, name: &str, attribute: &str) -> Step {
    let value = sign_in.somebody()?.attribute(attribute);
    let value = value.unwrap_or_default().to_owned();
    let challenge = name.to_owned();
    let expects = |code| Expects::SentCode { challenge, code };
    send_to(sign_in, name, (attribute, value), expects)
}

/// The same to an address that need not be the user's yet.
pub(super) fn send_to(
    sign_in: &mut SignIn<'_, '_>,
    name: &str,
    (attribute, value): (&str, String),
    expects: impl FnOnce(Code) -> Expects,
) -> Step {
    let lifetime = sign_in.app().client_settings().session_milliseconds();
    let code = Code {
        code: sign_in.call.randomness.code(),
        expires: sign_in.call.now.saturating_add(lifetime),
        attribute: attribute.into(),
        value,
        tries: 0,
    };
    let who = &sign_in.who;
    sign_in.call.send_code(who, Kind::Authentication, &code)?;
    let details = delivery_details(&code);
    let mut parameters = Map::new();
    for (parameter, member) in [
        ("CODE_DELIVERY_DELIVERY_MEDIUM", "DeliveryMedium"),
        ("CODE_DELIVERY_DESTINATION", "Destination"),
    ] {
        parameters.insert(parameter.into(), json!(details.text(member)));
    }
    parameters.insert(
        "USER_ID_FOR_SRP".into(),
        json!(sign_in.somebody()?.username),
    );
    sign_in.ask(name, parameters, expects(code))
}

fn ask(sign_in: &mut SignIn<'_, '_>, factor: Factor) -> Step {
    match factor {
        Factor::Sms => send_and_ask(sign_in, factor.name(), "phone_number"),
        Factor::Email => send_and_ask(sign_in, factor.name(), "email"),
        Factor::SoftwareToken => {
            let mut parameters = Map::new();
            parameters.insert(
                "USER_ID_FOR_SRP".into(),
                json!(sign_in.somebody()?.username),
            );
            sign_in.ask(factor.name(), parameters, Expects::SoftwareToken)
        }
    }
}

/// The factors that the pool has and the user can answer. Where MFA is optional it is what the
/// user turned on; where it is required and the user turned nothing on, whatever can be used.
fn usable(app: &App, user: &User) -> Vec<Factor> {
    if app.settings.mfa_configuration == MfaMode::Off {
        return Vec::new();
    }
    let possible: Vec<Factor> = [Factor::Sms, Factor::SoftwareToken, Factor::Email]
        .into_iter()
        .filter(|factor| match factor {
            Factor::Sms => app.mfa.sms && user.attribute("phone_number").is_some(),
            Factor::SoftwareToken => app.mfa.software_token && user.more.totp.secret.is_some(),
            Factor::Email => app.mfa.email.is_some() && user.attribute("email").is_some(),
        })
        .collect();
    let chosen: Vec<Factor> = possible
        .iter()
        .copied()
        .filter(|factor| user.more.mfa.enabled.contains(factor))
        .collect();
    if !chosen.is_empty() || app.settings.mfa_configuration == MfaMode::Optional {
        return chosen;
    }
    // Not email beside another: a code by SMS or an app is what the user has set up.
    possible.into_iter().take(1).collect()
}
