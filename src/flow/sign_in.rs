//! Signing in: how it begins, and what the pool asks for then.

use std::ops::{Deref, DerefMut};

use crate::{
    config::SignInWith,
    error::{Code, FlowError},
    fields::{Fields, Reader},
    flow::{
        calls::Answer,
        challenge::{Challenge, custom, enrol},
        next::{Cx, Next},
        prove::password,
        session::NewTokens,
        step::Step,
    },
    protocol,
    secret::{Secret, Text},
    text,
};

/// A sign-in under way: see [`Progress`]. (One word, as it is handed on from request to request.)
#[derive(Clone)]
pub(crate) struct SignIn(Box<Progress>);

/// What is known of a [`SignIn`].
#[derive(Clone)]
pub(crate) struct Progress {
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

impl Deref for SignIn {
    type Target = Progress;

    fn deref(&self) -> &Progress {
        &self.0
    }
}

impl DerefMut for SignIn {
    fn deref_mut(&mut self) -> &mut Progress {
        &mut self.0
    }
}

impl SignIn {
    pub(crate) fn new(username: Text, after_sign_up: bool) -> Self {
        Self(Box::new(Progress {
            username,
            user_id: None,
            after_sign_up,
            phone_proven: false,
            for_another_code: false,
        }))
    }

    /// What was kept of it.
    pub(crate) fn restore(reader: &mut Reader<'_>) -> Self {
        let mut sign_in = Self::new(reader.text("username"), false);
        sign_in.user_id = reader.optional_text("userId");
        sign_in.after_sign_up = reader.flag("afterSignUp", false);
        sign_in.phone_proven = reader.flag("phoneProven", false);
        sign_in
    }

    pub(crate) fn user_id(&self) -> &str {
        self.user_id.as_ref().unwrap_or(&self.username)
    }

    /// The sign-in has failed for good. One that was begun behind the scenes for another code
    /// leaves the step, whose own session is still good, as it was.
    pub(crate) fn failed(self, mut error: FlowError, cx: &mut Cx<'_>) -> Next {
        if self.for_another_code {
            return Next::fail(error);
        }
        let username = self.username.clone();
        let step = match error.code {
            // The password stays held: after the confirmation the sign-in goes on by itself.
            Code::UserNotConfirmed => {
                let step = Step::confirm_unsent(username);
                return Next::Go(step, Some(error));
            }
            Code::PasswordResetRequired => Step::reset_unsent(username),
            Code::WrongCredentials => {
                if let Some(password) = cx.known.held_password() {
                    point_out_blanks(&mut error, password);
                }
                Step::signed_out(username)
            }
            _ => Step::signed_out(username),
        };
        cx.known.drop_held();
        Next::Go(step, Some(error))
    }

    /// Goes on where the pool accepted what was sent: tokens, or the next challenge.
    pub(crate) fn proven(mut self, reply: Fields<'_>, cx: &mut Cx<'_>) -> Next {
        if let Some(result) = reply.object("AuthenticationResult") {
            return match NewTokens::read(result, cx.now) {
                Some(tokens) => Next::SignedIn(tokens, self),
                None => self.failed(Code::Server.into(), cx),
            };
        }
        let name = reply.string("ChallengeName").unwrap_or_default();
        let parameters = reply.object("ChallengeParameters");
        let session = protocol::secret(reply, "Session");
        let (Some(parameters), Some(session)) = (parameters, session) else {
            return self.failed(Code::Server.into(), cx);
        };
        let user_id = parameters
            .string("USER_ID_FOR_SRP")
            .or(parameters.string("USERNAME"));
        if user_id.is_some() {
            self.user_id = user_id;
        }
        if name == enrol::MFA_SETUP {
            return enrol::begin(self, parameters, session, cx);
        }
        match Challenge::read(&name, parameters, session, &self, cx) {
            Some(mut challenge) => {
                challenge.sign_in.for_another_code = false;
                Next::go(Step::Challenge(challenge))
            }
            // Another challenge of the protocol, or none at all: not for this version.
            None => {
                let mut unknown = FlowError::from(Code::Server);
                unknown.server = protocol::plain_name(&name);
                self.failed(unknown, cx)
            }
        }
    }
}

/// Begins to sign in.
pub(crate) fn start(sign_in: SignIn, password: Option<Secret>, cx: &mut Cx<'_>) -> Next {
    let way = cx.config.sign_in_with;
    if way == SignInWith::Custom {
        return custom::begin(sign_in);
    }
    let Some(password) = password else {
        return Next::fail(Code::NotAccepted);
    };
    match way {
        SignInWith::Srp | SignInWith::Choice | SignInWith::Custom | SignInWith::CustomAfterSrp => {
            password::prove(sign_in, password, cx)
        }
        SignInWith::Password => password::send(sign_in, &password),
    }
}

/// After what was sent to prove who one is: the next challenge, or tokens.
pub(crate) struct ExpectProven {
    pub(crate) sign_in: SignIn,
}

impl ExpectProven {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        match answer {
            Ok(reply) => self.sign_in.proven(reply, cx),
            Err(failed) => self.sign_in.failed(failed.error, cx),
        }
    }
}

/// A blank at an end of a password is sent as it was pasted; when it was wrong, the person is told.
pub(crate) fn point_out_blanks(error: &mut FlowError, password: &Secret) {
    let password = password.secret();
    if text::trim(password).len() != password.len() {
        let words = "Wrong user name or password. The password begins or ends with a blank.";
        error.message = Some(words.into());
    }
}
