//! USER_AUTH: the person chooses the first factor.

use serde_json::{Map, Value, json};

use super::challenge::invalid_session;
use super::{Progress, factor, password, required};
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, invalid_parameter};
use crate::state::{Expects, UserStatus};

pub(super) fn begin(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    input: &Value,
    device_key: Option<String>,
) -> Outcome {
    let parameter = |key: &str| input.entry("AuthParameters", key);
    let progress = Progress { device_key };
    let found = call.find(app, name);
    if found.is_none() && !app.prevents_user_existence_errors() {
        return Err(password::unknown(app));
    }
    let available = available(app, found.as_ref());
    let preferred = parameter("PREFERRED_CHALLENGE").filter(|wanted| available.contains(wanted));
    if let Some(preferred) = preferred {
        let (srp_a, password) = (parameter("SRP_A"), parameter("PASSWORD"));
        return start(call, app, name, found, preferred, srp_a, password, progress);
    }
    let key = found.map_or_else(|| password::nobody(name), |found| found.key);
    let session = call.remember_challenge(app, &key, Expects::SelectChallenge, &progress, None)?;
    Ok(json!({
        "ChallengeName": "SELECT_CHALLENGE",
        "Session": session,
        "ChallengeParameters": {},
        "AvailableChallenges": available,
    }))
}

/// The answer to SELECT_CHALLENGE, and to PASSWORD and PASSWORD_SRP when those were preferred
/// without what they need.
pub(super) fn answer(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let session = input.text("Session");
    let responses = |key: &str| input.entry("ChallengeResponses", key);
    let challenge = call.open_challenge(app, session, username)?;
    let wanted = match (&challenge.expects, input.text("ChallengeName")) {
        (Expects::SelectChallenge, "SELECT_CHALLENGE") => required(responses("ANSWER"), "ANSWER")?,
        (Expects::Password, name @ ("PASSWORD" | "PASSWORD_SRP")) => name,
        _ => return Err(invalid_session()),
    };
    let found = call.find_key(app, &challenge.user);
    if !available(app, found.as_ref()).contains(&wanted) {
        return Err(invalid_parameter(format!(
            "{wanted} is not among the available challenges."
        )));
    }
    // A made-up user keeps the name that was asked for.
    let name = found
        .as_ref()
        .map_or(username, |found| &found.user.username)
        .to_owned();
    call.spend(app, session);
    let progress = Progress {
        device_key: challenge.device_key.clone(),
    };
    let (srp_a, password) = (responses("SRP_A"), responses("PASSWORD"));
    start(call, app, &name, found, wanted, srp_a, password, progress)
        .map_err(|refusal| refusal.keeping_changes())
}

#[allow(clippy::too_many_arguments)] // one place where all that a first factor may need comes together
fn start(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    found: Option<Found>,
    wanted: &str,
    srp_a: Option<&str>,
    password: Option<&str>,
    progress: Progress,
) -> Outcome {
    match (wanted, found) {
        ("PASSWORD", found) => match password {
            Some(password) => password::check(call, app, name, password, progress.device_key),
            None => ask_password(call, app, name, found, "PASSWORD", &progress),
        },
        ("PASSWORD_SRP", found) => match srp_a {
            Some(srp_a) => password::challenge(call, app, name, srp_a, progress.device_key),
            None => ask_password(call, app, name, found, "PASSWORD_SRP", &progress),
        },
        ("EMAIL_OTP", Some(found)) => {
            factor::send_and_ask(call, app, &found, wanted, "email", &progress)
        }
        ("SMS_OTP", Some(found)) => {
            factor::send_and_ask(call, app, &found, wanted, "phone_number", &progress)
        }
        _ => Err(password::unknown(app)),
    }
}

fn ask_password(
    call: &mut Call<'_>,
    app: &App,
    name: &str,
    found: Option<Found>,
    challenge: &str,
    progress: &Progress,
) -> Outcome {
    let key = found.map_or_else(|| password::nobody(name), |found| found.key);
    call.issue(
        app,
        &key,
        challenge,
        Map::new(),
        Expects::Password,
        progress,
    )
}

/// The first factors that the pool's sign-in policy allows and the user has. Codes are for users
/// without a second factor: one code must not be both.
fn available(app: &App, found: Option<&Found>) -> Vec<&'static str> {
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
    let Some(Found { user, .. }) = found else {
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
