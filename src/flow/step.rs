//! The steps: what the person is at. Each has a file of its own, which says what it holds, which
//! events it accepts and what they do, what it shows, and what of it is kept over a reload.

use crate::{
    error::Misuse,
    event::{Event, EventType},
    fields::Fields,
    flow::{
        challenge::Challenge,
        next::{Cx, Known, Next},
        record::Restoring,
        steps::{ConfirmSignUp, ResetPassword, Sent, SignedIn, SignedOut, VerifyAttribute},
        table::StepName,
    },
    json::Object,
    secret::{Secret, Text},
    snapshot::Choice,
    time::Deadline,
};

/// Boxed where they are large, so that a step is handed on as two words.
pub(crate) enum Step {
    SignedOut(SignedOut),
    ConfirmSignUp(Box<ConfirmSignUp>),
    Challenge(Box<Challenge>),
    VerifyAttribute(Box<VerifyAttribute>),
    ResetPassword(Box<ResetPassword>),
    SignedIn(SignedIn),
}

impl Step {
    pub(crate) fn signed_out(username: impl Into<Option<Text>>) -> Self {
        let username = username.into();
        Self::SignedOut(SignedOut { username })
    }

    pub(crate) fn confirm_sign_up(username: Text, sent: Sent) -> Self {
        Self::ConfirmSignUp(Box::new(ConfirmSignUp {
            username,
            sent,
            session: None,
        }))
    }

    /// The same, where nothing is known of a code.
    pub(crate) fn confirm_unsent(username: Text) -> Self {
        Self::confirm_sign_up(username, Sent::unknown())
    }

    /// Where nothing is known of a code that sets the password anew.
    pub(crate) fn reset_unsent(username: Text) -> Self {
        Self::reset_password(username, Sent::unknown())
    }

    pub(crate) fn reset_password(username: Text, sent: Sent) -> Self {
        Self::ResetPassword(Box::new(ResetPassword { username, sent }))
    }

    pub(crate) fn name(&self) -> StepName {
        match self {
            Self::SignedOut(_) => StepName::SignedOut,
            Self::ConfirmSignUp(_) => StepName::ConfirmSignUp,
            Self::Challenge(step) => step.name(),
            Self::VerifyAttribute(_) => StepName::VerifyAttribute,
            Self::ResetPassword(_) => StepName::ResetPassword,
            Self::SignedIn(_) => StepName::SignedIn,
        }
    }

    /// Does what the person asks for. The table has been asked whether this step accepts it.
    pub(crate) fn on(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        match self {
            Self::SignedIn(step) => step.on(event, cx),
            step => step.on_way(event, cx),
        }
    }

    /// The same in the steps on the way there.
    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn on_way(&mut self, event: Event, cx: &mut Cx<'_>) -> Next {
        match self {
            Self::SignedOut(step) => step.on(event, cx),
            Self::ConfirmSignUp(step) => step.on(event, cx),
            Self::Challenge(step) => step.on(event, cx),
            Self::VerifyAttribute(step) => step.on(event, cx),
            Self::ResetPassword(step) => step.on(event, cx),
            Self::SignedIn(step) => step.on(event, cx),
        }
    }

    /// Whether an event that the step accepts is possible just now.
    pub(crate) fn check(&self, event: EventType, known: &Known) -> Result<(), Misuse> {
        match self {
            Self::ConfirmSignUp(step) => step.sent.check(event),
            Self::Challenge(step) => step.check(event, known),
            Self::VerifyAttribute(step) => step.check(event),
            Self::ResetPassword(step) => step.sent.check(event),
            Self::SignedOut(_) | Self::SignedIn(_) => Ok(()),
        }
    }

    /// The browser has given a passkey for it.
    pub(crate) fn give_passkey(&mut self, credential: &Secret) -> Next {
        match self {
            Self::Challenge(step) => step.give_passkey(credential),
            Self::SignedOut(_)
            | Self::ConfirmSignUp(_)
            | Self::VerifyAttribute(_)
            | Self::ResetPassword(_)
            | Self::SignedIn(_) => Next::Stay(None),
        }
    }

    /// Whose passkey this step asks for, where it asks for one and that can be read.
    pub(crate) fn relying_party(&self) -> Option<Text> {
        match self {
            Self::Challenge(step) => {
                let options = step.passkey_options()?;
                Fields::new(options.secret())?.string("rpId")
            }
            Self::SignedOut(_)
            | Self::ConfirmSignUp(_)
            | Self::VerifyAttribute(_)
            | Self::ResetPassword(_)
            | Self::SignedIn(_) => None,
        }
    }

    /// Whether this step lets the person choose this.
    pub(crate) fn offers(&self, choice: Choice) -> bool {
        match self {
            Self::Challenge(step) => step.offers(Some(choice)),
            Self::SignedOut(_)
            | Self::ConfirmSignUp(_)
            | Self::VerifyAttribute(_)
            | Self::ResetPassword(_)
            | Self::SignedIn(_) => false,
        }
    }

    /// The code that this step waits for, where it is one that was sent by itself.
    pub(crate) fn sent(&self) -> Option<&Sent> {
        match self {
            Self::ConfirmSignUp(step) => Some(&step.sent),
            Self::VerifyAttribute(step) => Some(&step.sent),
            Self::ResetPassword(step) => Some(&step.sent),
            Self::Challenge(step) => step.sent(),
            Self::SignedOut(_) | Self::SignedIn(_) => None,
        }
    }

    pub(crate) fn sent_mut(&mut self) -> Option<&mut Sent> {
        match self {
            Self::ConfirmSignUp(step) => Some(&mut step.sent),
            Self::VerifyAttribute(step) => Some(&mut step.sent),
            Self::ResetPassword(step) => Some(&mut step.sent),
            Self::Challenge(step) => step.sent_mut(),
            Self::SignedOut(_) | Self::SignedIn(_) => None,
        }
    }

    /// When the session of this challenge is over.
    pub(crate) fn challenge_expires(&self) -> Deadline {
        match self {
            Self::Challenge(step) => step.expires,
            Self::SignedOut(_)
            | Self::ConfirmSignUp(_)
            | Self::VerifyAttribute(_)
            | Self::ResetPassword(_)
            | Self::SignedIn(_) => Deadline::NEVER,
        }
    }

    /// Who this step is about, where the step knows.
    pub(crate) fn username(&self) -> Option<&Text> {
        match self {
            Self::SignedOut(step) => step.username.as_ref(),
            Self::ConfirmSignUp(step) => Some(&step.username),
            Self::Challenge(step) => Some(&step.sign_in.username),
            Self::ResetPassword(step) => Some(&step.username),
            Self::VerifyAttribute(_) | Self::SignedIn(_) => None,
        }
    }

    /// What the page sees of it.
    pub(crate) fn show(&self, known: &Known, shown: &mut Object) {
        shown.string("step", self.name().as_str());
        match self {
            Self::SignedOut(step) => step.show(shown),
            Self::ConfirmSignUp(step) => step.show(shown),
            Self::Challenge(step) => step.show(known, shown),
            Self::VerifyAttribute(step) => step.show(shown),
            Self::ResetPassword(step) => step.show(shown),
            Self::SignedIn(_) => {
                if let Some(session) = &known.session {
                    session.show(shown);
                }
            }
        }
    }

    /// Adds to what is shown what else must outlive a reload; says whether the step must.
    pub(crate) fn keep(&self, known: &Known, record: &mut Object) -> bool {
        match self {
            Self::ConfirmSignUp(step) => step.keep(record),
            Self::ResetPassword(_) => {}
            Self::Challenge(step) => step.keep(record),
            Self::VerifyAttribute(step) => step.keep(known, record),
            Self::SignedOut(_) | Self::SignedIn(_) => return false,
        }
        true
    }

    /// The step that was kept. The reader of the record says whether it is whole.
    pub(crate) fn restore(name: StepName, record: &mut Restoring<'_>) -> Option<Self> {
        Some(match name {
            StepName::ConfirmSignUp => {
                Self::ConfirmSignUp(Box::new(ConfirmSignUp::restore(record)))
            }
            StepName::ResetPassword => {
                Self::ResetPassword(Box::new(ResetPassword::restore(record)))
            }
            StepName::VerifyAttribute => {
                Self::VerifyAttribute(Box::new(VerifyAttribute::restore(record)?))
            }
            StepName::MfaCode
            | StepName::CustomChallenge
            | StepName::SetUpTotp
            | StepName::SetUpEmail
            | StepName::NewPassword
            | StepName::SelectFactor
            | StepName::Password
            | StepName::Passkey
            | StepName::SignInCode => Self::Challenge(Challenge::restore(name, record)?),
            StepName::SignedOut | StepName::SignedIn => return None,
        })
    }
}
