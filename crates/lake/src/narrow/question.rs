//! Which questions a narrow projection answers.
//!
//! Those that [`crate::Session::runs`] is asked for journeys: customer, time and expressions of rows that meet conditions,
//! where each expression is of kinds alone and each condition is of kinds alone, compares the time with a constant, or says that a
//! row has a customer and a time. Expressions and conditions of kinds are answered by the engine itself, from a table with a row a kind.
//! Whatever the engine would not do then (an error, say) is left to the ordinary scan.

use std::{ops::RangeInclusive, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringViewArray, UInt16Array, UInt32Array, new_null_array},
    compute::{concat_batches, take},
    datatypes::{DataType, Field, Schema, SchemaRef, UInt16Type},
};
use datafusion::{
    catalog::MemTable,
    common::{Result, ScalarValue, internal_err},
    datasource::{provider_as_source, source_as_provider},
    execution::{SessionState, TaskContext},
    logical_expr::{
        Expr, LogicalPlan, LogicalPlanBuilder, Operator, TableScan,
        utils::{conjunction, split_conjunction},
    },
    physical_plan::collect,
};
use florin_domain::catalogue::{CUSTOMER_ID, TS};
use futures::StreamExt as _;

use super::{
    fresh::{Fresh, WithFresh},
    manifest::Manifest,
    rows::{Answer, KindTable, NarrowRows},
    segment::{EVER, SegmentFile},
};
use crate::{LakeError, Run, read::GovernedTable};

/// No time: of conditions that contradict each other.
#[allow(clippy::reversed_empty_ranges, reason = "it is to be empty")]
const NEVER: RangeInclusive<i64> = i64::MAX..=i64::MIN;
/// The number of a kind, in the table of kinds. No column of a lake has such a name.
const KIND: &str = "number of a kind";

/// A question and the projection that answers it.
pub(crate) struct NarrowQuestion {
    manifest: Arc<Manifest>,
    files: Vec<SegmentFile>,
    answer: Arc<Answer>,
    by_list: bool,
    fresh: Option<Fresh>,
}

impl NarrowQuestion {
    /// `None` when the question is to be answered by the table.
    pub(crate) async fn of(plan: &LogicalPlan, state: &SessionState) -> Option<Self> {
        let parts = Parts::of(plan)?;
        let provider = source_as_provider(&parts.scan.source).ok()?;
        let table = provider.downcast_ref::<GovernedTable>()?;
        let covering = table.narrow_but_for()?;
        let manifest = Arc::clone(&covering.manifest);
        let asked = parts.split(&manifest)?;
        let fresh = Fresh::of(covering, table, (parts.expressions, parts.condition, parts.scan), state).await?;
        let kinds = kind_table(table, &manifest);
        let kinds = asked.ask_kinds(kinds.ok()?, parts.scan, state).await.ok()?;
        let times = asked.times(parts.scan, state).ok()??;
        let files = manifest.open(table.table())?;
        let by_list = manifest.by_list(|kind| kinds.passes(kind), &times);
        let schema = schema(plan, &kinds)?;
        let answer = Answer { schema, kinds, times, customers: table.customers().cloned() };
        Some(Self { manifest, files, answer: Arc::new(answer), by_list, fresh })
    }

    /// Its rows, a run for each part of the projection.
    ///
    /// # Errors
    /// When rows that the projection lacks cannot be read.
    pub(crate) async fn runs(&self, context: Arc<TaskContext>) -> Result<Vec<Run>, LakeError> {
        let fresh = match &self.fresh {
            Some(fresh) => fresh.by_part(&self.manifest, &self.files, &self.answer.schema, context).await?,
            None => Vec::new(),
        };
        let mut fresh = fresh.into_iter();
        let run = |(part, file): (&super::manifest::Part, &SegmentFile)| {
            let rows = NarrowRows::new(&self.answer, file, part.segments.clone(), self.by_list);
            let rows = WithFresh::new(rows, fresh.next());
            futures::stream::unfold(rows, |mut rows| async {
                let batch = rows.next()?;
                // Others are to have their turn: nothing else here waits.
                tokio::task::yield_now().await;
                Some((batch, rows))
            })
            .boxed()
        };
        Ok(self.manifest.parts.iter().zip(&self.files).map(run).collect())
    }

    /// What its rows follow from: those of the same fingerprint are the same rows. `None` when that is not known.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        // What the table has beside the projection is not known before it is read.
        if self.fresh.is_some() {
            return None;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.manifest.digest?.as_bytes());
        hasher.update(format!("{:?} {:?}", self.answer.schema, self.answer.times).as_bytes());
        self.answer.kinds.digest(&mut hasher);
        if let Some(customers) = &self.answer.customers {
            customers.digest(&mut hasher);
        }
        Some(hasher.finalize().to_hex().to_string())
    }

    /// A line as a plan has it.
    pub(crate) fn explain(&self) -> String {
        let (kinds, all) = (self.answer.kinds.passing(), self.manifest.kinds.len());
        let from = if self.by_list { "lists" } else { "history" };
        let consent = if self.answer.customers.is_some() { ", consent" } else { "" };
        let fresh = if self.fresh.is_some() { ", and fresh rows of the table" } else { "" };
        format!("NarrowProjection: {from}, {kinds} of {all} kinds{consent}{fresh}\n")
    }
}

/// The parts of a plan of the one shape there is.
struct Parts<'a> {
    expressions: &'a [Expr],
    condition: &'a Expr,
    scan: &'a TableScan,
}

/// A question, by what its parts are about.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) on_kinds: Vec<Expr>,
    pub(super) on_time: Vec<Expr>,
    pub(super) expressions: Vec<Expr>,
    /// Only rows that are somebody's are asked for.
    pub(super) of_somebody: bool,
}

impl<'a> Parts<'a> {
    fn of(plan: &'a LogicalPlan) -> Option<Self> {
        let LogicalPlan::Projection(projection) = plan else { return None };
        let LogicalPlan::Filter(filter) = projection.input.as_ref() else { return None };
        let LogicalPlan::TableScan(scan) = filter.input.as_ref() else { return None };
        let whole = scan.projection.is_none() && scan.filters.is_empty() && scan.fetch.is_none();
        whole.then_some(Self { expressions: &projection.expr, condition: &filter.predicate, scan })
    }

    /// `None` when something is about more than a projection has.
    fn split(&self, manifest: &Manifest) -> Option<Asked> {
        let [customer, time, expressions @ ..] = self.expressions else { return None };
        if !is_column(customer, CUSTOMER_ID) || !is_column(time, TS) {
            return None;
        }
        let asked = Asked { expressions: expressions.to_vec(), ..Asked::default() };
        let asked = asked.with_conditions(self.condition, manifest)?;
        (asked.of_somebody && expressions.iter().all(|e| is_of_kinds(e, manifest))).then_some(asked)
    }
}

/// Whether an expression is about nothing but kinds.
pub(super) fn is_of_kinds(expression: &Expr, manifest: &Manifest) -> bool {
    is_settled(expression) && expression.column_refs().iter().all(|column| manifest.columns.contains(&column.name))
}

pub(super) fn is_column(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Column(column) if column.name == name)
}

/// Whether an expression has one value for the same row, whenever and wherever it is asked.
pub(super) fn is_settled(expression: &Expr) -> bool {
    let unsettled = |e: &Expr| {
        let foreign = matches!(
            e,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(_, _)
                | Expr::Placeholder(_)
                | Expr::ScalarVariable(_, _)
                | Expr::AggregateFunction(_)
                | Expr::WindowFunction(_)
                | Expr::Unnest(_)
        );
        Ok(foreign)
    };
    use datafusion::common::tree_node::TreeNode as _;
    !expression.is_volatile() && !expression.exists(unsettled).unwrap_or(true)
}

/// Whether a condition compares the time with something that no column is in.
fn compares_time(condition: &Expr) -> bool {
    let Expr::BinaryExpr(compared) = condition else { return false };
    let constant = |e: &Expr| is_settled(e) && e.column_refs().is_empty();
    let order = matches!(compared.op, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq | Operator::Eq);
    let (left, right) = (compared.left.as_ref(), compared.right.as_ref());
    order && (is_column(left, TS) && constant(right) || constant(left) && is_column(right, TS))
}

/// A row a kind, as the session sees it: what is masked has no value.
pub(super) fn kind_table(table: &GovernedTable, manifest: &Manifest) -> Result<RecordBatch> {
    let (schema, masked) = (table.whole_schema(), table.masked());
    let (mut fields, mut columns) = (Vec::new(), Vec::<ArrayRef>::new());
    for (place, name) in manifest.columns.iter().enumerate() {
        let field = schema.field_with_name(name)?.clone();
        let values = || manifest.kinds.iter().map(|kind| kind.get(place).and_then(Option::as_deref));
        columns.push(match masked.contains(name) {
            true => new_null_array(field.data_type(), manifest.kinds.len()),
            false => Arc::new(values().collect::<StringViewArray>()),
        });
        fields.push(field);
    }
    fields.push(Field::new(KIND, DataType::UInt16, false));
    columns.push(Arc::new((0u16..).take(manifest.kinds.len()).collect::<UInt16Array>()));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

impl Asked {
    /// With the conditions of a conjunction; `None` when one is about more than a projection has.
    pub(super) fn with_conditions(mut self, condition: &Expr, manifest: &Manifest) -> Option<Self> {
        for condition in split_conjunction(condition) {
            match condition {
                Expr::IsNotNull(column) if is_column(column, CUSTOMER_ID) => self.of_somebody = true,
                Expr::IsNotNull(column) if is_column(column, TS) => {}
                condition if is_of_kinds(condition, manifest) => self.on_kinds.push(condition.clone()),
                condition if compares_time(condition) => self.on_time.push(condition.clone()),
                _ => return None,
            }
        }
        Some(self)
    }

    /// Which kinds pass, and the values of the expressions for each.
    async fn ask_kinds(&self, kinds: RecordBatch, scan: &TableScan, state: &SessionState) -> Result<KindTable> {
        let (places, columns) = self.values_of_kinds(kinds, scan, state).await?;
        Ok(KindTable::new(&places, columns))
    }

    /// The values of the expressions, one a kind, and no place for kinds that do not pass.
    pub(super) async fn values_of_kinds(
        &self,
        kinds: RecordBatch,
        scan: &TableScan,
        state: &SessionState,
    ) -> Result<(UInt32Array, Vec<ArrayRef>)> {
        let many = kinds.num_rows();
        let table = Arc::new(MemTable::try_new(kinds.schema(), vec![vec![kinds]])?);
        let mut plan = LogicalPlanBuilder::scan(scan.table_name.clone(), provider_as_source(table), None)?;
        if let Some(condition) = conjunction(self.on_kinds.clone()) {
            plan = plan.filter(condition)?;
        }
        let kind = Expr::Column(datafusion::common::Column::new(Some(scan.table_name.clone()), KIND));
        let plan = plan.project([kind].into_iter().chain(self.expressions.iter().cloned()))?.build()?;
        let plan = state.create_physical_plan(&plan).await?;
        let schema = plan.schema();
        let answer = concat_batches(&schema, &collect(plan, state.task_ctx()).await?)?;
        let (numbers, values) = (answer.column(0), &answer.columns()[1..]);
        let mut places = vec![None; many];
        for (place, kind) in (0u32..).zip(numbers.as_primitive::<UInt16Type>().values()) {
            match places.get_mut(usize::from(*kind)) {
                Some(slot) => *slot = Some(place),
                None => return internal_err!("a kind that there is not"),
            }
        }
        let places: UInt32Array = places.into_iter().collect();
        let columns = values.iter().map(|values| Ok(take(values, &places, None)?)).collect::<Result<Vec<_>>>()?;
        Ok((places, columns))
    }

    /// From when until when, in microseconds UTC, as the engine understands the conditions; `None` when that is no such range.
    pub(super) fn times(&self, scan: &TableScan, state: &SessionState) -> Result<Option<RangeInclusive<i64>>> {
        let Some(condition) = conjunction(self.on_time.clone()) else { return Ok(Some(EVER)) };
        let schema = Arc::new(Schema::new(vec![scan.source.schema().field_with_name(TS)?.clone()]));
        let table = provider_as_source(Arc::new(MemTable::try_new(schema, vec![vec![]])?));
        let plan = LogicalPlanBuilder::scan(scan.table_name.clone(), table, None)?.filter(condition)?.build()?;
        let filter = match state.optimize(&plan)? {
            LogicalPlan::Filter(filter) => filter,
            LogicalPlan::EmptyRelation(_) => return Ok(Some(NEVER)),
            _ => return Ok(None),
        };
        let mut times = EVER;
        for condition in split_conjunction(&filter.predicate) {
            let Some(range) = range_of(condition) else { return Ok(None) };
            times = *times.start().max(range.start())..=*times.end().min(range.end());
        }
        Ok(Some(times))
    }
}

/// The times of which a comparison of the time with a moment is true.
fn range_of(condition: &Expr) -> Option<RangeInclusive<i64>> {
    let Expr::BinaryExpr(compared) = condition else { return None };
    let Expr::Literal(ScalarValue::TimestampMicrosecond(Some(moment), _), _) = *compared.right else { return None };
    if !is_column(&compared.left, TS) {
        return None;
    }
    match compared.op {
        Operator::Lt => Some(i64::MIN..=moment.checked_sub(1)?),
        Operator::LtEq => Some(i64::MIN..=moment),
        Operator::Gt => Some(moment.checked_add(1)?..=i64::MAX),
        Operator::GtEq => Some(moment..=i64::MAX),
        Operator::Eq => Some(moment..=moment),
        _ => None,
    }
}

/// The schema of the plan, with text as dictionaries; `None` when customers and times are not what a projection has.
fn schema(plan: &LogicalPlan, kinds: &KindTable) -> Option<SchemaRef> {
    let asked = plan.schema().as_arrow();
    let plain = matches!(asked.field(0).data_type(), DataType::Int64)
        && matches!(asked.field(1).data_type(), DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, _));
    let field = |(field, ty): (&Arc<Field>, DataType)| field.as_ref().clone().with_data_type(ty).with_nullable(true);
    let first = asked.fields().iter().take(2).map(|field| field.as_ref().clone());
    let rest = asked.fields().iter().skip(2).zip(kinds.types()).map(field);
    plain.then(|| Arc::new(Schema::new(first.chain(rest).collect::<Vec<_>>())))
}
