//! A collector in a scratch folder whose clock the test sets, called without a socket.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use florin_collector::{Collector, Disk, FixedKeys, LocalDisk, Settings, Source, router};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// When tests take place, unless they say otherwise.
pub(crate) const NOW: &str = "2026-11-23T08:00:00Z";
const BODY_BYTES_MAX: usize = 1 << 20;

/// A clock that stands still until it is set.
#[derive(Debug, Clone, Default)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn set(&self, text: &str) {
        self.0.store(text.parse::<Timestamp>().expect("a time").as_microsecond(), Relaxed);
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Relaxed)).expect("in range")
    }
}

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) clock: TestClock,
    pub(crate) collector: Arc<Collector>,
    pub(crate) router: Router,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A scratch folder in memory where there is one: what is tested is not how long a disk takes.
pub(crate) fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("scratch")
}

pub(crate) fn keys() -> FixedKeys {
    let source =
        |name: &str, channel: Option<&str>| Source { name: name.to_owned(), channel: channel.map(str::to_owned) };
    FixedKeys::new([("key", source("web", None)), ("app-key", source("bank_app", Some("app")))])
}

pub(crate) fn open(folder: &Path, clock: &TestClock, settings: Settings, disk: Box<dyn Disk>) -> Collector {
    let clock = clock.clone();
    let now = move || clock.now();
    Collector::open(folder, settings, Arc::new(keys()), Arc::new(now), disk).expect("a folder of its own")
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::on(settings, Box::new(LocalDisk))
    }

    pub(crate) fn on(settings: Settings, disk: Box<dyn Disk>) -> Self {
        let folder = scratch();
        let clock = TestClock::default();
        clock.set(NOW);
        let collector = Arc::new(open(folder.path(), &clock, settings, disk));
        let router = router(Arc::clone(&collector));
        Self { folder, clock, collector, router }
    }

    /// Posts with the write key `key`.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(path, &[("authorization", "Basic a2V5Og==")], body.as_bytes()).await
    }

    pub(crate) async fn send(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send(&self.router, path, headers, body).await
    }

    /// Everything that was stored, in the order of writing.
    pub(crate) fn records(&self) -> Vec<Value> {
        self.collector.close();
        records(self.folder.path())
    }

    /// The one event that was stored.
    pub(crate) fn only(&self) -> Value {
        let mut records = self.records();
        assert_eq!(records.len(), 1, "{records:?}");
        records.remove(0)
    }
}

pub(crate) async fn send(router: &Router, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_vec())).expect("a request");
    let answer = router.clone().oneshot(request).await.expect("routers do not fail");
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.expect("an answer is short");
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}

/// The records of a folder's closed segments.
pub(crate) fn records(folder: &Path) -> Vec<Value> {
    let entries = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == "jsonl")).collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).expect("text"));
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<Value>>())
        .collect()
}
