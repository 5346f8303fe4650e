//! One call of an operation: what it may use, and what most operations begin with.

mod attempts;
mod bearer;
mod caller;
mod input;
mod secret;
mod trigger;

use std::sync::Arc;

use serde_json::Value;

use crate::error::{Refusal, no_such_pool, no_such_user, resource_not_found};
use crate::options::Options;
use crate::randomness::Randomness;
use crate::settings::{ClientSettings, MfaSettings, PoolSettings};
use crate::srp::Worked;
use crate::state::{Client, State, User, UserPool};
use crate::tokens::Unsigned;
use crate::triggers::Triggers;
use crate::triggers::remote::Remote;

pub(crate) use bearer::{Bearer, SELF_SERVICE};
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) use caller::ADDRESS;
pub(crate) use caller::Caller;
pub(crate) use input::Input;
pub(crate) use secret::{check_secret_hash, secret_hash};
pub(crate) use trigger::PRE_AUTHENTICATION;

/// What an operation works with.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) options: &'a Options,
    pub(crate) triggers: &'a mut dyn Triggers,
    pub(crate) remote: &'a mut Remote,
    /// Milliseconds since the epoch.
    pub(crate) now: u64,
    pub(crate) randomness: &'a mut dyn Randomness,
    pub(crate) operation: &'static str,
    /// Arithmetic that was done before the request's turn.
    pub(crate) worked: &'a Worked,
    /// The tokens of `AuthenticationResult`, to be signed once the request is settled.
    pub(crate) unsigned: Option<Unsigned>,
    /// The region that the request was signed for, if it was.
    pub(crate) scope: Option<String>,
    /// The request's `ClientMetadata`, which some functions are shown.
    pub(crate) metadata: Value,
    /// Whence the request came.
    pub(crate) caller: Caller,
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
    /// The part of the pool's id that says where it is.
    pub(crate) fn region(&self) -> &str {
        self.pool_id
            .split_once('_')
            .map_or("", |(region, _)| region)
    }

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

/// A user, and the app through which the request deals with it. The user itself stays where it is
/// stored and is read and edited there: see [`Call::user`] and [`Call::user_mut`].
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) app: App,
    /// The key that the user is stored under.
    pub(crate) key: String,
}

impl Call<'_> {
    /// The region in which the request makes what it makes.
    pub(crate) fn region(&self) -> &str {
        self.scope.as_deref().unwrap_or(&self.options.region)
    }

    /// Whether the request is shown a pool among others: one of its own region. Who names a pool gets
    /// it wherever it is.
    pub(crate) fn lists(&self, pool_id: &str) -> bool {
        let region = pool_id.split_once('_').map_or("", |(region, _)| region);
        self.scope.as_deref().is_none_or(|scope| scope == region)
    }

    pub(crate) fn pool(&self, id: &str) -> Result<&UserPool, Refusal> {
        self.state.pools.get(id).ok_or_else(|| no_such_pool(id))
    }

    pub(crate) fn pool_mut(&mut self, id: &str) -> Result<&mut UserPool, Refusal> {
        self.state.pools.get_mut(id).ok_or_else(|| no_such_pool(id))
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
    pub(crate) fn administered_user(&self, input: &Value) -> Result<Who, Refusal> {
        let app = self.administered(input)?;
        let name = input.text("Username");
        self.find(&app, name)
            .or_else(|| self.find_by_sub(&app, name))
            .ok_or_else(no_such_user)
    }

    /// Administrators alone may name a user so.
    fn find_by_sub(&self, app: &App, sub: &str) -> Option<Who> {
        let pool = self.state.pools.get(&app.pool_id)?;
        let key = pool.users.with("sub", sub, None).next()?;
        Some(Who {
            app: app.clone(),
            key: key.to_owned(),
        })
    }

    /// The user that a name or alias means.
    pub(crate) fn find(&self, app: &App, name: &str) -> Option<Who> {
        let key = self.state.pools.get(&app.pool_id)?.key_of(name)?;
        self.find_key(app, &key)
    }

    pub(crate) fn find_key(&self, app: &App, key: &str) -> Option<Who> {
        let pool = self.state.pools.get(&app.pool_id)?;
        pool.users.contains_key(key).then(|| Who {
            app: app.clone(),
            key: key.into(),
        })
    }

    /// The user as it is stored.
    pub(crate) fn user(&self, who: &Who) -> Result<&User, Refusal> {
        let user = self.pool(&who.app.pool_id)?.users.get(&who.key);
        user.ok_or_else(no_such_user)
    }

    /// The user, to be edited in place. A refusal takes back what was edited, unless it says that
    /// it does not: see [`Refusal::keeping_changes`].
    pub(crate) fn user_mut(&mut self, who: &Who) -> Result<&mut User, Refusal> {
        let user = self.pool_mut(&who.app.pool_id)?.users.get_mut(&who.key);
        user.ok_or_else(no_such_user)
    }

    /// The user, to be edited so that it shows in `UserLastModifiedDate`: more than counters change.
    pub(crate) fn modify(&mut self, who: &Who) -> Result<&mut User, Refusal> {
        let now = self.now;
        let user = self.user_mut(who)?;
        user.modified = now;
        Ok(user)
    }

    /// The value of an attribute that the user has.
    pub(crate) fn attribute(&self, who: &Who, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.user(who)?.attribute(name).map(String::from))
    }

    /// Revokes every sign-in of a user and so all its tokens.
    pub(crate) fn sign_out_everywhere(&mut self, who: &Who) -> Result<(), Refusal> {
        let pool = self.pool_mut(&who.app.pool_id)?;
        let sign_ins = pool.sign_ins_of(&who.key);
        for id in &sign_ins {
            if let Some(sign_in) = pool.sign_ins.get_mut(id) {
                sign_in.revoked = true;
            }
        }
        Ok(())
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
