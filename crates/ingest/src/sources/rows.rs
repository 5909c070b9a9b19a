//! Typed columns, filled a value at a time or a column at a time.
//!
//! A value that cannot be read leaves a hole in its column and its reason in [`Rows`]; when all is read, the rows with
//! holes are taken out at once. So no column ever has to be rolled back.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, NullBufferBuilder, RecordBatch,
        RecordBatchOptions, StringArray, TimestampMicrosecondArray,
    },
    buffer::{Buffer, OffsetBuffer, ScalarBuffer},
    compute::filter_record_batch,
};
use florin_domain::{
    ColumnType,
    catalogue::{DECIMAL_PRECISION, DECIMAL_SCALE},
};

use super::{
    plan::{ColumnPlan, Plan},
    reject::{Problem, RejectReason},
    value::{
        date::{DAY, Moment, SECOND},
        number::{
            DECIMAL_MAX, NumberStyle, decimal_of_float, decimal_of_int, int_of_float, parse_decimal, parse_float,
            parse_int,
        },
        trimmed,
        zone::Zone,
    },
};

/// Bytes of text a row is expected to have, to begin with.
const TEXT_BYTES_EXPECTED: usize = 8;

/// One column being filled.
pub(super) struct Column<'p> {
    plan: &'p ColumnPlan,
    zone: Zone,
    values: Values,
    nulls: NullBufferBuilder,
}

enum Values {
    Int(Vec<i64>),
    Decimal(Vec<i128>),
    Float(Vec<f64>),
    Text(Texts),
    Bool(Vec<bool>),
    Date(Vec<i32>),
    Timestamp(Vec<i64>),
}

struct Texts {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Texts {
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A chunk's text is far below 2 GiB: it comes out of one block of a file (see `plan::RECORD_BYTES_CEILING`).
        self.offsets.push(self.bytes.len() as i32);
    }
}

impl Values {
    fn new(ty: ColumnType, rows: usize) -> Self {
        match ty {
            ColumnType::Int => Self::Int(Vec::with_capacity(rows)),
            ColumnType::Decimal => Self::Decimal(Vec::with_capacity(rows)),
            ColumnType::Float => Self::Float(Vec::with_capacity(rows)),
            ColumnType::Bool => Self::Bool(Vec::with_capacity(rows)),
            ColumnType::Date => Self::Date(Vec::with_capacity(rows)),
            ColumnType::Timestamp => Self::Timestamp(Vec::with_capacity(rows)),
            ColumnType::Text => {
                let mut offsets = Vec::with_capacity(rows + 1);
                offsets.push(0);
                Self::Text(Texts { offsets, bytes: Vec::with_capacity(rows * TEXT_BYTES_EXPECTED) })
            }
        }
    }
}

/// Reads fields of one type into a column; `bad` hears of those that are not of the type.
fn read_each<'b, T: Copy + Default>(
    fields: impl Iterator<Item = &'b [u8]>,
    plan: &ColumnPlan,
    (out, nulls): (&mut Vec<T>, &mut NullBufferBuilder),
    mut bad: impl FnMut(usize, Problem),
    mut parse: impl FnMut(&[u8]) -> Result<T, Problem>,
) {
    for (at, field) in fields.enumerate() {
        let text = trimmed(field);
        if plan.missing.is(text) {
            out.push(T::default());
            nulls.append_null();
            continue;
        }
        match parse(text) {
            Ok(value) => {
                out.push(value);
                nulls.append_non_null();
            }
            Err(problem) => {
                out.push(T::default());
                nulls.append_null();
                bad(at, problem);
            }
        }
    }
}

impl<'p> Column<'p> {
    fn new(plan: &'p ColumnPlan, rows: usize) -> Self {
        Self { plan, zone: plan.zone.clone(), values: Values::new(plan.ty, rows), nulls: NullBufferBuilder::new(rows) }
    }

    /// Appends one value a field. `bad` is told which fields (from 0) are not of the column's type, and why.
    pub(super) fn read_texts<'b>(&mut self, fields: impl Iterator<Item = &'b [u8]>, bad: impl FnMut(usize, Problem)) {
        self.read_styled(fields, self.plan.style, bad);
    }

    fn read_styled<'b>(
        &mut self,
        fields: impl Iterator<Item = &'b [u8]>,
        style: NumberStyle,
        bad: impl FnMut(usize, Problem),
    ) {
        let (plan, zone, nulls) = (self.plan, &mut self.zone, &mut self.nulls);
        match &mut self.values {
            Values::Int(out) => read_each(fields, plan, (out, nulls), bad, |t| parse_int(t, style)),
            Values::Decimal(out) => read_each(fields, plan, (out, nulls), bad, |t| parse_decimal(t, style)),
            Values::Float(out) => read_each(fields, plan, (out, nulls), bad, |t| parse_float(t, style)),
            Values::Bool(out) => read_each(fields, plan, (out, nulls), bad, |t| plan.booleans.parse(t)),
            Values::Date(out) => read_each(fields, plan, (out, nulls), bad, |t| plan.day(t)),
            Values::Timestamp(out) => {
                read_each(fields, plan, (out, nulls), bad, |t| instant(zone, plan, plan.moment(t)?));
            }
            Values::Text(texts) => read_texts(fields, plan, texts, nulls),
        }
    }

    /// Appends what one text means.
    pub(super) fn text(&mut self, text: &[u8]) -> Result<(), Problem> {
        self.styled(text, self.plan.style)
    }

    /// Appends a number as programs write it, whatever marks the column's people use.
    pub(super) fn plain_number(&mut self, text: &[u8]) -> Result<(), Problem> {
        self.styled(text, NumberStyle::PLAIN)
    }

    fn styled(&mut self, text: &[u8], style: NumberStyle) -> Result<(), Problem> {
        let mut result = Ok(());
        self.read_styled(std::iter::once(text), style, |_, problem| result = Err(problem));
        result
    }

    /// Appends a missing value.
    pub(super) fn null(&mut self) {
        self.nulls.append_null();
        match &mut self.values {
            Values::Int(out) | Values::Timestamp(out) => out.push(0),
            Values::Decimal(out) => out.push(0),
            Values::Float(out) => out.push(0.0),
            Values::Bool(out) => out.push(false),
            Values::Date(out) => out.push(0),
            Values::Text(texts) => texts.push(b""),
        }
    }

    /// Leaves a hole, for a reason.
    pub(super) fn hole(&mut self, problem: Problem) -> Result<(), Problem> {
        self.null();
        Err(problem)
    }

    /// Appends a whole number.
    pub(super) fn int(&mut self, value: i128) -> Result<(), Problem> {
        if self.means_missing(&value) {
            self.null();
            return Ok(());
        }
        let exact = match &mut self.values {
            Values::Int(out) => i64::try_from(value).map(|v| out.push(v)).map_err(|_| Problem::OutOfRange),
            Values::Decimal(out) => decimal_of_int(value).map(|v| out.push(v)),
            _ => return self.plain_number(value.to_string().as_bytes()),
        };
        self.settle(exact)
    }

    /// Appends a decimal: `value` · 10^-`scale`. It must fit exactly.
    pub(super) fn decimal(&mut self, value: i128, scale: i8) -> Result<(), Problem> {
        match &mut self.values {
            Values::Decimal(out) => {
                let exact = rescaled(value, scale).map(|v| out.push(v));
                self.settle(exact)
            }
            Values::Int(_) => match unscaled(value, scale) {
                Some(whole) => self.int(whole),
                None => self.hole(Problem::NotInt),
            },
            _ => self.plain_number(decimal_text(value, scale).as_bytes()),
        }
    }

    /// Appends a floating point number.
    pub(super) fn float(&mut self, value: f64) -> Result<(), Problem> {
        if self.means_missing(&value) {
            self.null();
            return Ok(());
        }
        let exact = match &mut self.values {
            Values::Int(out) => int_of_float(value).map(|v| out.push(v)),
            Values::Decimal(out) => decimal_of_float(value).map(|v| out.push(v)),
            Values::Float(out) if value.is_finite() => {
                out.push(value);
                Ok(())
            }
            Values::Float(_) => Err(Problem::NotNumber),
            _ => return self.plain_number(value.to_string().as_bytes()),
        };
        self.settle(exact)
    }

    /// Appends true or false.
    pub(super) fn bool(&mut self, value: bool) -> Result<(), Problem> {
        let Values::Bool(out) = &mut self.values else {
            return self.text(if value { b"true" } else { b"false" });
        };
        out.push(value);
        self.nulls.append_non_null();
        Ok(())
    }

    /// Appends a day or a time.
    pub(super) fn moment(&mut self, moment: Moment) -> Result<(), Problem> {
        let exact = match &mut self.values {
            Values::Date(out) => self.plan.day_of(moment).map(|day| out.push(day)),
            Values::Timestamp(out) => instant(&mut self.zone, self.plan, moment).map(|micros| out.push(micros)),
            Values::Text(texts) => {
                texts.push(moment_text(moment).as_bytes());
                Ok(())
            }
            Values::Int(_) => Err(Problem::NotInt),
            Values::Bool(_) => Err(Problem::NotBool),
            Values::Decimal(_) | Values::Float(_) => Err(Problem::NotNumber),
        };
        self.settle(exact)
    }

    /// Appends a day or a time, if there is one: some numbers are beyond the years that exist.
    pub(super) fn moment_or_hole(&mut self, moment: Option<Moment>) -> Result<(), Problem> {
        match moment {
            Some(moment) => self.moment(moment),
            None => self.hole(self.plan.wrong_form()),
        }
    }

    /// Whether a number's text is one of those that mean *missing* (`-999`).
    fn means_missing(&self, value: &impl ToString) -> bool {
        self.plan.missing.has_words() && self.plan.missing.is(value.to_string().as_bytes())
    }

    fn settle(&mut self, pushed: Result<(), Problem>) -> Result<(), Problem> {
        match pushed {
            Ok(()) => self.nulls.append_non_null(),
            Err(problem) => return self.hole(problem),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ArrayRef, arrow::error::ArrowError> {
        let nulls = self.nulls.finish();
        Ok(match self.values {
            Values::Int(values) => Arc::new(Int64Array::new(values.into(), nulls)),
            Values::Decimal(values) => Arc::new(
                Decimal128Array::new(values.into(), nulls)
                    .with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE)?,
            ),
            Values::Float(values) => Arc::new(Float64Array::new(values.into(), nulls)),
            Values::Bool(values) => Arc::new(BooleanArray::new(values.into(), nulls)),
            Values::Date(values) => Arc::new(Date32Array::new(values.into(), nulls)),
            Values::Timestamp(values) => {
                Arc::new(TimestampMicrosecondArray::new(values.into(), nulls).with_timezone("UTC"))
            }
            Values::Text(texts) => {
                let offsets = OffsetBuffer::new(ScalarBuffer::from(texts.offsets));
                Arc::new(StringArray::try_new(offsets, Buffer::from_vec(texts.bytes), nulls)?)
            }
        })
    }
}

fn read_texts<'b>(
    fields: impl Iterator<Item = &'b [u8]>,
    plan: &ColumnPlan,
    texts: &mut Texts,
    nulls: &mut NullBufferBuilder,
) {
    for field in fields {
        if plan.missing.is(trimmed(field)) {
            texts.push(b"");
            nulls.append_null();
        } else {
            texts.push(field);
            nulls.append_non_null();
        }
    }
}

fn instant(zone: &mut Zone, plan: &ColumnPlan, moment: Moment) -> Result<i64, Problem> {
    match moment {
        Moment::Instant(micros) => Ok(micros),
        Moment::Local(civil) => zone.instant(civil).ok_or_else(|| plan.wrong_form()),
    }
}

fn rescaled(value: i128, scale: i8) -> Result<i128, Problem> {
    let exact = match u32::from((DECIMAL_SCALE - scale).unsigned_abs()) {
        shift if scale <= DECIMAL_SCALE => {
            10_i128.checked_pow(shift).and_then(|p| value.checked_mul(p)).ok_or(Problem::OutOfRange)?
        }
        shift => divided(value, shift).ok_or(Problem::TooManyDecimals)?,
    };
    if exact.abs() <= DECIMAL_MAX { Ok(exact) } else { Err(Problem::OutOfRange) }
}

fn unscaled(value: i128, scale: i8) -> Option<i128> {
    let shift = u32::from(scale.unsigned_abs());
    if scale < 0 { value.checked_mul(10_i128.checked_pow(shift)?) } else { divided(value, shift) }
}

/// `value` / 10^`shift`, when that is whole.
fn divided(value: i128, shift: u32) -> Option<i128> {
    match 10_i128.checked_pow(shift) {
        Some(power) => (value % power == 0).then(|| value / power),
        None => (value == 0).then_some(0),
    }
}

fn decimal_text(value: i128, scale: i8) -> String {
    let places = usize::from(scale.unsigned_abs());
    if scale <= 0 {
        return format!("{value}{:0<places$}", "");
    }
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (integer, fraction) = digits.split_at(digits.len() - places);
    format!("{sign}{integer}.{fraction}")
}

fn moment_text(moment: Moment) -> String {
    let (micros, suffix) = match moment {
        Moment::Local(civil) => (civil.total_micros(), ""),
        Moment::Instant(micros) => (micros, "Z"),
    };
    let Ok(time) = jiff::Timestamp::from_microsecond(micros) else { return String::new() };
    let time = jiff::tz::TimeZone::UTC.to_datetime(time);
    match moment {
        Moment::Local(_) if micros % DAY == 0 => time.date().to_string(),
        _ if micros % SECOND == 0 => format!("{}{suffix}", time.strftime("%Y-%m-%dT%H:%M:%S")),
        _ => format!("{time}{suffix}"),
    }
}

/// Rows being filled, column by column or record by record.
pub(super) struct Rows<'p> {
    plan: &'p Plan,
    pub(super) columns: Vec<Column<'p>>,
    failed: BTreeMap<usize, RejectReason>,
    /// How many rows all columns have.
    pub(super) len: usize,
}

/// Rows without those that had holes.
pub(super) struct Filled {
    pub(super) rows: RecordBatch,
    /// Which of the rows that were filled in are there.
    pub(super) kept: Vec<usize>,
    /// Which are not, and why.
    pub(super) failed: BTreeMap<usize, RejectReason>,
}

impl<'p> Rows<'p> {
    pub(super) fn new(plan: &'p Plan, capacity: usize) -> Self {
        let columns = plan.columns.iter().map(|c| Column::new(c, capacity)).collect();
        Self { plan, columns, failed: BTreeMap::new(), len: 0 }
    }

    /// Says that a row has a hole. The first reason counts.
    pub(super) fn fail(&mut self, row: usize, reason: RejectReason) {
        self.failed.entry(row).or_insert(reason);
    }

    /// Appends one row: `fill` appends exactly one value to each column.
    pub(super) fn push_row(&mut self, mut fill: impl FnMut(usize, &mut Column<'p>) -> Result<(), RejectReason>) {
        for at in 0..self.columns.len() {
            if let Err(reason) = fill(at, &mut self.columns[at]) {
                self.fail(self.len, reason);
            }
        }
        self.len += 1;
    }

    /// Appends a row that is a hole.
    pub(super) fn push_hole(&mut self, reason: &RejectReason) {
        self.columns.iter_mut().for_each(Column::null);
        self.fail(self.len, reason.clone());
        self.len += 1;
    }

    /// Reads one field a row into each column, column after column. `field` says what stands in a row's field.
    pub(super) fn read_columns<'b, I: Iterator<Item = &'b [u8]>>(
        &mut self,
        count: usize,
        mut fields: impl FnMut(usize) -> Option<I>,
    ) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let Some(fields) = fields(at) else {
                (0..count).for_each(|_| column.null());
                continue;
            };
            let name = &column.plan.name;
            let (failed, base) = (&mut self.failed, self.len);
            column.read_texts(fields, |row, problem| {
                failed.entry(base + row).or_insert_with(|| problem.of(name));
            });
        }
        self.len += count;
    }

    /// Fills one column. `fill` tells the function it is given which rows failed, and why.
    pub(super) fn read_array(&mut self, at: usize, fill: impl FnOnce(&mut Column<'p>, &mut dyn FnMut(usize, Problem))) {
        let (column, failed) = (&mut self.columns[at], &mut self.failed);
        let name = &column.plan.name;
        fill(column, &mut |row, problem| {
            failed.entry(row).or_insert_with(|| problem.of(name));
        });
    }

    pub(super) fn finish(self) -> Result<Filled, arrow::error::ArrowError> {
        let arrays = self.columns.into_iter().map(Column::finish).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.len));
        let rows = RecordBatch::try_new_with_options(Arc::clone(&self.plan.schema), arrays, &options)?;
        without_failed(&rows, self.failed)
    }
}

/// Takes out the rows that failed.
pub(super) fn without_failed(
    rows: &RecordBatch,
    failed: BTreeMap<usize, RejectReason>,
) -> Result<Filled, arrow::error::ArrowError> {
    let kept: Vec<usize> = (0..rows.num_rows()).filter(|row| !failed.contains_key(row)).collect();
    if failed.is_empty() {
        return Ok(Filled { rows: rows.clone(), kept, failed });
    }
    let mask: BooleanArray = (0..rows.num_rows()).map(|row| Some(!failed.contains_key(&row))).collect();
    Ok(Filled { rows: filter_record_batch(rows, &mask)?, kept, failed })
}
