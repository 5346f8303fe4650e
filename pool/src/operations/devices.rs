//! Devices: confirmed, remembered, forgotten.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};

use super::settings::pools::seconds;
use crate::call::{Bearer, Call, Input, Who};
use crate::error::{Outcome, Refusal, invalid_parameter, no_such_device, nothing};
use crate::srp::Verifier;
use crate::state::{Device, User};

pub(crate) fn confirm(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    let Some(configuration) = who.app.settings.device_configuration.clone() else {
        return Err(Refusal::new(
            "InvalidUserPoolConfigurationException",
            "Device tracking is not enabled for the user pool.",
        ));
    };
    let secret = input
        .get("DeviceSecretVerifierConfig")
        .cloned()
        .unwrap_or_default();
    let bytes = |name: &str| {
        Base64::decode_vec(secret.text(name))
            .ok()
            .filter(|bytes| !bytes.is_empty() && bytes.len() <= 512)
            .ok_or_else(|| invalid_parameter(format!("{name} must be Base64.")))
    };
    let verifier = Verifier::from_bytes(&bytes("Salt")?, &bytes("PasswordVerifier")?);
    let now = call.now;
    let on_prompt = configuration.device_only_remembered_on_user_prompt;
    let device = find_mut(call.user_mut(&who)?, input)?;
    device.verifier = Some(verifier);
    device.name = input.optional("DeviceName").map(String::from);
    device.remembered = !on_prompt;
    device.modified = now;
    let key = device.key.clone();
    let pool = call.pool_mut(&who.app.pool_id)?;
    let sign_ins = pool.sign_ins_of(&who.key);
    for id in &sign_ins {
        if let Some(sign_in) = pool.sign_ins.get_mut(id)
            && sign_in.device_key.as_ref() == Some(&key)
        {
            sign_in.on_tracked_device = true;
        }
    }
    Ok(json!({ "UserConfirmationNecessary": on_prompt }))
}

pub(crate) fn device(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    Ok(json!({ "Device": described(find(call.user(&who)?, input)?) }))
}

pub(crate) fn admin_device(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    Ok(json!({ "Device": described(find(call.user(&who)?, input)?) }))
}

pub(crate) fn list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    Ok(described_all(call.user(&who)?, input))
}

pub(crate) fn admin_list(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    Ok(described_all(call.user(&who)?, input))
}

pub(crate) fn update_status(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { who, .. } = call.bearer(input)?;
    set_status(call, &who, input)
}

pub(crate) fn admin_update_status(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    set_status(call, &who, input)
}

pub(crate) fn forget(call: &mut Call<'_>, input: &Value) -> Outcome {
    if input.optional("AccessToken").is_none() {
        return Err(invalid_parameter("AccessToken is required."));
    }
    let Bearer { who, .. } = call.bearer(input)?;
    remove(call, &who, input)
}

pub(crate) fn admin_forget(call: &mut Call<'_>, input: &Value) -> Outcome {
    let who = call.administered_user(input)?;
    remove(call, &who, input)
}

fn find<'a>(user: &'a User, input: &Value) -> Result<&'a Device, Refusal> {
    let device = user.more.devices.get(input.text("DeviceKey"));
    device.ok_or_else(no_such_device)
}

fn find_mut<'a>(user: &'a mut User, input: &Value) -> Result<&'a mut Device, Refusal> {
    let device = user.more.devices.get_mut(input.text("DeviceKey"));
    device.ok_or_else(no_such_device)
}

fn set_status(call: &mut Call<'_>, who: &Who, input: &Value) -> Outcome {
    let remembered = match input.optional("DeviceRememberedStatus") {
        Some("remembered") => true,
        Some("not_remembered") => false,
        _ => return Err(invalid_parameter("DeviceRememberedStatus is required.")),
    };
    let now = call.now;
    let device = find_mut(call.user_mut(who)?, input)?;
    device.remembered = remembered;
    device.modified = now;
    Ok(nothing())
}

/// Tokens that were given to the device are not refreshed any more; an access token lives on until
/// it runs out: "all future calls to revalidate that device's refresh tokens will fail" (AWS's blog,
/// "Tracking and Remembering Devices Using Amazon Cognito Your User Pools").
fn remove(call: &mut Call<'_>, who: &Who, input: &Value) -> Outcome {
    let user = call.user_mut(who)?;
    let key = find(user, input)?.key.clone();
    user.more.devices.remove(&key);
    Ok(nothing())
}

fn described_all(user: &User, input: &Value) -> Value {
    let limit = input
        .get("Limit")
        .and_then(Value::as_u64)
        .unwrap_or(60)
        .max(1);
    let limit = usize::try_from(limit).unwrap_or(60);
    let after = input.text("PaginationToken");
    let mut devices = user
        .more
        .devices
        .values()
        .filter(|device| device.key.as_str() > after);
    let page: Vec<&Device> = devices.by_ref().take(limit).collect();
    let list: Vec<Value> = page.iter().map(|device| described(device)).collect();
    let mut out = json!({ "Devices": list });
    if let (Some(last), Some(_), Some(members)) = (page.last(), devices.next(), out.as_object_mut())
    {
        members.insert("PaginationToken".into(), json!(last.key));
    }
    out
}

fn described(device: &Device) -> Value {
    let status = if device.remembered {
        "remembered"
    } else {
        "not_remembered"
    };
    let mut attributes = vec![json!({ "Name": "dev:device_remembered_status", "Value": status })];
    if let Some(name) = &device.name {
        attributes.push(json!({ "Name": "device_name", "Value": name }));
    }
    json!({
        "DeviceKey": device.key,
        "DeviceAttributes": attributes,
        "DeviceCreateDate": seconds(device.created),
        "DeviceLastModifiedDate": seconds(device.modified),
        "DeviceLastAuthenticatedDate": seconds(device.last_authenticated),
    })
}
