//! Which aggregates a projection answers.

use std::{ops::RangeInclusive, sync::Arc};

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{DataType, Field, SchemaRef, TimeUnit},
};
use datafusion::{
    common::{
        Column, Result,
        tree_node::{Transformed, TreeNode as _, TreeNodeRecursion},
    },
    datasource::source_as_provider,
    execution::SessionState,
    logical_expr::{
        Aggregate, Expr, LogicalPlan, Projection, TableScan,
        expr::AggregateFunction,
        utils::{conjunction, split_conjunction},
    },
};
use florin_domain::catalogue::{CUSTOMER_ID, TS};

use super::super::{
    kinds::KINDS_MAX,
    manifest::Manifest,
    question::{Asked, is_column, kind_table},
    segment::EVER,
};
use crate::read::GovernedTable;

/// What is made of a customer's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    Min,
    Max,
    Sum,
    /// The sum as a floating-point number, divided once by the count.
    Mean,
}

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Rows,
    Time,
    /// A column of numbers, by its place in the manifest.
    Measure(usize),
}

/// Which rows count.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    kinds: Box<[bool; KINDS_MAX]>,
    /// Whether all kinds that there are do.
    all_kinds: bool,
    /// When, microseconds UTC.
    pub(super) times: RangeInclusive<i64>,
}

/// One value a customer.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) function: Function,
    pub(super) of: Of,
    pub(super) wanted: Wanted,
}

/// All values of a question, and which rows make a customer one of its groups.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) schema: SchemaRef,
    pub(super) values: Vec<Value>,
    pub(super) present: Wanted,
}

impl Wanted {
    /// Whether rows of a kind count.
    #[inline]
    pub(super) fn kind(&self, kind: u16) -> bool {
        self.kinds[usize::from(kind) % KINDS_MAX]
    }

    /// Whether every row does.
    pub(super) fn is_every(&self) -> bool {
        self.all_kinds && self.times == EVER
    }
}

/// An aggregate over one table: what it asks, before anything is looked up.
pub(super) struct Shape<'a> {
    pub(super) scan: &'a TableScan,
    conditions: Vec<Expr>,
    aggregates: Vec<(Function, Of, Option<Expr>)>,
}

impl<'a> Shape<'a> {
    /// `None` when it is no such aggregate.
    pub(super) fn of(aggregate: &'a Aggregate, manifest: impl Fn(&TableScan) -> Option<Arc<Manifest>>) -> Option<Self> {
        let [group] = aggregate.group_expr.as_slice() else { return None };
        let said = std::iter::once(group).chain(&aggregate.aggr_expr).cloned().collect();
        let Below { scan, said, conditions } = Below::of(&aggregate.input, said).ok()??;
        let (group, said) = said.split_first()?;
        let manifest = manifest(scan)?;
        if !is_column(group, CUSTOMER_ID) {
            return None;
        }
        let fields = aggregate.schema.fields().iter().skip(1);
        let each = said.iter().zip(fields);
        let aggregates =
            each.map(|(aggregate, field)| wanted(aggregate, field, &manifest, scan)).collect::<Option<_>>()?;
        Some(Self { scan, conditions, aggregates })
    }

    /// The columns of numbers and of kinds that its values are made of, by name.
    pub(super) fn measures<'m>(&self, manifest: &'m Manifest) -> impl Iterator<Item = &'m String> {
        let places: Vec<usize> = self
            .aggregates
            .iter()
            .filter_map(|(_, of, _)| if let Of::Measure(place) = of { Some(*place) } else { None })
            .collect();
        places.into_iter().filter_map(|place| manifest.measures.get(place))
    }

    /// `None` when a condition is about more than a projection has, or asks for rows that are nobody's.
    pub(super) async fn values(
        &self,
        aggregate: &Aggregate,
        table: &GovernedTable,
        manifest: &Manifest,
        state: &SessionState,
    ) -> Result<Option<Values>> {
        let base = conjunction(self.conditions.clone());
        let asked = |more: Option<&Expr>| {
            let conditions = base.iter().chain(more).flat_map(split_conjunction).cloned();
            let all = conjunction(conditions)?;
            let all = of_table(all, self.scan).ok()?;
            Asked::default().with_conditions(&all, manifest)
        };
        let Some(present) = asked(None).filter(|asked| asked.of_somebody) else { return Ok(None) };
        let mut questions = vec![present];
        for (_, _, filter) in &self.aggregates {
            let Some(asked) = asked(filter.as_ref()) else { return Ok(None) };
            questions.push(asked);
        }
        let Some(mut wanted) = wanted_of(questions, kind_table(table, manifest)?, manifest, self.scan, state).await?
        else {
            return Ok(None);
        };
        let rest = wanted.split_off(1);
        let Some(present) = wanted.pop() else { return Ok(None) };
        let each = self.aggregates.iter().zip(rest);
        let values = each.map(|((function, of, _), wanted)| Value { function: *function, of: *of, wanted }).collect();
        let schema = Arc::new(aggregate.schema.as_arrow().clone());
        Ok(Some(Values { schema, values, present }))
    }
}

/// The kinds and times of each question; the engine is asked once about the kinds of all.
pub(super) async fn wanted_of(
    questions: Vec<Asked>,
    kinds: RecordBatch,
    manifest: &Manifest,
    scan: &TableScan,
    state: &SessionState,
) -> Result<Option<Vec<Wanted>>> {
    let always = || datafusion::logical_expr::lit(true);
    let conditions: Vec<Expr> = (0..)
        .zip(&questions)
        .map(|(number, asked)| {
            conjunction(asked.on_kinds.clone()).unwrap_or_else(always).alias(format!("condition {number}"))
        })
        .collect();
    let of_kinds = Asked { expressions: conditions, ..Asked::default() };
    let (_, answers) = of_kinds.values_of_kinds(kinds, scan, state).await?;
    let mut all = Vec::with_capacity(questions.len());
    for (asked, answers) in questions.iter().zip(&answers) {
        let (Some(times), Some(answers)) = (asked.times(scan, state)?, answers.as_boolean_opt()) else {
            return Ok(None);
        };
        let mut kinds = Box::new([false; KINDS_MAX]);
        kinds.iter_mut().zip(answers).for_each(|(kind, answer)| *kind = answer == Some(true));
        let all_kinds = kinds.iter().take(manifest.kinds.len()).all(|kind| *kind);
        all.push(Wanted { kinds, all_kinds, times });
    }
    Ok(Some(all))
}

/// The table below an aggregate, and what is said of its rows, in its own columns.
pub(super) struct Below<'a> {
    pub(super) scan: &'a TableScan,
    pub(super) said: Vec<Expr>,
    pub(super) conditions: Vec<Expr>,
}

impl<'a> Below<'a> {
    /// `None` when there is more on the way than conditions and names.
    pub(super) fn of(plan: &'a LogicalPlan, mut said: Vec<Expr>) -> Result<Option<Self>> {
        let (mut plan, mut conditions) = (plan, Vec::new());
        loop {
            plan = match plan {
                LogicalPlan::Projection(projection) => {
                    for expression in said.iter_mut().chain(&mut conditions) {
                        *expression = before(std::mem::take(expression), projection)?;
                    }
                    &projection.input
                }
                LogicalPlan::SubqueryAlias(alias) => &alias.input,
                LogicalPlan::Filter(filter) => {
                    conditions.push(filter.predicate.clone());
                    &filter.input
                }
                // Its own filters stand above it as well: a table of ours never takes one over.
                LogicalPlan::TableScan(scan) if scan.fetch.is_none() => {
                    let plain = |e: Expr| e.unalias_nested().data;
                    let said = said.into_iter().map(plain).collect();
                    return Ok(Some(Self { scan, said, conditions: conditions.into_iter().map(plain).collect() }));
                }
                _ => return Ok(None),
            };
        }
    }
}

/// An expression over what a projection makes, in terms of what it is made of.
fn before(expression: Expr, projection: &Projection) -> Result<Expr> {
    let made_of = |e: Expr| match e {
        Expr::Column(column) => {
            // Above a subquery's name the columns have that as their table.
            let place = projection.schema.fields().iter().position(|field| *field.name() == column.name);
            let expression = place.and_then(|place| projection.expr.get(place)).cloned();
            // What takes its place is of other columns, which may have the same names: it is not looked at again.
            Ok(expression.map_or_else(
                || Transformed::no(Expr::Column(column)),
                |made| Transformed::new(made.unalias(), true, TreeNodeRecursion::Jump),
            ))
        }
        other => Ok(Transformed::no(other)),
    };
    expression.transform_down(made_of).map(|done| done.data)
}

/// A condition in terms of the table's own name, whatever it was called on the way.
pub(super) fn of_table(condition: Expr, scan: &TableScan) -> Result<Expr> {
    let own = |e: Expr| match e {
        Expr::Column(column) => {
            Ok(Transformed::yes(Expr::Column(Column::new(Some(scan.table_name.clone()), column.name))))
        }
        other => Ok(Transformed::no(other)),
    };
    condition.transform(own).map(|done| done.data)
}

/// A value that can be made, with its own condition.
pub(super) fn wanted(
    aggregate: &Expr,
    field: &Field,
    manifest: &Manifest,
    scan: &TableScan,
) -> Option<(Function, Of, Option<Expr>)> {
    let aggregate = match aggregate {
        Expr::Alias(alias) => alias.expr.as_ref(),
        other => other,
    };
    let Expr::AggregateFunction(AggregateFunction { func, params }) = aggregate else { return None };
    let plain = !params.distinct && params.order_by.is_empty() && params.null_treatment.is_none();
    let [argument] = params.args.as_slice() else { return None };
    let measure = |e: &Expr| match e {
        Expr::Column(column) => manifest.measures.iter().position(|name| *name == column.name).map(Of::Measure),
        _ => None,
    };
    let ty = field.data_type();
    let is_time = matches!(ty, DataType::Timestamp(TimeUnit::Microsecond, _));
    let is_number = matches!(ty, DataType::Int64 | DataType::Decimal128(_, _));
    let (function, of) = match (func.name(), argument) {
        ("count", Expr::Literal(value, _)) if !value.is_null() => (Function::Count, Of::Rows),
        // Rows without them are not there.
        ("count", column) if is_column(column, CUSTOMER_ID) || is_column(column, TS) => (Function::Count, Of::Rows),
        ("count", column) => (Function::Count, measure(column)?),
        ("min", column) if is_column(column, TS) && is_time => (Function::Min, Of::Time),
        ("max", column) if is_column(column, TS) && is_time => (Function::Max, Of::Time),
        ("min", column) if is_number => (Function::Min, measure(column)?),
        ("max", column) if is_number => (Function::Max, measure(column)?),
        ("sum", column) if is_number => (Function::Sum, measure(column)?),
        ("avg", Expr::Cast(cast)) if *ty == DataType::Float64 && is_whole(&cast.expr, scan) => {
            (Function::Mean, measure(&cast.expr)?)
        }
        _ => return None,
    };
    let filter = params.filter.as_ref().map(|filter| filter.as_ref().clone());
    plain.then_some((function, of, filter))
}

/// Whether a column of numbers holds whole ones: their sum is exact as a floating-point number too.
fn is_whole(column: &Expr, scan: &TableScan) -> bool {
    let Expr::Column(column) = column else { return false };
    scan.source.schema().field_with_name(&column.name).is_ok_and(|field| *field.data_type() == DataType::Int64)
}

/// The table of a scan, where a session may ask its projection for these columns.
pub(super) fn governed(scan: &TableScan) -> Option<Arc<dyn datafusion::catalog::TableProvider>> {
    source_as_provider(&scan.source).ok().filter(|provider| provider.downcast_ref::<GovernedTable>().is_some())
}
