//! A challenge of the pool's that the person answers: its session, its time, and what it asks for.
//! Several challenges of the protocol ask for the same; each such shape has a file of its own.

pub(crate) mod code;
pub(crate) mod custom;
pub(crate) mod enrol;
pub(crate) mod new_password;
pub(crate) mod passkey;
pub(crate) mod password;
pub(crate) mod select_factor;

use crate::{
    config::Config,
    error::{Code as ErrorCode, FlowError, Misuse},
    event::{Event, EventType},
    fields::Fields,
    flow::{
        awaiting::Expect,
        calls::Answer,
        choice,
        next::{Cx, Known, Next},
        record::Restoring,
        sign_in::SignIn,
        step::Step,
        steps::Sent,
        table::StepName,
        ways::{PASSWORD, PASSWORD_SRP, Ways},
    },
    json::Object,
    protocol::operation,
    secret::Secret,
    snapshot::Choice,
    time::Deadline,
};

use code::Code;
use custom::Custom;
use enrol::Enrol;
use new_password::NewPassword;
use passkey::Passkey;
use password::Password;
use select_factor::{SELECT_CHALLENGE, SelectFactor};

pub(crate) struct Challenge {
    pub(crate) sign_in: SignIn,
    session: Secret,
    pub(crate) expires: Deadline,
    asks: Asks,
}

/// What a challenge asks the person for.
enum Asks {
    Code(Code),
    Custom(Custom),
    Enrol(Enrol),
    NewPassword(NewPassword),
    SelectFactor(SelectFactor),
    Password(Password),
    Passkey(Passkey),
}

/// After a challenge was answered.
pub(crate) struct ExpectAnswered {
    pub(crate) sign_in: SignIn,
}

impl Challenge {
    /// A challenge of this name; nothing if it is none that is known.
    pub(crate) fn read(
        name: &str,
        parameters: Fields<'_>,
        session: Secret,
        sign_in: &SignIn,
        cx: &mut Cx<'_>,
    ) -> Option<Box<Self>> {
        let asks = if let Some(code) = Code::read(name, parameters, sign_in.first, cx.now) {
            Asks::Code(code)
        } else if let Some(custom) = Custom::read(name, parameters) {
            Asks::Custom(custom)
        } else if let Some(select) = SelectFactor::read(name, parameters, sign_in) {
            Asks::SelectFactor(select)
        } else if let Some(password) = Password::read(name, sign_in) {
            Asks::Password(password)
        } else if let Some(passkey) = Passkey::read(name, parameters) {
            Asks::Passkey(passkey)
        } else {
            Asks::NewPassword(NewPassword::read(name, parameters, cx.known)?)
        };
        Some(Box::new(Self {
            sign_in: sign_in.clone(),
            session,
            expires: Deadline::after(cx.now, cx.config.session_ms),
            asks,
        }))
    }

    /// The challenge that was kept when the page was left.
    pub(crate) fn restore(step: StepName, record: &mut Restoring<'_>) -> Option<Box<Self>> {
        let sign_in = SignIn::restore(&mut record.reader);
        let asks = match step {
            StepName::MfaCode | StepName::SignInCode => Asks::Code(Code::restore(step, record)?),
            StepName::CustomChallenge => Asks::Custom(Custom::restore(record)),
            StepName::SetUpTotp => Asks::Enrol(Enrol::Totp(Secret::from(""))),
            StepName::SetUpEmail => Asks::Enrol(Enrol::Email),
            StepName::NewPassword => Asks::NewPassword(NewPassword::restore(record)),
            StepName::SelectFactor => Asks::SelectFactor(SelectFactor::restore(record, &sign_in)?),
            StepName::Password => Asks::Password(Password::restore(record)?),
            StepName::Passkey => Asks::Passkey(Passkey::restore(&mut record.reader)),
            StepName::SignedOut
            | StepName::ConfirmSignUp
            | StepName::VerifyAttribute
            | StepName::ResetPassword
            | StepName::SignedIn => return None,
        };
        let expires = record.deadline("expiresAt", record.config.session_ms);
        let reader = &mut record.reader;
        Some(Box::new(Self {
            sign_in,
            session: reader.token("session"),
            // A challenge without an end is none of the pool's.
            expires: match expires.is_never() {
                true => return None,
                false => expires,
            },
            asks,
        }))
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn keep(&self, record: &mut Object) {
        self.sign_in.keep(record);
        record.string("session", self.session.secret());
        match &self.asks {
            Asks::Password(password) => {
                record.string("challenge", password.challenge);
            }
            Asks::SelectFactor(select) => select.keep(record),
            Asks::Passkey(passkey) => passkey.keep(record),
            Asks::Code(_) | Asks::Custom(_) | Asks::Enrol(_) | Asks::NewPassword(_) => {}
        }
    }

    /// The pool's options, where it asks for a passkey.
    pub(crate) fn passkey_options(&self) -> Option<Secret> {
        match &self.asks {
            Asks::Passkey(passkey) => Some(passkey.options().clone()),
            Asks::Code(_)
            | Asks::Custom(_)
            | Asks::Enrol(_)
            | Asks::NewPassword(_)
            | Asks::SelectFactor(_)
            | Asks::Password(_) => None,
        }
    }

    pub(crate) fn name(&self) -> StepName {
        match &self.asks {
            Asks::Code(code) => code.step(),
            Asks::Custom(_) => StepName::CustomChallenge,
            Asks::Enrol(enrol) => enrol.name(),
            Asks::NewPassword(_) => StepName::NewPassword,
            Asks::SelectFactor(_) => StepName::SelectFactor,
            Asks::Password(_) => StepName::Password,
            Asks::Passkey(_) => StepName::Passkey,
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn show(&self, known: &Known, shown: &mut Object) {
        shown
            .string("username", &self.sign_in.username)
            .time("expiresAt", self.expires);
        match &self.asks {
            Asks::Code(code) => code.show(known, shown),
            Asks::Custom(custom) => custom.show(shown),
            Asks::Enrol(_) => {}
            Asks::NewPassword(new_password) => new_password.show(shown),
            Asks::SelectFactor(select) => select.show(shown),
            Asks::Passkey(_) if !self.sign_in.first => {
                shown.strings("alternatives", &mut std::iter::empty());
            }
            Asks::Password(_) | Asks::Passkey(_) => {}
        }
        if let Some((ways, except)) = self.ways() {
            let name = match self.asks {
                Asks::SelectFactor(_) => "choices",
                Asks::Code(_)
                | Asks::Custom(_)
                | Asks::Enrol(_)
                | Asks::NewPassword(_)
                | Asks::Password(_)
                | Asks::Passkey(_) => "alternatives",
            };
            let choices = ways.choices(except);
            shown.strings(name, &mut choices.iter().map(|choice| choice.as_str()));
        }
    }

    /// What is shown of it and never kept.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn show_once(&self, config: &Config, shown: &mut Object) {
        if let Asks::Enrol(enrol) = &self.asks {
            enrol.show_once(&self.sign_in.username, config, shown);
        }
    }

    /// What must be done before it can be shown after a reload, if anything.
    pub(crate) fn resume(&self) -> Option<Next> {
        match &self.asks {
            Asks::Enrol(enrol) => enrol.resume(self),
            Asks::Code(_)
            | Asks::Custom(_)
            | Asks::NewPassword(_)
            | Asks::SelectFactor(_)
            | Asks::Password(_)
            | Asks::Passkey(_) => None,
        }
    }

    /// What can be chosen here, and which of it is here already.
    fn ways(&self) -> Option<(&Ways, Option<Choice>)> {
        let except = match &self.asks {
            Asks::SelectFactor(select) => return Some((select.ways(&self.sign_in), None)),
            Asks::Password(_) => Choice::Password,
            Asks::Passkey(_) if self.sign_in.first => Choice::Passkey,
            Asks::Passkey(_) => return None,
            Asks::Code(code) => code.first_factor()?,
            Asks::Custom(_) | Asks::Enrol(_) | Asks::NewPassword(_) => return None,
        };
        Some((&self.sign_in.ways, Some(except)))
    }

    /// Whether this can be chosen here; whether anything can.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn offers(&self, choice: Option<Choice>) -> bool {
        self.ways().is_some_and(|(ways, except)| {
            let choices = ways.choices(except);
            choices
                .iter()
                .any(|own| choice.is_none_or(|choice| *own == choice))
        })
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    pub(crate) fn check(&self, event: EventType, known: &Known) -> Result<(), Misuse> {
        if event == EventType::SelectFactor && !self.offers(None) {
            return Err(Misuse::NotAccepted);
        }
        match &self.asks {
            Asks::Code(code) => code.check(event, known),
            Asks::Custom(_)
            | Asks::Enrol(_)
            | Asks::NewPassword(_)
            | Asks::SelectFactor(_)
            | Asks::Password(_)
            | Asks::Passkey(_) => Ok(()),
        }
    }

    pub(crate) fn sent(&self) -> Option<&Sent> {
        match &self.asks {
            Asks::Code(code) => Some(&code.sent),
            Asks::Custom(_)
            | Asks::Enrol(_)
            | Asks::NewPassword(_)
            | Asks::SelectFactor(_)
            | Asks::Password(_)
            | Asks::Passkey(_) => None,
        }
    }

    pub(crate) fn sent_mut(&mut self) -> Option<&mut Sent> {
        match &mut self.asks {
            Asks::Code(code) => Some(&mut code.sent),
            Asks::Custom(_)
            | Asks::Enrol(_)
            | Asks::NewPassword(_)
            | Asks::SelectFactor(_)
            | Asks::Password(_)
            | Asks::Passkey(_) => None,
        }
    }

    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        if let Event::Cancel = event {
            return Next::Leave(Some(self.sign_in.username.clone()));
        }
        // A password that was given here before is not known to be right.
        if self.sign_in.first {
            cx.known.drop_held();
        }
        match &self.asks {
            Asks::Code(code) => code.on(event, self, cx),
            Asks::Custom(_) => custom::on(event, self),
            Asks::Enrol(_) => enrol::on(event, self),
            Asks::NewPassword(_) => new_password::on(event, self, cx),
            Asks::SelectFactor(_) => select_factor::on(event, self, cx),
            Asks::Password(Password { challenge }) => password::on(event, challenge, self, cx),
            Asks::Passkey(passkey) => passkey::on(event, passkey, self, cx),
        }
    }

    /// Where the password can be chosen it is asked for, as the answer to the same challenge.
    pub(crate) fn by_password(mut self: Box<Self>) -> Box<Self> {
        if let Asks::SelectFactor(_) = &self.asks
            && self.offers(Some(Choice::Password))
        {
            self.asks = Asks::Password(Password {
                challenge: SELECT_CHALLENGE,
            });
        }
        self
    }

    /// Gives the password as the answer to this challenge. One that is wrong can be given again
    /// while the session lives.
    fn give_password(&self, name: &str, password: Secret, cx: &mut Cx<'_>) -> Next {
        // It is not sent where it can be proven.
        if name == PASSWORD && self.sign_in.ways.has(PASSWORD_SRP) {
            return switch(Choice::Password, Some(password), &self.sign_in, cx);
        }
        cx.known.hold(&self.sign_in.username, &password, cx.now);
        let mut sign_in = self.sign_in.clone();
        sign_in.in_step = true;
        choice::answer_with_password(name, Some(&self.session), sign_in, password, cx)
    }

    /// Answers it: `write` adds the responses of its own.
    fn answer(&self, name: &str, mut sign_in: SignIn, write: &dyn Fn(&mut Object)) -> Next {
        // A choice alone proves nothing.
        sign_in.first &= name == SELECT_CHALLENGE;
        let mut body = response(name, Some(&self.session), &sign_in);
        write(&mut body);
        body.close();
        let expect = Expect::Answered(ExpectAnswered { sign_in });
        Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
    }
}

/// The answer to a challenge; what is written until `close` is among its responses.
pub(crate) fn response(name: &str, session: Option<&Secret>, sign_in: &SignIn) -> Object {
    let mut body = Object::new();
    body.string("ChallengeName", name);
    if let Some(session) = session {
        body.secret("Session", session);
    }
    body.begin("ChallengeResponses")
        .string("USERNAME", sign_in.user_id())
        .optional("DEVICE_KEY", sign_in.device.as_deref());
    body
}

/// Begins anew with another first factor; the step stays until the challenge of that is here.
fn switch(choice: Choice, password: Option<Secret>, sign_in: &SignIn, cx: &mut Cx<'_>) -> Next {
    match password {
        Some(password) if choice == Choice::Password => {
            cx.known.hold(&sign_in.username, &password, cx.now);
            choice::begin_with_password(sign_in.anew(), password, cx)
        }
        _ => choice::begin(sign_in.anew(), Some(choice)),
    }
}

impl ExpectAnswered {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        match answer {
            Ok(reply) => self.sign_in.proven(reply, cx),
            Err(failed) if self.sign_in.lacks_device(&failed) => {
                self.sign_in.again_without_device(cx)
            }
            Err(failed) => self.refused(failed.error, cx),
        }
    }

    pub(crate) fn refused(self, error: FlowError, cx: &mut Cx<'_>) -> Next {
        match error.code {
            ErrorCode::UserNotConfirmed
            | ErrorCode::PasswordResetRequired
            // Of a password, which can be given again where it was asked for.
            | ErrorCode::WrongCredentials
            | ErrorCode::OutcomeUnknown => self.sign_in.failed(error, cx),
            ErrorCode::ChallengeExpired
            | ErrorCode::ChallengeSpent
            | ErrorCode::Refused
            | ErrorCode::UserDisabled => {
                cx.known.drop_held();
                let username = self.sign_in.username.clone();
                Next::Go(Step::signed_out(username), Some(error))
            }
            // Wrong code, refused password, trouble on the way: the session is still good.
            _ => Next::fail(error),
        }
    }
}
