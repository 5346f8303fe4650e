//! What is kept: the session in the app's storage, the step in this tab. Both records are
//! versioned and bound to pool and client; anything that is not ours is ignored and erased.

use crate::{
    config::Config,
    effect::{Effect, Slot},
    fields::{Fields, Reader},
    flow::{
        Flow,
        authorized::Authorized,
        session::Tokens,
        step::{
            CODE_MS, Challenge, MfaCode, NewPassword, RESET_CODE_MS, Sent, SignIn, Step,
            VerifyAttribute,
        },
        verify::{ExpectUser, User},
    },
    json::Object,
    protocol,
    secret::{Secret, Text},
    snapshot::{Attributes, Delivery, Medium},
    time::{Deadline, Moment},
};

/// Changes when the form of a record does.
const VERSION: f64 = 1.0;
/// A code can be asked for again after this long, whatever a record says.
const LONGEST_COOL_DOWN_MS: f64 = 30_000.0;

/// A stored record, as the host found it.
pub enum Stored<'a> {
    /// The host keeps nothing.
    Unshared,
    /// The storage has no record.
    Nothing,
    /// The record.
    Record(Fields<'a>),
}

/// The records as they were last written.
#[derive(Default)]
pub(crate) struct Saved {
    session: Option<Secret>,
    pending: Option<Secret>,
}

impl Flow {
    /// Writes the records that have changed.
    pub(crate) fn save(&mut self) {
        let session = self.session_record();
        if session != self.saved.session {
            self.effects.push(effect(Slot::Session, session.clone()));
            self.saved.session = session;
        }
        let pending = self.pending_record();
        if pending != self.saved.pending {
            self.effects.push(effect(Slot::Pending, pending.clone()));
            self.saved.pending = pending;
        }
    }

    pub(crate) fn restore(&mut self, session: Stored<'_>, pending: Stored<'_>, now: &Moment) {
        if let Stored::Record(record) = session {
            // What cannot be read is erased: it differs from what would be written.
            self.saved.session = Some(Secret::from(""));
            self.adopt(record, now);
        }
        if let Stored::Record(record) = pending {
            self.saved.pending = Some(Secret::from(""));
            if is_ours(&self.config, record)
                && let Some(step) = self.read_step(record, now)
            {
                self.step = step;
            }
        }
        if self.tokens.is_some() {
            if !matches!(self.step, Step::VerifyAttribute(_)) {
                self.step = Step::SignedIn;
            }
            if self
                .user
                .as_ref()
                .is_some_and(|user| user.attributes.is_none())
            {
                let again = ExpectUser::Again {
                    ticket: None,
                    sent_to: Vec::new(),
                };
                self.authorize(Authorized::User(again), now);
            }
        }
    }

    /// Takes over the tokens of a session record, should it be one of ours.
    pub(crate) fn adopt(&mut self, record: Fields<'_>, now: &Moment) {
        if !is_ours(&self.config, record) {
            return;
        }
        let Some((tokens, user)) = read_session(record, now) else {
            return;
        };
        let same = self
            .tokens
            .as_ref()
            .is_some_and(|own| own.access == tokens.access);
        if !same {
            self.tokens = Some(tokens);
            self.user = Some(user);
        }
    }

    fn session_record(&self) -> Option<Secret> {
        let (tokens, user) = (self.tokens.as_ref()?, self.user.as_ref()?);
        let mut record = self.record();
        record
            .string("username", &user.username)
            .string("accessToken", tokens.access.secret())
            .string("idToken", tokens.id.secret())
            .optional("refreshToken", tokens.refresh.as_ref().map(Secret::secret))
            .millis("expiresAt", tokens.expires.wall)
            .millis("lifetime", tokens.lifetime)
            .boolean("rotates", tokens.rotates)
            .boolean("phoneProven", user.phone_proven);
        if let Some(attributes) = &user.attributes {
            record.map("attributes", attributes);
        }
        Some(record.end().0)
    }

    fn pending_record(&self) -> Option<Secret> {
        let mut record = self.record();
        record.string("step", self.step.name().as_str());
        if let Some(username) = self.step.username() {
            record.string("username", username);
        }
        if let Some(sent) = self.step.sent() {
            write_sent(&mut record, sent);
        }
        if let Some(challenge) = self.step.challenge() {
            write_challenge(&mut record, challenge);
        }
        match &self.step {
            Step::SignedOut(_) | Step::SignedIn => return None,
            Step::ConfirmSignUp(_) | Step::ResetPassword(_) => {}
            Step::VerifyAttribute(step) => {
                record
                    .string("attribute", step.attribute.as_str())
                    .strings("remaining", step.remaining.iter().map(|a| a.as_str()))
                    .boolean("skippable", step.skippable);
            }
            Step::MfaCode(step) => {
                record.string("medium", step.medium.as_str());
                write_delivery(&mut record, step.delivery.as_ref());
            }
            Step::NewPassword(step) => {
                record.strings("missing", step.missing.iter().map(Text::as_str));
            }
        }
        Some(record.end().0)
    }

    fn record(&self) -> Object {
        let mut record = Object::new();
        record
            .millis("version", VERSION)
            .string("pool", &self.config.user_pool_id)
            .string("client", &self.config.client_id);
        record
    }

    fn read_step(&self, record: Fields<'_>, now: &Moment) -> Option<Step> {
        let mut reader = Reader::new(record);
        let step = match reader.text("step").as_str() {
            "confirmSignUp" => {
                Step::confirm_sign_up(reader.text("username"), read_sent(record, CODE_MS, now))
            }
            "resetPassword" => Step::reset_password(
                reader.text("username"),
                read_sent(record, RESET_CODE_MS, now),
            ),
            "verifyAttribute" if self.tokens.is_some() => {
                Step::VerifyAttribute(Box::new(VerifyAttribute {
                    attribute: reader.attribute("attribute"),
                    remaining: Attributes::named(&reader.texts("remaining")),
                    sent: read_sent(record, CODE_MS, now),
                    skippable: reader.flag("skippable", true),
                }))
            }
            "mfaCode" => Step::MfaCode(Box::new(MfaCode {
                challenge: self.read_challenge(&mut reader, now),
                medium: Medium::parse(&reader.text("medium"))?,
                delivery: read_delivery(record),
            })),
            "newPassword" => Step::NewPassword(Box::new(NewPassword {
                challenge: self.read_challenge(&mut reader, now),
                missing: reader.texts("missing"),
            })),
            _ => return None,
        };
        reader.complete(step)
    }

    fn read_challenge(&self, record: &mut Reader<'_>, now: &Moment) -> Challenge {
        let sign_in = SignIn {
            username: record.text("username"),
            user_id: record.optional_text("userId"),
            after_sign_up: record.flag("afterSignUp", false),
            phone_proven: record.flag("phoneProven", false),
            for_another_code: false,
        };
        Challenge {
            sign_in,
            session: record.token("session"),
            expires: Deadline::at_wall(record.number("expiresAt"), self.config.session_ms, now),
        }
    }
}

fn effect(slot: Slot, record: Option<Secret>) -> Effect {
    match record {
        Some(record) => Effect::Save { slot, record },
        None => Effect::Erase { slot },
    }
}

fn is_ours(config: &Config, record: Fields<'_>) -> bool {
    record.number("version") == Some(VERSION)
        && record.string("pool").as_deref() == Some(&config.user_pool_id)
        && record.string("client").as_deref() == Some(&config.client_id)
}

fn read_session(record: Fields<'_>, now: &Moment) -> Option<(Tokens, User)> {
    let mut reader = Reader::new(record);
    let lifetime = reader.number("lifetime");
    let tokens = Tokens {
        access: protocol::secret(record, "accessToken")?,
        id: protocol::secret(record, "idToken")?,
        refresh: protocol::secret(record, "refreshToken"),
        expires: Deadline::at_wall(reader.number("expiresAt"), lifetime.max(0.0), now),
        lifetime,
        rotates: reader.flag("rotates", false),
    };
    let user = User {
        username: reader.text("username"),
        attributes: record
            .object("attributes")
            .and_then(|attributes| attributes.pairs().ok()),
        phone_proven: reader.flag("phoneProven", false),
        announced: None,
    };
    reader.complete((tokens, user))
}

fn write_challenge(record: &mut Object, challenge: &Challenge) {
    let sign_in = &challenge.sign_in;
    record
        .optional("userId", sign_in.user_id.as_deref())
        .boolean("afterSignUp", sign_in.after_sign_up)
        .boolean("phoneProven", sign_in.phone_proven)
        .string("session", challenge.session.secret())
        .millis("expiresAt", challenge.expires.wall);
}

fn write_sent(record: &mut Object, sent: &Sent) {
    write_delivery(record, sent.delivery.as_ref());
    if let Some(expires) = sent.expires.shown() {
        record.millis("expiresAt", expires);
    }
    if let Some(resend) = sent.resend.shown() {
        record.millis("resendAt", resend);
    }
}

fn read_sent(record: Fields<'_>, lifetime: f64, now: &Moment) -> Sent {
    let deadline = |name, longest| match record.number(name) {
        Some(wall) => Deadline::at_wall(wall, longest, now),
        None => Deadline::NEVER,
    };
    Sent {
        delivery: read_delivery(record),
        expires: deadline("expiresAt", lifetime),
        resend: deadline("resendAt", LONGEST_COOL_DOWN_MS),
        over: false,
    }
}

fn write_delivery(record: &mut Object, delivery: Option<&Delivery>) {
    if let Some(delivery) = delivery {
        record
            .begin("delivery")
            .string("medium", delivery.medium.as_str())
            .string("destination", &delivery.destination)
            .optional("attribute", delivery.attribute.as_deref())
            .close();
    }
}

fn read_delivery(record: Fields<'_>) -> Option<Delivery> {
    let delivery = record.object("delivery")?;
    Some(Delivery::new(
        Medium::parse(&delivery.string("medium")?)?,
        delivery.string("destination")?,
        delivery.string("attribute"),
    ))
}
