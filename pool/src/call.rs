//! One call of an operation: what it may use, and what most operations begin with.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::error::{Refusal, not_authorized, resource_not_found, wrong_credentials};
use crate::options::Options;
use crate::randomness::Randomness;
use crate::service::no_such_pool;
use crate::settings::{ClientSettings, MfaSettings, PoolSettings};
use crate::state::{Client, SignIn, State, User, UserPool, UserStatus, Window};
use crate::triggers::Triggers;

/// What an operation works with.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) options: &'a Options,
    pub(crate) triggers: &'a mut dyn Triggers,
    /// Milliseconds since the epoch.
    pub(crate) now: u64,
    pub(crate) randomness: &'a mut dyn Randomness,
    pub(crate) operation: &'static str,
}

/// A user pool's settings at hand, and the app client that calls, if one does.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) pool_id: String,
    pub(crate) settings: Arc<PoolSettings>,
    pub(crate) mfa: Arc<MfaSettings>,
    pub(crate) client: Option<Arc<Client>>,
}

impl App {
    /// The part of the pool's id that SRP hashes.
    pub(crate) fn short_name(&self) -> &str {
        self.pool_id.split_once('_').map_or("", |(_, name)| name)
    }

    pub(crate) fn client_id(&self) -> &str {
        self.client.as_ref().map_or("", |client| &client.id)
    }

    pub(crate) fn client_settings(&self) -> ClientSettings {
        self.client
            .as_ref()
            .map(|client| client.settings.clone())
            .unwrap_or_default()
    }

    pub(crate) fn prevents_user_existence_errors(&self) -> bool {
        self.client
            .as_ref()
            .is_some_and(|client| client.settings.prevents_user_existence_errors())
    }
}

/// A user with the key it is stored under.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) key: String,
    pub(crate) user: User,
}

/// Who calls with an access token.
pub(crate) struct Bearer {
    pub(crate) app: App,
    pub(crate) found: Found,
    pub(crate) sign_in: SignIn,
}

const HOUR: u64 = 60 * 60 * 1000;

impl Call<'_> {
    pub(crate) fn pool(&self, id: &str) -> Result<&UserPool, Refusal> {
        self.state.pools.get(id).ok_or_else(|| no_such_pool(id))
    }

    pub(crate) fn pool_mut(&mut self, id: &str) -> Result<&mut UserPool, Refusal> {
        self.state.pools.get_mut(id).ok_or_else(|| no_such_pool(id))
    }

    /// The app client that an unsigned operation names, its secret checked where it has one.
    pub(crate) fn app(&self, input: &Value, username: Option<&str>) -> Result<App, Refusal> {
        let app = self.app_of(input.text("ClientId"))?;
        let hash = input.optional("SecretHash");
        check_secret_hash(&app, username, hash)?;
        Ok(app)
    }

    pub(crate) fn app_of(&self, client_id: &str) -> Result<App, Refusal> {
        let found = self.state.pools.values().find_map(|pool| {
            let client = pool.clients.get(client_id)?.clone();
            Some(app_in(pool, Some(client)))
        });
        found.ok_or_else(|| {
            resource_not_found(format!("User pool client {client_id} does not exist."))
        })
    }

    /// The pool that an administrator's operation names.
    pub(crate) fn administered(&self, input: &Value) -> Result<App, Refusal> {
        Ok(app_in(self.pool(input.text("UserPoolId"))?, None))
    }

    /// A pool and a client of it, as administrators name them.
    pub(crate) fn administered_app(&self, input: &Value) -> Result<App, Refusal> {
        let pool = self.pool(input.text("UserPoolId"))?;
        let id = input.text("ClientId");
        let client = pool.clients.get(id).cloned();
        let client = client
            .ok_or_else(|| resource_not_found(format!("User pool client {id} does not exist.")))?;
        Ok(app_in(pool, Some(client)))
    }

    /// The user whom an administrator names: by user name, alias or `sub`.
    pub(crate) fn administered_user(&self, input: &Value) -> Result<(App, Found), Refusal> {
        let app = self.administered(input)?;
        let name = input.text("Username");
        let found = self
            .find(&app, name)
            .or_else(|| self.find_by_sub(&app, name));
        Ok((app, found.ok_or_else(crate::error::no_such_user)?))
    }

    /// Looks through all users: administrators alone may name a user so.
    fn find_by_sub(&self, app: &App, sub: &str) -> Option<Found> {
        let pool = self.state.pools.get(&app.pool_id)?;
        let (key, user) = pool.users.iter().find(|(_, user)| user.sub() == sub)?;
        Some(Found {
            key: key.clone(),
            user: user.clone(),
        })
    }

    /// A copy of the user that a name or alias means.
    pub(crate) fn find(&self, app: &App, name: &str) -> Option<Found> {
        let pool = self.state.pools.get(&app.pool_id)?;
        let key = pool.key_of(name)?;
        let user = pool.users.get(&key)?.clone();
        Some(Found { key, user })
    }

    pub(crate) fn find_key(&self, app: &App, key: &str) -> Option<Found> {
        let user = self.state.pools.get(&app.pool_id)?.users.get(key)?.clone();
        Some(Found {
            key: key.into(),
            user,
        })
    }

    /// Puts a changed copy back.
    pub(crate) fn store(&mut self, app: &App, found: &Found) {
        if let Some(pool) = self.state.pools.get_mut(&app.pool_id) {
            pool.users.insert(found.key.clone(), found.user.clone());
        }
    }

    /// Puts a copy back of which more than counters changed.
    pub(crate) fn store_modified(&mut self, app: &App, found: &mut Found) {
        found.user.modified = self.now;
        self.store(app, found);
    }

    /// Who presents this access token.
    pub(crate) fn bearer(&self, input: &Value) -> Result<Bearer, Refusal> {
        let bearer = self.signed_in(input.text("AccessToken"))?;
        if !bearer.found.user.enabled {
            return Err(not_authorized("User is disabled."));
        }
        let declared = |name| crate::facts::declares(self.operation, name);
        match bearer.found.user.status {
            UserStatus::ResetRequired if declared("PasswordResetRequiredException") => Err(
                crate::error::password_reset_required("Password reset required for the user"),
            ),
            _ => Ok(bearer),
        }
    }

    fn signed_in(&self, token: &str) -> Result<Bearer, Refusal> {
        let invalid = || not_authorized("Invalid Access Token");
        let claims = self.options.key.verify(token).ok_or_else(invalid)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let pool_id = text("iss").strip_prefix(&self.options.issuer);
        let pool_id = pool_id
            .and_then(|rest| rest.strip_prefix('/'))
            .ok_or_else(invalid)?;
        if text("token_use") != "access" {
            return Err(invalid());
        }
        let expires = claims
            .get("exp")
            .and_then(Value::as_u64)
            .ok_or_else(invalid)?;
        if self.now / 1000 >= expires {
            return Err(not_authorized("Access Token has expired"));
        }
        let pool = self.state.pools.get(pool_id).ok_or_else(invalid)?;
        let client = pool
            .clients
            .get(text("client_id"))
            .ok_or_else(invalid)?
            .clone();
        let revoked = || not_authorized("Access Token has been revoked");
        let sign_in = pool
            .sign_ins
            .get(text("origin_jti"))
            .ok_or_else(revoked)?
            .clone();
        if sign_in.revoked {
            return Err(revoked());
        }
        let app = app_in(pool, Some(client));
        let found = self.find_key(&app, &sign_in.user).ok_or_else(|| {
            if crate::facts::declares(self.operation, "UserNotFoundException") {
                crate::error::no_such_user()
            } else {
                invalid()
            }
        })?;
        Ok(Bearer {
            app,
            found,
            sign_in,
        })
    }

    /// Counts an attempt of `what` against a user's hourly number. The count is stored by the
    /// caller, with the user.
    pub(crate) fn count(&self, user: &mut User, what: &str, most: u32) -> Result<(), Refusal> {
        let window = user.attempts.entry(what.into()).or_default();
        if self.now.saturating_sub(window.began) >= HOUR {
            *window = Window {
                began: self.now,
                count: 0,
            };
        }
        if window.count >= most {
            return Err(crate::error::attempt_limit());
        }
        window.count += 1;
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

    /// Revokes every sign-in of a user and so all its tokens.
    pub(crate) fn sign_out_everywhere(&mut self, app: &App, user: &User) {
        let Some(pool) = self.state.pools.get_mut(&app.pool_id) else {
            return;
        };
        for id in &user.sign_ins {
            if let Some(sign_in) = pool.sign_ins.get_mut(id) {
                sign_in.revoked = true;
            }
        }
    }
}

pub(crate) fn app_in(pool: &UserPool, client: Option<Arc<Client>>) -> App {
    App {
        pool_id: pool.id.clone(),
        settings: pool.settings.clone(),
        mfa: pool.mfa.clone(),
        client,
    }
}

/// A client with a secret proves that it knows it: Base64 of HMAC-SHA-256 over user name and client
/// id.
pub(crate) fn check_secret_hash(
    app: &App,
    username: Option<&str>,
    hash: Option<&str>,
) -> Result<(), Refusal> {
    let Some(client) = &app.client else {
        return Ok(());
    };
    let Some(secret) = &client.secret else {
        return match hash {
            Some(_) => Err(not_authorized(format!(
                "Client {} is not configured for secret but secret was received",
                client.id
            ))),
            None => Ok(()),
        };
    };
    let Some(hash) = hash else {
        return Err(not_authorized(format!(
            "Client {} is configured with secret but SECRET_HASH was not received",
            client.id
        )));
    };
    let mismatch = || {
        not_authorized(format!(
            "SecretHash does not match for the client: {}",
            client.id
        ))
    };
    let hash = Base64::decode_vec(hash).map_err(|_| mismatch())?;
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).map_err(|_| mismatch())?;
    mac.update(username.unwrap_or_default().as_bytes());
    mac.update(client.id.as_bytes());
    mac.verify_slice(&hash).map_err(|_| mismatch())
}

/// Reads members of a request that the API model was checked against.
pub(crate) trait Input {
    /// A string, empty when absent.
    fn text(&self, name: &str) -> &str;
    fn optional(&self, name: &str) -> Option<&str>;
    fn flag(&self, name: &str) -> bool;
    fn list(&self, name: &str) -> &[Value];
    /// The strings of a map such as `AuthParameters`.
    fn entry(&self, map: &str, name: &str) -> Option<&str>;
    /// A list of `{ Name, Value }`; a missing value is an empty one.
    fn attributes(&self, name: &str) -> BTreeMap<String, String>;
    fn texts(&self, name: &str) -> Vec<String>;
}

impl Input for Value {
    fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    fn optional(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&self, name: &str) -> &[Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn entry(&self, map: &str, name: &str) -> Option<&str> {
        self.get(map)?.get(name)?.as_str()
    }

    fn attributes(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.list(name).iter();
        pairs
            .map(|pair| (pair.text("Name").into(), pair.text("Value").into()))
            .collect()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.list(name)
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect()
    }
}

/// Checks the password of a request against a user, with the lock that wrong ones lead to.
impl Call<'_> {
    /// Wrong passwords after the fifth lock the user for 2^(n − 5) seconds, up to 15 minutes.
    pub(crate) fn check_not_locked(&self, user: &User) -> Result<(), Refusal> {
        if self.now < user.locked_until {
            return Err(not_authorized("Password attempts exceeded"));
        }
        Ok(())
    }

    /// Notes a wrong password; gives the refusal to answer with.
    pub(crate) fn wrong_password(&mut self, app: &App, found: &mut Found) -> Refusal {
        let user = &mut found.user;
        user.wrong_passwords = user.wrong_passwords.saturating_add(1);
        if user.wrong_passwords >= 5 {
            let exponent = (user.wrong_passwords - 5).min(10);
            let seconds = (1_u64 << exponent).min(15 * 60);
            user.locked_until = self.now.saturating_add(seconds * 1000);
        }
        self.store(app, found);
        wrong_credentials().keeping_changes()
    }

    /// Whether this is the user's password.
    pub(crate) fn password_matches(&self, app: &App, user: &User, password: &str) -> bool {
        let pool = app.short_name();
        user.password
            .as_ref()
            .is_some_and(|verifier| verifier.matches(pool, &user.username, password))
    }
}
