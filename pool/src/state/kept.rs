//! What a settled transaction tells the journal, and the way back: a state from the rows that a
//! journal was told of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::UserPool;
use crate::managed_login::ManagedLogin;
use crate::settings::{MfaSettings, PoolSettings, SessionSettings};
use crate::table::{Ages, Journal, Table};

#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub use changes::Change;
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
pub(crate) use changes::Changes;

/// The row that a user pool is, beside its tables.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) settings: Arc<PoolSettings>,
    pub(crate) mfa: Arc<MfaSettings>,
    pub(crate) sessions: SessionSettings,
    pub(crate) created: u64,
    pub(crate) modified: u64,
    pub(crate) pepper: String,
}

/// What is done with each table of a user pool.
trait Visitor {
    fn table<V: Clone + Ages + Serialize + for<'de> Deserialize<'de>>(
        &mut self,
        name: &'static str,
        table: &mut Table<V>,
    );
}

impl UserPool {
    /// A pool without users or clients.
    pub(crate) fn new(id: String, head: Head) -> Self {
        Self {
            id,
            settings: head.settings,
            mfa: head.mfa,
            sessions: head.sessions,
            created: head.created,
            modified: head.modified,
            pepper: head.pepper,
            clients: Table::default(),
            users: Table::default(),
            aliases: Table::default(),
            challenges: Table::default(),
            refresh_tokens: Table::default(),
            sign_ins: Table::default(),
            groups: Table::default(),
            managed_login: ManagedLogin::default(),
            settled: None,
        }
    }

    /// Whether the settings are as the journal knows them. They are replaced, never changed in
    /// place: the same pointer is the same value. Named one by one, so that a new member cannot be
    /// forgotten.
    fn is_settled(&self) -> bool {
        let Self {
            id: _,
            settings,
            mfa,
            sessions,
            created,
            modified,
            pepper,
            clients: _,
            users: _,
            aliases: _,
            challenges: _,
            refresh_tokens: _,
            sign_ins: _,
            groups: _,
            managed_login: _,
            settled,
        } = self;
        settled.as_ref().is_some_and(|head| {
            Arc::ptr_eq(settings, &head.settings)
                && Arc::ptr_eq(mfa, &head.mfa)
                && *sessions == head.sessions
                && *created == head.created
                && *modified == head.modified
                && *pepper == head.pepper
        })
    }

    pub(crate) fn head(&self) -> Head {
        Head {
            settings: self.settings.clone(),
            mfa: self.mfa.clone(),
            sessions: self.sessions,
            created: self.created,
            modified: self.modified,
            pepper: self.pepper.clone(),
        }
    }

    /// All tables, by the names that they have in a file.
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let ManagedLogin {
            domains,
            providers,
            resource_servers,
            codes,
            browsers,
        } = &mut self.managed_login;
        visitor.table("clients", &mut self.clients);
        visitor.table("users", &mut self.users);
        visitor.table("aliases", &mut self.aliases);
        visitor.table("challenges", &mut self.challenges);
        visitor.table("refresh_tokens", &mut self.refresh_tokens);
        visitor.table("sign_ins", &mut self.sign_ins);
        visitor.table("groups", &mut self.groups);
        visitor.table("domains", domains);
        visitor.table("providers", providers);
        visitor.table("resource_servers", resource_servers);
        visitor.table("codes", codes);
        visitor.table("browsers", browsers);
    }

    pub(super) fn commit(&mut self, journal: &mut impl Journal) {
        if !self.is_settled() {
            let head = self.head();
            journal.row("", "", Some(&head));
            self.settled = Some(head);
        }
        self.visit(&mut Commit(journal));
    }

    pub(super) fn roll_back(&mut self) {
        if let Some(head) = self.settled.clone() {
            self.settings = head.settings;
            self.mfa = head.mfa;
            self.sessions = head.sessions;
            self.created = head.created;
            self.modified = head.modified;
            self.pepper = head.pepper;
        }
        self.visit(&mut RollBack);
    }

    /// Tells the journal that nothing of the pool is left.
    pub(super) fn delete(&mut self, journal: &mut impl Journal) {
        journal.row::<Head>("", "", None);
        self.visit(&mut Delete(journal));
    }

    /// Takes away what is over: see [`Table::sweep`].
    pub(super) fn sweep(&mut self, now: u64, most: &mut usize) {
        self.challenges.sweep(now, most);
        self.refresh_tokens.sweep(now, most);
        self.sign_ins.sweep(now, most);
        self.users.sweep(now, most);
        self.managed_login.codes.sweep(now, most);
        self.managed_login.browsers.sweep(now, most);
    }
}

struct Commit<'a, J>(&'a mut J);

impl<J: Journal> Visitor for Commit<'_, J> {
    fn table<V: Clone + Ages + Serialize>(&mut self, name: &'static str, table: &mut Table<V>) {
        table.commit(name, self.0);
    }
}

struct RollBack;

impl Visitor for RollBack {
    fn table<V: Clone + Ages>(&mut self, _: &'static str, table: &mut Table<V>) {
        table.roll_back();
    }
}

struct Delete<'a, J>(&'a mut J);

impl<J: Journal> Visitor for Delete<'_, J> {
    fn table<V: Clone + Ages + Serialize>(&mut self, name: &'static str, table: &mut Table<V>) {
        for (key, _) in table.iter() {
            self.0.row::<V>(name, key, None);
        }
    }
}

/// For whoever keeps the rows.
#[cfg(all(feature = "server", not(target_arch = "wasm32")))]
mod changes {
    use std::collections::HashMap;

    use serde::{Deserialize, Serialize};

    use super::{Head, UserPool, Visitor};
    use crate::state::State;
    use crate::table::{Ages, Journal, Row, Table};

    /// A row as it is from now on. It may hold codes and password verifiers: as secret as the users'
    /// data.
    #[derive(Clone)]
    pub struct Change {
        /// `pool/table/key`. A pool's own row is `pool//`, before those of its tables; what is of
        /// no pool begins with `/`.
        pub key: String,
        /// The row as JSON; `None` when it is gone.
        pub row: Option<Vec<u8>>,
    }

    impl std::fmt::Debug for Change {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Change").finish_non_exhaustive()
        }
    }

    /// What was settled since they were last taken, in order: of the same key the last one counts.
    #[derive(Default)]
    pub(crate) struct Changes {
        pool: String,
        rows: Vec<Change>,
    }

    impl Changes {
        pub(crate) fn take(&mut self) -> Vec<Change> {
            std::mem::take(&mut self.rows)
        }

        /// Notes that `new` takes the place of `old`. Rows that both of them share are not named.
        pub(crate) fn replace(&mut self, old: &mut State, new: &mut State) {
            let mut shared = Shared::default();
            for (id, pool) in &mut old.pools {
                id.clone_into(&mut shared.pool);
                pool.visit(&mut shared);
                shared.rows.insert(format!("{id}//"), 0);
            }
            let log = old.log.keyed().map(|(key, _)| (format!("/log/{key}"), 0));
            shared.rows.extend(log);
            for (id, pool) in &mut new.pools {
                self.enter(id);
                shared.rows.remove(&format!("{id}//"));
                self.row("", "", Some(&pool.head()));
                pool.visit(&mut Differing {
                    changes: self,
                    shared: &mut shared,
                });
            }
            self.enter("");
            self.row("clock", "", Some(&new.clock_offset));
            self.row("account", "", Some(&new.account));
            for (key, event) in new.log.keyed() {
                shared.rows.remove(&format!("/log/{key}"));
                self.row("log", &key, Some(event));
            }
            let gone = shared.rows.into_keys();
            self.rows.extend(gone.map(|key| Change { key, row: None }));
        }
    }

    /// Where the rows of a state are in memory, by their keys.
    #[derive(Default)]
    struct Shared {
        pool: String,
        rows: HashMap<String, usize>,
    }

    impl Visitor for Shared {
        fn table<V: Clone + Ages>(&mut self, name: &'static str, table: &mut Table<V>) {
            let pool = &self.pool;
            let rows = table.addresses();
            let rows = rows.map(|(key, at)| (format!("{pool}/{name}/{key}"), at));
            self.rows.extend(rows);
        }
    }

    /// Notes each row that is not at its place in `shared`, and takes it out of there.
    struct Differing<'a> {
        changes: &'a mut Changes,
        shared: &'a mut Shared,
    }

    impl Visitor for Differing<'_> {
        fn table<V: Clone + Ages + Serialize>(&mut self, name: &'static str, table: &mut Table<V>) {
            for ((key, row), (_, at)) in table.iter().zip(table.addresses()) {
                let pool = &self.changes.pool;
                let there = self.shared.rows.remove(&format!("{pool}/{name}/{key}"));
                if there != Some(at) {
                    self.changes.row(name, key, Some(row));
                }
            }
        }
    }

    impl Journal for Changes {
        fn enter(&mut self, id: &str) {
            id.clone_into(&mut self.pool);
        }

        fn row<V: Serialize>(&mut self, table: &'static str, key: &str, row: Option<&V>) {
            self.rows.push(Change {
                key: format!("{}/{table}/{key}", self.pool),
                // Plain data whose keys are strings: writing it as JSON does not fail.
                row: row.map(|row| serde_json::to_vec(row).unwrap_or_default()),
            });
        }
    }

    impl State {
        /// Takes back a row that the journal was told of; `None` when it is not such a row. They are
        /// to come in the order of their keys.
        pub(crate) fn put(&mut self, key: &str, row: &[u8]) -> Option<()> {
            let (pool, rest) = key.split_once('/')?;
            let (table, key) = rest.split_once('/')?;
            if pool.is_empty() {
                return self.put_own(table, key, row);
            }
            if table.is_empty() {
                let head: Head = serde_json::from_slice(row).ok()?;
                let mut made = UserPool::new(pool.to_owned(), head.clone());
                made.settled = Some(head);
                self.pools.insert(pool.to_owned(), made);
                return Some(());
            }
            let mut put = Put {
                table,
                row: Some((key, row)),
                done: false,
            };
            self.pools.get_mut(pool)?.visit(&mut put);
            put.done.then_some(())
        }

        fn put_own(&mut self, table: &str, key: &str, row: &[u8]) -> Option<()> {
            match table {
                "clock" => self.clock_offset = read::<Row<u64>>(row)?,
                "account" => self.account = read(row)?,
                "log" => self.log.put(key, read(row)?)?,
                _ => return None,
            }
            Some(())
        }
    }

    fn read<V: for<'de> Deserialize<'de>>(row: &[u8]) -> Option<V> {
        serde_json::from_slice(row).ok()
    }

    struct Put<'a> {
        table: &'a str,
        row: Option<(&'a str, &'a [u8])>,
        done: bool,
    }

    impl Visitor for Put<'_> {
        fn table<V: Clone + Ages + for<'de> Deserialize<'de>>(
            &mut self,
            name: &'static str,
            table: &mut Table<V>,
        ) {
            if name == self.table
                && let Some((key, row)) = self.row.take()
                && let Some(row) = read(row)
            {
                table.put(key.to_owned(), row);
                self.done = true;
            }
        }
    }
}
