//! Who waits for which reply: the top floor, which knows all of them.

use crate::{
    flow::{
        Flow,
        authorized::Authorized,
        calls::Answer,
        challenge::{
            ExpectAnswered,
            enrol::{ExpectTotpSecret, ExpectTotpVerified},
        },
        choice::{ExpectChoice, ExpectConfirmed},
        next::{Cx, Next},
        prove::{
            device::{ExpectDeviceProven, ExpectDeviceVerifier},
            password::ExpectPasswordVerifier,
        },
        redirect,
        session::{ExpectRefresh, ExpectRevocation},
        sign_in::ExpectProven,
        step::Step,
        steps::{
            confirm_sign_up::{ExpectConfirmation, ExpectConfirmationCode, ExpectSignUp},
            reset_password::{ExpectPasswordReset, ExpectResetCode},
        },
    },
    secret::Secret,
    time::Moment,
};

/// Who waits for a reply.
pub(crate) enum Awaiting {
    /// The person, with an event.
    Event(Expect),
    /// Something that was sent with this access token.
    Authorized {
        what: Authorized,
        token: Secret,
        refreshed: bool,
    },
    Refresh(ExpectRefresh),
    Revocation(ExpectRevocation),
    /// A challenge for a passkey that is offered.
    Offer,
}

/// What an event awaits, named by what is awaited.
pub(crate) enum Expect {
    SignUp(ExpectSignUp),
    Confirmation(ExpectConfirmation),
    ConfirmationCode(ExpectConfirmationCode),
    PasswordVerifier(ExpectPasswordVerifier),
    DeviceVerifier(ExpectDeviceVerifier),
    DeviceProven(ExpectDeviceProven),
    Choice(ExpectChoice),
    Confirmed(ExpectConfirmed),
    Proven(ExpectProven),
    Answered(ExpectAnswered),
    TotpSecret(ExpectTotpSecret),
    TotpVerified(ExpectTotpVerified),
    ResetCode(ExpectResetCode),
    PasswordReset(ExpectPasswordReset),
    Redirected,
}

impl Awaiting {
    /// Whether the person waits for it with an event: it ends when they leave.
    pub(crate) fn is_of_event(&self) -> bool {
        match self {
            Self::Event(_) => true,
            Self::Authorized { what, .. } => what.is_of_event(),
            Self::Refresh(_) | Self::Revocation(_) | Self::Offer => false,
        }
    }

    /// Whether it belongs to the session: it ends with it.
    pub(crate) fn is_of_session(&self) -> bool {
        match self {
            Self::Authorized { .. } | Self::Refresh(_) => true,
            Self::Event(_) | Self::Revocation(_) | Self::Offer => false,
        }
    }

    /// Whether it is of the signing out that was the outcome of this number.
    pub(crate) fn is_revocation_of(&self, settled: u32) -> bool {
        match self {
            Self::Revocation(expect) => expect.settled() == settled,
            Self::Event(_) | Self::Authorized { .. } | Self::Refresh(_) | Self::Offer => false,
        }
    }

    pub(crate) fn is_of_offer(&self) -> bool {
        match self {
            Self::Offer => true,
            Self::Event(_) | Self::Authorized { .. } | Self::Refresh(_) | Self::Revocation(_) => {
                false
            }
        }
    }
}

impl Expect {
    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn take(self, answer: Answer<'_>, step: &mut Step, cx: &mut Cx<'_>) -> Next {
        match self {
            Self::SignUp(expect) => expect.take(answer, cx),
            Self::Confirmation(expect) => expect.take(answer, step, cx),
            Self::ConfirmationCode(expect) => expect.take(answer, step, cx),
            Self::PasswordVerifier(expect) => expect.take(answer, cx),
            Self::DeviceVerifier(expect) => expect.take(answer, cx),
            Self::DeviceProven(expect) => expect.take(answer, cx),
            Self::Choice(expect) => expect.take(answer, cx),
            Self::Confirmed(expect) => expect.take(answer, step, cx),
            Self::Proven(expect) => expect.take(answer, cx),
            Self::Answered(expect) => expect.take(answer, cx),
            Self::TotpSecret(expect) => expect.take(answer, cx),
            Self::TotpVerified(expect) => expect.take(answer, step, cx),
            Self::ResetCode(expect) => expect.take(answer, step, cx),
            Self::PasswordReset(expect) => expect.take(answer),
            Self::Redirected => redirect::take(answer, cx),
        }
    }
}

impl Flow {
    /// Gives an answer to whoever waits for it.
    pub(crate) fn deliver(&mut self, awaiting: Awaiting, answer: Answer<'_>, now: &Moment) {
        match awaiting {
            Awaiting::Event(expect) => {
                self.judge_given(answer.as_ref().err());
                self.decide(now, |step, cx| expect.take(answer, step, cx));
            }
            Awaiting::Authorized {
                what,
                token,
                refreshed,
            } => self.on_authorized(what, &token, refreshed, answer, now),
            Awaiting::Refresh(expect) => self.on_refreshed(&expect, answer, now),
            Awaiting::Revocation(expect) => self.on_revoked(expect, answer, now),
            Awaiting::Offer => self.on_offer(answer, now),
        }
    }
}
