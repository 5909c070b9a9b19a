//! Conditions of a query in terms of stored rows.
//!
//! What a scan is given is looked at before the rules of the session have spoken: at rows that it may not see, and at times in the zone that
//! they are stored in.

use arrow::datatypes::{DataType, Schema};
use datafusion::{
    common::{
        Column, ScalarValue,
        tree_node::{Transformed, TreeNode as _},
    },
    logical_expr::{BinaryExpr, Expr, Operator, expr::InList},
};

use super::predicate::compares;

/// A filter of a query over one table alone, in terms of its columns.
pub(super) fn unqualified(filter: Expr) -> Expr {
    rewritten(filter, |e| match e {
        Expr::Column(Column { name, relation: Some(_), .. }) => Transformed::yes(Expr::Column(name.into())),
        other => Transformed::no(other),
    })
}

/// The same with its moments in the zone of stored ones: a moment is the same in any.
pub(super) fn in_stored_zone(condition: Expr) -> Expr {
    rewritten(condition, |e| match e {
        Expr::Literal(ScalarValue::TimestampMicrosecond(at, Some(_)), metadata) => {
            let at = ScalarValue::TimestampMicrosecond(at, Some("UTC".into()));
            Transformed::yes(Expr::Literal(at, metadata))
        }
        other => Transformed::no(other),
    })
}

fn rewritten(condition: Expr, to: impl Fn(Expr) -> Transformed<Expr>) -> Expr {
    condition.clone().transform(|e| Ok(to(e))).map_or(condition, |t| t.data)
}

/// Whether a condition only compares columns with values of their type: to look at a row for it can neither fail nor show, and does not
/// depend on the zone of times.
pub(super) fn is_plain(condition: &Expr, stored: &Schema) -> bool {
    let of_one_type = |some: &[&Expr]| {
        let mut types = some.iter().map(|e| type_of(e, stored));
        let first = types.next().flatten();
        first.is_some() && types.all(|t| t == first)
    };
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And | Operator::Or, right }) => {
            is_plain(left, stored) && is_plain(right, stored)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => compares(*op) && of_one_type(&[left, right]),
        Expr::InList(InList { expr, list, .. }) => {
            let all: Vec<&Expr> = [&**expr].into_iter().chain(list).collect();
            of_one_type(&all)
        }
        Expr::Between(between) => of_one_type(&[&between.expr, &between.low, &between.high]),
        Expr::IsNull(of) | Expr::IsNotNull(of) => matches!(&**of, Expr::Column(_)),
        Expr::Not(of) => is_plain(of, stored),
        _ => false,
    }
}

/// Of columns and values.
fn type_of(e: &Expr, stored: &Schema) -> Option<DataType> {
    match e {
        Expr::Column(column) => Some(stored.field_with_name(&column.name).ok()?.data_type().clone()),
        Expr::Literal(value, _) => Some(value.data_type()),
        _ => None,
    }
}

/// Whether a condition looks at a moment.
pub(super) fn is_about_times(condition: &Expr, stored: &Schema) -> bool {
    let timed = |c: &&Column| {
        stored.field_with_name(&c.name).is_ok_and(|field| matches!(field.data_type(), DataType::Timestamp(_, _)))
    };
    condition.column_refs().iter().any(timed)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{Field, TimeUnit};
    use datafusion::logical_expr::{cast, col, lit};

    use super::*;

    fn stored() -> Schema {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Schema::new(vec![
            Field::new("amount", DataType::Int64, true),
            Field::new("kind", DataType::Utf8View, true),
            Field::new("ts", time, false),
        ])
    }

    fn moment(zone: &str) -> Expr {
        lit(ScalarValue::TimestampMicrosecond(Some(5), Some(zone.into())))
    }

    #[test]
    fn comparisons_with_values_are_plain() {
        let some = ScalarValue::Utf8View(Some("card".to_owned()));
        let kind = col("kind").eq(lit(some)).or(col("kind").is_null());
        assert!(is_plain(&col("amount").gt(lit(5i64)).and(kind), &stored()));
        assert!(is_plain(&col("amount").in_list(vec![lit(1i64), lit(2i64)], true), &stored()));
        assert!(is_plain(&col("amount").between(lit(1i64), lit(2i64)), &stored()));
        assert!(is_plain(&in_stored_zone(col("ts").gt(moment("Asia/Shanghai"))), &stored()));
    }

    #[test]
    fn what_can_fail_or_goes_by_a_zone_is_not() {
        assert!(!is_plain(&(lit(1i64) / col("amount")).gt(lit(0i64)), &stored()));
        assert!(!is_plain(&cast(col("kind"), DataType::Int64).gt(lit(0i64)), &stored()));
        assert!(!is_plain(&col("kind").gt(lit(0i64)), &stored()), "would be cast");
        let day = cast(col("ts"), DataType::Date32).eq(lit(ScalarValue::Date32(Some(1))));
        assert!(!is_plain(&day, &stored()) && is_about_times(&day, &stored()));
        assert!(!is_plain(&col("ts").gt(moment("Asia/Shanghai")), &stored()));
        assert!(!is_about_times(&col("amount").gt(lit(5i64)), &stored()));
    }
}
