//! Challenges: issued with a session, answered once, by the same client for the same user.

use serde_json::{Map, Value, json};

use super::password::is_nobody;
use crate::call::{App, Call, Found, app_in};
use crate::error::{Refusal, not_authorized};
use crate::randomness::Draw;
use crate::state::{Challenge, Expects};

/// Wrong answers after which a challenge is spent.
const TRIES: u32 = 5;

/// Challenges are remembered for an hour after their end, to say why they are no good.
const REMEMBERED: u64 = 60 * 60 * 1000;

/// What a sign-in carries from one challenge to the next.
#[derive(Clone, Debug, Default)]
pub(in crate::operations) struct Progress {
    pub(in crate::operations) device_key: Option<String>,
}

impl Call<'_> {
    /// Issues a challenge; gives the whole reply.
    pub(super) fn issue(
        &mut self,
        app: &App,
        key: &str,
        name: &str,
        parameters: Map<String, Value>,
        expects: Expects,
        progress: &Progress,
    ) -> Result<Value, Refusal> {
        let session = self.remember_challenge(app, key, expects, progress, None)?;
        Ok(json!({
            "ChallengeName": name,
            "Session": session,
            "ChallengeParameters": parameters,
        }))
    }

    /// Keeps a challenge under a new session string, or under `name`.
    pub(super) fn remember_challenge(
        &mut self,
        app: &App,
        key: &str,
        expects: Expects,
        progress: &Progress,
        name: Option<String>,
    ) -> Result<String, Refusal> {
        let session = name.unwrap_or_else(|| self.randomness.opaque());
        let challenge = Challenge {
            client_id: app.client_id().into(),
            user: key.into(),
            expires: self
                .now
                .saturating_add(app.client_settings().session_milliseconds()),
            tries: 0,
            used: false,
            device_key: progress.device_key.clone(),
            expects,
        };
        let now = self.now;
        let pool = self.pool_mut(&app.pool_id)?;
        // Looked through from time to time, not on every request.
        if pool.challenges.len() % 256 == 255 {
            let over: Vec<String> = pool
                .challenges
                .iter()
                .filter(|(_, challenge)| now > challenge.expires.saturating_add(REMEMBERED))
                .map(|(session, _)| session.clone())
                .collect();
            for session in over {
                pool.challenges.remove(&session);
            }
        }
        pool.challenges.insert(session.clone(), challenge);
        Ok(session)
    }

    /// The challenge behind a session, if it can still be answered by this client for this user.
    /// What is made up, foreign or replayed ends here.
    pub(super) fn open_challenge(
        &self,
        app: &App,
        session: &str,
        username: &str,
    ) -> Result<Challenge, Refusal> {
        let challenge = self.challenge_of_client(app, session)?;
        let pool = self.pool(&app.pool_id)?;
        let theirs = match pool.key_of(username) {
            Some(key) => key == challenge.user,
            // A made-up user has no key; a real one's session is nobody else's.
            None => is_nobody(&challenge.user),
        };
        if !theirs {
            return Err(invalid_session());
        }
        Ok(challenge)
    }

    fn challenge_of_client(&self, app: &App, session: &str) -> Result<Challenge, Refusal> {
        let pool = self.pool(&app.pool_id)?;
        let challenge = pool.challenges.get(session);
        let challenge = challenge
            .filter(|challenge| challenge.client_id == app.client_id())
            .ok_or_else(invalid_session)?;
        self.check_open(challenge)?;
        Ok(challenge.clone())
    }

    fn check_open(&self, challenge: &Challenge) -> Result<(), Refusal> {
        if challenge.used {
            return Err(not_authorized(
                "Invalid session for the user, session can only be used once.",
            ));
        }
        if self.now >= challenge.expires {
            return Err(not_authorized(
                "Invalid session for the user, session is expired.",
            ));
        }
        Ok(())
    }

    /// The challenge behind a session for operations that name neither client nor user.
    pub(in crate::operations) fn session_without_client(
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
    pub(in crate::operations) fn exchange_session(
        &mut self,
        app: &App,
        session: &str,
        expects: Expects,
    ) -> Result<String, Refusal> {
        self.spend(app, session);
        let next = self.randomness.opaque();
        let pool = self.pool_mut(&app.pool_id)?;
        let mut challenge = pool
            .challenges
            .get(session)
            .cloned()
            .ok_or_else(invalid_session)?;
        challenge.used = false;
        challenge.expects = expects;
        pool.challenges.insert(next.clone(), challenge);
        Ok(next)
    }

    /// The user whom a challenge is for.
    pub(super) fn challenged(
        &self,
        app: &App,
        challenge: &Challenge,
    ) -> Result<(Found, Progress), Refusal> {
        let found = self
            .find_key(app, &challenge.user)
            .ok_or_else(invalid_session)?;
        Ok((
            found,
            Progress {
                device_key: challenge.device_key.clone(),
            },
        ))
    }

    /// Uses a challenge up: from now on the session is worth nothing.
    pub(in crate::operations) fn spend(&mut self, app: &App, session: &str) {
        if let Some(pool) = self.state.pools.get_mut(&app.pool_id)
            && let Some(challenge) = pool.challenges.get_mut(session)
        {
            challenge.used = true;
        }
    }

    /// Counts a wrong answer; too many spend the challenge.
    pub(in crate::operations) fn wrong_answer(
        &mut self,
        app: &App,
        session: &str,
        refusal: Refusal,
    ) -> Refusal {
        if let Some(pool) = self.state.pools.get_mut(&app.pool_id)
            && let Some(challenge) = pool.challenges.get_mut(session)
        {
            challenge.tries += 1;
            challenge.used = challenge.tries >= TRIES;
        }
        refusal.keeping_changes()
    }
}

pub(in crate::operations) fn invalid_session() -> Refusal {
    not_authorized("Invalid session for the user.")
}
