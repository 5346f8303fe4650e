//! Challenges that wait for their answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Code, Factor};
use crate::srp::Exchange;

/// A challenge to a passkey, beside the session that it goes out with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PasskeyChallenge {
    pub(crate) challenge: String,
    pub(crate) expires: u64,
}

/// A challenge that waits for its answer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) client_id: String,
    /// The key of the user; of a made-up one when existence errors are prevented.
    pub(crate) user: String,
    pub(crate) expires: u64,
    pub(crate) tries: u32,
    pub(crate) used: bool,
    pub(crate) device_key: Option<String>,
    pub(crate) expects: Expects,
}

/// What a challenge waits for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Expects {
    /// The proof of SRP. The session string doubles as SECRET_BLOCK.
    Proof(Exchange),
    /// The same, with custom challenges to follow.
    CustomProof(Exchange),
    /// The same, for a password that the person chose among the first factors.
    ChosenProof {
        exchange: Exchange,
        /// Comes back with the proof, beside the SECRET_BLOCK.
        session: String,
        /// The choice that led here, which a wrong password leaves open.
        choice: Option<String>,
    },
    /// A code that was sent: SMS_MFA, EMAIL_OTP and SMS_OTP.
    SentCode {
        challenge: String,
        code: Code,
    },
    SoftwareToken,
    SelectMfaType(Vec<Factor>),
    /// `secret` once AssociateSoftwareToken was called, after VerifySoftwareToken the time step of
    /// the code as well.
    MfaSetup {
        secret: Option<String>,
        used_step: Option<u64>,
    },
    /// A code sent to an address that becomes the user's email, and second factor, with it.
    EmailSetUp(Code),
    NewPassword,
    /// What SignUp gives to ConfirmSignUp.
    SignUp,
    /// What ConfirmSignUp gives to the first sign-in, in place of a first factor.
    Confirmed,
    SelectChallenge,
    /// The same for who has a passkey, which may be shown at once.
    SelectOrPasskey(PasskeyChallenge),
    Passkey(PasskeyChallenge),
    /// The credential of a user who registers a passkey.
    Registration,
    Password,
    /// What CreateAuthChallenge keeps to itself, and the challenges so far.
    Custom {
        private: Value,
        history: Vec<Value>,
    },
    DeviceSrp,
    DeviceProof(Exchange),
}
