//! Locks between processes, which end with the process that holds them, however it ends.
//!
//! Beside SQLite a lock is a locked file, `<store>.<name>.lock`, which says who holds it. In PostgreSQL it is an advisory
//! lock of a connection of its own (not through a pooler that shares connections), and a row says who holds it. The
//! words are only for people: the operating system or the database decides who has the lock.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use florin_domain::EventTime;
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::{
    error::{Result, StoreError},
    open::{Db, Store},
};

/// Of the words in a lock file, more are not read.
const HOLDER_BYTES_MAX: u64 = 4096;

/// What came of asking for a lock.
#[derive(Debug)]
pub enum Lock {
    /// It is ours until the guard is dropped.
    Taken(LockGuard),
    /// Somebody else has it.
    Held(Holder),
}

/// Who has a lock, in their own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The holder, for people: program, process, machine. Empty in the moment before it has said so.
    pub by: String,
    /// Since when.
    pub since: EventTime,
}

/// Holds a lock. Dropped, it is free again; so it is when the process dies.
#[derive(Debug)]
pub struct LockGuard {
    held: Held,
}

#[derive(Debug)]
enum Held {
    File(File),
    Connection(Box<PgConnection>),
}

impl Store {
    /// Takes the lock `name` (lower-case letters, digits, `-` and `_`), or says who has it. Never waits.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a bad name; else those of the file system or the database.
    pub async fn lock(&self, name: &str, by: &str, at: EventTime) -> Result<Lock> {
        check_name(name)?;
        let holder = Holder { by: by.to_owned(), since: at };
        match &self.db {
            Db::Sqlite { path, .. } => lock_file(&lock_path(path, name), &holder),
            Db::Postgres { options, .. } => lock_connection(options, name, &holder).await,
        }
    }
}

impl LockGuard {
    /// Whether the lock is still ours. A file lock always is; an advisory lock is lost with its connection.
    pub async fn still_held(&mut self) -> bool {
        match &mut self.held {
            Held::File(_) => true,
            Held::Connection(connection) => connection.ping().await.is_ok(),
        }
    }

    /// Gives the lock back, and waits until that is done. Dropping does it too, but on PostgreSQL a moment later.
    pub async fn release(self) {
        // When it fails there is nothing to do about it: the lock ends with the file or the connection, which end here.
        match self.held {
            Held::File(file) => drop(file.unlock()),
            Held::Connection(connection) => drop(connection.close().await),
        }
    }
}

fn check_name(name: &str) -> Result<()> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(allowed) {
        return Ok(());
    }
    Err(StoreError::Invalid(format!("a lock cannot be called `{name}`; use a-z, 0-9, - and _")))
}

fn lock_path(store: &Path, name: &str) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(format!(".{name}.lock"));
    PathBuf::from(path)
}

fn lock_file(path: &Path, holder: &Holder) -> Result<Lock> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            say_holder(&mut file, holder).map_err(failed)?;
            Ok(Lock::Taken(LockGuard { held: Held::File(file) }))
        }
        Err(TryLockError::WouldBlock) => Ok(Lock::Held(read_holder(file))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn say_holder(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let words = serde_json::to_string(holder)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(words.as_bytes())
}

/// The holder may be about to write its words; then there are none yet.
fn read_holder(file: File) -> Holder {
    let mut words = String::new();
    let read = file.take(HOLDER_BYTES_MAX).read_to_string(&mut words);
    let holder = read.ok().and_then(|_| serde_json::from_str(&words).ok());
    holder.unwrap_or_else(nobody_said)
}

fn nobody_said() -> Holder {
    Holder { by: String::new(), since: EventTime(0) }
}

/// A machine that lost its power says no goodbye: the server is to notice within about a minute.
const NOTICE_DEAD_PEERS: &str =
    "set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3";

async fn lock_connection(options: &PgConnectOptions, name: &str, holder: &Holder) -> Result<Lock> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(NOTICE_DEAD_PEERS).execute(&mut connection).await?;
    let sql = "select pg_try_advisory_lock(hashtextextended('florin/' || current_schema() || '/' || $1, 0))";
    if !sqlx::query_scalar::<_, bool>(sql).bind(name).fetch_one(&mut connection).await? {
        let sql = "select held_by, since from lock_holder where name = $1";
        let row = sqlx::query_as::<_, (String, i64)>(sql).bind(name).fetch_optional(&mut connection).await?;
        let holder = row.map(|(by, since)| Holder { by, since: EventTime(since) });
        return Ok(Lock::Held(holder.unwrap_or_else(nobody_said)));
    }
    let sql = "insert into lock_holder (name, held_by, since) values ($1, $2, $3)
               on conflict (name) do update set held_by = excluded.held_by, since = excluded.since";
    let values = sqlx::query(sql).bind(name).bind(&holder.by).bind(holder.since.micros());
    values.execute(&mut connection).await?;
    Ok(Lock::Taken(LockGuard { held: Held::Connection(Box::new(connection)) }))
}
