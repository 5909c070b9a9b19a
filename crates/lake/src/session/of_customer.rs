//! Rows of one customer, without SQL: a view of somebody asks a hundred small questions, and planning one takes the engine longer than
//! reading the answer. What the session may see, and the rules below its tables, are those of any question.

use std::sync::Arc;

use arrow::{
    array::{AsArray as _, RecordBatch},
    compute::{SortColumn, SortOptions, concat_batches, filter_record_batch, lexsort_to_indices, take_record_batch},
    datatypes::{DataType, Schema, SchemaRef, TimestampMicrosecondType},
};
use datafusion::{
    catalog::TableProvider,
    common::{DFSchema, ScalarValue, cast::as_boolean_array, runtime::SpawnedTask},
    execution::{SendableRecordBatchStream, SessionState},
    logical_expr::{Expr, col, lit, utils::conjunction},
    physical_expr::{OrderingRequirements, PhysicalExpr},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties as _, execute_stream},
};
use florin_domain::{
    CustomerId, EventTime,
    catalogue::{CUSTOMER_ID, TS},
};
use futures::TryStreamExt as _;

use super::{Session, plain, plain_schema};
use crate::{LakeError, read::GovernedTable};

/// The rule of the engine without which a plan does not run.
const SOUND: &str = "EnsureRequirements";

/// Which rows of a customer.
#[derive(Debug, Clone)]
pub struct OfCustomer<'a> {
    /// The catalogue's name of a table that is about customers, such as `transaction` or `traits.balance`.
    pub table: &'a str,
    /// What is told of a row.
    pub columns: &'a [&'a str],
    /// Whose they are: a person, where several customers are one.
    pub customer: CustomerId,
    /// Of tables with a time: only what happened before.
    pub before: Option<EventTime>,
    /// In which order: columns, and whether the largest come first. As in SQL, a missing value counts as the largest.
    pub order: &'a [(&'a str, bool)],
    /// Of rows in an order: the first of them.
    pub limit: Option<usize>,
}

impl OfCustomer<'_> {
    /// The question that it stands for.
    #[must_use]
    pub fn sql(&self) -> String {
        let columns = self.columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let table = self.table.split('.').map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(".");
        let customer = self.customer;
        let mut sql = format!("select {columns} from {table} where {CUSTOMER_ID} = {customer}");
        if let Some(before) = self.before {
            sql += &format!(" and {TS} < to_timestamp_micros({})", before.micros());
        }
        let by = |(name, descending): &(&str, bool)| format!("\"{name}\"{}", if *descending { " desc" } else { "" });
        let by = self.order.iter().map(by).collect::<Vec<_>>().join(", ");
        if !by.is_empty() {
            sql += &format!(" order by {by}");
        }
        let limit = self.limit.filter(|_| !by.is_empty());
        limit.map_or(sql.clone(), |limit| format!("{sql} limit {limit}"))
    }
}

impl Session {
    /// The rows that [`OfCustomer::sql`] tells, and no batch without any: none at all where the session shows no such
    /// table.
    ///
    /// # Errors
    /// When the table is not granted, has no such column, or the lake fails.
    pub async fn of_customer(&self, asked: &OfCustomer<'_>) -> Result<Vec<RecordBatch>, LakeError> {
        let Some(table) = self.granted.provider(asked.table).await? else { return Ok(Vec::new()) };
        let state = self.reading.get_or_init(|| self.context.state());
        let since = since(table.as_ref(), asked, state).await?;
        rows_of(table.as_ref(), asked, since, state).await
    }
}

/// Where the latest rows are asked for, and visitors may have some of them: the time of the last of as many that are stored as the
/// customer's. What a visitor did before need not be looked for. `None` where that is not known.
async fn since(
    table: &dyn TableProvider,
    asked: &OfCustomer<'_>,
    state: &SessionState,
) -> Result<Option<EventTime>, LakeError> {
    let Some(table) = table.downcast_ref::<GovernedTable>() else { return Ok(None) };
    let timed = table.table().def().column(TS).is_some_and(|ts| ts.required) && !table.masked().contains(TS);
    let (Some(limit), Some((TS, true)), true) = (asked.limit, asked.order.first().copied(), timed) else {
        return Ok(None);
    };
    let Some(table) = table.but_for_visitors() else { return Ok(None) };
    let only_times = OfCustomer { columns: &[TS], order: &[(TS, true)], ..asked.clone() };
    let rows = rows_of(&table, &only_times, None, state).await?;
    if rows.iter().map(RecordBatch::num_rows).sum::<usize>() < limit {
        return Ok(None);
    }
    let times = rows.iter().filter_map(|batch| batch.column(0).as_primitive_opt::<TimestampMicrosecondType>());
    Ok(times.filter_map(arrow::compute::min).min().map(EventTime))
}

/// The rows of a customer since a time, where one is given.
async fn rows_of(
    table: &dyn TableProvider,
    asked: &OfCustomer<'_>,
    since: Option<EventTime>,
    state: &SessionState,
) -> Result<Vec<RecordBatch>, LakeError> {
    let schema = table.schema();
    let timed = asked.before.or(since).map(|_| TS);
    let needed = asked.order.iter().map(|(name, _)| *name).chain([CUSTOMER_ID]).chain(timed);
    let mut projection = positions(&schema, asked.columns.iter().copied())?;
    let told: Vec<usize> = (0..projection.len()).collect();
    for more in positions(&schema, needed)? {
        if !projection.contains(&more) {
            projection.push(more);
        }
    }
    let conditions = conditions(asked, since, &schema)?;
    let plan = table.scan(state, Some(&projection), &conditions, None).await?;
    let plan = if is_sound(&plan) { plan } else { made_sound(plan, state)? };
    let chosen = Chosen::new(&plan, &conditions, asked, state)?;
    let told_schema = plain_schema(&plan.schema().project(&told)?);
    let task = state.task_ctx();
    // Beside whoever plans the next.
    let rows = SpawnedTask::spawn(async move { chosen.of(execute_stream(plan, task)?).await });
    let rows = rows.join_unwind().await.map_err(|_| LakeError::Worker)??;
    rows.into_iter().map(|batch| Ok(plain(&batch.project(&told)?, &told_schema)?)).collect()
}

/// Whether every node finds beneath it the order and the partitions that it asks for: as a scan of one bucket does. The engine takes longer to find the same.
fn is_sound(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let children = plan.children();
    let in_order = |(asked, child): (Option<OrderingRequirements>, &&Arc<dyn ExecutionPlan>)| {
        let Some(asked) = asked else { return true };
        child.equivalence_properties().ordering_satisfy_requirement(asked.into_single()).unwrap_or(false)
    };
    children.iter().all(|child| child.output_partitioning().partition_count() == 1 && is_sound(child))
        && plan.required_input_ordering().into_iter().zip(&children).all(in_order)
}

/// The order and the partitions that nodes ask for are put beneath them. What else the engine would look for takes longer than it saves here.
fn made_sound(plan: Arc<dyn ExecutionPlan>, state: &SessionState) -> Result<Arc<dyn ExecutionPlan>, LakeError> {
    let rules = state.physical_optimizers();
    // An engine that calls it otherwise has all its rules asked.
    let enough = rules.iter().find(|rule| rule.name() == SOUND).map_or(rules, std::slice::from_ref);
    Ok(enough.iter().try_fold(plan, |plan, rule| rule.optimize(plan, state.config_options()))?)
}

fn positions<'a>(schema: &Schema, names: impl Iterator<Item = &'a str>) -> Result<Vec<usize>, LakeError> {
    names.map(|name| Ok(schema.index_of(name)?)).collect()
}

fn conditions(asked: &OfCustomer<'_>, since: Option<EventTime>, schema: &Schema) -> Result<Vec<Expr>, LakeError> {
    let mut conditions = vec![col(CUSTOMER_ID).eq(lit(i64::from(asked.customer.0)))];
    if asked.before.or(since).is_none() {
        return Ok(conditions);
    }
    let DataType::Timestamp(_, zone) = schema.field_with_name(TS)?.data_type() else { return Ok(conditions) };
    let moment = |at: EventTime| lit(ScalarValue::TimestampMicrosecond(Some(at.micros()), zone.clone()));
    conditions.extend(asked.before.map(|before| col(TS).lt(moment(before))));
    conditions.extend(since.map(|since| col(TS).gt_eq(moment(since))));
    Ok(conditions)
}

/// Only the rows asked for, in the order asked for: a scan may tell more. Nodes of a plan would do the same; one customer's rows are few, and making the nodes
/// takes longer than their work.
struct Chosen {
    schema: SchemaRef,
    condition: Arc<dyn PhysicalExpr>,
    /// Positions of columns.
    order: Vec<(usize, SortOptions)>,
    limit: Option<usize>,
}

impl Chosen {
    fn new(
        rows: &Arc<dyn ExecutionPlan>,
        conditions: &[Expr],
        asked: &OfCustomer<'_>,
        state: &SessionState,
    ) -> Result<Self, LakeError> {
        let schema = rows.schema();
        let columns = DFSchema::try_from(schema.as_ref().clone())?;
        let condition = conjunction(conditions.to_vec()).unwrap_or_else(|| lit(true));
        let condition = state.create_physical_expr(condition, &columns)?;
        let sort = |(name, descending): &(&str, bool)| {
            Ok((schema.index_of(name)?, SortOptions { descending: *descending, nulls_first: *descending }))
        };
        let order = asked.order.iter().map(sort).collect::<Result<Vec<_>, LakeError>>()?;
        let limit = asked.limit.filter(|_| !order.is_empty());
        Ok(Self { schema, condition, order, limit })
    }

    /// Batches with rows.
    async fn of(self, mut rows: SendableRecordBatchStream) -> Result<Vec<RecordBatch>, LakeError> {
        let (mut chosen, mut many) = (Vec::new(), 0);
        while let Some(batch) = rows.try_next().await? {
            if batch.num_rows() == 0 {
                continue;
            }
            let passes = self.condition.evaluate(&batch)?.into_array(batch.num_rows())?;
            let passing = filter_record_batch(&batch, as_boolean_array(&passes)?)?;
            if passing.num_rows() == 0 {
                continue;
            }
            many += passing.num_rows();
            chosen.push(passing);
            // Of somebody with very many rows, no more are kept than may be told.
            if self.limit.is_some_and(|limit| many > limit.saturating_mul(4)) {
                chosen = self.in_order(&chosen)?;
                many = chosen.iter().map(RecordBatch::num_rows).sum();
            }
        }
        if self.order.is_empty() { Ok(chosen) } else { self.in_order(&chosen) }
    }

    /// The first of rows in the order asked for; no batch without any.
    fn in_order(&self, chosen: &[RecordBatch]) -> Result<Vec<RecordBatch>, LakeError> {
        let all = concat_batches(&self.schema, chosen)?;
        let by = |&(at, options): &(usize, SortOptions)| SortColumn {
            values: Arc::clone(all.column(at)),
            options: Some(options),
        };
        let order = lexsort_to_indices(&self.order.iter().map(by).collect::<Vec<_>>(), self.limit)?;
        let sorted = take_record_batch(&all, &order)?;
        Ok(if sorted.num_rows() == 0 { Vec::new() } else { vec![sorted] })
    }
}
