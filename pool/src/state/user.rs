//! A user, and everything that is kept of one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Attributes;
use crate::few::Few;
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
    pub(crate) username: Box<str>,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    pub(crate) enabled: bool,
    pub(crate) status: UserStatus,
    /// `sub` and the verified flags among them.
    pub(crate) attributes: Attributes,
    pub(crate) password: Option<Verifier>,
    #[serde(flatten)]
    pub(crate) more: Sparse,
}

/// What few users have anything of at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct More {
    /// New values of attributes that are verified before they replace the old one.
    pub(crate) pending: Few<String, String>,
    /// Former passwords, the latest last.
    pub(crate) former_passwords: Vec<Verifier>,
    pub(crate) temporary_password_expires: Option<u64>,
    pub(crate) codes: Few<Purpose, Code>,
    pub(crate) mfa: MfaPreference,
    pub(crate) totp: Totp,
    pub(crate) attempts: Few<String, Window>,
    pub(crate) wrong_passwords: u32,
    pub(crate) locked_until: u64,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) devices: Few<String, Device>,
    /// In the order in which they were registered.
    #[serde(default)]
    pub(crate) passkeys: Vec<Passkey>,
}

static NOTHING: More = More {
    pending: Few::new(),
    former_passwords: Vec::new(),
    temporary_password_expires: None,
    codes: Few::new(),
    mfa: MfaPreference {
        enabled: BTreeSet::new(),
        preferred: None,
        passkey: None,
    },
    totp: Totp {
        secret: None,
        pending: None,
        used_step: None,
    },
    attempts: Few::new(),
    wrong_passwords: 0,
    locked_until: 0,
    groups: BTreeSet::new(),
    devices: Few::new(),
    passkeys: Vec::new(),
};

impl More {
    /// Whether it is as that of a user who has done nothing. Named one by one, so that a new member
    /// cannot be forgotten.
    fn is_nothing(&self) -> bool {
        let Self {
            pending,
            former_passwords,
            temporary_password_expires,
            codes,
            mfa,
            totp,
            attempts,
            wrong_passwords,
            locked_until,
            groups,
            devices,
            passkeys,
        } = self;
        pending.is_empty()
            && former_passwords.is_empty()
            && temporary_password_expires.is_none()
            && codes.is_empty()
            && *mfa == NOTHING.mfa
            && *totp == NOTHING.totp
            && attempts.is_empty()
            && *wrong_passwords == 0
            && *locked_until == 0
            && groups.is_empty()
            && devices.is_empty()
            && passkeys.is_empty()
    }
}

/// [`More`], which takes a pointer's room where there is nothing of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse(Option<Box<More>>);

impl Sparse {
    /// Gives back room that is not needed.
    pub(super) fn tidy(&mut self) {
        self.0.take_if(|more| more.is_nothing());
    }
}

impl std::ops::Deref for Sparse {
    type Target = More;

    fn deref(&self) -> &More {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl std::ops::DerefMut for Sparse {
    fn deref_mut(&mut self) -> &mut More {
        self.0.get_or_insert_with(|| Box::new(NOTHING.clone()))
    }
}

impl Serialize for Sparse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        More::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Sparse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut more = Self(Some(Box::new(More::deserialize(deserializer)?)));
        more.tidy();
        Ok(more)
    }
}

impl User {
    /// A user with nothing but a name.
    pub(crate) fn new(username: String, sub: String, status: UserStatus, now: u64) -> Self {
        Self {
            username: username.into(),
            created: now,
            modified: now,
            enabled: true,
            status,
            attributes: [("sub", sub.as_str())].into_iter().collect(),
            password: None,
            more: Sparse::default(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).filter(|value| !value.is_empty())
    }

    /// Gives the user attributes; a blank value takes one away.
    pub(crate) fn give(&mut self, attributes: &BTreeMap<String, String>) {
        self.attributes.extend(attributes);
        self.attributes.retain(|_, value| !value.is_empty());
    }

    /// The device of that key, if it was confirmed.
    pub(crate) fn tracked_device(&self, key: &str) -> Option<&Device> {
        self.more
            .devices
            .get(key)
            .filter(|device| device.is_confirmed())
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
            .insert(&verified_flag(attribute), &verified.to_string());
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

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::{Value, json};

    use super::*;

    /// As it stands in files and exports that others have.
    fn kept() -> Value {
        json!({
            "username": "alice", "created": 1, "modified": 2, "enabled": true,
            "status": "CONFIRMED",
            "attributes": { "email": "a@example.com", "sub": "1" },
            "password": { "salt": "a1", "verifier": "b2c" },
            "pending": {}, "former_passwords": [], "temporary_password_expires": null,
            "codes": {}, "mfa": { "enabled": [], "preferred": null, "passkey": null },
            "totp": { "secret": null, "pending": null, "used_step": null },
            "attempts": {}, "wrong_passwords": 0, "locked_until": 0, "groups": [],
            "devices": {}, "passkeys": [],
        })
    }

    #[test]
    fn a_user_is_written_as_before_and_is_small() {
        let mut written = kept();
        let user: User = serde_json::from_value(written.clone()).unwrap();
        assert!(user.more.0.is_none());
        assert_eq!(json!(user), written);
        assert!(size_of::<User>() <= 96, "{}", size_of::<User>());

        written["pending"] = json!({ "email": "b@example.com" });
        written["attempts"] = json!({ "ConfirmSignUp": { "began": 1, "count": 2 } });
        written["codes"] = json!({ "SignUp": { "code": "1", "expires": 9, "attribute": "email",
            "value": "a@example.com", "tries": 0 } });
        written["locked_until"] = json!(7);
        let mut user: User = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(json!(user), written);
        user.more.tidy();
        assert_eq!(json!(user), written, "what there is stays");
        for digits in ["", "-1", "g"] {
            written["password"]["salt"] = json!(digits);
            let read: Result<User, _> = serde_json::from_value(written.clone());
            assert!(read.is_err(), "{digits}");
        }
    }

    #[test]
    fn what_is_no_more_takes_no_room() {
        let mut user: User = serde_json::from_value(kept()).unwrap();
        user.more.wrong_passwords = 1;
        user.more.groups.insert("a".into());
        user.more.tidy();
        assert_eq!(user.more.wrong_passwords, 1);
        user.more.wrong_passwords = 0;
        user.more.groups.clear();
        user.more.tidy();
        assert!(user.more.0.is_none());
    }
}
