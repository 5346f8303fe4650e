//! One public error with stable codes.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::{json::Object, secret::Text, text};

/// What went wrong, as a stable name that code may compare. The text beside it may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// Wrong user name or password; the two are not told apart.
    WrongCredentials,
    /// The code is wrong. Try again.
    CodeMismatch,
    /// The code's time is over. Ask for another.
    CodeExpired,
    /// The time of the sign-in's session (3 minutes) is over. Sign in again.
    ChallengeExpired,
    /// The pool will not take this session (of a challenge, or the tokens) again. Sign in again.
    ChallengeSpent,
    /// The user name is taken.
    UserExists,
    /// The sign-up is not confirmed yet.
    UserNotConfirmed,
    /// The password must be reset before it can be used.
    PasswordResetRequired,
    /// An administrator disabled the user.
    UserDisabled,
    /// The pool's password policy refused the password.
    InvalidPassword,
    /// The pool refused a value.
    InvalidParameter,
    /// Another user has confirmed this email address or phone number.
    AliasExists,
    /// No verified email address or phone number to send a recovery code to.
    NoVerifiedContact,
    /// The message could not be sent.
    DeliveryFailed,
    /// The pool has no permission to send SMS.
    SmsNotConfigured,
    /// Too many requests. Wait.
    Throttled,
    /// Too many tries. Wait.
    AttemptLimit,
    /// The pool refused, in words of its own, which are the message: a temporary password that is
    /// too old, a sign-in blocked for its risk, a client that has a secret, a missing scope.
    Refused,
    /// A firewall stands before the pool and wants a proof that somebody is human.
    Blocked,
    /// The person or the browser did not give a passkey.
    PasskeyFailed,
    /// This browser has no passkeys, or not for this site.
    PasskeyUnsupported,
    /// The pool or the identity provider sent the person back with an error, or with an answer that
    /// is not for them.
    RedirectFailed,
    /// Nothing was sent, or the network failed on a call that is harmless.
    Offline,
    /// No answer came.
    Timeout,
    /// The answer to a call that must not be repeated was lost.
    OutcomeUnknown,
    /// The server's fault: 5xx, or an answer that no honest pool gives.
    Server,
    /// This browser lacks what the module needs: randomness.
    Unsupported,
    /// Misuse: the step does not accept this event, or there are no tokens.
    NotAccepted,
    /// Misuse: an earlier event is still being worked on.
    Busy,
    /// Misuse: a member is missing or of the wrong type.
    Malformed,
    /// Misuse: the flow was disposed.
    Disposed,
}

impl Code {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        text::before(self.text(), b" ")
    }

    /// What it says, in English.
    fn message(self) -> &'static str {
        text::after(self.text(), " ").unwrap_or_default()
    }

    /// Name and message.
    fn text(self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrongCredentials Wrong user name or password.",
            Self::CodeMismatch => "codeMismatch This code is wrong. Try again.",
            Self::CodeExpired => "codeExpired This code is no longer valid. Ask for another.",
            Self::ChallengeExpired => {
                "challengeExpired The time to finish signing in is over. Sign in again."
            }
            Self::ChallengeSpent => "challengeSpent This session has ended. Sign in again.",
            Self::UserExists => "userExists This user name is taken.",
            Self::UserNotConfirmed => "userNotConfirmed The sign-up is not confirmed yet.",
            Self::PasswordResetRequired => {
                "passwordResetRequired The password must be reset first."
            }
            Self::UserDisabled => "userDisabled This user is disabled. Ask an administrator.",
            Self::InvalidPassword => "invalidPassword The pool refused this password.",
            Self::InvalidParameter => "invalidParameter The pool refused a value.",
            Self::AliasExists => "aliasExists Another user has this email address or phone number.",
            Self::NoVerifiedContact => {
                "noVerifiedContact There is no verified email address or phone number. Ask an administrator."
            }
            Self::DeliveryFailed => "deliveryFailed The message could not be sent.",
            Self::SmsNotConfigured => {
                "smsNotConfigured The pool may not send SMS. Ask an administrator."
            }
            Self::Throttled => "throttled Too many requests. Wait a moment.",
            Self::AttemptLimit => "attemptLimit Too many tries. Try again later.",
            Self::Refused => "refused The user pool refused this.",
            Self::Blocked => "blocked A firewall before the user pool stopped this request.",
            Self::PasskeyFailed => "passkeyFailed No passkey was given. Try again.",
            Self::PasskeyUnsupported => "passkeyUnsupported This browser cannot use passkeys here.",
            Self::RedirectFailed => {
                "redirectFailed Signing in on the other page did not work. Try again."
            }
            Self::Offline => "offline The user pool cannot be reached.",
            Self::Timeout => "timeout The user pool did not answer in time.",
            Self::OutcomeUnknown => {
                "outcomeUnknown The answer was lost, so it is not known whether this was done."
            }
            Self::Server => "server The user pool gave an answer that cannot be used.",
            Self::Unsupported => "unsupported This browser lacks what cognito-flow needs.",
            Self::NotAccepted => "notAccepted This is not possible in the present step.",
            Self::Busy => "busy An earlier event is still being worked on.",
            Self::Malformed => "malformed A member is missing or of the wrong type.",
            Self::Disposed => "disposed The flow was disposed.",
        }
    }
}

/// An error as a snapshot shows it and as misuse returns it: see [`Details`]. It never holds a
/// secret. (One word wide, for it is handed on through most of the machine.)
#[derive(Clone, Debug, PartialEq)]
pub struct FlowError(Box<Details>);

/// The members of a [`FlowError`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Details {
    /// What went wrong.
    pub code: Code,
    /// The pool's own words where it refused a value, or what a malformed member should be: in
    /// place of the code's text.
    pub message: Option<Text>,
    /// The exception's name on the wire, where the pool sent one.
    pub server: Option<Text>,
    /// When it may be tried again, in ms since the epoch, where that can be known.
    pub retry_at: Option<f64>,
    /// The attribute that the pool refused, where that can be known.
    pub attribute: Option<Text>,
}

impl FlowError {
    pub(crate) fn saying(code: Code, message: String) -> Self {
        let mut error = Self::from(code);
        error.message = Some(message.into());
        error
    }

    /// A member that is missing or of the wrong type, named.
    pub(crate) fn malformed(owner: &str, member: &str, expected: &str) -> Self {
        let parts = ["`", member, "` of ", owner, " must be ", expected, "."];
        Self::saying(Code::Malformed, text::concat(&parts))
    }

    /// What went wrong, in English, for developers.
    pub fn message(&self) -> &str {
        match &self.message {
            Some(message) => message,
            None => self.code.message(),
        }
    }

    /// As JS has it, in JSON: what is not known is no member.
    pub fn json(&self) -> Text {
        let mut data = Object::new();
        data.string("code", self.code.as_str())
            .string("message", self.message())
            .optional("server", self.server.as_deref())
            .optional("attribute", self.attribute.as_deref());
        if let Some(retry_at) = self.retry_at {
            data.millis("retryAt", retry_at);
        }
        data.json()
    }
}

/// What the caller must not do. It changes nothing.
pub(crate) enum Misuse {
    /// The step does not accept this event.
    NotAccepted,
    /// Not before this time, in ms since the epoch.
    TooSoon { at: f64 },
    /// An earlier event is still being worked on.
    Busy,
}

impl Misuse {
    /// `wall` is the time now, so that it can be said how long to wait.
    pub(crate) fn at(self, wall: f64) -> FlowError {
        match self {
            Self::NotAccepted => Code::NotAccepted.into(),
            Self::Busy => Code::Busy.into(),
            Self::TooSoon { at } => {
                let seconds = text::digits(((at - wall) / 1000.0).ceil());
                let parts = ["Another code can be asked for in ", &seconds, " s."];
                let mut error = FlowError::saying(Code::NotAccepted, text::concat(&parts));
                error.retry_at = Some(at);
                error
            }
        }
    }
}

impl From<Code> for FlowError {
    fn from(code: Code) -> Self {
        Self(Box::new(Details {
            code,
            message: None,
            server: None,
            retry_at: None,
            attribute: None,
        }))
    }
}

impl Deref for FlowError {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for FlowError {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for FlowError {}
