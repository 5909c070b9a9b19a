//! `session_count(ts, gap)`: how many sessions the times make, a pause longer than the gap ending one.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array},
    datatypes::DataType,
};
use datafusion::{
    common::{Result, ScalarValue, exec_err, plan_err},
    logical_expr::function::AccumulatorArgs,
};

use super::{
    aggregate::Kind,
    arguments::{span, span_type, time_type},
    gathered::{Fold, sorted},
    input::Places,
};

const NAME: &str = "session_count";

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SessionCount;

/// Kept of a group: stretches of time without a pause, their first and last instant one after the other. Two of them may be
/// of one session, until what is between them has come or they are joined.
#[derive(Debug)]
pub(super) struct Stretches {
    gap: u64,
}

impl Kind for SessionCount {
    type Fold = Stretches;

    const NAME: &'static str = NAME;

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [time, gap] = types else { return plan_err!("{NAME}: write {NAME}(ts, gap)") };
        Ok(vec![time_type(NAME, time)?, span_type(NAME, "gap", gap)?])
    }

    fn answer(&self) -> DataType {
        DataType::Int64
    }

    fn nothing(&self) -> Option<ScalarValue> {
        Some(ScalarValue::Int64(Some(0)))
    }

    fn fold(&self, args: &AccumulatorArgs<'_>) -> Result<(Stretches, Places)> {
        let ([_, gap], [time, _]) = (args.exprs, args.expr_fields) else { return exec_err!("{NAME}: there is no gap") };
        let gap = span(NAME, "gap", gap, time.data_type())?;
        Ok((Stretches { gap }, Places { time: Some(0), conditions: 2 }))
    }
}

impl Stretches {
    fn joins(&self, end: i64, start: i64) -> bool {
        start <= end.saturating_add_unsigned(self.gap)
    }

    fn add(&self, kept: &mut Vec<i64>, start: i64, end: i64) {
        // Most rows come in order, and go on where the last stretch ends.
        if let [.., first, last] = kept.as_mut_slice()
            && self.joins(*last, start)
            && self.joins(end, *first)
        {
            (*first, *last) = ((*first).min(start), (*last).max(end));
            return;
        }
        if kept.len() + 2 > kept.capacity() {
            self.join(kept);
        }
        kept.extend([start, end]);
    }

    /// Joins stretches of one session, when there is no more room.
    fn join(&self, kept: &mut Vec<i64>) {
        let mut joined: Vec<i64> = Vec::with_capacity(kept.capacity());
        for [start, end] in sorted(kept) {
            match joined.last_mut() {
                Some(last) if self.joins(*last, *start) => *last = (*last).max(*end),
                _ => joined.extend([start, end]),
            }
        }
        *kept = joined;
    }
}

impl Fold for Stretches {
    fn take(&self, kept: &mut Vec<i64>, ts: i64, _: u32) {
        self.add(kept, ts, ts);
    }

    fn absorb(&self, kept: &mut Vec<i64>, other: &[i64]) {
        let (stretches, _) = other.as_chunks::<2>();
        stretches.iter().for_each(|[start, end]| self.add(kept, *start, *end));
    }

    fn value(&mut self, kept: &mut [i64]) -> Result<i64> {
        let mut sessions = 0;
        let mut until = None;
        for [start, end] in sorted(kept) {
            sessions += i64::from(until.is_none_or(|until| !self.joins(until, *start)));
            until = until.max(Some(*end));
        }
        Ok(sessions)
    }

    fn column(&self, values: Vec<i64>) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(values)))
    }
}
