//! Where the engine plans: aggregates that a projection answers are taken out of its hands.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use async_trait::async_trait;
use datafusion::{
    catalog::Session as EngineSession,
    common::{
        DFSchemaRef, Result,
        tree_node::{Transformed, TreeNode as _, TreeNodeRecursion},
    },
    execution::{SessionState, context::QueryPlanner},
    logical_expr::{
        Aggregate, Expr, Extension, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore,
        physical_planning_context::PhysicalPlanningContext,
    },
    physical_plan::ExecutionPlan,
    physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner},
};

use super::{exec::NarrowAggregateExec, groups::NarrowGroupsExec};

/// The engine's planner, after aggregates that a projection answers were found.
#[derive(Debug)]
pub(crate) struct Aggregates;

#[async_trait]
impl QueryPlanner for Aggregates {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn EngineSession,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Taken)]);
        match taken_over(plan, session).await? {
            Some(plan) => planner.create_physical_plan(&plan, session).await,
            None => planner.create_physical_plan(plan, session).await,
        }
    }
}

/// The plan with aggregates taken over; `None` when there is none.
async fn taken_over(plan: &LogicalPlan, session: &dyn EngineSession) -> Result<Option<LogicalPlan>> {
    let Some(state) = session.as_any().downcast_ref::<SessionState>() else { return Ok(None) };
    let mut found: Vec<Aggregate> = Vec::new();
    plan.apply(|node| {
        if let LogicalPlan::Aggregate(aggregate) = node {
            found.push(aggregate.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let mut taken: Vec<(Aggregate, Arc<dyn ExecutionPlan>)> = Vec::new();
    for aggregate in found {
        if let Some(exec) = NarrowAggregateExec::of(&aggregate, state).await {
            taken.push((aggregate, Arc::new(exec)));
        } else if let Some(exec) = NarrowGroupsExec::of(&aggregate, state).await {
            taken.push((aggregate, Arc::new(exec)));
        }
    }
    if taken.is_empty() {
        return Ok(None);
    }
    let plan = plan.clone().transform_down(|node| {
        let LogicalPlan::Aggregate(aggregate) = &node else { return Ok(Transformed::no(node)) };
        let Some((_, exec)) = taken.iter().find(|(original, _)| original == aggregate) else {
            return Ok(Transformed::no(node));
        };
        let node = TakenOver { schema: Arc::clone(&aggregate.schema), exec: Arc::clone(exec) };
        // What is below it is taken over with it.
        let node = LogicalPlan::Extension(Extension { node: Arc::new(node) });
        Ok(Transformed::new(node, true, TreeNodeRecursion::Jump))
    })?;
    Ok(Some(plan.data))
}

/// An aggregate that a projection answers, in the engine's plan.
#[derive(Debug, Clone)]
struct TakenOver {
    schema: DFSchemaRef,
    exec: Arc<dyn ExecutionPlan>,
}

impl PartialEq for TakenOver {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.exec, &other.exec)
    }
}

impl Eq for TakenOver {}

impl PartialOrd for TakenOver {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl Hash for TakenOver {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.schema.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for TakenOver {
    fn name(&self) -> &'static str {
        "NarrowAggregate"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        Vec::new()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NarrowAggregate")
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, _: Vec<LogicalPlan>) -> Result<Self> {
        Ok(self.clone())
    }
}

/// Hands on what was planned already.
struct Taken;

#[async_trait]
impl ExtensionPlanner for Taken {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        _: &[Arc<dyn ExecutionPlan>],
        _: &dyn EngineSession,
        _: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        Ok(node.as_any().downcast_ref::<TakenOver>().map(|node| Arc::clone(&node.exec)))
    }
}
