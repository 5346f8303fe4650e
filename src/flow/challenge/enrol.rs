//! `MFA_SETUP`: the pool wants a second factor, and the person has none yet.

use std::mem;

use crate::{
    config::Config,
    error::{Code as ErrorCode, FlowError},
    event::{Event, EventType as E, TypedCode},
    fields::Fields,
    flow::{
        awaiting::Expect,
        calls::Answer,
        challenge::{self, Asks, Challenge, ExpectAnswered, select_factor::SelectFactor},
        next::{Cx, Next},
        sign_in::{SIGNING_IN, SignIn},
        step::Step,
        table::{
            Row,
            StepName::{self, SignedOut},
            row,
        },
        totp,
        ways::{ENROLMENTS, Ways},
    },
    json::Object,
    protocol::{self, operation},
    secret::{Secret, Text},
    snapshot::Choice,
    time::Deadline,
};

pub(crate) const MFA_SETUP: &str = "MFA_SETUP";

/// What is being set up.
pub(crate) enum Enrol {
    /// An authenticator app, with this secret.
    Totp(Secret),
    /// Codes by email.
    Email,
}

pub(crate) const TOTP_ROWS: &[Row] =
    &[row(E::SubmitCode, SIGNING_IN), row(E::Cancel, &[SignedOut])];

pub(crate) const EMAIL_ROWS: &[Row] =
    &[row(E::SetUpEmail, SIGNING_IN), row(E::Cancel, &[SignedOut])];

/// After `AssociateSoftwareToken`.
pub(crate) struct ExpectTotpSecret {
    sign_in: SignIn,
    session: Secret,
    expires: Deadline,
    asked: Asked,
}

/// From where the secret of an authenticator app is asked for.
#[derive(PartialEq)]
enum Asked {
    /// It is the only kind that can be set up.
    AtOnce,
    /// From the step where it was chosen, whose session is good until it is used.
    ByChoice,
    /// The page was loaded anew in the middle of it.
    AfterReload,
}

/// After `VerifySoftwareToken`.
pub(crate) struct ExpectTotpVerified {
    sign_in: SignIn,
}

/// Begins with what the pool lets be set up.
pub(crate) fn begin(
    mut sign_in: SignIn,
    parameters: Fields<'_>,
    session: Secret,
    cx: &mut Cx<'_>,
) -> Next {
    // What comes now is the second factor.
    sign_in.first = false;
    let names = protocol::names_in(parameters, "MFAS_CAN_SETUP");
    let ways = Ways::read(&names, &ENROLMENTS);
    let expires = Deadline::after(cx.now, cx.config.session_ms);
    let (totp, email) = (ways.offers(Choice::Totp), ways.offers(Choice::Email));
    if let Some(address) = sign_in.email.clone().filter(|_| email) {
        return give_email(&session, sign_in, &address);
    }
    match (totp, email) {
        (true, true) => {
            let select = Asks::SelectFactor(SelectFactor::MfaSetUp(ways));
            return Next::go(step(select, sign_in, session, expires));
        }
        (true, false) => return associate(sign_in, session, expires, Asked::AtOnce),
        (false, true) => {
            return Next::go(step(Asks::Enrol(Enrol::Email), sign_in, session, expires));
        }
        (false, false) => {}
    }
    // A phone number cannot be given in the middle of a sign-in.
    let error = if names.iter().any(|name| name == "SMS_MFA") {
        let words = "A phone number for codes must be set up by an administrator.";
        FlowError::saying(ErrorCode::Refused, words.into())
    } else {
        let mut unknown = FlowError::from(ErrorCode::Server);
        unknown.server = Some(MFA_SETUP.into());
        unknown
    };
    sign_in.failed(error, cx)
}

/// Goes on with what the person has chosen.
pub(super) fn chosen(choice: Choice, challenge: &Challenge) -> Next {
    let (sign_in, session) = (challenge.sign_in.clone(), challenge.session.clone());
    let expires = challenge.expires;
    match choice {
        Choice::Totp => associate(sign_in, session, expires, Asked::ByChoice),
        Choice::Email | Choice::Sms | Choice::Password | Choice::Passkey => {
            Next::go(step(Asks::Enrol(Enrol::Email), sign_in, session, expires))
        }
    }
}

fn step(asks: Asks, mut sign_in: SignIn, session: Secret, expires: Deadline) -> Step {
    sign_in.in_step = false;
    Step::Challenge(Box::new(Challenge {
        sign_in,
        session,
        expires,
        asks,
    }))
}

/// Asks for the secret of an authenticator app.
fn associate(sign_in: SignIn, session: Secret, expires: Deadline, asked: Asked) -> Next {
    let body = with_session(&session);
    let expect = Expect::TotpSecret(ExpectTotpSecret {
        sign_in,
        session,
        expires,
        asked,
    });
    Next::send(&operation::ASSOCIATE_IN_SIGN_IN, body, expect)
}

impl Enrol {
    pub(super) fn name(&self) -> StepName {
        match self {
            Self::Totp(_) => StepName::SetUpTotp,
            Self::Email => StepName::SetUpEmail,
        }
    }

    /// What is shown and never kept.
    pub(super) fn show_once(&self, account: &Text, config: &Config, shown: &mut Object) {
        match self {
            Self::Totp(secret) => totp::show(secret, account, config, shown),
            Self::Email => {}
        }
    }

    /// The secret was not kept: there must be another one.
    pub(super) fn resume(&self, challenge: &Challenge) -> Option<Next> {
        let (sign_in, session) = (challenge.sign_in.clone(), challenge.session.clone());
        match self {
            Self::Totp(_) => {
                let expires = challenge.expires;
                Some(associate(sign_in, session, expires, Asked::AfterReload))
            }
            Self::Email => None,
        }
    }
}

pub(super) fn on(event: Event, challenge: &Challenge) -> Next {
    let mut sign_in = challenge.sign_in.clone();
    match event {
        // It is said of this app: another one may be asked for next.
        Event::SubmitCode { .. } if mem::take(&mut sign_in.app_verified) => {
            challenge.answer(MFA_SETUP, sign_in, &|_| {})
        }
        Event::SubmitCode { code, device_name } => {
            let mut body = with_session(&challenge.session);
            write_code(&code, device_name.as_ref(), &mut body);
            let expect = Expect::TotpVerified(ExpectTotpVerified { sign_in });
            Next::send(&operation::VERIFY_SOFTWARE_TOKEN, body, expect)
        }
        Event::SetUpEmail { email } => {
            sign_in.email = Some(email.clone());
            give_email(&challenge.session, sign_in, &email)
        }
        Event::SignUp { .. }
        | Event::ConfirmSignUp { .. }
        | Event::ResendCode
        | Event::SignIn { .. }
        | Event::SetNewPassword { .. }
        | Event::VerifyAttribute { .. }
        | Event::SkipVerification
        | Event::ForgotPassword { .. }
        | Event::ResetPassword { .. }
        | Event::SignOut { .. }
        | Event::Cancel
        | Event::SelectFactor { .. }
        | Event::SubmitPassword { .. }
        | Event::UsePasskey
        | Event::AnswerChallenge { .. }
        | Event::SignInWithRedirect { .. } => Next::Stay(None),
    }
}

fn give_email(session: &Secret, sign_in: SignIn, address: &str) -> Next {
    let mut body = challenge::response(MFA_SETUP, Some(session), &sign_in);
    body.string("EMAIL", address).close();
    let expect = Expect::Answered(ExpectAnswered { sign_in });
    Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
}

fn with_session(session: &Secret) -> Object {
    let mut body = Object::new();
    body.secret("Session", session);
    body
}

/// Writes the members of `VerifySoftwareToken` that say what the authenticator shows.
pub(crate) fn write_code(code: &TypedCode, device_name: Option<&Text>, body: &mut Object) {
    code.write("UserCode", body);
    body.optional("FriendlyDeviceName", device_name.map(Text::as_str));
}

/// What a reply to `VerifySoftwareToken` says.
pub(crate) fn verified(reply: Fields<'_>) -> Result<(), ErrorCode> {
    match reply.string("Status").as_deref() {
        Some("SUCCESS") => Ok(()),
        Some("ERROR") => Err(ErrorCode::CodeMismatch),
        _ => Err(ErrorCode::Server),
    }
}

impl ExpectTotpSecret {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let failed = match answer {
            Ok(reply) => match totp::secret(reply) {
                Some(secret) => {
                    let session = protocol::secret(reply, "Session").unwrap_or(self.session);
                    let enrol = Asks::Enrol(Enrol::Totp(secret));
                    return Next::go(step(enrol, self.sign_in, session, self.expires));
                }
                None => ErrorCode::Server.into(),
            },
            Err(failed) => failed,
        };
        // Whatever the pool has against it: there is nothing to go on with.
        let is_refused = !failed.is_passing();
        let mut error = failed.error;
        let sign_in = self.sign_in;
        if self.asked == Asked::ByChoice {
            return ExpectAnswered { sign_in }.refused(error, cx);
        }
        if self.asked == Asked::AfterReload && is_refused {
            error.code = ErrorCode::ChallengeSpent;
            error.message = None;
        }
        sign_in.failed(error, cx)
    }
}

impl ExpectTotpVerified {
    pub(crate) fn take(self, answer: Answer<'_>, step: &mut Step, cx: &mut Cx<'_>) -> Next {
        let sign_in = self.sign_in;
        let (reply, Step::Challenge(challenge)) = (
            match answer {
                Ok(reply) => reply,
                Err(failed) => return ExpectAnswered { sign_in }.refused(failed.error, cx),
            },
            step,
        ) else {
            return Next::fail(ErrorCode::ChallengeSpent);
        };
        // The one before is spent, whatever comes next.
        if let Some(session) = protocol::secret(reply, "Session") {
            challenge.session = session;
        }
        match verified(reply) {
            Ok(()) => {
                challenge.sign_in.app_verified = true;
                challenge.answer(MFA_SETUP, sign_in, &|_| {})
            }
            Err(code) => Next::fail(code),
        }
    }
}
