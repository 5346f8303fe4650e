//! Signing in: how it begins, and what the pool asks for then.

use std::ops::{Deref, DerefMut};

use crate::{
    config::SignInWith,
    error::{Code, FlowError},
    fields::{Fields, Reader},
    flow::{
        calls::{Answer, Failed},
        challenge::{Challenge, custom, enrol, select_factor::SELECT_CHALLENGE},
        choice,
        next::{Cx, Next},
        prove::{device, password},
        session::{Devices, NewTokens},
        step::Step,
        table::StepName,
        ways::{FIRST_FACTORS, Ways},
    },
    json::Object,
    protocol::{self, Refusal},
    secret::{Secret, Text},
    snapshot::Choice,
    text,
};

/// Where a sign-in can lead, from its first request.
pub(crate) const SIGNING_IN: &[StepName] = &[
    StepName::SignedOut,
    StepName::ConfirmSignUp,
    StepName::ResetPassword,
    StepName::MfaCode,
    StepName::NewPassword,
    StepName::VerifyAttribute,
    StepName::SignedIn,
    StepName::SelectFactor,
    StepName::Password,
    StepName::SignInCode,
    StepName::CustomChallenge,
    StepName::SetUpTotp,
    StepName::SetUpEmail,
    StepName::Passkey,
];

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
    /// Begun in a step that stays until the next challenge is here.
    pub(crate) in_step: bool,
    /// Nothing was proven yet: what is asked for is a first factor.
    pub(crate) first: bool,
    /// With what it was begun, where the person has said so.
    pub(crate) preferred: Option<Choice>,
    /// The address for codes that was given in it: where another code is asked for, it is given again.
    pub(crate) email: Option<Text>,
    /// With what the person can begin, as far as the pool has said.
    pub(crate) ways: Ways,
    /// The key of the device that the pool is told of.
    pub(crate) device: Option<Text>,
    /// The code of the authenticator app that is set up was right: the pool is still to be told that the
    /// setting up is over. It would not take a second code for it.
    pub(crate) app_verified: bool,
    /// The pool does not know that device: this is the second time, without one.
    without_device: bool,
}

/// After a request that is answered with tokens or with the next challenge.
pub(crate) struct ExpectProven {
    pub(crate) sign_in: SignIn,
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
            in_step: false,
            first: false,
            preferred: None,
            email: None,
            ways: Ways::default(),
            device: None,
            app_verified: false,
            without_device: false,
        }))
    }

    /// The same from its beginning, while the step that it is at stays.
    pub(crate) fn anew(&self) -> Self {
        let mut sign_in = Self::new(self.username.clone(), self.after_sign_up);
        sign_in.in_step = true;
        sign_in.ways = self.ways.clone();
        sign_in.email.clone_from(&self.email);
        sign_in.device.clone_from(&self.device);
        sign_in.without_device = self.without_device;
        sign_in
    }

    pub(crate) fn keep(&self, record: &mut Object) {
        record
            .optional("userId", self.user_id.as_deref())
            .boolean("afterSignUp", self.after_sign_up)
            .boolean("phoneProven", self.phone_proven)
            .boolean("first", self.first)
            .optional("preferred", self.preferred.map(Choice::as_str))
            .optional("deviceKey", self.device.as_deref())
            .strings("available", &mut self.ways.names());
    }

    /// What was kept of it.
    pub(crate) fn restore(reader: &mut Reader<'_>) -> Self {
        let mut sign_in = Self::new(reader.text("username"), false);
        sign_in.user_id = reader.optional_text("userId");
        sign_in.after_sign_up = reader.flag("afterSignUp", false);
        sign_in.phone_proven = reader.flag("phoneProven", false);
        sign_in.first = reader.flag("first", false);
        let preferred = reader.optional_text("preferred");
        sign_in.preferred = preferred.and_then(|choice| Choice::parse(&choice));
        sign_in.device = reader.optional_text("deviceKey");
        let available = reader.fields().strings("available");
        sign_in.ways = Ways::read(&available.unwrap_or_default(), &FIRST_FACTORS);
        sign_in
    }

    pub(crate) fn user_id(&self) -> &str {
        self.user_id.as_ref().unwrap_or(&self.username)
    }

    /// Looks for the device on which this user has signed in before.
    pub(crate) fn find_device(&mut self, devices: &Devices) {
        if !self.without_device {
            let user_id = self.user_id.as_deref();
            self.device = devices.key_of(user_id, &self.username);
        }
    }

    /// Goes on without the device that the pool was told of; gives its key.
    pub(crate) fn leave_device(&mut self) -> Text {
        self.without_device = true;
        self.device.take().unwrap_or_default()
    }

    /// Whether the pool does not know the device that it was told of.
    pub(crate) fn lacks_device(&self, failed: &Failed) -> bool {
        failed.refusal == Refusal::UnknownDevice && self.device.is_some()
    }

    /// Forgets the device, and begins once more without one.
    pub(crate) fn again_without_device(self, cx: &mut Cx<'_>) -> Next {
        let mut again = self.anew();
        again.in_step = self.in_step;
        cx.known.devices.forget(&again.leave_device());
        match cx.known.held_password().cloned() {
            Some(password) => start(again, password, cx),
            None if cx.config.sign_in_with.needs_password() => {
                let step = Step::signed_out(self.username.clone());
                Next::Go(step, Some(Code::ChallengeSpent.into()))
            }
            None => start_without_password(again, self.preferred, cx),
        }
    }

    /// The pool has refused what was sent.
    pub(crate) fn refused(self, failed: Failed, cx: &mut Cx<'_>) -> Next {
        match self.lacks_device(&failed) {
            true => self.again_without_device(cx),
            false => self.failed(failed.error, cx),
        }
    }

    /// The sign-in has failed for good. One that was begun in a step leaves it as it was.
    pub(crate) fn failed(self, mut error: FlowError, cx: &mut Cx<'_>) -> Next {
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
                if self.in_step {
                    cx.known.drop_held();
                    return Next::fail(error);
                }
                Step::signed_out(username)
            }
            _ if self.in_step => return Next::fail(error),
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
        let parameters = match reply.has("ChallengeParameters") {
            true => reply.object("ChallengeParameters"),
            false => Some(Fields::default()),
        };
        let session = protocol::secret(reply, "Session");
        let (Some(parameters), Some(session)) = (parameters, session) else {
            return self.failed(Code::Server.into(), cx);
        };
        self.learn(&name, reply, cx);
        if name == enrol::MFA_SETUP {
            return enrol::begin(self, parameters, session, cx);
        }
        if name == device::DEVICE_SRP_AUTH {
            return device::begin(self, &session, cx);
        }
        match Challenge::read(&name, parameters, session, &self, cx) {
            Some(mut challenge) => {
                challenge.sign_in.in_step = false;
                let options = challenge.passkey_options();
                let step = Step::Challenge(challenge);
                match options {
                    Some(options) => Next::Prompt(Some(step), options),
                    None => Next::go(step),
                }
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

impl SignIn {
    /// Takes over what a reply says of the user, and with what they can begin.
    pub(crate) fn learn(&mut self, challenge: &str, reply: Fields<'_>, cx: &Cx<'_>) {
        let name = |name| reply.object("ChallengeParameters")?.string(name);
        let user_id = name("USER_ID_FOR_SRP").or(name("USERNAME"));
        if user_id.is_some() && user_id != self.user_id {
            self.user_id = user_id;
            self.find_device(&cx.known.devices);
        }
        if cx.config.sign_in_with != SignInWith::Choice {
            return;
        }
        let ways = reply.strings("AvailableChallenges").unwrap_or_default();
        let ways = Ways::read(&ways, &FIRST_FACTORS);
        if challenge == SELECT_CHALLENGE || !ways.is_empty() {
            self.ways = ways;
        }
    }
}

impl ExpectProven {
    pub(crate) fn take(self, answer: Answer<'_>, cx: &mut Cx<'_>) -> Next {
        match answer {
            Ok(reply) => self.sign_in.proven(reply, cx),
            Err(failed) => self.sign_in.refused(failed, cx),
        }
    }
}

/// Begins to sign in.
pub(crate) fn start(mut sign_in: SignIn, password: Secret, cx: &mut Cx<'_>) -> Next {
    sign_in.find_device(&cx.known.devices);
    match cx.config.sign_in_with {
        SignInWith::Srp | SignInWith::CustomAfterSrp => password::prove(sign_in, password, cx),
        SignInWith::Custom => custom::begin(sign_in),
        SignInWith::Password => password::send(sign_in, &password),
        SignInWith::Choice => choice::begin_with_password(sign_in, password, cx),
    }
}

/// Begins to sign in with whatever else there is.
pub(crate) fn start_without_password(
    mut sign_in: SignIn,
    preferred: Option<Choice>,
    cx: &Cx<'_>,
) -> Next {
    sign_in.find_device(&cx.known.devices);
    match cx.config.sign_in_with {
        SignInWith::Choice => choice::begin(sign_in, preferred),
        SignInWith::Custom => custom::begin(sign_in),
        SignInWith::Srp | SignInWith::Password | SignInWith::CustomAfterSrp => {
            Next::fail(Code::NotAccepted)
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
