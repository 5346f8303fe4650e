//! `confirmSignUp`: give the code that confirms a new user.

use crate::{
    config::SignInWith,
    error::Code,
    event::{Event, EventType as E, TypedCode},
    flow::{
        awaiting::Expect,
        calls::Answer,
        next::{Cx, Next},
        record::Restoring,
        sign_in::{self, SignIn},
        step::Step,
        steps::{CODE_MS, Sent},
        table::{
            Row,
            StepName::{self, ResetPassword, SignedOut},
            row, signing_in,
        },
    },
    json::Object,
    protocol::{self, Refusal, operation},
    secret::Text,
};

pub(crate) struct ConfirmSignUp {
    pub(crate) username: Text,
    pub(crate) sent: Sent,
}

pub(crate) const ROWS: &[Row] = &[
    // Who is confirmed is signed in.
    signing_in(E::ConfirmSignUp, &[SignedOut, ResetPassword]),
    // Whom somebody else has confirmed meanwhile is signed in, too.
    signing_in(
        E::ResendCode,
        &[StepName::ConfirmSignUp, SignedOut, ResetPassword],
    ),
    row(E::Cancel, &[SignedOut]),
];

/// After `SignUp`.
pub(crate) struct ExpectSignUp {
    pub(crate) username: Text,
}

/// After `ConfirmSignUp`.
pub(crate) struct ExpectConfirmation {
    username: Text,
}

/// After `ResendConfirmationCode`.
pub(crate) struct ExpectConfirmationCode {
    username: Text,
}

impl ConfirmSignUp {
    pub(crate) fn restore(record: &mut Restoring<'_>) -> Self {
        Self {
            username: record.reader.text("username"),
            sent: Sent::restore(record, CODE_MS),
        }
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
            Event::ConfirmSignUp { code, .. } => confirm(username, &code),
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
pub(crate) fn confirm(username: Text, code: &TypedCode) -> Next {
    let mut body = Object::new();
    body.string("Username", &username);
    code.write("ConfirmationCode", &mut body);
    let expect = Expect::Confirmation(ExpectConfirmation { username });
    Next::send(&operation::CONFIRM_SIGN_UP, body, expect)
}

/// Goes on after the user is confirmed: signs in where the password is still held, or none is needed.
/// (It stays held: a second factor may need it for another code.)
fn confirmed(username: Text, cx: &mut Cx<'_>) -> Next {
    cx.known.newly_confirmed = Some(username.clone());
    let password = cx.known.held_password().cloned();
    let can_begin = password.is_some() || cx.config.sign_in_with == SignInWith::Custom;
    if can_begin && cx.known.is_of(&username) {
        return sign_in::start(SignIn::new(username, true), password, cx);
    }
    cx.known.drop_held();
    Next::go(Step::signed_out(username))
}

impl ExpectSignUp {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        let username = self.username;
        let (sent, error) = match answer {
            Ok(reply) => match reply.boolean("UserConfirmed") {
                Some(true) => return confirmed(username, cx),
                Some(false) => {
                    let delivery = protocol::delivery_details(reply);
                    (Sent::now(delivery, CODE_MS, cx.now), None)
                }
                None => {
                    cx.known.drop_held();
                    return Next::fail(Code::Server);
                }
            },
            // The user may have been made: what this step offers finds out.
            Err(failed) if failed.error.code == Code::OutcomeUnknown => {
                (Sent::unknown(), Some(failed.error))
            }
            Err(failed) => {
                cx.known.drop_held();
                return Next::Go(Step::signed_out(username), Some(failed.error));
            }
        };
        Next::Go(Step::confirm_sign_up(username, sent), error)
    }
}

impl ExpectConfirmation {
    pub(crate) fn take(self, answer: Answer<'_>, step: &Step, cx: &mut Cx<'_>) -> Next {
        let failed = match answer {
            Ok(_) => return confirmed(self.username, cx),
            // An earlier answer was lost, or an administrator was faster.
            Err(failed) if failed.refusal == Refusal::AlreadyConfirmed => {
                return confirmed(self.username, cx);
            }
            Err(failed) => failed,
        };
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
                confirmed(self.username, cx)
            }
            Err(failed) => Next::fail(failed.error),
        }
    }
}
