//! A condition on stored rows: that they are of visitors who were one of some customers then. Looked at before anything else of a row is
//! read, it takes two columns.

use std::sync::Arc;

use arrow::{
    array::{Array, AsArray, BooleanArray},
    compute::cast,
    datatypes::{DataType, TimestampMicrosecondType},
};
use datafusion::{
    common::Result,
    logical_expr::{
        ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, col,
        expr::ScalarFunction,
    },
};
use florin_domain::catalogue::{ANONYMOUS_ID, TS};

use super::visitors::{Span, hash};

/// By visitor and time.
#[derive(Debug, PartialEq, Eq, Hash)]
struct WasOneOf {
    spans: Vec<Span>,
    signature: Signature,
}

/// That a row is of one of these spans.
pub(super) fn was_in(mut spans: Vec<Span>) -> Expr {
    spans.sort_unstable();
    let function = ScalarUDF::from(WasOneOf { spans, signature: Signature::any(2, Volatility::Immutable) });
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(function), vec![col(ANONYMOUS_ID), col(TS)]))
}

impl WasOneOf {
    fn has(&self, visitor: &str, at: i64) -> bool {
        let visitor = hash(visitor);
        let place = self.spans.partition_point(|s| (s.visitor, s.last) < (visitor, at));
        self.spans.get(place).is_some_and(|span| span.visitor == visitor && span.first <= at)
    }
}

impl ScalarUDFImpl for WasOneOf {
    fn name(&self) -> &'static str {
        "was_one_of_those_asked_for"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let [visitors, times] = columns.as_slice() else {
            return datafusion::common::internal_err!("a visitor and a time are needed");
        };
        let visitors = cast(visitors, &DataType::Utf8View)?;
        let (visitors, times) = (visitors.as_string_view(), times.as_primitive::<TimestampMicrosecondType>());
        let known = |row: usize| visitors.is_valid(row) && times.is_valid(row);
        let has = |row: usize| known(row) && self.has(visitors.value(row), times.value(row));
        let has: BooleanArray = (0..times.len()).map(|row| Some(has(row))).collect();
        Ok(ColumnarValue::Array(Arc::new(has)))
    }
}
