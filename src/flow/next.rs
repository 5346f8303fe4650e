//! What a handler is given, and what it says comes next.

use crate::{
    config::Config,
    error::FlowError,
    flow::{
        authorized::Authorized,
        awaiting::Expect,
        calls::Outgoing,
        offer::Offer,
        prove::ahead::Ahead,
        session::{Devices, NewTokens, Session},
        sign_in::SignIn,
        step::Step,
    },
    json::Object,
    protocol::Operation,
    secret::{Secret, Text},
    time::{Deadline, Moment},
};

/// A password is held this long for what may follow by itself: signing in after confirmation,
/// sending another code. And so is the secret of a proof that nobody has begun.
pub(crate) const HOLD_MS: f64 = 600_000.0;

/// What comes next for the work on an event. Whatever it is, the person is told or an answer is
/// awaited: no handler can leave the flow busy for ever.
#[must_use]
pub(crate) enum Next {
    /// The person stays where they are; the work ends.
    Stay(Option<FlowError>),
    /// Another form; the work ends.
    Go(Step, Option<FlowError>),
    /// A request, and what its reply means.
    Send(Outgoing, Expect),
    /// What needs an access token that is good.
    Authorize(Authorized),
    /// The browser is asked for a passkey with these options: in this step, or in the one there is.
    Prompt(Option<Step>, Secret),
    /// A passkey is offered in the field for the name, while the person stays where they are.
    Offer(SignIn),
    /// The sign-in is done, and these are its tokens.
    SignedIn(NewTokens, SignIn),
    /// The page is left.
    Redirect(Secret),
    /// The step is left, and a sign-in that was all but done with it.
    Leave(Option<Text>),
    /// The session is left.
    SignOut {
        /// On all devices.
        everywhere: bool,
    },
}

impl Next {
    #[inline(never)]
    pub(crate) fn send(operation: &'static Operation, body: Object, expect: Expect) -> Self {
        Self::Send(Outgoing::new(operation, body), expect)
    }

    /// Stays, and says why.
    pub(crate) fn fail(error: impl Into<FlowError>) -> Self {
        Self::Stay(Some(error.into()))
    }

    #[inline(never)]
    pub(crate) fn go(step: Step) -> Self {
        Self::Go(step, None)
    }
}

/// What a handler is given: the flow, but for its step, its requests and its effects.
pub(crate) struct Cx<'a> {
    pub(crate) config: &'a Config,
    pub(crate) now: &'a Moment,
    pub(crate) known: &'a mut Known,
}

/// What the flow knows beside its step.
#[derive(Default)]
pub(crate) struct Known {
    held: Option<Held>,
    /// Who has confirmed a sign-up here without signing in since.
    pub(crate) newly_confirmed: Option<Text>,
    pub(crate) session: Option<Box<Session>>,
    pub(crate) devices: Devices,
    /// What a proof begins with, where that is made already.
    pub(crate) ahead: Ahead,
    /// In which session a secret for an authenticator app was shown last.
    pub(crate) totp_of: Option<Text>,
    /// A passkey that is offered.
    pub(crate) offer: Option<Box<Offer>>,
    /// The session of the sign-in under way is to be kept in this tab alone.
    pub(crate) in_tab: bool,
}

/// A password held for what may follow by itself.
struct Held {
    username: Text,
    password: Secret,
    until: Deadline,
}

impl Known {
    pub(crate) fn hold(&mut self, username: &Text, password: &Secret, now: &Moment) {
        self.held = Some(Held {
            username: username.clone(),
            password: password.clone(),
            until: Deadline::after(now, HOLD_MS),
        });
    }

    /// Forgets the password; gives the name back that was typed with it.
    pub(crate) fn drop_held(&mut self) -> Option<Text> {
        self.held.take().map(|held| held.username)
    }

    pub(crate) fn holds(&self) -> bool {
        self.held.is_some()
    }

    pub(crate) fn held_password(&self) -> Option<&Secret> {
        self.held.as_ref().map(|held| &held.password)
    }

    /// The password of this user, if it is held.
    pub(crate) fn password_of(&self, username: &Text) -> Option<Secret> {
        let held = self.held.as_ref().filter(|held| held.username == *username);
        held.map(|held| held.password.clone())
    }

    pub(crate) fn held_until(&self) -> Deadline {
        self.held
            .as_ref()
            .map_or(Deadline::NEVER, |held| held.until)
    }

    pub(crate) fn pass_time(&mut self, now: &Moment) {
        self.held.take_if(|held| held.until.is_over(now));
        self.ahead.pass_time(now);
    }
}
