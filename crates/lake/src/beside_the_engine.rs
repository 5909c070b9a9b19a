//! For tests: the same rows asked with an operator of ours and only with the engine's.

use std::sync::Arc;

use arrow::{array::RecordBatch, util::pretty::pretty_format_batches};
use datafusion::{
    datasource::MemTable,
    execution::SessionStateBuilder,
    logical_expr::col,
    physical_optimizer::{PhysicalOptimizerRule, optimizer::PhysicalOptimizer},
    prelude::{SessionConfig, SessionContext},
};

/// A rule that puts an operator of ours in the engine's place.
pub(crate) type Rule = Arc<dyn PhysicalOptimizerRule + Send + Sync>;

/// Throws dice, always the same.
pub(crate) fn dice() -> impl FnMut(u64) -> i64 {
    let mut dice = 17u64;
    move |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((dice >> 33) % sides).unwrap()
    }
}

/// A session with a table `t`: rows that are sorted by `customer` and `ts`, in pieces of `piece` rows.
pub(crate) fn context(rows: &RecordBatch, piece: usize, ours: Option<Rule>) -> SessionContext {
    let pieces = (0..rows.num_rows()).step_by(piece).map(|at| rows.slice(at, piece.min(rows.num_rows() - at)));
    let order = vec![vec![col("customer").sort(true, false), col("ts").sort(true, false)]];
    let table = MemTable::try_new(rows.schema(), vec![pieces.collect()]).unwrap().with_sort_order(order);
    let mut rules = PhysicalOptimizer::new().rules;
    rules.extend(ours);
    let config = SessionConfig::new().with_target_partitions(1).with_batch_size(piece);
    let state = SessionStateBuilder::new().with_config(config).with_default_features();
    let context = SessionContext::new_with_state(state.with_physical_optimizer_rules(rules).build());
    context.register_table("t", Arc::new(table)).unwrap();
    context
}

/// The physical plan of a question.
pub(crate) async fn plan(context: &SessionContext, sql: &str) -> String {
    let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string()
}

/// The answer as people read it.
pub(crate) async fn answer(context: &SessionContext, sql: &str) -> String {
    let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}
