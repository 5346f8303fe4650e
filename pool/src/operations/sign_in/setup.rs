//! MFA_SETUP: a pool requires a second factor and the user has none yet.

use serde_json::{Map, json};

use super::context::{Next, SignIn, Step};
use super::factor;
use crate::call::Input;
use crate::error::{Refusal, invalid_parameter};
use crate::operations::challenges::invalid_session;
use crate::state::{Code, Expects, Factor};

pub(super) fn challenge(sign_in: &mut SignIn<'_, '_>) -> Step {
    let mfa = &sign_in.app().mfa;
    if !mfa.software_token && !takes_email(sign_in)? {
        return Err(invalid_parameter(
            "User does not have delivery config set to turn on SMS_MFA",
        ));
    }
    // A phone cannot be set up here, and is named all the same.
    let kinds = [
        (mfa.sms, Factor::Sms),
        (mfa.software_token, Factor::SoftwareToken),
        (takes_email(sign_in)?, Factor::Email),
    ];
    let names: Vec<&str> = kinds
        .iter()
        .filter(|(offered, _)| *offered)
        .map(|(_, factor)| factor.name())
        .collect();
    let mut parameters = Map::new();
    parameters.insert("MFAS_CAN_SETUP".into(), json!(json!(names).to_string()));
    parameters.insert(
        "USER_ID_FOR_SRP".into(),
        json!(sign_in.somebody()?.username),
    );
    let expects = Expects::MfaSetup {
        secret: None,
        used_step: None,
    };
    sign_in.ask("MFA_SETUP", parameters, expects)
}

/// An email to send a code to; or an authenticator app, for which AssociateSoftwareToken and
/// VerifySoftwareToken came before, each with the session of the last.
pub(super) fn answer(sign_in: &mut SignIn<'_, '_>) -> Step {
    let expects = sign_in.open(sign_in.input.text("Session"))?;
    match (expects, sign_in.given("EMAIL")) {
        (Expects::MfaSetup { .. }, Some(email)) => send_code(sign_in, email),
        (
            Expects::MfaSetup {
                secret: Some(secret),
                used_step: Some(_),
            },
            None,
        ) => {
            sign_in.check_state()?;
            // Set up when its code was right; unless an administrator has taken it away since.
            if sign_in.somebody()?.more.totp.secret.as_ref() != Some(&secret) {
                return Err(invalid_session());
            }
            sign_in.spend()?;
            Ok(Next::Tokens)
        }
        _ => Err(invalid_session()),
    }
}

fn send_code(sign_in: &mut SignIn<'_, '_>, email: &str) -> Step {
    if !takes_email(sign_in)? {
        return Err(invalid_parameter(
            "EMAIL_OTP is not among the factors to set up.",
        ));
    }
    sign_in.check_state()?;
    sign_in.app().settings.check_attribute("email", email)?;
    if email.is_empty() {
        return Err(invalid_parameter("Missing required parameter EMAIL"));
    }
    sign_in.spend()?;
    let carrier = ("email", email.to_owned());
    factor::send_to(sign_in, Factor::Email.name(), carrier, Expects::EmailSetUp)
}

/// The code came back: the address is the person's from now on.
pub(super) fn email_confirmed(sign_in: &mut SignIn<'_, '_>, code: &Code) -> Step {
    let who = &sign_in.who;
    sign_in
        .call
        .claim_alias(who, &code.attribute, &code.value, false)?;
    let user = sign_in.call.modify(who)?;
    user.attributes.insert(&code.attribute, &code.value);
    user.set_verified(&code.attribute, true);
    user.more.mfa.turn_on(Factor::Email);
    Ok(Next::Tokens)
}

/// Whether an email can become the second factor: one that the user has would be asked for.
fn takes_email(sign_in: &SignIn<'_, '_>) -> Result<bool, Refusal> {
    let has_none = sign_in.somebody()?.attribute("email").is_none();
    Ok(has_none && sign_in.app().mfa.email.is_some())
}
