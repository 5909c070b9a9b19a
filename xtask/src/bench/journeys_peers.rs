//! The peers of [`super::journeys`] and [`super::rfm`], each with the events in the layout it reads fastest.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{
    answers,
    app_events::AppEvents,
    journeys_ours::Ours,
    least::Least,
    median,
    report::Row,
    side::{Side, TURNS},
    workbench::{Package, Workbench},
};
use crate::house;

/// The first is who must agree with everybody.
const PEERS: [Peer; 3] = [
    Peer { package: Package::ClickHouse, script: "journeys_clickhouse.py", layout: "MergeTree (customer, ts)" },
    Peer { package: Package::DuckDb, script: "journeys_duckdb.py", layout: "own table, sorted" },
    Peer { package: Package::Polars, script: "journeys_polars.py", layout: "Parquet, sorted" },
];

#[derive(Clone, Copy)]
struct Peer {
    package: Package,
    script: &'static str,
    layout: &'static str,
}

/// All peers, ready to be asked.
pub(super) struct Peers<'a> {
    bench: &'a Workbench,
    stores: Vec<(Peer, PathBuf)>,
}

/// A question to all sides.
pub(super) struct Asked<'a> {
    /// As the peers call it.
    pub(super) name: &'a str,
    /// What is asked.
    pub(super) about: &'a str,
    /// The largest share of the fastest peer's time that is good enough.
    pub(super) goal: f64,
    /// Our command for so many runs.
    pub(super) ours: &'a dyn Fn(usize) -> Command,
    /// Our answer as the peers write theirs (CSV).
    pub(super) answer: fn(&str) -> Result<String>,
    /// What must be read at least.
    pub(super) least: Option<Least>,
}

impl<'a> Peers<'a> {
    /// The events in each peer's own layout; made once a version and kept.
    ///
    /// # Errors
    /// When a peer cannot make it.
    pub(super) fn prepared(bench: &'a Workbench, of: &AppEvents, ours: &Ours) -> Result<Self> {
        let (events, rows) = of.exported(ours)?;
        eprintln!("app events: {rows} of known customers");
        let store = |peer: Peer| Ok((peer, peer.prepared(bench, &of.folder, &events)?));
        Ok(Self { bench, stores: PEERS.into_iter().map(store).collect::<Result<_>>()? })
    }

    /// Each peer's answer to a question that is not timed, compared with ours.
    ///
    /// # Errors
    /// The first difference.
    pub(super) fn agree(&self, question: &str, ours: &str) -> Result<()> {
        for (peer, store) in &self.stores {
            let theirs = house::output(&mut peer.asked(self.bench, store, question, 1))?;
            answers::same(ours, &theirs)
                .with_context(|| format!("`{question}` has two answers: ours (first) and {}'s", peer.package.name()))?;
        }
        Ok(())
    }

    /// The sides take turns; the first run of a turn warms up. A row a peer, the fastest first.
    ///
    /// # Errors
    /// When a side fails, or an answer is another than ours.
    pub(super) fn ask(&self, asked: &Asked<'_>) -> Result<Vec<Row>> {
        eprintln!("{}: {}", asked.name, asked.about);
        let repeat = Side::repeat(self.bench.runs);
        let mut us = Side::default();
        let mut them: Vec<_> = self.stores.iter().map(|(peer, store)| (peer, store, Side::default())).collect();
        for _ in 0..TURNS {
            us.turn(&mut (asked.ours)(repeat))?;
            for (peer, store, side) in &mut them {
                side.turn(&mut peer.asked(self.bench, store, asked.name, repeat))?;
            }
        }
        let answer = (asked.answer)(&us.answer)?;
        for (peer, _, side) in &them {
            answers::same(&answer, &side.answer).with_context(|| {
                format!("`{}` has two answers: ours (first) and {}'s", asked.name, peer.package.name())
            })?;
        }
        let seconds = median(us.seconds);
        let mut medians: Vec<_> = them.into_iter().map(|(peer, _, side)| (peer, median(side.seconds))).collect();
        medians.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let row = |(peer, theirs): (&Peer, f64)| {
            let name = format!("{}, {}", peer.package.name(), peer.layout);
            Row::seconds(asked.about.to_owned(), seconds, &name, theirs, asked.goal).beside(asked.least)
        };
        Ok(medians.into_iter().map(row).collect())
    }
}

impl Peer {
    fn prepared(&self, bench: &Workbench, folder: &Path, events: &Path) -> Result<PathBuf> {
        let name = self.script.trim_end_matches(".py");
        let store = folder.join(format!("{name}-{}", bench.version(self.package)));
        let done = folder.join(format!("{name}-{}.done", bench.version(self.package)));
        if !done.is_file() {
            if store.is_dir() {
                fs::remove_dir_all(&store)?;
            }
            eprintln!("app events: making {}'s {}", self.package.name(), store.display());
            let mut command = bench.script(self.script);
            house::output(command.arg("prepare").arg(&store).arg(bench.threads.to_string()).arg(events))?;
            fs::write(done, "")?;
        }
        Ok(store)
    }

    fn asked(&self, bench: &Workbench, store: &Path, question: &str, repeat: usize) -> Command {
        let mut command = bench.script(self.script);
        command.arg("ask").arg(store).args([&bench.threads.to_string(), question, &repeat.to_string()]);
        command
    }
}
