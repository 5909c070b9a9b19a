//! Answers a bound question: rows in memory, joined with a hash where two columns must be equal.
//!
//! The catalogue is small, so nothing is clever but the joins; [`WORK_MAX`] bounds what one question may cost.

use std::{cell::Cell, cmp::Ordering, collections::HashMap};

use regex::{Regex, RegexBuilder};

use super::{
    bound::{Body, Bound, Compare, JoinKind, Op, Plan, Source, Step},
    evaluate::evaluate,
    group,
    value::{Row, Value, ordered},
    world::World,
};
use crate::fault::{Fault, code};

/// Rows and expressions that one question may look at.
const WORK_MAX: u64 = 5_000_000;
/// Cells of rows that are put together at once.
const CELLS_MAX: usize = 4_000_000;

/// Where an expression is evaluated: a row, and the rows around it.
pub(crate) struct Here<'a> {
    pub(crate) world: &'a World,
    pub(crate) row: &'a [Value],
    pub(crate) outer: Option<&'a Here<'a>>,
    pub(crate) aggregates: &'a [Value],
    pub(crate) numbers: &'a [i64],
    pub(crate) work: &'a Cell<u64>,
}

impl<'a> Here<'a> {
    pub(crate) fn outermost(world: &'a World, work: &'a Cell<u64>) -> Self {
        Self { world, row: &[], outer: None, aggregates: &[], numbers: &[], work }
    }

    pub(crate) fn at<'b>(&'b self, row: &'b [Value]) -> Here<'b> {
        Here { world: self.world, row, outer: self.outer, aggregates: &[], numbers: &[], work: self.work }
    }

    fn inside(&'a self) -> Here<'a> {
        Here { world: self.world, row: &[], outer: Some(self), aggregates: &[], numbers: &[], work: self.work }
    }

    /// Counts what is done.
    pub(crate) fn worked(&self) -> Result<(), Fault> {
        self.work.set(self.work.get() + 1);
        if self.work.get() > WORK_MAX { Err(too_large()) } else { Ok(()) }
    }
}

fn too_large() -> Fault {
    Fault::new(code::TOO_COMPLEX, "this question about the catalogue is too large; name fewer of its tables")
}

/// Puts a row to others, unless there are too many.
fn push(rows: &mut Vec<Row>, row: Row) -> Result<(), Fault> {
    if rows.len().saturating_mul(row.len()) > CELLS_MAX {
        return Err(too_large());
    }
    rows.push(row);
    Ok(())
}

/// The rows that a question inside another tells.
pub(crate) fn rows_inside(plan: &Plan, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    rows(plan, &here.inside())
}

/// The rows that a question tells.
pub(crate) fn rows(plan: &Plan, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    let mut rows = match &plan.body {
        Body::Select(select) => group::selected(select, plan.columns.len(), here)?,
        Body::Values(values) => values
            .iter()
            .map(|row| row.iter().map(|value| evaluate(value, here)).collect())
            .collect::<Result<_, _>>()?,
        Body::Union { left, right, all } => {
            let mut both = self::rows(left, here)?;
            both.extend(self::rows(right, here)?);
            if *all { both } else { group::distinct(both, plan.columns.len()) }
        }
        Body::Except { left, right } => only(left, right, false, here)?,
        Body::Intersect { left, right } => only(left, right, true, here)?,
    };
    sort(&mut rows, plan);
    let number = |of: &Option<Bound>| -> Result<Option<usize>, Fault> {
        let value = of.as_ref().map(|of| evaluate(of, here)).transpose()?;
        Ok(value.and_then(|value| value.as_int()).map(|number| usize::try_from(number).unwrap_or_default()))
    };
    let (skip, most) = (number(&plan.offset)?.unwrap_or_default(), number(&plan.limit)?.unwrap_or(usize::MAX));
    let told = |mut row: Row| {
        row.truncate(plan.columns.len());
        row
    };
    Ok(rows.into_iter().skip(skip).take(most).map(told).collect())
}

fn only(left: &Plan, right: &Plan, wanted: bool, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    let right: std::collections::HashSet<String> = rows(right, here)?.iter().map(|row| group::key(row)).collect();
    let mut left = rows(left, here)?;
    left.retain(|row| right.contains(&group::key(row)) == wanted);
    let width = left.first().map_or(0, Vec::len);
    Ok(group::distinct(left, width))
}

fn sort(rows: &mut [Row], plan: &Plan) {
    rows.sort_by(|a, b| {
        let by_each = plan.order.iter().map(|by| {
            let (a, b) = (a.get(by.at).unwrap_or(&Value::Null), b.get(by.at).unwrap_or(&Value::Null));
            match (a.is_null(), b.is_null()) {
                (true, false) => {
                    if by.nulls_first {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                (false, true) => {
                    if by.nulls_first {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    }
                }
                _ if by.descending => ordered(b, a),
                _ => ordered(a, b),
            }
        });
        by_each.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
}

/// All rows of `FROM` for which the conditions hold.
pub(crate) fn joined(steps: &[Step], conditions: &[Bound], here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    let mut rows: Vec<Row> = vec![Vec::new()];
    let mut waiting: Vec<&Bound> = conditions.iter().collect();
    let preserved =
        |from: usize| !steps.iter().skip(from).any(|step| matches!(step.join, JoinKind::Right | JoinKind::Full));
    if preserved(0) && steps.iter().any(brings_nothing) {
        return Ok(Vec::new());
    }
    let mut width = 0;
    for (place, step) in steps.iter().enumerate() {
        let before = width;
        width += step.columns.len();
        // What can be known by now is not carried on; unless a later join could bring it back.
        let (now, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|of| preserved(place) && of.width().is_some_and(|needed| needed <= width));
        waiting = later;
        let mut on: Vec<&Bound> = step.on.iter().collect();
        if step.join == JoinKind::Inner {
            on.extend(&now);
        }
        rows = join(rows, step, &on, before, here)?;
        if step.join != JoinKind::Inner {
            rows = kept(rows, &now, here)?;
        }
    }
    kept(rows, &waiting, here)
}

/// Whether no row is left once it is joined, so that nothing need be joined before it.
fn brings_nothing(step: &Step) -> bool {
    step.join == JoinKind::Inner && matches!(&step.source, Source::Table(table) if table.rows.is_empty())
}

fn kept(rows: Vec<Row>, conditions: &[&Bound], here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    if conditions.is_empty() {
        return Ok(rows);
    }
    let mut kept = Vec::new();
    for row in rows {
        if holds(conditions, &row, here)? {
            kept.push(row);
        }
    }
    Ok(kept)
}

fn holds(conditions: &[&Bound], row: &[Value], here: &Here<'_>) -> Result<bool, Fault> {
    here.worked()?;
    let here = here.at(row);
    for condition in conditions {
        if !evaluate(condition, &here)?.holds() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn join(left: Vec<Row>, step: &Step, on: &[&Bound], width: usize, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    if let Some(each) = depends_on_row(&step.source) {
        return join_each(left, step, each, on, here);
    }
    let right = source_rows(&step.source, here)?;
    let equal = on.iter().find_map(|of| equal_columns(of, width));
    let index = equal.map(|(_, at)| indexed(&right, at));
    let everything: Vec<usize> = (0..right.len()).collect();
    let mut found = vec![false; right.len()];
    let mut rows = Vec::new();
    for left in left {
        let candidates = match (&index, equal) {
            (Some(index), Some((at, _))) => match left.get(at) {
                None | Some(Value::Null) => &[],
                Some(value) => index.get(&value.key()).map(Vec::as_slice).unwrap_or_default(),
            },
            _ => everything.as_slice(),
        };
        let mut matched = false;
        for &place in candidates {
            let row: Row = left.iter().chain(&right[place]).cloned().collect();
            if holds(on, &row, here)? {
                (matched, found[place]) = (true, true);
                push(&mut rows, row)?;
            }
        }
        if !matched && matches!(step.join, JoinKind::Left | JoinKind::Full) {
            rows.push(padded(left, width + step.columns.len()));
        }
    }
    if matches!(step.join, JoinKind::Right | JoinKind::Full) {
        let alone = right.into_iter().zip(found).filter(|(_, found)| !found);
        rows.extend(alone.map(|(row, _)| std::iter::repeat_n(Value::Null, width).chain(row).collect::<Row>()));
    }
    Ok(rows)
}

fn padded(mut row: Row, width: usize) -> Row {
    row.resize(width, Value::Null);
    row
}

/// `left column = right column`, of which the right one is of the rows that are joined.
fn equal_columns(of: &Bound, width: usize) -> Option<(usize, usize)> {
    let Op::Compare { how: Compare::Equal, left, right } = &of.op else { return None };
    let (Op::Column { depth: 0, at: a }, Op::Column { depth: 0, at: b }) = (&left.op, &right.op) else { return None };
    let (low, high) = (*a.min(b), *a.max(b));
    (low < width && high >= width).then(|| (low, high - width))
}

fn indexed(rows: &[Row], at: usize) -> HashMap<String, Vec<usize>> {
    let mut index: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if let Some(value) = row.get(at).filter(|value| !value.is_null()) {
            index.entry(value.key()).or_default().push(place);
        }
    }
    index
}

/// What has to be made anew for each row it is joined to.
#[derive(Clone, Copy)]
enum EachRow<'a> {
    List(&'a Bound),
    Plan(&'a Plan),
}

fn depends_on_row(source: &Source) -> Option<EachRow<'_>> {
    match source {
        Source::List(list) => Some(EachRow::List(list)),
        Source::Plan { plan, lateral: true } => Some(EachRow::Plan(plan)),
        _ => None,
    }
}

fn join_each(
    left: Vec<Row>,
    step: &Step,
    each: EachRow<'_>,
    on: &[&Bound],
    here: &Here<'_>,
) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    for left in left {
        let width = left.len();
        let more: Vec<Row> = match each {
            EachRow::List(list) => listed(list, &here.at(&left))?.into_iter().map(|value| vec![value]).collect(),
            EachRow::Plan(plan) => rows_inside(plan, &here.at(&left))?,
        };
        let mut matched = false;
        for right in more {
            let row: Row = left.iter().cloned().chain(right).collect();
            if holds(on, &row, here)? {
                matched = true;
                push(&mut rows, row)?;
            }
        }
        if !matched && step.join == JoinKind::Left {
            rows.push(padded(left, width + step.columns.len()));
        }
    }
    Ok(rows)
}

/// The values of a list that is told row by row.
pub(crate) fn listed(list: &Bound, here: &Here<'_>) -> Result<Vec<Value>, Fault> {
    let of = match &list.op {
        Op::Rows(of) => of,
        _ => list,
    };
    let value = evaluate(of, here)?;
    match value {
        // What is no list is told as the one row that it is, as PostgreSQL does in FROM.
        Value::Null => Ok(Vec::new()),
        other => Ok(other.elements().unwrap_or_else(|| vec![other])),
    }
}

fn source_rows(source: &Source, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    match source {
        Source::Table(table) => {
            let oid = Value::Int(i64::from(table.oid));
            Ok(table.rows.iter().map(|row| row.iter().cloned().chain([oid.clone()]).collect()).collect())
        }
        Source::Rows(rows) => Ok(rows.to_vec()),
        Source::Plan { plan, .. } => rows(plan, here),
        Source::Nested(steps) => joined(steps, &[], here),
        Source::List(list) => Ok(listed(list, here)?.into_iter().map(|value| vec![value]).collect()),
    }
}

/// A pattern of PostgreSQL's, which are nearly those of everybody else.
pub(crate) fn pattern(text: &str, ignore_case: bool) -> Result<Regex, Fault> {
    let built = RegexBuilder::new(text).case_insensitive(ignore_case).size_limit(1 << 20).build();
    built.map_err(|_| Fault::new("2201B", format!("`{text}` is no regular expression")))
}
