//! `password`: the pool asks for the password as the first factor.

use crate::{
    event::{Event, EventType as E},
    flow::{
        challenge::{Challenge, select_factor::SELECT_CHALLENGE, switch},
        next::{Cx, Next},
        record::Restoring,
        sign_in::{SIGNING_IN, SignIn},
        table::{Row, StepName::SignedOut, row},
        ways::{PASSWORD, PASSWORD_SRP},
    },
};

/// The names of the challenges that the password answers.
const CHALLENGES: [&str; 3] = [SELECT_CHALLENGE, PASSWORD, PASSWORD_SRP];

pub(crate) struct Password {
    /// The challenge that it answers.
    pub(super) challenge: &'static str,
}

pub(crate) const ROWS: &[Row] = &[
    row(E::SubmitPassword, SIGNING_IN),
    row(E::SelectFactor, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

impl Password {
    pub(super) fn read(name: &str, sign_in: &SignIn) -> Option<Self> {
        let asks = sign_in.first && name != SELECT_CHALLENGE;
        let challenge = CHALLENGES.into_iter().find(|own| name == *own && asks)?;
        Some(Self { challenge })
    }

    pub(super) fn restore(record: &mut Restoring<'_>) -> Option<Self> {
        let name = record.reader.text("challenge");
        let challenge = CHALLENGES.into_iter().find(|own| name == *own)?;
        Some(Self { challenge })
    }
}

pub(super) fn on(event: Event, name: &'static str, challenge: &Challenge, cx: &mut Cx<'_>) -> Next {
    match event {
        Event::SubmitPassword { password } => challenge.give_password(name, password, cx),
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
        | Event::UsePasskey
        | Event::AnswerChallenge { .. }
        | Event::SetUpEmail { .. }
        | Event::SignInWithRedirect { .. } => Next::Stay(None),
    }
}
