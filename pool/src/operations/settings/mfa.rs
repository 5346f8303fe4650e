//! Which factors a pool has.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::describe::sms_configuration;
use super::pools::check_sms_role;
use crate::call::{Call, Input};
use crate::error::{Outcome, Refusal, invalid_parameter};
use crate::settings::{MfaMode, MfaSettings, PoolSettings, WebAuthn};
use crate::webauthn::is_relying_party;

pub(crate) fn config(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    Ok(described(&pool.id, &pool.settings, &pool.mfa))
}

/// Sets the mode and the factors at once; the one way to make MFA required after creation.
pub(crate) fn set_config(call: &mut Call<'_>, input: &Value) -> Outcome {
    let pool = call.pool(input.text("UserPoolId"))?;
    let id = pool.id.clone();
    let mut settings = (*pool.settings).clone();
    let mut mfa = (*pool.mfa).clone();
    let sms = input.get("SmsMfaConfiguration");
    let software_token = input.get("SoftwareTokenMfaConfiguration");
    let email = input.get("EmailMfaConfiguration");
    if let Some(mode) = input.get("MfaConfiguration") {
        settings.mfa_configuration =
            serde_json::from_value(mode.clone()).map_err(|_| invalid_parameter("Invalid mode."))?;
    }
    // The request says what the pool has from now on; a factor it does not name is gone. A request
    // that names no factor at all changes the mode alone.
    if sms.is_some() || software_token.is_some() || email.is_some() {
        mfa = MfaSettings {
            sms: sms.is_some(),
            software_token: software_token.is_some_and(|token| token.flag("Enabled")),
            email: email.and_then(|email| serde_json::from_value(email.clone()).ok()),
            webauthn: mfa.webauthn,
        };
    } else if settings.mfa_configuration == MfaMode::Off {
        mfa = mfa.without_factors();
    }
    if let Some(webauthn) = input.get("WebAuthnConfiguration") {
        mfa.webauthn = Some(read_webauthn(webauthn)?);
    }
    if let Some(sms) = sms {
        if let Some(configuration) = sms.get("SmsConfiguration") {
            settings.sms_configuration = serde_json::from_value(configuration.clone()).ok();
        }
        if let Some(message) = sms.optional("SmsAuthenticationMessage") {
            settings.sms_authentication_message = Some(message.into());
        }
    }
    mfa.check(&settings)?;
    if !mfa.lets_passkeys_begin(&settings) {
        return Err(invalid_parameter(
            "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and \
             WebAuthn is an allowed first auth factor",
        ));
    }
    if mfa.sms {
        check_sms_role(call, &settings, &id)?;
    }
    let out = described(&id, &settings, &mfa);
    let now = call.now;
    let pool = call.pool_mut(&id)?;
    pool.settings = Arc::new(settings);
    pool.mfa = Arc::new(mfa);
    pool.modified = now;
    Ok(out)
}

fn read_webauthn(input: &Value) -> Result<WebAuthn, Refusal> {
    let webauthn: WebAuthn = serde_json::from_value(input.clone())
        .map_err(|_| invalid_parameter("Invalid WebAuthnConfiguration."))?;
    let id = webauthn.relying_party_id.as_deref();
    if id.is_some_and(|id| !is_relying_party(id)) {
        return Err(invalid_parameter(
            "The relying party ID must be a domain name that is not a public suffix.",
        ));
    }
    Ok(webauthn)
}

fn described(id: &str, settings: &PoolSettings, mfa: &MfaSettings) -> Value {
    let mut out = Map::new();
    out.insert("MfaConfiguration".into(), json!(settings.mfa_configuration));
    if mfa.sms {
        let mut sms = Map::new();
        if let Some(message) = &settings.sms_authentication_message {
            sms.insert("SmsAuthenticationMessage".into(), json!(message));
        }
        if let Some(configuration) = &settings.sms_configuration {
            let shown = sms_configuration(configuration, id);
            sms.insert("SmsConfiguration".into(), shown);
        }
        out.insert("SmsMfaConfiguration".into(), Value::Object(sms));
    }
    if mfa.software_token {
        out.insert(
            "SoftwareTokenMfaConfiguration".into(),
            json!({ "Enabled": true }),
        );
    }
    if let Some(email) = &mfa.email {
        out.insert("EmailMfaConfiguration".into(), json!(email));
    }
    if let Some(webauthn) = &mfa.webauthn {
        out.insert("WebAuthnConfiguration".into(), json!(webauthn));
    }
    Value::Object(out)
}
