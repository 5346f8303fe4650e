//! Challenges: kept under a session, answered once, by the same client for the same user.

use crate::call::{App, Call, app_in};
use crate::error::{Refusal, not_authorized};
use crate::randomness::Draw;
use crate::state::{Challenge, Expects};

/// Wrong answers after which a challenge is spent.
const TRIES: u32 = 5;

impl Call<'_> {
    /// Keeps a new challenge for the user under `key`, to be answered by `session`.
    pub(super) fn remember_challenge(
        &mut self,
        app: &App,
        key: &str,
        device_key: Option<String>,
        session: String,
        expects: Expects,
    ) -> Result<(), Refusal> {
        let lifetime = app.client_settings().session_milliseconds();
        let challenge = Challenge {
            client_id: app.client_id().into(),
            user: key.into(),
            expires: self.now.saturating_add(lifetime),
            tries: 0,
            used: false,
            device_key,
            expects,
        };
        self.keep_challenge(app, session, challenge)
    }

    /// Keeps a challenge that has a lifetime of its own.
    pub(super) fn keep_challenge(
        &mut self,
        app: &App,
        session: String,
        challenge: Challenge,
    ) -> Result<(), Refusal> {
        let challenges = &mut self.pool_mut(&app.pool_id)?.challenges;
        challenges.insert(session, challenge);
        Ok(())
    }

    /// The challenge behind a session, if it can still be answered by this client for the user that
    /// `username` means. What is made up, foreign or replayed ends here.
    pub(super) fn open_challenge(
        &self,
        app: &App,
        session: &str,
        username: &str,
    ) -> Result<Challenge, Refusal> {
        let pool = self.pool(&app.pool_id)?;
        let challenge = pool.challenges.get(session);
        let challenge = challenge
            .filter(|challenge| challenge.client_id == app.client_id())
            .ok_or_else(invalid_session)?;
        self.check_open(challenge)?;
        let theirs = match pool.key_of(username) {
            Some(key) => key == challenge.user,
            // A made-up user has no key; a real one's session is nobody else's.
            None => is_nobody(&challenge.user),
        };
        if !theirs {
            return Err(invalid_session());
        }
        Ok(challenge.clone())
    }

    fn check_open(&self, challenge: &Challenge) -> Result<(), Refusal> {
        if challenge.used {
            return Err(not_authorized(
                "Invalid session for the user, session can only be used once.",
            ));
        }
        if self.now >= challenge.expires {
            return Err(expired_session());
        }
        Ok(())
    }

    /// The challenge behind a session for operations that name neither client nor user.
    pub(super) fn session_without_client(
        &self,
        session: &str,
    ) -> Result<(App, Challenge), Refusal> {
        let found = self.state.pools.values().find_map(|pool| {
            let challenge = pool.challenges.get(session)?;
            let client = pool.clients.get(&challenge.client_id)?.clone();
            Some((app_in(pool, Some(client)), challenge.clone()))
        });
        let (app, challenge) = found.ok_or_else(invalid_session)?;
        self.check_open(&challenge)?;
        Ok((app, challenge))
    }

    /// Ends a session and opens the next one of the same challenge, which ends when the first would
    /// have.
    pub(super) fn exchange_session(
        &mut self,
        app: &App,
        session: &str,
        expects: Expects,
    ) -> Result<String, Refusal> {
        let next = self.randomness.opaque();
        let challenges = &mut self.pool_mut(&app.pool_id)?.challenges;
        let old = challenges.get_mut(session).ok_or_else(invalid_session)?;
        let challenge = Challenge {
            expects,
            ..old.clone()
        };
        old.used = true;
        challenges.insert(next.clone(), challenge);
        Ok(next)
    }

    /// Uses a challenge up: from now on the session is worth nothing.
    pub(super) fn spend_challenge(&mut self, app: &App, session: &str) -> Result<(), Refusal> {
        let challenges = &mut self.pool_mut(&app.pool_id)?.challenges;
        challenges
            .get_mut(session)
            .ok_or_else(invalid_session)?
            .used = true;
        Ok(())
    }

    /// Counts a wrong answer; too many spend the challenge. Gives the refusal to answer with.
    pub(super) fn wrong_answer(&mut self, app: &App, session: &str, refusal: Refusal) -> Refusal {
        if let Some(pool) = self.state.pools.get_mut(&app.pool_id)
            && let Some(challenge) = pool.challenges.get_mut(session)
        {
            challenge.tries += 1;
            challenge.used = challenge.tries >= TRIES;
        }
        refusal.keeping_changes()
    }
}

pub(super) fn expired_session() -> Refusal {
    not_authorized("Invalid session for the user, session is expired.")
}

pub(super) fn invalid_session() -> Refusal {
    not_authorized("Invalid session for the user.")
}

/// A key that no user has: names have no control characters.
pub(super) fn nobody(name: &str) -> String {
    format!("\u{0}{name}")
}

/// Whether a key is one of [`nobody`].
fn is_nobody(key: &str) -> bool {
    key.starts_with('\u{0}')
}
