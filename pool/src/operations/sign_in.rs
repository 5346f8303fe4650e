//! Signing in: InitiateAuth, RespondToAuthChallenge and their forms for administrators.

mod challenge;
mod choice;
mod custom;
mod device;
mod factor;
mod new_password;
mod password;
mod setup;

use serde_json::{Value, json};

use crate::call::{App, Call, Found, Input, check_secret_hash};
use crate::error::{
    Outcome, Refusal, invalid_parameter, not_authorized, password_reset_required,
    user_not_confirmed,
};
use crate::state::{User, UserStatus};

use challenge::Progress;
pub(super) use challenge::invalid_session;

pub(crate) fn initiate_auth(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId"))?;
    match input.text("AuthFlow") {
        "ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => {
            Err(invalid_parameter("This flow is for AdminInitiateAuth."))
        }
        flow => begin(call, &app, flow, input),
    }
}

pub(crate) fn admin_initiate_auth(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered_app(input)?;
    match input.text("AuthFlow") {
        "USER_PASSWORD_AUTH" => Err(invalid_parameter("This flow is for InitiateAuth.")),
        flow => begin(call, &app, flow, input),
    }
}

pub(crate) fn respond_to_auth_challenge(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId"))?;
    respond(call, &app, input)
}

pub(crate) fn admin_respond_to_auth_challenge(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered_app(input)?;
    respond(call, &app, input)
}

fn begin(call: &mut Call<'_>, app: &App, flow: &str, input: &Value) -> Outcome {
    let parameter = |name: &str| input.entry("AuthParameters", name);
    let needed = match flow {
        "USER_SRP_AUTH" => "ALLOW_USER_SRP_AUTH",
        "USER_PASSWORD_AUTH" => "ALLOW_USER_PASSWORD_AUTH",
        "ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => "ALLOW_REFRESH_TOKEN_AUTH",
        "CUSTOM_AUTH" => "ALLOW_CUSTOM_AUTH",
        _ => "ALLOW_USER_AUTH",
    };
    if !app.client_settings().allows(needed) {
        return Err(invalid_parameter(format!(
            "{flow} flow not enabled for this client"
        )));
    }
    if matches!(flow, "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN") {
        let token = required(parameter("REFRESH_TOKEN"), "REFRESH_TOKEN")?;
        let owner = call.owner_of_refresh_token(app, token);
        check_refresh_secret(app, owner, parameter("SECRET_HASH"))?;
        let result = call.refresh(app, token, parameter("DEVICE_KEY"))?;
        return Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }));
    }
    let name = required(parameter("USERNAME"), "USERNAME")?;
    check_secret_hash(app, Some(name), parameter("SECRET_HASH"))?;
    let device_key = parameter("DEVICE_KEY").map(String::from);
    match flow {
        "USER_SRP_AUTH" => {
            let srp_a = required(parameter("SRP_A"), "SRP_A")?;
            password::challenge(call, app, name, srp_a, device_key)
        }
        "CUSTOM_AUTH" => custom::begin(call, app, name, parameter("SRP_A"), device_key),
        "USER_AUTH" => choice::begin(call, app, name, input, device_key),
        _ => {
            let password = required(parameter("PASSWORD"), "PASSWORD")?;
            password::check(call, app, name, password, device_key)
        }
    }
}

fn respond(call: &mut Call<'_>, app: &App, input: &Value) -> Outcome {
    let name = input.text("ChallengeName");
    let answer = |key: &str| input.entry("ChallengeResponses", key);
    let username = required(answer("USERNAME"), "USERNAME")?;
    check_secret_hash(app, Some(username), answer("SECRET_HASH"))?;
    match name {
        "PASSWORD_VERIFIER" => password::verify(call, app, username, input),
        "DEVICE_PASSWORD_VERIFIER" => device::verify(call, app, username, input),
        "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" => factor::sent_code(call, app, username, input),
        "SOFTWARE_TOKEN_MFA" => factor::software_token(call, app, username, input),
        "SELECT_MFA_TYPE" => factor::select(call, app, username, input),
        "MFA_SETUP" => setup::finish_setup(call, app, username, input),
        "NEW_PASSWORD_REQUIRED" => new_password::set(call, app, username, input),
        "CUSTOM_CHALLENGE" => custom::answer(call, app, username, input),
        "SELECT_CHALLENGE" | "PASSWORD" | "PASSWORD_SRP" => {
            choice::answer(call, app, username, input)
        }
        "DEVICE_SRP_AUTH" => device::challenge(call, app, username, input),
        _ => Err(invalid_parameter(format!(
            "{name} is not a challenge of this user pool."
        ))),
    }
}

/// Goes on after the first factor: what the user's state asks for, then the second factor, then
/// tokens.
fn after_first_factor(
    call: &mut Call<'_>,
    app: &App,
    found: &mut Found,
    progress: Progress,
) -> Outcome {
    check_state(call, found)?;
    found.user.wrong_passwords = 0;
    found.user.locked_until = 0;
    call.store(app, found);
    if found.user.status == UserStatus::ForceChangePassword {
        return new_password::challenge(call, app, found, progress);
    }
    after_password(call, app, found, progress)
}

/// Goes on once the password is one to keep.
fn after_password(
    call: &mut Call<'_>,
    app: &App,
    found: &mut Found,
    progress: Progress,
) -> Outcome {
    if let Some(outcome) = device::instead_of_factor(call, app, found, &progress) {
        return outcome;
    }
    match factor::challenge(call, app, found, &progress)? {
        Some(challenge) => Ok(challenge),
        None => finish(call, app, found, progress),
    }
}

/// The tokens.
fn finish(call: &mut Call<'_>, app: &App, found: &mut Found, progress: Progress) -> Outcome {
    let (device_key, new_device) = device::of_sign_in(call, app, found, progress.device_key);
    let mut result = call.sign_in(app, found, device_key)?;
    if let (Some(new_device), Some(members)) = (new_device, result.as_object_mut()) {
        members.insert("NewDeviceMetadata".into(), new_device);
    }
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}

/// Whether a user may go on at all. Said only to who knows the password, or has another first
/// factor.
fn check_state(call: &Call<'_>, found: &Found) -> Result<(), Refusal> {
    let user = &found.user;
    if !user.enabled {
        return Err(not_authorized("User is disabled."));
    }
    match user.status {
        UserStatus::Unconfirmed => Err(user_not_confirmed("User is not confirmed.")),
        UserStatus::ResetRequired => Err(password_reset_required(
            "Password reset required for the user",
        )),
        UserStatus::ForceChangePassword
            if user
                .temporary_password_expires
                .is_some_and(|expires| call.now >= expires) =>
        {
            Err(not_authorized(
                "Temporary password has expired and must be reset by an administrator.",
            ))
        }
        _ => Ok(()),
    }
}

/// When refreshing, the request names no user: the secret hash is made of the name or the `sub` of
/// the one whom the token was given to. A token that nobody was given is refused for itself.
fn check_refresh_secret(app: &App, owner: Option<User>, hash: Option<&str>) -> Result<(), Refusal> {
    let Some(owner) = owner.filter(|_| hash.is_some()) else {
        let has_secret = app
            .client
            .as_ref()
            .is_some_and(|client| client.secret.is_some());
        return match (has_secret, hash) {
            (true, Some(_)) => Ok(()),
            _ => check_secret_hash(app, None, hash),
        };
    };
    let sub = owner.attributes.get("sub").map(String::as_str);
    check_secret_hash(app, sub, hash)
        .or_else(|_| check_secret_hash(app, Some(&owner.username), hash))
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| invalid_parameter(format!("Missing required parameter {name}")))
}
