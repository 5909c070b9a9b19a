//! `kill -9` under load: what was acknowledged is there, and once. Ten times, or as often as `FLORIN_TEST_KILLS` says.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use crate::support::records;

const SENDERS: usize = 4;
const EVENTS_A_BATCH: usize = 20;
const SEND_PATIENCE: Duration = Duration::from_secs(20);

/// The example `collect`, which cargo builds for tests of this crate with the feature `serve`; an older one does not count.
pub(crate) fn program() -> Option<PathBuf> {
    if !cfg!(feature = "serve") {
        return None;
    }
    let tests = std::env::current_exe().ok()?;
    let path = tests.parent()?.parent()?.join("examples/collect");
    path.is_file().then_some(path)
}

/// A collector in a process of its own.
pub(crate) struct Served {
    pub(crate) process: Child,
    pub(crate) port: u16,
}

impl Served {
    pub(crate) fn start(program: &Path, folder: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.arg("--folder").arg(folder).args(more).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the example runs");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let port = line.trim().rsplit(':').next().and_then(|port| port.parse().ok());
        Self { process, port: port.unwrap_or_else(|| panic!("no port in `{line}`")) }
    }

    /// Asks it to end, and returns when it has.
    pub(crate) fn end(mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().expect("kill runs").success());
        assert!(self.process.wait().expect("it ends").success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Posts a body; `None` when no answer came.
fn post(stream: &mut TcpStream, body: &str) -> Option<u16> {
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
    let (mut answer, mut block) = (Vec::new(), [0; 1024]);
    while !answer.ends_with(b"}") {
        match stream.read(&mut block) {
            Ok(0) | Err(_) => return None,
            Ok(read) => answer.extend_from_slice(&block[..read]),
        }
    }
    std::str::from_utf8(&answer).ok()?.split(' ').nth(1)?.parse().ok()
}

/// Sends batches, each again until it is acknowledged, through one life of the collector after the other.
fn send(sender: usize, port: &Mutex<u16>, over: &AtomicBool, acknowledged: &Mutex<BTreeSet<String>>) {
    for batch in 0.. {
        if over.load(SeqCst) {
            return;
        }
        let ids: Vec<String> = (0..EVENTS_A_BATCH).map(|n| format!("s{sender}-{batch}-{n}")).collect();
        let events: Vec<String> = ids
            .iter()
            .map(|id| {
                format!(r#"{{"type":"track","userId":"u","event":"A","messageId":"{id}","properties":{{"n":1}}}}"#)
            })
            .collect();
        let body = format!(r#"{{"batch":[{}]}}"#, events.join(","));
        let began = Instant::now();
        while began.elapsed() < SEND_PATIENCE {
            let address = ("127.0.0.1", *port.lock().expect("no panic"));
            let status = TcpStream::connect(address).ok().and_then(|mut stream| post(&mut stream, &body));
            if status == Some(200) {
                acknowledged.lock().expect("no panic").extend(ids);
                break;
            }
            if over.load(SeqCst) {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed() {
    let Some(program) = program() else {
        println!(
            "skipped: the example `collect` is not built; `cargo test -p florin-collector --features serve` builds it"
        );
        return;
    };
    let kills: u64 = std::env::var("FLORIN_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().expect("scratch");
    let start = || Served::start(&program, folder.path(), &["--segment-age-ms", "120"]);
    let mut served = start();
    let port = Mutex::new(served.port);
    let (over, acknowledged) = (AtomicBool::new(false), Mutex::new(BTreeSet::new()));
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (port, over, acknowledged) = (&port, &over, &acknowledged);
            scope.spawn(move || send(sender, port, over, acknowledged));
        }
        for kill in 0..kills {
            // Another moment of a segment's life each time.
            std::thread::sleep(Duration::from_millis(60 + kill * 37 % 190));
            served.process.kill().expect("SIGKILL");
            served.process.wait().expect("it is gone");
            served = start();
            *port.lock().expect("no panic") = served.port;
        }
        std::thread::sleep(Duration::from_millis(200));
        over.store(true, SeqCst);
    });
    served.end();
    let acknowledged = acknowledged.into_inner().expect("no panic");
    let records = records(folder.path());
    let stored: BTreeSet<String> =
        records.iter().map(|r| r["message_id"].as_str().expect("an id").to_owned()).collect();
    println!("{kills} kills: {} acknowledged, {} stored", acknowledged.len(), stored.len());
    assert!(acknowledged.len() as u64 > kills * EVENTS_A_BATCH as u64, "too little load to mean anything");
    assert_eq!(acknowledged.difference(&stored).next(), None, "acknowledged and lost");
    assert_eq!(records.len(), stored.len(), "some are there twice");
}

#[test]
fn a_collector_that_is_told_to_end_answers_what_it_took_and_closes_its_segment() {
    let Some(program) = program() else {
        println!("skipped: the example `collect` is not built; see above");
        return;
    };
    let folder = tempfile::tempdir().expect("scratch");
    let served = Served::start(&program, folder.path(), &["--segment-age-ms", "3600000"]);
    let mut stream = TcpStream::connect(("127.0.0.1", served.port)).expect("it listens");
    let body = r#"{"batch":[{"type":"track","userId":"u","event":"A"}]}"#;
    assert_eq!(post(&mut stream, body), Some(200));
    drop(stream);
    served.end();
    assert_eq!(records(folder.path()).len(), 1);
}
