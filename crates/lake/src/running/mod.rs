//! Windows that run along a customer's history: totals, counts, extremes, numbers and ranks of all rows so far.
//!
//! `sum(amount) over (partition by customer_id order by ts)` needs one pass over rows that already lie in that order. The
//! engine's own operator collects each customer's rows and asks an accumulator about every single one, some nine hundred
//! nanoseconds a row. [`exec::RunningWindowExec`] walks along whole columns instead. [`rule::RunningWindows`] puts it in the
//! engine's place wherever all windows of a node are of this kind, and the engine keeps the rest.

mod exec;
mod function;
mod rows;
mod rule;

pub(crate) use rule::RunningWindows;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
    use datafusion::prelude::SessionContext;

    use super::RunningWindows;
    use crate::beside_the_engine::{self, Rule, answer, dice, plan};

    /// Rows in order: customers of very different size, many times that are equal, values that are missing.
    fn rows() -> RecordBatch {
        let mut roll = dice();
        let mut keys: Vec<(Option<i64>, i64)> =
            (0..700).map(|_| (Some(roll(40)).filter(|c| *c > 2), roll(9))).collect();
        keys.extend((0..300).map(|_| (Some(77), 5)));
        keys.sort_by_key(|(customer, ts)| (customer.is_none(), *customer, *ts));
        let known = |value: i64| Some(value).filter(|v| v % 5 != 0);
        let values: Vec<Option<i64>> = keys.iter().map(|_| known(roll(1000) - 500)).collect();
        let column = |array: ArrayRef| array;
        RecordBatch::try_from_iter_with_nullable([
            ("customer", column(Arc::new(keys.iter().map(|k| k.0).collect::<Int64Array>())), true),
            ("ts", column(Arc::new(keys.iter().map(|k| Some(k.1)).collect::<TimestampMicrosecondArray>())), true),
            ("n", column(Arc::new(values.iter().copied().collect::<Int64Array>())), true),
            ("x", column(Arc::new(values.iter().map(|v| v.map(|v| v as f64)).collect::<Float64Array>())), true),
            ("amount", column(Arc::new(values.iter().map(|v| v.map(i128::from)).collect::<Decimal128Array>())), true),
        ])
        .unwrap()
    }

    fn context(piece: usize, ours: bool) -> SessionContext {
        beside_the_engine::context(&rows(), piece, ours.then(|| Arc::new(RunningWindows) as Rule))
    }

    const RANGE: &str = "(partition by customer order by ts)";
    const ROWS: &str = "(partition by customer order by ts rows between unbounded preceding and current row)";
    const EVERYONE: &str = "(order by customer, ts)";

    #[tokio::test]
    async fn answers_are_those_of_the_engine_wherever_batches_end() {
        let functions = [
            "sum(amount)",
            "sum(n)",
            "sum(x)",
            "count(*)",
            "count(n)",
            "min(n)",
            "max(amount)",
            "min(ts)",
            "sum(case when n > 0 then n end)",
        ];
        for window in [RANGE, ROWS, EVERYONE] {
            let columns: Vec<String> = functions.iter().map(|f| format!("{f} over {window}")).collect();
            let sql = format!("select customer, ts, n, {} from t", columns.join(", "));
            let expected = answer(&context(64, false), &sql).await;
            for piece in [1, 3, 64, 1000] {
                let ours = context(piece, true);
                assert!(plan(&ours, &sql).await.contains("RunningWindowExec"), "{sql}");
                assert_eq!(answer(&ours, &sql).await, expected, "{sql} in pieces of {piece}");
            }
        }
    }

    #[tokio::test]
    async fn rows_are_numbered() {
        let sql = format!("select customer, ts, row_number() over {RANGE} from t");
        assert!(plan(&context(3, true), &sql).await.contains("RunningWindowExec"));
        assert_eq!(answer(&context(3, true), &sql).await, answer(&context(64, false), &sql).await);
    }

    #[tokio::test]
    async fn rows_are_ranked_wherever_batches_end() {
        for window in [RANGE, EVERYONE] {
            let sql = format!("select customer, ts, rank() over {window}, count(*) over {window} from t");
            let expected = answer(&context(64, false), &sql).await;
            for piece in [1, 3, 64, 1000] {
                let ours = context(piece, true);
                assert!(plan(&ours, &sql).await.contains("RunningWindowExec"), "{sql}");
                assert_eq!(answer(&ours, &sql).await, expected, "{sql} in pieces of {piece}");
            }
        }
    }

    #[tokio::test]
    async fn other_windows_are_left_to_the_engine() {
        let ours = context(64, true);
        for window in [
            format!("sum(n) filter (where n > 0) over {RANGE}"),
            format!("count(distinct n) over {RANGE}"),
            format!("avg(n) over {RANGE}"),
            "sum(n) over (partition by customer order by ts rows between 3 preceding and current row)".to_owned(),
            "sum(n) over (partition by customer)".to_owned(),
        ] {
            let sql = format!("select customer, ts, n, {window} from t");
            let plan = plan(&ours, &sql).await;
            assert!(!plan.contains("RunningWindowExec"), "{plan}");
            answer(&ours, &sql).await;
        }
    }
}
