//! Where running windows take the engine's place.

use std::sync::Arc;

use datafusion::{
    common::{
        Result,
        config::ConfigOptions,
        tree_node::{Transformed, TreeNode as _},
    },
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{ExecutionPlan, InputOrderMode, windows::BoundedWindowAggExec},
};

use super::{exec::RunningWindowExec, function::Running};

/// Replaces the engine's operator where rows come in order and every window is a running one. Runs after the engine has
/// seen to order and partitioning.
#[derive(Debug)]
pub(crate) struct RunningWindows;

impl PhysicalOptimizerRule for RunningWindows {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = plan.transform_up(|node| {
            Ok(match replacement(&node) {
                Some(running) => Transformed::yes(running),
                None => Transformed::no(node),
            })
        })?;
        Ok(replaced.data)
    }

    fn name(&self) -> &'static str {
        "running_windows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn replacement(node: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let engine = node.downcast_ref::<BoundedWindowAggExec>()?;
    let windows = engine.window_expr();
    let first = windows.first()?;
    let alike = windows.iter().all(|w| {
        let same_partitions = w.partition_by() == first.partition_by();
        same_partitions && (w.order_by() == first.order_by())
    });
    if engine.input_order_mode != InputOrderMode::Sorted || !alike || engine.state_observer().is_some() {
        return None;
    }
    let columns = windows.iter().map(|w| Running::of(w.as_ref())).collect::<Option<Vec<_>>>()?;
    Some(Arc::new(RunningWindowExec::new(engine.clone(), columns)))
}
