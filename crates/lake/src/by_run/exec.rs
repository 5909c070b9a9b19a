//! The operator: sorted rows go in, one row a group comes out.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use datafusion::{
    common::{Result, internal_err, tree_node::TreeNodeRecursion},
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    physical_expr::{LexRequirement, OrderingRequirements, PhysicalExpr, PhysicalSortRequirement, expressions::Column},
    physical_plan::{
        DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, InputDistributionRequirements, PlanProperties,
        ReplaceChildrenOptions,
        aggregates::{AggregateExec, AggregateMode},
    },
};
use futures::Stream;

use super::{
    stages::{Measure, Stage},
    walk::Walk,
};

/// Aggregates rows that are sorted by one number, each group in one partition. To the planner it is the engine's operator, whose
/// place it takes together with the projections below it.
#[derive(Debug, Clone)]
pub(super) struct ByRunExec {
    input: Arc<dyn ExecutionPlan>,
    key: usize,
    measures: Arc<[Measure]>,
    root: Arc<Stage>,
    /// Whether there is one partition only.
    single: bool,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl ByRunExec {
    pub(super) fn new(
        engine: &AggregateExec,
        input: Arc<dyn ExecutionPlan>,
        key: usize,
        measures: Vec<Measure>,
        root: Stage,
    ) -> Self {
        Self {
            input,
            key,
            measures: measures.into(),
            root: Arc::new(root),
            single: *engine.mode() == AggregateMode::Single,
            schema: engine.schema(),
            properties: Arc::clone(engine.properties()),
        }
    }

    fn key_column(&self) -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new(self.input.schema().field(self.key).name(), self.key))
    }
}

impl DisplayAs for ByRunExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.measures.iter().map(|m| m.aggregate.name()).collect();
        write!(f, "ByRunExec: by={}, aggr=[{}]", self.key_column(), names.join(", "))
    }
}

impl ExecutionPlan for ByRunExec {
    fn name(&self) -> &'static str {
        "ByRunExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for argument in self.measures.iter().flat_map(|measure| &measure.arguments) {
            if visit(argument)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    /// In which direction does not matter, only that groups come together.
    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let by_key = LexRequirement::new([PhysicalSortRequirement::new(self.key_column(), None)]);
        vec![by_key.map(OrderingRequirements::new)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let wanted = match self.single {
            true => Distribution::SinglePartition,
            false => Distribution::KeyPartitioned(vec![self.key_column()]),
        };
        InputDistributionRequirements::new(vec![wanted])
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
            Some(input) => Ok(Arc::new(Self { input, ..Self::clone(&self) })),
            None => internal_err!("an aggregate by run has one input"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::ChildrenPropertiesMode;
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let walk = Walk::new(self.key, &self.root, &self.measures, &self.input.schema())?;
        Ok(Box::pin(ByRunStream {
            input: self.input.execute(partition, Arc::clone(&context))?,
            schema: Arc::clone(&self.schema),
            walk,
            rows: context.session_config().batch_size(),
            done: false,
        }))
    }
}

struct ByRunStream {
    input: SendableRecordBatchStream,
    schema: SchemaRef,
    walk: Walk,
    /// Groups that are held before they are told.
    rows: usize,
    done: bool,
}

impl ByRunStream {
    /// The groups that are ready, once they are enough for a batch.
    fn ready(&mut self) -> Result<Option<RecordBatch>> {
        let closed = match self.done {
            true => self.walk.groups(),
            false => self.walk.groups().saturating_sub(1),
        };
        if closed == 0 || (closed < self.rows && !self.done) {
            return Ok(None);
        }
        Ok(Some(RecordBatch::try_new(Arc::clone(&self.schema), self.walk.take(closed)?)?))
    }
}

impl Stream for ByRunStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.done {
            let pushed = match ready!(Pin::new(&mut self.input).poll_next(context)) {
                Some(Ok(rows)) => self.walk.push(&rows),
                Some(Err(error)) => Err(error),
                None => {
                    self.done = true;
                    Ok(())
                }
            };
            let ready = pushed.and_then(|()| self.ready());
            self.done |= ready.is_err();
            if let Some(batch) = ready.transpose() {
                return Poll::Ready(Some(batch));
            }
        }
        Poll::Ready(None)
    }
}

impl RecordBatchStream for ByRunStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
