//! The node between a plain Parquet scan and everything a query does.

use std::{fmt, sync::Arc};

use arrow::datatypes::{Schema, SchemaRef};
use datafusion::{
    common::{Result, Statistics, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{
        EquivalenceProperties, OrderingRequirements, Partitioning, PhysicalExpr, conjunction, expressions::Column,
    },
    physical_plan::{
        ChildStats, ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
        ReplaceChildrenOptions, StatisticsArgs,
        execution_plan::{Boundedness, EmissionType},
        filter_pushdown::{
            ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
        },
        projection::ProjectionExec,
    },
};
use florin_domain::TableDef;

use super::{
    files::file_order,
    predicate::is_silent,
    stream::{GovernedStream, Governing, Output},
};

/// Drops the rows and masks the columns that a session may not see. Opaque to the optimizer: conditions of a query stay
/// above it, but for those that can neither fail nor tell what they looked at.
#[derive(Debug, Clone)]
pub(crate) struct LakeScanExec {
    input: Arc<dyn ExecutionPlan>,
    table: Arc<TableDef>,
    governing: Governing,
    /// The column by which partitions are buckets.
    bucket_column: Option<String>,
    declares_buckets: bool,
    sorted: bool,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl LakeScanExec {
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        table: Arc<TableDef>,
        governing: Governing,
        bucket_column: Option<String>,
        sorted: bool,
    ) -> Result<Self> {
        let properties = Arc::clone(input.properties());
        let schema = governing.schema()?;
        let scan = Self { input, table, governing, bucket_column, declares_buckets: false, sorted, schema, properties };
        scan.with_properties()
    }

    /// The same scan, telling the planner that all rows of one id are in one partition.
    ///
    /// Only for plans in which nothing else is partitioned by hash: the engine's own hash partitioning uses another hash
    /// function, and would be taken to agree with ours.
    pub(super) fn declaring_buckets(&self) -> Result<Option<Self>> {
        let declared = Self { declares_buckets: true, ..self.clone() }.with_properties()?;
        let declares = matches!(declared.properties.partitioning, Partitioning::Hash(_, _));
        Ok(declares.then_some(declared))
    }

    fn with_properties(mut self) -> Result<Self> {
        self.schema = self.governing.schema()?;
        let mut equivalences = EquivalenceProperties::new(Arc::clone(&self.schema));
        if self.sorted
            && let Some(order) = file_order(&self.table, &self.visible_schema())?
        {
            equivalences.add_ordering(order);
        }
        let count = self.input.properties().output_partitioning().partition_count();
        let partitioning = match self.bucket_expr() {
            Some(column) if self.declares_buckets => Partitioning::Hash(vec![column], count),
            _ => Partitioning::UnknownPartitioning(count),
        };
        let properties =
            PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, Boundedness::Bounded);
        self.properties = Arc::new(properties);
        Ok(self)
    }

    /// The output schema with masked columns renamed away, so that no order or bucket is claimed of them.
    fn visible_schema(&self) -> SchemaRef {
        let fields = self.schema.fields().iter().zip(self.governing.outputs()).map(|(field, output)| match output {
            Output::Read(_) => field.as_ref().clone(),
            Output::Masked => field.as_ref().clone().with_name(format!("masked {}", field.name())),
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    fn bucket_expr(&self) -> Option<Arc<dyn PhysicalExpr>> {
        let name = self.bucket_column.as_deref()?;
        let index = self.visible_schema().index_of(name).ok()?;
        Some(Arc::new(Column::new(name, index)))
    }

    /// Whether rows pass as they are.
    fn is_plain(&self) -> bool {
        self.governing.is_plain(&self.input.schema())
    }

    /// Whether a condition of the query can be looked at here: no column was left out yet, so that its columns are ours.
    fn takes(&self, condition: &Arc<dyn PhysicalExpr>) -> bool {
        let all = self.governing.emitted.iter().copied().eq(0..self.governing.seen.len());
        all && is_silent(condition)
    }

    fn with_conditions(&self, more: Vec<Arc<dyn PhysicalExpr>>) -> Result<Self> {
        let mut scan = self.clone();
        scan.governing.condition = Some(conjunction(scan.governing.condition.into_iter().chain(more)));
        scan.with_properties()
    }

    /// The same scan with only these of its columns, in this order.
    fn with_columns(&self, columns: &[usize]) -> Result<Self> {
        let mut scan = self.clone();
        scan.governing.emitted = columns.iter().filter_map(|&i| self.governing.emitted.get(i).copied()).collect();
        scan.with_properties()
    }
}

/// The positions of a projection that only picks columns and keeps their names.
fn picked(projection: &ProjectionExec) -> Option<Vec<usize>> {
    let position = |e: &datafusion::physical_plan::projection::ProjectionExpr| {
        let column = e.expr.downcast_ref::<Column>()?;
        (column.name() == e.alias).then(|| column.index())
    };
    projection.expr().iter().map(position).collect()
}

impl DisplayAs for LakeScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LakeScanExec: table={}", self.table.name)?;
        if self.governing.rules.known_by.is_some() {
            write!(f, ", as_of")?;
        }
        if !self.governing.rules.latest_of.is_empty() {
            write!(f, ", latest versions")?;
        }
        if self.governing.rules.customers.is_some() {
            write!(f, ", consent")?;
        }
        if let Some(condition) = &self.governing.condition {
            write!(f, ", where {condition}")?;
        }
        let masked = self.governing.outputs().filter(|o| *o == Output::Masked).count();
        if masked > 0 {
            write!(f, ", masked={masked}")?;
        }
        match (&self.bucket_column, self.declares_buckets) {
            (Some(column), true) => write!(f, ", buckets by {column}"),
            _ => Ok(()),
        }
    }
}

impl ExecutionPlan for LakeScanExec {
    fn name(&self) -> &'static str {
        "LakeScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    /// Versions of one thing must come one after the other, the latest last.
    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        if self.governing.rules.latest_of.is_empty() {
            return vec![None];
        }
        let order = file_order(&self.table, &self.input.schema()).ok().flatten();
        vec![order.map(OrderingRequirements::from)]
    }

    /// Not said, although it is so: the planner would push a query's sort below this node by the columns' positions, and
    /// those are others there. What order the rows come in stands in the properties.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    /// The input's partitions are buckets, and stay so.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
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

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.pop() else {
            return datafusion::common::internal_err!("a lake scan has one child");
        };
        Ok(Arc::new(Self { input, ..Self::clone(&self) }.with_properties()?))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        if self.is_plain() {
            return Ok(input);
        }
        let governing = self.governing.clone();
        Ok(Box::pin(GovernedStream::new(input, governing, Arc::clone(&self.schema))))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema);
        if let Some(input) = inputs.first() {
            // The rows of the files are an upper bound of what the session sees, and not more than a hint.
            let all = self.governing.rules.is_empty() && self.governing.condition.is_none();
            statistics.num_rows = if all { input.num_rows } else { input.num_rows.to_inexact() };
        }
        Ok(Arc::new(statistics))
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &datafusion::config::ConfigOptions,
    ) -> Result<FilterDescription> {
        if self.is_plain() {
            return FilterDescription::from_children(parent_filters, &self.children());
        }
        Ok(FilterDescription::all_unsupported(&parent_filters, &self.children()))
    }

    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &datafusion::config::ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        if self.is_plain() || phase != FilterPushdownPhase::Pre {
            return Ok(FilterPushdownPropagation::if_all(result));
        }
        let asked = result.parent_filters.into_iter().map(|f| f.filter);
        let (mut answers, mut taken) = (Vec::new(), Vec::new());
        for condition in asked {
            let takes = self.takes(&condition);
            answers.push(if takes { PushedDown::Yes } else { PushedDown::No });
            taken.extend(takes.then_some(condition));
        }
        let answer = FilterPushdownPropagation::with_parent_pushdown_result(answers);
        if taken.is_empty() {
            return Ok(answer);
        }
        Ok(answer.with_updated_node(Arc::new(self.with_conditions(taken)?)))
    }

    fn try_swapping_with_projection(&self, projection: &ProjectionExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        // Without a condition every column is wanted, or it would not have been scanned.
        let picked = picked(projection).filter(|_| self.governing.condition.is_some());
        picked.map(|columns| Ok(Arc::new(self.with_columns(&columns)?) as Arc<dyn ExecutionPlan>)).transpose()
    }
}
