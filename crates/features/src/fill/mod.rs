//! What stands where a trait has no value.
//!
//! Filling is learnt once ([`Learned::learn`]) and applied to any column of the same trait ([`Learned::apply`]), so a
//! model's training set and today's profile can be filled with the same numbers. A filled value is flagged. A gap that
//! nothing can fill stays a gap.

mod median;

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, BooleanBuilder, Date32Array, Decimal128Array, Float64Array, Int64Array,
        StringArray, TimestampMicrosecondArray,
    },
    datatypes::DataType,
};
use florin_domain::{
    ColumnType,
    catalogue::{DECIMAL_PRECISION, DECIMAL_SCALE},
};
use rustc_hash::FxHashMap;
use serde::Serialize;

pub use median::{median_of_floats, median_of_integers};

use crate::{
    error::{FeatureError, Result, same_length},
    value::Value,
};

/// What fills a gap.
#[derive(Debug, Clone, PartialEq)]
pub enum Fill {
    /// Nothing: missing stays missing.
    Nothing,
    /// A value.
    Constant(Value),
    /// The median of all who have a value.
    Median,
    /// The median of those who have a value and the same value of that trait; where there is none, the median of all.
    MedianBy(String),
}

/// What customers are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum GroupKey {
    /// They have no value of the grouping trait: a group of its own.
    Missing,
    /// An int.
    Int(i64),
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
}

/// The numbers that fill one trait's gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    ty: ColumnType,
    overall: Option<Value>,
    groups: Option<FxHashMap<GroupKey, Value>>,
}

/// A column without the gaps that could be filled.
#[derive(Debug, Clone)]
pub struct Filled {
    /// As long as the column, of its type.
    pub values: ArrayRef,
    /// Which of them were filled in.
    pub filled: BooleanArray,
    /// How many were.
    pub filled_count: usize,
    /// Gaps that stay.
    pub missing_count: usize,
}

impl Learned {
    /// Learns from the values there are. `groups` is the column of the grouping trait, and needed for
    /// [`Fill::MedianBy`] only.
    ///
    /// The median of an even number of values is the mean of the middle two. Where the type cannot hold it (a whole number, a day, a
    /// microsecond, a ten thousandth), it is rounded to the nearest, half to even. All of it is integer arithmetic but for floats.
    ///
    /// # Errors
    /// Columns of different lengths, of types that are not as said, or a grouping column that is none of text, int and bool.
    pub fn learn(fill: &Fill, ty: ColumnType, values: &dyn Array, groups: Option<&dyn Array>) -> Result<Self> {
        check_type("the trait", values, ty)?;
        let nothing = Self { ty, overall: None, groups: None };
        match fill {
            Fill::Nothing => Ok(nothing),
            Fill::Constant(value) => Ok(Self { overall: Some(value.clone()), ..nothing }),
            Fill::Median => Ok(Self { overall: median::of_values(ty, &present(values)), ..nothing }),
            Fill::MedianBy(by) => {
                let keys = keys(by, groups, values.len())?;
                let mut by_group: FxHashMap<GroupKey, Vec<Value>> = FxHashMap::default();
                for (row, key) in keys.into_iter().enumerate() {
                    if let Some(value) = Value::of_row(values, row) {
                        by_group.entry(key).or_default().push(value);
                    }
                }
                let medians =
                    by_group.into_iter().filter_map(|(key, found)| Some((key, median::of_values(ty, &found)?)));
                let groups = Some(medians.collect());
                Ok(Self { overall: median::of_values(ty, &present(values)), groups, ..nothing })
            }
        }
    }

    /// The median of all, or the constant; `None` when nothing fills.
    #[must_use]
    pub fn overall(&self) -> Option<&Value> {
        self.overall.as_ref()
    }

    /// What fills a gap of a customer of that group.
    #[must_use]
    pub fn of_group(&self, key: &GroupKey) -> Option<&Value> {
        self.groups.as_ref().and_then(|groups| groups.get(key)).or(self.overall.as_ref())
    }

    /// Fills the gaps of a column of the trait. NaN counts as a gap.
    ///
    /// # Errors
    /// As for [`Self::learn`].
    pub fn apply(&self, values: &dyn Array, groups: Option<&dyn Array>) -> Result<Filled> {
        check_type("the trait", values, self.ty)?;
        let keys = match &self.groups {
            Some(_) => Some(keys("the grouping trait", groups, values.len())?),
            None => None,
        };
        let mut flags = BooleanBuilder::with_capacity(values.len());
        let (mut filled_count, mut missing_count) = (0, 0);
        let mut full: Vec<Option<Value>> = Vec::with_capacity(values.len());
        for row in 0..values.len() {
            let own = Value::of_row(values, row);
            let filler = || match &keys {
                Some(keys) => self.of_group(&keys[row]).cloned(),
                None => self.overall.clone(),
            };
            let is_gap = own.is_none();
            let value = own.or_else(filler);
            filled_count += usize::from(is_gap && value.is_some());
            missing_count += usize::from(value.is_none());
            flags.append_value(is_gap && value.is_some());
            full.push(value);
        }
        Ok(Filled { values: column(self.ty, full)?, filled: flags.finish(), filled_count, missing_count })
    }
}

fn present(values: &dyn Array) -> Vec<Value> {
    (0..values.len()).filter_map(|row| Value::of_row(values, row)).collect()
}

fn check_type(what: &str, values: &dyn Array, ty: ColumnType) -> Result<()> {
    let same = match (values.data_type(), ty.arrow()) {
        (DataType::Timestamp(a, _), DataType::Timestamp(b, _)) => *a == b,
        (found, expected) => *found == expected,
    };
    match same {
        true => Ok(()),
        false => Err(FeatureError::Type {
            what: what.to_owned(),
            found: values.data_type().to_string(),
            expected: ty.arrow().to_string(),
        }),
    }
}

fn keys(by: &str, groups: Option<&dyn Array>, rows: usize) -> Result<Vec<GroupKey>> {
    let groups = groups.ok_or_else(|| FeatureError::Lengths { what: by.to_owned(), found: 0, expected: rows })?;
    same_length(by, groups.len(), rows)?;
    if !matches!(groups.data_type(), DataType::Int64 | DataType::Utf8 | DataType::Boolean) {
        let found = groups.data_type().to_string();
        return Err(FeatureError::Type { what: by.to_owned(), found, expected: "text, int or bool".to_owned() });
    }
    Ok((0..rows).map(|row| key(Value::of_row(groups, row))).collect())
}

fn key(value: Option<Value>) -> GroupKey {
    match value {
        Some(Value::Int(v)) => GroupKey::Int(v),
        Some(Value::Text(v)) => GroupKey::Text(v),
        Some(Value::Bool(v)) => GroupKey::Bool(v),
        _ => GroupKey::Missing,
    }
}

/// A column of the type from values of it; a value of another type counts as a gap.
///
/// # Errors
/// None for values of the type.
pub fn column(ty: ColumnType, values: Vec<Option<Value>>) -> Result<ArrayRef> {
    let ints = |values: Vec<Option<Value>>| {
        values.into_iter().map(|v| match v {
            Some(Value::Int(v) | Value::Timestamp(v)) => Some(v),
            _ => None,
        })
    };
    Ok(match ty {
        ColumnType::Int => Arc::new(Int64Array::from_iter(ints(values))),
        ColumnType::Timestamp => Arc::new(TimestampMicrosecondArray::from_iter(ints(values)).with_timezone("UTC")),
        ColumnType::Decimal => {
            let tens = values.into_iter().map(|v| match v {
                Some(Value::Decimal(v)) => Some(v),
                _ => None,
            });
            let array = Decimal128Array::from_iter(tens).with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE);
            Arc::new(array.map_err(|e| FeatureError::Library { what: "a decimal column", why: e.to_string() })?)
        }
        ColumnType::Float => Arc::new(Float64Array::from_iter(values.into_iter().map(|v| match v {
            Some(Value::Float(v)) => Some(v),
            _ => None,
        }))),
        ColumnType::Text => Arc::new(StringArray::from_iter(values.into_iter().map(|v| match v {
            Some(Value::Text(v)) => Some(v),
            _ => None,
        }))),
        ColumnType::Bool => Arc::new(BooleanArray::from_iter(values.into_iter().map(|v| match v {
            Some(Value::Bool(v)) => Some(v),
            _ => None,
        }))),
        ColumnType::Date => Arc::new(Date32Array::from_iter(values.into_iter().map(|v| match v {
            Some(Value::Date(v)) => Some(v),
            _ => None,
        }))),
    })
}
