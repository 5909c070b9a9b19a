//! `sequence_match(pattern, ts, condition, …)` and `sequence_count`: whether, and how often, rows follow a pattern, as
//! ClickHouse's `sequenceMatch` and `sequenceCount`.

mod pattern;
mod search;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, Int64Array},
    datatypes::DataType,
};
use datafusion::{
    common::{Result, ScalarValue, exec_datafusion_err, exec_err, plan_err},
    logical_expr::function::AccumulatorArgs,
};

use self::{pattern::Pattern, search::Search};
use super::{
    aggregate::Kind,
    arguments::{condition_types, is_text, text, time_type},
    gathered::{Fold, keep, sorted},
    input::Places,
};

/// Rows of a group times parts of a pattern, at five bytes each while one group is searched.
const SEARCH_MAX: usize = 1 << 27;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SequenceMatch;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SequenceCount;

#[derive(Debug)]
pub(super) struct Sequence {
    name: &'static str,
    pattern: Pattern,
    search: Search,
    counts: bool,
}

impl Sequence {
    fn new(name: &'static str, counts: bool, args: &AccumulatorArgs<'_>) -> Result<(Self, Places)> {
        let ([pattern, _, conditions @ ..], [_, time, ..]) = (args.exprs, args.expr_fields) else {
            return exec_err!("{name}: there is no time");
        };
        let a_second = if time.data_type() == &DataType::Int64 { 1 } else { 1_000_000 };
        let pattern = Pattern::parse(&text(name, "pattern", pattern)?, conditions.len(), a_second)
            .map_err(|wrong| exec_datafusion_err!("{name}: {wrong}"))?;
        let sequence = Self { name, pattern, search: Search::default(), counts };
        Ok((sequence, Places { time: Some(1), conditions: 2 }))
    }
}

fn coerce(name: &str, types: &[DataType]) -> Result<Vec<DataType>> {
    let [pattern, time, conditions @ ..] = types else {
        return plan_err!("{name}: write {name}('(?1).*(?2)', ts, condition, …)");
    };
    if !is_text(pattern) {
        return plan_err!("{name}: the pattern is a {pattern}; it must be a text such as '(?1).*(?2)'");
    }
    let mut coerced = vec![DataType::Utf8, time_type(name, time)?];
    coerced.extend(condition_types(name, conditions)?);
    Ok(coerced)
}

impl Kind for SequenceMatch {
    type Fold = Sequence;

    const NAME: &'static str = "sequence_match";

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        coerce(Self::NAME, types)
    }

    fn answer(&self) -> DataType {
        DataType::Boolean
    }

    fn nothing(&self) -> Option<ScalarValue> {
        Some(ScalarValue::Boolean(Some(false)))
    }

    fn fold(&self, args: &AccumulatorArgs<'_>) -> Result<(Sequence, Places)> {
        Sequence::new(Self::NAME, false, args)
    }
}

impl Kind for SequenceCount {
    type Fold = Sequence;

    const NAME: &'static str = "sequence_count";

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        coerce(Self::NAME, types)
    }

    fn answer(&self) -> DataType {
        DataType::Int64
    }

    fn nothing(&self) -> Option<ScalarValue> {
        Some(ScalarValue::Int64(Some(0)))
    }

    fn fold(&self, args: &AccumulatorArgs<'_>) -> Result<(Sequence, Places)> {
        Sequence::new(Self::NAME, true, args)
    }
}

impl Fold for Sequence {
    fn take(&self, kept: &mut Vec<i64>, ts: i64, bits: u32) {
        if bits != 0 {
            keep(kept, ts, bits);
        }
    }

    fn absorb(&self, kept: &mut Vec<i64>, other: &[i64]) {
        kept.extend_from_slice(other);
    }

    fn value(&mut self, kept: &mut [i64]) -> Result<i64> {
        let rows = sorted(kept);
        if rows.len().saturating_mul(self.pattern.parts.len()) > SEARCH_MAX {
            let name = self.name;
            return exec_err!(
                "{name}: one group has too many rows for this pattern ({SEARCH_MAX} rows times parts): group by customer, or leave rows out"
            );
        }
        self.search.prepare(&self.pattern, rows);
        Ok(if self.counts { self.search.count(&self.pattern, rows) } else { i64::from(self.search.found()) })
    }

    fn column(&self, values: Vec<i64>) -> Result<ArrayRef> {
        if self.counts {
            return Ok(Arc::new(Int64Array::from(values)));
        }
        Ok(Arc::new(values.into_iter().map(|found| Some(found != 0)).collect::<BooleanArray>()))
    }
}
