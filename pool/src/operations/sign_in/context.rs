//! What each step of a sign-in works with, and what it may answer.

use serde_json::{Map, Value, json};

use crate::call::{App, Call, Input, PRE_AUTHENTICATION, Who};
use crate::error::{
    Refusal, invalid_parameter, no_such_device, no_such_user, not_authorized,
    password_reset_required, user_not_confirmed, wrong_credentials,
};
use crate::operations::Occasion;
use crate::operations::challenges::{invalid_session, nobody};
use crate::randomness::Draw;
use crate::state::{Device, Expects, User, UserStatus};

/// A sign-in under way, as one request finds it.
pub(super) struct SignIn<'a, 'c> {
    pub(super) call: &'a mut Call<'c>,
    pub(super) input: &'a Value,
    /// The user name as the request has it.
    pub(super) name: &'a str,
    /// Who signs in: somebody whom nobody is, where the name is made up.
    pub(super) who: Who,
    /// The device that the person comes with.
    pub(super) device_key: Option<String>,
    /// The member of the request that the answers stand in.
    answers: &'static str,
    /// The session of the challenge that is answered.
    session: Option<&'a str>,
    /// Whether what changed stays although the sign-in is refused further on.
    changes_stay: bool,
}

/// How a sign-in goes on after a step.
#[must_use]
pub(super) enum Next {
    /// This is the reply: a challenge, or at the end tokens.
    Reply(Value),
    /// The first factor was right.
    FirstFactorGiven,
    /// The user has a password to keep.
    PasswordSettled,
    /// The functions of the app decide, by the challenges so far.
    Custom(Vec<Value>),
    /// Nothing is left to prove.
    Tokens,
}

/// What a step gives.
pub(super) type Step = Result<Next, Refusal>;

impl<'a, 'c> SignIn<'a, 'c> {
    /// One that begins: InitiateAuth.
    pub(super) fn begun(call: &'a mut Call<'c>, app: App, input: &'a Value, name: &'a str) -> Self {
        let found = call.find(&app, name);
        let mut sign_in = Self::new(call, app, input, name, "AuthParameters");
        if let Some(who) = found {
            sign_in.who = who;
        }
        sign_in.take_device_key();
        sign_in
    }

    /// One that goes on: RespondToAuthChallenge. Who signs in is known once the challenge is
    /// [`open`](Self::open).
    pub(super) fn answered(
        call: &'a mut Call<'c>,
        app: App,
        input: &'a Value,
        name: &'a str,
    ) -> Self {
        Self::new(call, app, input, name, "ChallengeResponses")
    }

    fn new(
        call: &'a mut Call<'c>,
        app: App,
        input: &'a Value,
        name: &'a str,
        answers: &'static str,
    ) -> Self {
        let key = nobody(name);
        Self {
            call,
            input,
            name,
            who: Who { app, key },
            device_key: None,
            answers,
            session: None,
            changes_stay: false,
        }
    }

    pub(super) fn app(&self) -> &App {
        &self.who.app
    }

    /// What the request answers under a name.
    pub(super) fn given(&self, name: &str) -> Option<&'a str> {
        self.input.entry(self.answers, name)
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        required(self.given(name), name)
    }

    /// Takes over the device key of a request that can bring one.
    pub(super) fn take_device_key(&mut self) {
        let given = self.given("DEVICE_KEY").filter(|key| !key.is_empty());
        if let Some(device_key) = given {
            self.device_key = Some(device_key.into());
        }
    }

    /// Finds the challenge that the request answers; gives what it waits for.
    pub(super) fn open(&mut self, session: &'a str) -> Result<Expects, Refusal> {
        let challenge = self.call.open_challenge(self.app(), session, self.name)?;
        self.session = Some(session);
        self.who.key = challenge.user;
        self.device_key = challenge.device_key;
        Ok(challenge.expects)
    }

    /// The user, if the name is not made up.
    pub(super) fn user(&self) -> Option<&User> {
        self.call.user(&self.who).ok()
    }

    /// The user of a challenge that only somebody who is there is given.
    pub(super) fn somebody(&self) -> Result<&User, Refusal> {
        self.user().ok_or_else(invalid_session)
    }

    /// The user whom the request names, or who cannot sign in, in words that depend on whether
    /// names may be probed.
    pub(super) fn known(&self) -> Result<&User, Refusal> {
        self.user().ok_or_else(|| {
            if self.app().prevents_user_existence_errors() {
                wrong_credentials()
            } else {
                no_such_user()
            }
        })
    }

    /// Whether a user may go on at all. Said only to who knows the password, or has another first
    /// factor.
    pub(super) fn check_state(&self) -> Result<(), Refusal> {
        let user = self.somebody()?;
        if !user.enabled {
            return Err(not_authorized("User is disabled."));
        }
        match user.status {
            UserStatus::Unconfirmed => Err(user_not_confirmed("User is not confirmed.")),
            UserStatus::ResetRequired => Err(password_reset_required(
                "Password reset required for the user",
            )),
            UserStatus::ForceChangePassword
                if user
                    .more
                    .temporary_password_expires
                    .is_some_and(|expires| self.call.now >= expires) =>
            {
                Err(not_authorized(
                    "Temporary password has expired and must be reset by an administrator.",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Asks PreAuthentication. Of somebody who is not there it hears only where names may not be
    /// probed: the developer guide's "Pre authentication Lambda trigger".
    pub(super) fn tell_before(&mut self) -> Result<(), Refusal> {
        let (name, source) = PRE_AUTHENTICATION;
        if self.user().is_some() {
            return self.call.tell_before(&self.who);
        }
        if !self.app().prevents_user_existence_errors() {
            return Ok(());
        }
        let request = json!({
            "userAttributes": {}, "validationData": self.call.metadata, "userNotFound": true,
        });
        let (app, username) = (&self.who.app, self.name);
        let asked = self.call.function(name, source, app, username, request);
        asked.map(drop)
    }

    /// Tells PostAuthentication that nothing is missing any more.
    pub(super) fn tell_after(&mut self) -> Result<(), Refusal> {
        let tracks = self.app().settings.device_configuration.is_some();
        let new_device = tracks && self.device()?.is_none();
        let passes = Occasion::passes_metadata(self.call.operation);
        let metadata = Some(&self.call.metadata).filter(|_| passes);
        let metadata = metadata.cloned().unwrap_or_default();
        self.call.tell_after(&self.who, new_device, &metadata)
    }

    /// Refuses a device that is forgotten, or was never confirmed: the client is to forget it too,
    /// and to sign in without it. Where a pool tracks no devices, a key means nothing.
    pub(super) fn check_device(&self) -> Result<(), Refusal> {
        let tracks = self.app().settings.device_configuration.is_some();
        if tracks && self.device_key.is_some() {
            self.device()?.ok_or_else(no_such_device)?;
        }
        Ok(())
    }

    /// The device that the person comes with, if it is a tracked one of theirs.
    pub(super) fn device(&self) -> Result<Option<&Device>, Refusal> {
        let user = self.somebody()?;
        let key = self.device_key.as_ref();
        Ok(key.and_then(|key| user.tracked_device(key)))
    }

    /// Issues a challenge.
    pub(super) fn ask(&mut self, name: &str, parameters: Map<String, Value>, on: Expects) -> Step {
        let session = self.wait_for(on)?;
        Ok(Next::Reply(json!({
            "ChallengeName": name,
            "Session": session,
            "ChallengeParameters": parameters,
        })))
    }

    /// Keeps a challenge; gives its session.
    pub(super) fn wait_for(&mut self, expects: Expects) -> Result<String, Refusal> {
        let session = self.call.randomness.opaque();
        self.wait_under(session.clone(), expects)?;
        Ok(session)
    }

    /// Keeps a challenge under a name that the request for its answer has for it.
    pub(super) fn wait_under(&mut self, session: String, expects: Expects) -> Result<(), Refusal> {
        let Who { app, key } = &self.who;
        let device_key = self.device_key.clone();
        self.call
            .remember_challenge(app, key, device_key, session, expects)
    }

    /// Uses the challenge up; if the sign-in is refused further on, it can be answered again.
    pub(super) fn spend(&mut self) -> Result<(), Refusal> {
        match self.session {
            Some(session) => self.call.spend_challenge(&self.who.app, session),
            None => Ok(()),
        }
    }

    /// Uses the challenge up for good: one exchange allows one guess.
    pub(super) fn spend_for_good(&mut self) -> Result<(), Refusal> {
        self.spend()?;
        self.changes_stay = true;
        Ok(())
    }

    /// From now on what changed stays, even if the sign-in is refused.
    pub(super) fn let_changes_stay(&mut self) {
        self.changes_stay = true;
    }

    /// Counts a wrong answer to the challenge; gives the refusal to answer with.
    pub(super) fn wrong_answer(&mut self, refusal: Refusal) -> Refusal {
        self.wrong_answer_to(self.session.unwrap_or_default(), refusal)
    }

    /// The same for a challenge that this one came from.
    pub(super) fn wrong_answer_to(&mut self, session: &str, refusal: Refusal) -> Refusal {
        self.call.wrong_answer(&self.who.app, session, refusal)
    }

    /// The refusal of this sign-in, which leaves behind what it must.
    pub(super) fn settled(&self, refusal: Refusal) -> Refusal {
        if self.changes_stay {
            refusal.keeping_changes()
        } else {
            refusal
        }
    }
}

/// A member of a request that an answer cannot do without.
pub(super) fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| invalid_parameter(format!("Missing required parameter {name}")))
}
