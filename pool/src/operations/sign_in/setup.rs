//! MFA_SETUP: a pool requires a second factor and the user has none yet.

use serde_json::{Map, Value, json};

use super::challenge::invalid_session;
use super::{Progress, finish};
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, invalid_parameter};
use crate::state::{Expects, Factor};

pub(super) fn challenge(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    progress: &Progress,
) -> Outcome {
    if !app.mfa.software_token {
        return Err(invalid_parameter(
            "User does not have delivery config set to turn on SMS_MFA",
        ));
    }
    let names = json!([Factor::SoftwareToken.name()]).to_string();
    let mut parameters = Map::new();
    parameters.insert("MFAS_CAN_SETUP".into(), json!(names));
    parameters.insert("USER_ID_FOR_SRP".into(), json!(found.user.username));
    let expects = Expects::MfaSetup {
        secret: None,
        done: false,
    };
    call.issue(app, &found.key, "MFA_SETUP", parameters, expects, progress)
}

/// AssociateSoftwareToken and VerifySoftwareToken came before, each with the session of the last.
pub(super) fn finish_setup(
    call: &mut Call<'_>,
    app: &App,
    username: &str,
    input: &Value,
) -> Outcome {
    let session = input.text("Session");
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::MfaSetup {
        secret: Some(secret),
        done: true,
    } = challenge.expects.clone()
    else {
        return Err(invalid_session());
    };
    let (mut found, progress) = call.challenged(app, &challenge)?;
    call.spend(app, session);
    super::check_state(call, &found)?;
    found.user.totp.secret = Some(secret);
    found.user.mfa.enabled.insert(Factor::SoftwareToken);
    found.user.mfa.preferred = found.user.mfa.preferred.or(Some(Factor::SoftwareToken));
    call.store_modified(app, &mut found);
    finish(call, app, &mut found, progress)
}
