//! Which sums by kinds and times a projection answers.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, RecordBatch, TimestampMicrosecondArray, UInt32Array},
    compute::{cast, kernels::cmp::not_distinct, take},
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    row::{OwnedRow, RowConverter, SortField},
};
use datafusion::{
    common::{
        DFSchema, Result,
        tree_node::{TreeNode as _, TreeNodeRecursion},
    },
    execution::SessionState,
    logical_expr::{
        Aggregate, Expr, LogicalPlan, TableScan,
        expr::AggregateFunction,
        utils::{conjunction, split_conjunction},
    },
};
use florin_domain::catalogue::{CUSTOMER_ID, TS};

use super::super::{
    super::{
        manifest::Manifest,
        question::{Asked, is_column, is_of_kinds, is_settled, kind_table},
    },
    question::{Below, Function, Of, Wanted, of_table, wanted, wanted_of},
};
use crate::read::GovernedTable;

/// A quarter of an hour, in microseconds.
pub(super) const QUARTER: i64 = 900_000_000;
/// Quarters of an hour that are told apart, at most: those of 28 years.
const QUARTERS_MAX: i64 = 1 << 20;
/// Units of time that change at the beginning of an hour, or of a quarter of one where zones are shifted by that.
const COARSE: [&str; 9] = ["hour", "day", "dow", "isodow", "doy", "week", "month", "quarter", "year"];
/// Groups, at most.
const GROUPS_MAX: usize = 1 << 16;
/// Groups whose customers are counted, at most: each has a set of them.
const GROUPS_OF_CUSTOMERS_MAX: usize = 1 << 12;

/// What is made of a group's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Of(Function, Of),
    /// The same as a floating-point number: the mean of decimals with so many digits after the point.
    MeanOfDecimals(usize, i8),
    /// How many customers there are.
    Customers,
}

/// An aggregate over one table: what it asks, before anything is looked up.
pub(super) struct Shape<'a> {
    pub(super) scan: &'a TableScan,
    pub(super) schema: SchemaRef,
    pub(super) groups: Vec<Expr>,
    pub(super) conditions: Vec<Expr>,
    pub(super) values: Vec<Made>,
}

/// Groups by kinds and times, and which rows are of which.
#[derive(Debug)]
pub(super) struct Groups {
    /// Their values: a column a group expression, a row a group.
    pub(super) keys: Vec<ArrayRef>,
    /// Of each kind its part of the number of a group.
    pub(super) of_kind: Vec<u32>,
    /// Of each quarter of an hour from `first` on, its part; none where all are one.
    pub(super) of_quarter: Vec<u32>,
    /// When the first quarter begins (UTC microseconds).
    pub(super) first: i64,
    pub(super) wanted: Wanted,
}

impl Groups {
    pub(super) fn len(&self) -> usize {
        self.keys.first().map_or(1, Array::len)
    }
}

impl<'a> Shape<'a> {
    /// `None` when it is no such aggregate.
    pub(super) fn of(aggregate: &'a Aggregate, manifest: impl Fn(&TableScan) -> Option<Arc<Manifest>>) -> Option<Self> {
        let schema = Arc::new(aggregate.schema.as_arrow().clone());
        let said = Said::of(aggregate)?;
        let many = said.groups.len();
        let all = said.groups.iter().chain(&said.values).cloned().collect();
        let Below { scan, said: mut below, conditions } = Below::of(said.input, all).ok()??;
        let values = below.split_off(many);
        let manifest = manifest(scan)?;
        let own = |e: Expr| of_table(e, scan).ok();
        let groups: Vec<Expr> = below.into_iter().map(|e| own(e.unalias())).collect::<Option<_>>()?;
        let conditions = conditions.into_iter().map(own).collect::<Option<Vec<_>>>()?;
        if !groups.iter().all(|group| is_of_kinds(group, &manifest) || is_of_time(group)) {
            return None;
        }
        let each = values.iter().zip(schema.fields().iter().skip(many));
        let values = match said.customers {
            true => values.iter().map(|e| is_column(e, CUSTOMER_ID).then_some(Made::Customers)).collect(),
            false => each.map(|(value, field)| made(value, field, &manifest, scan)).collect::<Option<_>>(),
        };
        Some(Self { scan, schema, groups, conditions, values: values? })
    }

    /// The columns of numbers that values are made of.
    pub(super) fn measures(&self) -> impl Iterator<Item = usize> {
        self.values.iter().filter_map(|value| match value {
            Made::Of(_, Of::Measure(place)) | Made::MeanOfDecimals(place, _) => Some(*place),
            _ => None,
        })
    }

    /// Whose rows are asked for, of which kinds and times; `None` when a condition is about more than a projection has.
    pub(super) fn asked(&self, manifest: &Manifest) -> Option<Asked> {
        let all = self.conditions.iter().flat_map(split_conjunction).cloned();
        match conjunction(all) {
            Some(all) => Asked::default().with_conditions(&all, manifest),
            None => Some(Asked::default()),
        }
    }

    /// `None` when there are too many, or something of the time begins within a quarter of an hour.
    pub(super) async fn groups(
        &self,
        asked: Asked,
        table: &GovernedTable,
        manifest: &Manifest,
        state: &SessionState,
    ) -> Result<Option<Groups>> {
        let kinds = kind_table(table, manifest)?;
        let Some(mut wanted) = wanted_of(vec![asked], kinds.clone(), manifest, self.scan, state).await? else {
            return Ok(None);
        };
        let Some(wanted) = wanted.pop() else { return Ok(None) };
        let name = self.scan.table_name.clone();
        let own = |schema: &Schema| DFSchema::try_from_qualified_schema(name.clone(), schema);
        let (of_time, of_kinds): (Vec<_>, Vec<_>) = self.groups.iter().enumerate().partition(|(_, e)| is_of_time(e));
        let kind_columns = self.made(&of_kinds, &kinds, &own(&kinds.schema())?, state)?;
        let (of_kind, kind_rows) = numbered(&kind_columns, kinds.num_rows())?;

        let (mut of_quarter, mut quarter_rows, mut time_columns, mut first) = (Vec::new(), vec![0], Vec::new(), 0);
        if !of_time.is_empty() {
            let Some((from, quarters)) = quarters(manifest, &wanted) else { return Ok(None) };
            first = from;
            let ty = self.scan.source.schema().field_with_name(TS)?.data_type().clone();
            let DataType::Timestamp(TimeUnit::Microsecond, zone) = &ty else { return Ok(None) };
            let schema = Arc::new(Schema::new(vec![Field::new(TS, ty.clone(), false)]));
            let mut ends = Vec::new();
            for offset in [0, QUARTER - 1] {
                let times = (0..quarters).map(|quarter| first + quarter * QUARTER + offset);
                let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone_opt(zone.clone());
                let times = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(times)])?;
                ends.push(self.made(&of_time, &times, &own(&schema)?, state)?);
            }
            let Some((begins, ends)) = ends.split_first().and_then(|(begins, rest)| Some((begins, rest.first()?)))
            else {
                return Ok(None);
            };
            for (begin, end) in begins.iter().zip(ends) {
                if not_distinct(begin, end)?.has_false() {
                    return Ok(None);
                }
            }
            time_columns = begins.clone();
            (of_quarter, quarter_rows) = numbered(&time_columns, usize::try_from(quarters).unwrap_or_default())?;
        }
        let (many_kinds, many_times) = (kind_rows.len(), quarter_rows.len());
        let groups = many_kinds.saturating_mul(many_times);
        let counted = self.values.contains(&Made::Customers);
        if groups > GROUPS_MAX || (counted && groups > GROUPS_OF_CUSTOMERS_MAX) {
            return Ok(None);
        }
        let times = many_times as u32;
        let of_kind = of_kind.into_iter().map(|number| number * times).collect();
        // A row a group: its kinds, and its times.
        let kind_places: UInt32Array = kind_rows.iter().flat_map(|row| std::iter::repeat_n(*row, many_times)).collect();
        let time_places: UInt32Array = kind_rows.iter().flat_map(|_| quarter_rows.iter().copied()).collect();
        let mut keys: Vec<Option<ArrayRef>> = vec![None; self.groups.len()];
        for (columns, places, of) in [(&kind_columns, &kind_places, &of_kinds), (&time_columns, &time_places, &of_time)]
        {
            for (column, (place, _)) in columns.iter().zip(of) {
                let key = take(column, places, None)?;
                keys[*place] = Some(cast(&key, self.schema.field(*place).data_type())?);
            }
        }
        let keys = keys.into_iter().flatten().collect();
        Ok(Some(Groups { keys, of_kind, of_quarter, first, wanted }))
    }

    /// The values of group expressions for the rows of a batch.
    fn made(
        &self,
        groups: &[(usize, &Expr)],
        rows: &RecordBatch,
        schema: &DFSchema,
        state: &SessionState,
    ) -> Result<Vec<ArrayRef>> {
        let made = |(_, group): &(usize, &Expr)| {
            let made = state.create_physical_expr((*group).clone(), schema)?;
            made.evaluate(rows)?.into_array(rows.num_rows())
        };
        groups.iter().map(made).collect()
    }
}

/// What an aggregate says: how it counts customers, each once, the engine may have put in two steps.
struct Said<'a> {
    groups: Vec<Expr>,
    values: Vec<Expr>,
    /// Whether the one value is how many customers there are, and `values` names them.
    customers: bool,
    input: &'a LogicalPlan,
}

impl<'a> Said<'a> {
    fn of(aggregate: &'a Aggregate) -> Option<Self> {
        let plain = |groups: &[Expr]| groups.iter().all(|group| !matches!(group, Expr::GroupingSet(_)));
        if !plain(&aggregate.group_expr) {
            return None;
        }
        let groups = aggregate.group_expr.clone();
        let LogicalPlan::Aggregate(inner) = aggregate.input.as_ref() else {
            let values = aggregate.aggr_expr.clone();
            return Some(Self { groups, values, customers: false, input: &aggregate.input });
        };
        // `count(distinct c) group by g` is planned as `count(c) group by g` over `group by g, c`.
        let ([value], [inner_groups @ .., counted], []) =
            (aggregate.aggr_expr.as_slice(), inner.group_expr.as_slice(), inner.aggr_expr.as_slice())
        else {
            return None;
        };
        let Expr::AggregateFunction(AggregateFunction { func, params }) = value.clone().unalias() else { return None };
        let of_last = |e: &Expr| is_field(e, inner, inner_groups.len());
        let counts = func.name() == "count" && !params.distinct && params.filter.is_none() && params.args.len() == 1;
        let each = groups.iter().enumerate().all(|(place, group)| is_field(group, inner, place));
        let fits = counts && params.args.iter().all(of_last) && each && groups.len() == inner_groups.len();
        (fits && plain(inner_groups)).then(|| Self {
            groups: inner_groups.to_vec(),
            values: vec![counted.clone().unalias()],
            customers: true,
            input: &inner.input,
        })
    }
}

/// Whether an expression is the column of an aggregate at a place.
fn is_field(e: &Expr, of: &Aggregate, place: usize) -> bool {
    let e = e.clone().unalias();
    let Expr::Column(column) = &e else { return false };
    of.schema.maybe_index_of_column(column) == Some(place)
}

/// Whether an expression is made of nothing but the time, and of that only what is no finer than hours: of anything finer the beginning and the
/// end of a quarter of an hour say nothing.
fn is_of_time(e: &Expr) -> bool {
    let columns = e.column_refs();
    is_settled(e) && !columns.is_empty() && columns.iter().all(|column| column.name == TS) && looks_at_hours(e)
}

fn looks_at_hours(e: &Expr) -> bool {
    let mut fine = false;
    let looked = e.apply(|e| {
        fine |= matches!(e, Expr::Column(_));
        Ok(if is_coarse(e) { TreeNodeRecursion::Jump } else { TreeNodeRecursion::Continue })
    });
    looked.is_ok() && !fine
}

/// Whether an expression is the hour, the day or more of the time itself.
fn is_coarse(e: &Expr) -> bool {
    match e {
        Expr::Cast(cast) => *cast.field.data_type() == DataType::Date32 && is_column(&cast.expr, TS),
        Expr::ScalarFunction(call) => match (call.func.name(), call.args.as_slice()) {
            ("date_trunc" | "date_part", [Expr::Literal(unit, _), time]) => {
                let unit = unit.try_as_str().flatten().map(str::to_ascii_lowercase);
                unit.is_some_and(|unit| COARSE.contains(&unit.as_str())) && is_column(time, TS)
            }
            _ => false,
        },
        _ => false,
    }
}

/// A value that can be made.
fn made(value: &Expr, field: &Field, manifest: &Manifest, scan: &TableScan) -> Option<Made> {
    if let Expr::AggregateFunction(AggregateFunction { func, params }) = value.clone().unalias() {
        let plain = params.filter.is_none() && params.order_by.is_empty() && params.null_treatment.is_none();
        if let ("count", [column], true) = (func.name(), params.args.as_slice(), plain)
            && is_column(column, CUSTOMER_ID)
        {
            // Rows of nobody are not counted; how many there are of others is not asked for here.
            return params.distinct.then_some(Made::Customers);
        }
        if let ("avg", [Expr::Cast(of)], true) = (func.name(), params.args.as_slice(), plain && !params.distinct)
            && let Expr::Column(column) = of.expr.as_ref()
            && *field.data_type() == DataType::Float64
            && let Some(place) = manifest.measures.iter().position(|name| *name == column.name)
            && let DataType::Decimal128(_, scale) = scan.source.schema().field_with_name(&column.name).ok()?.data_type()
        {
            return Some(Made::MeanOfDecimals(place, *scale));
        }
    }
    let (function, of, filter) = wanted(value, field, manifest, scan)?;
    filter.is_none().then_some(Made::Of(function, of))
}

/// Rows that are the same in all columns have one number, from 0 on; and of each number a row that has it.
fn numbered(columns: &[ArrayRef], rows: usize) -> Result<(Vec<u32>, Vec<u32>)> {
    if columns.is_empty() {
        return Ok((vec![0; rows], vec![0]));
    }
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
    let converter = RowConverter::new(fields.collect())?;
    let (mut numbers, mut firsts) = (Vec::with_capacity(rows), Vec::new());
    let mut known: HashMap<OwnedRow, u32> = HashMap::new();
    for (place, row) in (0u32..).zip(&converter.convert_columns(columns)?) {
        let number = *known.entry(row.owned()).or_insert_with(|| {
            firsts.push(place);
            firsts.len() as u32 - 1
        });
        numbers.push(number);
    }
    Ok((numbers, firsts))
}

/// When the first quarter of an hour begins whose rows are wanted, and how many quarters there are from it on; `None` when too many.
fn quarters(manifest: &Manifest, wanted: &Wanted) -> Option<(i64, i64)> {
    let lists = manifest.parts.iter().chain(&manifest.nobodys).flat_map(|part| &part.segments).flat_map(|s| &s.lists);
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for list in lists {
        (first, last) = (first.min(list.first), last.max(list.last));
    }
    let (first, last) = (first.max(*wanted.times.start()), last.min(*wanted.times.end()));
    if last < first {
        return Some((0, 1));
    }
    let begin = first.div_euclid(QUARTER);
    let many = last.div_euclid(QUARTER).checked_sub(begin)?.checked_add(1)?;
    (many <= QUARTERS_MAX).then_some((begin.checked_mul(QUARTER)?, many))
}
