//! `florin ingest`: from files to committed rows, every record with one outcome, across crashes.
//!
//! For each mapping with new files: *plan* a batch a file in the store; *read* the files, map, check, scrub and spill
//! their rows; *resolve* duplicates by key; *write* sorted files; *prepare* (counts, quarantine, vault values and new
//! customers in one transaction of the store); *commit* to the lake, with a mark in the log; *finish* in the store. A
//! crash before the commit leaves a batch that the next load abandons and does again; after it, one whose mark it finds,
//! and finishes. Loads and care of the lake take turns under one lock.

mod consent;
mod customers;
mod fill;
mod finish;
mod known;
mod progress;
mod recover;
mod retry;
mod rows;
mod run;
mod sealing;
mod select;
mod unique;
mod workbench;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use florin_domain::{Counts, Purpose};
use florin_governance::{
    Action, Grant, Resource,
    audit::{Entry, EventKind},
};
use florin_lake::mapping::KeySource;
use serde::Serialize;

use crate::{
    FlowError, House,
    bank::compile_sources,
    segments::{Followed, Refreshed},
    turns,
};

pub(crate) use known::forget as forget_keys;
pub use progress::{Progress, Silent};
pub(crate) use rows::normalised;

pub(crate) use sealing::RAW_KIND;

use customers::{Customers, Keyring};
use run::Loader;

/// What a load did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoadReport {
    /// One line for each mapping of each source that was asked for.
    pub loads: Vec<MapReport>,
    /// Batches of an earlier load that crashed: finished, and abandoned to be done again.
    pub recovered: (usize, usize),
    /// Segments that were decided whole, because very many customers were touched.
    pub segments: Vec<Refreshed>,
}

impl LoadReport {
    /// All loads together.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.loads.iter().fold(Counts::default(), |mut sum, load| {
            sum += load.counts;
            sum
        })
    }
}

/// What a load did for one mapping.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MapReport {
    /// Which source.
    pub source: String,
    /// Into which table (with a number where a source fills it twice).
    pub mapping: String,
    /// Files that were loaded.
    pub files: usize,
    /// Files whose content was loaded before.
    pub unchanged: usize,
    /// What became of the records of the loaded files.
    pub counts: Counts,
    /// Rows stored with a warning, by check.
    pub warned: Vec<(String, u64)>,
    /// What else people should know: a guessed encoding, columns that nobody declared.
    pub notes: Vec<String>,
    /// Files that could not be read, and why; nothing of them was stored.
    pub failed: Vec<(PathBuf, String)>,
    /// Segments that followed the new rows.
    pub followed: Vec<Followed>,
}

/// Loads what is new of these sources (all when none is named).
///
/// # Errors
/// When the definitions are not sound, the policies do not permit it, another load is at work, or a part fails. Files
/// that cannot be read are in the report, and the others are loaded.
pub async fn ingest(house: &House, names: &[String], progress: &dyn Progress) -> Result<LoadReport, FlowError> {
    with_loader(house, names, progress, Work::New).await
}

/// Puts quarantined records of these sources through their mappings again.
///
/// # Errors
/// As [`ingest`].
pub async fn retry_quarantined(
    house: &House,
    names: &[String],
    progress: &dyn Progress,
) -> Result<LoadReport, FlowError> {
    with_loader(house, names, progress, Work::Quarantined).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    New,
    Quarantined,
}

async fn with_loader(
    house: &House,
    names: &[String],
    progress: &dyn Progress,
    work: Work,
) -> Result<LoadReport, FlowError> {
    let permit = house.permit(Purpose::Service, Action::Ingest, Resource::Bank).await?;
    let _turn = turns::load(house).await?;
    let mut report = LoadReport { recovered: recover::recover(house).await?, ..LoadReport::default() };
    let keyring = Arc::new(Keyring::new(house.keys.hasher()));
    let keys: Arc<dyn KeySource> = Arc::clone(&keyring) as Arc<dyn KeySource>;
    let sources = select::in_order(compile_sources(&house.bank, &keys)?, names)?;
    let grant = Grant::for_loading(&permit, &house.bank.catalogue)?;
    house.record_grant(&grant).await?;
    let mut loader =
        Loader { house, grant, keyring, customers: Customers::default(), progress, whole: BTreeSet::new() };
    for source in &sources {
        for map in &source.maps {
            let done = match work {
                Work::New => loader.load(source, map).await?,
                Work::Quarantined => loader.retry(source, map).await?,
            };
            report.loads.push(done);
        }
    }
    record(house, &report).await?;
    let whole: Vec<String> = loader.whole.into_iter().collect();
    if !whole.is_empty() {
        // The load is done whatever becomes of this: `florin run` decides what is left.
        report.segments = crate::segments::refresh(house, &whole, house.now(), progress).await.unwrap_or_default();
    }
    Ok(report)
}

async fn record(house: &House, report: &LoadReport) -> Result<(), FlowError> {
    let entry = |load: &MapReport| {
        Entry::new(house.now(), &house.who, Some(Purpose::Service), EventKind::Ingest)
            .with("source", load.source.clone())
            .with("mapping", load.mapping.clone())
            .with("files", load.files)
            .with("counts", serde_json::to_value(load.counts).unwrap_or_default())
    };
    for load in report.loads.iter().filter(|l| l.files > 0) {
        house.record(&entry(load)).await?;
    }
    Ok(())
}
