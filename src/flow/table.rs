//! Which step accepts which event, and where it can lead: joins what stands beside each step, for
//! the documents, the tests and `accepts`. A test holds every transition that it sees against it.

use crate::{
    event::EventType,
    flow::{challenge, steps},
};

/// The name of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// `signedOut`
    SignedOut,
    /// `confirmSignUp`
    ConfirmSignUp,
    /// `mfaCode`
    MfaCode,
    /// `newPassword`
    NewPassword,
    /// `verifyAttribute`
    VerifyAttribute,
    /// `resetPassword`
    ResetPassword,
    /// `signedIn`
    SignedIn,
    /// `selectFactor`
    SelectFactor,
    /// `password`
    Password,
    /// `signInCode`
    SignInCode,
    /// `customChallenge`
    CustomChallenge,
    /// `setUpTotp`
    SetUpTotp,
    /// `setUpEmail`
    SetUpEmail,
    /// `passkey`
    Passkey,
}

impl StepName {
    /// Every step there is.
    pub const ALL: [Self; 14] = [
        Self::SignedOut,
        Self::ConfirmSignUp,
        Self::MfaCode,
        Self::NewPassword,
        Self::VerifyAttribute,
        Self::ResetPassword,
        Self::SignedIn,
        Self::SelectFactor,
        Self::Password,
        Self::SignInCode,
        Self::CustomChallenge,
        Self::SetUpTotp,
        Self::SetUpEmail,
        Self::Passkey,
    ];

    /// The name in JS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signedOut",
            Self::ConfirmSignUp => "confirmSignUp",
            Self::MfaCode => "mfaCode",
            Self::NewPassword => "newPassword",
            Self::VerifyAttribute => "verifyAttribute",
            Self::ResetPassword => "resetPassword",
            Self::SignedIn => "signedIn",
            Self::SelectFactor => "selectFactor",
            Self::Password => "password",
            Self::SignInCode => "signInCode",
            Self::CustomChallenge => "customChallenge",
            Self::SetUpTotp => "setUpTotp",
            Self::SetUpEmail => "setUpEmail",
            Self::Passkey => "passkey",
        }
    }

    /// The step of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == name)
    }

    /// The events that the step accepts.
    fn rows(self) -> &'static [Row] {
        match self {
            Self::SignedOut => steps::signed_out::ROWS,
            Self::ConfirmSignUp => steps::confirm_sign_up::ROWS,
            Self::MfaCode => challenge::code::ROWS,
            Self::NewPassword => challenge::new_password::ROWS,
            Self::VerifyAttribute => steps::verify_attribute::ROWS,
            Self::ResetPassword => steps::reset_password::ROWS,
            Self::SignedIn => steps::signed_in::ROWS,
            Self::SelectFactor => challenge::select_factor::ROWS,
            Self::Password => challenge::password::ROWS,
            Self::SignInCode => challenge::code::SIGN_IN_ROWS,
            Self::CustomChallenge => challenge::custom::ROWS,
            Self::SetUpTotp => challenge::enrol::TOTP_ROWS,
            Self::SetUpEmail => challenge::enrol::EMAIL_ROWS,
            Self::Passkey => challenge::passkey::ROWS,
        }
    }

    /// Whether the step accepts the event at all.
    pub(crate) fn accepts(self, event: EventType) -> bool {
        self.rows().iter().any(|row| row.event == event)
    }
}

/// One event that a step accepts.
pub(crate) struct Row {
    event: EventType,
    /// Where it leads. (The documents and the tests look at it; the module does not carry it.)
    #[cfg(not(target_arch = "wasm32"))]
    to: &'static [StepName],
}

/// This event is accepted, and leads to one of these steps (or, refused, stays, with an error).
pub(crate) const fn row(event: EventType, to: &'static [StepName]) -> Row {
    #[cfg(target_arch = "wasm32")]
    let _ = to;
    Row {
        event,
        #[cfg(not(target_arch = "wasm32"))]
        to,
    }
}

/// In this step, this event is accepted and leads to one of these steps (or, refused, stays where
/// it was, with an error).
#[cfg(not(target_arch = "wasm32"))]
pub struct Transition {
    /// The step before.
    pub from: StepName,
    /// What the person did.
    pub event: EventType,
    /// The steps it can lead to.
    pub to: &'static [StepName],
}

/// Every event that is accepted anywhere.
#[cfg(not(target_arch = "wasm32"))]
pub fn transitions() -> impl Iterator<Item = Transition> {
    StepName::ALL.into_iter().flat_map(|from| {
        from.rows().iter().map(move |row| Transition {
            from,
            event: row.event,
            to: row.to,
        })
    })
}
