//! Making a user, and confirming them.

use crate::{
    error::Code,
    fields::Pairs,
    flow::{
        Answer, Flow,
        calls::Awaiting,
        error,
        step::{CODE_MS, Sent, SignIn, Step},
    },
    json::Object,
    protocol::{delivery_details, operation},
    secret::{Secret, Text},
    time::Moment,
};

pub(crate) struct ExpectSignUp {
    username: Text,
}

pub(crate) struct ExpectConfirmation {
    username: Text,
}

pub(crate) struct ExpectConfirmationCode {
    username: Text,
}

impl Flow {
    pub(crate) fn sign_up(
        &mut self,
        username: Text,
        password: Secret,
        attributes: &Pairs,
        now: &Moment,
    ) {
        self.hold(&username, &password, now);
        let mut body = Object::new();
        body.string("Username", &username)
            .secret("Password", &password)
            .attributes("UserAttributes", attributes);
        let awaiting = Awaiting::SignUp(ExpectSignUp { username });
        self.call(&operation::SIGN_UP, body, awaiting, now);
    }

    /// Confirms the user of the step or, from `signedOut`, the one named.
    pub(crate) fn confirm_sign_up(&mut self, code: Secret, named: Option<Text>, now: &Moment) {
        if self.step.sent().is_some_and(|sent| sent.is_over(now)) {
            return self.settle_here(error(Code::CodeExpired));
        }
        let of_step = self.step.username().cloned();
        let username = match self.step {
            Step::SignedOut(_) => named.or(of_step),
            _ => of_step,
        }
        .unwrap_or_default();
        let mut body = Object::new();
        body.string("Username", &username)
            .secret("ConfirmationCode", &code);
        let awaiting = Awaiting::Confirmation(ExpectConfirmation { username });
        self.call(&operation::CONFIRM_SIGN_UP, body, awaiting, now);
    }

    pub(crate) fn resend_confirmation(&mut self, username: Text, now: &Moment) {
        let mut body = Object::new();
        body.string("Username", &username);
        let awaiting = Awaiting::ConfirmationCode(ExpectConfirmationCode { username });
        self.call(&operation::RESEND_CONFIRMATION_CODE, body, awaiting, now);
    }

    /// Goes on after the user is confirmed: signs in where the password is still held.
    fn confirmed(&mut self, username: Text, now: &Moment) {
        self.newly_confirmed = Some(username.clone());
        match self.held.take_if(|held| held.username == username) {
            Some(held) => {
                self.start_sign_in(SignIn::new(username, true), held.password.clone(), now);
                // A second factor may need it for another code.
                self.held = Some(held);
            }
            None => self.settle(Step::signed_out(username), None),
        }
    }
}

impl ExpectSignUp {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let username = self.username;
        let (sent, error) = match answer {
            Ok(reply) => match reply.boolean("UserConfirmed") {
                Some(true) => return flow.confirmed(username, now),
                Some(false) => (Sent::now(delivery_details(reply), CODE_MS, now), None),
                None => {
                    flow.held = None;
                    return flow.settle_here(error(Code::Server));
                }
            },
            // The user may have been made: what this step offers finds out.
            Err(failed) if failed.error.code == Code::OutcomeUnknown => {
                (Sent::unknown(), Some(failed.error))
            }
            Err(failed) => {
                flow.held = None;
                return flow.settle(Step::signed_out(username), failed.error);
            }
        };
        flow.settle(Step::confirm_sign_up(username, sent), error);
    }
}

impl ExpectConfirmation {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let failed = match answer {
            Ok(_) => return flow.confirmed(self.username, now),
            // An earlier answer was lost, or an administrator was faster.
            Err(failed) if failed.says("current status is confirmed") => {
                return flow.confirmed(self.username, now);
            }
            Err(failed) => failed,
        };
        // From `signedOut` the person is brought to where another code can be asked for.
        let can_be_mended = matches!(
            failed.error.code,
            Code::CodeMismatch | Code::CodeExpired | Code::OutcomeUnknown
        );
        if can_be_mended && matches!(flow.step, Step::SignedOut(_)) {
            let step = Step::confirm_sign_up(self.username, Sent::unknown());
            return flow.settle(step, failed.error);
        }
        flow.settle_here(failed.error);
    }
}

impl ExpectConfirmationCode {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        match answer {
            Ok(reply) => {
                let sent = Sent::now(delivery_details(reply), CODE_MS, now);
                flow.settle(Step::confirm_sign_up(self.username, sent), None);
            }
            Err(failed) if failed.says("already confirmed") => {
                flow.confirmed(self.username, now);
            }
            Err(failed) => flow.settle_here(failed.error),
        }
    }
}
