//! MFA_SETUP: a pool requires a second factor and the user has none yet.

use serde_json::{Map, json};

use super::context::{Next, SignIn, Step};
use crate::call::Input;
use crate::error::invalid_parameter;
use crate::operations::challenges::invalid_session;
use crate::state::{Expects, Factor};

pub(super) fn challenge(sign_in: &mut SignIn<'_, '_>) -> Step {
    if !sign_in.app().mfa.software_token {
        return Err(invalid_parameter(
            "User does not have delivery config set to turn on SMS_MFA",
        ));
    }
    let names = json!([Factor::SoftwareToken.name()]).to_string();
    let mut parameters = Map::new();
    parameters.insert("MFAS_CAN_SETUP".into(), json!(names));
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

/// AssociateSoftwareToken and VerifySoftwareToken came before, each with the session of the last.
pub(super) fn finish_setup(sign_in: &mut SignIn<'_, '_>) -> Step {
    let Expects::MfaSetup {
        secret: Some(secret),
        used_step: Some(step),
    } = sign_in.open(sign_in.input.text("Session"))?
    else {
        return Err(invalid_session());
    };
    sign_in.check_state()?;
    sign_in.spend()?;
    let user = sign_in.call.modify(&sign_in.who)?;
    user.totp.secret = Some(secret);
    user.totp.used_step = Some(step);
    user.mfa.enabled.insert(Factor::SoftwareToken);
    user.mfa.preferred = user.mfa.preferred.or(Some(Factor::SoftwareToken));
    Ok(Next::Tokens)
}
