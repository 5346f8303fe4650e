//! Settings of an app client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::oauth::OAuthSettings;
use crate::error::{Refusal, invalid_parameter};

/// What `CreateUserPoolClient` takes; members that change nothing here are kept as they came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ClientSettings {
    pub(crate) client_name: String,
    pub(crate) refresh_token_validity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_token_validity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token_validity: Option<u64>,
    pub(crate) token_validity_units: TokenValidityUnits,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) read_attributes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) write_attributes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explicit_auth_flows: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prevent_user_existence_errors: Option<String>,
    pub(crate) enable_token_revocation: Option<bool>,
    pub(crate) auth_session_validity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token_rotation: Option<RefreshTokenRotation>,
    #[serde(flatten)]
    pub(crate) oauth: OAuthSettings,
    #[serde(flatten)]
    pub(crate) other: Map<String, Value>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct TokenValidityUnits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RefreshTokenRotation {
    pub(crate) feature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_grace_period_seconds: Option<u64>,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl ClientSettings {
    /// Checks what the API model alone cannot say, and fills in what Cognito fills in.
    pub(crate) fn completed(mut self) -> Result<Self, Refusal> {
        self.refresh_token_validity = self
            .refresh_token_validity
            .filter(|validity| *validity > 0)
            .or(Some(30));
        self.auth_session_validity = self.auth_session_validity.or(Some(3));
        self.enable_token_revocation = self.enable_token_revocation.or(Some(true));
        if self.explicit_auth_flows.is_empty() {
            self.explicit_auth_flows = [
                "ALLOW_REFRESH_TOKEN_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_CUSTOM_AUTH",
            ]
            .map(String::from)
            .into();
        }
        let (old, new): (Vec<_>, Vec<_>) = self
            .explicit_auth_flows
            .iter()
            .partition(|flow| !flow.starts_with("ALLOW_"));
        if !old.is_empty() && !new.is_empty() {
            return Err(invalid_parameter(
                "ExplicitAuthFlows cannot mix names with and without the prefix ALLOW_.",
            ));
        }
        if self.rotates() && self.allows("ALLOW_REFRESH_TOKEN_AUTH") {
            return Err(invalid_parameter(
                "Refresh token rotation cannot be enabled together with ALLOW_REFRESH_TOKEN_AUTH.",
            ));
        }
        let short = 5 * MINUTE..=DAY;
        if !short.contains(&self.access_seconds()) || !short.contains(&self.id_seconds()) {
            return Err(invalid_parameter(
                "Invalid range for token validity: access and ID tokens live 5 minutes to 1 day.",
            ));
        }
        if !(HOUR..=3650 * DAY).contains(&self.refresh_seconds()) {
            return Err(invalid_parameter(
                "Invalid range for token validity: refresh tokens live 60 minutes to 10 years.",
            ));
        }
        if self.access_seconds().max(self.id_seconds()) > self.refresh_seconds() {
            return Err(invalid_parameter(
                "Refresh token validity must not be shorter than the other tokens'.",
            ));
        }
        Ok(self)
    }

    /// Whether a flow is enabled. `flow` is named as today, with `ALLOW_`; the older names of the
    /// same flows count too, and with those a sign-in by SRP and refreshing are always allowed.
    pub(crate) fn allows(&self, flow: &str) -> bool {
        let has = |name: &str| self.explicit_auth_flows.iter().any(|flow| flow == name);
        let older = !self
            .explicit_auth_flows
            .iter()
            .any(|flow| flow.starts_with("ALLOW_"));
        has(flow)
            || match flow {
                "ALLOW_USER_SRP_AUTH" => older && !has("CUSTOM_AUTH_FLOW_ONLY"),
                "ALLOW_REFRESH_TOKEN_AUTH" => older && !self.rotates(),
                "ALLOW_CUSTOM_AUTH" => has("CUSTOM_AUTH_FLOW_ONLY"),
                "ALLOW_USER_PASSWORD_AUTH" => has("USER_PASSWORD_AUTH"),
                "ALLOW_ADMIN_USER_PASSWORD_AUTH" => has("ADMIN_NO_SRP_AUTH"),
                _ => false,
            }
    }

    pub(crate) fn prevents_user_existence_errors(&self) -> bool {
        self.prevent_user_existence_errors.as_deref() == Some("ENABLED")
    }

    /// Whether tokens say which sign-in they are of, so that they can be revoked one by one.
    pub(crate) fn revokes_tokens(&self) -> bool {
        self.enable_token_revocation != Some(false)
    }

    pub(crate) fn rotates(&self) -> bool {
        self.refresh_token_rotation
            .as_ref()
            .is_some_and(|rotation| rotation.feature == "ENABLED")
    }

    /// How long a used refresh token still works, in milliseconds.
    pub(crate) fn rotation_grace(&self) -> u64 {
        let rotation = self.refresh_token_rotation.as_ref();
        rotation
            .and_then(|rotation| rotation.retry_grace_period_seconds)
            .unwrap_or(0)
            * 1000
    }

    pub(crate) fn access_seconds(&self) -> u64 {
        seconds(
            self.access_token_validity,
            &self.token_validity_units.access_token,
            HOUR,
        )
    }

    pub(crate) fn id_seconds(&self) -> u64 {
        seconds(
            self.id_token_validity,
            &self.token_validity_units.id_token,
            HOUR,
        )
    }

    pub(crate) fn refresh_seconds(&self) -> u64 {
        seconds(
            self.refresh_token_validity,
            &self.token_validity_units.refresh_token,
            DAY,
        )
    }

    /// How long a challenge waits for its answer, in milliseconds.
    pub(crate) fn session_milliseconds(&self) -> u64 {
        self.auth_session_validity.unwrap_or(3) * MINUTE * 1000
    }

    /// An empty list means every attribute.
    pub(crate) fn may_write(&self, attribute: &str) -> bool {
        self.write_attributes.is_empty() || self.write_attributes.iter().any(|a| a == attribute)
    }

    pub(crate) fn may_read(&self, attribute: &str) -> bool {
        self.read_attributes.is_empty() || self.read_attributes.iter().any(|a| a == attribute)
    }
}

/// `unit` is the default unit; one of it is the default value of the short-lived tokens.
fn seconds(validity: Option<u64>, named: &Option<String>, unit: u64) -> u64 {
    let unit = match named.as_deref() {
        Some("seconds") => 1,
        Some("minutes") => MINUTE,
        Some("hours") => HOUR,
        Some("days") => DAY,
        _ => unit,
    };
    match validity.filter(|validity| *validity > 0) {
        Some(validity) => validity.saturating_mul(unit),
        None => HOUR,
    }
}
