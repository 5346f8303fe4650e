//! Tokens after sign-in: issued, refreshed, revoked.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::settings::pools::seconds;
use crate::call::{App, Bearer, Call, Found, Input, check_secret_hash};
use crate::error::{
    Outcome, Refusal, internal_error, invalid_parameter, not_authorized, nothing,
    refresh_token_reuse, resource_not_found, unsupported_token_type,
};
use crate::randomness::Draw;
use crate::state::{RefreshToken, SignIn, User, UserStatus};

pub(crate) fn from_refresh_token(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId"))?;
    check_secret(&app, input.optional("ClientSecret"))?;
    let result = call.refresh(
        &app,
        input.text("RefreshToken"),
        input.optional("DeviceKey"),
    )?;
    Ok(json!({ "AuthenticationResult": result }))
}

pub(crate) fn revoke(call: &mut Call<'_>, input: &Value) -> Outcome {
    let app = call.app_of(input.text("ClientId")).map_err(|_| {
        // The API declares no ResourceNotFoundException here.
        invalid_parameter("Invalid client.")
    })?;
    check_secret(&app, input.optional("ClientSecret"))
        .map_err(|refusal| Refusal::new("UnauthorizedException", refusal.message))?;
    if app.client_settings().enable_token_revocation == Some(false) {
        return Err(Refusal::new(
            "UnsupportedOperationException",
            "Token revocation is not enabled for this client.",
        ));
    }
    let token = input.text("Token");
    if call.options.key.verify(token).is_some() {
        return Err(unsupported_token_type("Unsupported token type."));
    }
    let pool = call.pool_mut(&app.pool_id)?;
    let Some(refresh_token) = pool.refresh_tokens.get(&fingerprint(token)) else {
        // RFC 7009: an unknown token is as good as revoked.
        return Ok(nothing());
    };
    let id = refresh_token.sign_in.clone();
    let client = app.client_id();
    if let Some(sign_in) = pool.sign_ins.get_mut(&id) {
        if sign_in.client_id != client {
            return Err(Refusal::new("UnauthorizedException", "Invalid client."));
        }
        sign_in.revoked = true;
    }
    Ok(nothing())
}

pub(crate) fn global_sign_out(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, found, .. } = call.bearer(input)?;
    call.sign_out_everywhere(&app, &found.user);
    Ok(nothing())
}

pub(crate) fn admin_global_sign_out(call: &mut Call<'_>, input: &Value) -> Outcome {
    let (app, found) = call.administered_user(input)?;
    call.sign_out_everywhere(&app, &found.user);
    Ok(nothing())
}

pub(crate) fn list_sessions(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer {
        app,
        found,
        sign_in,
    } = call.bearer(input)?;
    sessions(call, &app, &found, Some(&sign_in))
}

pub(crate) fn admin_list_sessions(call: &mut Call<'_>, input: &Value) -> Outcome {
    let (app, found) = call.administered_user(input)?;
    sessions(call, &app, &found, None)
}

fn sessions(call: &Call<'_>, app: &App, found: &Found, current: Option<&SignIn>) -> Outcome {
    let pool = call.pool(&app.pool_id)?;
    let sessions = found
        .user
        .sign_ins
        .iter()
        .filter_map(|id| pool.sign_ins.get(id));
    let sessions: Vec<Value> = sessions
        .filter(|sign_in| !sign_in.revoked && call.now < sign_in.expires)
        .map(|sign_in| {
            json!({
                "SessionId": session_id(&sign_in.id),
                "ClientId": sign_in.client_id,
                "CreateDate": seconds(sign_in.auth_time),
                "LastActiveDate": seconds(sign_in.last_used),
                "IsCurrentSession": current.is_some_and(|current| current.id == sign_in.id),
            })
        })
        .collect();
    Ok(json!({ "Sessions": sessions }))
}

pub(crate) fn revoke_session(call: &mut Call<'_>, input: &Value) -> Outcome {
    let Bearer { app, found, .. } = call.bearer(input)?;
    end_session(call, &app, &found, input)
}

pub(crate) fn admin_revoke_session(call: &mut Call<'_>, input: &Value) -> Outcome {
    let (app, found) = call.administered_user(input)?;
    end_session(call, &app, &found, input)
}

fn end_session(call: &mut Call<'_>, app: &App, found: &Found, input: &Value) -> Outcome {
    let wanted = input.text("SessionId");
    let id = found
        .user
        .sign_ins
        .iter()
        .find(|id| session_id(id) == wanted)
        .cloned();
    let pool = call.pool_mut(&app.pool_id)?;
    let sign_in = id.and_then(|id| pool.sign_ins.get_mut(&id));
    match sign_in {
        Some(sign_in) => sign_in.revoked = true,
        None => return Err(resource_not_found("Session not found.")),
    }
    Ok(nothing())
}

impl Call<'_> {
    /// Begins a sign-in and issues its tokens: `AuthenticationResult`.
    pub(crate) fn sign_in(
        &mut self,
        app: &App,
        found: &mut Found,
        device_key: Option<String>,
    ) -> Result<Value, Refusal> {
        let settings = app.client_settings();
        let sign_in = SignIn {
            id: self.randomness.uuid(),
            user: found.key.clone(),
            client_id: app.client_id().into(),
            event_id: self.randomness.uuid(),
            auth_time: self.now,
            last_used: self.now,
            expires: self
                .now
                .saturating_add(settings.refresh_seconds().saturating_mul(1000)),
            device_key,
            revoked: false,
        };
        found.user.wrong_passwords = 0;
        found.user.locked_until = 0;
        self.forget_old_sign_ins(app, found);
        found.user.sign_ins.insert(sign_in.id.clone());
        self.store(app, found);
        let refresh_token = self.new_refresh_token(app, &sign_in)?;
        let mut result = self.token_pair(app, found, &sign_in)?;
        result.insert("RefreshToken".into(), json!(refresh_token));
        self.pool_mut(&app.pool_id)?
            .sign_ins
            .insert(sign_in.id.clone(), sign_in);
        Ok(Value::Object(result))
    }

    /// Whom a refresh token was given to, whether or not it is still good.
    pub(crate) fn owner_of_refresh_token(&self, app: &App, token: &str) -> Option<User> {
        let pool = self.state.pools.get(&app.pool_id)?;
        let kept = pool.refresh_tokens.get(&fingerprint(token))?;
        let sign_in = pool.sign_ins.get(&kept.sign_in)?;
        self.find_key(app, &sign_in.user).map(|found| found.user)
    }

    /// New tokens for a refresh token; a new refresh token too where the client rotates them.
    pub(crate) fn refresh(
        &mut self,
        app: &App,
        token: &str,
        device_key: Option<&str>,
    ) -> Result<Value, Refusal> {
        let invalid = || not_authorized("Invalid Refresh Token");
        let now = self.now;
        let key = fingerprint(token);
        let pool = self.pool(&app.pool_id)?;
        let kept = pool.refresh_tokens.get(&key).ok_or_else(invalid)?.clone();
        let mut sign_in = pool
            .sign_ins
            .get(&kept.sign_in)
            .ok_or_else(invalid)?
            .clone();
        if sign_in.client_id != app.client_id() {
            return Err(invalid());
        }
        if sign_in.revoked {
            return Err(not_authorized("Refresh Token has been revoked"));
        }
        if now >= kept.expires {
            return Err(not_authorized("Refresh Token has expired"));
        }
        let found = self.find_key(app, &sign_in.user).ok_or_else(invalid)?;
        let device = sign_in
            .device_key
            .as_ref()
            .and_then(|key| found.user.devices.get(key));
        let confirmed = device.filter(|device| device.verifier.is_some());
        if confirmed.is_some_and(|device| device_key != Some(device.key.as_str())) {
            return Err(invalid());
        }
        if !found.user.enabled {
            return Err(not_authorized("User is disabled."));
        }
        if found.user.status == UserStatus::ResetRequired
            && crate::facts::declares(self.operation, "PasswordResetRequiredException")
        {
            return Err(crate::error::password_reset_required(
                "Password reset required for the user",
            ));
        }
        let settings = app.client_settings();
        let reused = kept
            .rotated
            .is_some_and(|when| now >= when.saturating_add(settings.rotation_grace()));
        if reused {
            // Somebody has a copy: nobody goes on with this sign-in.
            if let Some(sign_in) = self.pool_mut(&app.pool_id)?.sign_ins.get_mut(&sign_in.id) {
                sign_in.revoked = true;
            }
            return Err(
                refresh_token_reuse("Refresh token has been used already.").keeping_changes()
            );
        }
        sign_in.last_used = now;
        let mut result = self.token_pair(app, &found, &sign_in)?;
        if settings.rotates() {
            let pool = self.pool_mut(&app.pool_id)?;
            if let Some(old) = pool.refresh_tokens.get_mut(&key) {
                old.rotated = old.rotated.or(Some(now));
            }
            result.insert(
                "RefreshToken".into(),
                json!(self.new_refresh_token(app, &sign_in)?),
            );
        }
        self.pool_mut(&app.pool_id)?
            .sign_ins
            .insert(sign_in.id.clone(), sign_in);
        Ok(Value::Object(result))
    }

    /// A refresh token that lives as long as the sign-in.
    fn new_refresh_token(&mut self, app: &App, sign_in: &SignIn) -> Result<String, Refusal> {
        let token = self.randomness.opaque();
        let kept = RefreshToken {
            sign_in: sign_in.id.clone(),
            expires: sign_in.expires,
            rotated: None,
        };
        self.pool_mut(&app.pool_id)?
            .refresh_tokens
            .insert(fingerprint(&token), kept);
        Ok(token)
    }

    fn token_pair(
        &mut self,
        app: &App,
        found: &Found,
        sign_in: &SignIn,
    ) -> Result<Map<String, Value>, Refusal> {
        let settings = app.client_settings();
        let user = &found.user;
        let now = self.now / 1000;
        let mut common = Map::new();
        common.insert("sub".into(), json!(user.sub()));
        common.insert(
            "iss".into(),
            json!(format!("{}/{}", self.options.issuer, app.pool_id)),
        );
        common.insert("origin_jti".into(), json!(sign_in.id));
        common.insert("event_id".into(), json!(sign_in.event_id));
        common.insert("auth_time".into(), json!(sign_in.auth_time / 1000));
        common.insert("iat".into(), json!(now));
        let groups = self.groups_by_precedence(app, user);
        if !groups.is_empty() {
            common.insert("cognito:groups".into(), json!(groups));
        }

        let mut access = common.clone();
        access.insert("token_use".into(), json!("access"));
        access.insert("scope".into(), json!("aws.cognito.signin.user.admin"));
        access.insert("client_id".into(), json!(app.client_id()));
        access.insert("username".into(), json!(user.username));
        access.insert("exp".into(), json!(now + settings.access_seconds()));
        access.insert("jti".into(), json!(self.randomness.uuid()));
        if let Some(device_key) = &sign_in.device_key {
            access.insert("device_key".into(), json!(device_key));
        }

        let mut id = common;
        for (name, value) in &user.attributes {
            if name != "sub" && settings.may_read(name) {
                let value = match name.as_str() {
                    "email_verified" | "phone_number_verified" => json!(value == "true"),
                    _ => json!(value),
                };
                id.insert(name.clone(), value);
            }
        }
        id.insert("token_use".into(), json!("id"));
        id.insert("aud".into(), json!(app.client_id()));
        id.insert("cognito:username".into(), json!(user.username));
        id.insert("exp".into(), json!(now + settings.id_seconds()));
        id.insert("jti".into(), json!(self.randomness.uuid()));
        let roles = self.roles_of_groups(app, user);
        if let Some(preferred) = roles.first() {
            id.insert("cognito:preferred_role".into(), json!(preferred));
            id.insert("cognito:roles".into(), json!(roles));
        }

        let sign = |claims| {
            let token = self.options.key.sign(&Value::Object(claims));
            token.ok_or_else(|| internal_error("The token could not be signed."))
        };
        let mut result = Map::new();
        result.insert("AccessToken".into(), json!(sign(access)?));
        result.insert("IdToken".into(), json!(sign(id)?));
        result.insert("TokenType".into(), json!("Bearer"));
        result.insert("ExpiresIn".into(), json!(settings.access_seconds()));
        Ok(result)
    }

    /// Sign-ins that are over take their refresh tokens with them, so that users who come every
    /// day do not fill the memory.
    fn forget_old_sign_ins(&mut self, app: &App, found: &mut Found) {
        let now = self.now;
        let Some(pool) = self.state.pools.get_mut(&app.pool_id) else {
            return;
        };
        let over: Vec<String> = found
            .user
            .sign_ins
            .iter()
            .filter(|id| {
                pool.sign_ins
                    .get(id)
                    .is_none_or(|sign_in| now >= sign_in.expires)
            })
            .cloned()
            .collect();
        for id in over {
            pool.sign_ins.remove(&id);
            found.user.sign_ins.remove(&id);
            let tokens: Vec<String> = pool
                .refresh_tokens
                .iter()
                .filter(|(_, token)| token.sign_in == id)
                .map(|(key, _)| key.clone())
                .collect();
            for key in tokens {
                pool.refresh_tokens.remove(&key);
            }
        }
    }
}

/// The secret itself stands where these two operations take it.
fn check_secret(app: &App, secret: Option<&str>) -> Result<(), Refusal> {
    let expected = app
        .client
        .as_ref()
        .and_then(|client| client.secret.as_deref());
    match (expected, secret) {
        (None, None) => Ok(()),
        (Some(expected), Some(secret)) if fingerprint(expected) == fingerprint(secret) => Ok(()),
        (None, Some(_)) => check_secret_hash(app, None, secret),
        (Some(_), _) => Err(not_authorized("Invalid client secret.")),
    }
}

/// What a refresh token is stored under.
fn fingerprint(token: &str) -> String {
    Sha256::digest(token)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A sign-in's id in the shape that the API gives session ids.
fn session_id(id: &str) -> String {
    let hash = fingerprint(id);
    format!("tkn{}", hash.chars().take(25).collect::<String>())
}
