//! Tells the planner where buckets make a shuffle superfluous.
//!
//! All rows of one customer lie in one partition of a scan, so grouping by customer, or a window over each customer's
//! rows, needs no repartitioning and (the rows being in order) no sort. The engine can use that when the scan declares
//! hash partitioning. But it takes any two hash partitionings over equally many partitions to agree, and ours uses a
//! hash function of our own: in a join with something that the engine partitioned itself, rows would miss each other.
//! So the declaration is made only where every node above the scan has one input.

use std::sync::Arc;

use datafusion::{
    common::Result, config::ConfigOptions, physical_optimizer::PhysicalOptimizerRule, physical_plan::ExecutionPlan,
};

use super::exec::LakeScanExec;

/// Declares buckets on scans that nothing is joined with. Runs before the engine decides where to repartition and sort.
#[derive(Debug)]
pub(crate) struct DeclareBuckets;

impl PhysicalOptimizerRule for DeclareBuckets {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        declare(plan)
    }

    fn name(&self) -> &'static str {
        "declare_buckets"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn declare(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    if let Some(scan) = plan.downcast_ref::<LakeScanExec>() {
        return Ok(match scan.declaring_buckets()? {
            Some(declaring) => Arc::new(declaring),
            None => plan,
        });
    }
    let children = plan.children();
    let [child] = children.as_slice() else { return Ok(plan) };
    let child = declare(Arc::clone(child))?;
    plan.replace_children(vec![child], recompute())
}

fn recompute() -> datafusion::physical_plan::ReplaceChildrenOptions {
    use datafusion::physical_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions};
    ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute)
}
