//! `CUSTOM_CHALLENGE`: what the pool's own functions ask for, in any number of rounds.

use crate::{
    event::{Event, EventType as E},
    fields::{Fields, Pairs},
    flow::{
        awaiting::Expect,
        challenge::Challenge,
        next::Next,
        record::Restoring,
        sign_in::{ExpectProven, SIGNING_IN, SignIn},
        table::{Row, StepName::SignedOut, row},
    },
    json::Object,
    protocol::operation,
};

const CUSTOM_CHALLENGE: &str = "CUSTOM_CHALLENGE";

/// Parameters that Cognito puts beside those of the pool's function: they are the machine's.
const OF_THE_MACHINE: [&str; 3] = ["USERNAME", "USER_ID_FOR_SRP", "DEVICE_KEY"];

pub(crate) struct Custom {
    /// What the pool's function made public.
    parameters: Pairs,
}

pub(crate) const ROWS: &[Row] = &[
    row(E::AnswerChallenge, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

/// `CUSTOM_AUTH` without a password: the pool's functions say what is to be proven.
pub(crate) fn begin(sign_in: SignIn) -> Next {
    let mut body = Object::new();
    body.begin("AuthParameters")
        .string("USERNAME", &sign_in.username)
        .optional("DEVICE_KEY", sign_in.device.as_deref())
        .close()
        .string("AuthFlow", "CUSTOM_AUTH");
    let expect = Expect::Proven(ExpectProven { sign_in });
    Next::send(&operation::INITIATE_AUTH, body, expect)
}

impl Custom {
    pub(super) fn read(name: &str, parameters: Fields<'_>) -> Option<Self> {
        (name == CUSTOM_CHALLENGE).then(|| Self {
            parameters: parameters.strings_but(&OF_THE_MACHINE),
        })
    }

    pub(super) fn restore(record: &mut Restoring<'_>) -> Self {
        let parameters = record.reader.required_pairs("parameters");
        Self { parameters }
    }

    pub(super) fn show(&self, shown: &mut Object) {
        shown.map("parameters", &self.parameters);
    }
}

pub(super) fn on(event: Event, challenge: &Challenge) -> Next {
    match event {
        Event::AnswerChallenge { answer } => {
            challenge.answer(CUSTOM_CHALLENGE, challenge.sign_in.clone(), &|body| {
                body.secret("ANSWER", &answer);
            })
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
        | Event::SelectFactor { .. }
        | Event::SubmitPassword { .. }
        | Event::UsePasskey
        | Event::SetUpEmail { .. }
        | Event::SignInWithRedirect { .. } => Next::Stay(None),
    }
}
