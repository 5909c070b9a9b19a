//! Figures of a made-up bank, from its own exports and, where the others count what only the truth knows, from the truth.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMillisecondType},
};
use encoding_rs::GB18030;
use flate2::read::MultiGzDecoder;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::statistics::{Moments, around_the_middle};
use crate::SimulationError;

/// Times and amounts of payments or bookings.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) amounts: Vec<f64>,
    pub(super) moments: Moments,
}

/// Sessions of an app or a site.
#[derive(Default)]
pub(super) struct Sessions {
    pub(super) events: Vec<f64>,
    pub(super) views: Vec<f64>,
    pub(super) seconds: Vec<f64>,
    pub(super) top_share: f64,
}

/// Who left, over all time that anybody was a customer.
#[derive(Default)]
pub(super) struct Departures {
    pub(super) customer_years: f64,
    pub(super) left: f64,
    /// Of those, who closed their accounts; the others fell silent for good.
    pub(super) closed: f64,
}

/// Loans at the end of the time.
#[derive(Default)]
pub(super) struct Loans {
    /// Granted within the time, the term over, and whether paid or not known.
    pub(super) ended: f64,
    pub(super) ended_unpaid: f64,
    /// The term not over.
    pub(super) running: f64,
    pub(super) running_in_debt: f64,
}

pub(super) struct Ours {
    /// A month from the middle.
    pub(super) payments: Flow,
    /// Three months from the middle, of the kinds that a bank of 1993 knew.
    pub(super) bookings: Flow,
    /// Visits of the web bank, in a month from the middle.
    pub(super) sessions: Sessions,
    pub(super) departures: Departures,
    pub(super) loans: Loans,
    /// Share of CRM records whose person has another.
    pub(super) duplicates: f64,
}

/// The longest pause between two events of one session, in seconds.
pub(super) const PAUSE_SECONDS: f64 = 1800.0;
/// Bookings of the core system that have no counterpart in a bank without cards, wallets and funds, or that the bank makes itself.
const MODERN: [&str; 10] =
    ["刷卡消费", "钱包充值", "红包", "信用卡还款", "基金申购", "基金赎回", "转存定期", "定期支取", "利息", "手续费"];

pub(super) fn read(bank: &Path) -> Result<Ours, SimulationError> {
    let exports = bank.join("exports");
    let truth = bank.join("truth");
    let time = time(&truth)?;
    Ok(Ours {
        payments: payments(&middle(&exports.join("cards"), "payments_", 1)?)?,
        bookings: bookings(&middle(&exports.join("core"), "transactions_", 3)?)?,
        sessions: sessions(&middle(&exports.join("app"), "events_", 1)?)?,
        departures: departures(&exports, &truth, time)?,
        loans: loans(&exports, &truth, time)?,
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

/// So many months' files around the middle one.
fn middle(folder: &Path, prefix: &str, months: usize) -> Result<Vec<PathBuf>, SimulationError> {
    let files = files(folder, prefix)?;
    let from = (files.len() / 2).saturating_sub(months / 2);
    Ok(files.into_iter().skip(from).take(months).collect())
}

/// All batches of a Parquet file.
pub(super) fn batches(path: &Path) -> Result<Vec<RecordBatch>, SimulationError> {
    let file = File::open(path).map_err(SimulationError::file("read", path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(1 << 16).build()?;
    Ok(reader.collect::<Result<_, _>>()?)
}

fn payments(paths: &[PathBuf]) -> Result<Flow, SimulationError> {
    let (mut amounts, mut moments) = (Vec::new(), Vec::new());
    for batch in paths.iter().map(|path| batches(path)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
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
    Ok(Flow { amounts, moments: around_the_middle(moments, 31.0) })
}

/// The fields of each line of a delimited file of the core system, as bytes; what is compared is ASCII or known words.
fn lines(path: &Path, mut take: impl FnMut(&[&[u8]])) -> Result<(), SimulationError> {
    let file = File::open(path).map_err(SimulationError::file("read", path))?;
    for line in BufReader::new(file).split(b'\n').skip(1) {
        let line = line.map_err(SimulationError::file("read", path))?;
        let fields: Vec<&[u8]> = line.trim_ascii_end().split(|byte| *byte == b',').collect();
        take(&fields);
    }
    Ok(())
}

fn ascii<'a>(fields: &[&'a [u8]], at: usize) -> &'a str {
    fields.get(at).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default()
}

fn bookings(paths: &[PathBuf]) -> Result<Flow, SimulationError> {
    let modern = MODERN.map(|word| GB18030.encode(word).0.into_owned());
    let (mut amounts, mut moments) = (Vec::new(), Vec::new());
    for path in paths {
        lines(path, |fields| {
            let known = fields.get(4).is_some_and(|kind| !modern.iter().any(|word| word == kind));
            let amount: Option<f64> = ascii(fields, 6).parse().ok().filter(|amount| *amount > 0.0 && known);
            let (customer, at) = (ascii(fields, 1).parse(), seconds(ascii(fields, 3)));
            if let (Ok(customer), Some(amount), Some(at)) = (customer, amount, at) {
                amounts.push(amount);
                moments.push((customer, at));
            }
        })?;
    }
    Ok(Flow { amounts, moments: around_the_middle(moments, 60.0) })
}

/// Seconds since 1970 of `2023-01-05 08:12:33`, with or without a `T` and a fraction.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let time: jiff::civil::DateTime = text.trim().replacen(' ', "T", 1).parse().ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond() as f64 / 1000.0)
}

/// Days since 1970 of `2023-01-05`.
fn day(text: &str) -> Option<i32> {
    let date: jiff::civil::Date = text.trim().parse().ok()?;
    Some((date - jiff::civil::Date::constant(1970, 1, 1)).get_days())
}

fn sessions(paths: &[PathBuf]) -> Result<Sessions, SimulationError> {
    let mut events = Vec::new();
    for path in paths {
        let file = File::open(path).map_err(SimulationError::file("read", path))?;
        for line in BufReader::new(MultiGzDecoder::new(file)).split(b'\n') {
            let line = line.map_err(SimulationError::file("read", path))?;
            let Ok(event) = serde_json::from_slice::<serde_json::Value>(&line) else { continue };
            let word = |key: &str| event.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            if let Some(at) = seconds(&word("ts")).filter(|_| word("device") == "web") {
                events.push((word("session"), at, word("name")));
            }
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
        sessions.views.push(session.iter().filter(|event| matches!(&*event.2, "view" | "app_open")).count() as f64);
        sessions.seconds.push(session.last().map_or(0.0, |last| last.1) - session[0].1);
    }
    sessions
}

/// The first day, and the day after the last.
fn time(truth: &Path) -> Result<(i32, i32), SimulationError> {
    let mut days = Vec::new();
    for batch in batches(&truth.join("calendar.parquet"))? {
        days.extend(dates(&batch, "day")?.into_iter().flatten());
    }
    Ok((days.iter().copied().min().unwrap_or(0), days.iter().copied().max().unwrap_or(0) + 1))
}

fn dates(batch: &RecordBatch, name: &str) -> Result<Vec<Option<i32>>, SimulationError> {
    let Some(column) = batch.column_by_name(name) else { return Ok(vec![None; batch.num_rows()]) };
    Ok(column.as_primitive_opt::<Date32Type>().map_or_else(Vec::new, |dates| dates.iter().collect()))
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.map_or_else(Vec::new, |texts| texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

fn truths(batch: &RecordBatch, name: &str) -> Result<Vec<bool>, SimulationError> {
    let Some(column) = batch.column_by_name(name) else { return Ok(vec![false; batch.num_rows()]) };
    let numbers = cast(column, &DataType::Int32)?;
    Ok(numbers.as_primitive::<Int32Type>().iter().map(|value| value == Some(1)).collect())
}

/// Everybody's time as a customer within the run, and who left.
fn departures(exports: &Path, truth: &Path, (first, end): (i32, i32)) -> Result<Departures, SimulationError> {
    let mut joined: HashMap<String, i32> = HashMap::new();
    lines(&exports.join("core/customers.csv"), |fields| {
        if let Some(day) = fields.len().checked_sub(1).and_then(|last| day(ascii(fields, last))) {
            joined.entry(ascii(fields, 0).to_owned()).or_insert(day);
        }
    })?;
    let mut sum = Departures::default();
    for batch in batches(&truth.join("departure.parquet"))? {
        let (customers, leaves) = (texts(&batch, "customer_no"), dates(&batch, "leaves_on")?);
        for ((customer, leaves), closes) in customers.iter().zip(leaves).zip(truths(&batch, "closes_accounts")?) {
            let from = joined.get(customer).copied().unwrap_or(first).max(first);
            sum.customer_years += f64::from((leaves.unwrap_or(end).min(end) - from).max(0)) / 365.25;
            sum.left += f64::from(u8::from(leaves.is_some()));
            sum.closed += f64::from(u8::from(leaves.is_some() && closes));
        }
    }
    Ok(sum)
}

/// The term of each loan in months, and how it stood last.
fn standings(exports: &Path) -> Result<HashMap<String, (i32, String)>, SimulationError> {
    let mut standings = HashMap::new();
    lines(&exports.join("core/loans.csv"), |fields| {
        let (standing, term) = (ascii(fields, 7), ascii(fields, 5).parse());
        let known = matches!(standing, "current" | "arrears_30" | "arrears_60" | "default" | "repaid");
        if let (true, 9, Ok(term)) = (known, fields.len(), term) {
            standings.insert(ascii(fields, 0).to_owned(), (term, standing.to_owned()));
        }
    })?;
    Ok(standings)
}

fn loans(exports: &Path, truth: &Path, (first, end): (i32, i32)) -> Result<Loans, SimulationError> {
    let standings = standings(exports)?;
    let mut sum = Loans::default();
    for batch in batches(&truth.join("default.parquet"))? {
        for (loan, granted) in texts(&batch, "loan_no").iter().zip(dates(&batch, "granted_on")?) {
            let (Some((term, standing)), Some(granted)) = (standings.get(loan), granted) else { continue };
            let over = granted + (f64::from(*term) * 30.44) as i32 <= end;
            match standing.as_str() {
                // Loans that ran on the first day had survived until then.
                "repaid" | "default" if over && granted >= first => {
                    sum.ended += 1.0;
                    sum.ended_unpaid += f64::from(u8::from(standing == "default"));
                }
                _ if !over => {
                    sum.running += 1.0;
                    sum.running_in_debt += f64::from(u8::from(standing != "current"));
                }
                _ => {}
            }
        }
    }
    Ok(sum)
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
    let (several, all) =
        records.values().fold((0, 0), |(several, all), size| (several + if *size > 1 { *size } else { 0 }, all + size));
    Ok(several as f64 / all.max(1) as f64)
}
