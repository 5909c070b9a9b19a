//! The plan's node: a batch of groups for each segment of the projection.

use std::{fmt, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::{Result, internal_err, tree_node::TreeNodeRecursion},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, SessionState, TaskContext},
    logical_expr::{Aggregate, TableScan},
    physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};

use super::{
    super::{manifest::Manifest, segment::SegmentFile},
    fold::{Folding, Ways},
    groups::NarrowGroupsExec,
    question::{Shape, Values, governed},
};
use crate::read::{CustomerSet, GovernedTable};

/// Whether a plan reads nothing but narrow projections.
pub(crate) fn is_narrow(plan: &dyn ExecutionPlan) -> bool {
    let inputs = plan.children();
    match inputs.is_empty() {
        true => {
            plan.is::<NarrowAggregateExec>()
                || plan.downcast_ref::<NarrowGroupsExec>().is_some_and(NarrowGroupsExec::is_whole)
        }
        false => inputs.into_iter().all(|input| is_narrow(input.as_ref())),
    }
}

/// Values per customer from a narrow projection.
#[derive(Debug)]
pub(super) struct NarrowAggregateExec {
    table: String,
    manifest: Arc<Manifest>,
    files: Vec<SegmentFile>,
    values: Arc<Values>,
    ways: Arc<Ways>,
    customers: Option<Arc<CustomerSet>>,
    properties: Arc<PlanProperties>,
}

impl NarrowAggregateExec {
    /// `None` when the engine is to answer.
    pub(super) async fn of(aggregate: &Aggregate, state: &SessionState) -> Option<Self> {
        let manifest = |scan: &TableScan| governed(scan)?.downcast_ref::<GovernedTable>()?.narrow().cloned();
        let shape = Shape::of(aggregate, manifest)?;
        let provider = governed(shape.scan)?;
        let table = provider.downcast_ref::<GovernedTable>()?;
        let manifest = Arc::clone(table.narrow()?);
        if shape.measures(&manifest).any(|name| table.masked().contains(name)) {
            return None;
        }
        let values = Arc::new(shape.values(aggregate, table, &manifest, state).await.ok()??);
        let files = manifest.open(table.table())?;
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&values.schema)),
            Partitioning::UnknownPartitioning(files.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Some(Self {
            table: table.table().def().name.clone(),
            ways: Arc::new(Ways::of(&values, &manifest)),
            manifest,
            files,
            values,
            customers: table.customers().cloned(),
            properties: Arc::new(properties),
        })
    }

    fn batches(&self, partition: usize) -> Result<SendableRecordBatchStream> {
        let (Some(part), Some(file)) = (self.manifest.parts.get(partition), self.files.get(partition)) else {
            return internal_err!("a projection has no part {partition}");
        };
        let (values, ways) = (Arc::clone(&self.values), Arc::clone(&self.ways));
        let folding = Folding::new(file.clone(), values, ways, self.customers.clone());
        let segments = part.segments.clone().into_iter();
        let batches = futures::stream::unfold((segments, folding), |(mut segments, mut folding)| async {
            let segment = segments.next()?;
            let batch = folding.segment(&segment).map_err(|e| DataFusionError::External(Box::new(e)));
            // Others are to have their turn: nothing else here waits.
            tokio::task::yield_now().await;
            Some((batch, (segments, folding)))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.values.schema), batches)))
    }
}

impl DisplayAs for NarrowAggregateExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let consent = if self.customers.is_some() { ", consent" } else { "" };
        write!(f, "NarrowAggregateExec: table={}, {}{consent}", self.table, self.ways)
    }
}

impl ExecutionPlan for NarrowAggregateExec {
    fn name(&self) -> &'static str {
        "NarrowAggregateExec"
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.values.schema)
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.batches(partition)
    }
}
