//! `passkey`: the browser is asked for a passkey at once, and again when the person says so.

use crate::{
    event::{Event, EventType as E},
    fields::{Fields, Reader},
    flow::{
        awaiting::Expect,
        challenge::{Challenge, ExpectAnswered, response, switch},
        next::{Cx, Next},
        sign_in::SIGNING_IN,
        table::{Row, StepName::SignedOut, row},
    },
    protocol::operation,
    secret::Secret,
    snapshot::Choice,
};

const WEB_AUTHN: &str = "WEB_AUTHN";
const OPTIONS: &str = "CREDENTIAL_REQUEST_OPTIONS";

pub(crate) struct Passkey {
    /// What the browser is asked with.
    options: Secret,
}

pub(crate) const ROWS: &[Row] = &[
    row(E::UsePasskey, SIGNING_IN),
    row(E::SelectFactor, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

impl Passkey {
    pub(super) fn read(name: &str, parameters: Fields<'_>) -> Option<Self> {
        let options = parameters.string(OPTIONS).filter(|_| name == WEB_AUTHN)?;
        Fields::new(&options)?;
        Some(Self {
            options: Secret::new(options),
        })
    }

    pub(super) fn restore(reader: &mut Reader<'_>) -> Self {
        Self {
            options: reader.token("options"),
        }
    }

    pub(super) fn options(&self) -> &Secret {
        &self.options
    }
}

pub(super) fn on(
    event: Event,
    options: Secret,
    challenge: &mut Challenge,
    cx: &mut Cx<'_>,
) -> Next {
    match event {
        // What was answered is used up: a new challenge is asked for.
        Event::UsePasskey if challenge.session.is_none() => {
            switch(Choice::Passkey, None, &challenge.sign_in, cx)
        }
        Event::UsePasskey => Next::Prompt(None, options),
        Event::SelectFactor { choice, password } => {
            switch(choice, password, &challenge.sign_in, cx)
        }
        Event::SignUp { .. }
        | Event::ConfirmSignUp { .. }
        | Event::ResendCode
        | Event::SignIn { .. }
        | Event::SubmitCode { .. }
        | Event::SetNewPassword { .. }
        | Event::VerifyAttribute { .. }
        | Event::SkipVerification
        | Event::ForgotPassword { .. }
        | Event::ResetPassword { .. }
        | Event::SignOut { .. }
        | Event::Cancel
        | Event::SubmitPassword { .. }
        | Event::AnswerChallenge { .. }
        | Event::SetUpEmail { .. }
        | Event::SignInWithRedirect { .. } => Next::Stay(None),
    }
}

impl Challenge {
    /// Answers with what the browser has given. As a first factor that uses the challenge up, for
    /// the pool takes each but once; another one can be had.
    pub(crate) fn give_passkey(&mut self, credential: &Secret) -> Next {
        let mut sign_in = self.sign_in.clone();
        let session = match sign_in.first {
            true => self.session.take(),
            false => self.session.clone(),
        };
        sign_in.in_step = sign_in.first;
        sign_in.first = false;
        let mut body = response(WEB_AUTHN, session.as_ref(), &sign_in);
        body.secret("CREDENTIAL", credential).close();
        let expect = Expect::Answered(ExpectAnswered { sign_in });
        Next::send(&operation::RESPOND_TO_AUTH_CHALLENGE, body, expect)
    }
}
