//! Remembered devices: their proof stands in for the second factor.

use serde_json::{Map, Value, json};

use super::context::{Next, SignIn, Step};
use super::password::secret_block;
use crate::call::Input;
use crate::error::{Refusal, invalid_parameter, no_such_device, wrong_credentials};
use crate::operations::challenges::invalid_session;
use crate::randomness::Draw;
use crate::srp::{Claim, Exchange};
use crate::state::{Device, Expects};

/// Whether the device that the person comes with is one that the pool remembers, in a pool that
/// asks new ones only.
pub(super) fn stands_in(sign_in: &SignIn<'_, '_>) -> Result<bool, Refusal> {
    let configuration = sign_in.app().settings.device_configuration.as_ref();
    let asks_new_ones =
        configuration.is_some_and(|configuration| configuration.challenge_required_on_new_device);
    let remembered = sign_in.device()?.is_some_and(|device| device.remembered);
    Ok(asks_new_ones && remembered)
}

/// The challenge DEVICE_SRP_AUTH.
pub(super) fn ask(sign_in: &mut SignIn<'_, '_>) -> Step {
    let mut parameters = Map::new();
    parameters.insert("DEVICE_KEY".into(), json!(sign_in.device_key));
    parameters.insert("USERNAME".into(), json!(sign_in.somebody()?.username));
    sign_in.ask("DEVICE_SRP_AUTH", parameters, Expects::DeviceSrp)
}

pub(super) fn challenge(sign_in: &mut SignIn<'_, '_>) -> Step {
    let Expects::DeviceSrp = sign_in.open(sign_in.input.text("Session"))? else {
        return Err(invalid_session());
    };
    let srp_a = sign_in.required("SRP_A")?;
    check_same(sign_in)?;
    let secret: [u8; 32] = sign_in.call.randomness.array();
    let block = secret_block(sign_in.call);
    let user = sign_in.somebody()?;
    let device = sign_in.device()?;
    let Some((device, verifier)) = device.and_then(|d| Some((d, d.verifier.as_ref()?))) else {
        return Err(no_such_device());
    };
    let exchange = Exchange::begin(srp_a, verifier, &secret)
        .ok_or_else(|| invalid_parameter("SRP_A is not a valid public value."))?;
    let parameters: Map<String, Value> = [
        ("DEVICE_KEY", device.key.as_str()),
        ("USERNAME", &*user.username),
        ("SALT", &verifier.salt_digits()),
        ("SRP_B", exchange.srp_b()),
        ("SECRET_BLOCK", block.as_str()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .collect();
    sign_in.spend()?;
    sign_in.wait_under(block, Expects::DeviceProof(exchange))?;
    Ok(Next::Reply(json!({
        "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
    })))
}

pub(super) fn verify(sign_in: &mut SignIn<'_, '_>) -> Step {
    let block = sign_in.required("PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = sign_in.required("PASSWORD_CLAIM_SIGNATURE")?;
    let timestamp = sign_in.required("TIMESTAMP")?;
    let Expects::DeviceProof(exchange) = sign_in.open(block)? else {
        return Err(invalid_session());
    };
    check_same(sign_in)?;
    sign_in.check_state()?;
    sign_in.spend()?;
    let device = sign_in.device()?.ok_or_else(no_such_device)?;
    let claim = Claim {
        pool: &device.group_key,
        user: &device.key,
        secret_block: block,
        timestamp,
    };
    let verifier = device.verifier.as_ref();
    let proved = verifier
        .and_then(|verifier| exchange.proves(verifier, &claim, signature, sign_in.call.worked));
    if proved != Some(true) {
        return Err(wrong_credentials().keeping_changes());
    }
    Ok(Next::Tokens)
}

/// The answer is that of the device which was asked.
fn check_same(sign_in: &SignIn<'_, '_>) -> Result<(), Refusal> {
    match sign_in.given("DEVICE_KEY") {
        Some(key) if sign_in.device_key.as_deref() != Some(key) => Err(no_such_device()),
        _ => Ok(()),
    }
}

/// The device that a sign-in happens on, and what the client is told of a new one. Pools without a
/// device configuration keep none.
pub(super) fn of_sign_in(
    sign_in: &mut SignIn<'_, '_>,
) -> Result<(Option<String>, Option<Value>), Refusal> {
    if sign_in.app().settings.device_configuration.is_none() {
        return Ok((None, None));
    }
    let now = sign_in.call.now;
    if sign_in.device()?.is_none() {
        let device = new_device(sign_in);
        let metadata = json!({ "DeviceKey": device.key, "DeviceGroupKey": device.group_key });
        let key = device.key.clone();
        let devices = &mut sign_in.call.user_mut(&sign_in.who)?.more.devices;
        // Clients that never confirm a device would otherwise leave one behind at each sign-in.
        devices.retain(|_, device| device.is_confirmed() || device.created == now);
        devices.insert(key.clone(), device);
        return Ok((Some(key), Some(metadata)));
    }
    let key = sign_in.device_key.clone();
    let devices = &mut sign_in.call.user_mut(&sign_in.who)?.more.devices;
    if let Some(device) = key.as_ref().and_then(|key| devices.get_mut(key)) {
        device.last_authenticated = now;
    }
    Ok((key, None))
}

fn new_device(sign_in: &mut SignIn<'_, '_>) -> Device {
    let region = sign_in.app().region().to_owned();
    let call = &mut *sign_in.call;
    let key = format!("{}_{}", region, call.randomness.uuid());
    let group_key = call
        .randomness
        .text(8, b"abcdefghijklmnopqrstuvwxyz0123456789");
    Device {
        key,
        group_key: format!("-{group_key}"),
        name: None,
        verifier: None,
        remembered: false,
        created: call.now,
        modified: call.now,
        last_authenticated: call.now,
    }
}
