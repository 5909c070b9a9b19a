//! Conditions of a query that may be looked at before the rules of the session have spoken.
//!
//! Rows that the session may not see and rows that the query does not want can be left out in one go, but only when looking
//! at a row cannot show: no error, no side effect, no value kept. Comparisons of a column with a literal are like that.

use std::sync::Arc;

use datafusion::{
    logical_expr::Operator,
    physical_expr::{
        PhysicalExpr,
        expressions::{BinaryExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, Literal, NotExpr},
    },
};

/// Whether a condition can neither fail nor tell anybody what it looked at.
pub(super) fn is_silent(condition: &Arc<dyn PhysicalExpr>) -> bool {
    if let Some(binary) = condition.downcast_ref::<BinaryExpr>() {
        return match binary.op() {
            Operator::And | Operator::Or => is_silent(binary.left()) && is_silent(binary.right()),
            op if compares(*op) => {
                (is_column(binary.left()) && is_value(binary.right()))
                    || (is_value(binary.left()) && is_column(binary.right()))
            }
            _ => false,
        };
    }
    if let Some(list) = condition.downcast_ref::<InListExpr>() {
        return is_column(list.expr()) && list.list().iter().all(is_literal);
    }
    let inner = None
        .or_else(|| condition.downcast_ref::<IsNullExpr>().map(IsNullExpr::arg))
        .or_else(|| condition.downcast_ref::<IsNotNullExpr>().map(IsNotNullExpr::arg));
    match (inner, condition.downcast_ref::<NotExpr>()) {
        (Some(inner), _) => is_column(inner),
        (None, Some(not)) => is_silent(not.arg()),
        (None, None) => false,
    }
}

pub(super) fn compares(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq)
}

fn is_column(expr: &Arc<dyn PhysicalExpr>) -> bool {
    expr.downcast_ref::<Column>().is_some()
}

fn is_literal(expr: &Arc<dyn PhysicalExpr>) -> bool {
    expr.downcast_ref::<Literal>().is_some()
}

fn is_value(expr: &Arc<dyn PhysicalExpr>) -> bool {
    is_literal(expr) || is_column(expr)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::{
        common::{DFSchema, ScalarValue},
        logical_expr::{Expr, cast, col, lit},
        prelude::SessionContext,
    };

    use super::*;

    fn silent(condition: Expr) -> bool {
        let schema = Schema::new(vec![
            Field::new("amount", DataType::Int64, true),
            Field::new("kind", DataType::Utf8View, true),
        ]);
        let schema = DFSchema::try_from(schema).unwrap();
        is_silent(&SessionContext::new().create_physical_expr(condition, &schema).unwrap())
    }

    #[test]
    fn comparisons_with_literals_are_silent() {
        assert!(silent(
            col("amount").gt(lit(5i64)).and(
                col("kind")
                    .not_eq(lit(ScalarValue::from("card").cast_to(&DataType::Utf8View).unwrap()))
                    .or(col("kind").is_null())
            )
        ));
        assert!(silent(col("amount").in_list(vec![lit(1i64), lit(2i64)], true)));
    }

    #[test]
    fn what_can_fail_or_computes_is_not() {
        assert!(!silent((lit(1i64) / col("amount")).gt(lit(0i64))));
        assert!(!silent(cast(col("kind"), DataType::Int64).gt(lit(0i64))));
        assert!(!silent(col("amount").gt(lit(5i64)).and((lit(1i64) / col("amount")).gt(lit(0i64)))));
    }
}
