//! A bank's tables over PostgreSQL's wire on loopback, for measurements and trying it out: `serve --bank DIR`.
//!
//! Makes a user with all roles and a key for `sql`, prints `PORT USER PASSWORD`, and answers until SIGTERM or SIGINT.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to the one who started it")]
#![allow(clippy::disallowed_methods, reason = "this is the binary, which reads the clock")]

use std::{io::Read as _, path::PathBuf, sync::Arc, time::SystemTime};

use anyhow::{Context, Result};
use async_trait::async_trait;
use clap::Parser;
use florin_access::{Access, AuditLog, Authority, NewKey, NewUser, Scope, Unrecorded};
use florin_domain::{EventTime, Principal, Role};
use florin_governance::audit::Entry;
use florin_pipelines::{House, Overrides, Surroundings};
use florin_wire::{Postgres, SqlSettings};

#[derive(Parser)]
struct Args {
    /// The bank directory.
    #[arg(long)]
    bank: PathBuf,
    /// Where lake, store and keys are; what the directory says when absent.
    #[arg(long)]
    lake: Option<PathBuf>,
    /// Who acts: a user of `florin.toml`.
    #[arg(long)]
    user: Option<String>,
    /// Load what is new first.
    #[arg(long)]
    ingest: bool,
    /// The port on 127.0.0.1; any free one when 0.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

struct Log(House);

#[async_trait]
impl AuditLog for Log {
    async fn record(&self, entry: Entry) -> Result<(), Unrecorded> {
        self.0.record_at_the_door(&entry).await.map_err(|error| Unrecorded(error.to_string()))
    }
}

fn surroundings() -> Surroundings {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(|past| past.as_micros() as i64);
    let random = |bytes: &mut [u8]| {
        let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(bytes));
        if let Err(error) = read {
            eprintln!("no random bytes: {error}");
        }
    };
    Surroundings {
        now: Arc::new(move || EventTime(now().unwrap_or_default())),
        random: Arc::new(random),
        threads: std::thread::available_parallelism().map_or(2, usize::from),
        process: format!("serve {}", std::process::id()),
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let around = surroundings();
    let overrides = Overrides { lake: args.lake, user: args.user, os_user: None };
    let house = House::open(&args.bank, &overrides, around.clone()).await?;
    if args.ingest {
        florin_pipelines::load::ingest(&house, &[], &florin_pipelines::load::Silent).await?;
    }
    let at_the_door =
        florin_access::Surroundings { now: around.now, random: around.random, log: Arc::new(Log(house.clone())) };
    let settings = florin_access::Settings::default();
    let access = Arc::new(Access::open(house.store().clone(), house.sealing_vault(), settings, at_the_door).await?);
    let by = Principal { user: "operator".to_owned(), roles: vec![] };
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Administrator).collect();
    let name = format!("tool-{}", house.fresh_id());
    let new = NewUser { name: name.clone(), display_name: "A tool".to_owned(), roles: roles.clone() };
    access.add_user(Authority::Operator(&by), new).await?;
    let key = NewKey { name: "SQL".to_owned(), scopes: vec![Scope::Sql], roles, days: 1 };
    let key = access.make_key_for(Authority::Operator(&by), &name, key).await?;

    let house = Arc::new(house);
    {
        let (house, settings) =
            (Arc::clone(&house), SqlSettings { listen: Some("127.0.0.1:0".to_owned()), ..SqlSettings::default() });
        let tell = Arc::new(|line: &str| eprintln!("{line}"));
        let flight =
            florin_wire::Flight::bind(&settings, Arc::new(move || Arc::clone(&house)), Arc::clone(&access), tell)
                .await?;
        eprintln!("flight {}", flight.address().port());
        tokio::spawn(flight.until(std::future::pending()));
    }
    let settings = SqlSettings { listen: Some(format!("127.0.0.1:{}", args.port)), ..SqlSettings::default() };
    let tell = Arc::new(|line: &str| eprintln!("{line}"));
    let listening = Postgres::bind(&settings, Arc::new(move || Arc::clone(&house)), access, tell).await?;
    println!("{} {} {}", listening.address().port(), key.line.id, key.key.expose());
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).context("no signals")?;
    let ended = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    listening.until(ended).await;
    Ok(())
}
