//! The log: segments, what a loader sees of them, and who may write.

use std::time::Duration;

use florin_collector::{Collector, CollectorError, FixedKeys, LocalDisk, Settings};

use crate::support::{Fixture, TestClock, keys, open, records, scratch, send};

const PATIENCE: Duration = Duration::from_secs(20);

fn event(n: usize) -> String {
    format!(r#"{{"userId":"u","event":"A","messageId":"m{n}"}}"#)
}

fn settings(age: Duration) -> Settings {
    let mut settings = Settings::default();
    settings.log.segment_age_max = age;
    settings
}

#[tokio::test]
async fn a_segment_closes_by_itself_and_a_loader_hears_of_it() {
    let fixture = Fixture::with(settings(Duration::from_millis(50)));
    let mut closed = fixture.collector.log().watch();
    assert_eq!(fixture.post("/v1/track", &event(1)).await.status, 200);
    tokio::time::timeout(PATIENCE, closed.changed()).await.expect("soon").expect("the log is open");
    let segments = fixture.collector.log().closed().expect("the folder");
    assert_eq!(segments.len(), 1);
    assert_eq!(records(fixture.folder.path()).len(), 1);
}

#[tokio::test]
async fn an_idle_log_makes_no_segments() {
    let fixture = Fixture::with(settings(Duration::from_millis(10)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(fixture.collector.log().closed().expect("the folder").is_empty());
    assert!(fixture.records().is_empty());
}

#[tokio::test]
async fn a_full_segment_closes_at_once() {
    let mut settings = settings(Duration::from_secs(3600));
    settings.log.segment_bytes_max = 1;
    let fixture = Fixture::with(settings);
    for n in 0..3 {
        assert_eq!(fixture.post("/v1/track", &event(n)).await.status, 200);
    }
    fixture.collector.log().flush().await.expect("open");
    assert_eq!(fixture.collector.log().closed().expect("the folder").len(), 3);
}

#[tokio::test]
async fn what_is_released_is_gone_and_nothing_else() {
    let fixture = Fixture::with(settings(Duration::from_secs(3600)));
    let log = fixture.collector.log();
    for n in 0..2 {
        fixture.post("/v1/track", &event(n)).await;
        log.flush().await.expect("open");
    }
    let segments = log.closed().expect("the folder");
    assert_eq!(log.figures().backlog_bytes, segments.iter().map(|segment| segment.bytes).sum::<u64>());
    log.release(&segments[0].name).expect("a segment");
    assert_eq!(log.closed().expect("the folder"), segments[1..]);
    assert_eq!(log.figures().backlog_bytes, segments[1].bytes);
    for wrong in [segments[0].name.as_str(), "../generation", "generation", "", "0000000001-0000000a"] {
        assert!(matches!(log.release(wrong), Err(CollectorError::NoSegment { .. })), "{wrong}");
    }
    // What somebody else put there is none of its segments, so that nobody tries to release it for ever.
    let folder = segments[1].path.parent().expect("a folder");
    std::fs::write(folder.join("by-hand.jsonl"), "{}\n").expect("a file");
    assert_eq!(log.closed().expect("the folder"), segments[1..]);
}

#[tokio::test]
async fn with_too_much_unloaded_nothing_is_taken_until_something_is_released() {
    let mut settings = settings(Duration::from_secs(3600));
    settings.log.backlog_bytes_max = 1;
    let fixture = Fixture::with(settings);
    assert_eq!(fixture.post("/v1/track", &event(1)).await.status, 200);
    fixture.collector.log().flush().await.expect("open");
    let answer = fixture.post("/v1/track", &event(2)).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("backlog")));
    let segment = fixture.collector.log().closed().expect("the folder").remove(0);
    fixture.collector.log().release(&segment.name).expect("a segment");
    assert_eq!(fixture.post("/v1/track", &event(2)).await.status, 200, "it was not stored before");
    assert_eq!(fixture.records().len(), 1);
}

#[tokio::test]
async fn names_of_segments_are_never_used_again() {
    let folder = scratch();
    let clock = TestClock::default();
    let mut names = Vec::new();
    for n in 0..3 {
        let collector = std::sync::Arc::new(open(folder.path(), &clock, Settings::default(), Box::new(LocalDisk)));
        let router = florin_collector::router(std::sync::Arc::clone(&collector));
        send(&router, "/v1/track", &[("authorization", "Bearer key")], event(n).as_bytes()).await;
        collector.close();
        for segment in collector.log().closed().expect("the folder") {
            collector.log().release(&segment.name).expect("a segment");
            names.push(segment.name);
        }
    }
    assert_eq!(names.len(), 3);
    names.dedup();
    assert_eq!(names.len(), 3);
    assert!(names.is_sorted());
}

#[tokio::test]
async fn only_one_collector_writes_to_a_folder() {
    let fixture = Fixture::new();
    let clock = fixture.clock.clone();
    let keys: FixedKeys = keys();
    let second = Collector::open(
        fixture.folder.path(),
        Settings::default(),
        std::sync::Arc::new(keys),
        std::sync::Arc::new(move || clock.now()),
        Box::new(LocalDisk),
    );
    assert!(matches!(second.err(), Some(CollectorError::InUse { .. })));
}

#[tokio::test]
async fn closing_stores_what_waits_and_then_nothing_is_taken() {
    let fixture = Fixture::new();
    let waiting: Vec<_> = (0..50)
        .map(|n| {
            let router = fixture.router.clone();
            tokio::spawn(async move {
                send(&router, "/v1/track", &[("authorization", "Bearer key")], event(n).as_bytes()).await.status
            })
        })
        .collect();
    let mut taken = 0;
    for answer in waiting {
        taken += usize::from(answer.await.expect("no panic") == 200);
    }
    assert_eq!(taken, 50);
    assert_eq!(fixture.records().len(), 50);
    let answer = fixture.post("/v1/track", &event(99)).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("closing")));
    assert_eq!(answer.headers["retry-after"], "5");
}

#[tokio::test]
async fn messages_of_segments_that_were_not_released_are_remembered_over_a_restart() {
    let fixture = Fixture::new();
    fixture.post("/v1/track", &event(1)).await;
    fixture.collector.close();
    fixture.clock.forward(60);
    let again = open(fixture.folder.path(), &fixture.clock, Settings::default(), Box::new(LocalDisk));
    let router = florin_collector::router(std::sync::Arc::new(again));
    let answer = send(&router, "/v1/track?strict=1", &[("authorization", "Bearer key")], event(1).as_bytes()).await;
    assert_eq!(answer.body["duplicate"], 1);
}

#[tokio::test]
async fn files_of_the_log_are_their_owner_s() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    fixture.post("/v1/track", &event(1)).await;
    fixture.collector.close();
    let segment = fixture.collector.log().closed().expect("the folder").remove(0);
    let mode = std::fs::metadata(segment.path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
