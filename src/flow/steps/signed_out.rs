//! `signedOut`: sign in, sign up, come back with a code, or set a forgotten password anew.

use crate::{
    config::SignInWith,
    event::{Event, EventType as E},
    flow::{
        awaiting::Expect,
        next::{Cx, Next},
        redirect,
        sign_in::{self, SIGNING_IN, SignIn},
        steps::{confirm_sign_up, reset_password},
        table::{
            Row,
            StepName::{self, ConfirmSignUp, ResetPassword, SignedIn, VerifyAttribute},
            row,
        },
    },
    json::Object,
    protocol::operation,
    secret::Text,
    snapshot::Choice,
};

pub(crate) struct SignedOut {
    pub(crate) username: Option<Text>,
}

pub(crate) const ROWS: &[Row] = &[
    row(E::SignUp, SIGNING_IN),
    row(E::SignIn, SIGNING_IN),
    // The session that comes with it may sign in.
    row(E::ConfirmSignUp, SIGNING_IN),
    row(E::ForgotPassword, &[ResetPassword, ConfirmSignUp]),
    // From the page that is come back to.
    row(
        E::SignInWithRedirect,
        &[StepName::SignedOut, VerifyAttribute, SignedIn],
    ),
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
                match &password {
                    Some(password) => {
                        cx.known.hold(&username, password, cx.now);
                        body.secret("Password", password);
                    }
                    // Should the person leave meanwhile: nothing is held that has the name.
                    None => self.username = Some(username.clone()),
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
                preferred,
                autofill,
                remember,
            } => {
                cx.known.in_tab = !remember;
                let after_sign_up = cx.known.newly_confirmed.as_ref() == Some(&username);
                let sign_in = SignIn::new(username.clone(), after_sign_up);
                let offered = autofill && preferred == Some(Choice::Passkey);
                match password {
                    None if offered && cx.config.sign_in_with == SignInWith::Choice => {
                        Next::Offer(sign_in)
                    }
                    Some(password) if cx.config.sign_in_with != SignInWith::Custom => {
                        cx.known.hold(&username, &password, cx.now);
                        sign_in::start(sign_in, password, cx)
                    }
                    _ => {
                        // Should the person leave meanwhile: nothing is held that has the name.
                        self.username = Some(username);
                        sign_in::start_without_password(sign_in, preferred, cx)
                    }
                }
            }
            Event::ConfirmSignUp { code, username } => {
                let username = username.or_else(|| self.username.clone());
                confirm_sign_up::confirm(username.unwrap_or_default(), code, None)
            }
            Event::ForgotPassword { username } => reset_password::forgot(username, cx),
            Event::SignInWithRedirect { parameters, state } => {
                redirect::leave(&parameters, state.as_ref(), cx.now)
            }
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
            | Event::SetUpEmail { .. } => Next::Stay(None),
        }
    }
}
