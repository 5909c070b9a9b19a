//! Opening, migrating, refusing.

use florin_store::{Fault, Store, StoreError};

use sqlx::{Connection, SqliteConnection};

use crate::support::{load, on_each_store};

#[test]
fn opening_twice_keeps_what_is_there() {
    on_each_store(async |fresh| {
        let steps = "select count(*) from schema_version";
        let done = fresh.number(steps).await;
        let id = load(&fresh.store, 1, 3, 0).await;
        let again = fresh.again().await;
        assert_eq!(again.batches(None, 10).await.unwrap()[0].id, id);
        assert_eq!(fresh.number(steps).await, done);
        assert_eq!(fresh.number("select max(version) from schema_version").await, done);
    });
}

/// SQLite tells one of two who first put a file into WAL mode that it is busy, in spite of any busy timeout; that is a
/// matter of moments, so they are tried often.
const NEW_FILES: usize = 50;

#[test]
fn many_may_open_a_new_store_at_once() {
    on_each_store(async |fresh| {
        let urls: Vec<String> = match fresh.url.split_once("search_path%3D") {
            Some((_, schema)) => {
                fresh.sql(&format!("drop schema {schema} cascade; create schema {schema}")).await;
                vec![fresh.url.clone()]
            }
            None => (0..NEW_FILES).map(|n| fresh.url.replace("florin.db", &format!("other{n}.db"))).collect(),
        };
        for url in urls {
            let opening = (0..6).map(|_| {
                let url = url.clone();
                tokio::spawn(async move { Store::open(&url).await.map(drop) })
            });
            for opened in opening.collect::<Vec<_>>() {
                opened.await.unwrap().unwrap();
            }
        }
    });
}

#[test]
fn a_store_of_a_newer_florin_is_refused() {
    on_each_store(async |fresh| {
        let newest = fresh.number("select max(version) from schema_version").await;
        fresh.sql("insert into schema_version (version, name) values (99, 'from the future')").await;
        let error = Store::open(&fresh.url).await.expect_err("newer");
        assert!(matches!(error, StoreError::NewerSchema { found: 99, known, .. } if known == newest), "{error}");
        assert_eq!((error.fault(), error.retryable()), (Fault::Operator, false));
        assert!(error.help().is_some());
    });
}

#[test]
fn a_file_that_is_no_database_is_called_damaged() {
    on_each_store(async |fresh| {
        let path = fresh.folder.path().join("notes.txt");
        std::fs::write(&path, "these are not the records you are looking for\n".repeat(100)).unwrap();
        let error = Store::open(path.to_str().unwrap()).await.expect_err("no database");
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        assert!(error.to_string().contains("notes.txt"), "{error}");
    });
}

#[test]
fn a_damaged_page_is_called_damaged_and_not_read_over() {
    on_each_store(async |fresh| {
        if !fresh.is_sqlite() {
            return;
        }
        for content in 1..=100 {
            load(&fresh.store, content, 30, 20).await;
        }
        let path = fresh.folder.path().join("copy.db");
        fresh.sql(&format!("vacuum into '{}'", path.display())).await;
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[8192..].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        let error = match Store::open(path.to_str().unwrap()).await {
            Err(error) => error,
            Ok(store) => store.batches(None, 1000).await.expect_err("damaged"),
        };
        assert_eq!(error.fault(), Fault::Damage, "{error:?}");
    });
}

#[test]
fn a_server_that_is_not_there_is_named_without_its_password() {
    on_each_store(async |_| {
        let error = Store::open("postgres://anna:hunter2@127.0.0.1:1/florin").await.expect_err("nobody listens");
        let words = format!("{error} {error:?}");
        assert!(matches!(error, StoreError::Unreachable(_)) && error.retryable(), "{words}");
        assert!(words.contains("anna@127.0.0.1:1/florin") && !words.contains("hunter2"), "{words}");
        let error = Store::open("postgres://anna:hunter2@host:port/florin").await.expect_err("no such port");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    });
}

#[test]
fn a_full_database_says_so_and_writes_nothing() {
    on_each_store(async |fresh| {
        if !fresh.is_sqlite() {
            return;
        }
        // A test cannot fill the disk, but SQLite can be told that a database may not grow, and fails the same way.
        let mut connection = SqliteConnection::connect(&fresh.url).await.unwrap();
        let fill = "pragma max_page_count = 1;
                    insert into audit select value, 0, hex(zeroblob(4000)), x'', x'', x'' from json_each('[1,2,3,4]')";
        let error = sqlx::raw_sql(fill).execute(&mut connection).await.expect_err("full");
        let error = StoreError::from(error);
        assert!(matches!(error, StoreError::DiskFull(_)), "{error:?}");
        assert!(!error.retryable() && error.help().is_some());
        assert_eq!(fresh.store.audit_head().await.unwrap(), None);
    });
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_a_new_store() {
    use std::os::unix::fs::PermissionsExt;
    on_each_store(async |fresh| {
        if !fresh.is_sqlite() {
            return;
        }
        load(&fresh.store, 1, 1, 0).await;
        for file in std::fs::read_dir(fresh.folder.path()).unwrap() {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", file.path().display());
        }
    });
}
