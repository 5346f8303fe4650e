//! Which factors a pool has, and the rules between them and the mode.

use serde::{Deserialize, Serialize};

use super::{MfaMode, PoolSettings};
use crate::error::{Refusal, invalid_parameter};

/// The factors that users of a pool can have. `CreateUserPool` knows SMS alone;
/// `SetUserPoolMfaConfig` sets all.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MfaSettings {
    pub(crate) sms: bool,
    pub(crate) software_token: bool,
    pub(crate) email: Option<EmailMfa>,
    /// Whom passkeys are for; these are a first factor before they are a second one.
    #[serde(default)]
    pub(crate) webauthn: Option<WebAuthn>,
}

/// `WebAuthnConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct WebAuthn {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) relying_party_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_verification: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) factor_configuration: Option<String>,
}

impl WebAuthn {
    /// Whether a passkey with user verification is as much as two factors.
    pub(crate) fn is_multi_factor(&self) -> bool {
        self.factor_configuration.as_deref() == Some("MULTI_FACTOR_WITH_USER_VERIFICATION")
    }

    /// What the options say of user verification.
    pub(crate) fn verification(&self) -> &'static str {
        if self.is_multi_factor() || self.user_verification.as_deref() == Some("required") {
            "required"
        } else {
            "preferred"
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct EmailMfa {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
}

impl MfaSettings {
    /// No second factor. What is known of passkeys stays.
    pub(crate) fn without_factors(&self) -> Self {
        Self {
            webauthn: self.webauthn.clone(),
            ..Self::default()
        }
    }

    /// Whether a passkey can stand for both factors.
    pub(crate) fn passkey_is_multi_factor(&self) -> bool {
        self.webauthn
            .as_ref()
            .is_some_and(WebAuthn::is_multi_factor)
    }

    /// Passkeys begin no sign-in to which a second factor must follow.
    pub(crate) fn lets_passkeys_begin(&self, settings: &PoolSettings) -> bool {
        settings.mfa_configuration != MfaMode::On
            || !settings.allows_first_factor("WEB_AUTHN")
            || self.passkey_is_multi_factor()
    }

    /// What `CreateUserPool` means: with MFA on or optional, SMS is the factor. The developer guide
    /// of 2017 wants an address of everybody who must have one; the service of today does not.
    pub(crate) fn of_new_pool(settings: &PoolSettings, guide_2017: bool) -> Result<Self, Refusal> {
        if settings.mfa_configuration == MfaMode::Off {
            return Ok(Self::default());
        }
        if settings.sms_configuration.is_none() {
            return Err(sms_configuration_missing());
        }
        let named_by =
            |attribute: &str| settings.username_attributes.iter().any(|a| a == attribute);
        let required = |attribute: &str| {
            settings
                .schema
                .iter()
                .any(|entry| entry.name == attribute && entry.required)
        };
        let reachable = ["email", "phone_number"]
            .iter()
            .any(|a| required(a) || named_by(a));
        if guide_2017 && settings.mfa_configuration == MfaMode::On && !reachable {
            return Err(invalid_parameter(
                "MFA can only be required when email or phone_number is a required attribute.",
            ));
        }
        Ok(Self {
            sms: true,
            ..Self::default()
        })
    }

    /// The rules between the mode and the factors, whoever sets them.
    pub(crate) fn check(&self, settings: &PoolSettings) -> Result<(), Refusal> {
        let any = self.sms || self.software_token || self.email.is_some();
        match settings.mfa_configuration {
            MfaMode::Off if any => Err(invalid_parameter(
                "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
            )),
            MfaMode::On | MfaMode::Optional if !any => Err(invalid_parameter(
                "Invalid MFA configuration given, can't disable all MFAs with a required or \
                 optional configuration.",
            )),
            _ if self.sms && settings.sms_configuration.is_none() => {
                Err(sms_configuration_missing())
            }
            _ if self.email.is_some()
                && !settings
                    .email_configuration
                    .as_ref()
                    .is_some_and(|email| email.through_ses()) =>
            {
                Err(invalid_parameter(
                    "Email MFA needs an EmailConfiguration with EmailSendingAccount DEVELOPER.",
                ))
            }
            _ => Ok(()),
        }
    }
}

fn sms_configuration_missing() -> Refusal {
    invalid_parameter(
        "SMS configuration and Auto verification for phone_number are required when MFA is \
         required/optional",
    )
}
