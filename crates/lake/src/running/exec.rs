//! The operator: rows in order go through, and the windows' columns are added to them.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use datafusion::{
    common::{Result, Statistics, internal_err, tree_node::TreeNodeRecursion},
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    physical_expr::{OrderingRequirements, PhysicalExpr},
    physical_plan::{
        ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
        ReplaceChildrenOptions, StatisticsArgs, execution_plan::CardinalityEffect, windows::BoundedWindowAggExec,
    },
};
use futures::Stream;

use super::{
    function::{Carried, Running},
    rows::{Complete, Cutter},
};

/// Computes running windows. To the planner it is the engine's operator, whose place it takes.
#[derive(Debug)]
pub(super) struct RunningWindowExec {
    engine: Arc<BoundedWindowAggExec>,
    columns: Vec<Running>,
}

impl RunningWindowExec {
    pub(super) fn new(engine: BoundedWindowAggExec, columns: Vec<Running>) -> Self {
        Self { engine: Arc::new(engine), columns }
    }

    fn cutter(&self) -> Cutter {
        let window = self.engine.window_expr().first();
        let partition_by = window.map(|w| w.partition_by().to_vec()).unwrap_or_default();
        let order_by = window.map(|w| w.order_by().iter().map(|o| Arc::clone(&o.expr)).collect()).unwrap_or_default();
        Cutter::new(partition_by, order_by, self.columns.iter().any(|c| c.counts_peers))
    }
}

impl DisplayAs for RunningWindowExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.engine.window_expr().iter().map(|w| w.name()).collect();
        write!(f, "RunningWindowExec: [{}]", names.join(", "))
    }
}

impl ExecutionPlan for RunningWindowExec {
    fn name(&self) -> &'static str {
        "RunningWindowExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.engine.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.engine.children()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.engine.apply_expressions(visit)
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        self.engine.required_input_ordering()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        self.engine.input_distribution_requirements()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let engine = Arc::clone(&self.engine).replace_children(children, options)?;
        match engine.downcast_ref::<BoundedWindowAggExec>() {
            Some(engine) => Ok(Arc::new(Self::new(engine.clone(), self.columns.clone()))),
            None => internal_err!("the engine's window became another operator"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::ChildrenPropertiesMode;
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        Ok(Box::pin(RunningStream {
            input: self.engine.input().execute(partition, context)?,
            schema: self.engine.schema(),
            carried: vec![Carried::default(); self.columns.len()],
            columns: self.columns.clone(),
            cutter: self.cutter(),
            done: false,
        }))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.engine.child_stats_requests(partition)
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        self.engine.statistics_from_inputs(inputs, args)
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::Equal
    }
}

struct RunningStream {
    input: SendableRecordBatchStream,
    schema: SchemaRef,
    columns: Vec<Running>,
    carried: Vec<Carried>,
    cutter: Cutter,
    done: bool,
}

impl RunningStream {
    fn with_columns(&mut self, complete: &Complete) -> Result<RecordBatch> {
        let mut columns = complete.rows.columns().to_vec();
        for (column, carried) in self.columns.iter().zip(&mut self.carried) {
            columns.push(column.along(&complete.rows, &complete.bounds, carried)?);
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

impl Stream for RunningStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(complete) = self.cutter.next() {
                return Poll::Ready(Some(self.with_columns(&complete)));
            }
            if self.done {
                return Poll::Ready(None);
            }
            let taken_in = match ready!(Pin::new(&mut self.input).poll_next(context)) {
                Some(Ok(rows)) => self.cutter.push(&rows),
                Some(Err(error)) => Err(error),
                None => {
                    self.done = true;
                    self.cutter.finish()
                }
            };
            if let Err(error) = taken_in {
                self.done = true;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl RecordBatchStream for RunningStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
