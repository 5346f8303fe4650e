//! Signing in: InitiateAuth, RespondToAuthChallenge and their forms for administrators.

mod choice;
mod context;
mod custom;
mod device;
mod factor;
mod new_password;
mod passkey;
mod password;
mod setup;

use serde_json::{Value, json};

use super::claims::Occasion;
use crate::call::{App, Call, Input, check_secret_hash};
use crate::error::{Outcome, Refusal, invalid_parameter};
use crate::facts;
use crate::state::{User, UserStatus};

use context::{Next, SignIn, Step, required};

pub(crate) fn initiate_auth(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId"))?;
    match input.text("AuthFlow") {
        "ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => Err(not_supported()),
        flow => begin(call, app, flow, input),
    }
}

pub(crate) fn admin_initiate_auth(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered_app(input)?;
    match input.text("AuthFlow") {
        "USER_PASSWORD_AUTH" => Err(not_supported()),
        flow => begin(call, app, flow, input),
    }
}

/// A flow of the other operation of the two.
fn not_supported() -> Refusal {
    invalid_parameter("Initiate Auth method not supported.")
}

pub(crate) fn respond_to_auth_challenge(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId"))?;
    respond(call, app, input, finish)
}

pub(crate) fn admin_respond_to_auth_challenge(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.administered_app(input)?;
    respond(call, app, input, finish)
}

/// The member that says who has signed in, where no tokens are wanted yet.
pub(crate) const SIGNED_IN: &str = "SignedIn";

/// A step of signing in at managed login, whatever flows the client allows: InitiateAuth's input, by
/// password or choice, or the answer to a challenge (RespondToAuthChallenge's). Gives a challenge or,
/// under [`SIGNED_IN`], the key of the user.
pub(crate) fn by_managed_login(call: &mut Call<'_>, app: &App, input: &Value) -> Outcome {
    let signed_in = |sign_in: &mut SignIn<'_, '_>| {
        sign_in.tell_after()?;
        Ok(json!({ SIGNED_IN: sign_in.who.key }))
    };
    if input.get("ChallengeName").is_some() {
        facts::check("RespondToAuthChallenge", input)?;
        return respond(call, app.clone(), input, signed_in);
    }
    facts::check("InitiateAuth", input)?;
    let parameter = |name: &str| input.entry("AuthParameters", name);
    let name = required(parameter("USERNAME"), "USERNAME")?;
    check_secret_hash(app, Some(name), parameter("SECRET_HASH"))?;
    let mut sign_in = SignIn::begun(call, app.clone(), input, name);
    sign_in.tell_before()?;
    let first = if input.text("AuthFlow") == "USER_AUTH" {
        choice::begin(&mut sign_in)
    } else {
        let password = sign_in.required("PASSWORD");
        password.and_then(|password| password::check(&mut sign_in, password))
    };
    go_on(sign_in, first, signed_in)
}

fn begin(call: &mut Call<'_>, app: App, flow: &str, input: &Value) -> Outcome {
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
        return Err(invalid_parameter(match flow {
            "USER_PASSWORD_AUTH" | "USER_AUTH" => {
                format!("{flow} flow not enabled for this client")
            }
            "USER_SRP_AUTH" | "CUSTOM_AUTH" => format!("{flow} is not enabled for the client."),
            _ => "Auth flow not enabled for this client".to_owned(),
        }));
    }
    if matches!(flow, "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN") {
        let token = required(parameter("REFRESH_TOKEN"), "REFRESH_TOKEN")?;
        let owner = call.owner_of_refresh_token(&app, token);
        let owner = owner.and_then(|who| call.user(&who).ok());
        check_refresh_secret(&app, owner, parameter("SECRET_HASH"))?;
        let result = call.refresh(&app, token, parameter("DEVICE_KEY"), input)?;
        return Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }));
    }
    let name = required(parameter("USERNAME"), "USERNAME")?;
    check_secret_hash(&app, Some(name), parameter("SECRET_HASH"))?;
    let mut sign_in = SignIn::begun(call, app, input, name);
    // Where functions of the app define the challenges this one is not asked: by AWS's support in
    // aws-amplify/amplify-js#5318.
    if flow != "CUSTOM_AUTH" {
        sign_in.tell_before()?;
    }
    let first = match flow {
        "USER_SRP_AUTH" => {
            let srp_a = sign_in.required("SRP_A")?;
            password::challenge(&mut sign_in, srp_a)
        }
        "CUSTOM_AUTH" => custom::begin(&mut sign_in),
        "USER_AUTH" => choice::begin(&mut sign_in),
        _ => {
            let password = sign_in.required("PASSWORD")?;
            password::check(&mut sign_in, password)
        }
    };
    go_on(sign_in, first, finish)
}

fn respond(call: &mut Call<'_>, app: App, input: &Value, finish: Finish) -> Outcome {
    let name = input.text("ChallengeName");
    let answer = |key: &str| input.entry("ChallengeResponses", key);
    let username = required(answer("USERNAME"), "USERNAME")?;
    check_secret_hash(&app, Some(username), answer("SECRET_HASH"))?;
    let mut sign_in = SignIn::answered(call, app, input, username);
    let first = match name {
        "PASSWORD_VERIFIER" => password::verify(&mut sign_in),
        "DEVICE_PASSWORD_VERIFIER" => device::verify(&mut sign_in),
        "SMS_MFA" | "EMAIL_OTP" | "SMS_OTP" => factor::sent_code(&mut sign_in),
        "SOFTWARE_TOKEN_MFA" => factor::software_token(&mut sign_in),
        "SELECT_MFA_TYPE" => factor::select(&mut sign_in),
        "MFA_SETUP" => setup::answer(&mut sign_in),
        "NEW_PASSWORD_REQUIRED" => new_password::set(&mut sign_in),
        "CUSTOM_CHALLENGE" => custom::answer(&mut sign_in),
        "WEB_AUTHN" => passkey::answer(&mut sign_in),
        "SELECT_CHALLENGE" | "PASSWORD" | "PASSWORD_SRP" => choice::answer(&mut sign_in),
        "DEVICE_SRP_AUTH" => device::challenge(&mut sign_in),
        _ => Err(invalid_parameter(format!(
            "{name} is not a challenge of this user pool."
        ))),
    };
    go_on(sign_in, first, finish)
}

/// What is made of a sign-in to which nothing is missing.
type Finish = fn(&mut SignIn<'_, '_>) -> Outcome;

/// Goes from step to step until there is something to ask, or nothing is missing.
fn go_on(mut sign_in: SignIn<'_, '_>, first: Step, finish: Finish) -> Outcome {
    let mut step = first;
    loop {
        let next = step.map_err(|refusal| sign_in.settled(refusal))?;
        step = match next {
            Next::Reply(reply) => return Ok(reply),
            Next::FirstFactorGiven => after_first_factor(&mut sign_in),
            Next::PasswordSettled => after_password(&mut sign_in),
            Next::Custom(history) => custom::next(&mut sign_in, history),
            Next::Tokens => finish(&mut sign_in).map(Next::Reply),
        };
    }
}

/// What the user's state asks for, then the second factor.
fn after_first_factor(sign_in: &mut SignIn<'_, '_>) -> Step {
    sign_in.check_state()?;
    sign_in.check_device()?;
    let user = sign_in.call.user_mut(&sign_in.who)?;
    user.more.wrong_passwords = 0;
    user.more.locked_until = 0;
    if user.status == UserStatus::ForceChangePassword {
        return new_password::challenge(sign_in);
    }
    Ok(Next::PasswordSettled)
}

fn after_password(sign_in: &mut SignIn<'_, '_>) -> Step {
    if device::stands_in(sign_in)? {
        return device::ask(sign_in);
    }
    factor::challenge(sign_in)
}

fn finish(sign_in: &mut SignIn<'_, '_>) -> Outcome {
    sign_in.check_device()?;
    let (who, input) = (sign_in.who.clone(), sign_in.input);
    sign_in.tell_after()?;
    let occasion = Occasion::after(input.text("ChallengeName"));
    let changes = sign_in.call.pre_token_generation(&who, occasion, input)?;
    let (device_key, new_device) = device::of_sign_in(sign_in)?;
    let mut result = sign_in.call.sign_in(&who, device_key, &changes)?;
    if let (Some(new_device), Some(members)) = (new_device, result.as_object_mut()) {
        members.insert("NewDeviceMetadata".into(), new_device);
    }
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}

/// When refreshing, the request names no user: the secret hash is made of the name or the `sub` of
/// the one whom the token was given to. A token that nobody was given is refused for itself.
fn check_refresh_secret(
    app: &App,
    owner: Option<&User>,
    hash: Option<&str>,
) -> Result<(), Refusal> {
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
    let sub = owner.attributes.get("sub");
    check_secret_hash(app, sub, hash)
        .or_else(|_| check_secret_hash(app, Some(&owner.username), hash))
}
