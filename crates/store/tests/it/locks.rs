//! Locks between processes.

use std::{
    io::{BufRead, BufReader, Lines},
    process::{ChildStdout, Command, Stdio},
    time::Duration,
};

use florin_store::{Holder, Lock, LockGuard, Store, StoreError};

use crate::support::{at, on_each_store};

/// Tells a process that a test started which store it is to use.
const CHILD_URL: &str = "FLORIN_STORE_TEST_CHILD_URL";

pub(crate) fn child_url() -> Option<String> {
    std::env::var(CHILD_URL).ok()
}

/// This test binary again, as another process that runs one function.
pub(crate) struct Child {
    process: std::process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Child {
    pub(crate) fn start(function: &str, url: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", function, "--nocapture"])
            .env(CHILD_URL, url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// Waits for a line that begins with `start`, and returns the rest of it.
    pub(crate) fn word_after(&mut self, start: &str) -> String {
        loop {
            let line = self.lines.next().expect("the child went on").unwrap();
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

async fn taken(store: &Store, by: &str) -> LockGuard {
    match store.lock("load", by, at(5)).await.unwrap() {
        Lock::Taken(guard) => guard,
        Lock::Held(holder) => panic!("held by {holder:?}"),
    }
}

/// PostgreSQL notices a closed connection a moment later.
async fn taken_soon(store: &Store) -> LockGuard {
    for _ in 0..500 {
        if let Lock::Taken(guard) = store.lock("load", "again", at(6)).await.unwrap() {
            return guard;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the lock was never released");
}

#[test]
fn a_lock_is_held_by_one_and_says_by_whom() {
    on_each_store(async |fresh| {
        let other = fresh.again().await;
        let mut guard = taken(&fresh.store, "florin ingest, process 17").await;
        assert!(guard.still_held().await);
        for store in [&fresh.store, &other] {
            let Lock::Held(holder) = store.lock("load", "me", at(9)).await.unwrap() else { panic!("held twice") };
            assert_eq!(holder, Holder { by: "florin ingest, process 17".to_owned(), since: at(5) });
        }
        assert!(matches!(other.lock("compact", "me", at(9)).await.unwrap(), Lock::Taken(_)), "another lock is free");
        guard.release().await;
        let guard = taken_soon(&other).await;
        drop(guard);
        taken_soon(&fresh.store).await;
    });
}

#[test]
fn a_lock_with_a_name_that_could_be_a_path_is_refused() {
    on_each_store(async |fresh| {
        for name in ["", "../x", "a b", "A"] {
            let error = fresh.store.lock(name, "me", at(1)).await.expect_err("a bad name");
            assert!(matches!(error, StoreError::Invalid(_)), "{error:?}");
        }
    });
}

/// Not a test of its own: what the next test starts as another process, and kills.
#[test]
fn child_that_holds_a_lock_until_killed() {
    let Some(url) = child_url() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&url).await.unwrap();
        let _guard = taken(&store, "the child").await;
        println!("\nlocked ");
        tokio::time::sleep(Duration::from_secs(600)).await;
    });
}

#[test]
fn a_lock_is_free_again_when_its_holder_is_killed() {
    on_each_store(async |fresh| {
        for _ in 0..3 {
            let mut child = Child::start("locks::child_that_holds_a_lock_until_killed", &fresh.url);
            child.word_after("locked");
            let Lock::Held(holder) = fresh.store.lock("load", "me", at(9)).await.unwrap() else { panic!("not held") };
            assert_eq!(holder.by, "the child");
            child.kill();
            drop(taken_soon(&fresh.store).await);
        }
    });
}
