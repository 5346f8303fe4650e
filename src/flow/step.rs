//! The steps: what the person is at, named by what the flow awaits from them.

use crate::{
    flow::table::StepName,
    secret::{Secret, Text},
    snapshot::{Attribute, Delivery, Medium, StepView},
    time::{Deadline, Moment},
};

/// A person waits this long before asking for another code.
const COOL_DOWN_MS: f64 = 30_000.0;
/// Codes of sign-up and of attributes. (Developer guide: 24 hours.)
pub(crate) const CODE_MS: f64 = 24.0 * 3_600_000.0;
/// Codes of a forgotten password. (Developer guide: 1 hour.)
pub(crate) const RESET_CODE_MS: f64 = 3_600_000.0;

#[derive(Debug)]
pub(crate) enum Step {
    SignedOut(SignedOut),
    ConfirmSignUp(ConfirmSignUp),
    MfaCode(MfaCode),
    NewPassword(NewPassword),
    VerifyAttribute(VerifyAttribute),
    ResetPassword(ResetPassword),
    SignedIn,
}

#[derive(Debug)]
pub(crate) struct SignedOut {
    pub(crate) username: Option<Text>,
}

#[derive(Debug)]
pub(crate) struct ConfirmSignUp {
    pub(crate) username: Text,
    pub(crate) sent: Sent,
}

#[derive(Debug)]
pub(crate) struct MfaCode {
    pub(crate) sign_in: SignIn,
    pub(crate) medium: Medium,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) session: Secret,
    pub(crate) expires: Deadline,
}

#[derive(Debug)]
pub(crate) struct NewPassword {
    pub(crate) sign_in: SignIn,
    pub(crate) missing: Vec<Text>,
    pub(crate) session: Secret,
    pub(crate) expires: Deadline,
}

#[derive(Debug)]
pub(crate) struct VerifyAttribute {
    pub(crate) attribute: Attribute,
    pub(crate) remaining: Vec<Attribute>,
    pub(crate) sent: Sent,
    pub(crate) skippable: bool,
}

#[derive(Debug)]
pub(crate) struct ResetPassword {
    pub(crate) username: Text,
    pub(crate) sent: Sent,
}

/// A sign-in under way.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    /// What the person typed.
    pub(crate) username: Text,
    /// What the pool calls the user, once it has said so (`USER_ID_FOR_SRP`).
    pub(crate) user_id: Option<Text>,
    pub(crate) after_sign_up: bool,
    /// An SMS code was given: the pool has marked the phone number verified.
    pub(crate) phone_proven: bool,
    /// Begun behind the scenes: the step before stays until another code is on its way.
    pub(crate) for_another_code: bool,
}

impl SignIn {
    pub(crate) fn new(username: Text, after_sign_up: bool) -> Self {
        Self {
            username,
            user_id: None,
            after_sign_up,
            phone_proven: false,
            for_another_code: false,
        }
    }

    pub(crate) fn user_id(&self) -> &str {
        self.user_id.as_deref().unwrap_or(&self.username)
    }
}

/// A code on its way to the person, as far as is known.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) delivery: Option<Delivery>,
    pub(crate) expires: Option<Deadline>,
    pub(crate) resend: Option<Deadline>,
    /// The code's time is over, and the snapshot has said so.
    pub(crate) over: bool,
}

impl Sent {
    /// Nothing is known of a code; another can be asked for at once.
    pub(crate) fn unknown() -> Self {
        Self {
            delivery: None,
            expires: None,
            resend: None,
            over: false,
        }
    }

    /// The pool says that it sent one, living `lifetime` ms; without details it sent none.
    pub(crate) fn now(delivery: Option<Delivery>, lifetime: f64, now: &Moment) -> Self {
        let expires = delivery.is_some().then(|| Deadline::after(now, lifetime));
        Self {
            delivery,
            expires,
            resend: Some(Deadline::after(now, COOL_DOWN_MS)),
            over: false,
        }
    }

    pub(crate) fn is_over(&self, now: &Moment) -> bool {
        self.expires.is_some_and(|expires| expires.is_over(now))
    }

    fn code_expires_at(&self) -> Option<f64> {
        self.expires.map(|deadline| deadline.wall)
    }

    fn resend_at(&self) -> Option<f64> {
        self.resend.map(|deadline| deadline.wall)
    }
}

impl Step {
    pub(crate) fn signed_out(username: impl Into<Option<Text>>) -> Self {
        Self::SignedOut(SignedOut {
            username: username.into(),
        })
    }

    pub(crate) fn name(&self) -> StepName {
        match self {
            Self::SignedOut(_) => StepName::SignedOut,
            Self::ConfirmSignUp(_) => StepName::ConfirmSignUp,
            Self::MfaCode(_) => StepName::MfaCode,
            Self::NewPassword(_) => StepName::NewPassword,
            Self::VerifyAttribute(_) => StepName::VerifyAttribute,
            Self::ResetPassword(_) => StepName::ResetPassword,
            Self::SignedIn => StepName::SignedIn,
        }
    }

    /// The code that this step waits for, where it is one that was sent by itself.
    pub(crate) fn sent(&self) -> Option<&Sent> {
        match self {
            Self::ConfirmSignUp(step) => Some(&step.sent),
            Self::VerifyAttribute(step) => Some(&step.sent),
            Self::ResetPassword(step) => Some(&step.sent),
            _ => None,
        }
    }

    pub(crate) fn sent_mut(&mut self) -> Option<&mut Sent> {
        match self {
            Self::ConfirmSignUp(step) => Some(&mut step.sent),
            Self::VerifyAttribute(step) => Some(&mut step.sent),
            Self::ResetPassword(step) => Some(&mut step.sent),
            _ => None,
        }
    }

    /// When the session of this challenge is over.
    pub(crate) fn challenge_expires(&self) -> Option<Deadline> {
        match self {
            Self::MfaCode(step) => Some(step.expires),
            Self::NewPassword(step) => Some(step.expires),
            _ => None,
        }
    }

    /// Who this step is about, where the step knows.
    pub(crate) fn username(&self) -> Option<&str> {
        match self {
            Self::SignedOut(step) => step.username.as_deref(),
            Self::ConfirmSignUp(step) => Some(&step.username),
            Self::MfaCode(step) => Some(&step.sign_in.username),
            Self::NewPassword(step) => Some(&step.sign_in.username),
            Self::ResetPassword(step) => Some(&step.username),
            Self::VerifyAttribute(_) | Self::SignedIn => None,
        }
    }

    /// What the page sees of every step but `signedIn`, which is about the user.
    pub(crate) fn view(&self, password_held: bool) -> Option<StepView> {
        Some(match self {
            Self::SignedOut(step) => StepView::SignedOut {
                username: step.username.clone(),
            },
            Self::ConfirmSignUp(step) => StepView::ConfirmSignUp {
                username: step.username.clone(),
                delivery: step.sent.delivery.clone(),
                code_expires_at: step.sent.code_expires_at(),
                resend_at: step.sent.resend_at(),
            },
            Self::MfaCode(step) => StepView::MfaCode {
                username: step.sign_in.username.clone(),
                medium: step.medium,
                delivery: step.delivery.clone(),
                expires_at: Some(step.expires.wall),
                can_resend: step.can_resend(password_held),
            },
            Self::NewPassword(step) => StepView::NewPassword {
                username: step.sign_in.username.clone(),
                missing_attributes: step.missing.clone(),
                expires_at: Some(step.expires.wall),
            },
            Self::VerifyAttribute(step) => StepView::VerifyAttribute {
                attribute: step.attribute,
                remaining: step.remaining.clone(),
                delivery: step.sent.delivery.clone(),
                code_expires_at: step.sent.code_expires_at(),
                resend_at: step.sent.resend_at(),
                skippable: step.skippable,
            },
            Self::ResetPassword(step) => StepView::ResetPassword {
                username: step.username.clone(),
                delivery: step.sent.delivery.clone(),
                code_expires_at: step.sent.code_expires_at(),
                resend_at: step.sent.resend_at(),
            },
            Self::SignedIn => return None,
        })
    }
}

impl MfaCode {
    /// Another code comes by signing in again, for which the password must still be held.
    pub(crate) fn can_resend(&self, password_held: bool) -> bool {
        password_held && self.medium != Medium::Totp
    }
}
