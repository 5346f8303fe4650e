//! `signedOut`: sign in, sign up, come back with a code, or set a forgotten password anew.

use crate::{
    config::SignInWith,
    event::{Event, EventType as E},
    flow::{
        awaiting::Expect,
        next::{Cx, Next},
        sign_in::{self, SignIn},
        steps::{confirm_sign_up, reset_password},
        table::{
            Row,
            StepName::{self, ConfirmSignUp, ResetPassword},
            row, signing_in,
        },
    },
    json::Object,
    protocol::operation,
    secret::{Secret, Text},
};

pub(crate) struct SignedOut {
    pub(crate) username: Option<Text>,
}

/// Where a sign-in can lead that the pool refuses.
const REFUSED: &[StepName] = &[StepName::SignedOut, ConfirmSignUp, ResetPassword];

pub(crate) const ROWS: &[Row] = &[
    signing_in(E::SignUp, REFUSED),
    signing_in(E::SignIn, REFUSED),
    row(E::ConfirmSignUp, &[StepName::SignedOut, ConfirmSignUp]),
    row(E::ForgotPassword, &[ResetPassword, ConfirmSignUp]),
];

impl SignedOut {
    pub(crate) fn show(&self, shown: &mut Object) {
        shown.text("username", self.username.as_deref());
    }

    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        match event {
            Event::SignUp {
                username,
                password,
                attributes,
                validation_data,
            } => {
                cx.known.in_tab = false;
                let mut body = Object::new();
                body.string("Username", &username);
                hold(&username, password.as_ref(), cx);
                if let Some(password) = &password {
                    body.secret("Password", password);
                }
                body.attributes("UserAttributes", &attributes);
                if !validation_data.is_empty() {
                    body.attributes("ValidationData", &validation_data);
                }
                let expect = Expect::SignUp(confirm_sign_up::ExpectSignUp { username });
                Next::send(&operation::SIGN_UP, body, expect)
            }
            Event::SignIn {
                username,
                password,
                remember,
                ..
            } => {
                cx.known.in_tab = !remember;
                hold(&username, password.as_ref(), cx);
                let after_sign_up = cx.known.newly_confirmed.as_ref() == Some(&username);
                sign_in::start(SignIn::new(username, after_sign_up), password, cx)
            }
            Event::ConfirmSignUp { code, username } => {
                let username = username.or_else(|| self.username.clone());
                confirm_sign_up::confirm(username.unwrap_or_default(), &code)
            }
            Event::ForgotPassword { username } => reset_password::forgot(username, cx),
            Event::Cancel => Next::Leave(self.username.clone()),
            Event::ResendCode
            | Event::SubmitCode { .. }
            | Event::SetNewPassword { .. }
            | Event::VerifyAttribute { .. }
            | Event::SkipVerification
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

/// Remembers who it is, and the password where it will be needed again.
fn hold(username: &Text, password: Option<&Secret>, cx: &mut Cx<'_>) {
    let needed = cx.config.sign_in_with != SignInWith::Custom;
    let password = password.filter(|_| needed);
    cx.known.hold(username, password, cx.now);
}
