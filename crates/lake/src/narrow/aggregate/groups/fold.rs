//! From rows of a projection, and from rows of the table that it lacks, to sums of groups.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch},
    compute::{cast, concat},
    datatypes::{DataType, Decimal128Type, Int64Type, SchemaRef, TimestampMicrosecondType},
    row::{OwnedRow, RowConverter, SortField},
};
use roaring::RoaringBitmap;

use super::{
    super::{
        super::{
            rows::{damaged, unreadable},
            segment::{Scratch, Segment, SegmentFile},
        },
        fold::{Counted, Found},
        numbers::Numbers,
        question::{Function, Of},
    },
    question::{Groups, Made, QUARTER},
};
use crate::{LakeError, read::CustomerSet};

/// What was found of each group.
pub(super) struct Sums {
    /// How many rows there are.
    present: Found,
    values: Vec<Value>,
}

enum Value {
    Found(Found),
    Customers(Vec<RoaringBitmap>),
}

impl Sums {
    pub(super) fn new(values: &[Made], groups: usize) -> Self {
        let value = |made: &Made| match *made {
            Made::Of(function, of) => Value::Found(Found::new(function, of, groups)),
            Made::MeanOfDecimals(place, _) => Value::Found(Found::new(Function::Mean, Of::Measure(place), groups)),
            Made::Customers => Value::Customers(vec![RoaringBitmap::new(); groups]),
        };
        Self { present: Found::new(Function::Count, Of::Rows, groups), values: values.iter().map(value).collect() }
    }

    /// Adds what was found elsewhere of the same groups, or of the first of them.
    pub(super) fn merge(&mut self, other: Self) {
        self.present.merge(&other.present);
        for (value, other) in self.values.iter_mut().zip(other.values) {
            match (value, other) {
                (Value::Found(value), Value::Found(other)) => value.merge(&other),
                (Value::Customers(value), Value::Customers(other)) => {
                    value.iter_mut().zip(other).for_each(|(all, more)| *all |= more);
                }
                _ => {}
            }
        }
    }

    /// Adds rows, but for whose they are.
    fn add(&mut self, rows: &Counted, numbers: &[Option<Numbers>]) {
        self.present.add(rows, numbers);
        for value in &mut self.values {
            if let Value::Found(found) = value {
                found.add(rows, numbers);
            }
        }
    }

    /// Adds the customer of rows of these groups.
    fn add_customer(&mut self, customer: u32, groups: &[u32]) {
        for value in &mut self.values {
            if let Value::Customers(sets) = value {
                for group in groups {
                    if let Some(set) = sets.get_mut(*group as usize) {
                        set.insert(customer);
                    }
                }
            }
        }
    }

    /// Whether what is asked of a row is whose it is.
    fn counts_customers(&self) -> bool {
        self.values.iter().any(|value| matches!(value, Value::Customers(_)))
    }

    /// The groups that have a row, under the keys that all have.
    pub(super) fn batch(&self, keys: &[ArrayRef], made: &[Made], schema: &SchemaRef) -> Result<RecordBatch, LakeError> {
        // One that no column tells from others is always there.
        let there = |place: &usize| keys.is_empty() || self.present.count(*place) > 0;
        let groups: Vec<usize> = (0..self.present.len()).filter(there).collect();
        let places: arrow::array::UInt32Array = groups.iter().map(|place| *place as u32).collect();
        let keys = keys.iter().map(|key| arrow::compute::take(key, &places, None));
        let mut columns = keys.collect::<Result<Vec<ArrayRef>, _>>()?;
        for ((value, made), field) in self.values.iter().zip(made).zip(schema.fields().iter().skip(columns.len())) {
            columns.push(match (value, made) {
                (Value::Found(found), Made::MeanOfDecimals(_, scale)) => {
                    let unit = 10f64.powi(i32::from(*scale));
                    let mean = |place: &usize| found.mean(*place).map(|digits| digits / unit);
                    Arc::new(groups.iter().map(mean).collect::<Float64Array>())
                }
                (Value::Found(found), _) => found.column(&groups, field)?,
                (Value::Customers(sets), _) => {
                    let many = groups.iter().map(|place| sets.get(*place).map_or(0, RoaringBitmap::len) as i64);
                    Arc::new(Int64Array::from_iter_values(many))
                }
            });
        }
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

/// Folds the segments of one part.
pub(super) struct Folding {
    pub(super) file: SegmentFile,
    pub(super) groups: Arc<Groups>,
    pub(super) customers: Option<Arc<CustomerSet>>,
    /// Whether its rows are nobody's.
    pub(super) nobodys: bool,
    /// The columns of numbers that are needed.
    pub(super) measures: Vec<usize>,
    pub(super) scratch: Scratch,
}

impl Folding {
    /// Adds the rows of a segment.
    pub(super) fn segment(&mut self, segment: &Segment, sums: &mut Sums) -> Result<(), LakeError> {
        let people = self.file.people(segment, &mut self.scratch).map_err(unreadable)?;
        let mut numbers: Vec<Option<Numbers>> = Vec::new();
        for place in &self.measures {
            let measure = self.file.measure(segment, *place, &mut self.scratch).map_err(unreadable)?;
            numbers.resize_with(numbers.len().max(place + 1), || None);
            numbers[*place] = Some(Numbers::new(measure, segment.rows));
        }
        let groups = Arc::clone(&self.groups);
        let one_by_one = sums.counts_customers() && !self.nobodys;
        let (mut kinds, mut times, mut counted) = (Vec::new(), Vec::new(), Counted::default());
        let mut person = 0;
        for number in 0.. {
            let rows = segment.block(number);
            if rows.is_empty() {
                break;
            }
            self.file.block(segment, &rows, &mut kinds, &mut times, &mut self.scratch).map_err(unreadable)?;
            counted.clear();
            let mut row = rows.start;
            while row < rows.end {
                let (customer, end) = people.get(person)?;
                let until = end.min(rows.end).max(row);
                if self.sees(customer) {
                    let some = row - rows.start..until - rows.start;
                    let (Some(kinds), Some(times)) = (kinds.get(some.clone()), times.get(some)) else {
                        return Err(damaged());
                    };
                    let before = counted.whose.len();
                    groups.keep(row as u32, kinds, times, &mut counted);
                    if let (true, Ok(customer), Some(theirs)) =
                        (one_by_one, u32::try_from(customer), counted.whose.get(before..))
                    {
                        sums.add_customer(customer, theirs);
                    }
                }
                row = until;
                person += usize::from(end <= row);
            }
            sums.add(&counted, &numbers);
        }
        Ok(())
    }

    fn sees(&self, customer: i64) -> bool {
        match (&self.customers, self.nobodys) {
            (None, _) => true,
            (Some(set), true) => set.sees_nobody(),
            (Some(set), false) => set.sees(customer),
        }
    }
}

impl Groups {
    /// Adds those rows of a block that are wanted, each with its group: without a branch a row.
    fn keep(&self, start: u32, kinds: &[u16], times: &[i64], counted: &mut Counted) {
        let (first, last) = (*self.wanted.times.start(), *self.wanted.times.end());
        let before = counted.rows.len();
        let room = before + kinds.len();
        counted.rows.resize(room, 0);
        counted.whose.resize(room, 0);
        counted.times.resize(room, 0);
        let mut kept = before;
        for ((row, kind), time) in (start..).zip(kinds).zip(times) {
            // Of rows that are not wanted the quarter may be none of ours.
            let quarter = (time.wrapping_sub(self.first) / QUARTER) as usize;
            let of_quarter = self.of_quarter.get(quarter).copied().unwrap_or_default();
            let of_kind = self.of_kind.get(usize::from(*kind)).copied().unwrap_or_default();
            counted.rows[kept] = row;
            counted.whose[kept] = of_kind + of_quarter;
            counted.times[kept] = *time;
            kept += usize::from(self.wanted.kind(*kind) & (first <= *time) & (*time <= last));
        }
        counted.rows.truncate(kept);
        counted.whose.truncate(kept);
        counted.times.truncate(kept);
    }
}

/// Rows that the projection lacks: their groups, then their customers and times, then the columns of numbers that are needed.
pub(super) struct Lacking {
    pub(super) keys: usize,
    pub(super) measures: Vec<usize>,
    pub(super) rows: Vec<RecordBatch>,
}

impl Lacking {
    /// Adds them, and says the keys of all groups: those there were, and then new ones.
    pub(super) fn add_to(
        &self,
        groups: &Groups,
        made: &[Made],
        schema: &SchemaRef,
    ) -> Result<(Vec<ArrayRef>, Sums), LakeError> {
        let (keys, numbers_of_rows) = self.numbered(groups, schema)?;
        let many = keys.first().map_or(1, Array::len);
        let mut sums = Sums::new(made, many);
        for (batch, whose) in self.rows.iter().zip(numbers_of_rows) {
            let customers = batch.column(self.keys).as_primitive::<Int64Type>();
            let times = batch.column(self.keys + 1).as_primitive::<TimestampMicrosecondType>();
            let mut numbers: Vec<Option<Numbers>> = Vec::new();
            for (column, place) in batch.columns()[self.keys + 2..].iter().zip(&self.measures) {
                numbers.resize_with(numbers.len().max(place + 1), || None);
                numbers[*place] = Some(Numbers::of(&whole(column)?));
            }
            for (row, group) in whose.iter().enumerate().filter(|(row, _)| customers.is_valid(*row)) {
                if let Ok(customer) = u32::try_from(customers.value(row)) {
                    sums.add_customer(customer, std::slice::from_ref(group));
                }
            }
            let rows = (0u32..).take(batch.num_rows()).collect();
            sums.add(&Counted { rows, whose, times: times.values().to_vec() }, &numbers);
        }
        Ok((keys, sums))
    }

    /// The keys of all groups, and of each batch the numbers of its rows' groups.
    fn numbered(&self, groups: &Groups, schema: &SchemaRef) -> Result<(Vec<ArrayRef>, Vec<Vec<u32>>), LakeError> {
        if self.keys == 0 {
            return Ok((Vec::new(), self.rows.iter().map(|batch| vec![0; batch.num_rows()]).collect()));
        }
        let fields = schema.fields().iter().take(self.keys);
        let converter = RowConverter::new(fields.map(|field| SortField::new(field.data_type().clone())).collect())?;
        let mut known: HashMap<OwnedRow, u32> = HashMap::new();
        for (number, row) in (0u32..).zip(&converter.convert_columns(&groups.keys)?) {
            known.entry(row.owned()).or_insert(number);
        }
        let (mut keys, mut numbers, mut next) = (groups.keys.clone(), Vec::new(), groups.len() as u32);
        for batch in &self.rows {
            let typed = batch.columns().iter().take(self.keys).zip(schema.fields());
            let columns =
                typed.map(|(column, field)| cast(column, field.data_type())).collect::<Result<Vec<_>, _>>()?;
            let (mut of_rows, mut fresh) = (Vec::with_capacity(batch.num_rows()), Vec::new());
            for (place, row) in (0u32..).zip(&converter.convert_columns(&columns)?) {
                of_rows.push(*known.entry(row.owned()).or_insert_with(|| {
                    fresh.push(place);
                    next += 1;
                    next - 1
                }));
            }
            let fresh = arrow::array::UInt32Array::from(fresh);
            for (key, column) in keys.iter_mut().zip(&columns) {
                let more = arrow::compute::take(column, &fresh, None)?;
                *key = concat(&[key.as_ref(), more.as_ref()])?;
            }
            numbers.push(of_rows);
        }
        Ok((keys, numbers))
    }
}

/// A column of numbers as a projection has it: of decimals their digits. One that is too large for it is no number of a projection, and
/// nothing is said that is not so.
fn whole(column: &ArrayRef) -> Result<Int64Array, LakeError> {
    match column.data_type() {
        DataType::Decimal128(_, _) => {
            let digits = column.as_primitive::<Decimal128Type>();
            let whole = |digits: i128| i64::try_from(digits).map_err(|_| damaged());
            digits.iter().map(|digits| digits.map(whole).transpose()).collect()
        }
        _ => Ok(column.as_primitive::<Int64Type>().clone()),
    }
}
