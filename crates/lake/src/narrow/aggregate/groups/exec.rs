//! The plan's node: all parts of the projection at once, the rows that it lacks beside them, and one batch of groups.

use std::{fmt, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::{Result, internal_err, runtime::SpawnedTask, tree_node::TreeNodeRecursion},
    datasource::provider_as_source,
    error::DataFusionError,
    execution::{SendableRecordBatchStream, SessionState, TaskContext},
    logical_expr::{Aggregate, LogicalPlanBuilder, TableScan, ident, utils::conjunction},
    physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions, collect,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};
use florin_domain::catalogue::{CUSTOMER_ID, TS};

use super::{
    super::{
        super::{
            manifest::{Manifest, Part},
            segment::{Scratch, SegmentFile},
        },
        question::governed,
    },
    fold::{Folding, Lacking, Sums},
    question::{Groups, Made, Shape},
};
use crate::{
    LakeError,
    read::{CustomerSet, GovernedTable},
};

/// Sums by kinds and times from a narrow projection, and from the rows that it lacks.
#[derive(Debug, Clone)]
pub(in super::super) struct NarrowGroupsExec {
    table: String,
    manifest: Arc<Manifest>,
    files: Vec<SegmentFile>,
    /// Of rows of nobody, where they are asked for.
    nobodys: Vec<SegmentFile>,
    groups: Arc<Groups>,
    values: Vec<Made>,
    /// The columns of numbers that are needed.
    measures: Vec<usize>,
    customers: Option<Arc<CustomerSet>>,
    lacking: Option<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl NarrowGroupsExec {
    /// `None` when the engine is to answer.
    pub(in super::super) async fn of(aggregate: &Aggregate, state: &SessionState) -> Option<Self> {
        let covering = |scan: &TableScan| governed(scan)?.downcast_ref::<GovernedTable>()?.narrow_but_for().cloned();
        let shape = Shape::of(aggregate, |scan| Some(covering(scan)?.manifest))?;
        let covering = covering(shape.scan)?;
        let manifest = Arc::clone(&covering.manifest);
        let provider = governed(shape.scan)?;
        let table = provider.downcast_ref::<GovernedTable>()?;
        let mut measures: Vec<usize> = shape.measures().collect();
        measures.sort_unstable();
        measures.dedup();
        let names: Vec<&String> = measures.iter().filter_map(|place| manifest.measures.get(*place)).collect();
        // A row without a time is in no projection.
        let timed = table.table().def().column(TS).is_some_and(|column| column.required);
        if !timed || names.iter().any(|name| table.masked().contains(*name)) {
            return None;
        }
        let asked = shape.asked(&manifest)?;
        let of_somebody = asked.of_somebody;
        let lacking = match covering.lacks.is_empty() {
            true => None,
            false => Some(lacking(&shape, covering.lacking(table)?, &names, state).await.ok()?),
        };
        let groups = shape.groups(asked, table, &manifest, state).await.ok()??;
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&shape.schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Some(Self {
            table: table.table().def().name.clone(),
            files: manifest.open(table.table())?,
            nobodys: if of_somebody { Vec::new() } else { manifest.open_nobodys(table.table())? },
            manifest,
            groups: Arc::new(groups),
            values: shape.values,
            measures,
            customers: table.customers().cloned(),
            lacking,
            properties: Arc::new(properties),
        })
    }

    /// Whether all is from the projection.
    pub(in super::super) fn is_whole(&self) -> bool {
        self.lacking.is_none()
    }

    async fn answer(self, context: Arc<TaskContext>) -> Result<arrow::array::RecordBatch> {
        let part = |(part, file): (&Part, &SegmentFile), nobodys: bool| {
            let folding = Folding {
                file: file.clone(),
                groups: Arc::clone(&self.groups),
                customers: self.customers.clone(),
                nobodys,
                measures: self.measures.clone(),
                scratch: Scratch::new(),
            };
            let sums = Sums::new(&self.values, self.groups.len());
            SpawnedTask::spawn(folded(folding, part.segments.clone(), sums))
        };
        let parts = self.manifest.parts.iter().zip(&self.files).map(|of| part(of, false));
        let nobodys = self.manifest.nobodys.iter().zip(&self.nobodys).map(|of| part(of, true));
        let tasks: Vec<_> = parts.chain(nobodys).collect();
        let rows = match &self.lacking {
            Some(plan) => collect(Arc::clone(plan), context).await?,
            None => Vec::new(),
        };
        let keys = self.groups.keys.len();
        let lacking = Lacking { keys, measures: self.measures.clone(), rows };
        let schema = self.schema();
        let (keys, mut sums) = lacking.add_to(&self.groups, &self.values, &schema).map_err(external)?;
        for task in tasks {
            let found = task.join_unwind().await.map_err(|_| external(LakeError::Worker))?;
            sums.merge(found.map_err(external)?);
        }
        sums.batch(&keys, &self.values, &schema).map_err(external)
    }
}

async fn folded(
    mut folding: Folding,
    segments: Vec<super::super::super::segment::Segment>,
    mut sums: Sums,
) -> Result<Sums, LakeError> {
    for segment in &segments {
        folding.segment(segment, &mut sums)?;
        // Others are to have their turn: nothing else here waits.
        tokio::task::yield_now().await;
    }
    Ok(sums)
}

/// The rows that a projection lacks, as [`Lacking`] takes them.
async fn lacking(
    shape: &Shape<'_>,
    table: GovernedTable,
    measures: &[&String],
    state: &SessionState,
) -> Result<Arc<dyn ExecutionPlan>> {
    let name = shape.scan.table_name.clone();
    let mut plan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::new(table)), None)?;
    if let Some(condition) = conjunction(shape.conditions.clone()) {
        plan = plan.filter(condition)?;
    }
    let keys = shape.groups.iter().enumerate().map(|(place, group)| group.clone().alias(format!("key {place}")));
    let columns = [CUSTOMER_ID, TS].into_iter().chain(measures.iter().map(|name| name.as_str()));
    let columns = columns.enumerate().map(|(place, name)| ident(name).alias(format!("column {place}")));
    let plan = plan.project(keys.chain(columns))?.build()?;
    state.create_physical_plan(&plan).await
}

fn external(error: LakeError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl DisplayAs for NarrowGroupsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NarrowGroupsExec: table={}", self.table)?;
        if !self.nobodys.is_empty() {
            write!(f, ", nobody's too")?;
        }
        if self.customers.is_some() { write!(f, ", consent") } else { Ok(()) }
    }
}

impl ExecutionPlan for NarrowGroupsExec {
    fn name(&self) -> &'static str {
        "NarrowGroupsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn schema(&self) -> SchemaRef {
        Arc::clone(self.properties.equivalence_properties().schema())
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.lacking.iter().collect()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.children().len()]
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let lacking = children.pop();
        match lacking.is_some() == self.lacking.is_some() && children.is_empty() {
            true => Ok(Arc::new(Self { lacking, ..Self::clone(&self) })),
            false => internal_err!("a projection lacks the rows of one input, or of none"),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        use datafusion::physical_plan::ChildrenPropertiesMode;
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let answer = futures::stream::once(self.clone().answer(context));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), answer)))
    }
}
