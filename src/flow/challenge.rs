//! Answering a challenge: the code of a second factor, the first own password.

use crate::{
    error::Code,
    fields::Pairs,
    flow::{
        Answer, Flow,
        calls::Awaiting,
        step::{Challenge, Sent, SignIn, Step},
    },
    json::Object,
    protocol::operation,
    secret::Secret,
    snapshot::Medium,
    text,
    time::Moment,
};

pub(crate) struct ExpectChallengeAnswered {
    sign_in: SignIn,
}

impl Flow {
    pub(crate) fn submit_mfa_code(&mut self, code: Secret, now: &Moment) {
        let Step::MfaCode(step) = &self.step else {
            return;
        };
        let mut challenge = step.challenge.clone();
        challenge.sign_in.phone_proven |= step.medium == Medium::Sms;
        let name = step.medium.challenge();
        let mut body = challenge_body(name, &challenge);
        body.secret(&text::concat(&[name, "_CODE"]), &code);
        self.answer_challenge(body, challenge.sign_in, now);
    }

    /// Another code comes by signing in again; the old challenge stays until the new one is here.
    pub(crate) fn resend_mfa_code(&mut self, now: &Moment) {
        let (Step::MfaCode(step), Some(held)) = (&self.step, &self.held) else {
            return;
        };
        let before = &step.challenge.sign_in;
        let mut sign_in = SignIn::new(before.username.clone(), before.after_sign_up);
        sign_in.for_another_code = true;
        let password = held.password.clone();
        self.start_sign_in(sign_in, password, now);
    }

    pub(crate) fn set_new_password(&mut self, password: Secret, attributes: &Pairs, now: &Moment) {
        let Step::NewPassword(step) = &self.step else {
            return;
        };
        let challenge = step.challenge.clone();
        let mut body = challenge_body("NEW_PASSWORD_REQUIRED", &challenge);
        body.secret("NEW_PASSWORD", &password);
        for (name, value) in attributes.iter() {
            body.string(&text::concat(&["userAttributes.", name]), value);
        }
        // A second factor may follow, and need it for another code.
        self.hold(&challenge.sign_in.username, &password, now);
        self.answer_challenge(body, challenge.sign_in, now);
    }

    fn answer_challenge(&mut self, mut body: Object, sign_in: SignIn, now: &Moment) {
        body.close();
        let awaiting = Awaiting::ChallengeAnswered(ExpectChallengeAnswered { sign_in });
        self.call(&operation::RESPOND_TO_AUTH_CHALLENGE, body, awaiting, now);
    }
}

/// The beginning of a `RespondToAuthChallenge`, up to the responses of its own.
fn challenge_body(name: &str, challenge: &Challenge) -> Object {
    let mut body = Object::new();
    body.string("ChallengeName", name)
        .secret("Session", &challenge.session)
        .begin("ChallengeResponses")
        .string("USERNAME", challenge.sign_in.user_id());
    body
}

impl ExpectChallengeAnswered {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let failed = match answer {
            Ok(reply) => return flow.proven(reply, self.sign_in, now),
            Err(failed) => failed,
        };
        let username = self.sign_in.username;
        let step = match failed.error.code {
            Code::ChallengeExpired
            | Code::ChallengeSpent
            | Code::OutcomeUnknown
            | Code::WrongCredentials
            | Code::UserDisabled => Step::signed_out(username),
            Code::PasswordResetRequired => Step::reset_password(username, Sent::unknown()),
            // Wrong code, refused password, trouble on the way: the session is still good.
            _ => return flow.settle_here(failed.error),
        };
        flow.held = None;
        flow.settle(step, failed.error);
    }
}
