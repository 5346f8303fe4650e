//! `confirmSignUp`: give the code that confirms a new user.

use crate::{
    config::SignInWith,
    error::{Code, FlowError},
    event::{Event, EventType as E, TypedCode},
    flow::{
        awaiting::Expect,
        calls::Answer,
        choice,
        next::{Cx, Next},
        record::Restoring,
        sign_in::{self, SIGNING_IN, SignIn},
        step::Step,
        steps::{CODE_MS, Sent},
        table::{Row, StepName::SignedOut, row},
    },
    json::Object,
    protocol::{self, Refusal, operation},
    secret::{Secret, Text},
};

pub(crate) struct ConfirmSignUp {
    pub(crate) username: Text,
    pub(crate) sent: Sent,
    /// From `SignUp`: with it the person is signed in once the code was right.
    pub(crate) session: Option<Secret>,
}

pub(crate) const ROWS: &[Row] = &[
    // Who is confirmed is signed in.
    row(E::ConfirmSignUp, SIGNING_IN),
    // Whom somebody else has confirmed meanwhile is signed in, too.
    row(E::ResendCode, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

/// After `SignUp`.
pub(crate) struct ExpectSignUp {
    pub(crate) username: Text,
}

/// After `ConfirmSignUp`.
pub(crate) struct ExpectConfirmation {
    username: Text,
    /// The code, where a session was sent along that the pool may refuse.
    code: Option<TypedCode>,
}

/// After `ResendConfirmationCode`.
pub(crate) struct ExpectConfirmationCode {
    username: Text,
}

impl ConfirmSignUp {
    pub(crate) fn restore(record: &mut Restoring<'_>) -> Self {
        let has_session = record.reader.fields().has("session");
        Self {
            username: record.reader.text("username"),
            sent: Sent::restore(record, CODE_MS),
            session: has_session.then(|| record.reader.token("session")),
        }
    }

    pub(crate) fn keep(&self, record: &mut Object) {
        let session = self.session.as_ref().map(Secret::secret);
        record.optional("session", session);
    }

    pub(crate) fn show(&self, shown: &mut Object) {
        shown.string("username", &self.username);
        self.sent.show(shown);
    }

    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        let username = self.username.clone();
        match event {
            Event::ConfirmSignUp { .. } if self.sent.is_over(cx.now) => {
                Next::fail(Code::CodeExpired)
            }
            Event::ConfirmSignUp { code, .. } => confirm(username, code, self.session.clone()),
            Event::ResendCode => {
                let mut body = Object::new();
                body.string("Username", &username);
                let expect = Expect::ConfirmationCode(ExpectConfirmationCode { username });
                Next::send(&operation::RESEND_CONFIRMATION_CODE, body, expect)
            }
            Event::Cancel => Next::Leave(Some(username)),
            Event::SignUp { .. }
            | Event::SignIn { .. }
            | Event::SubmitCode { .. }
            | Event::SetNewPassword { .. }
            | Event::VerifyAttribute { .. }
            | Event::SkipVerification
            | Event::ForgotPassword { .. }
            | Event::ResetPassword { .. }
            | Event::SignOut { .. }
            | Event::SelectFactor { .. }
            | Event::SubmitPassword { .. }
            | Event::UsePasskey
            | Event::AnswerChallenge { .. }
            | Event::SetUpEmail { .. }
            | Event::SignInWithRedirect { .. } => Next::Stay(None),
        }
    }
}

/// Confirms the user of this name.
pub(crate) fn confirm(username: Text, code: TypedCode, session: Option<Secret>) -> Next {
    let mut body = Object::new();
    body.string("Username", &username);
    code.write("ConfirmationCode", &mut body);
    if let Some(session) = &session {
        body.secret("Session", session);
    }
    let code = session.map(|_| code);
    let expect = Expect::Confirmation(ExpectConfirmation { username, code });
    Next::send(&operation::CONFIRM_SIGN_UP, body, expect)
}

/// Goes on after the user is confirmed: signs in by the session that came with that, or with the
/// password where it is still held. (It stays held: a second factor may need it for another code.)
fn confirmed(username: Text, session: Option<Secret>, cx: &mut Cx<'_>) -> Next {
    cx.known.newly_confirmed = Some(username.clone());
    let by_choice = cx.config.sign_in_with == SignInWith::Choice;
    let password = cx.known.password_of(&username);
    match session.filter(|_| by_choice || password.is_none()) {
        Some(session) => choice::begin_confirmed(SignIn::new(username, true), &session),
        None => sign_in_confirmed(SignIn::new(username, true), None, cx),
    }
}

/// Signs in with the password where it is still held; where it is not, the person does.
pub(crate) fn sign_in_confirmed(
    sign_in: SignIn,
    error: Option<FlowError>,
    cx: &mut Cx<'_>,
) -> Next {
    match cx.known.password_of(&sign_in.username) {
        Some(password) => sign_in::start(sign_in, password, cx),
        None => {
            cx.known.drop_held();
            Next::Go(Step::signed_out(sign_in.username.clone()), error)
        }
    }
}

impl ExpectSignUp {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let username = self.username;
        let mut session = None;
        let (sent, error) = match answer {
            Ok(reply) => match reply.boolean("UserConfirmed") {
                Some(true) => return confirmed(username, None, cx),
                Some(false) => {
                    session = protocol::secret(reply, "Session");
                    let delivery = protocol::delivery_details(reply);
                    (Sent::now(delivery, CODE_MS, cx.now), None)
                }
                None => {
                    cx.known.drop_held();
                    return Next::fail(Code::Server);
                }
            },
            // The user may have been made, and is where only the message failed (as AWS says of
            // AdminCreateUser, aws/aws-sdk#438): this step finds out, and sends another.
            Err(failed) => match failed.error.code {
                Code::OutcomeUnknown | Code::DeliveryFailed => {
                    (Sent::unknown(), Some(failed.error))
                }
                _ => {
                    cx.known.drop_held();
                    return Next::Go(Step::signed_out(username), Some(failed.error));
                }
            },
        };
        let step = Box::new(ConfirmSignUp {
            username,
            sent,
            session,
        });
        Next::Go(Step::ConfirmSignUp(step), error)
    }
}

impl ExpectConfirmation {
    pub(crate) fn take(self, answer: Answer<'_>, step: &mut Step, cx: &mut Cx<'_>) -> Next {
        let failed = match answer {
            Ok(reply) => {
                let session = protocol::secret(reply, "Session");
                return confirmed(self.username, session, cx);
            }
            // An earlier answer was lost, or an administrator was faster.
            Err(failed) if failed.refusal == Refusal::AlreadyConfirmed => {
                return confirmed(self.username, None, cx);
            }
            Err(failed) => failed,
        };
        // Codes live longer than sessions.
        if let (Code::ChallengeExpired | Code::ChallengeSpent, Some(code)) =
            (failed.error.code, self.code)
        {
            if let Step::ConfirmSignUp(step) = step {
                step.session = None;
            }
            return confirm(self.username, code, None);
        }
        // From `signedOut` the person is brought to where another code can be asked for.
        let can_be_mended = matches!(
            failed.error.code,
            Code::CodeMismatch | Code::CodeExpired | Code::OutcomeUnknown
        );
        if can_be_mended && matches!(step, Step::SignedOut(_)) {
            let step = Step::confirm_unsent(self.username);
            return Next::Go(step, Some(failed.error));
        }
        Next::fail(failed.error)
    }
}

impl ExpectConfirmationCode {
    pub(crate) fn take(self, answer: Answer<'_>, step: &mut Step, cx: &mut Cx<'_>) -> Next {
        match answer {
            Ok(reply) => {
                if let Some(sent) = step.sent_mut() {
                    *sent = Sent::now(protocol::delivery_details(reply), CODE_MS, cx.now);
                }
                Next::Stay(None)
            }
            Err(failed) if failed.refusal == Refusal::AlreadyConfirmed => {
                confirmed(self.username, None, cx)
            }
            Err(failed) => Next::fail(failed.error),
        }
    }
}
