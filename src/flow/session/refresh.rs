//! Refreshing the tokens: once at a time in a tab, and once across tabs.

use std::mem;

use crate::{
    effect::Effect,
    error::{Code, FlowError},
    flow::{
        Flow,
        authorized::Authorized,
        awaiting::Awaiting,
        calls::Answer,
        next::Next,
        session::{
            Session,
            tokens::{Tokens, Way},
        },
        step::Step,
    },
    protocol::Refusal,
    secret::Secret,
    time::{Deadline, Moment},
};

/// Another tab that holds the lock longer than this has died with it.
const LOCK_MS: f64 = 60_000.0;
/// Whoever can do with the tokens there are waits this long for another tab's lock.
const PATIENCE_MS: f64 = 2_000.0;

/// A refresh under way, and what waits for it.
pub(super) struct Refresh {
    lock: u32,
    /// While waiting for the lock: until when; then [`Deadline::NEVER`].
    locking: Deadline,
    /// Until when those wait who can do with the tokens there are.
    patience: Deadline,
    /// The access token that the pool has refused.
    dead: Option<Secret>,
    waiting: Vec<Authorized>,
    /// Those who asked for what is fresh when the request was on its way already.
    late: Vec<Authorized>,
}

/// After a call that refreshes.
pub(crate) struct ExpectRefresh {
    /// The tokens that were there when it was sent.
    token: Secret,
    access: Secret,
    /// The user had changed before it was sent: what comes says so.
    was_stale: bool,
    way: Way,
    /// The pool does not take another way, which was tried before.
    second_way: bool,
}

impl Refresh {
    pub(super) fn deadline(&self) -> Deadline {
        match self.patience.steady < self.locking.steady {
            true => self.patience,
            false => self.locking,
        }
    }

    pub(super) fn drop_event(&mut self) {
        self.waiting.retain(|what| !what.is_of_event());
    }

    fn is_sent(&self) -> bool {
        self.locking.is_never()
    }
}

impl Session {
    /// Whether there are tokens now that need no refresh: another tab may have been sooner.
    fn is_renewed(&self, now: &Moment) -> bool {
        let Some(refresh) = &self.refresh else {
            return true;
        };
        let forced = refresh.waiting.iter().any(Authorized::is_forced);
        !forced
            && !self.stale
            && self.tokens.are_fresh(now)
            && refresh.dead.as_ref() != Some(&self.tokens.access)
    }

    /// Whether the tokens there are, early as they are refreshed, are still good.
    fn is_usable(&self, now: &Moment) -> bool {
        let dead = self.refresh.as_ref().is_some_and(|r| r.dead.is_some());
        !dead && !self.tokens.expires.is_over(now)
    }
}

impl Flow {
    /// Lets it wait for fresh tokens; `dead` is an access token that the pool has refused.
    pub(crate) fn renew_for(&mut self, what: Authorized, dead: Option<Secret>, now: &Moment) {
        let Some(session) = &mut self.known.session else {
            return self.reject(what, Code::NotAccepted.into(), now);
        };
        let usable = session.is_usable(now);
        if let Some(refresh) = &mut session.refresh {
            // Others have waited long enough for the lock before.
            let in_vain = !refresh.is_sent() && refresh.patience.is_never();
            if in_vain && usable && !what.is_forced() {
                return self.perform(what, false, now);
            }
            // Nothing of an event waits here: the person may leave it meanwhile.
            let wants_newer = what.is_forced() || session.stale && what.wants_claims();
            match refresh.is_sent() && wants_newer {
                true => refresh.late.push(what),
                false => refresh.waiting.push(what),
            }
            return;
        }
        let lock = self.effects.next_id();
        session.refresh = Some(Box::new(Refresh {
            lock,
            locking: Deadline::after(now, LOCK_MS),
            patience: Deadline::after(now, PATIENCE_MS),
            dead,
            waiting: vec![what],
            late: Vec::new(),
        }));
        self.effects.push(Effect::Lock { id: lock });
    }

    pub(crate) fn on_locked(&mut self, id: u32, now: &Moment) {
        let Some(session) = &mut self.known.session else {
            return;
        };
        match &mut session.refresh {
            Some(refresh) if refresh.lock == id && !refresh.is_sent() => {
                refresh.locking = Deadline::NEVER;
                refresh.patience = Deadline::NEVER;
            }
            _ => return,
        }
        match session.is_renewed(now) {
            true => self.end_refresh(Ok(()), now),
            false => self.send_refresh(now),
        }
    }

    /// Does not wait for ever for a lock that another tab holds.
    pub(crate) fn pass_refresh_time(&mut self, now: &Moment) {
        let Some(session) = &mut self.known.session else {
            return;
        };
        let usable = session.is_usable(now);
        let Some(refresh) = &mut session.refresh else {
            return;
        };
        if refresh.locking.is_over(now) {
            refresh.locking = Deadline::NEVER;
            refresh.patience = Deadline::NEVER;
            return self.send_refresh(now);
        }
        if refresh.patience.is_over(now) {
            refresh.patience = Deadline::NEVER;
            if usable {
                let waiting = mem::take(&mut refresh.waiting);
                for what in waiting {
                    self.go_on_or_wait(what, now);
                }
            }
        }
    }

    /// Does it with the tokens there are, unless it is these that it wants to be new.
    fn go_on_or_wait(&mut self, what: Authorized, now: &Moment) {
        match what.is_forced() {
            true => self.renew_for(what, None, now),
            false => self.perform(what, false, now),
        }
    }

    fn send_refresh(&mut self, now: &Moment) {
        if let Some(session) = &self.known.session {
            let way = session.tokens.way(&self.config);
            self.refresh_by(way, false, now);
        }
    }

    fn refresh_by(&mut self, way: Way, second_way: bool, now: &Moment) {
        let Some(session) = &mut self.known.session else {
            return;
        };
        let out = session.tokens.refresh(session.device_key(), way);
        let (Some(out), Some(token)) = (out, &session.tokens.refresh) else {
            // What cannot be renewed ends with its time.
            return match session.is_usable(now) {
                true => self.end_refresh(Err(Code::ChallengeSpent.into()), now),
                false => self.lose_session(Code::ChallengeSpent.into(), now),
            };
        };
        let expect = ExpectRefresh {
            token: token.clone(),
            access: session.tokens.access.clone(),
            was_stale: mem::take(&mut session.stale),
            way,
            second_way,
        };
        self.request(out, Awaiting::Refresh(expect), now);
    }

    /// Lets go on what waited, or tells it what went wrong.
    fn end_refresh(&mut self, result: Result<(), FlowError>, now: &Moment) {
        let Some(session) = &mut self.known.session else {
            return;
        };
        let usable = session.is_usable(now);
        let Some(refresh) = session.refresh.take() else {
            return;
        };
        // First what is new goes into the storage, then others may look.
        self.save();
        self.effects.push(Effect::Unlock { id: refresh.lock });
        for what in refresh.waiting {
            match &result {
                Ok(()) => self.perform(what, true, now),
                // Tokens are refreshed early: where that failed, those there are may still be good.
                Err(_) if usable && !what.is_forced() => self.perform(what, false, now),
                Err(error) => self.reject(what, error.clone(), now),
            }
        }
        for what in refresh.late {
            self.renew_for(what, None, now);
        }
    }

    pub(crate) fn on_refreshed(
        &mut self,
        expect: &ExpectRefresh,
        answer: Answer<'_>,
        now: &Moment,
    ) {
        // What comes for a session that is gone is not asked for any more.
        let Some(session) = &mut self.known.session else {
            return;
        };
        // Another tab has refreshed meanwhile: what comes of the old token is not for this one.
        if session.tokens.refresh.as_ref() != Some(&expect.token) {
            return match session.is_renewed(now) {
                true => self.end_refresh(Ok(()), now),
                false => self.send_refresh(now),
            };
        }
        let failed = match answer {
            Ok(reply) => {
                let read = reply
                    .object("AuthenticationResult")
                    .and_then(|result| Tokens::read(result, Some(&session.tokens), now));
                let Some(mut tokens) = read else {
                    session.stale |= expect.was_stale;
                    return self.end_refresh(Err(Code::Server.into()), now);
                };
                // This way worked where another did not: go that way from now on.
                tokens.rotates |= expect.way == Way::GetTokens;
                session.tokens = tokens;
                return self.end_refresh(Ok(()), now);
            }
            Err(failed) => failed,
        };
        session.stale |= expect.was_stale;
        // Where two tabs were at it at once, the pool may take the token of one alone.
        if session.tokens.access != expect.access && session.tokens.are_fresh(now) {
            return self.end_refresh(Ok(()), now);
        }
        let other_way = match failed.refusal {
            Refusal::NotThisWay => session.tokens.way_after(expect.way),
            _ => None,
        };
        // Refused all ways, the token is good for nothing; trouble on the way says nothing of it, nor does
        // a value (of `clientMetadata`, say) that the pool cannot read.
        let in_no_way = failed.error.code == Code::Refused && other_way.is_none();
        if failed.refusal == Refusal::DeadRefreshToken || expect.second_way && in_no_way {
            let code = match failed.error.code {
                Code::UserDisabled => Code::UserDisabled,
                _ => Code::ChallengeSpent,
            };
            let mut error = FlowError::from(code);
            error.server.clone_from(&failed.error.server);
            return self.lose_session(error, now);
        }
        if failed.refusal == Refusal::UnknownDevice
            && let Some(key) = session.device_key().cloned()
        {
            // The pool has forgotten the device: it is named no more.
            session.device_forgotten(&key);
            self.known.devices.forget(&key);
            return self.refresh_by(expect.way, expect.second_way, now);
        }
        if let Some(way) = other_way {
            return self.refresh_by(way, true, now);
        }
        self.end_refresh(Err(failed.error), now);
    }

    /// The tokens are no longer good, and the pool has said so.
    pub(crate) fn lose_session(&mut self, error: FlowError, now: &Moment) {
        let Some(session) = self.drop_session(&error, now) else {
            return;
        };
        let step = Step::signed_out(session.typed_name());
        self.follow(Next::Go(step, Some(error)), now);
    }

    /// Takes the session away with all that belongs to it; whoever waits for an answer is told.
    pub(crate) fn drop_session(&mut self, error: &FlowError, now: &Moment) -> Option<Box<Session>> {
        let mut session = self.known.session.take()?;
        self.known.drop_held();
        let mut waiting = Vec::new();
        if let Some(refresh) = session.refresh.take() {
            self.save();
            self.effects.push(Effect::Unlock { id: refresh.lock });
            waiting.extend(refresh.waiting);
            waiting.extend(refresh.late);
        }
        for awaiting in self.calls.abort(Awaiting::is_of_session, &mut self.effects) {
            if let Awaiting::Authorized { what, .. } = awaiting {
                waiting.push(what);
            }
        }
        if let Some(waits) = self.withdraw_prompt() {
            self.prompted(waits, Err(error.clone()), now);
        }
        for what in waiting {
            // Whoever takes the session away says what becomes of the person's event.
            if !what.is_of_event() {
                self.reject(what, error.clone(), now);
            }
        }
        Some(session)
    }
}
