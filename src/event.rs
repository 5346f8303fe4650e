//! What the page can ask.

use crate::{
    error::FlowError,
    fields::{Pairs, Reader},
    json::Object,
    secret::{Secret, Text},
    snapshot::{Attribute, Choice},
    text,
};

/// One thing that the person did, with what was typed.
#[derive(Debug)]
pub enum Event {
    /// Make a new user.
    SignUp {
        /// The user name, or what the pool takes for one.
        username: Text,
        /// The new password; none where the pool takes users without.
        password: Option<Secret>,
        /// The user's attributes, by Cognito's names (`email`, `phone_number`, `custom:…`).
        attributes: Pairs,
        /// For the pool's PreSignUp trigger alone, as the answer to a captcha.
        validation_data: Pairs,
    },
    /// Confirm a sign-up.
    ConfirmSignUp {
        /// The code that was sent.
        code: TypedCode,
        /// Who, when coming back later from `signedOut`.
        username: Option<Text>,
    },
    /// Send another code.
    ResendCode,
    /// Sign in.
    SignIn {
        /// The user name or an alias.
        username: Text,
        /// The password; none where the sign-in begins with something else.
        password: Option<Secret>,
        /// With what to begin, where the person has a choice.
        preferred: Option<Choice>,
        /// A passkey is offered in the field for the name; the form stays usable.
        autofill: bool,
        /// Whether the session is kept where the app keeps sessions, or in this tab alone.
        remember: bool,
    },
    /// The code that the step asks for.
    SubmitCode {
        /// As typed.
        code: TypedCode,
        /// What the pool is to call the authenticator that is being set up.
        device_name: Option<Text>,
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
        code: TypedCode,
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
    /// Go on with one of several factors, or with another one.
    SelectFactor {
        /// Which.
        choice: Choice,
        /// The password, where it is that and was typed already.
        password: Option<Secret>,
    },
    /// The password, where the pool asks for it.
    SubmitPassword {
        /// As typed.
        password: Secret,
    },
    /// Ask the browser for a passkey again.
    UsePasskey,
    /// The answer to a challenge of the pool's own.
    AnswerChallenge {
        /// As typed.
        answer: Secret,
    },
    /// The address that codes of the second factor are sent to.
    SetUpEmail {
        /// An email address.
        email: Text,
    },
    /// Leave the page for the pool's own, or for that of an identity provider, and come back.
    SignInWithRedirect {
        /// What goes into the address, by the names of `/oauth2/authorize`.
        parameters: Pairs,
        /// The app's own state, given back after the return.
        state: Option<Text>,
    },
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
    /// `selectFactor`
    SelectFactor,
    /// `submitPassword`
    SubmitPassword,
    /// `usePasskey`
    UsePasskey,
    /// `answerChallenge`
    AnswerChallenge,
    /// `setUpEmail`
    SetUpEmail,
    /// `signInWithRedirect`
    SignInWithRedirect,
}

impl EventType {
    /// Every event there is.
    pub const ALL: [Self; 18] = [
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
        Self::SelectFactor,
        Self::SubmitPassword,
        Self::UsePasskey,
        Self::AnswerChallenge,
        Self::SetUpEmail,
        Self::SignInWithRedirect,
    ];

    /// The name in JS.
    pub fn as_str(self) -> &'static str {
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
            Self::SelectFactor => "selectFactor",
            Self::SubmitPassword => "submitPassword",
            Self::UsePasskey => "usePasskey",
            Self::AnswerChallenge => "answerChallenge",
            Self::SetUpEmail => "setUpEmail",
            Self::SignInWithRedirect => "signInWithRedirect",
        }
    }

    /// The event of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

impl Event {
    /// Reads the JSON of `{ type, … }`. Members that the event does not have are ignored. With the
    /// event comes its `clientMetadata`: what the app tells the pool's triggers with each call of
    /// this event, laid over the option of that name.
    ///
    /// # Errors
    /// `malformed`, naming the first member that is missing or of the wrong type.
    pub fn read(json: &str) -> Result<(Self, Pairs), FlowError> {
        let mut reader = Reader::of(json);
        let Some(kind) = (reader.fields().string("type")).and_then(|name| EventType::parse(&name))
        else {
            return Err(FlowError::malformed(
                "an event",
                "type",
                "the name of an event",
            ));
        };
        // Who is signed in can sign out, whatever else of the module is there.
        let event = match kind {
            EventType::SignOut => Self::read_sign_out(&mut reader),
            kind => Self::read_any(kind, &mut reader),
        };
        let metadata = reader.pairs("clientMetadata");
        reader.finish(kind.as_str(), (event, metadata))
    }

    fn read_sign_out(reader: &mut Reader<'_>) -> Self {
        Self::SignOut {
            everywhere: reader.flag("everywhere", false),
        }
    }

    #[inline(never)] // a door: scripts/lib/doors.mjs
    fn read_any(kind: EventType, reader: &mut Reader<'_>) -> Self {
        match kind {
            EventType::SignUp => Self::SignUp {
                username: user_name(reader),
                password: reader.optional_secret("password"),
                attributes: reader.pairs("attributes"),
                validation_data: reader.pairs("validationData"),
            },
            EventType::ConfirmSignUp => Self::ConfirmSignUp {
                code: TypedCode::read(reader),
                username: match reader.fields().has("username") {
                    true => Some(user_name(reader)),
                    false => None,
                },
            },
            EventType::ResendCode => Self::ResendCode,
            EventType::SignIn => Self::SignIn {
                username: user_name(reader),
                password: reader.optional_secret("password"),
                preferred: match reader.fields().has("preferred") {
                    true => Some(first_factor(reader)),
                    false => None,
                },
                autofill: reader.flag("autofill", false),
                remember: reader.flag("remember", true),
            },
            EventType::SubmitCode => Self::SubmitCode {
                code: TypedCode::read(reader),
                device_name: reader.optional_text("deviceName"),
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
                username: user_name(reader),
            },
            EventType::ResetPassword => Self::ResetPassword {
                code: TypedCode::read(reader),
                password: reader.secret("password"),
            },
            EventType::SignOut => Self::read_sign_out(reader),
            EventType::Cancel => Self::Cancel,
            EventType::SelectFactor => Self::SelectFactor {
                choice: reader.factor("choice"),
                password: reader.optional_secret("password"),
            },
            EventType::SubmitPassword => Self::SubmitPassword {
                password: reader.secret("password"),
            },
            EventType::UsePasskey => Self::UsePasskey,
            EventType::AnswerChallenge => Self::AnswerChallenge {
                answer: reader.secret("answer"),
            },
            EventType::SetUpEmail => Self::SetUpEmail {
                email: text::trim(&reader.text("email")).into(),
            },
            EventType::SignInWithRedirect => redirect(reader),
        }
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
            Self::SelectFactor { .. } => EventType::SelectFactor,
            Self::SubmitPassword { .. } => EventType::SubmitPassword,
            Self::UsePasskey => EventType::UsePasskey,
            Self::AnswerChallenge { .. } => EventType::AnswerChallenge,
            Self::SetUpEmail { .. } => EventType::SetUpEmail,
            Self::SignInWithRedirect { .. } => EventType::SignInWithRedirect,
        }
    }
}

/// A code as it was typed or pasted, and what of it is sent.
#[derive(Debug)]
pub struct TypedCode {
    typed: Secret,
    code: Secret,
}

impl TypedCode {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let typed = reader.text("code");
        Self {
            code: Secret::new(code_in(&typed)),
            typed: Secret::new(typed),
        }
    }

    /// Writes it into a request; no error repeats it, neither as it is sent nor as it was typed.
    pub(crate) fn write(&self, name: &str, body: &mut Object) {
        body.secret(name, &self.code).hide(&self.typed);
    }
}

/// Blanks around a name are never meant.
fn user_name(reader: &mut Reader<'_>) -> Text {
    text::trim(&reader.text("username")).into()
}

/// With what a sign-in can begin.
fn first_factor(reader: &mut Reader<'_>) -> Choice {
    let factor = reader.factor("preferred");
    if factor == Choice::Totp {
        reader.complain(
            "preferred",
            "\"password\", \"sms\", \"email\" or \"passkey\"",
        );
    }
    factor
}

/// The members of `signInWithRedirect`, and what `/oauth2/authorize` calls them.
const OF_REDIRECT: [(&str, &str); 5] = [
    ("provider", "identity_provider"),
    ("idpIdentifier", "idp_identifier"),
    ("lang", "lang"),
    ("loginHint", "login_hint"),
    ("prompt", "prompt"),
];

fn redirect(reader: &mut Reader<'_>) -> Event {
    let mut parameters = Vec::new();
    for (member, name) in OF_REDIRECT {
        if let Some(value) = reader.optional_text(member) {
            parameters.push((name.into(), value));
        }
    }
    Event::SignInWithRedirect {
        parameters: parameters.into(),
        state: reader.optional_text("state"),
    }
}

/// The shortest run of digits that is taken for a code in a sentence.
const SHORTEST_CODE: usize = 4;

/// The code in what was typed or pasted: `123 456`, `123-456`, full-width digits, marks that are not
/// seen, `Your code is 654321.` What holds no code of digits is sent as it is, without blanks.
fn code_in(typed: &str) -> String {
    let mut bare = String::with_capacity(typed.len());
    let (mut best, mut run) = (String::new(), String::new());
    for c in typed.chars() {
        let c = match c {
            '\u{ff10}'..='\u{ff19}' => char::from(b'0' + (u32::from(c) - 0xff10) as u8),
            c => c,
        };
        // These may stand inside a code: the run goes on.
        if text::is_blank(c) || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{ff0d}') {
            continue;
        }
        bare.push(c);
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        keep_likelier(&mut best, &run);
        run.clear();
    }
    keep_likelier(&mut best, &run);
    // One word of letters and digits is a code of another kind, not a sentence about one.
    let is_word = bare.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_sentence = !is_word || text::trim(typed).chars().any(text::is_blank);
    match is_sentence && best.len() >= SHORTEST_CODE {
        true => best,
        false => bare,
    }
}

/// Codes have six digits, or eight; a sentence may hold a time or a date besides.
fn keep_likelier(best: &mut String, run: &str) {
    let rank = |length| match length {
        6 => 100,
        8 => 99,
        length => length,
    };
    if rank(run.len()) > rank(best.len()) {
        *best = run.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_what_people_type_and_paste() {
        for (typed, code) in [
            ("123456", "123456"),
            (" 123 456 ", "123456"),
            ("123-456", "123456"),
            ("１２３４５６", "123456"),
            ("\u{200e}123456\u{200b}", "123456"),
            ("Your code is 654321.", "654321"),
            ("Your code is 654 321, for 3 minutes.", "654321"),
            ("コードは654321です", "654321"),
            ("123456.", "123456"),
            ("Code: 654321", "654321"),
            ("654321, sent 2026-11-25", "654321"),
            ("On 2026-11-25: your code is 654321", "654321"),
            ("Your code is 654321, your order 100200", "654321"),
            ("12345678", "12345678"),
            ("1", "1"),
            ("ABCD-1234", "ABCD1234"),
            ("abc123", "abc123"),
            ("no code", "nocode"),
            ("", ""),
        ] {
            assert_eq!(code_in(typed), code, "{typed}");
        }
    }
}
