//! Load for a collector on loopback, from a process of its own: `load batches|singles|syncs`. Prints one JSON object.
//!
//! `batches` posts batches over so many connections, each as soon as the one before is answered (or at `--rate`). `singles` posts one
//! event a request at `--rate`; what a request takes counts from when it was due, so that waiting behind a slow one counts too.
//! `syncs` writes as much to a file of its own and waits for the disk, as the collector must, and nothing else.

#![allow(clippy::print_stdout, reason = "this program prints what it measured")]

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use serde_json::json;

/// Digits of the number in a message's id.
const DIGITS: usize = 12;
/// Where a number goes.
const HOLE: &str = "############";
/// Bytes of a record that `syncs` writes: what the collector writes of one event.
const RECORD_BYTES: usize = 700;

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
    /// How long.
    #[arg(long, default_value_t = 30.0, global = true)]
    seconds: f64,
}

#[derive(Subcommand)]
enum What {
    /// As many batches as are taken.
    Batches {
        #[command(flatten)]
        to: To,
        /// Events in a batch.
        #[arg(long, default_value_t = 100)]
        events: usize,
    },
    /// Single events at a rate.
    Singles {
        #[command(flatten)]
        to: To,
    },
    /// The disk alone.
    Syncs {
        /// A folder on the disk.
        #[arg(long)]
        folder: PathBuf,
    },
}

#[derive(clap::Args, Clone)]
struct To {
    /// Where the collector listens on 127.0.0.1.
    #[arg(long)]
    port: u16,
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// The write key its events come with.
    #[arg(long, default_value = "key")]
    key: String,
    /// The number of its first event; what is sent twice is no new event.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Requests a second over all connections; as fast as they are answered when absent.
    #[arg(long)]
    rate: Option<f64>,
}

/// Numbers that one connection may give its events.
const NUMBERS: u64 = 100_000_000;

/// What one connection saw.
#[derive(Default)]
struct Seen {
    seconds: Vec<f64>,
    taken: u64,
    shed: u64,
    other: u64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let length = Duration::from_secs_f64(args.seconds);
    match args.what {
        What::Batches { to, events } => post(&to, length, events, &batch(events)),
        What::Singles { to } => post(&to, length, 1, &event()),
        What::Syncs { folder } => syncs(&folder, length),
    }
}

/// An event as a bank's app sends it.
fn event() -> String {
    format!(
        r#"{{"type":"track","userId":"c-{HOLE}","anonymousId":"3f0c9c7e-5d0a-4d54-9a1f-3f2b8c6a7d10","event":"Fund Viewed","messageId":"load-{HOLE}","timestamp":"2026-11-23T07:59:00.000Z","properties":{{"product_id":"F100","screen":"fund/detail","session_id":"s-{HOLE}","duration_ms":3400,"name":"稳健理财一号"}},"context":{{"library":{{"name":"analytics-node","version":"3.1.0"}},"locale":"zh-CN","app":{{"name":"bank","version":"8.2.1"}}}},"integrations":{{}}}}"#
    )
}

fn batch(events: usize) -> String {
    let events = vec![event(); events].join(",");
    format!(r#"{{"batch":[{events}],"sentAt":"2026-11-23T07:59:01.000Z"}}"#)
}

/// A request whose numbers are written over before each time it is sent.
struct Template {
    bytes: Vec<u8>,
    holes: Vec<usize>,
    per_event: usize,
}

impl Template {
    fn new(body: &str, events: usize, key: &str) -> Self {
        let path = if events == 1 { "/v1/track" } else { "/v1/batch" };
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: collector\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        let text = head + body;
        let holes: Vec<usize> = text.match_indices(HOLE).map(|(at, _)| at).collect();
        Self { bytes: text.into_bytes(), per_event: holes.len() / events, holes }
    }

    /// Numbers its events from here on.
    fn number(&mut self, mut first: u64) {
        for event in self.holes.chunks(self.per_event) {
            let digits = format!("{first:0DIGITS$}");
            for at in event {
                self.bytes[*at..at + DIGITS].copy_from_slice(digits.as_bytes());
            }
            first += 1;
        }
    }
}

fn post(to: &To, length: Duration, events: usize, body: &str) -> Result<()> {
    let began = Instant::now();
    let threads: Vec<_> = (0..to.connections)
        .map(|connection| {
            let (to, body) = (to.clone(), body.to_owned());
            thread::spawn(move || one_connection(&to, connection, began, length, events, &body))
        })
        .collect();
    let mut all = Seen::default();
    for thread in threads {
        let seen = thread.join().ok().context("a connection's thread ended badly")??;
        all.seconds.extend(seen.seconds);
        all.taken += seen.taken;
        all.shed += seen.shed;
        all.other += seen.other;
    }
    let seconds = began.elapsed().as_secs_f64();
    let mut figures = quantiles(all.seconds);
    figures["events_per_second"] = json!(all.taken as f64 * events as f64 / seconds);
    figures["requests"] = json!({"taken": all.taken, "shed": all.shed, "other": all.other});
    figures["body_bytes"] = json!(body.len());
    println!("{figures}");
    Ok(())
}

fn one_connection(
    to: &To,
    connection: usize,
    began: Instant,
    length: Duration,
    events: usize,
    body: &str,
) -> Result<Seen> {
    let mut stream = TcpStream::connect(("127.0.0.1", to.port)).context("no collector listens")?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut template = Template::new(body, events, &to.key);
    let mut seen = Seen::default();
    let apart = to.rate.map(|rate| Duration::from_secs_f64(to.connections as f64 / rate));
    let mut due = began + apart.unwrap_or_default().mul_f64(connection as f64 / to.connections as f64);
    let mut number = to.first + connection as u64 * NUMBERS;
    while began.elapsed() < length {
        match apart {
            Some(apart) => {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                template.number(number);
                stream.write_all(&template.bytes)?;
                seen.note(answer(&mut answers)?, due.elapsed());
                due += apart;
            }
            None => {
                template.number(number);
                let sent = Instant::now();
                stream.write_all(&template.bytes)?;
                seen.note(answer(&mut answers)?, sent.elapsed());
            }
        }
        number += events as u64;
    }
    Ok(seen)
}

impl Seen {
    fn note(&mut self, status: u16, took: Duration) {
        match status {
            200 => {
                self.taken += 1;
                self.seconds.push(took.as_secs_f64());
            }
            429 | 503 => self.shed += 1,
            _ => self.other += 1,
        }
    }
}

/// Reads one answer to its end and returns its status.
fn answer(from: &mut impl BufRead) -> Result<u16> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).context("no HTTP answer")?;
    let mut length = 0;
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 {
            bail!("the answer broke off");
        }
        let header = line.trim();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) =
            header.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            length = value.trim().parse().with_context(|| format!("`{name}` is no number"))?;
        }
    }
    std::io::copy(&mut from.take(length), &mut std::io::sink())?;
    Ok(status)
}

fn syncs(folder: &std::path::Path, length: Duration) -> Result<()> {
    let path = folder.join("syncs.tmp");
    let mut file = File::create(&path).with_context(|| format!("could not write `{}`", path.display()))?;
    let record = [b'x'; RECORD_BYTES];
    let mut seconds = Vec::new();
    let began = Instant::now();
    while began.elapsed() < length {
        let start = Instant::now();
        file.write_all(&record)?;
        file.sync_data()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    std::fs::remove_file(&path)?;
    println!("{}", quantiles(seconds));
    Ok(())
}

fn quantiles(mut seconds: Vec<f64>) -> serde_json::Value {
    seconds.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (seconds.len() as f64 * share) as usize;
        seconds.get(place.min(seconds.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    };
    json!({"count": seconds.len(), "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "max": at(1.0)})
}
