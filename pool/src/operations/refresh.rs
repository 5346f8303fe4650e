//! A refresh token turned into new tokens.

use serde_json::{Value, json};

use super::claims::Occasion;
use crate::call::{App, Call, Who};
use crate::error::{
    Refusal, no_such_device, not_authorized, password_reset_required, refresh_token_reuse,
};
use crate::facts;
use crate::state::{RefreshToken, SignedIn, UserStatus, fingerprint};

impl Call<'_> {
    /// Whom a refresh token was given to, whether or not it is still good.
    pub(crate) fn owner_of_refresh_token(&self, app: &App, token: &str) -> Option<Who> {
        let (_, sign_in) = self.kept(app, token).ok()?;
        self.find_key(app, &sign_in.user)
    }

    /// New tokens for a refresh token; a new refresh token too where the client rotates them.
    pub(crate) fn refresh(
        &mut self,
        app: &App,
        token: &str,
        device_key: Option<&str>,
        input: &Value,
    ) -> Result<Value, Refusal> {
        let now = self.now;
        let (kept, mut sign_in) = self.kept(app, token)?;
        if sign_in.client_id != app.client_id() {
            return Err(invalid());
        }
        if sign_in.revoked {
            return Err(not_authorized("Refresh Token has been revoked"));
        }
        if now >= kept.expires {
            return Err(not_authorized("Refresh Token has expired"));
        }
        let who = self.find_key(app, &sign_in.user).ok_or_else(invalid)?;
        self.check_device(&who, &sign_in, device_key)?;
        self.check_may_refresh(&who)?;
        let settings = app.client_settings();
        let reused = kept
            .rotated
            .is_some_and(|when| now >= when.saturating_add(settings.rotation_grace()));
        if reused {
            // Somebody has a copy: nobody goes on with this sign-in.
            sign_in.revoked = true;
            self.keep(app, sign_in)?;
            return Err(
                refresh_token_reuse("Refresh token has been used already.").keeping_changes()
            );
        }
        let changes = match &sign_in.scopes {
            Some(scopes) => {
                self.pre_token_generation_for(&who, Occasion::Refresh, input, scopes)?
            }
            None => self.pre_token_generation(&who, Occasion::Refresh, input)?,
        };
        sign_in.last_used = now;
        sign_in.caller = self.caller.clone();
        let mut result = self.token_pair(&who, &sign_in, &changes, None)?;
        if settings.rotates() {
            let pool = self.pool_mut(&app.pool_id)?;
            if let Some(old) = pool.refresh_tokens.get_mut(&fingerprint(token)) {
                old.rotated = old.rotated.or(Some(now));
            }
            let next = self.new_refresh_token(&who, &sign_in)?;
            result.insert("RefreshToken".into(), json!(next));
        }
        self.keep(app, sign_in)?;
        Ok(Value::Object(result))
    }

    /// What is known of a refresh token.
    fn kept(&self, app: &App, token: &str) -> Result<(RefreshToken, SignedIn), Refusal> {
        let pool = self.pool(&app.pool_id)?;
        let kept = pool.refresh_tokens.get(&fingerprint(token));
        let kept = kept.ok_or_else(invalid)?;
        let sign_in = pool.sign_ins.get(&kept.sign_in).ok_or_else(invalid)?;
        Ok((kept.clone(), sign_in.clone()))
    }

    fn keep(&mut self, app: &App, sign_in: SignedIn) -> Result<(), Refusal> {
        let sign_ins = &mut self.pool_mut(&app.pool_id)?.sign_ins;
        sign_ins.insert(sign_in.id.clone(), sign_in);
        Ok(())
    }

    /// A refresh token that was given to a tracked device is good on that device alone, and dies
    /// with it; in a pool that tracks devices no more, devices mean nothing.
    fn check_device(
        &self,
        who: &Who,
        sign_in: &SignedIn,
        device_key: Option<&str>,
    ) -> Result<(), Refusal> {
        let tracks = who.app.settings.device_configuration.is_some();
        if !tracks || !sign_in.on_tracked_device {
            return Ok(());
        }
        let Some(key) = device_key else {
            return Err(invalid());
        };
        if self.user(who)?.tracked_device(key).is_none() {
            return Err(no_such_device());
        }
        if sign_in.device_key.as_deref() != Some(key) {
            return Err(invalid());
        }
        Ok(())
    }

    fn check_may_refresh(&self, who: &Who) -> Result<(), Refusal> {
        let user = self.user(who)?;
        if !user.enabled {
            return Err(not_authorized("User is disabled."));
        }
        if user.status == UserStatus::ResetRequired
            && facts::declares(self.operation, "PasswordResetRequiredException")
        {
            return Err(password_reset_required(
                "Password reset required for the user",
            ));
        }
        Ok(())
    }
}

/// In the words of a reply that aws/aws-sdk-java#2253 quotes.
fn invalid() -> Refusal {
    not_authorized("Invalid Refresh Token.")
}
