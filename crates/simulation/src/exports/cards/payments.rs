//! `cards/payments_YYYY-MM.parquet`: card payments in the order of time.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{
        ArrayRef, Decimal128Array, DictionaryArray, Int8Array, Int64Array, RecordBatch, StringArray,
        TimestampMillisecondArray,
    },
    datatypes::{DataType, Field, Int8Type, Schema, SchemaRef, TimeUnit},
};
use parquet::arrow::ArrowWriter;

use super::SYSTEM;
use crate::{
    SimulationError,
    calendar::DAY_MS,
    dirt::{Dirt, Flaw, Spoil, Spot, spoil, twice},
    exports::{DayJob, FraudRow},
    life::{
        records::{Payment, Scenario},
        spending::{CATALOGUE, terminal_city},
    },
    people::places::CITIES,
    table::properties,
    truth::Truth,
};

const SPOILS: [Spoil; 6] = [
    spoil(Spot::Negative, 5, "amount"),
    spoil(Spot::Missing, 5, "amount"),
    spoil(Spot::BadCode, 8, "status"),
    spoil(Spot::UnknownReference, 1, "holder_no"),
    spoil(Spot::FutureDate, 2, "paid_at"),
    twice(0, "payment_no"),
];
const RATE: f64 = 0.002;
const STATUSES: [&str; 3] = ["approved", "declined", "ZZ9"];
const ENTRIES: [&str; 3] = ["online", "contactless", "chip"];
const CARDS: [&str; 2] = ["debit", "credit"];
/// Days in seventy years.
const FAR: i64 = 25_567;

/// Payments of one day, ready to be written.
pub(crate) struct DayPayments {
    batch: Result<RecordBatch, arrow::error::ArrowError>,
    flaws: Vec<Flaw>,
}

#[derive(Default)]
struct Columns {
    payment: Vec<i64>,
    holder: Vec<i64>,
    at: Vec<i64>,
    terminal: Vec<i64>,
    code: Vec<i64>,
    amount: Vec<Option<i128>>,
    card: Vec<i8>,
    entry: Vec<i8>,
    status: Vec<i8>,
    city: Vec<Option<i8>>,
    category: Vec<i8>,
}

pub(crate) fn schema() -> SchemaRef {
    let words = || DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let field = |name: &str, ty| Field::new(name, ty, true);
    Arc::new(Schema::new(vec![
        field("payment_no", DataType::Int64),
        field("holder_no", DataType::Int64),
        field("paid_at", DataType::Timestamp(TimeUnit::Millisecond, None)),
        field("terminal_no", DataType::Int64),
        field("merchant_code", DataType::Int64),
        field("amount", DataType::Decimal128(12, 2)),
        field("card", words()),
        field("entry", words()),
        field("status", words()),
        field("city", words()),
        field("category", words()),
    ]))
}

/// The payments of one day.
pub(crate) fn write_day(job: &DayJob<'_>, mut payments: Vec<Payment>) -> (DayPayments, Vec<FraudRow>) {
    payments.sort_by_key(|payment| payment.at);
    let dirt = Dirt::new(job.world.settings.seed, job.world.settings.dirt, 11, job.day.number, RATE);
    let (mut columns, mut frauds, mut flaws) = (Columns::default(), Vec::new(), Vec::new());
    for (number, payment) in payments.iter().enumerate() {
        let id = payment_no(job, number);
        if payment.plot.scenario != Scenario::Honest {
            frauds.push(FraudRow {
                system: SYSTEM,
                record: id as u64,
                person: payment.person,
                plot: payment.plot,
                at: payment.at,
                cents: payment.amount.into(),
                day: job.day.number,
            });
        }
        columns.push(job, payment, id);
        if let Some(spoil) = dirt.of(number as u64, &SPOILS) {
            if spoil.spot == Spot::Duplicate {
                columns.push(job, payment, id);
            }
            columns.spoil_last(spoil);
            flaws.push(Flaw {
                row: columns.payment.len() as u64,
                column: spoil.column_name,
                kind: spoil.spot,
                found_as: spoil.found_as,
            });
        }
    }
    (DayPayments { batch: columns.finish(), flaws }, frauds)
}

fn payment_no(job: &DayJob<'_>, number: usize) -> i64 {
    let day = job.day;
    let date = i64::from(day.year) * 10_000 + i64::from(day.month) * 100 + i64::from(day.day);
    date * 100_000_000 + 50_000_000 + number as i64 + 1
}

impl Columns {
    #[inline]
    fn push(&mut self, job: &DayJob<'_>, payment: &Payment, id: i64) {
        let category = usize::from(payment.category);
        self.payment.push(id);
        self.holder.push(job.keys.holder(payment.person) as i64);
        self.at.push(i64::from(job.day.number) * i64::from(DAY_MS) + i64::from(payment.at));
        // An odd factor shuffles 32-bit numbers without collisions.
        self.terminal.push(i64::from(payment.terminal.wrapping_mul(2_654_435_769)));
        self.code.push(CATALOGUE[category].code.into());
        self.amount.push(Some(payment.amount.into()));
        self.card.push(i8::from(payment.credit));
        self.entry.push(if CATALOGUE[category].online { 0 } else { 1 + i8::from(payment.amount > 100_000) });
        self.status.push(i8::from(payment.declined));
        self.city.push(terminal_city(payment.terminal).map(|city| city as i8));
        self.category.push(category as i8);
    }

    fn spoil_last(&mut self, spoil: &Spoil) {
        let last = self.payment.len().saturating_sub(1);
        match spoil.spot {
            Spot::Negative => self.amount[last] = self.amount[last].map(|amount| -amount),
            Spot::Missing => self.amount[last] = None,
            Spot::BadCode => self.status[last] = 2,
            Spot::UnknownReference => self.holder[last] = 999_999_999_999,
            Spot::FutureDate => self.at[last] += FAR * i64::from(DAY_MS),
            _ => {}
        }
    }

    fn finish(self) -> Result<RecordBatch, arrow::error::ArrowError> {
        let categories: Vec<&str> = CATALOGUE.iter().map(|category| category.name).collect();
        let cities: Vec<&str> = CITIES.iter().map(|city| city.pinyin).collect();
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(self.payment)),
            Arc::new(Int64Array::from(self.holder)),
            Arc::new(TimestampMillisecondArray::from(self.at)),
            Arc::new(Int64Array::from(self.terminal)),
            Arc::new(Int64Array::from(self.code)),
            Arc::new(Decimal128Array::from(self.amount).with_precision_and_scale(12, 2)?),
            words(Int8Array::from(self.card), &CARDS)?,
            words(Int8Array::from(self.entry), &ENTRIES)?,
            words(Int8Array::from(self.status), &STATUSES)?,
            words(Int8Array::from(self.city), &cities)?,
            words(Int8Array::from(self.category), &categories)?,
        ];
        RecordBatch::try_new(schema(), arrays)
    }
}

fn words(places: Int8Array, words: &[&str]) -> Result<ArrayRef, arrow::error::ArrowError> {
    let words = StringArray::from(words.to_vec());
    Ok(Arc::new(DictionaryArray::<Int8Type>::try_new(places, Arc::new(words))?))
}

/// A month's file.
pub(crate) struct PaymentFile {
    writer: ArrowWriter<File>,
    name: String,
    rows: u64,
}

impl PaymentFile {
    pub(crate) fn create(folder: &Path, month: &str) -> Result<Self, SimulationError> {
        let name = format!("cards/payments_{month}.parquet");
        let path = folder.join(&name);
        let file = File::create(&path).map_err(SimulationError::file("write", &path))?;
        Ok(Self { writer: ArrowWriter::try_new(file, schema(), Some(properties()))?, name, rows: 0 })
    }

    pub(crate) fn append(&mut self, day: DayPayments, truth: &mut Truth) -> Result<(), SimulationError> {
        let batch = day.batch?;
        for flaw in &day.flaws {
            truth.flaw(SYSTEM, &self.name, self.rows, flaw)?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(self.writer.write(&batch)?)
    }

    pub(crate) fn close(self) -> Result<u64, SimulationError> {
        self.writer.close()?;
        Ok(self.rows)
    }
}
