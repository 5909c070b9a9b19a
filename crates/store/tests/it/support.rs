//! A fresh store of each kind for each test, and the small things that loads are made of.

use std::sync::atomic::{AtomicU32, Ordering};

use florin_domain::{Counts, EventTime, KeyHasher};
use florin_store::{BatchId, Extras, NewBatch, NewQuarantined, Prepared, Store, Vault};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// Where a PostgreSQL for tests is: a URL of a database in which schemas may be made.
pub(crate) const POSTGRES: &str = "FLORIN_TEST_POSTGRES";

/// A store that nobody used before, with its URL.
pub(crate) struct Fresh {
    pub(crate) store: Store,
    pub(crate) url: String,
    /// For SQLite, where its file is.
    pub(crate) folder: TempDir,
}

impl Fresh {
    pub(crate) fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite://")
    }

    /// Another process's view of the same store.
    pub(crate) async fn again(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// Runs statements behind the store's back.
    pub(crate) async fn sql(&self, text: &str) {
        let text = AssertSqlSafe(text.to_owned());
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            connection.execute(sqlx::raw_sql(text)).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            connection.execute(sqlx::raw_sql(text)).await.unwrap();
            connection.close().await.unwrap();
        }
    }

    /// One number, read behind the store's back.
    pub(crate) async fn number(&self, text: &str) -> i64 {
        let text = AssertSqlSafe(text.to_owned());
        if self.is_sqlite() {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(text).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(text).fetch_one(&mut connection).await.unwrap()
        }
    }
}

/// Runs a test on SQLite and, when there is one, on PostgreSQL.
pub(crate) fn on_each_store(test: impl AsyncFn(&Fresh)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("florin.db").display());
        let store = Store::open(&url).await.unwrap();
        let fresh = Fresh { store, url, folder };
        test(&fresh).await;
        fresh.store.close().await;
        match std::env::var(POSTGRES) {
            Ok(server) => on_postgres(&server, &test).await,
            Err(_) => eprintln!("PostgreSQL skipped: {POSTGRES} is not set"),
        }
    });
}

async fn on_postgres(server: &str, test: &impl AsyncFn(&Fresh)) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("florin_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(server).await.unwrap();
    admin.execute(sqlx::raw_sql(AssertSqlSafe(format!("create schema {schema}")))).await.unwrap();
    let separator = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{separator}options=-c%20search_path%3D{schema}");
    let store = Store::open(&url).await.unwrap();
    let fresh = Fresh { store, url, folder: tempfile::tempdir().unwrap() };
    test(&fresh).await;
    fresh.store.close().await;
    admin.execute(sqlx::raw_sql(AssertSqlSafe(format!("drop schema {schema} cascade")))).await.unwrap();
}

pub(crate) fn at(micros: i64) -> EventTime {
    EventTime(micros)
}

pub(crate) fn new_batch(content: u8) -> NewBatch {
    NewBatch {
        source: "core".to_owned(),
        mapping: "transaction".to_owned(),
        table: "transaction".to_owned(),
        file: "trans.csv".to_owned(),
        content: [content; 32],
        mapping_version: 1,
        retry: false,
        started_at: at(10),
    }
}

/// A batch of `read` records of which `quarantined` could not be stored.
pub(crate) fn prepared(batch: BatchId, read: u64, quarantined: u64) -> Prepared {
    let counts = Counts { read, stored: read - quarantined, quarantined, ..Counts::default() };
    let header = vec!["id".to_owned(), "šum,\"\u{0}交易".to_owned()];
    Prepared { batch, counts, header, warned: serde_json::json!({"date": 3}) }
}

pub(crate) fn bad_row(batch: BatchId, row_number: u64) -> NewQuarantined {
    NewQuarantined {
        batch,
        row_number,
        code: "range".to_owned(),
        column: Some("amount".to_owned()),
        reason: "below the minimum".to_owned(),
        raw: vec![0, 1, 2, 255],
    }
}

/// Loads a batch of which the first `quarantined` records are bad, all the way to done.
pub(crate) async fn load(store: &Store, content: u8, read: u64, quarantined: u64) -> BatchId {
    let id = store.plan_batch(&new_batch(content)).await.unwrap();
    let rows = (1..=quarantined).map(|row| bad_row(id, row)).collect();
    let extras = Extras { quarantined: rows, ..Extras::default() };
    store.prepare_batches(&[prepared(id, read, quarantined)], extras).await.unwrap();
    store.finish_batches(&[id], Some(7), at(20)).await.unwrap();
    id
}

pub(crate) fn vault(master: u8) -> Vault {
    Vault::new(&[master; 32], KeyHasher::new([5; 32]))
}

/// Not random, but never the same bytes twice.
pub(crate) fn counting() -> impl FnMut(&mut [u8]) + Send {
    let mut next = 0u64;
    move |bytes| {
        for chunk in bytes.chunks_mut(8) {
            next += 1;
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    }
}
