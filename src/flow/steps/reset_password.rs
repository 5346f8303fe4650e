//! `resetPassword`: set a forgotten password anew, with a code.

use crate::{
    error::Code,
    event::{Event, EventType as E},
    flow::{
        awaiting::Expect,
        calls::Answer,
        next::{Cx, Next},
        record::Restoring,
        step::Step,
        steps::{RESET_CODE_MS, Sent},
        table::{
            Row,
            StepName::{self, ConfirmSignUp, SignedOut},
            row,
        },
    },
    json::Object,
    protocol::{self, operation},
    secret::Text,
};

pub(crate) struct ResetPassword {
    pub(crate) username: Text,
    pub(crate) sent: Sent,
}

pub(crate) const ROWS: &[Row] = &[
    row(E::ResetPassword, &[SignedOut, ConfirmSignUp]),
    row(E::ResendCode, &[StepName::ResetPassword, ConfirmSignUp]),
    row(E::Cancel, &[SignedOut]),
];

/// After `ForgotPassword`.
pub(crate) struct ExpectResetCode {
    username: Text,
}

/// After `ConfirmForgotPassword`.
pub(crate) struct ExpectPasswordReset {
    username: Text,
}

impl ResetPassword {
    pub(crate) fn restore(record: &mut Restoring<'_>) -> Self {
        Self {
            username: record.reader.text("username"),
            sent: Sent::restore(record, RESET_CODE_MS),
        }
    }

    pub(crate) fn show(&self, shown: &mut Object) {
        shown.string("username", &self.username);
        self.sent.show(shown);
    }

    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        let username = self.username.clone();
        match event {
            Event::ResetPassword { .. } if self.sent.is_over(cx.now) => {
                Next::fail(Code::CodeExpired)
            }
            Event::ResetPassword { code, password } => {
                let mut body = Object::new();
                body.string("Username", &username);
                code.write("ConfirmationCode", &mut body);
                body.secret("Password", &password);
                let expect = Expect::PasswordReset(ExpectPasswordReset { username });
                Next::send(&operation::CONFIRM_FORGOT_PASSWORD, body, expect)
            }
            Event::ResendCode => forgot(username, cx),
            Event::Cancel => Next::Leave(Some(username)),
            Event::SignUp { .. }
            | Event::ConfirmSignUp { .. }
            | Event::SignIn { .. }
            | Event::SubmitCode { .. }
            | Event::SetNewPassword { .. }
            | Event::VerifyAttribute { .. }
            | Event::SkipVerification
            | Event::ForgotPassword { .. }
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

/// Asks for a code; also for another one.
pub(crate) fn forgot(username: Text, cx: &mut Cx<'_>) -> Next {
    cx.known.drop_held();
    let mut body = Object::new();
    body.string("Username", &username);
    let expect = Expect::ResetCode(ExpectResetCode { username });
    Next::send(&operation::FORGOT_PASSWORD, body, expect)
}

impl ExpectResetCode {
    pub(crate) fn take(self, answer: Answer<'_>, step: &mut Step, cx: &mut Cx<'_>) -> Next {
        let username = self.username;
        let is_resent = matches!(step, Step::ResetPassword(_));
        let failed = match answer {
            Ok(reply) => {
                let sent = Sent::now(protocol::delivery_details(reply), RESET_CODE_MS, cx.now);
                if let Step::ResetPassword(step) = step {
                    step.sent = sent;
                    return Next::Stay(None);
                }
                return Next::go(Step::reset_password(username, sent));
            }
            Err(failed) => failed,
        };
        let step = match failed.error.code {
            Code::UserNotConfirmed => Step::confirm_unsent(username),
            _ if is_resent => return Next::fail(failed.error),
            // A code may be on its way.
            Code::OutcomeUnknown => Step::reset_unsent(username),
            _ => Step::signed_out(username),
        };
        Next::Go(step, Some(failed.error))
    }
}

impl ExpectPasswordReset {
    /// The person signs in with the new password next, so that a password manager sees it used.
    pub(crate) fn take(self, answer: Answer<'_>) -> Next {
        match answer {
            Ok(_) => Next::go(Step::signed_out(self.username)),
            Err(failed) if failed.error.code == Code::UserNotConfirmed => {
                Next::Go(Step::confirm_unsent(self.username), Some(failed.error))
            }
            Err(failed) => Next::fail(failed.error),
        }
    }
}
