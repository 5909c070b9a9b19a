//! `sessionize(ts, gap) over (partition by … order by ts)`: the number of the session that a row is in, from 1.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, Int64Array},
    compute::SortOptions,
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::{Result, ScalarValue, exec_err, plan_err},
    logical_expr::{
        LimitEffect, PartitionEvaluator, Signature, Volatility, WindowUDFImpl,
        function::{PartitionEvaluatorArgs, WindowUDFFieldArgs},
    },
    physical_expr::PhysicalExpr,
};

use super::{
    arguments::{span, span_type, time_type},
    input::times,
};

const NAME: &str = "sessionize";

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sessionize {
    signature: Signature,
}

impl Sessionize {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl WindowUDFImpl for Sessionize {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [time, gap] = types else {
            return plan_err!("{NAME}: write {NAME}(ts, gap) over (partition by customer_id order by ts)");
        };
        Ok(vec![time_type(NAME, time)?, span_type(NAME, "gap", gap)?])
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        let ([_, gap], [time, _]) = (args.input_exprs(), args.input_fields()) else {
            return exec_err!("{NAME}: there is no gap");
        };
        Ok(Box::new(Sessions { gap: span(NAME, "gap", gap, time.data_type())?, session: 0, before: None }))
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::Int64, true)))
    }

    fn sort_options(&self) -> Option<SortOptions> {
        Some(SortOptions { descending: false, nulls_first: false })
    }

    fn limit_effect(&self, _: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        LimitEffect::None
    }
}

/// The rows of a partition, one after the other.
#[derive(Debug)]
struct Sessions {
    gap: u64,
    session: i64,
    before: Option<i64>,
}

impl Sessions {
    fn next(&mut self, ts: i64) -> Result<i64> {
        let before = self.before.replace(ts);
        if before.is_some_and(|before| ts < before) {
            return exec_err!("{NAME}: rows must come in order of time: write `over (partition by … order by ts)`");
        }
        let goes_on = before.is_some_and(|before| ts <= before.saturating_add_unsigned(self.gap));
        self.session += i64::from(!goes_on);
        Ok(self.session)
    }
}

impl PartitionEvaluator for Sessions {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let Some(column) = values.first() else { return exec_err!("{NAME}: there is no time") };
        let times = times(column)?;
        let of = |row: usize| column.is_valid(row).then(|| self.next(times[row])).transpose();
        Ok(Arc::new((0..rows).map(of).collect::<Result<Int64Array>>()?))
    }

    fn evaluate(&mut self, values: &[ArrayRef], range: &Range<usize>) -> Result<ScalarValue> {
        let Some(column) = values.first() else { return exec_err!("{NAME}: there is no time") };
        let times = times(column)?;
        let row = range.start;
        if column.is_null(row) {
            return Ok(ScalarValue::Int64(None));
        }
        self.next(times[row]).map(|session| ScalarValue::Int64(Some(session)))
    }

    fn is_causal(&self) -> bool {
        true
    }

    fn supports_bounded_execution(&self) -> bool {
        true
    }
}
