//! The second factor: which one is asked for, and its answer.

use serde_json::{Map, Value, json};

use super::challenge::invalid_session;
use super::{Progress, finish, required, setup};
use crate::call::{App, Call, Found, Input};
use crate::delivery::{Kind, delivery_details};
use crate::error::{Outcome, Refusal, code_mismatch, invalid_parameter};
use crate::operations::mfa::TotpAnswer;
use crate::randomness::Draw;
use crate::settings::MfaMode;
use crate::state::{Code, Expects, Factor, User};

/// The challenge that stands between a user and the tokens, if one does.
pub(super) fn challenge(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    progress: &Progress,
) -> Result<Option<Value>, Refusal> {
    let factors = usable(app, &found.user);
    let preferred = found
        .user
        .mfa
        .preferred
        .filter(|factor| factors.contains(factor));
    let only = match factors.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    if let Some(factor) = preferred.or(only) {
        return ask(call, app, found, factor, progress).map(Some);
    }
    if !factors.is_empty() {
        let names: Vec<&str> = factors.iter().map(|factor| factor.name()).collect();
        let mut parameters = Map::new();
        parameters.insert("MFAS_CAN_CHOOSE".into(), json!(json!(names).to_string()));
        parameters.insert("USER_ID_FOR_SRP".into(), json!(found.user.username));
        let expects = Expects::SelectMfaType(factors);
        return call
            .issue(
                app,
                &found.key,
                "SELECT_MFA_TYPE",
                parameters,
                expects,
                progress,
            )
            .map(Some);
    }
    if app.settings.mfa_configuration == MfaMode::On {
        return setup::challenge(call, app, found, progress).map(Some);
    }
    Ok(None)
}

/// Whether signing in takes more than one factor.
pub(super) fn is_needed(app: &App, user: &User) -> bool {
    app.settings.mfa_configuration == MfaMode::On || !usable(app, user).is_empty()
}

/// The answer to SMS_MFA and EMAIL_OTP, and to the codes that are a first factor.
pub(super) fn sent_code(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let name = input.text("ChallengeName");
    let session = input.text("Session");
    let given = input.entry("ChallengeResponses", &format!("{name}_CODE"));
    let given = required(given, &format!("{name}_CODE"))?;
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::SentCode {
        challenge: expected,
        code,
    } = &challenge.expects
    else {
        return Err(invalid_session());
    };
    if expected != name {
        return Err(invalid_session());
    }
    if code.code != given {
        let refusal = code_mismatch("Invalid code or auth state for the user.");
        return Err(call.wrong_answer(app, session, refusal));
    }
    let (mut found, progress) = call.challenged(app, &challenge)?;
    call.spend(app, session);
    super::check_state(call, &found)?;
    // The code came back, so the phone or the mailbox is the person's; unless the alias that this
    // would make belongs to somebody else.
    if found.user.attribute(&code.attribute) == Some(code.value.as_str())
        && call
            .claim_alias(app, &found, &code.attribute, &code.value, false)
            .is_ok()
    {
        found.user.set_verified(&code.attribute, true);
        call.store(app, &found);
    }
    finish(call, app, &mut found, progress)
}

pub(super) fn software_token(
    call: &mut Call<'_>,
    app: &App,
    username: &str,
    input: &Value,
) -> Outcome {
    let session = input.text("Session");
    let given = input.entry("ChallengeResponses", "SOFTWARE_TOKEN_MFA_CODE");
    let given = required(given, "SOFTWARE_TOKEN_MFA_CODE")?;
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::SoftwareToken = challenge.expects else {
        return Err(invalid_session());
    };
    let (mut found, progress) = call.challenged(app, &challenge)?;
    match call.check_totp(&mut found.user, given) {
        TotpAnswer::Right => {}
        TotpAnswer::Used => {
            let refusal =
                crate::error::expired_code("Your software token has already been used once.");
            return Err(call.wrong_answer(app, session, refusal));
        }
        TotpAnswer::Wrong => {
            let refusal = code_mismatch("Invalid code received for user");
            return Err(call.wrong_answer(app, session, refusal));
        }
    }
    call.spend(app, session);
    super::check_state(call, &found)?;
    call.store(app, &found);
    finish(call, app, &mut found, progress)
}

/// The answer to SELECT_MFA_TYPE is the next challenge.
pub(super) fn select(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let session = input.text("Session");
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::SelectMfaType(factors) = &challenge.expects else {
        return Err(invalid_session());
    };
    let wanted = required(input.entry("ChallengeResponses", "ANSWER"), "ANSWER")?;
    let Some(factor) = factors.iter().find(|factor| factor.name() == wanted) else {
        return Err(invalid_parameter(format!(
            "{wanted} is not among the factors to choose from."
        )));
    };
    let (found, progress) = call.challenged(app, &challenge)?;
    call.spend(app, session);
    ask(call, app, &found, *factor, &progress)
}

/// Sends a code and waits for it; the challenge is named `name`.
pub(super) fn send_and_ask(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    name: &str,
    attribute: &str,
    progress: &Progress,
) -> Outcome {
    let code = Code {
        code: call.randomness.code(),
        expires: call
            .now
            .saturating_add(app.client_settings().session_milliseconds()),
        attribute: attribute.into(),
        value: found.user.attribute(attribute).unwrap_or_default().into(),
        tries: 0,
    };
    call.send_code(app, &found.user, Kind::Authentication, &code)?;
    let details = delivery_details(&code);
    let mut parameters = Map::new();
    parameters.insert(
        "CODE_DELIVERY_DELIVERY_MEDIUM".into(),
        json!(details.text("DeliveryMedium")),
    );
    parameters.insert(
        "CODE_DELIVERY_DESTINATION".into(),
        json!(details.text("Destination")),
    );
    parameters.insert("USER_ID_FOR_SRP".into(), json!(found.user.username));
    let expects = Expects::SentCode {
        challenge: name.into(),
        code,
    };
    call.issue(app, &found.key, name, parameters, expects, progress)
}

fn ask(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    factor: Factor,
    progress: &Progress,
) -> Outcome {
    match factor {
        Factor::Sms => send_and_ask(call, app, found, factor.name(), "phone_number", progress),
        Factor::Email => send_and_ask(call, app, found, factor.name(), "email", progress),
        Factor::SoftwareToken => {
            let mut parameters = Map::new();
            parameters.insert("USER_ID_FOR_SRP".into(), json!(found.user.username));
            let name = factor.name();
            call.issue(
                app,
                &found.key,
                name,
                parameters,
                Expects::SoftwareToken,
                progress,
            )
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
            Factor::SoftwareToken => app.mfa.software_token && user.totp.secret.is_some(),
            Factor::Email => app.mfa.email.is_some() && user.attribute("email").is_some(),
        })
        .collect();
    let chosen: Vec<Factor> = possible
        .iter()
        .copied()
        .filter(|factor| user.mfa.enabled.contains(factor))
        .collect();
    if !chosen.is_empty() || app.settings.mfa_configuration == MfaMode::Optional {
        return chosen;
    }
    // Not email beside another: a code by SMS or an app is what the user has set up.
    possible.into_iter().take(1).collect()
}
