//! Remembered devices: their proof stands in for the second factor.

use serde_json::{Map, Value, json};

use super::challenge::invalid_session;
use super::{Progress, finish, required};
use crate::call::{App, Call, Found, Input};
use crate::error::{Outcome, invalid_parameter, wrong_credentials};
use crate::operations::sign_in::password::secret_block;
use crate::randomness::Draw;
use crate::srp::{Claim, Exchange};
use crate::state::{Device, Expects};

/// The challenge DEVICE_SRP_AUTH, when the person comes with a device that the pool remembers and
/// asks new ones only.
pub(super) fn instead_of_factor(
    call: &mut Call<'_>,
    app: &App,
    found: &Found,
    progress: &Progress,
) -> Option<Outcome> {
    let configuration = app.settings.device_configuration.as_ref()?;
    let device = found.user.devices.get(progress.device_key.as_ref()?)?;
    let remembered = device.remembered && device.verifier.is_some();
    if !configuration.challenge_required_on_new_device || !remembered {
        return None;
    }
    let mut parameters = Map::new();
    parameters.insert("DEVICE_KEY".into(), json!(device.key));
    parameters.insert("USERNAME".into(), json!(found.user.username));
    let expects = Expects::DeviceSrp;
    Some(call.issue(
        app,
        &found.key,
        "DEVICE_SRP_AUTH",
        parameters,
        expects,
        progress,
    ))
}

pub(super) fn challenge(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let session = input.text("Session");
    let responses = |key: &str| input.entry("ChallengeResponses", key);
    let challenge = call.open_challenge(app, session, username)?;
    let Expects::DeviceSrp = challenge.expects else {
        return Err(invalid_session());
    };
    let srp_a = required(responses("SRP_A"), "SRP_A")?;
    let (found, progress) = call.challenged(app, &challenge)?;
    let device = progress
        .device_key
        .as_ref()
        .and_then(|key| found.user.devices.get(key));
    let Some((device, verifier)) = device.and_then(|d| Some((d, d.verifier.as_ref()?))) else {
        return Err(invalid_session());
    };
    let secret: [u8; 32] = call.randomness.array();
    let exchange = Exchange::begin(srp_a, verifier, &secret)
        .ok_or_else(|| invalid_parameter("SRP_A is not a valid public value."))?;
    let block = secret_block(call);
    let mut parameters = Map::new();
    for (name, value) in [
        ("DEVICE_KEY", device.key.as_str()),
        ("USERNAME", found.user.username.as_str()),
        ("SALT", verifier.salt.as_str()),
        ("SRP_B", exchange.srp_b()),
        ("SECRET_BLOCK", block.as_str()),
    ] {
        parameters.insert(name.into(), json!(value));
    }
    call.spend(app, session);
    let expects = Expects::DeviceProof(exchange);
    call.remember_challenge(app, &found.key, expects, &progress, Some(block))?;
    Ok(json!({
        "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
    }))
}

pub(super) fn verify(call: &mut Call<'_>, app: &App, username: &str, input: &Value) -> Outcome {
    let responses = |key: &str| input.entry("ChallengeResponses", key);
    let name = "PASSWORD_CLAIM_SECRET_BLOCK";
    let block = required(responses(name), name)?;
    let signature = required(
        responses("PASSWORD_CLAIM_SIGNATURE"),
        "PASSWORD_CLAIM_SIGNATURE",
    )?;
    let timestamp = required(responses("TIMESTAMP"), "TIMESTAMP")?;
    let challenge = call.open_challenge(app, block, username)?;
    let Expects::DeviceProof(exchange) = &challenge.expects else {
        return Err(invalid_session());
    };
    let (mut found, progress) = call.challenged(app, &challenge)?;
    call.spend(app, block);
    super::check_state(call, &found)?;
    let device = progress
        .device_key
        .as_ref()
        .and_then(|key| found.user.devices.get(key));
    let proved = device.is_some_and(|device| {
        let claim = Claim {
            pool: &device.group_key,
            user: &device.key,
            secret_block: block,
            timestamp,
        };
        let verifier = device.verifier.as_ref();
        verifier
            .and_then(|verifier| exchange.proves(verifier, &claim, signature))
            .unwrap_or(false)
    });
    if !proved {
        return Err(wrong_credentials().keeping_changes());
    }
    finish(call, app, &mut found, progress)
}

/// The device that a sign-in happens on, and what the client is told of a new one. Pools without a
/// device configuration keep none.
pub(super) fn of_sign_in(
    call: &mut Call<'_>,
    app: &App,
    found: &mut Found,
    device_key: Option<String>,
) -> (Option<String>, Option<Value>) {
    if app.settings.device_configuration.is_none() {
        return (None, None);
    }
    let now = call.now;
    if let Some(device) = device_key
        .as_ref()
        .and_then(|key| found.user.devices.get_mut(key))
    {
        device.last_authenticated = now;
        return (device_key, None);
    }
    let key = format!("{}_{}", call.options.region, call.randomness.uuid());
    let group_key = format!(
        "-{}",
        call.randomness
            .text(8, b"abcdefghijklmnopqrstuvwxyz0123456789")
    );
    let metadata = json!({ "DeviceKey": key, "DeviceGroupKey": group_key });
    let device = Device {
        key: key.clone(),
        group_key,
        name: None,
        verifier: None,
        remembered: false,
        created: now,
        modified: now,
        last_authenticated: now,
    };
    // Clients that never confirm a device would otherwise leave one behind at each sign-in.
    found
        .user
        .devices
        .retain(|_, device| device.verifier.is_some() || device.created == now);
    found.user.devices.insert(key.clone(), device);
    (Some(key), Some(metadata))
}
