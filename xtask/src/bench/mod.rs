//! `cargo xtask bench`: Florin beside a named peer, in one run, on the same files, with the same threads.
//!
//! One file a measurement: [`load`], [`load_scale`], [`query`], [`reload`], [`linkage`], [`linkage_scale`], [`journeys`], [`journeys_scale`],
//! [`journeys_long`], [`rfm`], [`traits`], [`segments`], [`models`], [`forecasts`], [`text`], [`embeddings`], [`collector`], [`wire`], [`console`], [`flood`], [`made_up_bank`],
//! [`oracles`], [`training`].
//! They take turns with the peer (A B A B), leave the first turn of each out as a warm-up and report medians. Goals are printed, never asserted: a timed assertion has
//! no place in a test suite.

mod answers;
mod app_events;
mod collector;
mod console;
mod embeddings;
mod flood;
mod forecasts;
mod journeys;
mod journeys_long;
mod journeys_ours;
mod journeys_peers;
mod journeys_scale;
mod least;
mod linkage;
mod linkage_scale;
mod load;
mod load_scale;
mod machine;
mod made_up_bank;
mod models;
mod oracles;
mod query;
mod reload;
mod report;
mod rfm;
mod segments;
mod side;
mod text;
mod training;
mod traits;
mod wire;
mod workbench;

use std::path::PathBuf;

use anyhow::{Result, bail};

use report::Row;
use workbench::{Package, Workbench};

/// A median of fewer runs than this is not worth printing.
const RUNS_MIN: usize = 5;

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to measure; everything but `console`, `embeddings`, `flood`, `made-up-bank`, `oracles`, `training` and `journeys-scale` when absent.
    names: Vec<Name>,
    /// Print JSON lines: question, ours, peer, peer_seconds, ratio, goal, unit, ok.
    #[arg(long)]
    json: bool,
    /// Transactions to load and to ask questions of; app events of `journeys`, `rfm`, `traits` and `training`.
    #[arg(long, default_value_t = 20_000_000)]
    rows: u64,
    /// Records of `linkage-scale`.
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// Customers of `console`, `made-up-bank` and `oracles`.
    #[arg(long, default_value_t = 100_000)]
    customers: u64,
    /// Seconds of each load on the `collector`; of `flood` at most 20.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// Timed runs of each side, after one that warms up; at least 5.
    #[arg(long, default_value_t = RUNS_MIN)]
    runs: usize,
    /// Measure this program instead of building one.
    #[arg(long)]
    florin: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Name {
    /// Loading a CSV: seconds against DuckDB, and peak memory.
    Load,
    /// Peak memory at three times the rows.
    LoadScale,
    /// Ten questions, against DuckDB and against the same files without governance.
    Query,
    /// Loading an unchanged directory once more.
    Reload,
    /// Who is who in public data: seconds and F1 against Splink.
    Linkage,
    /// Who is who among a million records, and looking one up.
    LinkageScale,
    /// What customers do one thing after the other, against ClickHouse, DuckDB and Polars.
    Journeys,
    /// The same over twice as many events: seconds and peak memory.
    JourneysScale,
    /// A funnel of 20 steps in 180 days: memory, and its list of customers.
    JourneysLong,
    /// Recency, frequency and money by customer, against the same.
    Rfm,
    /// Sixty traits of every customer, against the same SQL in DuckDB.
    Traits,
    /// Set algebra over 20 segments of ten million customers.
    Segments,
    /// What customers' words say in public data, beside plain linear models of scikit-learn: accuracy, seconds to train, microseconds a text.
    Text,
    /// Intents from words and vectors of sentences, beside scikit-learn's; needs `cargo xtask models`.
    Embeddings,
    /// Boosted trees and scorecards, against LightGBM and optbinning.
    Models,
    /// The last month of daily flows in public data, against Prophet and the last week.
    Forecasts,
    /// The event collector under load from another process.
    Collector,
    /// Rows over PostgreSQL's wire to psycopg 3, beside PostgreSQL itself.
    Wire,
    /// How long the console waits for its API, over a made-up bank; long.
    Console,
    /// Three times the events that a server can hold, over a made-up bank: what it takes, and what its pages take meanwhile.
    Flood,
    /// Who is who in a made-up bank, from simulating it to scoring against its truth; long.
    MadeUpBank,
    /// A data set of sixty traits at twelve dates and the model learnt from it: seconds and peak memory; one run.
    Training,
    /// Models of a made-up bank beside an oracle that knows how its people are made; long.
    Oracles,
}

impl Name {
    /// What is measured when nothing is named.
    const ALL: [Self; 16] = [
        Self::Load,
        Self::LoadScale,
        Self::Query,
        Self::Reload,
        Self::Linkage,
        Self::LinkageScale,
        Self::Journeys,
        Self::JourneysLong,
        Self::Rfm,
        Self::Traits,
        Self::Segments,
        Self::Text,
        Self::Models,
        Self::Forecasts,
        Self::Collector,
        Self::Wire,
    ];

    /// What python must have.
    fn packages(self) -> &'static [Package] {
        match self {
            Self::Linkage => &[Package::DuckDb, Package::Splink],
            Self::LinkageScale
            | Self::JourneysScale
            | Self::Segments
            | Self::Collector
            | Self::Console
            | Self::Flood => &[],
            Self::Wire => &[Package::Psycopg],
            Self::Training => &[Package::DuckDb],
            Self::Text | Self::Embeddings => &[Package::ScikitLearn],
            Self::Models => &[Package::LightGbm, Package::OptBinning],
            Self::Forecasts => &[Package::Prophet],
            Self::Journeys | Self::Rfm => &[Package::ClickHouse, Package::DuckDb, Package::Polars],
            Self::Load
            | Self::LoadScale
            | Self::Query
            | Self::Reload
            | Self::JourneysLong
            | Self::Traits
            | Self::MadeUpBank
            | Self::Oracles => &[Package::DuckDb],
        }
    }

    /// How much is measured.
    fn size(self, args: &Args) -> String {
        match self {
            Self::Load | Self::LoadScale | Self::Query | Self::Reload => format!("{} transactions", args.rows),
            Self::Embeddings | Self::Forecasts | Self::Linkage | Self::Models | Self::Text => "public data".to_owned(),
            Self::LinkageScale => format!("{} records", args.records),
            Self::Journeys | Self::JourneysLong | Self::Rfm => format!("{} app events", args.rows),
            Self::JourneysScale => format!("{} and {} app events", args.rows, args.rows.saturating_mul(2)),
            Self::Traits => traits::size(args.rows),
            Self::Training => format!("{}, 12 dates (one run)", traits::size(args.rows)),
            Self::Collector => format!("{} s of each load", args.seconds),
            Self::Flood => "2,000 customers (one run)".to_owned(),
            Self::Wire => format!("{} transactions", args.rows),
            Self::Segments => "10,000,000 customers in 20 segments".to_owned(),
            Self::MadeUpBank | Self::Oracles | Self::Console => format!("{} customers (one run)", args.customers),
        }
    }

    fn measure(self, bench: &Workbench) -> Result<Vec<Row>> {
        match self {
            Self::Load => load::measure(bench),
            Self::LoadScale => load_scale::measure(bench),
            Self::Query => query::measure(bench),
            Self::Reload => reload::measure(bench),
            Self::Linkage => linkage::measure(bench),
            Self::LinkageScale => linkage_scale::measure(bench),
            Self::Journeys => journeys::measure(bench),
            Self::JourneysScale => journeys_scale::measure(bench),
            Self::JourneysLong => journeys_long::measure(bench),
            Self::Rfm => rfm::measure(bench),
            Self::Traits => traits::measure(bench),
            Self::Segments => segments::measure(bench),
            Self::Text => text::measure(bench),
            Self::Embeddings => embeddings::measure(bench),
            Self::Models => models::measure(bench),
            Self::Forecasts => forecasts::measure(bench),
            Self::Collector => collector::measure(bench),
            Self::Wire => wire::measure(bench),
            Self::Console => console::measure(bench),
            Self::Flood => flood::measure(bench),
            Self::MadeUpBank => made_up_bank::measure(bench),
            Self::Oracles => oracles::measure(bench),
            Self::Training => training::measure(bench),
        }
    }
}

/// Measures what was asked for and prints one row a question.
///
/// # Errors
/// When something cannot be built, run or compared. A goal that is missed is not an error.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.runs < RUNS_MIN {
        bail!("`--runs {}` is too few for a median; give at least {RUNS_MIN}", args.runs);
    }
    let names: &[Name] = if args.names.is_empty() { &Name::ALL } else { &args.names };
    let packages = names.iter().flat_map(|name| name.packages()).copied().collect();
    let bench = Workbench::set_up(args, packages)?;
    let mut sizes: Vec<String> = names.iter().map(|name| name.size(args)).collect();
    sizes.dedup();
    report::head(&machine::describe(&bench, &sizes)?, args.json);
    let mut short = 0;
    for name in names {
        for row in name.measure(&bench)? {
            short += usize::from(!row.ok);
            report::row(&row, args.json)?;
        }
    }
    eprintln!("load average at the end: {}", machine::load_average());
    report::foot(short);
    Ok(())
}

/// The middle value; the mean of the two in the middle when there is no single one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
