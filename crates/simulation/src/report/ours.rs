//! Figures of a made-up bank, from its own exports: one month from the middle, and what the truth counts.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Decimal128Type, Int64Type, TimestampMillisecondType},
};
use flate2::read::MultiGzDecoder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::SimulationError;

/// Times and amounts of payments or bookings.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) amounts: Vec<f64>,
    pub(super) gaps_hours: Vec<f64>,
}

/// Sessions of an app or a site.
#[derive(Default)]
pub(super) struct Sessions {
    pub(super) events: Vec<f64>,
    pub(super) seconds: Vec<f64>,
    pub(super) top_share: f64,
}

pub(super) struct Ours {
    pub(super) payments: Flow,
    pub(super) bookings: Flow,
    pub(super) sessions: Sessions,
    pub(super) departures_year: f64,
    pub(super) defaults: f64,
    pub(super) duplicates: f64,
}

/// The longest pause between two events of one session, in seconds.
pub(super) const PAUSE_SECONDS: f64 = 1800.0;

pub(super) fn read(bank: &Path) -> Result<Ours, SimulationError> {
    let exports = bank.join("exports");
    let truth = bank.join("truth");
    let months = files(&exports.join("cards"), "payments_")?.len();
    Ok(Ours {
        payments: payments(&middle(&exports.join("cards"), "payments_")?)?,
        bookings: bookings(&middle(&exports.join("core"), "transactions_")?)?,
        sessions: sessions(&middle(&exports.join("app"), "events_")?)?,
        departures_year: share(&truth.join("departure.parquet"), "leaves")? * 12.0 / months.max(1) as f64,
        defaults: share_present(&truth.join("default.parquet"), "defaulted_on")?,
        duplicates: duplicates(&truth.join("identity.parquet"))?,
    })
}

fn files(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, SimulationError> {
    let entries = fs::read_dir(folder).map_err(SimulationError::file("read", folder))?;
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)));
    files.sort();
    Ok(files)
}

fn middle(folder: &Path, prefix: &str) -> Result<PathBuf, SimulationError> {
    let files = files(folder, prefix)?;
    Ok(files.get(files.len() / 2).cloned().unwrap_or_else(|| folder.join(prefix)))
}

/// All batches of a Parquet file.
pub(super) fn batches(path: &Path) -> Result<Vec<RecordBatch>, SimulationError> {
    let file = File::open(path).map_err(SimulationError::file("read", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(1 << 16).build()?;
    Ok(reader.collect::<Result<_, _>>()?)
}

/// Hours between consecutive moments of the same key.
pub(super) fn gaps(mut moments: Vec<(u64, f64)>) -> Vec<f64> {
    moments.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    moments.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| (pair[1].1 - pair[0].1) / 3600.0).collect()
}

fn payments(path: &Path) -> Result<Flow, SimulationError> {
    let (mut amounts, mut moments) = (Vec::new(), Vec::new());
    for batch in batches(path)? {
        let column = |name: &str| batch.column_by_name(name);
        let (Some(holder), Some(at), Some(amount)) = (column("holder_no"), column("paid_at"), column("amount")) else {
            continue;
        };
        let (Some(holder), Some(at), Some(amount)) = (
            holder.as_primitive_opt::<Int64Type>(),
            at.as_primitive_opt::<TimestampMillisecondType>(),
            amount.as_primitive_opt::<Decimal128Type>(),
        ) else {
            continue;
        };
        for row in (0..batch.num_rows()).filter(|row| amount.is_valid(*row) && amount.value(*row) > 0) {
            amounts.push(amount.value(row) as f64 / 100.0);
            moments.push((holder.value(row) as u64, at.value(row) as f64 / 1000.0));
        }
    }
    Ok(Flow { amounts, gaps_hours: gaps(moments) })
}

/// The numbers of the file are ASCII, so that it can be read without its encoding.
fn bookings(path: &Path) -> Result<Flow, SimulationError> {
    let bytes = fs::read(path).map_err(SimulationError::file("read", path))?;
    let (mut amounts, mut moments) = (Vec::new(), Vec::new());
    for line in bytes.split(|byte| *byte == b'\n').skip(1) {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
        let text = |at: usize| fields.get(at).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
        let amount: Option<f64> = text(6).parse().ok().filter(|amount| *amount > 0.0);
        if let (Ok(customer), Some(amount), Some(at)) = (text(1).parse(), amount, seconds(text(3))) {
            amounts.push(amount);
            moments.push((customer, at));
        }
    }
    Ok(Flow { amounts, gaps_hours: gaps(moments) })
}

/// Seconds since 1970 of `2023-01-05 08:12:33`, with or without a `T` and a fraction.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let time: jiff::civil::DateTime = text.trim().replacen(' ', "T", 1).parse().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond() as f64 / 1000.0)
}

fn sessions(path: &Path) -> Result<Sessions, SimulationError> {
    let file = File::open(path).map_err(SimulationError::file("read", path))?;
    let mut text = Vec::new();
    MultiGzDecoder::new(file).read_to_end(&mut text).map_err(SimulationError::file("read", path))?;
    let mut events = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let Ok(event) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        let word = |key: &str| event.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        if let Some(at) = seconds(&word("ts")) {
            events.push((word("session"), at, word("name")));
        }
    }
    Ok(cut(events))
}

/// Sessions of events: what has one key, without long pauses.
pub(super) fn cut(mut events: Vec<(String, f64, String)>) -> Sessions {
    events.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut names: HashMap<&str, usize> = HashMap::new();
    events.iter().for_each(|event| *names.entry(&event.2).or_default() += 1);
    let top_share = names.values().max().map_or(0.0, |top| *top as f64 / events.len().max(1) as f64);
    let mut sessions = Sessions { top_share, ..Sessions::default() };
    let same = |a: &(String, f64, String), b: &(String, f64, String)| a.0 == b.0 && b.1 - a.1 <= PAUSE_SECONDS;
    for session in events.chunk_by(same) {
        sessions.events.push(session.len() as f64);
        sessions.seconds.push(session.last().map_or(0.0, |last| last.1) - session[0].1);
    }
    sessions
}

/// Share of rows in which a Boolean is true.
fn share(path: &Path, name: &str) -> Result<f64, SimulationError> {
    let (mut yes, mut all) = (0, 0);
    for batch in batches(path)? {
        let Some(column) = batch.column_by_name(name).and_then(|column| column.as_boolean_opt()) else { continue };
        yes += column.true_count();
        all += column.len();
    }
    Ok(yes as f64 / all.max(1) as f64)
}

/// Share of rows in which a column has a value.
fn share_present(path: &Path, name: &str) -> Result<f64, SimulationError> {
    let (mut present, mut all) = (0, 0);
    for batch in batches(path)? {
        let Some(column) = batch.column_by_name(name) else { continue };
        present += column.len() - column.null_count();
        all += column.len();
    }
    Ok(present as f64 / all.max(1) as f64)
}

/// Share of CRM records whose person has another CRM record.
fn duplicates(path: &Path) -> Result<f64, SimulationError> {
    let mut records: BTreeMap<i64, usize> = BTreeMap::new();
    for batch in batches(path)? {
        let system = batch.column_by_name("system").and_then(|column| column.as_string_opt::<i32>());
        let person = batch.column_by_name("person").and_then(|column| column.as_primitive_opt::<Int64Type>());
        let (Some(system), Some(person)) = (system, person) else { continue };
        (0..batch.num_rows())
            .filter(|row| system.value(*row) == "crm")
            .for_each(|row| *records.entry(person.value(row)).or_default() += 1);
    }
    Ok(with_another(records.values().copied()))
}

/// Share of records in groups of more than one.
pub(super) fn with_another(sizes: impl Iterator<Item = usize>) -> f64 {
    let (several, all) =
        sizes.fold((0, 0), |(several, all), size| (several + if size > 1 { size } else { 0 }, all + size));
    several as f64 / all.max(1) as f64
}
