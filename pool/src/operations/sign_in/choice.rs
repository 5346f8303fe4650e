//! USER_AUTH: the person chooses the first factor.

use serde_json::{Map, json};

use super::context::{Next, SignIn, Step};
use super::{factor, passkey, password};
use crate::call::{App, Input};
use crate::error::{invalid_parameter, wrong_credentials};
use crate::operations::challenges::invalid_session;
use crate::state::{Expects, User, UserStatus};

pub(super) fn begin(sign_in: &mut SignIn<'_, '_>) -> Step {
    if let Some(session) = sign_in.input.optional("Session") {
        return after_sign_up(sign_in, session);
    }
    // Whoever shows a password may be somebody whom a function of the app knows.
    let shows_password = sign_in.given("PREFERRED_CHALLENGE") == Some("PASSWORD")
        && sign_in.given("PASSWORD").is_some();
    if !shows_password && !sign_in.app().prevents_user_existence_errors() {
        sign_in.known()?;
    }
    let available = available(sign_in.app(), sign_in.user());
    if available.is_empty() {
        // Somebody without a password: their state is all that there is to say.
        sign_in.known()?;
        sign_in.check_state()?;
        return Err(wrong_credentials());
    }
    let preferred = sign_in.given("PREFERRED_CHALLENGE");
    if let Some(preferred) = preferred.filter(|wanted| available.contains(wanted)) {
        return start(sign_in, preferred, available, None);
    }
    // The options come along: a passkey may be shown with the choice.
    let (expects, parameters) = if available.contains(&"WEB_AUTHN") {
        let (challenge, parameters) = passkey::challenge(sign_in)?;
        (Expects::SelectOrPasskey(challenge), parameters)
    } else {
        (Expects::SelectChallenge, Map::new())
    };
    let session = sign_in.wait_for(expects)?;
    Ok(Next::Reply(json!({
        "ChallengeName": "SELECT_CHALLENGE",
        "Session": session,
        "ChallengeParameters": parameters,
        "AvailableChallenges": available,
    })))
}

/// The session of ConfirmSignUp: the code that came back there is the first factor, of the first
/// sign-in alone.
fn after_sign_up<'a>(sign_in: &mut SignIn<'a, '_>, session: &'a str) -> Step {
    let Expects::Confirmed = sign_in.open(session)? else {
        return Err(invalid_session());
    };
    sign_in.take_device_key();
    sign_in.somebody()?;
    let pool = sign_in.call.pool(&sign_in.app().pool_id)?;
    if !pool.sign_ins_of(&sign_in.who.key).is_empty() {
        return Err(invalid_session());
    }
    sign_in.spend()?;
    Ok(Next::FirstFactorGiven)
}

/// The answer to SELECT_CHALLENGE, and to PASSWORD and PASSWORD_SRP when those were preferred
/// without what they need.
pub(super) fn answer(sign_in: &mut SignIn<'_, '_>) -> Step {
    let session = sign_in.input.text("Session");
    let expects = sign_in.open(session)?;
    let wanted = match (&expects, sign_in.input.text("ChallengeName")) {
        (Expects::SelectChallenge | Expects::SelectOrPasskey(_), "SELECT_CHALLENGE") => {
            sign_in.required("ANSWER")?
        }
        (Expects::Password, name @ ("PASSWORD" | "PASSWORD_SRP")) => name,
        _ => return Err(invalid_session()),
    };
    let available = available(sign_in.app(), sign_in.user());
    if !available.contains(&wanted) {
        return Err(invalid_parameter(format!(
            "{wanted} is not among the available challenges."
        )));
    }
    if let (Expects::SelectOrPasskey(challenge), "WEB_AUTHN", Some(credential)) =
        (&expects, wanted, sign_in.given("CREDENTIAL"))
    {
        return passkey::verify(sign_in, challenge, credential);
    }
    // A wrong password is counted and may be tried again; everything else is decided now.
    if !matches!(wanted, "PASSWORD" | "PASSWORD_SRP") {
        sign_in.spend_for_good()?;
    }
    start(sign_in, wanted, available, Some(session))
}

/// Begins with a factor. The reply names the others beside it, for who wants another way.
fn start(
    sign_in: &mut SignIn<'_, '_>,
    wanted: &str,
    available: Vec<&'static str>,
    choice: Option<&str>,
) -> Step {
    let step = match wanted {
        "PASSWORD" => match sign_in.given("PASSWORD") {
            Some(password) => return check_password(sign_in, password),
            None => ask_password(sign_in, wanted),
        },
        "PASSWORD_SRP" => match sign_in.given("SRP_A") {
            Some(srp_a) => password::chosen(sign_in, srp_a, choice),
            None => ask_password(sign_in, wanted),
        },
        "WEB_AUTHN" => passkey::ask(sign_in),
        "EMAIL_OTP" => factor::send_and_ask(sign_in, wanted, "email"),
        _ => factor::send_and_ask(sign_in, wanted, "phone_number"),
    };
    step.map(|next| match next {
        Next::Reply(mut reply) => {
            if let Some(members) = reply.as_object_mut() {
                members.insert("AvailableChallenges".into(), json!(available));
            }
            Next::Reply(reply)
        }
        other => other,
    })
}

fn ask_password(sign_in: &mut SignIn<'_, '_>, wanted: &str) -> Step {
    sign_in.spend()?;
    sign_in.ask(wanted, Map::new(), Expects::Password)
}

fn check_password(sign_in: &mut SignIn<'_, '_>, password: &str) -> Step {
    match password::check(sign_in, password) {
        Ok(next) => {
            sign_in.spend_for_good()?;
            Ok(next)
        }
        Err(refusal) => Err(sign_in.wrong_answer(refusal)),
    }
}

/// The first factors that the pool's sign-in policy allows and the user has. Codes are for users
/// without a second factor: one code must not be both.
fn available(app: &App, user: Option<&User>) -> Vec<&'static str> {
    let mut out = Vec::new();
    let allows = |name: &str| app.settings.allows_first_factor(name);
    if allows("PASSWORD") && user.is_none_or(|user| user.password.is_some()) {
        out.extend(["PASSWORD", "PASSWORD_SRP"]);
    }
    let Some(user) = user else {
        return out;
    };
    let passwordless =
        user.enabled && user.status == UserStatus::Confirmed && !factor::is_needed(app, user);
    for (name, attribute) in [("EMAIL_OTP", "email"), ("SMS_OTP", "phone_number")] {
        if passwordless && allows(name) && user.is_verified(attribute) {
            out.push(name);
        }
    }
    if user.enabled && user.status == UserStatus::Confirmed && passkey::is_possible(app, user) {
        out.push("WEB_AUTHN");
    }
    out
}
