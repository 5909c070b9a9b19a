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

    use arrow::{
        array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray},
        util::pretty::pretty_format_batches,
    };
    use datafusion::{
        datasource::MemTable,
        execution::SessionStateBuilder,
        logical_expr::col,
        physical_optimizer::optimizer::PhysicalOptimizer,
        prelude::{SessionConfig, SessionContext},
    };

    use super::RunningWindows;

    /// Rows in order: customers of very different size, many times that are equal, values that are missing.
    fn rows() -> RecordBatch {
        let mut dice = 17u64;
        let mut roll = move |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((dice >> 33) % sides).unwrap()
        };
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

    /// A table in pieces of `piece` rows, asked with our operator or only with the engine's.
    fn context(piece: usize, ours: bool) -> SessionContext {
        let rows = rows();
        let pieces = (0..rows.num_rows()).step_by(piece).map(|at| rows.slice(at, piece.min(rows.num_rows() - at)));
        let order = vec![vec![col("customer").sort(true, false), col("ts").sort(true, false)]];
        let table = MemTable::try_new(rows.schema(), vec![pieces.collect()]).unwrap().with_sort_order(order);
        let mut rules = PhysicalOptimizer::new().rules;
        if ours {
            rules.push(Arc::new(RunningWindows));
        }
        let config = SessionConfig::new().with_target_partitions(1).with_batch_size(piece);
        let state = SessionStateBuilder::new().with_config(config).with_default_features();
        let context = SessionContext::new_with_state(state.with_physical_optimizer_rules(rules).build());
        context.register_table("t", Arc::new(table)).unwrap();
        context
    }

    async fn plan(context: &SessionContext, sql: &str) -> String {
        let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
        datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string()
    }

    async fn answer(context: &SessionContext, sql: &str) -> String {
        let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
        pretty_format_batches(&batches).unwrap().to_string()
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
