//! The user's attributes, as far as they are known.

use std::rc::Rc;

use crate::{
    config::VerifyWhen,
    error::{Code, FlowError},
    fields::{Fields, Pairs, Reader},
    flow::{
        calls::Answer,
        next::{Cx, Next},
        session::{Session, tokens::Tokens},
        sign_in::SignIn,
        step::Step,
        steps::{
            SignedIn,
            verify_attribute::{self, Verification},
        },
    },
    json::Object,
    protocol,
    secret::Text,
    snapshot::{Attribute, Attributes, Delivery},
    time::{Deadline, Moment},
};

/// The code that a change of an attribute sends need not be asked for again for this long.
const ANNOUNCED_MS: f64 = 600_000.0;

pub(super) struct User {
    /// What the person typed.
    pub(super) username: Text,
    /// What the pool calls the user.
    pub(super) user_id: Option<Text>,
    /// `None` until `GetUser` has answered.
    pub(super) attributes: Option<Pairs>,
    phone_proven: bool,
    /// A changed attribute whose code the pool has sent already.
    announced: Option<Announced>,
}

struct Announced {
    attribute: Attribute,
    delivery: Delivery,
    until: Deadline,
}

/// After `GetUser`, when a sign-in or a verification wants to go on.
pub(crate) enum ExpectUser {
    SignedIn(SignIn),
    /// The attribute was just verified.
    Verified(Verification),
}

impl User {
    pub(super) fn new(sign_in: &SignIn) -> Self {
        Self {
            username: sign_in.username.clone(),
            user_id: sign_in.user_id.clone(),
            attributes: None,
            phone_proven: sign_in.phone_proven,
            announced: None,
        }
    }

    pub(super) fn keep(&self, record: &mut Object) {
        record
            .string("username", &self.username)
            .optional("userId", self.user_id.as_deref())
            .boolean("phoneProven", self.phone_proven);
        if let Some(attributes) = &self.attributes {
            record.map("attributes", attributes);
        }
    }

    pub(super) fn restore(reader: &mut Reader<'_>, tokens: &Tokens) -> Self {
        let attributes = reader.fields().object("attributes");
        let mut user = Self {
            username: reader.text("username"),
            user_id: reader.optional_text("userId"),
            attributes: attributes.and_then(|attributes| attributes.pairs().ok()),
            phone_proven: reader.flag("phoneProven", false),
            announced: None,
        };
        // Where the token says who it belongs to, a record that says otherwise is not believed.
        if let Some(name) = tokens.claim("username")
            && user.user_id.as_ref().is_some_and(|own| *own != name)
        {
            user.username = name.clone();
            user.user_id = Some(name);
            user.attributes = None;
        }
        if let Some(sub) = tokens.claim("sub")
            && user.value("sub") != Some(&sub)
        {
            user.attributes = None;
        }
        user
    }

    /// Takes over what another tab knows of the same user.
    pub(super) fn renew(&mut self, newer: Self) {
        self.phone_proven = newer.phone_proven;
        self.attributes = newer.attributes.or(self.attributes.take());
    }

    fn value(&self, name: &str) -> Option<&str> {
        let attributes = self.attributes.as_ref()?;
        let found = attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What is not, or not known to be, verified; where the user is not known, everything that
    /// would have been looked at: "all verified" is never said without knowing it.
    pub(super) fn unverified(&self) -> Attributes {
        let mut unverified = Attributes::default();
        for attribute in Attributes::ALL.iter() {
            if self.attributes.is_none() || self.lacks(attribute) {
                unverified.push(attribute);
            }
        }
        unverified
    }

    /// Whether the user has this attribute and it is not, or not known to be, verified.
    fn lacks(&self, attribute: Attribute) -> bool {
        self.value(attribute.as_str()).is_some()
            && self.value(attribute.verified_flag()) != Some("true")
            && !(attribute == Attribute::PhoneNumber && self.phone_proven)
    }

    /// Whether the pool says that it is not verified. A client that may not read the flag does not
    /// know, and sends no message at each sign-in for that.
    fn is_known_to_lack(&self, attribute: Attribute) -> bool {
        self.lacks(attribute) && self.value(attribute.verified_flag()).is_some()
    }

    pub(super) fn mark_verified(&mut self, attribute: Attribute) -> bool {
        let lacked = self.lacks(attribute);
        self.put(attribute.verified_flag(), Some("true"));
        lacked
    }

    pub(super) fn take_announced(
        &mut self,
        attribute: Attribute,
        now: &Moment,
    ) -> Option<Delivery> {
        let announced = self
            .announced
            .take_if(|announced| announced.attribute == attribute)?;
        (!announced.until.is_over(now)).then_some(announced.delivery)
    }

    /// Changes one attribute, or takes it away.
    fn put(&mut self, name: &str, value: Option<&str>) {
        let Some(attributes) = &mut self.attributes else {
            return;
        };
        let pairs = Rc::make_mut(attributes);
        match value {
            Some(value) => protocol::insert(pairs, name.into(), value.into()),
            None => protocol::remove(pairs, name),
        }
    }

    /// Keeps what a change of attributes brought, until `GetUser` says it better; returns those
    /// that the pool has sent a code for.
    pub(super) fn change(
        &mut self,
        attributes: &Pairs,
        reply: Fields<'_>,
        now: &Moment,
    ) -> Attributes {
        for (name, value) in attributes.iter() {
            self.put(name, Some(value));
            if let Some(attribute) = Attribute::parse(name) {
                self.put(attribute.verified_flag(), Some("false"));
                if attribute == Attribute::PhoneNumber {
                    self.phone_proven = false;
                }
            }
        }
        let mut sent_to = Attributes::default();
        for item in reply.objects("CodeDeliveryDetailsList").unwrap_or_default() {
            let attribute = item.string("AttributeName");
            let attribute = attribute.and_then(|name| Attribute::parse(&name));
            if let (Some(attribute), Some(delivery)) = (attribute, protocol::delivery(item)) {
                sent_to.push(attribute);
                self.announced = Some(Announced {
                    attribute,
                    delivery,
                    until: Deadline::after(now, ANNOUNCED_MS),
                });
            }
        }
        sent_to
    }

    pub(super) fn remove(&mut self, names: &[Text]) {
        for name in names {
            self.put(name, None);
            if let Some(attribute) = Attribute::parse(name) {
                self.put(attribute.verified_flag(), None);
            }
        }
    }
}

impl Session {
    /// Keeps what `GetUser` said.
    pub(crate) fn learn(&mut self, reply: Fields<'_>) -> Result<(), Code> {
        let attributes = protocol::user_attributes(reply).ok_or(Code::Server)?;
        self.user.attributes = Some(attributes);
        // The pool's name for the user is not always told before.
        self.user.user_id = reply.string("Username").or(self.user.user_id.take());
        Ok(())
    }

    /// Those that the pool has just sent a code for, and the others that are not verified.
    pub(crate) fn to_be_verified(&self, mut sent_to: Attributes) -> Attributes {
        for attribute in self.user.unverified().iter() {
            sent_to.push(attribute);
        }
        sent_to
    }

    pub(crate) fn attributes_changed(
        &mut self,
        attributes: &Pairs,
        reply: Fields<'_>,
        now: &Moment,
    ) -> Attributes {
        self.stale = true;
        self.user.change(attributes, reply, now)
    }

    pub(crate) fn attributes_removed(&mut self, names: &[Text]) {
        self.stale = true;
        self.user.remove(names);
    }
}

impl ExpectUser {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let Some(session) = &mut cx.known.session else {
            return Next::fail(Code::ChallengeSpent);
        };
        let failed = match answer {
            Ok(reply) => session.learn(reply).err().map(FlowError::from),
            Err(failed) => Some(failed.error),
        };
        if failed.is_some() {
            return Next::Go(Step::SignedIn(SignedIn), failed);
        }
        match self {
            Self::SignedIn(sign_in) => {
                let verify = &cx.config.verify;
                let asks = match verify.when {
                    VerifyWhen::Always => true,
                    VerifyWhen::AfterSignUp => sign_in.after_sign_up,
                    VerifyWhen::Never => false,
                };
                let mut next = Attributes::default();
                for attribute in verify.attributes.iter() {
                    if asks && session.user.is_known_to_lack(attribute) {
                        next.push(attribute);
                    }
                }
                verify_attribute::following(next, verify.skippable)
            }
            Self::Verified(what) => verify_attribute::following(what.remaining, what.skippable),
        }
    }
}
