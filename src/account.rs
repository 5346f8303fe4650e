//! What a signed-in person does without being asked for anything.

use crate::{
    error::{Code, FlowError},
    fields::{Fields, Pairs, Reader},
    secret::{Secret, Text},
};

/// A call that is answered for itself rather than with a snapshot.
#[derive(Debug)]
pub enum Call {
    /// Fresh tokens: `{ accessToken, idToken, expiresAt }`, the time in ms since the epoch.
    Session,
    /// Which factors are on: `{ enabled, preferred }`.
    MfaPreference,
    /// Turn factors on or off; those not named stay as they are.
    SetMfaPreference(Vec<(Factor, Preference)>),
    /// Change attributes: `{ unverified }`, the names of those that must be verified now.
    UpdateAttributes(Pairs),
    /// Remove attributes.
    DeleteAttributes(Vec<Text>),
    /// Change the password.
    ChangePassword {
        /// The one in force.
        current: Secret,
        /// The new one.
        next: Secret,
    },
    /// Delete the user for good.
    DeleteUser,
}

/// A second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A code by SMS.
    Sms,
    /// A code by email.
    Email,
    /// A code of an authenticator app.
    Totp,
}

impl Factor {
    /// Every factor, with its name in JS, its name in `UserMFASettingList`, and the member of
    /// `SetUserMFAPreference` that sets it.
    pub(crate) const ALL: [(Self, &'static str, &'static str, &'static str); 3] = [
        (Self::Sms, "sms", "SMS_MFA", "SMSMfaSettings"),
        (Self::Email, "email", "EMAIL_OTP", "EmailMfaSettings"),
        (
            Self::Totp,
            "totp",
            "SOFTWARE_TOKEN_MFA",
            "SoftwareTokenMfaSettings",
        ),
    ];

    pub(crate) fn from_wire(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.2 == name).map(|row| row.0)
    }

    /// The name in JS.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.1)
    }

    pub(crate) fn setting(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.3)
    }
}

/// What a factor is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// Not used.
    Off,
    /// May be used.
    On,
    /// Used when there is a choice.
    Preferred,
}

impl Call {
    /// Reads a call from its name and one object of arguments: `{ preference }`,
    /// `{ attributes }`, `{ names }` or `{ current, next }`.
    ///
    /// # Errors
    /// `malformed`, naming the argument.
    pub fn read(name: &str, arguments: &dyn Fields) -> Result<Self, FlowError> {
        let mut reader = Reader::new(arguments);
        let call = match name {
            "session" => Self::Session,
            "mfaPreference" => Self::MfaPreference,
            "setMfaPreference" => {
                let mut settings = Vec::new();
                for setting in reader.required_pairs("preference").iter() {
                    match factor_setting(setting) {
                        Some(setting) => settings.push(setting),
                        None => reader.complain("preference", FACTOR_SETTINGS),
                    }
                }
                Self::SetMfaPreference(settings)
            }
            "updateAttributes" => Self::UpdateAttributes(reader.required_pairs("attributes")),
            "deleteAttributes" => Self::DeleteAttributes(reader.texts("names")),
            "changePassword" => Self::ChangePassword {
                current: reader.secret("current"),
                next: reader.secret("next"),
            },
            "deleteUser" => Self::DeleteUser,
            _ => return Err(Code::Malformed.into()),
        };
        reader.finish(name, call)
    }
}

const FACTOR_SETTINGS: &str = "sms, email or totp, each \"off\", \"on\" or \"preferred\"";

fn factor_setting((name, value): &(Text, Text)) -> Option<(Factor, Preference)> {
    let factor = Factor::ALL
        .iter()
        .find(|row| *name == row.1)
        .map(|row| row.0)?;
    let preference = match value.as_str() {
        "off" => Preference::Off,
        "on" => Preference::On,
        "preferred" => Preference::Preferred,
        _ => return None,
    };
    Some((factor, preference))
}
