//! Too much: the rest is told to come back, and what is taken is taken.

use std::{collections::BTreeSet, io, path::Path, sync::Arc, time::Duration};

use florin_collector::{Appending, Disk, LocalDisk, Settings, router};
use tokio::task::JoinSet;

use crate::support::{Fixture, send};

/// A disk that takes so long for each wait.
struct SlowDisk(Duration);

struct SlowFile(Box<dyn Appending>, Duration);

impl Disk for SlowDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appending>> {
        Ok(Box::new(SlowFile(LocalDisk.create(path)?, self.0)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        LocalDisk.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        LocalDisk.sync_folder(path)
    }
}

impl Appending for SlowFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        std::thread::sleep(self.1);
        self.0.sync()
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.0.cut(bytes)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_three_times_its_capacity_it_sheds_load_and_keeps_serving() {
    let mut settings = Settings::default();
    // A group is one request, so the disk's capacity is one request a wait.
    settings.log.group_bytes_max = 1;
    settings.log.queue_requests_max = 8;
    let pause = Duration::from_millis(4);
    let fixture = Fixture::on(settings, Box::new(SlowDisk(pause)));
    let router = router(Arc::clone(&fixture.collector));
    let mut answers = JoinSet::new();
    for n in 0..600 {
        let router = router.clone();
        answers.spawn(async move {
            let body = format!(r#"{{"userId":"u","event":"A","messageId":"m{n}"}}"#);
            let answer = send(&router, "/v1/track", &[("authorization", "Bearer key")], body.as_bytes()).await;
            (n, answer)
        });
        if n % 3 == 2 {
            tokio::time::sleep(pause).await;
        }
    }
    let (mut taken, mut shed) = (BTreeSet::new(), 0);
    let mut last = 0;
    while let Some(answer) = answers.join_next().await {
        let (n, answer) = answer.expect("no panic");
        match answer.status {
            200 => {
                taken.insert(format!("m{n}"));
                last = last.max(n);
            }
            429 => {
                assert_eq!(answer.headers["retry-after"], "1");
                shed += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(shed > 0, "nothing was shed");
    assert!(last > 550, "it went on serving to the end: {last}");
    let figures = fixture.collector.figures();
    assert!(figures.events.balanced());
    assert_eq!((figures.requests_shed, figures.events.stored), (shed, taken.len() as u64));
    let stored: BTreeSet<String> =
        fixture.records().iter().map(|r| r["message_id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(stored, taken);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;
    let mut settings = Settings::default();
    settings.limits.body_seconds_max = Duration::from_millis(20);
    let fixture = Fixture::with(settings);
    let never = futures::stream::pending::<Result<Vec<u8>, io::Error>>();
    let request = Request::post("/v1/track").body(Body::from_stream(never)).expect("a request");
    let answer = fixture.router.clone().oneshot(request).await.expect("routers do not fail");
    assert_eq!(answer.status(), 408);
}

#[tokio::test]
async fn a_disk_that_does_not_answer_is_not_waited_for_for_ever() {
    let mut settings = Settings::default();
    settings.limits.store_seconds_max = Duration::from_millis(20);
    let fixture = Fixture::on(settings, Box::new(SlowDisk(Duration::from_millis(400))));
    let body = r#"{"userId":"u","event":"A","messageId":"m"}"#;
    let answer = fixture.post("/v1/track?strict=1", body).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (503, Some("not_stored")));
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(fixture.post("/v1/track?strict=1", body).await.body["duplicate"], 1, "it was stored after all");
    assert_eq!(fixture.records().len(), 1);
}

/// Over a socket: whoever is still sending when it is refused would find the connection reset.
#[cfg(feature = "serve")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_is_turned_away_hears_it_and_keeps_its_connection() {
    use std::io::{Read, Write};
    let mut settings = Settings::default();
    settings.limits.bytes_in_flight_max = 100_000;
    let fixture = Fixture::with(settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = fixture.router.clone();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let heard = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        let mut asked = |bytes: usize| {
            let start = r#"{"userId":"u","event":"A","messageId":"m","properties":{"long":""#;
            let body = format!("{start}{}\"}}}}", "x".repeat(bytes));
            let head = format!(
                "POST /v1/track HTTP/1.1\r\nhost: c\r\nauthorization: Bearer key\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).expect("it is read to its end");
            let mut answer = [0; 2_000];
            let read = stream.read(&mut answer).expect("an answer");
            String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
        };
        // More than there is room for, more than a batch may have, and one that is taken after them.
        [asked(400_000), asked(4_000_000), asked(10)]
    });
    let heard = heard.await.expect("no panic");
    serving.abort();
    assert_eq!(
        heard.each_ref().map(|line| line.get(9..12).unwrap_or(line)),
        ["429", "413", "200"],
        "a refusal was not heard"
    );
    assert_eq!(fixture.records().len(), 1);
}
