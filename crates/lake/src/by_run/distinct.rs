//! How many different values a group has.
//!
//! Rows of a group come together, so only one group's values are held at a time: as numbers, sorted when they have become
//! twice as many, with no hash.

use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Int64Array, StringViewArray},
    datatypes::{DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use datafusion::common::{Result, internal_err};

use super::{fold::Fold, groups::Groups};

/// Values held before they are sorted for the first time.
const HELD_MIN: usize = 64;
/// Bytes of a text that stand in its view.
const INLINE_BYTES: u32 = 12;

/// Counts different values, of groups one after the other.
#[derive(Default)]
pub(super) struct Distinct {
    counts: Vec<i64>,
    /// The group whose values are held.
    open: usize,
    held: Held,
}

#[derive(Default)]
struct Held {
    /// Numbers, or views of short texts.
    values: Vec<i128>,
    /// How many of the values may be held before they are sorted again.
    bound: usize,
    /// Texts that do not fit in a view.
    texts: BTreeSet<Box<str>>,
}

impl Held {
    fn push(&mut self, value: i128) {
        if self.values.last() == Some(&value) {
            return;
        }
        if self.values.len() >= self.bound.max(HELD_MIN) {
            self.sort();
            self.bound = 2 * self.values.len();
        }
        self.values.push(value);
    }

    fn push_text(&mut self, text: &str) {
        if !self.texts.contains(text) {
            self.texts.insert(text.into());
        }
    }

    fn sort(&mut self) {
        self.values.sort_unstable();
        self.values.dedup();
    }

    fn close(&mut self) -> i64 {
        self.sort();
        let count = self.values.len() + self.texts.len();
        self.values.clear();
        self.texts.clear();
        self.bound = 0;
        count as i64
    }
}

impl Distinct {
    /// Whether it can tell values of a type apart.
    pub(super) fn takes(ty: &DataType) -> bool {
        matches!(
            ty,
            DataType::Int64
                | DataType::Int32
                | DataType::Date32
                | DataType::Decimal128(_, _)
                | DataType::Utf8View
                | DataType::Timestamp(TimeUnit::Microsecond, _)
        )
    }

    fn close(&mut self) {
        if let Some(count) = self.counts.get_mut(self.open) {
            *count += self.held.close();
        }
    }

    fn each_group(
        &mut self,
        groups: Groups<'_>,
        nulls: Option<&arrow::buffer::NullBuffer>,
        of: impl Fn(&mut Held, usize),
    ) {
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        for (group, rows) in groups.rows() {
            if group != self.open {
                self.close();
                self.open = group;
            }
            for row in rows.filter(|&row| nulls.is_none_or(|nulls| nulls.is_valid(row))) {
                of(&mut self.held, row);
            }
        }
    }

    fn numbers<T: ArrowPrimitiveType<Native: Into<i128>>>(&mut self, groups: Groups<'_>, values: &ArrayRef) {
        let values = values.as_primitive::<T>();
        let of = values.values();
        self.each_group(groups, values.nulls(), |held, row| held.push(of[row].into()));
    }

    fn texts(&mut self, groups: Groups<'_>, values: &StringViewArray) {
        let views = values.views();
        self.each_group(groups, values.nulls(), |held, row| {
            let view = views[row];
            // The length stands in the lowest bytes; a short text, filled up with zeros, in the others.
            match (view as u32) <= INLINE_BYTES {
                true => held.push(view.cast_signed()),
                false => held.push_text(values.value(row)),
            }
        });
    }
}

impl Fold for Distinct {
    fn push(&mut self, groups: Groups<'_>, arguments: &[ArrayRef]) -> Result<()> {
        self.counts.resize(groups.count, 0);
        let Some(values) = arguments.first() else { return internal_err!("different values of nothing") };
        match values.data_type() {
            DataType::Int64 => self.numbers::<Int64Type>(groups, values),
            DataType::Int32 => self.numbers::<Int32Type>(groups, values),
            DataType::Date32 => self.numbers::<Date32Type>(groups, values),
            DataType::Decimal128(_, _) => self.numbers::<Decimal128Type>(groups, values),
            DataType::Timestamp(TimeUnit::Microsecond, _) => self.numbers::<TimestampMicrosecondType>(groups, values),
            DataType::Utf8View => self.texts(groups, values.as_string_view()),
            other => return internal_err!("different values of {other} are the engine's"),
        }
        Ok(())
    }

    fn take(&mut self, count: usize, of: usize) -> Result<ArrayRef> {
        self.counts.resize(of, 0);
        if self.open < count {
            self.close();
        }
        // A group that may go on keeps what is held of it.
        self.open = self.open.saturating_sub(count);
        Ok(Arc::new(Int64Array::from_iter_values(self.counts.drain(..count))))
    }
}
