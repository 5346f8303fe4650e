//! How often one may try: codes by the hour, passwords until the lock, requests by the second.

use serde_json::Value;

use super::input::Input;
use super::{Call, Who};
use crate::error::{Refusal, attempt_limit, not_authorized, wrong_credentials};
use crate::operations::HOUR;
use crate::state::Window;

impl Call<'_> {
    /// Counts an attempt of `what` against a user's hourly number.
    pub(crate) fn count(&mut self, who: &Who, what: &str, most: u32) -> Result<(), Refusal> {
        let now = self.now;
        let attempts = &mut self.user_mut(who)?.more.attempts;
        let begun = (attempts.get(what)).filter(|it| now.saturating_sub(it.began) < HOUR);
        let mut window = begun.copied().unwrap_or(Window {
            began: now,
            count: 0,
        });
        if window.count >= most {
            return Err(attempt_limit());
        }
        window.count += 1;
        attempts.insert(what.to_owned(), window);
        Ok(())
    }

    /// Answers a client that asks too often, where the service was started with a limit.
    pub(crate) fn throttle(&mut self, input: &Value) -> Result<(), Refusal> {
        let Some(most) = self.options.requests_per_second else {
            return Ok(());
        };
        let Some(client) = input.optional("ClientId") else {
            return Ok(());
        };
        let second = self.now / 1000;
        let (began, count) = self
            .state
            .throttled
            .get(client)
            .copied()
            .unwrap_or_default();
        let count = if began == second { count } else { 0 };
        if count >= most {
            return Err(Refusal::new("TooManyRequestsException", "Rate exceeded"));
        }
        self.state
            .throttled
            .retain(|_, (began, _)| *began == second);
        self.state
            .throttled
            .insert(client.into(), (second, count + 1));
        Ok(())
    }

    /// Wrong passwords after the fifth lock the user for 2^(n − 5) seconds, up to 15 minutes.
    pub(crate) fn check_not_locked(&self, who: &Who) -> Result<(), Refusal> {
        if self.now < self.user(who)?.more.locked_until {
            return Err(not_authorized("Password attempts exceeded"));
        }
        Ok(())
    }

    /// Notes a wrong password; gives the refusal to answer with.
    pub(crate) fn wrong_password(&mut self, who: &Who) -> Refusal {
        let now = self.now;
        let user = match self.user_mut(who) {
            Ok(user) => user,
            Err(refusal) => return refusal,
        };
        user.more.wrong_passwords = user.more.wrong_passwords.saturating_add(1);
        if user.more.wrong_passwords >= 5 {
            let exponent = (user.more.wrong_passwords - 5).min(10);
            let seconds = (1_u64 << exponent).min(15 * 60);
            user.more.locked_until = now.saturating_add(seconds * 1000);
        }
        wrong_credentials().keeping_changes()
    }

    /// Whether this is the user's password.
    pub(crate) fn password_matches(&self, who: &Who, password: &str) -> Result<bool, Refusal> {
        let user = self.user(who)?;
        let verifier = user.password.as_ref();
        let pool = who.app.short_name();
        Ok(verifier
            .is_some_and(|verifier| verifier.matches(pool, &user.username, password, self.worked)))
    }
}
