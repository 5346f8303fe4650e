//! `signedIn`: nothing to do. What it shows is the session's.

use crate::{
    event::{Event, EventType as E},
    flow::{
        next::{Cx, Next},
        steps::verify_attribute,
        table::{
            Row,
            StepName::{SignedOut, VerifyAttribute},
            row,
        },
    },
};

pub(crate) struct SignedIn;

pub(crate) const ROWS: &[Row] = &[
    row(E::VerifyAttribute, &[VerifyAttribute, SignedOut]),
    row(E::SignOut, &[SignedOut]),
];

impl SignedIn {
    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        match event {
            Event::VerifyAttribute { attribute } => verify_attribute::now(attribute, cx),
            Event::SignOut { everywhere } => Next::SignOut { everywhere },
            Event::SignUp { .. }
            | Event::ConfirmSignUp { .. }
            | Event::ResendCode
            | Event::SignIn { .. }
            | Event::SubmitCode { .. }
            | Event::SetNewPassword { .. }
            | Event::SkipVerification
            | Event::ForgotPassword { .. }
            | Event::ResetPassword { .. }
            | Event::Cancel
            | Event::SelectFactor { .. }
            | Event::SubmitPassword { .. }
            | Event::UsePasskey
            | Event::AnswerChallenge { .. }
            | Event::SetUpEmail { .. }
            | Event::SignInWithRedirect { .. } => Next::Stay(None),
        }
    }
}
