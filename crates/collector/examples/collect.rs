//! A collector on loopback, for tests, measurements and trying it out: `collect --folder DIR --key KEY=SOURCE`.
//!
//! Prints `listening on 127.0.0.1:PORT` when it takes events and its figures as JSON when it ends (SIGTERM or SIGINT). With
//! `--release-after SECONDS` it plays the loader: closed segments are released so long after they were closed.

#![allow(clippy::print_stdout, reason = "this program talks to the one who started it")]
#![allow(clippy::disallowed_methods, reason = "this is the binary, which reads the clock")]

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use florin_collector::{Collector, FixedKeys, LocalDisk, Settings, Source, router};
use jiff::Timestamp;
use tokio::{net::TcpListener, signal::unix::SignalKind};

#[derive(Parser)]
struct Args {
    /// Where events are kept.
    #[arg(long)]
    folder: PathBuf,
    /// A write key and the source it opens: KEY=SOURCE.
    #[arg(long = "key", default_value = "key=web")]
    keys: Vec<String>,
    /// The port on 127.0.0.1; any free one when 0.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Threads that read requests.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Release closed segments so many seconds after they were closed.
    #[arg(long)]
    release_after: Option<u64>,
    /// Requests that wait for the disk at most.
    #[arg(long)]
    queue_requests_max: Option<usize>,
    /// Milliseconds after which a segment is closed.
    #[arg(long)]
    segment_age_ms: Option<u64>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(args.threads).enable_all().build()?;
    runtime.block_on(serve(args))
}

async fn serve(args: Args) -> Result<()> {
    let pairs = args.keys.iter().map(|pair| pair.split_once('=').context("`--key` is KEY=SOURCE"));
    let pairs = pairs.collect::<Result<Vec<_>>>()?;
    let keys = pairs.into_iter().map(|(key, name)| (key, Source { name: name.to_owned(), channel: None }));
    let mut settings = Settings::default();
    settings.log.queue_requests_max = args.queue_requests_max.unwrap_or(settings.log.queue_requests_max);
    settings.log.segment_age_max = args.segment_age_ms.map_or(settings.log.segment_age_max, Duration::from_millis);
    let keys = Arc::new(FixedKeys::new(keys));
    let collector = Collector::open(&args.folder, settings, keys, Arc::new(Timestamp::now), Box::new(LocalDisk))?;
    let collector = Arc::new(collector);
    if let Some(seconds) = args.release_after {
        tokio::spawn(release(Arc::clone(&collector), Duration::from_secs(seconds)));
    }
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, router(Arc::clone(&collector))).with_graceful_shutdown(told_to_end()?).await?;
    let ending = Arc::clone(&collector);
    tokio::task::spawn_blocking(move || ending.close()).await?;
    let figures: serde_json::Map<_, _> =
        collector.figures().named().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    println!("{}", serde_json::Value::Object(figures));
    Ok(())
}

fn told_to_end() -> Result<impl Future<Output = ()>> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What a loader does when a batch is done, without the batch.
async fn release(collector: Arc<Collector>, after: Duration) {
    loop {
        let Ok(closed) = collector.log().closed() else { return };
        tokio::time::sleep(after).await;
        for segment in closed {
            if collector.log().release(&segment.name).is_err() {
                return;
            }
        }
    }
}
