//! Values of one trait, by customer.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, TimestampMicrosecondArray, UInt32Array},
    compute::{CastOptions, cast_with_options, concat, filter, is_not_null, sort_to_indices, take},
    datatypes::{DataType, Field, Int64Type, Schema, TimeUnit},
};
use florin_domain::{
    ColumnType, EventTime,
    catalogue::{CUSTOMER_ID, VALID_FROM},
};
use florin_features::{Trait, Value, fill::Learned};

use crate::FlowError;

/// Values of a trait before gaps are filled: customers ascending, each once.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) customers: Int64Array,
    /// As long, of the trait's type, none missing.
    pub(super) values: ArrayRef,
}

/// Values of a trait, gaps filled.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub(super) customers: Int64Array,
    pub(super) values: ArrayRef,
    pub(super) filled: BooleanArray,
    /// Customers who have no value.
    pub(super) missing: usize,
}

fn wrong(of: &Trait, what: String) -> FlowError {
    FlowError::Trait { name: of.name.clone(), file: of.file.clone(), what }
}

impl Values {
    /// From columns of an answer; where `counted` is given, of customers with at least one row.
    pub(super) fn new(
        of: &Trait,
        customers: &ArrayRef,
        values: &ArrayRef,
        counted: Option<&ArrayRef>,
    ) -> Result<Self, FlowError> {
        let values = typed(of, values)?;
        let mut keep = arrow::compute::and(&is_not_null(customers)?, &is_not_null(&values)?)?;
        if let Some(counted) = counted.and_then(|c| c.as_primitive_opt::<Int64Type>()) {
            let some = BooleanArray::from_unary(counted, |n| n > 0);
            keep = arrow::compute::and(&keep, &some)?;
        }
        let (customers, values) = (filter(customers, &keep)?, filter(&values, &keep)?);
        let customers = customers.as_primitive_opt::<Int64Type>().cloned();
        let customers = customers.ok_or_else(|| wrong(of, "`customer_id` of its query is no customer".to_owned()))?;
        Self { customers, values }.in_order(of)
    }

    /// From what a method made.
    pub(super) fn of_method(of: &Trait, found: BTreeMap<i64, Value>) -> Result<Self, FlowError> {
        let (customers, values): (Vec<i64>, Vec<Option<Value>>) =
            found.into_iter().map(|(customer, value)| (customer, Some(value))).unzip();
        let values = florin_features::fill::column(of.ty, values)?;
        Ok(Self { customers: customers.into(), values })
    }

    fn in_order(self, of: &Trait) -> Result<Self, FlowError> {
        let sorted = |customers: &Int64Array| customers.values().is_sorted();
        let ordered = if sorted(&self.customers) {
            self
        } else {
            let order = sort_to_indices(&self.customers, None, None)?;
            let customers = take(&self.customers, &order, None)?.as_primitive::<Int64Type>().clone();
            Self { customers, values: take(&self.values, &order, None)? }
        };
        match ordered.customers.values().windows(2).find(|pair| pair[0] == pair[1]) {
            Some(twice) => {
                let what = format!("its query gives customer {} more than one row: group by `customer_id`", twice[0]);
                Err(wrong(of, what))
            }
            None => Ok(ordered),
        }
    }

    /// Fills gaps: of `everyone` (ascending) and whoever else has a value. `groups` are the values of the trait that gaps are
    /// filled by.
    pub(super) fn filled(self, of: &Trait, everyone: &[i64], groups: Option<&Values>) -> Result<Whole, FlowError> {
        let customers = together(everyone, self.customers.values());
        if matches!(of.fill, florin_features::fill::Fill::Nothing) {
            let missing = customers.len() - self.customers.len();
            let filled = BooleanArray::from(vec![false; self.customers.len()]);
            return Ok(Whole { customers: self.customers, values: self.values, filled, missing });
        }
        let values = self.of_customers(&customers)?;
        let groups = groups.map(|groups| groups.of_customers(&customers)).transpose()?;
        let learned = Learned::learn(&of.fill, of.ty, &values, groups.as_deref())?;
        let full = learned.apply(&values, groups.as_deref())?;
        let there = is_not_null(&full.values)?;
        let filled = filter(&full.filled, &there)?.as_boolean().clone();
        let values = filter(&full.values, &there)?;
        let customers = filter(&Int64Array::from(customers), &there)?.as_primitive::<Int64Type>().clone();
        Ok(Whole { customers, values, filled, missing: full.missing_count })
    }

    /// The values of these customers (ascending), missing where there is none.
    fn of_customers(&self, customers: &[i64]) -> Result<ArrayRef, FlowError> {
        let mine = self.customers.values();
        let mut at = 0;
        let positions = customers.iter().map(|customer| {
            while at < mine.len() && mine[at] < *customer {
                at += 1;
            }
            (mine.get(at) == Some(customer)).then(|| u32::try_from(at).ok()).flatten()
        });
        Ok(take(&self.values, &positions.collect::<UInt32Array>(), None)?)
    }
}

/// Two ascending lists, in which each number stands once, as one.
fn together(a: &[i64], b: &[i64]) -> Vec<i64> {
    let mut both = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) => *x.min(y),
            (Some(x), None) | (None, Some(x)) => *x,
            (None, None) => return both,
        };
        a.next_if_eq(&next);
        b.next_if_eq(&next);
        both.push(next);
    }
}

/// A column as the trait's type. Money is not made of floats.
fn typed(of: &Trait, values: &ArrayRef) -> Result<ArrayRef, FlowError> {
    let to = of.ty.arrow();
    let from = values.data_type();
    if *from == to {
        return Ok(Arc::clone(values));
    }
    if of.ty == ColumnType::Decimal && matches!(from, DataType::Float32 | DataType::Float64) {
        return Err(wrong(of, "its query gives a float, and money is never one: CAST(… AS DECIMAL(18, 4))".to_owned()));
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let same_kind = match of.ty {
        ColumnType::Text => {
            matches!(from, DataType::Utf8View | DataType::LargeUtf8 | DataType::Dictionary(..) | DataType::Null)
        }
        ColumnType::Bool => matches!(from, DataType::Null),
        ColumnType::Date => matches!(from, DataType::Date64 | DataType::Timestamp(..) | DataType::Null),
        ColumnType::Timestamp => matches!(from, DataType::Timestamp(..) | DataType::Null),
        ColumnType::Int => from.is_integer() || matches!(from, DataType::Null),
        ColumnType::Decimal | ColumnType::Float => from.is_numeric() || matches!(from, DataType::Null),
    };
    if !same_kind {
        let what = format!("its query gives {from}, and its `type` is {}: make them agree", of.ty.name());
        return Err(wrong(of, what));
    }
    cast_with_options(values, &to, &strict).map_err(|e| wrong(of, format!("a value does not fit its type: {e}")))
}

impl Whole {
    pub(super) fn unfilled(&self) -> Values {
        Values { customers: self.customers.clone(), values: Arc::clone(&self.values) }
    }

    /// As sessions see it: `customer_id`, `value`, `filled`, `valid_from`.
    pub(super) fn batch(&self, as_of: EventTime) -> Result<RecordBatch, FlowError> {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let schema = Schema::new(vec![
            Field::new(CUSTOMER_ID, DataType::Int64, false),
            Field::new("value", self.values.data_type().clone(), true),
            Field::new("filled", DataType::Boolean, true),
            Field::new(VALID_FROM, time, false),
        ]);
        let times = TimestampMicrosecondArray::from(vec![as_of.micros(); self.customers.len()]).with_timezone("UTC");
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.customers.clone()),
            Arc::clone(&self.values),
            Arc::new(self.filled.clone()),
            Arc::new(times),
        ];
        Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
    }
}

/// One column of an answer, whole.
pub(super) fn column(batches: &[RecordBatch], name: &str) -> Result<ArrayRef, FlowError> {
    let parts: Vec<&dyn Array> =
        batches.iter().filter_map(|b| b.column_by_name(name)).map(|c| c.as_ref() as &dyn Array).collect();
    match parts.is_empty() {
        true => Err(FlowError::Internal(format!("an answer has no column `{name}`"))),
        false => Ok(concat(&parts)?),
    }
}
