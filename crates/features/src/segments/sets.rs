//! Whether each customer belongs: the same as [`super::evaluate()`], in bitmaps.

use arrow::array::{Array, BooleanArray};
use roaring::RoaringBitmap;

use super::{
    Truth,
    predicate::{Predicate, TraitTest},
};
use crate::{
    error::{Result, same_length},
    value::Value,
};

/// Customers by truth. Those in neither set are false.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TruthSets {
    /// Of whom it is true: the members.
    pub yes: RoaringBitmap,
    /// Of whom it is unknown. No customer is in both.
    pub unknown: RoaringBitmap,
}

impl TruthSets {
    /// Sets of which nothing is unknown.
    #[must_use]
    pub fn known(yes: RoaringBitmap) -> Self {
        Self { yes, unknown: RoaringBitmap::new() }
    }

    fn and(self, other: &Self) -> Self {
        let possible = &self.yes | &self.unknown;
        let other_possible = &other.yes | &other.unknown;
        let yes = self.yes & &other.yes;
        Self { unknown: (possible & other_possible) - &yes, yes }
    }

    fn or(self, other: &Self) -> Self {
        let yes = self.yes | &other.yes;
        Self { unknown: (self.unknown | &other.unknown) - &yes, yes }
    }

    fn not(self, everyone: &RoaringBitmap) -> Self {
        Self { yes: (everyone - self.yes) - &self.unknown, unknown: self.unknown }
    }
}

/// Decides for `everyone`, given who passes each test that has no parts. What `leaf` says of others than `everyone` is left
/// out. `leaf` is asked for the parts in the order in which they are written, and not at all once an `all` has nobody left.
///
/// # Errors
/// Those of `leaf`.
pub fn evaluate<E>(
    predicate: &Predicate,
    everyone: &RoaringBitmap,
    leaf: &mut dyn FnMut(&Predicate) -> std::result::Result<TruthSets, E>,
) -> std::result::Result<TruthSets, E> {
    match predicate {
        Predicate::All(parts) => {
            let mut sets = TruthSets::known(everyone.clone());
            for part in parts {
                if sets.yes.is_empty() && sets.unknown.is_empty() {
                    break;
                }
                sets = sets.and(&evaluate(part, everyone, leaf)?);
            }
            Ok(sets)
        }
        Predicate::Any(parts) => {
            let mut sets = TruthSets::default();
            for part in parts {
                sets = sets.or(&evaluate(part, everyone, leaf)?);
            }
            Ok(sets)
        }
        Predicate::Not(part) => Ok(evaluate(part, everyone, leaf)?.not(everyone)),
        _ => {
            let sets = leaf(predicate)?;
            Ok(TruthSets { yes: sets.yes & everyone, unknown: sets.unknown & everyone })
        }
    }
}

/// A column of a trait: whose each row is, the values, and which of these were filled in.
#[derive(Debug, Clone, Copy)]
pub struct TraitColumn<'a> {
    /// Customer numbers, no one twice.
    pub customers: &'a [u32],
    /// As long; of the trait's type.
    pub values: &'a dyn Array,
    /// As long, when anything was filled.
    pub filled: Option<&'a BooleanArray>,
}

/// Who passes a test of a trait. Of customers without a row the value is missing.
///
/// # Errors
/// Columns of different lengths.
pub fn of_trait(test: &TraitTest, column: TraitColumn<'_>, everyone: &RoaringBitmap) -> Result<TruthSets> {
    same_length("values", column.values.len(), column.customers.len())?;
    if let Some(filled) = column.filled {
        same_length("filled", filled.len(), column.customers.len())?;
    }
    let (mut yes, mut unknown, mut seen) = (Vec::new(), Vec::new(), Vec::with_capacity(column.customers.len()));
    for (row, &customer) in column.customers.iter().enumerate() {
        let counts = !(test.measured && column.filled.is_some_and(|filled| filled.is_valid(row) && filled.value(row)));
        let value = Value::of_row(column.values, row).filter(|_| counts);
        match test.test.of(value.as_ref()) {
            Truth::True => yes.push(customer),
            Truth::Unknown => unknown.push(customer),
            Truth::False => {}
        }
        seen.push(customer);
    }
    let absent = everyone - bitmap(seen);
    let mut sets = TruthSets { yes: bitmap(yes), unknown: bitmap(unknown) };
    match test.test.of(None) {
        Truth::True => sets.yes |= absent,
        Truth::Unknown => sets.unknown |= absent,
        Truth::False => {}
    }
    Ok(sets)
}

/// Customers in any order as a set.
fn bitmap(mut customers: Vec<u32>) -> RoaringBitmap {
    if !customers.is_sorted() {
        customers.sort_unstable();
    }
    customers.into_iter().collect()
}
