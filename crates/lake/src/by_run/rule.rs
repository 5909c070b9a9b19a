//! Where aggregates by run take the engine's place.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::{
    common::{
        Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode as _},
    },
    physical_expr::{PhysicalExpr, expressions::Column, projection::update_expr},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan, InputOrderMode,
        aggregates::{AggregateExec, AggregateMode},
        projection::ProjectionExec,
    },
};

use super::{
    exec::ByRunExec,
    stages::{Measure, stages},
};

/// Replaces the engine's operator where rows are grouped by one number that they are sorted by. Runs after the engine has seen to
/// order and partitioning.
#[derive(Debug)]
pub(crate) struct AggregatesByRun;

impl PhysicalOptimizerRule for AggregatesByRun {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = plan.transform_up(|node| {
            Ok(match replacement(&node)? {
                Some(by_run) => Transformed::yes(by_run),
                None => Transformed::no(node),
            })
        })?;
        Ok(replaced.data)
    }

    fn name(&self) -> &'static str {
        "aggregates_by_run"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn replacement(node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(engine) = node.downcast_ref::<AggregateExec>().filter(|engine| is_by_run(engine)) else {
        return Ok(None);
    };
    let Some(asked) = Asked::of(engine)?.inlined()? else { return Ok(None) };
    let Some(key) = asked.key.downcast_ref::<Column>().map(Column::index) else { return Ok(None) };
    if asked.input.schema().field(key).data_type() != &DataType::Int64 {
        return Ok(None);
    }
    let root = stages(&asked.filters, &asked.measures);
    Ok(Some(Arc::new(ByRunExec::new(engine, asked.input, key, asked.measures, root))))
}

/// Whether one pass over sorted rows, each group in one partition, gives the whole answer.
fn is_by_run(engine: &AggregateExec) -> bool {
    let by = engine.group_expr();
    let whole = matches!(engine.mode(), AggregateMode::Single | AggregateMode::SinglePartitioned);
    let in_order = *engine.input_order_mode() == InputOrderMode::Sorted && by.is_single() && by.expr().len() == 1;
    whole
        && engine.limit_options().is_none()
        && in_order
        && engine.aggr_expr().iter().all(|a| a.order_bys().is_empty() && !a.is_reversed())
}

/// What an aggregate asks of its input.
struct Asked {
    input: Arc<dyn ExecutionPlan>,
    key: Arc<dyn PhysicalExpr>,
    measures: Vec<Measure>,
    filters: Vec<Option<Arc<dyn PhysicalExpr>>>,
}

impl Asked {
    fn of(engine: &AggregateExec) -> Result<Self> {
        let [(key, _)] = engine.group_expr().expr() else {
            return datafusion::common::internal_err!("an aggregate by run has one key");
        };
        let measures = engine.aggr_expr().iter().map(|a| Measure::new(Arc::clone(a), a.expressions())).collect();
        let (input, filters) = (Arc::clone(engine.input()), engine.filter_expr().to_vec());
        Ok(Self { input, key: Arc::clone(key), measures, filters })
    }

    /// The same of what is below projections: a condition that all aggregates share would else be looked at for every row, where
    /// it is wanted for those of a window only. `None` where an expression gives another value each time.
    fn inlined(mut self) -> Result<Option<Self>> {
        while let Some(projection) = self.input.downcast_ref::<ProjectionExec>() {
            let exprs = projection.expr();
            if exprs.iter().any(|e| datafusion::physical_expr_common::physical_expr::is_volatile(&e.expr)) {
                return Ok(None);
            }
            let below = |expr: &Arc<dyn PhysicalExpr>| update_expr(expr, exprs, true);
            let Some(key) = below(&self.key)? else { return Ok(None) };
            for measure in &mut self.measures {
                let arguments = measure.arguments.iter().map(below).collect::<Result<Option<Vec<_>>>>()?;
                let Some(arguments) = arguments else { return Ok(None) };
                measure.arguments = arguments;
            }
            for filter in self.filters.iter_mut().flatten() {
                let Some(inlined) = below(filter)? else { return Ok(None) };
                *filter = inlined;
            }
            let input = Arc::clone(projection.input());
            self = Self { input, key, ..self };
        }
        Ok(Some(self))
    }
}
