//! Opening a store: where it is, how its connections are set, and that its tables are there.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    consent::KnownConsent,
    error::{Result, StoreError},
    migrate,
    sql::Tx,
};

/// How long a statement waits for another program's write to end before it gives up as busy.
pub const BUSY_WAIT: Duration = Duration::from_secs(30);
/// How long a caller waits for a free connection, or for PostgreSQL to answer at all.
pub const CONNECTION_WAIT: Duration = Duration::from_secs(30);
/// Connections of one process at most.
pub const CONNECTIONS_MAX: u32 = 4;
/// How long one who was told at once that the file is busy waits before asking again.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Rows that may wait between SQLite's thread and the reader.
const SQLITE_ROWS_AHEAD: usize = 1024;
/// SQLite's page cache of one connection at most, as it wants it: negative, in KiB. A bulk load whose indexes outgrow it
/// writes the same pages again and again.
const SQLITE_CACHE_KIB: &str = "-131072";

/// The working records: one SQLite file, or one schema of a PostgreSQL database. Cheap to clone; clones share their
/// connections.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) consent: Arc<KnownConsent>,
}

/// Which database, and its connections.
#[derive(Clone)]
pub(crate) enum Db {
    Sqlite { pool: SqlitePool, path: PathBuf },
    Postgres { pool: PgPool, options: Box<PgConnectOptions> },
}

impl Store {
    /// Opens the store at `url`, makes it if there is none, and brings its tables up to date.
    ///
    /// `url` is a path, or `sqlite://` and a path, for SQLite; or `postgres://user:password@host:port/database`
    /// (parameters as in libpq; `options=-c search_path=…` picks a schema).
    ///
    /// # Errors
    /// When the database cannot be reached, is damaged or full, or was written by a newer Florin
    /// ([`StoreError::NewerSchema`]). Passwords never show.
    pub async fn open(url: &str) -> Result<Self> {
        let db = if is_postgres(url) { open_postgres(url).await? } else { open_sqlite(sqlite_path(url)?).await? };
        let store = Self { db, consent: Arc::default() };
        migrate::migrate(&store).await?;
        Ok(store)
    }

    /// Where the store is, for people: a path, or a URL without its password.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.db {
            Db::Sqlite { path, .. } => path.display().to_string(),
            Db::Postgres { options, .. } => postgres_place(options),
        }
    }

    /// Waits until every connection is closed. A dropped store closes them too, without waiting.
    pub async fn close(self) {
        match self.db {
            Db::Sqlite { pool, .. } => pool.close().await,
            Db::Postgres { pool, .. } => pool.close().await,
        }
    }

    /// A transaction that only reads, in one snapshot.
    pub(crate) async fn read(&self) -> Result<Tx> {
        Ok(match &self.db {
            Db::Sqlite { pool, .. } => Tx::Sqlite(pool.begin().await?),
            Db::Postgres { pool, .. } => {
                Tx::Postgres(pool.begin_with("begin isolation level repeatable read read only").await?)
            }
        })
    }

    /// A transaction that writes. On SQLite it is the only one from here on, so that it cannot fail half-way because
    /// another wrote first.
    pub(crate) async fn write(&self) -> Result<Tx> {
        Ok(match &self.db {
            Db::Sqlite { pool, .. } => Tx::Sqlite(pool.begin_with("begin immediate").await?),
            Db::Postgres { pool, .. } => Tx::Postgres(pool.begin().await?),
        })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.place()).finish()
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn sqlite_path(url: &str) -> Result<PathBuf> {
    let path = url.strip_prefix("sqlite://").unwrap_or(url);
    match path.split_once("://") {
        Some((scheme, _)) => Err(StoreError::Invalid(format!(
            "a store at `{scheme}://…` is not known; one of: a path, sqlite://path, postgres://…"
        ))),
        None if path.is_empty() => Err(StoreError::Invalid("the path of the store is empty".to_owned())),
        None => Ok(PathBuf::from(path)),
    }
}

async fn open_sqlite(path: PathBuf) -> Result<Db> {
    create_private(&path).map_err(|source| StoreError::File { path: path.clone(), source })?;
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .busy_timeout(BUSY_WAIT)
        // In WAL mode only FULL survives a power cut that follows a commit.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // Deleted keys are overwritten, not only unlinked.
        .pragma("secure_delete", "on")
        .pragma("fullfsync", "on")
        // What a statement would need to undo itself is written nowhere: a file of it would cost more than the insert.
        .pragma("temp_store", "memory")
        .pragma("cache_size", SQLITE_CACHE_KIB)
        .row_buffer_size(SQLITE_ROWS_AHEAD)
        .disable_statement_logging();
    keep_write_ahead_log(&options, &path).await?;
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(BUSY_WAIT + CONNECTION_WAIT)
        .connect_with(options)
        .await
        .map_err(|error| at(&path.display().to_string(), error))?;
    Ok(Db::Sqlite { pool, path })
}

/// Puts the file into WAL mode, in which it then stays.
///
/// Two programs that do so to one new file at the same time would each wait for the other's read lock to go. SQLite sees
/// that and tells one of them at once that the file is busy, whatever the busy timeout: that one has to come again.
async fn keep_write_ahead_log(options: &SqliteConnectOptions, path: &Path) -> Result<()> {
    let options = options.clone().journal_mode(SqliteJournalMode::Wal);
    let give_up = tokio::time::Instant::now() + BUSY_WAIT;
    loop {
        let closed = match SqliteConnection::connect_with(&options).await {
            Ok(connection) => connection.close().await,
            Err(error) => Err(error),
        };
        match closed.map_err(|error| at(&path.display().to_string(), error)) {
            Err(StoreError::Busy(_)) if tokio::time::Instant::now() < give_up => tokio::time::sleep(BUSY_PAUSE).await,
            done => return done,
        }
    }
}

/// The file must exist before SQLite makes it readable for everybody.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn open_postgres(url: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| StoreError::Invalid("the URL of the store is not a PostgreSQL URL".to_owned()))?
        .application_name("florin")
        // A server may be set to lose the last commits on a crash; we may not.
        .options([("synchronous_commit", "on"), ("lock_timeout", &format!("{}s", BUSY_WAIT.as_secs()))])
        .disable_statement_logging();
    // The pool would go on trying, and in the end say only that time is up. One connection says why.
    let connected = tokio::time::timeout(CONNECTION_WAIT, PgConnection::connect_with(&options)).await;
    let connection = connected.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())));
    drop(connection.map_err(|error| at(&postgres_place(&options), error))?.close().await);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(CONNECTION_WAIT)
        .connect_lazy_with(options.clone());
    Ok(Db::Postgres { pool, options: Box::new(options) })
}

fn postgres_place(options: &PgConnectOptions) -> String {
    let host = options.get_socket().map_or_else(|| options.get_host().to_owned(), |path| path.display().to_string());
    let database = options.get_database().unwrap_or_default();
    format!("postgres://{}@{host}:{}/{database}", options.get_username(), options.get_port())
}

/// Says which store an error is about.
fn at(place: &str, error: sqlx::Error) -> StoreError {
    let named = |reason: String| format!("{place}: {reason}");
    match StoreError::from(error) {
        StoreError::Unreachable(reason) => StoreError::Unreachable(named(reason)),
        StoreError::Refused(reason) => StoreError::Refused(named(reason)),
        StoreError::Corrupt(reason) => StoreError::Corrupt(named(reason)),
        StoreError::DiskFull(reason) => StoreError::DiskFull(named(reason)),
        StoreError::Busy(reason) => StoreError::Busy(named(reason)),
        StoreError::Database(reason) => StoreError::Database(named(reason)),
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_place_shows_no_password() {
        let options = PgConnectOptions::from_str("postgres://anna:hunter2@db.bank:5433/florin").expect("a URL");
        assert_eq!(postgres_place(&options), "postgres://anna@db.bank:5433/florin");
    }

    #[tokio::test]
    async fn every_connection_is_durable_checks_references_and_overwrites_what_it_deletes() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path().join("f.db").to_str().expect("UTF-8")).await.expect("a store");
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS_MAX {
            let mut tx = store.read().await.expect("a connection");
            const FULL: i64 = 2;
            let expected = [
                ("pragma synchronous", FULL),
                ("pragma foreign_keys", 1),
                ("pragma secure_delete", 1),
                ("pragma busy_timeout", 30_000),
            ];
            for (pragma, value) in expected {
                assert_eq!(tx.count(pragma, vec![]).await.expect("a number"), value, "{pragma}");
            }
            let mode = tx.first("pragma journal_mode", vec![], |row| row.get::<String>(0)).await;
            assert_eq!(mode.expect("a mode").as_deref(), Some("wal"));
            connections.push(tx);
        }
    }

    #[test]
    fn an_unknown_scheme_lists_the_known_ones() {
        let error = sqlite_path("mysql://root:hunter2@db/florin").expect_err("not known").to_string();
        assert_eq!(error, "a store at `mysql://…` is not known; one of: a path, sqlite://path, postgres://…");
        assert_eq!(sqlite_path("sqlite:///var/f.db").expect("known"), PathBuf::from("/var/f.db"));
        assert_eq!(sqlite_path("f.db").expect("known"), PathBuf::from("f.db"));
    }
}
