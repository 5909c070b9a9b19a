//! `as_of()`: the time that a session stands at.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::{
    common::{Result, ScalarValue},
    logical_expr::{
        ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility, lit,
        simplify::{ExprSimplifyResult, SimplifyContext},
    },
};

/// Gives the session's time, in the bank's time zone. Definitions that ask for it mean the same at any date.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct AsOf {
    micros: i64,
    zone: Arc<str>,
    signature: Signature,
}

impl AsOf {
    pub(crate) fn new(micros: i64, zone: &Arc<str>) -> Self {
        Self { micros, zone: Arc::clone(zone), signature: Signature::nullary(Volatility::Stable) }
    }

    fn value(&self) -> ScalarValue {
        ScalarValue::TimestampMicrosecond(Some(self.micros), Some(Arc::clone(&self.zone)))
    }
}

impl ScalarUDFImpl for AsOf {
    fn name(&self) -> &'static str {
        "as_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::clone(&self.zone))))
    }

    /// A constant of the session, so that conditions on it help to choose what to read.
    fn simplify(&self, _: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(ExprSimplifyResult::Simplified(lit(self.value())))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.value()))
    }
}
