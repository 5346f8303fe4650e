//! Which step accepts which event, and where it can lead. The documents' diagram is made from
//! this table, and a test holds every transition that it sees against it.

use crate::event::EventType;

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
}

use EventType as E;
use StepName::{
    ConfirmSignUp, MfaCode, NewPassword, ResetPassword, SignedIn, SignedOut, VerifyAttribute,
};

impl StepName {
    /// Every step there is.
    pub const ALL: [Self; 7] = [
        SignedOut,
        ConfirmSignUp,
        MfaCode,
        NewPassword,
        VerifyAttribute,
        ResetPassword,
        SignedIn,
    ];

    /// The name in JS.
    pub const fn as_str(self) -> &'static str {
        match self {
            SignedOut => "signedOut",
            ConfirmSignUp => "confirmSignUp",
            MfaCode => "mfaCode",
            NewPassword => "newPassword",
            VerifyAttribute => "verifyAttribute",
            ResetPassword => "resetPassword",
            SignedIn => "signedIn",
        }
    }
}

/// What a sign-in can lead to once the password is proven.
const PROVEN: &[StepName] = &[MfaCode, NewPassword, VerifyAttribute, SignedIn];

/// One row: in this step, this event is accepted and leads to one of these steps (or, refused,
/// stays where it was, with an error).
pub struct Transition {
    /// The step before.
    pub from: StepName,
    /// What the person did.
    pub event: EventType,
    /// The steps it can lead to.
    pub to: &'static [StepName],
    /// The same, shared by several rows.
    pub or: &'static [StepName],
}

const fn row(from: StepName, event: EventType, to: &'static [StepName]) -> Transition {
    Transition {
        from,
        event,
        to,
        or: &[],
    }
}

const fn signing_in(from: StepName, event: EventType, to: &'static [StepName]) -> Transition {
    Transition {
        from,
        event,
        to,
        or: PROVEN,
    }
}

/// Every event that is accepted anywhere.
pub const TRANSITIONS: &[Transition] = &[
    signing_in(
        SignedOut,
        E::SignUp,
        &[SignedOut, ConfirmSignUp, ResetPassword],
    ),
    signing_in(
        SignedOut,
        E::SignIn,
        &[SignedOut, ConfirmSignUp, ResetPassword],
    ),
    row(SignedOut, E::ConfirmSignUp, &[SignedOut, ConfirmSignUp]),
    row(
        SignedOut,
        E::ForgotPassword,
        &[ResetPassword, ConfirmSignUp],
    ),
    signing_in(ConfirmSignUp, E::ConfirmSignUp, &[SignedOut, ResetPassword]),
    // Whom somebody else has confirmed meanwhile is signed in.
    signing_in(
        ConfirmSignUp,
        E::ResendCode,
        &[ConfirmSignUp, SignedOut, ResetPassword],
    ),
    row(ConfirmSignUp, E::Cancel, &[SignedOut]),
    signing_in(MfaCode, E::SubmitCode, &[SignedOut, ResetPassword]),
    signing_in(MfaCode, E::ResendCode, &[SignedOut]),
    row(MfaCode, E::Cancel, &[SignedOut]),
    signing_in(NewPassword, E::SetNewPassword, &[SignedOut, ResetPassword]),
    row(NewPassword, E::Cancel, &[SignedOut]),
    row(
        VerifyAttribute,
        E::SubmitCode,
        &[VerifyAttribute, SignedIn, SignedOut],
    ),
    row(
        VerifyAttribute,
        E::ResendCode,
        &[VerifyAttribute, SignedOut],
    ),
    row(
        VerifyAttribute,
        E::SkipVerification,
        &[VerifyAttribute, SignedIn, SignedOut],
    ),
    row(VerifyAttribute, E::SignOut, &[SignedOut]),
    row(VerifyAttribute, E::Cancel, &[SignedIn, SignedOut]),
    row(ResetPassword, E::ResetPassword, &[SignedOut]),
    row(
        ResetPassword,
        E::ResendCode,
        &[ResetPassword, ConfirmSignUp],
    ),
    row(ResetPassword, E::Cancel, &[SignedOut]),
    row(SignedIn, E::VerifyAttribute, &[VerifyAttribute, SignedOut]),
    row(SignedIn, E::SignOut, &[SignedOut]),
];

/// Whether the step accepts the event at all.
pub(crate) fn accepts(step: StepName, event: EventType) -> bool {
    TRANSITIONS
        .iter()
        .any(|row| row.from == step && row.event == event)
}
