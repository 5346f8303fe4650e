//! The parts of what the page can see. The whole is [`crate::Flow::snapshot`], the package's type
//! `Snapshot`.

use std::{ops::Deref, rc::Rc};

use crate::{json::Object, secret::Text};

/// Where a code went.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Delivery(Rc<Address>);

#[derive(Debug, PartialEq)]
pub(crate) struct Address {
    /// How.
    pub(crate) medium: Medium,
    /// Masked, exactly as the pool sent it.
    pub(crate) destination: Text,
    /// The attribute that holds the address, where the pool says.
    pub(crate) attribute: Option<Text>,
}

/// How a code reaches the person; each is a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// By SMS.
    Sms,
    /// By email.
    Email,
    /// From an authenticator app.
    Totp,
}

/// What a person can go on with where there are several: a first factor, or a second one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The password.
    Password,
    /// A code by SMS.
    Sms,
    /// A code by email.
    Email,
    /// A passkey.
    Passkey,
    /// A code from an authenticator app: only ever a second factor.
    Totp,
}

impl Choice {
    const ALL: [Self; 5] = [
        Self::Password,
        Self::Sms,
        Self::Email,
        Self::Passkey,
        Self::Totp,
    ];

    /// The name in JS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
        }
    }

    /// The member of `SetUserMFAPreference` that turns it on or off as a second factor.
    pub(crate) fn setting(self) -> Option<&'static str> {
        match self {
            Self::Password => None,
            Self::Sms => Some("SMSMfaSettings"),
            Self::Email => Some("EmailMfaSettings"),
            Self::Passkey => Some("WebAuthnMfaSettings"),
            Self::Totp => Some("SoftwareTokenMfaSettings"),
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == name)
    }
}

/// An attribute that can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// The email address.
    Email,
    /// The phone number.
    PhoneNumber,
}

impl Attribute {
    /// Cognito's name.
    pub fn as_str(self) -> &'static str {
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
    pub(crate) fn verified_flag(self) -> &'static str {
        match self {
            Self::Email => "email_verified",
            Self::PhoneNumber => "phone_number_verified",
        }
    }
}

impl Medium {
    pub(crate) const ALL: [Self; 3] = [Self::Sms, Self::Email, Self::Totp];

    /// The name in JS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Totp => "totp",
        }
    }

    /// The challenge that asks for such a code. The member of the response that holds it has this
    /// name with `_CODE` behind it.
    pub(crate) fn challenge(self) -> &'static str {
        match self {
            Self::Sms => "SMS_MFA",
            Self::Email => "EMAIL_OTP",
            Self::Totp => "SOFTWARE_TOKEN_MFA",
        }
    }

    /// As a factor.
    pub(crate) fn choice(self) -> Choice {
        match self {
            Self::Sms => Choice::Sms,
            Self::Email => Choice::Email,
            Self::Totp => Choice::Totp,
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|medium| medium.as_str() == name)
    }

    pub(crate) fn of_challenge(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|medium| medium.challenge() == name)
    }
}

impl Delivery {
    pub(crate) fn new(medium: Medium, destination: Text, attribute: Option<Text>) -> Self {
        Self(Rc::new(Address {
            medium,
            destination,
            attribute,
        }))
    }
}

impl Deref for Delivery {
    type Target = Address;

    fn deref(&self) -> &Address {
        &self.0
    }
}

impl Delivery {
    pub(crate) fn show(&self, shown: &mut Object) {
        shown
            .begin("delivery")
            .string("medium", self.medium.as_str())
            .string("destination", &self.destination)
            .text("attribute", self.attribute.as_deref())
            .close();
    }
}

/// Of the attributes that can be verified, some, in an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes([Option<Attribute>; 2]);

impl Attributes {
    /// In the order in which Cognito asks for them: after a sign-up the first code goes by SMS.
    pub const ALL: Self = Self([Some(Attribute::PhoneNumber), Some(Attribute::Email)]);

    /// Takes the first one out.
    pub(crate) fn pop(&mut self) -> Option<Attribute> {
        let [first, second] = self.0;
        self.0 = [second, None];
        first
    }

    /// Adds one at the end, unless it is there.
    pub(crate) fn push(&mut self, attribute: Attribute) {
        match &mut self.0 {
            [first @ None, _] => *first = Some(attribute),
            [first, second @ None] if *first != Some(attribute) => *second = Some(attribute),
            _ => {}
        }
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Attribute> {
        self.0.into_iter().flatten()
    }

    /// Those of these names; the others are left out.
    pub(crate) fn named(names: &[Text]) -> Self {
        let mut attributes = Self::default();
        for name in names {
            if let Some(attribute) = Attribute::parse(name) {
                attributes.push(attribute);
            }
        }
        attributes
    }
}

impl Attributes {
    pub(crate) fn show(self, name: &str, shown: &mut Object) {
        shown.strings(name, &mut self.iter().map(Attribute::as_str));
    }
}
