//! `NEW_PASSWORD_REQUIRED`: the first own password of a user whom an administrator made.

use crate::{
    event::{Event, EventType as E},
    fields::Fields,
    flow::{
        challenge::Challenge,
        next::{Cx, Known, Next},
        record::Restoring,
        sign_in::SIGNING_IN,
        table::{Row, StepName::SignedOut, row},
    },
    json::Object,
    protocol,
    secret::Text,
    text,
};

const NEW_PASSWORD_REQUIRED: &str = "NEW_PASSWORD_REQUIRED";

pub(crate) struct NewPassword {
    /// The attributes that must come with it.
    missing: Vec<Text>,
}

pub(crate) const ROWS: &[Row] = &[
    row(E::SetNewPassword, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

impl NewPassword {
    pub(super) fn read(name: &str, parameters: Fields<'_>, known: &mut Known) -> Option<Self> {
        if name != NEW_PASSWORD_REQUIRED {
            return None;
        }
        // The old one is of no more use.
        known.drop_held();
        let missing = protocol::required_attributes(parameters);
        Some(Self { missing })
    }

    pub(super) fn restore(record: &mut Restoring<'_>) -> Self {
        let missing = record.reader.texts("missingAttributes");
        Self { missing }
    }

    pub(super) fn show(&self, shown: &mut Object) {
        shown.strings(
            "missingAttributes",
            &mut self.missing.iter().map(Text::as_str),
        );
    }
}

pub(super) fn on(event: Event, challenge: &Challenge, cx: &mut Cx<'_>) -> Next {
    match event {
        Event::SetNewPassword {
            password,
            attributes,
        } => {
            let sign_in = challenge.sign_in.clone();
            // A second factor may follow, and need it for another code.
            cx.known.hold(&sign_in.username, &password, cx.now);
            challenge.answer(NEW_PASSWORD_REQUIRED, sign_in, &|body| {
                body.secret("NEW_PASSWORD", &password);
                for (name, value) in attributes.iter() {
                    body.string(&text::concat(&["userAttributes.", name]), value);
                }
            })
        }
        Event::SignUp { .. }
        | Event::ConfirmSignUp { .. }
        | Event::ResendCode
        | Event::SignIn { .. }
        | Event::SubmitCode { .. }
        | Event::VerifyAttribute { .. }
        | Event::SkipVerification
        | Event::ForgotPassword { .. }
        | Event::ResetPassword { .. }
        | Event::SignOut { .. }
        | Event::Cancel
        | Event::SelectFactor { .. }
        | Event::SubmitPassword { .. }
        | Event::UsePasskey
        | Event::AnswerChallenge { .. }
        | Event::SetUpEmail { .. }
        | Event::SignInWithRedirect { .. } => Next::Stay(None),
    }
}
