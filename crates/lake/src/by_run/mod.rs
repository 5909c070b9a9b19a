//! Aggregates of sorted rows: what is known of each customer, from one pass over runs.
//!
//! `select customer_id, count(*) filter (where …), sum(amount) … group by customer_id` needs no hash table where each customer's rows
//! lie together. The engine's own operator knows that they do, and still looks up the group of every row, evaluates every
//! condition and every argument for all rows, and asks sixty accumulators row by row. [`exec::ByRunExec`] finds where runs end once a
//! batch; goes down a tree of conditions ([`stages`]), at each of which only the rows that are left are looked at; and folds
//! slices ([`fold`]). What it has no loop of its own for, it hands to the engine's accumulators, with the groups it found.
//! [`rule::AggregatesByRun`] puts it in the engine's place wherever rows are grouped by one whole number that they are sorted by.

mod distinct;
mod exec;
mod fold;
mod groups;
mod rule;
mod stages;
mod walk;

pub(crate) use rule::AggregatesByRun;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{
            ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringViewArray,
            TimestampMicrosecondArray,
        },
        util::pretty::pretty_format_batches,
    };
    use datafusion::{
        datasource::MemTable,
        execution::SessionStateBuilder,
        logical_expr::col,
        physical_optimizer::optimizer::PhysicalOptimizer,
        prelude::{SessionConfig, SessionContext},
    };

    use super::AggregatesByRun;

    const NAMES: [&str; 4] =
        ["login", "view", "a name that is too long for a view", "another that is too long as well"];

    /// Rows in order: customers of very different size, some whom nobody knows, values that are missing.
    fn rows() -> RecordBatch {
        let mut dice = 17u64;
        let mut roll = move |sides: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((dice >> 33) % sides).unwrap()
        };
        let mut keys: Vec<(Option<i64>, i64)> =
            (0..900).map(|_| (Some(roll(60)).filter(|c| *c > 2), roll(90))).collect();
        keys.extend((0..300).map(|at| (Some(77), at / 2)));
        keys.sort_by_key(|(customer, ts)| (customer.is_none(), *customer, *ts));
        let values: Vec<Option<i64>> = keys.iter().map(|_| Some(roll(1000) - 500).filter(|v| v % 5 != 0)).collect();
        let names: Vec<Option<&str>> = keys.iter().map(|_| NAMES.get(roll(5) as usize).copied()).collect();
        let column = |array: ArrayRef| array;
        let times = TimestampMicrosecondArray::from_iter_values(keys.iter().map(|k| k.1 * 43_200_000_000));
        let money = values.iter().copied().map(|v| v.map(i128::from)).collect::<Decimal128Array>();
        RecordBatch::try_from_iter_with_nullable([
            ("customer", column(Arc::new(keys.iter().map(|k| k.0).collect::<Int64Array>())), true),
            ("ts", column(Arc::new(times.with_timezone("UTC"))), true),
            ("n", column(Arc::new(values.iter().copied().collect::<Int64Array>())), true),
            ("x", column(Arc::new(values.iter().map(|v| v.map(|v| v as f64 / 7.0)).collect::<Float64Array>())), true),
            ("amount", column(Arc::new(money.with_precision_and_scale(18, 4).unwrap())), true),
            ("name", column(Arc::new(names.into_iter().collect::<StringViewArray>())), true),
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
            rules.push(Arc::new(AggregatesByRun));
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

    async fn is_the_engines(sql: &str) {
        let expected = answer(&context(64, false), sql).await;
        for piece in [1, 3, 64, 2000] {
            let ours = context(piece, true);
            assert!(plan(&ours, sql).await.contains("ByRunExec"), "{sql}");
            assert_eq!(answer(&ours, sql).await, expected, "{sql} in pieces of {piece}");
        }
    }

    const AGGREGATES: [&str; 22] = [
        "count(*)",
        "count(n)",
        "sum(n)",
        "sum(x)",
        "sum(amount)",
        "avg(x)",
        "avg(n)",
        "avg(amount)",
        "min(n)",
        "max(amount)",
        "max(ts)",
        "min(name)",
        "max(x)",
        "count(distinct n)",
        "count(distinct name)",
        "count(distinct date_trunc('day', ts))",
        "sum(distinct n)",
        "stddev_samp(x)",
        "median(n)",
        "corr(n, x)",
        "coalesce(sum(n), 0) / count(*)",
        "bool_or(n > 400)",
    ];

    #[tokio::test]
    async fn answers_are_those_of_the_engine_wherever_batches_end() {
        for aggregate in AGGREGATES {
            is_the_engines(&format!("select customer, {aggregate} as v from t group by customer order by customer"))
                .await;
        }
    }

    #[tokio::test]
    async fn each_aggregate_has_its_own_condition() {
        let day = |days: i64| format!("ts > timestamp '1970-02-14 00:00:00Z' - interval '{days} days'");
        let conditions = [
            day(3),
            day(30),
            format!("name = 'login' and {}", day(30)),
            format!("{} and name = 'login' and n > 0", day(10)),
            "name = 'login'".to_owned(),
            "n <> 0 and 100 / n > 3".to_owned(),
            "name is null or x > 10".to_owned(),
            "n > 100000".to_owned(),
        ];
        let columns: Vec<String> = conditions
            .iter()
            .enumerate()
            .flat_map(|(c, condition)| {
                let column =
                    move |(a, aggregate): (usize, &&str)| format!("{aggregate} filter (where {condition}) as v{c}_{a}");
                AGGREGATES.iter().filter(|a| !a.contains('/')).enumerate().map(column)
            })
            .collect();
        is_the_engines(&format!("select customer, {} from t group by customer order by customer", columns.join(", ")))
            .await;
    }

    #[tokio::test]
    async fn conditions_may_be_columns_of_an_inner_question() {
        let inner = "select *, name = 'login' as is_login, cast(n as double) * 2 as twice from t where n is not null";
        is_the_engines(&format!(
            "select customer, count(*) filter (where is_login), sum(twice) filter (where is_login), max(twice) \
             from ({inner}) group by customer order by customer"
        ))
        .await;
    }

    #[tokio::test]
    async fn other_groups_are_left_to_the_engine() {
        let ours = context(64, true);
        for sql in [
            "select n, count(*) from t group by n",
            "select customer, ts, count(*) from t group by customer, ts",
            "select count(*) from t",
            "select customer, first_value(n order by x) from t group by customer",
            "select customer % 3, count(*) from t group by customer % 3",
        ] {
            let plan = plan(&ours, sql).await;
            assert!(!plan.contains("ByRunExec"), "{plan}");
            answer(&ours, sql).await;
        }
    }

    #[tokio::test]
    async fn nothing_comes_of_nothing() {
        is_the_engines("select customer, count(*) from t where n > 100000 group by customer order by customer").await;
    }
}
