//! `passkey`: the browser is asked for a passkey at once, and again when the person says so.

use crate::{
    event::{Event, EventType as E},
    fields::{Fields, Reader},
    flow::{
        challenge::{Asks, Challenge, switch},
        next::{Cx, Next},
        sign_in::SIGNING_IN,
        table::{Row, StepName::SignedOut, row},
    },
    json::Object,
    secret::Secret,
    snapshot::Choice,
};

const WEB_AUTHN: &str = "WEB_AUTHN";
const OPTIONS: &str = "CREDENTIAL_REQUEST_OPTIONS";

pub(crate) struct Passkey {
    /// What the browser is asked with.
    options: Secret,
    /// As a first factor it was answered, which uses the challenge up: another one can be had.
    answered: bool,
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
            answered: false,
        })
    }

    pub(super) fn restore(reader: &mut Reader<'_>) -> Self {
        Self {
            options: reader.token("options"),
            answered: reader.flag("answered", false),
        }
    }

    pub(super) fn keep(&self, record: &mut Object) {
        record
            .string("options", self.options.secret())
            .boolean("answered", self.answered);
    }

    pub(super) fn options(&self) -> &Secret {
        &self.options
    }
}

pub(super) fn on(event: Event, passkey: &Passkey, challenge: &Challenge, cx: &mut Cx<'_>) -> Next {
    match event {
        Event::UsePasskey if passkey.answered => {
            switch(Choice::Passkey, None, &challenge.sign_in, cx)
        }
        Event::UsePasskey => Next::Prompt(None, passkey.options.clone()),
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
    /// Answers with what the browser has given.
    pub(crate) fn give_passkey(&mut self, credential: &Secret) -> Next {
        let mut sign_in = self.sign_in.clone();
        if let Asks::Passkey(passkey) = &mut self.asks {
            passkey.answered = sign_in.first;
        }
        sign_in.in_step = sign_in.first;
        sign_in.first = false;
        self.answer(WEB_AUTHN, sign_in, &|body| {
            body.secret("CREDENTIAL", credential);
        })
    }
}
