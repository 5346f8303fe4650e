//! Everything that is kept between requests, as plain data. What holds a secret cannot be printed:
//! it has no `Debug`, or one that leaves the secret out.

mod ages;
mod attributes;
mod challenge;
mod kept;
mod user;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::aws::Account;
use crate::call::Caller;
use crate::managed_login::ManagedLogin;
use crate::messages::MessageLog;
use crate::settings::{ClientSettings, MfaSettings, PoolSettings, SessionSettings};
use crate::table::{Journal, NotKept, Row, Table};

pub(crate) use attributes::Attributes;
pub(crate) use challenge::{Challenge, Expects, PasskeyChallenge};
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub use kept::Change;
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) use kept::Changes;
pub(crate) use kept::Head;
pub(crate) use user::{
    Code, Device, Factor, Passkey, Purpose, Totp, User, UserStatus, Window, verified_flag,
};

/// A service: its user pools, the messages it sent, the account that pays for them.
///
/// A member added here is kept in a file only when [`State::commit_to`] tells the journal of it and
/// `State::put` takes it back; one of [`UserPool`] when it is in [`Head`] or among its tables.
#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) version: u32,
    /// How far the clock was put forward, in milliseconds.
    pub(crate) clock_offset: Row<u64>,
    pub(crate) pools: BTreeMap<String, UserPool>,
    pub(crate) log: MessageLog,
    pub(crate) account: Row<Account>,
    /// Pools that the present request made.
    #[serde(skip)]
    pub(crate) new_pools: Vec<String>,
    /// Pools that the present request deleted.
    #[serde(skip)]
    gone_pools: Vec<UserPool>,
    /// Requests of each client in the current second; not worth saving.
    #[serde(skip)]
    pub(crate) throttled: BTreeMap<String, (u64, u32)>,
    /// Where settled changes are noted, once somebody keeps them.
    #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
    #[serde(skip)]
    pub(crate) changes: Option<Changes>,
}

/// The account that everything belongs to: the one of AWS's own examples.
pub(crate) const ACCOUNT_ID: &str = "123456789012";

/// The version of [`State`]'s shape, checked when a saved one comes back.
pub(crate) const VERSION: u32 = 1;

/// How many rows are looked at between two requests, to see whether they are over.
const SWEPT_AT_ONCE: usize = 512;

impl State {
    pub(crate) fn new() -> Self {
        Self {
            version: VERSION,
            clock_offset: Row::new(0),
            pools: BTreeMap::new(),
            log: MessageLog::default(),
            account: Row::new(Account::new(ACCOUNT_ID)),
            new_pools: Vec::new(),
            gone_pools: Vec::new(),
            throttled: BTreeMap::new(),
            #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
            changes: None,
        }
    }

    /// Settles what the present request did.
    pub(crate) fn commit(&mut self) {
        #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
        if let Some(mut changes) = self.changes.take() {
            self.commit_to(&mut changes);
            self.changes = Some(changes);
            return;
        }
        self.commit_to(&mut NotKept);
    }

    fn commit_to(&mut self, journal: &mut impl Journal) {
        self.new_pools.clear();
        for mut pool in self.gone_pools.drain(..) {
            journal.enter(&pool.id);
            pool.delete(journal);
        }
        for (id, pool) in &mut self.pools {
            journal.enter(id);
            pool.commit(journal);
        }
        journal.enter("");
        self.clock_offset.commit("clock", journal);
        self.account.commit("account", journal);
        self.log.commit(journal);
    }

    pub(crate) fn roll_back(&mut self) {
        for id in self.new_pools.drain(..) {
            self.pools.remove(&id);
        }
        for pool in self.gone_pools.drain(..) {
            self.pools.insert(pool.id.clone(), pool);
        }
        self.pools.values_mut().for_each(UserPool::roll_back);
        self.clock_offset.roll_back();
        self.log.roll_back();
        self.account.roll_back();
    }

    pub(crate) fn remove_pool(&mut self, id: &str) {
        self.gone_pools.extend(self.pools.remove(id));
    }

    /// All of it as it is now, apart from the journal.
    pub(crate) fn snapshot(&self) -> Self {
        Self {
            version: self.version,
            clock_offset: self.clock_offset.clone(),
            pools: self.pools.clone(),
            log: self.log.clone(),
            account: self.account.clone(),
            new_pools: Vec::new(),
            gone_pools: Vec::new(),
            throttled: BTreeMap::new(),
            #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
            changes: None,
        }
    }

    /// Takes the place of everything: from now on all is as in `snapshot`.
    pub(crate) fn become_again(&mut self, snapshot: &Self) {
        let mut next = snapshot.snapshot();
        next.log.replaces(&self.log);
        #[cfg(all(feature = "server", not(target_arch = "wasm32")))]
        if let Some(mut changes) = self.changes.take() {
            changes.replace(self, &mut next);
            next.changes = Some(changes);
        }
        *self = next;
    }

    /// Takes away what is over at `now`: codes, sessions, tokens. To be called between requests.
    pub(crate) fn sweep(&mut self, now: u64) {
        let mut most = SWEPT_AT_ONCE;
        for pool in self.pools.values_mut() {
            pool.sweep(now, &mut most);
        }
        if most < SWEPT_AT_ONCE {
            self.commit();
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UserPool {
    pub(crate) id: String,
    pub(crate) settings: Arc<PoolSettings>,
    pub(crate) mfa: Arc<MfaSettings>,
    #[serde(default)]
    pub(crate) sessions: SessionSettings,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    /// What made-up salts and user ids are derived from, in hexadecimal digits.
    pub(crate) pepper: String,
    pub(crate) clients: Table<Arc<Client>>,
    /// By [`PoolSettings::comparable`] user name.
    pub(crate) users: Table<User>,
    /// From `attribute:value` to the key of the one user that signs in by it.
    pub(crate) aliases: Table<String>,
    /// By session string.
    pub(crate) challenges: Table<Challenge>,
    /// By SHA-256 of the token: a saved state does not sign anybody in.
    pub(crate) refresh_tokens: Table<RefreshToken>,
    /// By id, which is the tokens' `origin_jti`.
    pub(crate) sign_ins: Table<SignedIn>,
    pub(crate) groups: Table<Group>,
    #[serde(default)]
    pub(crate) managed_login: ManagedLogin,
    /// The settings as they were when the last request was settled; none of a pool that is new.
    #[serde(skip)]
    settled: Option<Head>,
}

impl UserPool {
    /// The key of the user that `name` means: a user name, else an alias.
    pub(crate) fn key_of(&self, name: &str) -> Option<String> {
        let comparable = self.settings.comparable(name);
        if self.users.contains_key(&comparable) {
            return Some(comparable);
        }
        ["email", "phone_number", "preferred_username"]
            .iter()
            .filter(|attribute| self.settings.is_alias(attribute))
            .find_map(|attribute| self.aliases.get(&self.alias_key(attribute, name)))
            .cloned()
    }

    /// The ids of a user's sign-ins, those that end first first.
    pub(crate) fn sign_ins_of(&self, user: &str) -> Vec<String> {
        let prefix = format!("{user}\0");
        self.sign_ins
            .beginning(SIGN_INS, &prefix)
            .map(String::from)
            .collect()
    }

    pub(crate) fn alias_key(&self, attribute: &str, value: &str) -> String {
        format!("{attribute}:{}", self.settings.comparable(value))
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) settings: ClientSettings,
    pub(crate) created: u64,
    pub(crate) modified: u64,
}

/// By what users are found: attributes, and these.
pub(crate) const STATUS: &str = "cognito:user_status";
pub(crate) const ENABLED: &str = "status";
pub(crate) const GROUP: &str = "group";
pub(crate) const PASSKEY: &str = "passkey";
/// The attributes among them.
pub(crate) const FOUND_BY: [&str; 3] = ["sub", "email", "phone_number"];

/// By what sign-ins are found: their user, a zero byte, and when they end.
pub(crate) const SIGN_INS: &str = "user";
/// And by the event that their tokens name.
pub(crate) const EVENT: &str = "event";

/// By what challenges are found: who is asked.
pub(crate) const ASKED: &str = "asked";

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) sign_in: String,
    pub(crate) expires: u64,
    /// When it was replaced by another, if it was.
    pub(crate) rotated: Option<u64>,
}

/// One sign-in that succeeded, and all tokens that came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SignedIn {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) client_id: String,
    pub(crate) event_id: String,
    pub(crate) auth_time: u64,
    pub(crate) last_used: u64,
    pub(crate) expires: u64,
    pub(crate) device_key: Option<String>,
    /// Whether that device was confirmed: then the tokens are refreshed on it alone.
    #[serde(default)]
    pub(crate) on_tracked_device: bool,
    /// Whether the pool keeps a record of it as a session: it did so when it began.
    #[serde(default)]
    pub(crate) tracked: bool,
    pub(crate) revoked: bool,
    /// Who used it last.
    #[serde(default)]
    pub(crate) caller: Caller,
    /// What the access tokens may do, where the sign-in was by managed login. Those of the API have
    /// the one scope that is theirs.
    #[serde(default)]
    pub(crate) scopes: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) precedence: Option<u64>,
    pub(crate) created: u64,
    pub(crate) modified: u64,
}

/// What a refresh token is stored under.
pub(crate) fn fingerprint(token: &str) -> String {
    Sha256::digest(token)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
