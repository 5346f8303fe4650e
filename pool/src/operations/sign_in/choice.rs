//! USER_AUTH: the person chooses the first factor.

use serde_json::{Map, json};

use super::context::{Next, SignIn, Step};
use super::{factor, password};
use crate::call::{App, Input};
use crate::error::invalid_parameter;
use crate::operations::challenges::invalid_session;
use crate::state::{Expects, User, UserStatus};

pub(super) fn begin(sign_in: &mut SignIn<'_, '_>) -> Step {
    if !sign_in.app().prevents_user_existence_errors() {
        sign_in.known()?;
    }
    let available = available(sign_in.app(), sign_in.user());
    let preferred = sign_in.given("PREFERRED_CHALLENGE");
    if let Some(preferred) = preferred.filter(|wanted| available.contains(wanted)) {
        return start(sign_in, preferred);
    }
    let session = sign_in.wait_for(Expects::SelectChallenge)?;
    Ok(Next::Reply(json!({
        "ChallengeName": "SELECT_CHALLENGE",
        "Session": session,
        "ChallengeParameters": {},
        "AvailableChallenges": available,
    })))
}

/// The answer to SELECT_CHALLENGE, and to PASSWORD and PASSWORD_SRP when those were preferred
/// without what they need.
pub(super) fn answer(sign_in: &mut SignIn<'_, '_>) -> Step {
    let expects = sign_in.open(sign_in.input.text("Session"))?;
    let wanted = match (expects, sign_in.input.text("ChallengeName")) {
        (Expects::SelectChallenge, "SELECT_CHALLENGE") => sign_in.required("ANSWER")?,
        (Expects::Password, name @ ("PASSWORD" | "PASSWORD_SRP")) => name,
        _ => return Err(invalid_session()),
    };
    if !available(sign_in.app(), sign_in.user()).contains(&wanted) {
        return Err(invalid_parameter(format!(
            "{wanted} is not among the available challenges."
        )));
    }
    sign_in.spend_for_good()?;
    start(sign_in, wanted)
}

fn start(sign_in: &mut SignIn<'_, '_>, wanted: &str) -> Step {
    match wanted {
        "PASSWORD" => match sign_in.given("PASSWORD") {
            Some(password) => password::check(sign_in, password),
            None => sign_in.ask(wanted, Map::new(), Expects::Password),
        },
        "PASSWORD_SRP" => match sign_in.given("SRP_A") {
            Some(srp_a) => password::challenge(sign_in, srp_a),
            None => sign_in.ask(wanted, Map::new(), Expects::Password),
        },
        "EMAIL_OTP" => factor::send_and_ask(sign_in, wanted, "email"),
        _ => factor::send_and_ask(sign_in, wanted, "phone_number"),
    }
}

/// The first factors that the pool's sign-in policy allows and the user has. Codes are for users
/// without a second factor: one code must not be both.
fn available(app: &App, user: Option<&User>) -> Vec<&'static str> {
    let policy = app
        .settings
        .policies
        .sign_in_policy
        .clone()
        .unwrap_or_default();
    let allowed = policy.allowed_first_auth_factors;
    let allows = |name: &str| allowed.iter().any(|factor| factor == name);
    let mut out = Vec::new();
    if allowed.is_empty() || allows("PASSWORD") {
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
    out
}
