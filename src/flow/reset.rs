//! Setting a forgotten password anew.

use crate::{
    error::Code,
    flow::{
        Answer, Flow,
        calls::Awaiting,
        error,
        step::{RESET_CODE_MS, Sent, Step},
    },
    json::Object,
    protocol::{delivery_details, operation},
    secret::{Secret, Text},
    time::Moment,
};

pub(crate) struct ExpectResetCode {
    username: Text,
}

pub(crate) struct ExpectPasswordReset {
    username: Text,
}

impl Flow {
    /// Asks for a code; also for another one.
    pub(crate) fn forgot_password(&mut self, username: Text, now: &Moment) {
        self.held = None;
        let mut body = Object::new();
        body.string("Username", &username);
        let awaiting = Awaiting::ResetCode(ExpectResetCode { username });
        self.call(&operation::FORGOT_PASSWORD, body, awaiting, now);
    }

    pub(crate) fn reset_password(&mut self, code: Secret, password: Secret, now: &Moment) {
        if self.step.sent().is_some_and(|sent| sent.is_over(now)) {
            return self.settle_here(error(Code::CodeExpired));
        }
        let username = self.step.username().cloned().unwrap_or_default();
        let mut body = Object::new();
        body.string("Username", &username)
            .secret("ConfirmationCode", &code)
            .secret("Password", &password);
        let awaiting = Awaiting::PasswordReset(ExpectPasswordReset { username });
        self.call(&operation::CONFIRM_FORGOT_PASSWORD, body, awaiting, now);
    }
}

impl ExpectResetCode {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let username = self.username;
        let failed = match answer {
            Ok(reply) => {
                let sent = Sent::now(delivery_details(reply), RESET_CODE_MS, now);
                return flow.settle(Step::reset_password(username, sent), None);
            }
            Err(failed) => failed,
        };
        match (failed.error.code, &flow.step) {
            (Code::UserNotConfirmed, _) => {
                let step = Step::confirm_sign_up(username, Sent::unknown());
                flow.settle(step, failed.error);
            }
            // A code may be on its way.
            (Code::OutcomeUnknown, Step::SignedOut(_)) => {
                let step = Step::reset_password(username, Sent::unknown());
                flow.settle(step, failed.error);
            }
            (_, Step::SignedOut(_)) => flow.settle(Step::signed_out(username), failed.error),
            _ => flow.settle_here(failed.error),
        }
    }
}

impl ExpectPasswordReset {
    /// The person signs in with the new password next, so that a password manager sees it used.
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>) {
        match answer {
            Ok(_) => flow.settle(Step::signed_out(self.username), None),
            Err(failed) => flow.settle_here(failed.error),
        }
    }
}
