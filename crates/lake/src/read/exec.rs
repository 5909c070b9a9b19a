//! The node between a plain Parquet scan and everything a query does.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use arrow::{
    array::{RecordBatch, RecordBatchOptions, new_null_array},
    compute::cast,
    datatypes::{Schema, SchemaRef},
    error::ArrowError,
};
use datafusion::{
    common::{Result, Statistics, tree_node::TreeNodeRecursion},
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, OrderingRequirements, Partitioning, PhysicalExpr, expressions::Column},
    physical_plan::{
        ChildStats, ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
        ReplaceChildrenOptions, StatisticsArgs,
        execution_plan::{Boundedness, EmissionType},
        filter_pushdown::{FilterDescription, FilterPushdownPhase},
    },
};
use florin_domain::TableDef;
use futures::Stream;

use super::{
    files::file_order,
    rules::{LatestOnly, RowRules},
};

/// Where a column that the query sees comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// A column of the scan.
    Read(usize),
    /// It reads as missing.
    Masked,
}

/// Drops the rows and masks the columns that a session may not see. Opaque to the optimizer: filters of a query stay
/// above it (but for a scan without rules).
#[derive(Debug, Clone)]
pub(crate) struct LakeScanExec {
    input: Arc<dyn ExecutionPlan>,
    table: Arc<TableDef>,
    rules: RowRules,
    outputs: Vec<Output>,
    schema: SchemaRef,
    /// The column by which partitions are buckets.
    bucket_column: Option<String>,
    declares_buckets: bool,
    sorted: bool,
    properties: Arc<PlanProperties>,
}

impl LakeScanExec {
    pub(super) fn new(
        input: Arc<dyn ExecutionPlan>,
        table: Arc<TableDef>,
        rules: RowRules,
        outputs: Vec<Output>,
        schema: SchemaRef,
        bucket_column: Option<String>,
        sorted: bool,
    ) -> Result<Self> {
        let properties = Arc::clone(input.properties());
        let scan =
            Self { input, table, rules, outputs, schema, bucket_column, declares_buckets: false, sorted, properties };
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
        let fields = self.schema.fields().iter().zip(&self.outputs).map(|(field, output)| match output {
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
        let in_place = self.outputs.iter().enumerate().all(|(i, o)| *o == Output::Read(i));
        let input = self.input.schema();
        let same_types =
            || input.fields().iter().zip(self.schema.fields()).all(|(a, b)| a.data_type() == b.data_type());
        self.rules.is_empty() && in_place && self.outputs.len() == input.fields().len() && same_types()
    }
}

impl DisplayAs for LakeScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LakeScanExec: table={}", self.table.name)?;
        if self.rules.known_by.is_some() {
            write!(f, ", as_of")?;
        }
        if !self.rules.latest_of.is_empty() {
            write!(f, ", latest versions")?;
        }
        if self.rules.customers.is_some() {
            write!(f, ", consent")?;
        }
        let masked = self.outputs.iter().filter(|o| **o == Output::Masked).count();
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
        if self.rules.latest_of.is_empty() {
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
        Ok(Box::pin(GovernedStream {
            input,
            rules: self.rules.clone(),
            outputs: self.outputs.clone(),
            schema: Arc::clone(&self.schema),
            latest: LatestOnly::default(),
            done: false,
        }))
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema);
        if let Some(input) = inputs.first() {
            // The rows of the files are an upper bound of what the session sees, and not more than a hint.
            statistics.num_rows = if self.rules.is_empty() { input.num_rows } else { input.num_rows.to_inexact() };
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
}

struct GovernedStream {
    input: SendableRecordBatchStream,
    rules: RowRules,
    outputs: Vec<Output>,
    schema: SchemaRef,
    latest: LatestOnly,
    done: bool,
}

impl GovernedStream {
    fn govern(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>, ArrowError> {
        let batch = self.rules.in_time(batch)?;
        let batch = match self.rules.latest_of.is_empty() {
            true => Some(batch),
            false => self.latest.push(batch, &self.rules.latest_of)?,
        };
        batch.map(|b| self.let_go(b)).transpose().map(Option::flatten)
    }

    fn let_go(&self, batch: RecordBatch) -> Result<Option<RecordBatch>, ArrowError> {
        let batch = self.rules.consented(batch)?;
        if batch.num_rows() == 0 {
            return Ok(None);
        }
        let column = |(output, field): (&Output, &Arc<arrow::datatypes::Field>)| match output {
            // Only the time zone of a time can differ: another label on the same numbers.
            Output::Read(i) => cast(batch.column(*i), field.data_type()),
            Output::Masked => Ok(new_null_array(field.data_type(), batch.num_rows())),
        };
        let columns = self.outputs.iter().zip(self.schema.fields()).map(column).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map(Some)
    }
}

impl Stream for GovernedStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.done {
            let next = ready!(Pin::new(&mut self.input).poll_next(context));
            let governed = match next {
                Some(Ok(batch)) => self.govern(batch),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    self.done = true;
                    let held = self.latest.finish();
                    held.map(|b| self.let_go(b)).transpose().map(Option::flatten)
                }
            };
            if let Some(batch) = governed.transpose() {
                return Poll::Ready(Some(batch.map_err(Into::into)));
            }
        }
        Poll::Ready(None)
    }
}

impl RecordBatchStream for GovernedStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
