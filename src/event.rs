//! What the page can ask.

use crate::{
    error::FlowError,
    fields::{Pairs, Reader},
    secret::{Secret, Text},
    snapshot::Attribute,
};

/// One thing that the person did, with what was typed.
#[derive(Debug)]
pub enum Event {
    /// Make a new user.
    SignUp {
        /// The user name, or what the pool takes for one.
        username: Text,
        /// The new password.
        password: Secret,
        /// The user's attributes, by Cognito's names (`email`, `phone_number`, `custom:…`).
        attributes: Pairs,
    },
    /// Confirm a sign-up.
    ConfirmSignUp {
        /// The code that was sent.
        code: Secret,
        /// Who, when coming back later from `signedOut`.
        username: Option<Text>,
    },
    /// Send another code.
    ResendCode,
    /// Sign in.
    SignIn {
        /// The user name or an alias.
        username: Text,
        /// The password.
        password: Secret,
    },
    /// The code that the step asks for.
    SubmitCode {
        /// As typed; blanks are taken out.
        code: Secret,
    },
    /// The first own password of a user whom an administrator made.
    SetNewPassword {
        /// The new password.
        password: Secret,
        /// The attributes that the pool still wants.
        attributes: Pairs,
    },
    /// Verify an attribute now.
    VerifyAttribute {
        /// Which.
        attribute: Attribute,
    },
    /// Put the verification of this attribute off.
    SkipVerification,
    /// Ask for a code to set a forgotten password anew.
    ForgotPassword {
        /// Who.
        username: Text,
    },
    /// Set a forgotten password anew.
    ResetPassword {
        /// The code that was sent.
        code: Secret,
        /// The new password.
        password: Secret,
    },
    /// Sign out.
    SignOut {
        /// On all devices.
        everywhere: bool,
    },
    /// Leave this step.
    Cancel,
}

/// The name of an [`Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// `signUp`
    SignUp,
    /// `confirmSignUp`
    ConfirmSignUp,
    /// `resendCode`
    ResendCode,
    /// `signIn`
    SignIn,
    /// `submitCode`
    SubmitCode,
    /// `setNewPassword`
    SetNewPassword,
    /// `verifyAttribute`
    VerifyAttribute,
    /// `skipVerification`
    SkipVerification,
    /// `forgotPassword`
    ForgotPassword,
    /// `resetPassword`
    ResetPassword,
    /// `signOut`
    SignOut,
    /// `cancel`
    Cancel,
}

impl EventType {
    /// Every event there is.
    pub const ALL: [Self; 12] = [
        Self::SignUp,
        Self::ConfirmSignUp,
        Self::ResendCode,
        Self::SignIn,
        Self::SubmitCode,
        Self::SetNewPassword,
        Self::VerifyAttribute,
        Self::SkipVerification,
        Self::ForgotPassword,
        Self::ResetPassword,
        Self::SignOut,
        Self::Cancel,
    ];

    /// The name in JS.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "signUp",
            Self::ConfirmSignUp => "confirmSignUp",
            Self::ResendCode => "resendCode",
            Self::SignIn => "signIn",
            Self::SubmitCode => "submitCode",
            Self::SetNewPassword => "setNewPassword",
            Self::VerifyAttribute => "verifyAttribute",
            Self::SkipVerification => "skipVerification",
            Self::ForgotPassword => "forgotPassword",
            Self::ResetPassword => "resetPassword",
            Self::SignOut => "signOut",
            Self::Cancel => "cancel",
        }
    }

    /// The event of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

impl Event {
    /// Reads the JSON of `{ type, … }`. Members that the event does not have are ignored.
    ///
    /// # Errors
    /// `malformed`, naming the first member that is missing or of the wrong type.
    pub fn read(json: &str) -> Result<Self, FlowError> {
        let mut reader = Reader::of(json);
        let Some(kind) = (reader.fields().string("type")).and_then(|name| EventType::parse(&name))
        else {
            return Err(FlowError::malformed(
                "an event",
                "type",
                "the name of an event",
            ));
        };
        let event = match kind {
            EventType::SignUp => Self::SignUp {
                username: reader.text("username"),
                password: reader.secret("password"),
                attributes: reader.pairs("attributes"),
            },
            EventType::ConfirmSignUp => Self::ConfirmSignUp {
                code: code(&mut reader),
                username: reader.optional_text("username"),
            },
            EventType::ResendCode => Self::ResendCode,
            EventType::SignIn => Self::SignIn {
                username: reader.text("username"),
                password: reader.secret("password"),
            },
            EventType::SubmitCode => Self::SubmitCode {
                code: code(&mut reader),
            },
            EventType::SetNewPassword => Self::SetNewPassword {
                password: reader.secret("password"),
                attributes: reader.pairs("attributes"),
            },
            EventType::VerifyAttribute => Self::VerifyAttribute {
                attribute: reader.attribute("attribute"),
            },
            EventType::SkipVerification => Self::SkipVerification,
            EventType::ForgotPassword => Self::ForgotPassword {
                username: reader.text("username"),
            },
            EventType::ResetPassword => Self::ResetPassword {
                code: code(&mut reader),
                password: reader.secret("password"),
            },
            EventType::SignOut => Self::SignOut {
                everywhere: reader.flag("everywhere", false),
            },
            EventType::Cancel => Self::Cancel,
        };
        reader.finish(kind.as_str(), event)
    }

    /// The event's name.
    pub fn kind(&self) -> EventType {
        match self {
            Self::SignUp { .. } => EventType::SignUp,
            Self::ConfirmSignUp { .. } => EventType::ConfirmSignUp,
            Self::ResendCode => EventType::ResendCode,
            Self::SignIn { .. } => EventType::SignIn,
            Self::SubmitCode { .. } => EventType::SubmitCode,
            Self::SetNewPassword { .. } => EventType::SetNewPassword,
            Self::VerifyAttribute { .. } => EventType::VerifyAttribute,
            Self::SkipVerification => EventType::SkipVerification,
            Self::ForgotPassword { .. } => EventType::ForgotPassword,
            Self::ResetPassword { .. } => EventType::ResetPassword,
            Self::SignOut { .. } => EventType::SignOut,
            Self::Cancel => EventType::Cancel,
        }
    }
}

/// People paste codes with blanks in them ("123 456").
fn code(reader: &mut Reader<'_>) -> Secret {
    let mut bare = String::new();
    for c in reader.text("code").chars() {
        let is_blank = matches!(
            c,
            '\0'..=' ' | '\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{202f}' | '\u{3000}' | '\u{feff}'
        );
        if !is_blank {
            bare.push(c);
        }
    }
    Secret::new(bare)
}
