//! The steps: what the person is at, named by what the flow awaits from them.

use crate::{
    flow::table::StepName,
    secret::{Secret, Text},
    snapshot::{Attribute, Attributes, Delivery, Medium},
    time::{Deadline, Moment},
    value::{Members, Value},
};

/// A person waits this long before asking for another code.
const COOL_DOWN_MS: f64 = 30_000.0;
/// Codes of sign-up and of attributes. (Developer guide: 24 hours.)
pub(crate) const CODE_MS: f64 = 24.0 * 3_600_000.0;
/// Codes of a forgotten password. (Developer guide: 1 hour.)
pub(crate) const RESET_CODE_MS: f64 = 3_600_000.0;

/// Boxed where they are large, so that a step is handed on as two words.
#[derive(Debug)]
pub(crate) enum Step {
    SignedOut(SignedOut),
    ConfirmSignUp(Box<ConfirmSignUp>),
    MfaCode(Box<MfaCode>),
    NewPassword(Box<NewPassword>),
    VerifyAttribute(Box<VerifyAttribute>),
    ResetPassword(Box<ResetPassword>),
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
    pub(crate) challenge: Challenge,
    pub(crate) medium: Medium,
    pub(crate) delivery: Option<Delivery>,
}

#[derive(Debug)]
pub(crate) struct NewPassword {
    pub(crate) challenge: Challenge,
    pub(crate) missing: Vec<Text>,
}

/// What the pool waits for an answer to, in the middle of a sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) sign_in: SignIn,
    pub(crate) session: Secret,
    pub(crate) expires: Deadline,
}

#[derive(Debug)]
pub(crate) struct VerifyAttribute {
    pub(crate) attribute: Attribute,
    pub(crate) remaining: Attributes,
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
        self.user_id.as_ref().unwrap_or(&self.username)
    }
}

/// A code on its way to the person, as far as is known.
#[derive(Debug)]
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

    pub(crate) fn is_over(&self, now: &Moment) -> bool {
        self.expires.is_over(now)
    }

    /// Opens what time has opened.
    pub(crate) fn pass_cool_down(&mut self, now: &Moment) {
        if self.resend.is_over(now) {
            self.resend = Deadline::NEVER;
        }
    }
}

impl Step {
    pub(crate) fn signed_out(username: impl Into<Option<Text>>) -> Self {
        Self::SignedOut(SignedOut {
            username: username.into(),
        })
    }

    pub(crate) fn confirm_sign_up(username: Text, sent: Sent) -> Self {
        Self::ConfirmSignUp(Box::new(ConfirmSignUp { username, sent }))
    }

    pub(crate) fn reset_password(username: Text, sent: Sent) -> Self {
        Self::ResetPassword(Box::new(ResetPassword { username, sent }))
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

    pub(crate) fn challenge(&self) -> Option<&Challenge> {
        match self {
            Self::MfaCode(step) => Some(&step.challenge),
            Self::NewPassword(step) => Some(&step.challenge),
            _ => None,
        }
    }

    /// When the session of this challenge is over.
    pub(crate) fn challenge_expires(&self) -> Deadline {
        self.challenge()
            .map_or(Deadline::NEVER, |challenge| challenge.expires)
    }

    /// Who this step is about, where the step knows.
    pub(crate) fn username(&self) -> Option<&Text> {
        match self {
            Self::SignedOut(step) => step.username.as_ref(),
            Self::ConfirmSignUp(step) => Some(&step.username),
            Self::MfaCode(step) => Some(&step.challenge.sign_in.username),
            Self::NewPassword(step) => Some(&step.challenge.sign_in.username),
            Self::ResetPassword(step) => Some(&step.username),
            Self::VerifyAttribute(_) | Self::SignedIn => None,
        }
    }

    /// What the page sees of it; of `signedIn`, which is about the user, only the name.
    pub(crate) fn show(&self, password_held: bool, shown: &mut Members) {
        shown.name("step", Some(self.name().as_str()));
        if !matches!(self, Self::VerifyAttribute(_) | Self::SignedIn) {
            shown.text("username", self.username());
        }
        if let Some(sent) = self.sent() {
            shown
                .add("delivery", delivery(sent.delivery.as_ref()))
                .time("codeExpiresAt", sent.expires)
                .time("resendAt", sent.resend);
        }
        if let Some(challenge) = self.challenge() {
            shown.time("expiresAt", challenge.expires);
        }
        match self {
            Self::MfaCode(step) => {
                let can_resend = Value::Boolean(step.can_resend(password_held));
                shown
                    .name("medium", Some(step.medium.as_str()))
                    .add("delivery", delivery(step.delivery.as_ref()))
                    .add("canResend", can_resend);
            }
            Self::NewPassword(step) => {
                shown.add("missingAttributes", Value::texts(&step.missing));
            }
            Self::VerifyAttribute(step) => {
                shown
                    .name("attribute", Some(step.attribute.as_str()))
                    .add("remaining", step.remaining.value())
                    .add("skippable", Value::Boolean(step.skippable));
            }
            _ => {}
        }
    }
}

fn delivery(delivery: Option<&Delivery>) -> Value {
    delivery.map_or(Value::Null, Delivery::value)
}

impl MfaCode {
    /// Another code comes by signing in again, for which the password must still be held.
    pub(crate) fn can_resend(&self, password_held: bool) -> bool {
        password_held && self.medium != Medium::Totp
    }
}
