//! The file that `--data` names.
//!
//! It is a [redb](https://www.redb.org) database with two tables: `about`, with the format's number,
//! the key that signs tokens and how often the file was opened, and `rows`, with every row of the
//! pool's tables under `pool/table/key`. Each value stands behind a checksum of itself and its key;
//! all of them are read and checked at the start, redb's own of each page before.
//!
//! # Why redb
//!
//! | | redb 4.6 | SQLite by rusqlite 0.43 | fjall, sled, heed |
//! |---|---|---|---|
//! | a transaction is durable when it returns | yes, one `fsync` | yes, in WAL with `synchronous = FULL` | fjall and sled when told to, heed yes |
//! | needed to build | rustc | a C compiler for 9 MB of C, or SQLite's headers | rustc; heed a C compiler |
//! | files | one | one, with `-wal` and `-shm` beside it while it is open | folders; heed two files |
//! | licence | MIT or Apache-2.0 | MIT; SQLite is in the public domain | MIT or Apache-2.0; heed's C OpenLDAP |
//! | age, upkeep | since 2021, format stable since 1.0 (2023), releases every month or so | since 2000 and 2014 | sled has not seen its 1.0 since 2016 |
//!
//! The pool needs keys, values and transactions, no queries: it answers from memory and reads the file
//! once. What is left of SQLite's advantage is that everybody can look into the file; `GET
//! /_pool/export` is for that.

mod filled;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError,
    TableDefinition, TableError, TableHandle,
};
use sha2::{Digest, Sha256};

use crate::state::Change;
use filled::Filled;

/// The number of the format described above, and of the rows in it: raised when either changes.
const FORMAT: &str = "1";

const ABOUT: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("about");
const ROWS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rows");

/// How much of the file redb may hold in memory. The pool holds all of it by itself, and the system its
/// pages.
const CACHE: usize = 1 << 20;

/// How many bytes of a SHA-256 stand before each value. They are against accidents, not forgers.
const CHECKSUM: usize = 8;

/// An open file. Nobody else can open it meanwhile.
pub(super) struct Store {
    path: PathBuf,
    /// `None` once writing has failed, until [`Store::reopen`] has succeeded.
    database: Option<Database>,
}

/// What a file holds.
pub(super) struct Contents {
    /// The signing key as PEM.
    pub(super) key: Option<String>,
    /// How often the file was opened before.
    pub(super) starts: u64,
    /// In the order of their keys.
    pub(super) rows: Vec<(String, Vec<u8>)>,
}

/// Why a file cannot be used: a sentence that begins with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoreError(String);

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl StoreError {
    /// The thread of the file is gone.
    pub(super) fn closed() -> Self {
        Self("the file is closed".to_owned())
    }

    /// There are values that this version does not write.
    pub(super) fn other_rows() -> Self {
        Self("the file holds rows that this version of cognito-pool does not know".to_owned())
    }
}

impl Store {
    /// Opens the file, or makes it where there is none; an empty one is a new one.
    ///
    /// # Errors
    /// When it cannot be read and written, is in use, damaged, of another version or something else
    /// altogether. What it holds is then left as it was.
    pub(super) fn open(path: &Path) -> Result<(Self, Contents), StoreError> {
        let at = Place(path);
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(at.error(error)),
            Ok(found) if !found.is_file() => return Err(at.error("not a file")),
            // Told apart here, because the operating system lets its administrator write all the same.
            Ok(found) if found.permissions().readonly() => {
                return Err(at.error("cannot be written: it is read-only"));
            }
            Ok(found) if found.len() == 0 => {
                for_the_owner_alone(path).map_err(|error| at.error(error))?;
            }
            Ok(_) => {}
        }
        let mut store = Self {
            path: path.to_owned(),
            database: None,
        };
        let contents = store.reopen()?;
        let starts = contents.starts.saturating_add(1).to_string();
        store.write_about(&[("starts", &starts)])?;
        Ok((store, contents))
    }

    /// Opens the file once more and reads what it holds: the last transaction that was settled.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub(super) fn reopen(&mut self) -> Result<Contents, StoreError> {
        // The lock is given back first.
        self.database = None;
        let at = Place(&self.path);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).open(&self.path);
        let file = file.map_err(|error| at.error(format!("cannot be written: {error}")))?;
        let is_new = file.metadata().map_err(|error| at.error(error))?.len() == 0;
        let file = Filled::new(file).map_err(|error| at.unusable(&error))?;
        let database = open(&at, file, is_new)?;
        let contents = read(&at, &database)?;
        self.database = Some(database);
        Ok(contents)
    }

    /// Keeps the signing key.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep_key(&mut self, pem: &str) -> Result<(), StoreError> {
        self.write_about(&[("key", pem)])
    }

    /// Writes changes as one transaction and returns when they are durable. After an error the file is
    /// as it was before, and is written again only after [`Store::reopen`].
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn write<'a>(
        &mut self,
        changes: impl IntoIterator<Item = &'a Change>,
    ) -> Result<(), StoreError> {
        // Of the same key the last one counts; in order, pages are touched once.
        let rows: BTreeMap<&str, Option<&[u8]>> = changes
            .into_iter()
            .map(|change| (change.key.as_str(), change.row.as_deref()))
            .collect();
        self.transaction(ROWS, &rows)
    }

    fn write_about(&mut self, values: &[(&str, &str)]) -> Result<(), StoreError> {
        let values = values.iter();
        let values = values.map(|(name, value)| (*name, Some(value.as_bytes())));
        self.transaction(ABOUT, &values.collect())
    }

    fn transaction(
        &mut self,
        table: TableDefinition<'_, &str, &[u8]>,
        rows: &BTreeMap<&str, Option<&[u8]>>,
    ) -> Result<(), StoreError> {
        let at = Place(&self.path);
        let Some(database) = &self.database else {
            return Err(at.error("writing failed before"));
        };
        write(database, table, rows).map_err(|error| {
            self.database = None;
            Place(&self.path).error(format!("cannot be written: {error}"))
        })
    }
}

/// Makes a new file: beside its place first, so that it is whole or not there.
fn create(path: &Path) -> Result<(), StoreError> {
    let at = Place(path);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let made = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&beside)
    };
    let cannot = |error: io::Error| at.error(format!("cannot be made: {error}"));
    let whole = made().map_err(cannot)?;
    let done = whole.try_clone().map_err(cannot).and_then(|file| {
        let file = Filled::new(file).map_err(|error| at.unusable(&error))?;
        drop(open(&at, file.unsynced(), true)?);
        let renamed = whole.sync_all().and_then(|()| fs::rename(&beside, path));
        renamed.map_err(cannot)
    });
    if done.is_err() {
        // Nothing is in it yet. That it cannot be removed changes nothing about the error.
        let _ = fs::remove_file(&beside);
    }
    done?;
    // That the file is there is to be as durable as what is in it. Not every system has this.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(cannot)?;
    }
    Ok(())
}

/// Opens a database, checks all of it, and makes the tables of a new one.
fn open(at: &Place<'_>, file: Filled, is_new: bool) -> Result<Database, StoreError> {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder.set_check_integrity_on_open(!is_new);
    let database = builder.create_with_backend(file);
    let database = database.map_err(|error| at.unusable(&error))?;
    if is_new {
        let format = BTreeMap::from([("format", Some(FORMAT.as_bytes()))]);
        let made = write(&database, ROWS, &BTreeMap::new())
            .and_then(|()| write(&database, ABOUT, &format));
        made.map_err(|error| at.error(format!("cannot be written: {error}")))?;
    }
    Ok(database)
}

fn write(
    database: &Database,
    table: TableDefinition<'_, &str, &[u8]>,
    rows: &BTreeMap<&str, Option<&[u8]>>,
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(table)?;
        for (key, row) in rows {
            match row {
                Some(row) => table.insert(key, [&checksum(key, row), *row].concat().as_slice())?,
                None => table.remove(key)?,
            };
        }
    }
    Ok(transaction.commit()?)
}

fn read(at: &Place<'_>, database: &Database) -> Result<Contents, StoreError> {
    let damaged = |error: &dyn std::fmt::Display| at.damaged(error);
    let transaction = database.begin_read().map_err(|error| damaged(&error))?;
    let about = match transaction.open_table(ABOUT) {
        Ok(table) => values(at, &table)?,
        Err(TableError::Storage(error)) => return Err(damaged(&error)),
        Err(_) => {
            let tables = transaction.list_tables().map_err(|error| damaged(&error))?;
            let names: Vec<String> = tables.map(|table| table.name().to_owned()).collect();
            return Err(at.error(format!("not a file of cognito-pool: it holds {names:?}")));
        }
    };
    let text = |name: &str| -> Option<String> {
        let (_, value) = about.iter().find(|(key, _)| key == name)?;
        String::from_utf8(value.clone()).ok()
    };
    match text("format").as_deref() {
        Some(FORMAT) => {}
        Some(other) => {
            return Err(at.error(format!(
                "written by another version of cognito-pool (format {other}; this one reads \
                 {FORMAT}): carry it over with GET /_pool/export of that version"
            )));
        }
        None => return Err(damaged(&"it does not say its format")),
    }
    let rows = transaction
        .open_table(ROWS)
        .map_err(|error| damaged(&error))?;
    Ok(Contents {
        key: text("key"),
        starts: text("starts")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        rows: values(at, &rows)?,
    })
}

/// All of a table, each value held against its checksum.
fn values(
    at: &Place<'_>,
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut out = Vec::new();
    for entry in table.iter().map_err(|error| at.damaged(&error))? {
        let (key, value) = entry.map_err(|error| at.damaged(&error))?;
        let (key, value) = (key.value().to_owned(), value.value());
        let value = match value.split_at_checked(CHECKSUM) {
            Some((sum, value)) if sum == checksum(&key, value) => value.to_vec(),
            // The key of a row may be a name: it stays out of the message.
            _ => return Err(at.damaged(&"a value is not what was written")),
        };
        out.push((key, value));
    }
    let expected = table.len().map_err(|error| at.damaged(&error))?;
    if u64::try_from(out.len()) != Ok(expected) {
        return Err(at.damaged(&"values are missing"));
    }
    Ok(out)
}

fn checksum(key: &str, value: &[u8]) -> [u8; CHECKSUM] {
    let length = u64::try_from(key.len()).unwrap_or(u64::MAX);
    let hash = Sha256::new()
        .chain_update(length.to_be_bytes())
        .chain_update(key)
        .chain_update(value)
        .finalize();
    let mut out = [0; CHECKSUM];
    out.iter_mut().zip(hash).for_each(|(out, byte)| *out = byte);
    out
}

/// Only its owner may read what holds codes and a signing key.
fn for_the_owner_alone(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
        fs::set_permissions(path, mode)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// What errors begin with.
struct Place<'a>(&'a Path);

impl Place<'_> {
    fn error(&self, why: impl std::fmt::Display) -> StoreError {
        StoreError(format!("{}: {why}", self.0.display()))
    }

    fn damaged(&self, why: &dyn std::fmt::Display) -> StoreError {
        self.error(format!(
            "damaged ({why}). Nothing of it was changed: put back a copy, or take another file"
        ))
    }

    fn unusable(&self, error: &DatabaseError) -> StoreError {
        match error {
            DatabaseError::DatabaseAlreadyOpen => {
                self.error("in use: another cognito-pool has opened it")
            }
            DatabaseError::UpgradeRequired(format) => self.error(format!(
                "written by another version of cognito-pool (redb's format {format})"
            )),
            DatabaseError::Storage(StorageError::Io(error))
                if error.kind() == io::ErrorKind::InvalidData =>
            {
                self.error("not a file of cognito-pool, or its beginning is damaged")
            }
            DatabaseError::Storage(StorageError::Io(error)) => self.error(error),
            other => self.damaged(other),
        }
    }
}
