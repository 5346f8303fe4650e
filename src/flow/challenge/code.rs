//! A code: by SMS, by email, or from an authenticator app.

use crate::{
    error::{Code as ErrorCode, Misuse},
    event::{Event, EventType as E},
    fields::Fields,
    flow::{
        challenge::{Challenge, switch},
        next::{Cx, Known, Next},
        record::Restoring,
        sign_in::{self, SIGNING_IN},
        steps::{COOL_DOWN_MS, Sent, show_delivery},
        table::{
            Row,
            StepName::{self, MfaCode, SignInCode, SignedOut},
            row,
        },
    },
    json::Object,
    protocol,
    snapshot::{Choice, Medium},
    time::{Deadline, Moment},
};

pub(crate) struct Code {
    kind: &'static Kind,
    pub(super) sent: Sent,
}

/// A challenge of the protocol that asks for a code.
struct Kind {
    step: StepName,
    challenge: &'static str,
    /// The member of the responses that holds the code.
    response: &'static str,
    medium: Medium,
}

/// The first factors stand before the second ones: one name means either.
static KINDS: [Kind; 5] = [
    Kind {
        step: SignInCode,
        challenge: "SMS_OTP",
        response: "SMS_OTP_CODE",
        medium: Medium::Sms,
    },
    Kind {
        step: SignInCode,
        challenge: "EMAIL_OTP",
        response: "EMAIL_OTP_CODE",
        medium: Medium::Email,
    },
    Kind {
        step: MfaCode,
        challenge: "SMS_MFA",
        response: "SMS_MFA_CODE",
        medium: Medium::Sms,
    },
    Kind {
        step: MfaCode,
        challenge: "EMAIL_OTP",
        response: "EMAIL_OTP_CODE",
        medium: Medium::Email,
    },
    Kind {
        step: MfaCode,
        challenge: "SOFTWARE_TOKEN_MFA",
        response: "SOFTWARE_TOKEN_MFA_CODE",
        medium: Medium::Totp,
    },
];

pub(crate) const ROWS: &[Row] = &[
    row(E::SubmitCode, SIGNING_IN),
    row(E::ResendCode, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

/// Those of `signInCode`.
pub(crate) const SIGN_IN_ROWS: &[Row] = &[
    row(E::SubmitCode, SIGNING_IN),
    row(E::ResendCode, SIGNING_IN),
    row(E::SelectFactor, SIGNING_IN),
    row(E::Cancel, &[SignedOut]),
];

impl Code {
    pub(super) fn read(
        name: &str,
        parameters: Fields<'_>,
        first: bool,
        now: &Moment,
    ) -> Option<Self> {
        let mut kinds = KINDS.iter().filter(|kind| kind.challenge == name);
        let kind = kinds.find(|kind| first || kind.step == MfaCode)?;
        let sent = match kind.medium {
            Medium::Totp => Sent::unknown(),
            medium => Sent {
                delivery: protocol::challenge_delivery(medium, parameters),
                resend: Deadline::after(now, COOL_DOWN_MS),
                // It lives as long as the challenge.
                ..Sent::unknown()
            },
        };
        Some(Self { kind, sent })
    }

    pub(super) fn restore(step: StepName, record: &mut Restoring<'_>) -> Option<Self> {
        let medium = record.reader.text("medium");
        let mut kinds = KINDS.iter().filter(|kind| kind.step == step);
        let kind = kinds.find(|kind| medium == kind.medium.as_str())?;
        let sent = Sent::restore(record, 0.0);
        Some(Self { kind, sent })
    }

    pub(super) fn show(&self, known: &Known, shown: &mut Object) {
        shown
            .string("medium", self.kind.medium.as_str())
            .boolean("canResend", self.can_resend(known))
            .time("resendAt", self.sent.resend);
        show_delivery(self.sent.delivery.as_ref(), shown);
    }

    pub(super) fn step(&self) -> StepName {
        self.kind.step
    }

    /// As a first factor, where it is one.
    pub(super) fn first_factor(&self) -> Option<Choice> {
        (self.kind.step == SignInCode).then(|| self.kind.medium.choice())
    }

    /// Another code comes by signing in again; where it is the second factor, the password must still
    /// be held for that.
    fn can_resend(&self, known: &Known) -> bool {
        let is_sent = self.kind.medium != Medium::Totp;
        is_sent && (known.holds() || self.first_factor().is_some())
    }

    pub(super) fn check(&self, event: E, known: &Known) -> Result<(), Misuse> {
        match event {
            E::ResendCode if !self.can_resend(known) => Err(Misuse::NotAccepted),
            event => self.sent.check(event),
        }
    }

    pub(super) fn on(&self, event: Event, challenge: &Challenge, cx: &mut Cx<'_>) -> Next {
        match event {
            Event::SubmitCode { code, .. } => {
                let mut sign_in = challenge.sign_in.clone();
                sign_in.phone_proven |= self.kind.medium == Medium::Sms;
                challenge.answer(self.kind.challenge, sign_in, &|body| {
                    code.write(self.kind.response, body);
                })
            }
            // The old challenge stays until the new one is here.
            Event::ResendCode => {
                if let Some(factor) = self.first_factor() {
                    return switch(factor, None, &challenge.sign_in, cx);
                }
                let Some(password) = cx.known.held_password().cloned() else {
                    return Next::fail(ErrorCode::NotAccepted);
                };
                sign_in::start(challenge.sign_in.anew(), password, cx)
            }
            Event::SelectFactor { choice, password } => {
                switch(choice, password, &challenge.sign_in, cx)
            }
            Event::SignUp { .. }
            | Event::ConfirmSignUp { .. }
            | Event::SignIn { .. }
            | Event::SetNewPassword { .. }
            | Event::VerifyAttribute { .. }
            | Event::SkipVerification
            | Event::ForgotPassword { .. }
            | Event::ResetPassword { .. }
            | Event::SignOut { .. }
            | Event::Cancel
            | Event::SubmitPassword { .. }
            | Event::UsePasskey
            | Event::AnswerChallenge { .. }
            | Event::SetUpEmail { .. }
            | Event::SignInWithRedirect { .. } => Next::Stay(None),
        }
    }
}
