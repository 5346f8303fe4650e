//! Tokens: issued to somebody who has signed in.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::claims::Changes;
use crate::call::{Call, SELF_SERVICE, Who};
use crate::error::{Refusal, internal_error};
use crate::managed_login;
use crate::randomness::Draw;
use crate::state::{Device, Group, RefreshToken, SignedIn, fingerprint};
use crate::tokens::Unsigned;

/// What an app asked for at managed login.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    pub(crate) scopes: Option<&'a BTreeSet<String>>,
    /// Comes back in the ID token.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) auth_time: Option<u64>,
}

/// Whether scopes let an attribute be seen: `profile` all of them, as does `openid` by itself.
pub(crate) fn shows(scopes: &BTreeSet<String>, attribute: &str) -> bool {
    let has = |scope: &str| scopes.contains(scope);
    match attribute {
        "email" | "email_verified" if has("email") => true,
        "phone_number" | "phone_number_verified" if has("phone") => true,
        _ => has("profile") || !(has("email") || has("phone")),
    }
}

impl Call<'_> {
    /// Begins a sign-in and issues its tokens: `AuthenticationResult`.
    pub(crate) fn sign_in(
        &mut self,
        who: &Who,
        device_key: Option<String>,
        changes: &Changes,
    ) -> Result<Value, Refusal> {
        self.sign_in_asked(who, device_key, changes, &Asked::default())
    }

    /// The same, as an app asked for it at managed login.
    pub(crate) fn sign_in_asked(
        &mut self,
        who: &Who,
        device_key: Option<String>,
        changes: &Changes,
        asked: &Asked<'_>,
    ) -> Result<Value, Refusal> {
        let settings = who.app.client_settings();
        let device =
            (device_key.as_ref()).and_then(|key| self.user(who).ok()?.more.devices.get(key));
        let on_tracked_device = device.is_some_and(Device::is_confirmed);
        let lifetime = settings.refresh_seconds().saturating_mul(1000);
        let sign_in = SignedIn {
            id: self.randomness.uuid(),
            user: who.key.clone(),
            client_id: who.app.client_id().into(),
            event_id: self.randomness.uuid(),
            auth_time: asked.auth_time.unwrap_or(self.now),
            last_used: self.now,
            expires: self.now.saturating_add(lifetime),
            device_key,
            on_tracked_device,
            tracked: self.pool(&who.app.pool_id)?.sessions.tracked,
            revoked: false,
            caller: self.caller.clone(),
            scopes: asked.scopes.cloned(),
        };
        self.make_room(who)?;
        let user = self.user_mut(who)?;
        user.more.wrong_passwords = 0;
        user.more.locked_until = 0;
        let refresh_token = self.new_refresh_token(who, &sign_in)?;
        let mut result = self.token_pair(who, &sign_in, changes, asked.nonce)?;
        result.insert("RefreshToken".into(), json!(refresh_token));
        self.pool_mut(&who.app.pool_id)?
            .sign_ins
            .insert(sign_in.id.clone(), sign_in);
        Ok(Value::Object(result))
    }

    /// Ends the sessions that have not been used for longest, where the user has as many as the pool
    /// allows. A pool that tracks none has no limit.
    fn make_room(&mut self, who: &Who) -> Result<(), Refusal> {
        let settings = self.pool(&who.app.pool_id)?.sessions;
        if !settings.tracked {
            return Ok(());
        }
        let mut sessions = self.sessions_of(who)?;
        sessions.sort_by_key(|sign_in| sign_in.last_used);
        let over = (sessions.len() + 1).saturating_sub(settings.most_per_user);
        let over: Vec<String> = sessions.iter().take(over).map(|it| it.id.clone()).collect();
        let pool = self.pool_mut(&who.app.pool_id)?;
        for id in over {
            if let Some(sign_in) = pool.sign_ins.get_mut(&id) {
                sign_in.revoked = true;
            }
        }
        Ok(())
    }

    /// The sessions of a user that the pool has a record of, and that are not over.
    pub(super) fn sessions_of(&self, who: &Who) -> Result<Vec<&SignedIn>, Refusal> {
        let pool = self.pool(&who.app.pool_id)?;
        let all = pool.sign_ins_of(&who.key);
        let all = all.iter().filter_map(|id| pool.sign_ins.get(id));
        let open = |it: &&SignedIn| it.tracked && !it.revoked && self.now < it.expires;
        Ok(all.filter(open).collect())
    }

    /// A refresh token that lives as long as the sign-in.
    pub(super) fn new_refresh_token(
        &mut self,
        who: &Who,
        sign_in: &SignedIn,
    ) -> Result<String, Refusal> {
        let token = self.randomness.opaque();
        let kept = RefreshToken {
            sign_in: sign_in.id.clone(),
            expires: sign_in.expires,
            rotated: None,
        };
        self.pool_mut(&who.app.pool_id)?
            .refresh_tokens
            .insert(fingerprint(&token), kept);
        Ok(token)
    }

    /// An access token and, but where managed login was not asked for `openid`, an ID token. Those of
    /// operations are signed later: see [`Call::unsigned`].
    pub(super) fn token_pair(
        &mut self,
        who: &Who,
        sign_in: &SignedIn,
        changes: &Changes,
        nonce: Option<&str>,
    ) -> Result<Map<String, Value>, Refusal> {
        let settings = who.app.client_settings();
        let (access_id, id_id) = (self.randomness.uuid(), self.randomness.uuid());
        let now = self.now / 1000;
        let common = self.common_claims(who, sign_in)?;
        let user = self.user(who)?;

        let mut access = common.clone();
        access.insert("token_use".into(), json!("access"));
        access.insert("scope".into(), json!(scope_of(sign_in)));
        if sign_in.scopes.is_some() {
            access.insert("version".into(), json!(2));
        }
        access.insert("client_id".into(), json!(who.app.client_id()));
        access.insert("username".into(), json!(user.username));
        access.insert("exp".into(), json!(now + settings.access_seconds()));
        if settings.revokes_tokens() {
            access.insert("jti".into(), json!(access_id));
        }
        if let Some(device_key) = &sign_in.device_key {
            access.insert("device_key".into(), json!(device_key));
        }
        changes.of_access(&mut access);

        let sign = |claims| {
            let token = self.options.key.sign(&Value::Object(claims));
            token.ok_or_else(|| internal_error("The token could not be signed."))
        };
        let mut result = Map::new();
        result.insert("TokenType".into(), json!("Bearer"));
        result.insert("ExpiresIn".into(), json!(settings.access_seconds()));
        let scopes = sign_in.scopes.as_ref();
        if scopes.is_some_and(|scopes| !scopes.contains("openid")) {
            result.insert("AccessToken".into(), json!(sign(access)?));
            return Ok(result);
        }

        let mut id = common;
        for (name, value) in user.attributes.iter() {
            let shown = scopes.is_none_or(|scopes| shows(scopes, name));
            // Who vouched for somebody is always said.
            let shown = (shown && settings.may_read(name)) || name == "identities";
            if name != "sub" && shown {
                let value = match name {
                    "email_verified" | "phone_number_verified" => json!(value == "true"),
                    // The claim of OpenID Connect Core, section 5.1.1.
                    "address" => json!({ "formatted": value }),
                    "identities" => serde_json::from_str(value).unwrap_or_default(),
                    _ => json!(value),
                };
                id.insert(name.to_owned(), value);
            }
        }
        if let Some(nonce) = nonce {
            id.insert("nonce".into(), json!(nonce));
        }
        id.insert("token_use".into(), json!("id"));
        id.insert("aud".into(), json!(who.app.client_id()));
        id.insert("cognito:username".into(), json!(user.username));
        id.insert("exp".into(), json!(now + settings.id_seconds()));
        if settings.revokes_tokens() {
            id.insert("jti".into(), json!(id_id));
        }
        let groups = self.groups_by_precedence(who)?;
        if let Some(preferred) = preferred_role(&groups) {
            id.insert("cognito:preferred_role".into(), json!(preferred));
        }
        let roles: Vec<String> = groups.into_iter().filter_map(|it| it.role_arn).collect();
        if !roles.is_empty() {
            id.insert("cognito:roles".into(), json!(roles));
        }
        changes.of_id(&mut id);
        if scopes.is_none() && self.operation != managed_login::OPERATION {
            let [access, id] = [access, id].map(Value::Object);
            self.unsigned = Some(Unsigned { access, id });
            return Ok(result);
        }
        let access = sign(access)?;
        if scopes.is_some() {
            id.insert("at_hash".into(), json!(half_hash(&access)));
        }
        result.insert("AccessToken".into(), json!(access));
        result.insert("IdToken".into(), json!(sign(id)?));
        Ok(result)
    }

    /// What both tokens say.
    fn common_claims(&self, who: &Who, sign_in: &SignedIn) -> Result<Map<String, Value>, Refusal> {
        let issuer = format!("{}/{}", self.options.issuer, who.app.pool_id);
        let mut claims = Map::new();
        claims.insert("sub".into(), json!(self.user(who)?.sub()));
        claims.insert("iss".into(), json!(issuer));
        if who.app.client_settings().revokes_tokens() {
            claims.insert("origin_jti".into(), json!(sign_in.id));
        }
        claims.insert("event_id".into(), json!(sign_in.event_id));
        claims.insert("auth_time".into(), json!(sign_in.auth_time / 1000));
        claims.insert("iat".into(), json!(self.now / 1000));
        let groups = self.groups_by_precedence(who)?;
        if !groups.is_empty() {
            let names: Vec<String> = groups.into_iter().map(|group| group.name).collect();
            claims.insert("cognito:groups".into(), json!(names));
        }
        Ok(claims)
    }
}

/// The role of the group with the lowest precedence, of those that have one; none where several share
/// that precedence and their roles differ (the API model, `GroupType.Precedence`).
pub(super) fn preferred_role(groups: &[Group]) -> Option<&str> {
    let order = |group: &&Group| group.precedence.unwrap_or(u64::MAX);
    let with_role = || groups.iter().filter(|group| group.role_arn.is_some());
    let lowest = with_role().map(|group| order(&group)).min()?;
    let mut roles = with_role()
        .filter(|group| order(group) == lowest)
        .filter_map(|group| group.role_arn.as_deref());
    let first = roles.next()?;
    roles.all(|role| role == first).then_some(first)
}

/// What the access tokens of a sign-in may do.
pub(super) fn scope_of(sign_in: &SignedIn) -> String {
    match &sign_in.scopes {
        Some(scopes) => scopes
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" "),
        None => SELF_SERVICE.to_owned(),
    }
}

/// By which an ID token names the access token beside it (`at_hash`).
fn half_hash(token: &str) -> String {
    let hash = Sha256::digest(token);
    let half: Vec<u8> = hash.iter().copied().take(16).collect();
    Base64UrlUnpadded::encode_string(&half)
}
