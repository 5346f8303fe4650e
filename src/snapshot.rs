//! What the page can see.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{error::FlowError, event::EventType};

/// Everything there is to show: the step, whether it is being worked on, and what went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// What the person has to do next.
    pub step: StepView,
    /// The event that is being worked on.
    pub busy: Option<EventType>,
    /// What the last event, or the time, brought.
    pub error: Option<FlowError>,
}

/// What the person has to do next. All times are in ms since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "step",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum StepView {
    /// Sign in or sign up.
    SignedOut {
        /// The name last used, to fill the form with.
        username: Option<String>,
    },
    /// Give the code that confirms the sign-up.
    ConfirmSignUp {
        /// Who.
        username: String,
        /// Where the code went; `None` if it is not known or none was sent.
        delivery: Option<Delivery>,
        /// When the code is no longer valid.
        code_expires_at: Option<f64>,
        /// When another may be asked for; `None`: now.
        resend_at: Option<f64>,
    },
    /// Give the code of the second factor.
    MfaCode {
        /// Who.
        username: String,
        /// What kind of code.
        medium: Medium,
        /// Where it went.
        delivery: Option<Delivery>,
        /// When the sign-in must be done.
        expires_at: Option<f64>,
        /// Whether another code can be asked for.
        can_resend: bool,
    },
    /// Choose a first password.
    NewPassword {
        /// Who.
        username: String,
        /// Attributes that must come with it.
        missing_attributes: Vec<String>,
        /// When the sign-in must be done.
        expires_at: Option<f64>,
    },
    /// Give the code that verifies an attribute.
    VerifyAttribute {
        /// Which attribute.
        attribute: Attribute,
        /// Those that come after it.
        remaining: Vec<Attribute>,
        /// Where the code went.
        delivery: Option<Delivery>,
        /// When the code is no longer valid.
        code_expires_at: Option<f64>,
        /// When another may be asked for; `None`: now.
        resend_at: Option<f64>,
        /// Whether it may be put off.
        skippable: bool,
    },
    /// Give the code and a new password.
    ResetPassword {
        /// Who.
        username: String,
        /// Where the code went.
        delivery: Option<Delivery>,
        /// When the code is no longer valid.
        code_expires_at: Option<f64>,
        /// When another may be asked for; `None`: now.
        resend_at: Option<f64>,
    },
    /// Nothing: the person is signed in.
    SignedIn {
        /// Who.
        username: String,
        /// The user's attributes, as the pool has them.
        #[serde(serialize_with = "as_map")]
        attributes: Vec<(String, String)>,
        /// Those of `email` and `phone_number` that are not, or not known to be, verified.
        unverified: Vec<Attribute>,
        /// When the tokens run out.
        tokens_expire_at: f64,
    },
}

/// Where a code went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// How.
    pub medium: Medium,
    /// Masked, exactly as the pool sent it.
    pub destination: String,
    /// The attribute that holds the address, where the pool says.
    pub attribute: Option<String>,
}

/// How a code reaches the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// By SMS.
    Sms,
    /// By email.
    Email,
    /// From an authenticator app.
    Totp,
}

/// An attribute that can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// The email address.
    Email,
    /// The phone number.
    PhoneNumber,
}

impl Attribute {
    /// Cognito's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// The attribute of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Email, Self::PhoneNumber]
            .into_iter()
            .find(|a| a.as_str() == name)
    }

    /// The attribute that says whether this one is verified.
    pub(crate) const fn verified_flag(self) -> &'static str {
        match self {
            Self::Email => "email_verified",
            Self::PhoneNumber => "phone_number_verified",
        }
    }
}

impl Medium {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Totp => "totp",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Sms, Self::Email, Self::Totp]
            .into_iter()
            .find(|m| m.as_str() == name)
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The step's members and these two stand side by side in JS.
        #[derive(Serialize)]
        struct Flat<'a> {
            busy: Option<EventType>,
            error: &'a Option<FlowError>,
            #[serde(flatten)]
            step: &'a StepView,
        }
        Flat {
            busy: self.busy,
            error: &self.error,
            step: &self.step,
        }
        .serialize(serializer)
    }
}

fn as_map<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (name, value) in pairs {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
