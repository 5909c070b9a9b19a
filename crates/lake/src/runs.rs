//! Rows of customers as runs: each customer's rows in one partition, in the order of time.
//!
//! Journeys, features and profiles are told from them, customer after customer, without a hash table. Where the rows of a table lie
//! so already the plan has neither a shuffle nor a sort; where not (fresh files, persons of several customers) the engine
//! makes it so.

use std::{fmt, sync::Arc};

use arrow::compute::SortOptions;
use datafusion::{
    common::{Result, internal_err, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, SessionState, SessionStateBuilder, TaskContext},
    logical_expr::LogicalPlan,
    physical_expr::{LexOrdering, OrderingRequirements, PhysicalExpr, PhysicalSortExpr, expressions::Column},
    physical_plan::{
        DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, InputDistributionRequirements, PlanProperties,
        ReplaceChildrenOptions,
    },
    physical_planner::DefaultPhysicalPlanner,
};

/// The first two columns of a question that is answered in runs.
const CUSTOMER: usize = 0;
const TIME: usize = 1;

/// Wants its input in runs, and passes it on.
#[derive(Debug)]
struct RunsExec {
    input: Arc<dyn ExecutionPlan>,
}

impl RunsExec {
    fn column(&self, index: usize) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(self.input.schema().field(index).name(), index))
    }
}

impl DisplayAs for RunsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunsExec")
    }
}

impl ExecutionPlan for RunsExec {
    fn name(&self) -> &'static str {
        "RunsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let options = SortOptions { descending: false, nulls_first: false };
        let by = [CUSTOMER, TIME].map(|index| PhysicalSortExpr::new(self.column(index), options));
        vec![LexOrdering::new(by).map(OrderingRequirements::from)]
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::KeyPartitioned(vec![self.column(CUSTOMER)])])
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match children.pop() {
            Some(input) => Ok(Arc::new(Self { input })),
            None => internal_err!("runs have one input"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::ChildrenPropertiesMode;
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }
}

/// The plan of a question whose first two columns are the customer and the time, with runs for partitions. The rules of the
/// session are applied once, above runs: some of them, such as those of joins, may not see a plan twice.
pub(crate) async fn in_runs(question: &LogicalPlan, state: &SessionState) -> Result<Arc<dyn ExecutionPlan>> {
    let unruled =
        SessionStateBuilder::new_from_existing(state.clone()).with_physical_optimizer_rules(Vec::new()).build();
    let input = unruled.create_physical_plan(question).await?;
    DefaultPhysicalPlanner::default().optimize_physical_plan(Arc::new(RunsExec { input }), state, |_, _| {})
}
