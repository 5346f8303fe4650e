//! What needs an access token: it waits for a fresh one where there is none, remembers the token
//! that it was sent with, and is never repeated as somebody else.

use crate::{
    ask::Ask,
    effect::Effect,
    error::{Code, FlowError},
    event::TypedCode,
    fields::Fields,
    flow::{
        Flow,
        awaiting::Awaiting,
        calls::{Answer, Outgoing},
        challenge::enrol,
        next::{Known, Next},
        session::{
            ExpectDevice, ExpectUser, Listed, NewPasskey, Session, list_device, list_session,
        },
        sign_in::point_out_blanks,
        step::Step,
        steps::{SignedIn, verify_attribute::Verification},
        totp,
        ways::{FIRST_FACTORS, Ways},
    },
    json::Object,
    protocol::{
        Refusal,
        operation::{self, Operation},
    },
    secret::{Secret, Text},
    snapshot::{Attributes, Choice, Medium},
    time::Moment,
};

pub(crate) enum Authorized {
    /// A ticket that is answered for itself.
    Account {
        ticket: u32,
        ask: Ask,
        /// What the pool has listed already, where it lists page by page.
        listed: Option<Box<Listed>>,
    },
    /// The attributes were just changed, or are not known yet.
    Again {
        ticket: Option<u32>,
        sent_to: Attributes,
    },
    /// A passkey that the browser has made.
    Passkey(NewPasskey, Secret),
    User(ExpectUser),
    ConfirmDevice(Box<ExpectDevice>),
    AttributeCode(Verification),
    AttributeVerified {
        what: Verification,
        code: TypedCode,
    },
}

impl Authorized {
    /// Whether the person waits for it with an event.
    pub(crate) fn is_of_event(&self) -> bool {
        match self {
            Self::Account { .. } | Self::Again { .. } | Self::Passkey(..) => false,
            Self::User(_)
            | Self::ConfirmDevice(_)
            | Self::AttributeCode(_)
            | Self::AttributeVerified { .. } => true,
        }
    }

    /// Whether it wants new tokens, however good the present ones are.
    pub(crate) fn is_forced(&self) -> bool {
        matches!(
            self,
            Self::Account {
                ask: Ask::Session { refresh: true },
                ..
            }
        )
    }

    /// Whether it gives the app tokens, which say things of the user.
    pub(crate) fn wants_claims(&self) -> bool {
        matches!(
            self,
            Self::Account {
                ask: Ask::Session { .. },
                ..
            }
        )
    }

    /// Whether the tokens may say something else of the user afterwards.
    fn changes_the_user(&self) -> bool {
        matches!(
            self,
            Self::AttributeVerified { .. }
                | Self::Account {
                    ask: Ask::UpdateAttributes(_) | Ask::DeleteAttributes(_),
                    ..
                }
        )
    }

    fn ticket(&self) -> Option<u32> {
        match self {
            Self::Account { ticket, .. } => Some(*ticket),
            Self::Again { ticket, .. } => *ticket,
            Self::Passkey(passkey, _) => Some(passkey.ticket),
            Self::User(_)
            | Self::ConfirmDevice(_)
            | Self::AttributeCode(_)
            | Self::AttributeVerified { .. } => None,
        }
    }

    /// The request for it: its operation, and its members in `body`.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn write(
        &self,
        known: &mut Known,
        device_name: Option<&Text>,
        body: &mut Object,
    ) -> Result<&'static Operation, Code> {
        let Some(session) = &known.session else {
            return Err(Code::NotAccepted);
        };
        Ok(match self {
            Self::User(_) | Self::Again { .. } => &operation::GET_USER,
            Self::Passkey(_, credential) => {
                body.raw("Credential", credential.secret());
                &operation::COMPLETE_PASSKEY
            }
            Self::ConfirmDevice(expect) => {
                expect.write(device_name, body);
                &operation::CONFIRM_DEVICE
            }
            Self::AttributeCode(what) => {
                body.string("AttributeName", what.attribute.as_str());
                &operation::GET_ATTRIBUTE_CODE
            }
            Self::AttributeVerified { what, code } => {
                body.string("AttributeName", what.attribute.as_str());
                code.write("Code", body);
                &operation::VERIFY_USER_ATTRIBUTE
            }
            Self::Account { ask, listed, .. } => match ask {
                Ask::Session { .. } => return Err(Code::NotAccepted),
                Ask::MfaPreference => &operation::GET_USER,
                Ask::SetMfaPreference(settings) => {
                    for setting in settings {
                        let Some(name) = setting.factor.setting() else {
                            continue;
                        };
                        body.begin(name).boolean("Enabled", setting.enabled);
                        if setting.factor != Choice::Passkey {
                            body.boolean("PreferredMfa", setting.preferred);
                        }
                        body.close();
                    }
                    &operation::SET_MFA_PREFERENCE
                }
                Ask::StartTotp => &operation::ASSOCIATE_SOFTWARE_TOKEN,
                Ask::ConfirmTotp {
                    code, device_name, ..
                } => {
                    // The secret that it is a code of was shown to somebody else.
                    let of = &mut known.totp_of;
                    if of.take_if(|id| !session.is(id)).is_some() {
                        return Err(Code::ChallengeSpent);
                    }
                    enrol::write_code(code, device_name.as_ref(), body);
                    &operation::VERIFY_SOFTWARE_TOKEN
                }
                Ask::UpdateAttributes(attributes) => {
                    body.attributes("UserAttributes", attributes);
                    &operation::UPDATE_ATTRIBUTES
                }
                Ask::DeleteAttributes(names) => {
                    body.strings("UserAttributeNames", &mut names.iter().map(Text::as_str));
                    &operation::DELETE_ATTRIBUTES
                }
                Ask::ChangePassword { current, next } => {
                    body.secret("PreviousPassword", current)
                        .secret("ProposedPassword", next);
                    &operation::CHANGE_PASSWORD
                }
                Ask::DeleteUser => &operation::DELETE_USER,
                Ask::Factors => &operation::GET_AUTH_FACTORS,
                Ask::EndSession { id } => {
                    body.string("SessionId", id);
                    &operation::REVOKE_SESSION
                }
                Ask::Sessions | Ask::Devices | Ask::Passkeys => {
                    if let Some(next) = listed.as_ref().and_then(|listed| listed.next.as_ref()) {
                        body.secret(paging(ask), next);
                    }
                    match ask {
                        Ask::Sessions => &operation::LIST_SESSIONS,
                        Ask::Devices => &operation::LIST_DEVICES,
                        _ => &operation::LIST_PASSKEYS,
                    }
                }
                Ask::CreatePasskey => &operation::START_PASSKEY,
                Ask::DeletePasskey { id } => {
                    body.string("CredentialId", id);
                    &operation::DELETE_PASSKEY
                }
                Ask::RememberDevice | Ask::ForgetDevice { .. } => {
                    let named = match ask {
                        Ask::ForgetDevice { key: Some(key) } => Some(key),
                        _ => session.device_key(),
                    };
                    let Some(key) = named else {
                        return Err(Code::NotAccepted);
                    };
                    body.string("DeviceKey", key);
                    match ask {
                        Ask::RememberDevice => {
                            body.string("DeviceRememberedStatus", "remembered");
                            &operation::UPDATE_DEVICE_STATUS
                        }
                        _ => &operation::FORGET_DEVICE,
                    }
                }
            },
        })
    }
}

impl Flow {
    pub(crate) fn on_ask(&mut self, ticket: u32, ask: Ask, now: &Moment) {
        self.pass_time(now);
        let listed = None;
        self.authorize(
            Authorized::Account {
                ticket,
                ask,
                listed,
            },
            now,
        );
    }

    pub(crate) fn answer(&mut self, ticket: u32, result: Result<Secret, FlowError>) {
        self.effects.push(Effect::Answer { ticket, result });
    }

    /// Tells whoever waits for it that nothing will come of it.
    pub(crate) fn reject(&mut self, what: Authorized, error: FlowError, now: &Moment) {
        if let Some(ticket) = what.ticket() {
            return self.answer(ticket, Err(error));
        }
        if what.is_of_event() {
            // Who has tokens is signed in, whatever was to come next.
            let in_step = matches!(self.step, Step::VerifyAttribute(_) | Step::SignedIn(_));
            let next = match self.known.session.is_some() && !in_step {
                true => Next::Go(Step::SignedIn(SignedIn), Some(error)),
                false => Next::Stay(Some(error)),
            };
            self.follow(next, now);
        }
    }

    /// Does it, with a fresh token.
    pub(crate) fn authorize(&mut self, what: Authorized, now: &Moment) {
        match &self.known.session {
            None => self.reject(what, Code::NotAccepted.into(), now),
            Some(session) if session.is_fresh_for(&what, now) => self.perform(what, false, now),
            Some(_) => self.renew_for(what, None, now),
        }
    }

    /// Does it, with the token there is.
    pub(crate) fn perform(&mut self, what: Authorized, refreshed: bool, now: &Moment) {
        let Some(session) = &self.known.session else {
            return self.reject(what, Code::NotAccepted.into(), now);
        };
        if let Authorized::Account {
            ticket,
            ask: Ask::Session { .. },
            ..
        } = &what
        {
            let (ticket, tokens) = (*ticket, session.shown_tokens());
            return self.answer(ticket, Ok(tokens));
        }
        let token = session.access_token().clone();
        let mut body = Object::new();
        body.secret("AccessToken", &token);
        let operation = match &what {
            Authorized::User(_) | Authorized::Again { .. } => &operation::GET_USER,
            _ => match what.write(&mut self.known, self.config.device_name.as_ref(), &mut body) {
                Ok(operation) => operation,
                Err(code) => return self.reject(what, code.into(), now),
            },
        };
        let awaiting = Awaiting::Authorized {
            what,
            token,
            refreshed,
        };
        self.request(Outgoing::new(operation, body), awaiting, now);
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn on_authorized(
        &mut self,
        what: Authorized,
        token: &Secret,
        refreshed: bool,
        answer: Answer<'_>,
        now: &Moment,
    ) {
        let Some(session) = &mut self.known.session else {
            return self.reject(what, Code::ChallengeSpent.into(), now);
        };
        let failed = match &answer {
            Ok(_) => None,
            Err(failed) => Some(failed.refusal),
        };
        // Revoked or run out before its time: a refusal has done nothing, so once more is safe.
        if failed == Some(Refusal::DeadAccessToken) {
            if session.access_token() != token {
                // A refresh that ended meanwhile has replaced the dead one already.
                return self.perform(what, refreshed, now);
            }
            if !refreshed {
                return self.renew_for(what, Some(token.clone()), now);
            }
        }
        if let Err(failed) = &answer
            && matches!(failed.refusal, Refusal::DeadAccessToken | Refusal::UserGone)
        {
            let mut error = FlowError::from(Code::ChallengeSpent);
            error.server.clone_from(&failed.error.server);
            self.lose_session(error.clone(), now);
            // An event has ended with the session.
            if let Some(ticket) = what.ticket() {
                self.answer(ticket, Err(error));
            }
            return;
        }
        let lost = matches!(&answer, Err(failed) if failed.error.code == Code::OutcomeUnknown);
        if lost && what.changes_the_user() {
            session.may_have_changed();
        }
        match what {
            Authorized::Account {
                ticket,
                ask,
                listed,
            } => self.on_account(ticket, ask, listed, answer, now),
            Authorized::Again { ticket, sent_to } => self.on_user_again(ticket, sent_to, answer),
            Authorized::Passkey(passkey, credential) => {
                self.on_passkey_made(passkey, &credential, answer);
            }
            Authorized::User(expect) => self.decide(now, |_, cx| expect.take(answer, cx)),
            Authorized::ConfirmDevice(expect) => self.decide(now, |_, cx| expect.take(answer, cx)),
            Authorized::AttributeCode(what) => {
                self.decide(now, |step, cx| what.on_code(answer, step, cx));
            }
            Authorized::AttributeVerified { what, .. } => {
                self.decide(now, |_, cx| what.on_verified(answer, cx.known));
            }
        }
    }

    /// The change itself was made, whether or not the pool could be asked again.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn on_user_again(&mut self, ticket: Option<u32>, sent_to: Attributes, answer: Answer<'_>) {
        let Some(session) = &mut self.known.session else {
            return;
        };
        if let Ok(reply) = answer {
            // What is no answer leaves what was known.
            let _ = session.learn(reply);
        }
        let unverified = session.to_be_verified(sent_to);
        if let Some(ticket) = ticket {
            let mut answer = Object::new();
            unverified.show("unverified", &mut answer);
            self.answer(ticket, Ok(answer.end().0));
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn on_account(
        &mut self,
        ticket: u32,
        ask: Ask,
        listed: Option<Box<Listed>>,
        answer: Answer<'_>,
        now: &Moment,
    ) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(mut failed) => {
                let error = &mut failed.error;
                if let Ask::ChangePassword { current, .. } = &ask
                    && error.code == Code::WrongCredentials
                {
                    point_out_blanks(error, current);
                }
                if failed.refusal == Refusal::UnknownDevice {
                    // It is forgotten already.
                    match &ask {
                        Ask::ForgetDevice { key } => self.forget_device(key.clone()),
                        Ask::RememberDevice => self.forget_device(None),
                        _ => {}
                    }
                }
                if let (Ask::DeletePasskey { id }, true) = (&ask, failed.is_of_unknown()) {
                    self.passkey_is_unknown(id.clone());
                }
                return self.answer(ticket, Err(failed.error));
            }
        };
        let Some(session) = &mut self.known.session else {
            return self.answer(ticket, Err(Code::ChallengeSpent.into()));
        };
        let mut done = Ok(Secret::from("null"));
        match ask {
            Ask::Session { .. }
            | Ask::SetMfaPreference(_)
            | Ask::ChangePassword { .. }
            | Ask::EndSession { .. } => {}
            // What lacks what the API always gives comes from no pool: nobody is told by it that they
            // have no factor.
            Ask::MfaPreference if !reply.has("UserAttributes") => done = Err(Code::Server),
            Ask::Factors if !reply.has("ConfiguredUserAuthFactors") && !reply.has("Username") => {
                done = Err(Code::Server);
            }
            Ask::Factors => done = Ok(first_factors(reply)),
            Ask::Sessions | Ask::Devices | Ask::Passkeys => {
                match list_page(&ask, listed, reply, session) {
                    Ok(listed) if listed.next.is_none() => done = Ok(listed.shown()),
                    Ok(listed) => {
                        let next_page = Authorized::Account {
                            ticket,
                            ask,
                            listed: Some(listed),
                        };
                        return self.authorize(next_page, now);
                    }
                    Err(code) => done = Err(code),
                }
            }
            Ask::MfaPreference => done = Ok(mfa_preference(reply)),
            Ask::StartTotp => {
                done = Err(Code::Server);
                if let Some(secret) = totp::secret(reply) {
                    self.known.totp_of = Some(session.id().clone());
                    let mut shown = Object::new();
                    totp::show(&secret, session.username(), &self.config, &mut shown);
                    done = Ok(shown.end().0);
                }
            }
            Ask::ConfirmTotp { setting, .. } => {
                // Verified alone, it would not be asked for.
                if let Err(code) = enrol::verified(reply) {
                    done = Err(code);
                } else if let Some(setting) = setting {
                    let ask = Ask::SetMfaPreference(vec![setting]);
                    return self.authorize(
                        Authorized::Account {
                            ticket,
                            ask,
                            listed: None,
                        },
                        now,
                    );
                }
            }
            Ask::UpdateAttributes(attributes) => {
                let sent_to = session.attributes_changed(&attributes, reply, now);
                let again = Authorized::Again {
                    ticket: Some(ticket),
                    sent_to,
                };
                return self.authorize(again, now);
            }
            Ask::DeleteAttributes(names) => session.attributes_removed(&names),
            Ask::DeleteUser => {
                self.forget_device(None);
                if let Some(session) = self.drop_session(&Code::NotAccepted.into(), now) {
                    let step = Step::signed_out(session.typed_name());
                    self.follow(Next::go(step), now);
                }
            }
            Ask::RememberDevice => session.device_remembered(&mut self.known.devices),
            Ask::CreatePasskey => return self.on_passkey_begun(ticket, reply, now),
            Ask::DeletePasskey { id } => self.passkey_is_unknown(id),
            Ask::ForgetDevice { key } => self.forget_device(key),
        }
        self.answer(ticket, done.map_err(FlowError::from));
    }

    /// Without a key: this one.
    fn forget_device(&mut self, key: Option<Text>) {
        if let Some(session) = &mut self.known.session
            && let Some(key) = key.or_else(|| session.device_key().cloned())
        {
            session.device_forgotten(&key);
            self.known.devices.forget(&key);
        }
    }
}

/// The member that leads to the next page of a list.
fn paging(ask: &Ask) -> &'static str {
    match ask {
        Ask::Devices => "PaginationToken",
        _ => "NextToken",
    }
}

/// What was listed before, and this page. One without a list comes from no pool: nobody is told by it
/// that they have nothing, or that they are signed in nowhere else.
fn list_page(
    ask: &Ask,
    before: Option<Box<Listed>>,
    page: Fields<'_>,
    session: &mut Session,
) -> Result<Box<Listed>, Code> {
    let name = match ask {
        Ask::Devices => "Devices",
        Ask::Passkeys => "Credentials",
        _ => "Sessions",
    };
    let items = page.objects(name).ok_or(Code::Server)?;
    Listed::add(before, page, paging(ask), &mut |list| {
        for item in &items {
            match ask {
                Ask::Devices => list_device(*item, session.device_key(), list),
                Ask::Passkeys => session.list_passkey(*item, list),
                _ => list_session(*item, list),
            }
        }
    })
}

/// What a later version of the API adds is left out.
fn first_factors(reply: Fields<'_>) -> Secret {
    let names = reply.strings("ConfiguredUserAuthFactors");
    let ways = Ways::read(&names.unwrap_or_default(), &FIRST_FACTORS);
    let mut list = Object::list();
    for factor in ways.choices(None) {
        list.string_item(factor.as_str());
    }
    list.written()
}

fn mfa_preference(reply: Fields<'_>) -> Secret {
    let names = reply.strings("UserMFASettingList").unwrap_or_default();
    let factor = |name: &Text| Medium::of_challenge(name).map(Medium::as_str);
    let preferred = reply.string("PreferredMfaSetting");
    let mut shown = Object::new();
    shown
        .strings("enabled", &mut names.iter().filter_map(factor))
        .text("preferred", preferred.as_ref().and_then(factor));
    shown.end().0
}
