//! A code: by SMS, by email, or from an authenticator app.

use crate::{
    error::{Code as ErrorCode, Misuse},
    event::{Event, EventType as E},
    fields::Fields,
    flow::{
        challenge::Challenge,
        next::{Cx, Known, Next},
        record::Restoring,
        sign_in::{self, SignIn},
        steps::{COOL_DOWN_MS, Sent, show_delivery},
        table::{
            Row,
            StepName::{ResetPassword, SignedOut},
            row, signing_in,
        },
    },
    json::Object,
    protocol,
    snapshot::Medium,
    time::{Deadline, Moment},
};

pub(crate) struct Code {
    kind: &'static Kind,
    pub(super) sent: Sent,
}

/// A challenge of the protocol that asks for a code.
struct Kind {
    challenge: &'static str,
    /// The member of the responses that holds the code.
    response: &'static str,
    medium: Medium,
}

static KINDS: [Kind; 3] = [
    Kind {
        challenge: "SMS_MFA",
        response: "SMS_MFA_CODE",
        medium: Medium::Sms,
    },
    Kind {
        challenge: "EMAIL_OTP",
        response: "EMAIL_OTP_CODE",
        medium: Medium::Email,
    },
    Kind {
        challenge: "SOFTWARE_TOKEN_MFA",
        response: "SOFTWARE_TOKEN_MFA_CODE",
        medium: Medium::Totp,
    },
];

pub(crate) const ROWS: &[Row] = &[
    signing_in(E::SubmitCode, &[SignedOut, ResetPassword]),
    signing_in(E::ResendCode, &[SignedOut]),
    row(E::Cancel, &[SignedOut]),
];

impl Code {
    pub(super) fn read(name: &str, parameters: Fields<'_>, now: &Moment) -> Option<Self> {
        let kind = KINDS.iter().find(|kind| kind.challenge == name)?;
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

    pub(super) fn restore(record: &mut Restoring<'_>) -> Option<Self> {
        let medium = record.reader.text("medium");
        let kind = KINDS.iter().find(|kind| medium == kind.medium.as_str())?;
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

    /// Another code comes by signing in again, for which the password must still be held.
    fn can_resend(&self, known: &Known) -> bool {
        known.holds() && self.kind.medium != Medium::Totp
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
                let Some(password) = cx.known.held_password().cloned() else {
                    return Next::fail(ErrorCode::NotAccepted);
                };
                let before = &challenge.sign_in;
                let mut sign_in = SignIn::new(before.username.clone(), before.after_sign_up);
                sign_in.for_another_code = true;
                sign_in::start(sign_in, Some(password), cx)
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
            | Event::SelectFactor { .. }
            | Event::SubmitPassword { .. }
            | Event::UsePasskey
            | Event::AnswerChallenge { .. }
            | Event::SetUpEmail { .. }
            | Event::SignInWithRedirect { .. } => Next::Stay(None),
        }
    }
}
