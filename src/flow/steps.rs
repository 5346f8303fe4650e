//! The steps that are no challenge of the pool's, and what they have in common: a code on its way.

pub(crate) mod confirm_sign_up;
pub(crate) mod reset_password;
pub(crate) mod signed_in;
pub(crate) mod signed_out;
pub(crate) mod verify_attribute;

pub(crate) use confirm_sign_up::ConfirmSignUp;
pub(crate) use reset_password::ResetPassword;
pub(crate) use signed_in::SignedIn;
pub(crate) use signed_out::SignedOut;
pub(crate) use verify_attribute::VerifyAttribute;

use crate::{
    error::Misuse,
    event::EventType,
    flow::record::Restoring,
    json::Object,
    snapshot::Delivery,
    time::{Deadline, Moment},
};

/// A person waits this long before asking for another code.
pub(crate) const COOL_DOWN_MS: f64 = 30_000.0;
/// Codes of sign-up and of attributes. (Developer guide: 24 hours.)
pub(crate) const CODE_MS: f64 = 24.0 * 3_600_000.0;
/// Codes of a forgotten password. (Developer guide: 1 hour.)
pub(crate) const RESET_CODE_MS: f64 = 3_600_000.0;

/// A code on its way to the person, as far as is known.
pub(crate) struct Sent {
    pub(crate) delivery: Option<Delivery>,
    pub(crate) expires: Deadline,
    /// When another may be asked for; [`Deadline::NEVER`]: now.
    pub(crate) resend: Deadline,
    /// The code's time is over, and the snapshot has said so.
    pub(crate) over: bool,
}

impl Sent {
    /// Nothing is known of a code; another can be asked for at once.
    pub(crate) fn unknown() -> Self {
        Self {
            delivery: None,
            expires: Deadline::NEVER,
            resend: Deadline::NEVER,
            over: false,
        }
    }

    /// The pool says that it sent one, living `lifetime` ms; without details it sent none.
    pub(crate) fn now(delivery: Option<Delivery>, lifetime: f64, now: &Moment) -> Self {
        let expires = match delivery {
            Some(_) => Deadline::after(now, lifetime),
            None => Deadline::NEVER,
        };
        Self {
            delivery,
            expires,
            resend: Deadline::after(now, COOL_DOWN_MS),
            over: false,
        }
    }

    /// What the page was shown, after a reload.
    pub(crate) fn restore(record: &mut Restoring<'_>, lifetime: f64) -> Self {
        Self {
            delivery: record.delivery(),
            expires: record.deadline("codeExpiresAt", lifetime),
            resend: record.deadline("resendAt", COOL_DOWN_MS),
            over: false,
        }
    }

    pub(crate) fn show(&self, shown: &mut Object) {
        shown
            .time("codeExpiresAt", self.expires)
            .time("resendAt", self.resend);
        show_delivery(self.delivery.as_ref(), shown);
    }

    pub(crate) fn is_over(&self, now: &Moment) -> bool {
        self.expires.is_over(now)
    }

    /// Whether another code may be asked for, if it is that.
    pub(crate) fn check(&self, event: EventType) -> Result<(), Misuse> {
        match self.resend.shown() {
            Some(at) if event == EventType::ResendCode => Err(Misuse::TooSoon { at }),
            _ => Ok(()),
        }
    }

    /// Opens what time has opened.
    pub(crate) fn pass_cool_down(&mut self, now: &Moment) {
        if self.resend.is_over(now) {
            self.resend = Deadline::NEVER;
        }
    }
}

pub(crate) fn show_delivery(delivery: Option<&Delivery>, shown: &mut Object) {
    match delivery {
        Some(delivery) => delivery.show(shown),
        None => {
            shown.text("delivery", None);
        }
    }
}
