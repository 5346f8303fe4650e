//! A challenge of the pool's that the person answers: its session, its time, and what it asks for.
//! Several challenges of the protocol ask for the same; each such shape has a file of its own.

pub(crate) mod code;
pub(crate) mod custom;
pub(crate) mod enrol;
pub(crate) mod new_password;

use crate::{
    config::Config,
    error::{Code as ErrorCode, FlowError, Misuse},
    event::{Event, EventType},
    fields::Fields,
    flow::{
        awaiting::Expect,
        calls::Answer,
        next::{Cx, Known, Next},
        record::Restoring,
        sign_in::SignIn,
        step::Step,
        steps::Sent,
        table::StepName,
    },
    json::Object,
    protocol::operation,
    secret::Secret,
    time::Deadline,
};

use code::Code;
use custom::Custom;
use enrol::Enrol;
use new_password::NewPassword;

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
        let asks = if let Some(code) = Code::read(name, parameters, cx.now) {
            Asks::Code(code)
        } else if let Some(custom) = Custom::read(name, parameters) {
            Asks::Custom(custom)
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
        let asks = match step {
            StepName::MfaCode => Asks::Code(Code::restore(record)?),
            StepName::CustomChallenge => Asks::Custom(Custom::restore(record)),
            StepName::SetUpTotp => Asks::Enrol(Enrol::Totp(Secret::from(""))),
            StepName::SetUpEmail => Asks::Enrol(Enrol::Email),
            StepName::NewPassword => Asks::NewPassword(NewPassword::restore(record)),
            StepName::SignedOut
            | StepName::ConfirmSignUp
            | StepName::VerifyAttribute
            | StepName::ResetPassword
            | StepName::SignedIn => return None,
        };
        let expires = record.deadline("expiresAt", record.config.session_ms);
        let reader = &mut record.reader;
        Some(Box::new(Self {
            sign_in: SignIn::restore(reader),
            session: reader.token("session"),
            // A challenge without an end is none of the pool's.
            expires: match expires.is_never() {
                true => return None,
                false => expires,
            },
            asks,
        }))
    }

    pub(crate) fn keep(&self, record: &mut Object) {
        record
            .optional("userId", self.sign_in.user_id.as_deref())
            .boolean("afterSignUp", self.sign_in.after_sign_up)
            .boolean("phoneProven", self.sign_in.phone_proven)
            .string("session", self.session.secret());
    }

    pub(crate) fn name(&self) -> StepName {
        match &self.asks {
            Asks::Code(_) => StepName::MfaCode,
            Asks::Custom(_) => StepName::CustomChallenge,
            Asks::Enrol(enrol) => enrol.name(),
            Asks::NewPassword(_) => StepName::NewPassword,
        }
    }

    pub(crate) fn show(&self, known: &Known, shown: &mut Object) {
        shown
            .string("username", &self.sign_in.username)
            .time("expiresAt", self.expires);
        match &self.asks {
            Asks::Code(code) => code.show(known, shown),
            Asks::Custom(custom) => custom.show(shown),
            Asks::Enrol(_) => {}
            Asks::NewPassword(new_password) => new_password.show(shown),
        }
    }

    /// What is shown of it and never kept.
    pub(crate) fn show_once(&self, config: &Config, shown: &mut Object) {
        if let Asks::Enrol(enrol) = &self.asks {
            enrol.show_once(&self.sign_in.username, config, shown);
        }
    }

    /// What must be done before it can be shown after a reload, if anything.
    pub(crate) fn resume(&self) -> Option<Next> {
        match &self.asks {
            Asks::Enrol(enrol) => enrol.resume(self),
            Asks::Code(_) | Asks::Custom(_) | Asks::NewPassword(_) => None,
        }
    }

    pub(crate) fn check(&self, event: EventType, known: &Known) -> Result<(), Misuse> {
        match &self.asks {
            Asks::Code(code) => code.check(event, known),
            Asks::Custom(_) | Asks::Enrol(_) | Asks::NewPassword(_) => Ok(()),
        }
    }

    pub(crate) fn sent(&self) -> Option<&Sent> {
        match &self.asks {
            Asks::Code(code) => Some(&code.sent),
            Asks::Custom(_) | Asks::Enrol(_) | Asks::NewPassword(_) => None,
        }
    }

    pub(crate) fn sent_mut(&mut self) -> Option<&mut Sent> {
        match &mut self.asks {
            Asks::Code(code) => Some(&mut code.sent),
            Asks::Custom(_) | Asks::Enrol(_) | Asks::NewPassword(_) => None,
        }
    }

    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        if let Event::Cancel = event {
            return Next::Leave(Some(self.sign_in.username.clone()));
        }
        match &self.asks {
            Asks::Code(code) => code.on(event, self, cx),
            Asks::Custom(_) => custom::on(event, self),
            Asks::Enrol(_) => enrol::on(event, self),
            Asks::NewPassword(_) => new_password::on(event, self, cx),
        }
    }

    /// Answers it: `write` adds the responses of its own.
    fn answer(&self, name: &str, sign_in: SignIn, write: &dyn Fn(&mut Object)) -> Next {
        let mut body = Object::new();
        body.string("ChallengeName", name)
            .secret("Session", &self.session)
            .begin("ChallengeResponses")
            .string("USERNAME", sign_in.user_id());
        write(&mut body);
        body.close();
        let expect = Expect::Answered(ExpectAnswered { sign_in });
        Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
    }
}

impl ExpectAnswered {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        match answer {
            Ok(reply) => self.sign_in.proven(reply, cx),
            Err(failed) => self.refused(failed.error, cx),
        }
    }

    pub(crate) fn refused(self, error: FlowError, cx: &mut Cx<'_>) -> Next {
        let username = self.sign_in.username.clone();
        let step = match error.code {
            ErrorCode::ChallengeExpired
            | ErrorCode::ChallengeSpent
            | ErrorCode::OutcomeUnknown
            | ErrorCode::WrongCredentials
            | ErrorCode::Refused
            | ErrorCode::UserDisabled => Step::signed_out(username),
            ErrorCode::PasswordResetRequired => Step::reset_unsent(username),
            // Wrong code, refused password, trouble on the way: the session is still good.
            _ => return Next::fail(error),
        };
        cx.known.drop_held();
        Next::Go(step, Some(error))
    }
}
