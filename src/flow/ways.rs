//! What the pool offers to go on with, by the protocol's names.

use crate::{secret::Text, snapshot::Choice};

pub(crate) const PASSWORD: &str = "PASSWORD";
pub(crate) const PASSWORD_SRP: &str = "PASSWORD_SRP";

/// One way to go on.
pub(crate) struct Way {
    /// What the pool calls it, and is answered.
    pub(crate) name: &'static str,
    pub(crate) choice: Choice,
}

/// With what a sign-in by `USER_AUTH` can begin. The password that is proven stands before the one
/// that is sent.
pub(crate) static FIRST_FACTORS: [Way; 5] = [
    way(PASSWORD_SRP, Choice::Password),
    way(PASSWORD, Choice::Password),
    way("SMS_OTP", Choice::Sms),
    way("EMAIL_OTP", Choice::Email),
    way("WEB_AUTHN", Choice::Passkey),
];

/// What can be the second factor.
pub(crate) static SECOND_FACTORS: [Way; 5] = [
    way("SMS_MFA", Choice::Sms),
    way("SOFTWARE_TOKEN_MFA", Choice::Totp),
    // Sources differ in what an email is called: the pool is answered by its own word.
    way("EMAIL_OTP", Choice::Email),
    way("EMAIL_MFA", Choice::Email),
    way("WEB_AUTHN", Choice::Passkey),
];

/// What of that can be set up in a sign-in: a phone number cannot be given there.
pub(crate) static ENROLMENTS: [Way; 2] = [
    way("SOFTWARE_TOKEN_MFA", Choice::Totp),
    way("EMAIL_OTP", Choice::Email),
];

const fn way(name: &'static str, choice: Choice) -> Way {
    Way { name, choice }
}

/// What of that a person has, in the pool's order.
#[derive(Clone, Default)]
pub(crate) struct Ways(Vec<&'static Way>);

impl Ways {
    /// Those of these names that are in the table; others are none of ours, and none counts twice.
    pub(crate) fn read(names: &[Text], table: &'static [Way]) -> Self {
        let mut ways = Self::default();
        for name in names {
            if let Some(way) = table.iter().find(|way| name == way.name)
                && !ways.has(way.name)
            {
                ways.0.push(way);
            }
        }
        ways
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn offers(&self, choice: Choice) -> bool {
        self.0.iter().any(|way| way.choice == choice)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|way| way.name == name)
    }

    /// What the person can choose, once each.
    pub(crate) fn choices(&self, except: Option<Choice>) -> Vec<Choice> {
        let mut choices = Vec::new();
        for way in &self.0 {
            if Some(way.choice) != except && !choices.contains(&way.choice) {
                choices.push(way.choice);
            }
        }
        choices
    }

    /// What the pool calls a first factor: as it has said, or as it is called where it has not.
    pub(crate) fn name_of(&self, choice: Choice) -> &'static str {
        let is = |way: &&Way| way.choice == choice;
        let said = FIRST_FACTORS
            .iter()
            .find(|way| is(way) && self.has(way.name));
        let way = said.or(FIRST_FACTORS.iter().find(is));
        way.map_or(PASSWORD_SRP, |way| way.name)
    }

    /// What the pool has called this one.
    pub(crate) fn said_of(&self, choice: Choice) -> &'static str {
        let way = self.0.iter().find(|way| way.choice == choice);
        way.map_or("", |way| way.name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|way| way.name)
    }
}
