//! What a signed-in person does without being asked for anything.

use crate::{
    error::{Code, FlowError},
    event::TypedCode,
    fields::{Pairs, Reader},
    secret::{Secret, Text},
    snapshot::Choice,
};

/// A call that is answered for itself rather than with a snapshot.
#[derive(Debug)]
pub enum Ask {
    /// Fresh tokens: `{ accessToken, idToken, expiresAt }`, the time in ms since the epoch.
    Session {
        /// Refreshed now, whatever the time: what they say of the user is as new.
        refresh: bool,
    },
    /// Which factors are on: `{ enabled, preferred }`.
    MfaPreference,
    /// Turn factors on or off; those not named stay as they are.
    SetMfaPreference(Vec<FactorSetting>),
    /// A secret for an authenticator app: `{ secret, uri }`.
    StartTotp,
    /// The authenticator app is set up; its codes are a second factor from now on.
    ConfirmTotp {
        /// What the app shows.
        code: TypedCode,
        /// What the pool is to call it.
        device_name: Option<Text>,
        /// How it is used; `None`: as before.
        setting: Option<FactorSetting>,
    },
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
    /// With what the user can begin a sign-in: a list of `password`, `sms`, `email`, `passkey`.
    Factors,
    /// Where the user is signed in: a list of `{ id, clientId, createdAt, lastActiveAt, deviceType,
    /// ip, place, current }`.
    Sessions,
    /// Sign the user out elsewhere.
    EndSession {
        /// Which session.
        id: Text,
    },
    /// The user's remembered devices: a list of `{ key, name, createdAt, lastUsedAt, current }`.
    Devices,
    /// Remember this device: it then takes the place of a second factor.
    RememberDevice,
    /// Forget a device.
    ForgetDevice {
        /// Which; this one, unless it is named.
        key: Option<Text>,
    },
    /// Have the browser make a passkey, which the person can sign in with from then on.
    CreatePasskey,
    /// The user's passkeys: a list of `{ id, name, createdAt, transports }`.
    Passkeys,
    /// Have the pool forget a passkey, and tell the browser.
    DeletePasskey {
        /// Which.
        id: Text,
    },
}

/// Whether a second factor is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorSetting {
    /// Which.
    pub factor: Choice,
    /// It may be used.
    pub enabled: bool,
    /// It is used when there is a choice; of a passkey that cannot be said.
    pub preferred: bool,
}

impl Ask {
    /// Reads what is asked from its name and the JSON of one object of arguments: `{ refresh }`,
    /// `{ preference }`, `{ code, deviceName, as }`, `{ attributes }`, `{ names }`, `{ current, next }`,
    /// `{ id }` or `{ key }`.
    ///
    /// # Errors
    /// `malformed`, naming the argument.
    pub fn read(name: &str, arguments: &str) -> Result<Self, FlowError> {
        let reader = Reader::of(arguments);
        match name {
            "session" => Self::session(reader),
            _ => Self::of_account(name, reader),
        }
    }

    fn session(mut reader: Reader<'_>) -> Result<Self, FlowError> {
        let refresh = reader.flag("refresh", false);
        reader.finish("session", Self::Session { refresh })
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn of_account(name: &str, mut reader: Reader<'_>) -> Result<Self, FlowError> {
        let ask = match name {
            "mfaPreference" => Self::MfaPreference,
            "setMfaPreference" => {
                let mut settings = Vec::new();
                for (factor, use_of_it) in reader.required_pairs("preference").iter() {
                    let factor = Choice::parse(factor).filter(|f| f.setting().is_some());
                    let uses: &[&str] = match factor {
                        Some(Choice::Passkey) => &["off", "on"],
                        _ => &["off", "on", "preferred"],
                    };
                    let known = uses.iter().any(|known| use_of_it == known);
                    match factor {
                        Some(factor) if known => settings.push(FactorSetting {
                            factor,
                            enabled: use_of_it != "off",
                            preferred: use_of_it == "preferred",
                        }),
                        _ => reader.complain("preference", FACTOR_SETTINGS),
                    }
                }
                Self::SetMfaPreference(settings)
            }
            "startTotp" => Self::StartTotp,
            "confirmTotp" => Self::ConfirmTotp {
                code: TypedCode::read(&mut reader),
                device_name: reader.optional_text("deviceName"),
                setting: totp_setting(&mut reader),
            },
            "updateAttributes" => Self::UpdateAttributes(reader.required_pairs("attributes")),
            "deleteAttributes" => Self::DeleteAttributes(reader.texts("names")),
            "changePassword" => Self::ChangePassword {
                current: reader.secret("current"),
                next: reader.secret("next"),
            },
            "deleteUser" => Self::DeleteUser,
            "factors" => Self::Factors,
            "sessions" => Self::Sessions,
            "endSession" => Self::EndSession {
                id: reader.text("id"),
            },
            "devices" => Self::Devices,
            "rememberDevice" => Self::RememberDevice,
            "forgetDevice" => Self::ForgetDevice {
                key: reader.optional_text("key"),
            },
            "createPasskey" => Self::CreatePasskey,
            "passkeys" => Self::Passkeys,
            "deletePasskey" => Self::DeletePasskey {
                id: reader.text("id"),
            },
            _ => return Err(Code::Malformed.into()),
        };
        reader.finish(name, ask)
    }
}

fn totp_setting(reader: &mut Reader<'_>) -> Option<FactorSetting> {
    let chosen = reader.choice("as", "\"off\", \"on\" or \"preferred\"");
    (chosen != Some(0)).then_some(FactorSetting {
        factor: Choice::Totp,
        enabled: true,
        preferred: chosen == Some(2),
    })
}

const FACTOR_SETTINGS: &str =
    "sms, email or totp, each \"off\", \"on\" or \"preferred\", or passkey, \"off\" or \"on\"";
