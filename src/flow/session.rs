//! The tokens, and refreshing them: once at a time in a tab, and once across tabs.

use std::mem;

use crate::{
    effect::Effect,
    error::{Code, FlowError},
    fields::Fields,
    flow::{
        Answer, Flow,
        authorized::Authorized,
        calls::{Awaiting, Failed},
        step::Step,
        store::Stored,
    },
    json::Object,
    protocol::{self, operation},
    secret::Secret,
    time::{Deadline, Moment},
    value::{Members, Value},
};

/// Tokens are refreshed when less than this is left of their life (or half of a short one).
const MARGIN_MS: f64 = 60_000.0;
/// Cognito's default for access tokens.
const DEFAULT_LIFETIME_S: f64 = 3600.0;
/// Another tab that holds the lock longer than this has died with it.
const LOCK_MS: f64 = 60_000.0;

#[derive(Clone, PartialEq)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) id: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) expires: Deadline,
    /// How long they lived when they were new, in ms.
    pub(crate) lifetime: f64,
    /// The pool takes each refresh token once (`GetTokensFromRefreshToken`).
    pub(crate) rotates: bool,
}

/// A refresh under way, and what waits for it.
pub(crate) struct Refresh {
    lock: u32,
    /// While waiting for the lock: until when; then [`Deadline::NEVER`].
    locking: Deadline,
    /// The access token that the pool has refused.
    dead: Option<Secret>,
    waiting: Vec<Authorized>,
}

/// After a call that refreshes.
pub(crate) struct ExpectRefresh {
    rotating: bool,
    /// The pool has refused `REFRESH_TOKEN_AUTH` already: this is the second way.
    second_way: bool,
}

impl Tokens {
    /// Reads an `AuthenticationResult`. A refresh may leave out what has not changed.
    pub(crate) fn read(result: Fields<'_>, before: Option<&Self>, now: &Moment) -> Option<Self> {
        let new_refresh = protocol::secret(result, "RefreshToken");
        // The API model lets it be left out, and some local pools do.
        let lifetime = match result.has("ExpiresIn") {
            true => result.number("ExpiresIn"),
            false => Some(DEFAULT_LIFETIME_S),
        };
        let lifetime = lifetime.filter(|s| (1.0..=864_000.0).contains(s))? * 1000.0;
        Some(Self {
            access: protocol::secret(result, "AccessToken")?,
            id: protocol::secret(result, "IdToken")?,
            rotates: before.is_some_and(|before| {
                before.rotates
                    || new_refresh
                        .as_ref()
                        .is_some_and(|new| before.refresh.as_ref() != Some(new))
            }),
            refresh: new_refresh.or_else(|| before.and_then(|before| before.refresh.clone())),
            expires: Deadline::after(now, lifetime),
            lifetime,
        })
    }

    pub(crate) fn are_fresh(&self, now: &Moment) -> bool {
        let margin = MARGIN_MS.min(self.lifetime / 2.0);
        let Deadline { wall, steady } = self.expires;
        !Deadline {
            wall: wall - margin,
            steady: steady - margin,
        }
        .is_over(now)
    }

    /// What the app is given of them.
    pub(crate) fn session(&self) -> Value {
        Members::default()
            .add("accessToken", Value::Secret(self.access.clone()))
            .add("idToken", Value::Secret(self.id.clone()))
            .time("expiresAt", self.expires)
            .end()
    }
}

impl Refresh {
    pub(crate) fn deadline(&self) -> Deadline {
        self.locking
    }

    /// Takes out what belongs to the person's event.
    pub(crate) fn drop_event(&mut self) {
        self.waiting.retain(|what| !what.is_of_event());
    }
}

impl Flow {
    /// Lets it wait for fresh tokens; `dead` is an access token that the pool has refused.
    pub(crate) fn renew_for(&mut self, what: Authorized, dead: Option<Secret>, now: &Moment) {
        // A refresh that ended meanwhile has replaced the dead one already.
        if let (Some(dead), Some(tokens)) = (&dead, &self.tokens)
            && tokens.access != *dead
        {
            return self.perform(what, true, now);
        }
        if let Some(refresh) = &mut self.refresh {
            refresh.waiting.push(what);
            return;
        }
        let lock = self.next_id();
        let locking = Deadline::after(now, LOCK_MS);
        self.refresh = Some(Refresh {
            lock,
            locking,
            dead,
            waiting: vec![what],
        });
        self.effects.push(Effect::Lock { id: lock });
    }

    pub(crate) fn on_locked(&mut self, id: u32, now: &Moment) {
        let Some(refresh) = self.refresh.as_mut().filter(|refresh| refresh.lock == id) else {
            return;
        };
        if mem::replace(&mut refresh.locking, Deadline::NEVER) == Deadline::NEVER {
            return;
        }
        if self.is_renewed(now) {
            self.end_refresh(Ok(()), now);
        } else {
            self.send_refresh(now);
        }
    }

    /// Whether there are tokens now that need no refresh: another tab may have been sooner.
    fn is_renewed(&self, now: &Moment) -> bool {
        let dead = (self.refresh.as_ref()).and_then(|refresh| refresh.dead.as_ref());
        (self.tokens.as_ref())
            .is_some_and(|tokens| tokens.are_fresh(now) && dead != Some(&tokens.access))
    }

    /// Whether the session that was there is another one now, or gone.
    pub(crate) fn on_session_changed(&mut self, session: Stored<'_>, now: &Moment) -> bool {
        if self.tokens.is_none() {
            return false;
        }
        match session {
            Stored::Unshared => false,
            Stored::Nothing => {
                self.abort_event();
                self.forget_session(None);
                true
            }
            Stored::Record(record) => {
                let before = self.user.as_ref().map(|user| user.username.clone());
                self.adopt(record, now);
                let somebody_else =
                    self.user.as_ref().map(|user| &user.username) != before.as_ref();
                if somebody_else && matches!(self.step, Step::VerifyAttribute(_)) {
                    self.abort_event();
                    self.settle(Step::SignedIn, None);
                }
                somebody_else
            }
        }
    }

    /// Does not wait for ever for a lock that a dead tab holds.
    pub(crate) fn pass_refresh_time(&mut self, now: &Moment) {
        if let Some(refresh) = &mut self.refresh
            && refresh.locking.is_over(now)
        {
            refresh.locking = Deadline::NEVER;
            self.send_refresh(now);
        }
    }

    fn send_refresh(&mut self, now: &Moment) {
        let rotating = self.tokens.as_ref().is_some_and(|tokens| tokens.rotates);
        self.refresh_by(rotating, false, now);
    }

    fn refresh_by(&mut self, rotating: bool, second_way: bool, now: &Moment) {
        let token = self
            .tokens
            .as_ref()
            .and_then(|tokens| tokens.refresh.clone());
        let Some(token) = token else {
            // What cannot be renewed ends with its time.
            return self.lose_session(Code::ChallengeSpent.into());
        };
        let awaiting = Awaiting::Refresh(ExpectRefresh {
            rotating,
            second_way,
        });
        if rotating {
            let mut body = Object::new();
            body.secret("RefreshToken", &token);
            self.call(&operation::GET_TOKENS, body, awaiting, now);
        } else {
            self.call(
                &operation::INITIATE_AUTH,
                refresh_body(&token),
                awaiting,
                now,
            );
        }
    }

    /// Lets go on what waited, or tells it what went wrong.
    fn end_refresh(&mut self, result: Result<(), FlowError>, now: &Moment) {
        let Some(refresh) = self.refresh.take() else {
            return;
        };
        // First what is new goes into the storage, then others may look.
        self.save();
        self.effects.push(Effect::Unlock { id: refresh.lock });
        // Tokens are refreshed early: where that failed, those there are may still be good.
        let usable = refresh.dead.is_none()
            && (self.tokens.as_ref()).is_some_and(|tokens| !tokens.expires.is_over(now));
        for what in refresh.waiting {
            match &result {
                Ok(()) => self.perform(what, true, now),
                Err(_) if usable => self.perform(what, false, now),
                Err(error) => {
                    if what.is_of_event() {
                        self.fail_event(error.clone());
                    }
                    what.reject(self, error.clone());
                }
            }
        }
    }

    /// An event that needed a token has none to go on with.
    fn fail_event(&mut self, error: FlowError) {
        if self.busy.is_none() {
            return;
        }
        match self.step {
            Step::VerifyAttribute(_) | Step::SignedIn => self.settle_here(error),
            _ => self.settle(Step::SignedIn, error),
        }
    }

    /// The tokens are no longer good, and the pool (or another tab) has said so.
    pub(crate) fn lose_session(&mut self, error: FlowError) {
        let refresh = self.refresh.take();
        self.forget_session(Some(error.clone()));
        if let Some(refresh) = refresh {
            self.save();
            self.effects.push(Effect::Unlock { id: refresh.lock });
            for what in refresh.waiting {
                what.reject(self, error.clone());
            }
        }
    }

    /// Signed out, here and now, without a word to the pool.
    pub(crate) fn forget_session(&mut self, error: Option<FlowError>) {
        let username = self.user.take().map(|user| user.username);
        self.tokens = None;
        self.held = None;
        self.drop_refresh();
        self.abort(|awaiting| {
            matches!(awaiting, Awaiting::Authorized { .. } | Awaiting::Refresh(_))
        });
        self.settle(Step::signed_out(username), error);
    }

    fn drop_refresh(&mut self) {
        if let Some(refresh) = self.refresh.take() {
            self.effects.push(Effect::Unlock { id: refresh.lock });
            for what in refresh.waiting {
                what.reject(self, Code::NotAccepted.into());
            }
        }
    }
}

pub(crate) fn refresh_body(token: &Secret) -> Object {
    let mut body = Object::new();
    body.begin("AuthParameters")
        .secret("REFRESH_TOKEN", token)
        .close()
        .string("AuthFlow", "REFRESH_TOKEN_AUTH");
    body
}

impl ExpectRefresh {
    pub(crate) fn take(self, flow: &mut Flow, answer: Answer<'_>, now: &Moment) {
        let failed = match answer {
            Ok(reply) => {
                let read = reply
                    .object("AuthenticationResult")
                    .and_then(|result| Tokens::read(result, flow.tokens.as_ref(), now));
                let Some(mut tokens) = read else {
                    return flow.end_refresh(Err(Code::Server.into()), now);
                };
                // The second way worked where the first did not: go that way from now on.
                tokens.rotates |= self.second_way;
                flow.tokens = Some(tokens);
                return flow.end_refresh(Ok(()), now);
            }
            Err(failed) => failed,
        };
        // Where two tabs were at it at once, the pool may take the token of one alone.
        if flow.is_renewed(now) {
            return flow.end_refresh(Ok(()), now);
        }
        // Refused both ways, the token is good for nothing; trouble on the way says nothing of it.
        if failed.is_dead_session() || (self.second_way && failed.is_refusal()) {
            let disabled = failed.error.code == Code::UserDisabled;
            let code = if disabled {
                Code::UserDisabled
            } else {
                Code::ChallengeSpent
            };
            let mut error = FlowError::from(code);
            error.server.clone_from(&failed.error.server);
            return flow.lose_session(error);
        }
        if !self.rotating && failed.is_refusal() {
            // A pool that rotates refresh tokens has no REFRESH_TOKEN_AUTH.
            return flow.refresh_by(true, true, now);
        }
        flow.end_refresh(Err(failed.error), now);
    }
}

impl Failed {
    fn is_refusal(&self) -> bool {
        self.is("NotAuthorizedException") || self.is("InvalidParameterException")
    }

    /// Whether the pool says that the refresh token, or its user, is gone.
    fn is_dead_session(&self) -> bool {
        self.is("UserNotFoundException")
            || self.is("RefreshTokenReuseException")
            || self.is("PasswordResetRequiredException")
            || self.error.code == Code::UserDisabled
            || self.is("NotAuthorizedException")
                && self.says("refresh token")
                && (self.says("revoked") || self.says("expired") || self.says("invalid"))
    }
}
