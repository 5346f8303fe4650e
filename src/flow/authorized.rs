//! What needs an access token: it waits for a fresh one where there is none.

use crate::{
    ask::Ask,
    effect::Effect,
    error::{Code, FlowError},
    fields::{Fields, Pairs},
    flow::{
        Answer, Flow,
        calls::{Awaiting, Failed},
        verify::{Announced, ExpectAttributeCode, ExpectUser},
    },
    json::Object,
    protocol::{self, operation},
    secret::{Secret, Text},
    snapshot::{Attribute, Medium},
    time::{Deadline, Moment},
    value::{Members, Value},
};

/// The code that a change of an attribute sends need not be asked for again for this long.
const ANNOUNCED_MS: f64 = 600_000.0;

pub(crate) enum Authorized {
    Session { ticket: u32 },
    Account { ticket: u32, ask: Ask },
    User(ExpectUser),
    AttributeCode(ExpectAttributeCode),
    AttributeVerified { attribute: Attribute, code: Secret },
}

impl Authorized {
    /// Whether the person waits for it with an event.
    pub(crate) fn is_of_event(&self) -> bool {
        match self {
            Self::Session { .. } | Self::Account { .. } => false,
            Self::User(expect) => !matches!(expect, ExpectUser::Again { .. }),
            Self::AttributeCode(_) | Self::AttributeVerified { .. } => true,
        }
    }

    /// Tells the caller, if one waits with a ticket, that nothing will come of it.
    pub(crate) fn reject(self, flow: &mut Flow, error: FlowError) {
        match self {
            Self::Session { ticket }
            | Self::Account { ticket, .. }
            | Self::User(ExpectUser::Again {
                ticket: Some(ticket),
                ..
            }) => {
                flow.answer(ticket, Err(error));
            }
            _ => {}
        }
    }
}

impl Flow {
    pub(crate) fn on_ask(&mut self, ticket: u32, ask: Ask, now: &Moment) {
        self.pass_time(now);
        self.authorize(
            match ask {
                Ask::Session => Authorized::Session { ticket },
                ask => Authorized::Account { ticket, ask },
            },
            now,
        );
    }

    pub(crate) fn answer(&mut self, ticket: u32, result: Result<Value, FlowError>) {
        self.effects.push(Effect::Answer { ticket, result });
    }

    /// Does it, with a fresh token.
    pub(crate) fn authorize(&mut self, what: Authorized, now: &Moment) {
        match &self.tokens {
            None => what.reject(self, Code::NotAccepted.into()),
            Some(tokens) if tokens.are_fresh(now) => self.perform(what, false, now),
            Some(_) => self.renew_for(what, None, now),
        }
    }

    /// Does it, with the token there is.
    pub(crate) fn perform(&mut self, what: Authorized, refreshed: bool, now: &Moment) {
        let Some(tokens) = &self.tokens else {
            return what.reject(self, Code::NotAccepted.into());
        };
        let mut body = Object::new();
        body.secret("AccessToken", &tokens.access);
        let operation = match &what {
            Authorized::Session { ticket } => {
                let (ticket, session) = (*ticket, tokens.session());
                return self.answer(ticket, Ok(session));
            }
            Authorized::User(_) => &operation::GET_USER,
            Authorized::AttributeCode(expect) => {
                body.string("AttributeName", expect.attribute.as_str());
                &operation::GET_ATTRIBUTE_CODE
            }
            Authorized::AttributeVerified { attribute, code } => {
                body.string("AttributeName", attribute.as_str())
                    .secret("Code", code);
                &operation::VERIFY_USER_ATTRIBUTE
            }
            Authorized::Account { ask, .. } => match ask {
                Ask::Session | Ask::MfaPreference => &operation::GET_USER,
                Ask::SetMfaPreference(settings) => {
                    for setting in settings {
                        body.begin(setting.factor.setting())
                            .boolean("Enabled", setting.enabled)
                            .boolean("PreferredMfa", setting.preferred)
                            .close();
                    }
                    &operation::SET_MFA_PREFERENCE
                }
                Ask::UpdateAttributes(attributes) => {
                    body.attributes("UserAttributes", attributes);
                    &operation::UPDATE_ATTRIBUTES
                }
                Ask::DeleteAttributes(names) => {
                    body.strings("UserAttributeNames", names.iter().map(Text::as_str));
                    &operation::DELETE_ATTRIBUTES
                }
                Ask::ChangePassword { current, next } => {
                    body.secret("PreviousPassword", current)
                        .secret("ProposedPassword", next);
                    &operation::CHANGE_PASSWORD
                }
                Ask::DeleteUser => &operation::DELETE_USER,
            },
        };
        let awaiting = Awaiting::Authorized { what, refreshed };
        self.call(operation, body, awaiting, now);
    }

    pub(crate) fn on_authorized(
        &mut self,
        what: Authorized,
        refreshed: bool,
        answer: Answer<'_>,
        now: &Moment,
    ) {
        // Revoked or run out before its time: a refusal has done nothing, so once more is safe.
        let access = self.tokens.as_ref().map(|tokens| tokens.access.clone());
        let answer = match (answer, access) {
            (Err(failed), Some(access)) if failed.is_dead_token() => {
                if refreshed {
                    self.lose_session(Code::ChallengeSpent.into());
                    return what.reject(self, failed.error);
                }
                return self.renew_for(what, Some(access), now);
            }
            (answer, _) => answer,
        };
        match what {
            Authorized::Session { ticket } => {
                self.answer(ticket, answer.map(|_| Value::Null).map_err(|f| f.error));
            }
            Authorized::Account { ticket, ask } => self.on_account(ticket, ask, answer, now),
            Authorized::User(expect) => expect.take(self, answer, now),
            Authorized::AttributeCode(expect) => expect.take(self, answer, now),
            Authorized::AttributeVerified { attribute, .. } => {
                self.on_attribute_verified(attribute, answer, now);
            }
        }
    }

    fn on_account(&mut self, ticket: u32, ask: Ask, answer: Answer<'_>, now: &Moment) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(failed) => return self.answer(ticket, Err(failed.error)),
        };
        let mut done = Value::Null;
        match ask {
            Ask::Session | Ask::SetMfaPreference(_) | Ask::ChangePassword { .. } => {}
            Ask::MfaPreference => done = mfa_preference(reply),
            Ask::UpdateAttributes(attributes) => {
                let sent_to = self.attributes_changed(&attributes, reply, now);
                let again = ExpectUser::Again {
                    ticket: Some(ticket),
                    sent_to,
                };
                return self.authorize(Authorized::User(again), now);
            }
            Ask::DeleteAttributes(names) => {
                if let Some(user) = &mut self.user {
                    for name in &names {
                        user.put(name, None);
                        if let Some(attribute) = Attribute::parse(name) {
                            user.put(attribute.verified_flag(), None);
                        }
                    }
                }
            }
            Ask::DeleteUser => self.forget_session(None),
        }
        self.answer(ticket, Ok(done));
    }

    /// Keeps what a change of attributes brought, until `GetUser` says it better; returns those
    /// that the pool has sent a code for.
    fn attributes_changed(
        &mut self,
        attributes: &Pairs,
        reply: Fields<'_>,
        now: &Moment,
    ) -> Vec<Text> {
        let mut sent_to = Vec::new();
        let details = reply.objects("CodeDeliveryDetailsList").unwrap_or_default();
        let Some(user) = &mut self.user else {
            return sent_to;
        };
        for (name, value) in attributes.iter() {
            user.put(name, Some(value));
            if let Some(attribute) = Attribute::parse(name) {
                user.put(attribute.verified_flag(), Some("false"));
                if attribute == Attribute::PhoneNumber {
                    user.phone_proven = false;
                }
            }
        }
        for item in details {
            let attribute = item.string("AttributeName");
            let attribute = attribute.and_then(|name| Attribute::parse(&name));
            if let (Some(attribute), Some(delivery)) = (attribute, protocol::delivery(item)) {
                sent_to.push(attribute.as_str().into());
                user.announced = Some(Announced {
                    attribute,
                    delivery,
                    at: Deadline::after(now, ANNOUNCED_MS),
                });
            }
        }
        sent_to
    }
}

impl Failed {
    /// Whether the pool says that the access token is no longer good.
    fn is_dead_token(&self) -> bool {
        self.is("NotAuthorizedException") && self.says("access token")
    }
}

fn mfa_preference(reply: Fields<'_>) -> Value {
    let mut enabled = Vec::new();
    for factor in reply.strings("UserMFASettingList").unwrap_or_default() {
        if let Some(factor) = Medium::of_challenge(&factor) {
            enabled.push(Value::Name(factor.as_str()));
        }
    }
    let preferred = reply.string("PreferredMfaSetting").unwrap_or_default();
    Members::default()
        .add("enabled", Value::List(enabled))
        .name(
            "preferred",
            Medium::of_challenge(&preferred).map(Medium::as_str),
        )
        .end()
}
