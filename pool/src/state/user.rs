//! A user, and everything that is kept of one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::srp::Verifier;
use crate::webauthn::PublicKey;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum UserStatus {
    Unconfirmed,
    Confirmed,
    ResetRequired,
    ForceChangePassword,
    /// Somebody whom an identity provider vouches for: there is no password.
    ExternalProvider,
}

impl UserStatus {
    /// The wire's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ExternalProvider => "EXTERNAL_PROVIDER",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    pub(crate) enabled: bool,
    pub(crate) status: UserStatus,
    /// `sub` and the verified flags among them.
    pub(crate) attributes: BTreeMap<String, String>,
    /// New values of attributes that are verified before they replace the old one.
    pub(crate) pending: BTreeMap<String, String>,
    pub(crate) password: Option<Verifier>,
    /// Former passwords, the latest last.
    pub(crate) former_passwords: Vec<Verifier>,
    pub(crate) temporary_password_expires: Option<u64>,
    pub(crate) codes: BTreeMap<Purpose, Code>,
    pub(crate) mfa: MfaPreference,
    pub(crate) totp: Totp,
    pub(crate) attempts: BTreeMap<String, Window>,
    pub(crate) wrong_passwords: u32,
    pub(crate) locked_until: u64,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) devices: BTreeMap<String, Device>,
    /// In the order in which they were registered.
    #[serde(default)]
    pub(crate) passkeys: Vec<Passkey>,
}

impl User {
    /// A user with nothing but a name.
    pub(crate) fn new(username: String, sub: String, status: UserStatus, now: u64) -> Self {
        Self {
            username,
            created: now,
            modified: now,
            enabled: true,
            status,
            attributes: BTreeMap::from([("sub".to_owned(), sub)]),
            pending: BTreeMap::new(),
            password: None,
            former_passwords: Vec::new(),
            temporary_password_expires: None,
            codes: BTreeMap::new(),
            mfa: MfaPreference::default(),
            totp: Totp::default(),
            attempts: BTreeMap::new(),
            wrong_passwords: 0,
            locked_until: 0,
            groups: BTreeSet::new(),
            devices: BTreeMap::new(),
            passkeys: Vec::new(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Gives the user attributes; a blank value takes one away.
    pub(crate) fn give(&mut self, attributes: BTreeMap<String, String>) {
        self.attributes.extend(attributes);
        self.attributes.retain(|_, value| !value.is_empty());
    }

    /// The device of that key, if it was confirmed.
    pub(crate) fn tracked_device(&self, key: &str) -> Option<&Device> {
        self.devices.get(key).filter(|device| device.is_confirmed())
    }

    /// In the words of ListUsers' filter `status`.
    pub(crate) fn enabled_name(&self) -> &'static str {
        if self.enabled { "Enabled" } else { "Disabled" }
    }

    pub(crate) fn sub(&self) -> &str {
        self.attribute("sub").unwrap_or(&self.username)
    }

    pub(crate) fn is_verified(&self, attribute: &str) -> bool {
        self.attribute(attribute).is_some()
            && self.attribute(&verified_flag(attribute)) == Some("true")
    }

    pub(crate) fn set_verified(&mut self, attribute: &str, verified: bool) {
        self.attributes
            .insert(verified_flag(attribute), verified.to_string());
    }
}

/// The name of the attribute that says whether another is verified.
pub(crate) fn verified_flag(attribute: &str) -> String {
    format!("{attribute}_verified")
}

/// What a code was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Purpose {
    SignUp,
    ForgotPassword,
    VerifyEmail,
    VerifyPhoneNumber,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) code: String,
    pub(crate) expires: u64,
    /// The attribute that carried it, with the value it was sent to: a code sent to an address
    /// proves nothing about the address that replaced it.
    pub(crate) attribute: String,
    pub(crate) value: String,
    pub(crate) tries: u32,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Attempts within an hour.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) began: u64,
    pub(crate) count: u32,
}

/// A second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Factor {
    Sms,
    SoftwareToken,
    Email,
}

impl Factor {
    /// The name of the factor, which is also that of its challenge.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sms => "SMS_MFA",
            Self::SoftwareToken => "SOFTWARE_TOKEN_MFA",
            Self::Email => "EMAIL_OTP",
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MfaPreference {
    pub(crate) enabled: BTreeSet<Factor>,
    pub(crate) preferred: Option<Factor>,
    /// `WebAuthnMfaSettings.Enabled`, once the user has said so.
    #[serde(default)]
    pub(crate) passkey: Option<bool>,
}

impl MfaPreference {
    /// A factor that was just set up; the preferred one if there is no other.
    pub(crate) fn turn_on(&mut self, factor: Factor) {
        self.enabled.insert(factor);
        self.preferred = self.preferred.or(Some(factor));
    }

    /// From now on this factor is not asked for.
    pub(crate) fn turn_off(&mut self, factor: Factor) {
        self.enabled.remove(&factor);
        self.preferred = self.preferred.filter(|preferred| *preferred != factor);
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Totp {
    /// The shared secret in Base32 once a code of it was verified.
    pub(crate) secret: Option<String>,
    /// A secret that waits for its first code.
    pub(crate) pending: Option<String>,
    /// The last time step whose code was taken.
    pub(crate) used_step: Option<u64>,
}

impl std::fmt::Debug for Totp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Totp")
            .field("enrolled", &self.secret.is_some())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) key: String,
    pub(crate) group_key: String,
    pub(crate) name: Option<String>,
    /// Set by `ConfirmDevice`: salt and verifier as the client computed them.
    pub(crate) verifier: Option<Verifier>,
    pub(crate) remembered: bool,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    pub(crate) last_authenticated: u64,
}

impl Device {
    /// Whether the client has confirmed it. Until then the pool knows a key and nothing more.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.verifier.is_some()
    }
}

/// A credential of WebAuthn that a user registered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Passkey {
    pub(crate) id: String,
    pub(crate) key: PublicKey,
    pub(crate) counter: u32,
    pub(crate) relying_party: String,
    pub(crate) attachment: Option<String>,
    pub(crate) transports: Vec<String>,
    pub(crate) created: u64,
}
