//! The user's attributes, and verifying them one after the other.

use crate::{
    config::VerifyWhen,
    error::{Code, FlowError},
    fields::{Fields, Pairs},
    flow::{
        Answer, Flow,
        authorized::Authorized,
        error,
        session::Tokens,
        step::{CODE_MS, Sent, SignIn, Step, VerifyAttribute},
    },
    protocol::{delivery_details, user_attributes},
    secret::{Secret, Text},
    snapshot::{Attribute, Attributes, Delivery},
    time::{Deadline, Moment},
    value::{Members, Value},
};

/// Who is signed in, as far as is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) username: Text,
    /// `None` until `GetUser` has answered.
    pub(crate) attributes: Option<Pairs>,
    pub(crate) phone_proven: bool,
    /// A changed attribute whose code the pool has sent already.
    pub(crate) announced: Option<Announced>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Announced {
    pub(crate) attribute: Attribute,
    pub(crate) delivery: Delivery,
    pub(crate) at: Deadline,
}

/// After `GetUser`.
pub(crate) enum ExpectUser {
    SignedIn(SignIn),
    /// The attribute was just verified.
    Verified {
        remaining: Attributes,
        skippable: bool,
    },
    /// The attributes were just changed (a ticket waits), or are not known yet.
    Again {
        ticket: Option<u32>,
        sent_to: Vec<Text>,
    },
}

/// After `GetUserAttributeVerificationCode`.
pub(crate) struct ExpectAttributeCode {
    pub(crate) attribute: Attribute,
    pub(crate) remaining: Attributes,
    pub(crate) skippable: bool,
}

impl User {
    fn value(&self, name: &str) -> Option<&str> {
        let attributes = self.attributes.as_ref()?;
        attributes
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the user has this attribute and it is not verified.
    fn lacks(&self, attribute: Attribute) -> bool {
        self.value(attribute.as_str()).is_some()
            && self.value(attribute.verified_flag()) != Some("true")
            && !(attribute == Attribute::PhoneNumber && self.phone_proven)
    }

    /// Changes one attribute, or takes it away.
    pub(crate) fn put(&mut self, name: &str, mut value: Option<&str>) {
        let Some(attributes) = &self.attributes else {
            return;
        };
        let mut changed = Vec::new();
        for (own, old) in attributes.iter() {
            if own != name {
                changed.push((own.clone(), old.clone()));
            } else if let Some(value) = value.take() {
                changed.push((own.clone(), value.into()));
            }
        }
        if let Some(value) = value {
            changed.push((name.into(), value.into()));
        }
        self.attributes = Some(changed.into());
    }
}

impl Flow {
    /// What is not verified; where the user is not known, everything that would have been
    /// looked at: "all verified" is never said without knowing it.
    pub(crate) fn unverified(&self) -> Attributes {
        let known = self.user.as_ref().filter(|user| user.attributes.is_some());
        let mut unverified = Attributes::default();
        for attribute in Attributes::ALL.iter() {
            if known.is_none_or(|user| user.lacks(attribute)) {
                unverified.push(attribute);
            }
        }
        unverified
    }

    /// What the page sees of `signedIn`.
    pub(crate) fn show_user(&self, shown: &mut Members) {
        if let (Some(user), Some(tokens)) = (&self.user, &self.tokens) {
            let attributes = user.attributes.clone().unwrap_or_default();
            shown
                .text("username", Some(&user.username))
                .add("attributes", Value::Map(attributes))
                .add("unverified", self.unverified().value())
                .time("tokensExpireAt", tokens.expires);
        }
    }

    pub(crate) fn receive_tokens(&mut self, tokens: Tokens, sign_in: SignIn, now: &Moment) {
        self.held = None;
        self.newly_confirmed = None;
        self.tokens = Some(tokens);
        self.user = Some(User {
            username: sign_in.username.clone(),
            attributes: None,
            phone_proven: sign_in.phone_proven,
            announced: None,
        });
        self.authorize(Authorized::User(ExpectUser::SignedIn(sign_in)), now);
    }

    /// The person asks to verify an attribute.
    pub(crate) fn verify_now(&mut self, attribute: Attribute, now: &Moment) {
        let announced = self.user.as_mut().and_then(|user| {
            user.announced
                .take_if(|announced| announced.attribute == attribute)
        });
        match announced {
            // Changing the attribute has sent the code already.
            Some(announced) if !announced.at.is_over(now) => {
                let sent = Sent::now(Some(announced.delivery), CODE_MS, now);
                let step = VerifyAttribute {
                    attribute,
                    remaining: Attributes::default(),
                    sent,
                    skippable: true,
                };
                self.settle(Step::VerifyAttribute(Box::new(step)), None);
            }
            _ => self.send_attribute_code(attribute, Attributes::default(), true, now),
        }
    }

    pub(crate) fn send_attribute_code(
        &mut self,
        attribute: Attribute,
        remaining: Attributes,
        skippable: bool,
        now: &Moment,
    ) {
        let expect = ExpectAttributeCode {
            attribute,
            remaining,
            skippable,
        };
        self.authorize(Authorized::AttributeCode(expect), now);
    }

    pub(crate) fn submit_attribute_code(&mut self, code: Secret, now: &Moment) {
        if self.step.sent().is_some_and(|sent| sent.is_over(now)) {
            return self.settle_here(error(Code::CodeExpired));
        }
        let Step::VerifyAttribute(step) = &self.step else {
            return;
        };
        let attribute = step.attribute;
        self.authorize(Authorized::AttributeVerified { attribute, code }, now);
    }

    pub(crate) fn skip_verification(&mut self, now: &Moment) {
        let Step::VerifyAttribute(step) = &self.step else {
            return;
        };
        let (remaining, skippable) = (step.remaining, step.skippable);
        self.verify_next(remaining, skippable, now);
    }

    fn verify_next(&mut self, mut remaining: Attributes, skippable: bool, now: &Moment) {
        match remaining.pop() {
            Some(attribute) => self.send_attribute_code(attribute, remaining, skippable, now),
            None => self.settle(Step::SignedIn, None),
        }
    }

    /// After `VerifyUserAttribute`.
    pub(crate) fn on_attribute_verified(
        &mut self,
        attribute: Attribute,
        answer: Answer<'_>,
        now: &Moment,
    ) {
        if let Err(failed) = answer {
            return self.settle_here(failed.error);
        }
        let Step::VerifyAttribute(step) = &self.step else {
            return;
        };
        let (remaining, skippable) = (step.remaining, step.skippable);
        let known = self.user.as_ref().is_some_and(|user| user.lacks(attribute));
        if let Some(user) = &mut self.user {
            user.put(attribute.verified_flag(), Some("true"));
        }
        // Where the pool held a changed value back until now, only the pool knows it.
        if known {
            self.verify_next(remaining, skippable, now);
        } else {
            let expect = ExpectUser::Verified {
                remaining,
                skippable,
            };
            self.authorize(Authorized::User(expect), now);
        }
    }
}

impl ExpectUser {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let failed = match answer {
            Ok(reply) => flow.remember(reply).err().map(FlowError::from),
            Err(failed) => Some(failed.error),
        };
        match self {
            Self::SignedIn(sign_in) => match failed {
                None => {
                    let verify = &flow.config.verify;
                    let asks = match verify.when {
                        VerifyWhen::Always => true,
                        VerifyWhen::AfterSignUp => sign_in.after_sign_up,
                        VerifyWhen::Never => false,
                    };
                    let unverified = flow.unverified();
                    let mut next = Attributes::default();
                    for attribute in verify.attributes.iter() {
                        if asks && unverified.contains(attribute) {
                            next.push(attribute);
                        }
                    }
                    flow.verify_next(next, verify.skippable, now);
                }
                failed => flow.settle(Step::SignedIn, failed),
            },
            Self::Verified {
                remaining,
                skippable,
            } => match failed {
                None => flow.verify_next(remaining, skippable, now),
                failed => flow.settle(Step::SignedIn, failed),
            },
            Self::Again { ticket, sent_to } => {
                let Some(ticket) = ticket else { return };
                // The change itself was made, whether or not the pool could be asked again.
                let mut unverified = sent_to;
                for attribute in flow.unverified().iter() {
                    if !unverified.iter().any(|name| name == attribute.as_str()) {
                        unverified.push(attribute.as_str().into());
                    }
                }
                let unverified = Value::texts(&unverified);
                let answer = Members::default().add("unverified", unverified).end();
                flow.answer(ticket, Ok(answer));
            }
        }
    }
}

impl ExpectAttributeCode {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let Self {
            attribute,
            remaining,
            skippable,
        } = self;
        let (sent, error) = match answer {
            Ok(reply) => (Sent::now(delivery_details(reply), CODE_MS, now), None),
            Err(failed) => {
                let here = match &flow.step {
                    Step::VerifyAttribute(step) => step.attribute == attribute,
                    Step::SignedIn => failed.error.code != Code::OutcomeUnknown,
                    _ => false,
                };
                if here {
                    return flow.settle_here(failed.error);
                }
                (Sent::unknown(), Some(failed.error))
            }
        };
        let step = VerifyAttribute {
            attribute,
            remaining,
            sent,
            skippable,
        };
        flow.settle(Step::VerifyAttribute(Box::new(step)), error);
    }
}

impl Flow {
    /// Keeps what `GetUser` said.
    fn remember(&mut self, reply: Fields<'_>) -> Result<(), Code> {
        let attributes = user_attributes(reply).ok_or(Code::Server)?;
        if let Some(user) = &mut self.user {
            user.attributes = Some(attributes);
        }
        Ok(())
    }
}
