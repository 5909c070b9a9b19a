//! One SELECT: what is told of each row, or of each group of rows.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use super::{
    bound::{Aggregate, AggregateKind, Bound, Grouping, Numbered, Op, Select},
    evaluate::evaluate,
    run::{Here, joined, listed},
    value::{Row, Value, ordered},
};
use crate::fault::Fault;

/// The rows of a SELECT, with those columns last that are only sorted by; so many are told.
pub(crate) fn selected(select: &Select, told: usize, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    let rows = joined(&select.from, &select.conditions, here)?;
    let told_rows = match &select.grouping {
        Some(grouping) => of_groups(select, grouping, rows, here)?,
        None => of_rows(select, &rows, here)?,
    };
    Ok(if select.distinct { distinct(told_rows, told) } else { told_rows })
}

/// What tells two rows apart.
pub(crate) fn key(row: &[Value]) -> String {
    row.iter().map(Value::key).collect::<Vec<_>>().join("\u{1f}")
}

/// Each row once, judged by its first columns.
pub(crate) fn distinct(rows: Vec<Row>, told: usize) -> Vec<Row> {
    let mut seen = HashSet::new();
    rows.into_iter().filter(|row| seen.insert(key(row.get(..told).unwrap_or(row)))).collect()
}

fn of_rows(select: &Select, rows: &[Row], here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    let numbers =
        select.numbered.iter().map(|numbered| numbers(numbered, rows, here)).collect::<Result<Vec<_>, _>>()?;
    let mut told = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let numbers: Vec<i64> = numbers.iter().filter_map(|all| all.get(place).copied()).collect();
        let here = Here { numbers: &numbers, ..here.at(row) };
        told.extend(told_of(&select.told, &here)?);
    }
    Ok(told)
}

/// One row, or several where a list is told row by row: as many as the longest has.
fn told_of(values: &[Bound], here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    if !values.iter().any(Bound::makes_rows) {
        return Ok(vec![values.iter().map(|value| evaluate(value, here)).collect::<Result<_, _>>()?]);
    }
    let lists = values
        .iter()
        .map(|value| match &value.op {
            Op::Rows(_) => listed(value, here).map(Some),
            _ => Ok(None),
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let longest = lists.iter().flatten().map(Vec::len).max().unwrap_or_default();
    let row = |place: usize| {
        let cell = |(value, list): (&Bound, &Option<Vec<Value>>)| match list {
            Some(list) => Ok(list.get(place).cloned().unwrap_or(Value::Null)),
            None => evaluate(value, here),
        };
        values.iter().zip(&lists).map(cell).collect()
    };
    (0..longest).map(row).collect()
}

fn of_groups(select: &Select, grouping: &Grouping, rows: Vec<Row>, here: &Here<'_>) -> Result<Vec<Row>, Fault> {
    let mut told = Vec::new();
    for group in groups(grouping, rows, here)? {
        let aggregates = grouping
            .aggregates
            .iter()
            .map(|aggregate| value_of(aggregate, &group, here))
            .collect::<Result<Vec<_>, _>>()?;
        let nobody = Row::new();
        let here = Here { aggregates: &aggregates, ..here.at(group.first().unwrap_or(&nobody)) };
        let kept = grouping.having.as_ref().map(|having| evaluate(having, &here)).transpose()?;
        if kept.is_none_or(|value| value.holds()) {
            told.extend(told_of(&select.told, &here)?);
        }
    }
    Ok(told)
}

fn groups(grouping: &Grouping, rows: Vec<Row>, here: &Here<'_>) -> Result<Vec<Vec<Row>>, Fault> {
    if grouping.by.is_empty() {
        return Ok(vec![rows]);
    }
    let (mut places, mut groups): (HashMap<String, usize>, Vec<Vec<Row>>) = Default::default();
    for row in rows {
        let by: Row = grouping.by.iter().map(|by| evaluate(by, &here.at(&row))).collect::<Result<_, _>>()?;
        let place = *places.entry(key(&by)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    Ok(groups)
}

fn value_of(aggregate: &Aggregate, rows: &[Row], here: &Here<'_>) -> Result<Value, Fault> {
    let rows = in_order(&aggregate.order, rows, here)?;
    let mut values = Vec::new();
    for row in rows {
        let here = here.at(row);
        let counted = aggregate.filter.as_ref().map(|filter| evaluate(filter, &here)).transpose()?;
        if counted.is_none_or(|value| value.holds()) {
            values.push(aggregate.of.as_ref().map_or(Ok(Value::Int(1)), |of| evaluate(of, &here))?);
        }
    }
    if aggregate.distinct {
        let mut seen = HashSet::new();
        values.retain(|value| seen.insert(value.key()));
    }
    if aggregate.what == AggregateKind::List {
        return Ok(if values.is_empty() { Value::Null } else { Value::list(values) });
    }
    values.retain(|value| !value.is_null());
    let separator = aggregate.separator.as_ref().map(|of| evaluate(of, here)).transpose()?;
    Ok(summed_up(aggregate.what, values, &separator.and_then(|value| value.shown()).unwrap_or_default()))
}

fn summed_up(what: AggregateKind, values: Vec<Value>, separator: &str) -> Value {
    if what == AggregateKind::Count {
        return Value::Int(values.len() as i64);
    }
    if values.is_empty() {
        return Value::Null;
    }
    match what {
        AggregateKind::Sum => Value::Int(values.iter().filter_map(Value::as_int).sum()),
        AggregateKind::Min => values.into_iter().min_by(ordered).unwrap_or(Value::Null),
        AggregateKind::Max => values.into_iter().max_by(ordered).unwrap_or(Value::Null),
        AggregateKind::Text => Value::text(values.iter().filter_map(Value::shown).collect::<Vec<_>>().join(separator)),
        AggregateKind::All => Value::Bool(values.iter().all(Value::holds)),
        AggregateKind::Any => Value::Bool(values.iter().any(Value::holds)),
        AggregateKind::Count | AggregateKind::List => Value::list(values),
    }
}

/// Rows in an order, with the first values first.
fn in_order<'a>(order: &[(Bound, bool)], rows: &'a [Row], here: &Here<'_>) -> Result<Vec<&'a Row>, Fault> {
    let keys = |row: &'a Row| {
        let key = order.iter().map(|(by, _)| evaluate(by, &here.at(row))).collect::<Result<Row, Fault>>()?;
        Ok((key, row))
    };
    let mut keyed: Vec<(Row, &Row)> = rows.iter().map(keys).collect::<Result<_, Fault>>()?;
    keyed.sort_by(|(a, _), (b, _)| by_each(order, a, b));
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

fn by_each(order: &[(Bound, bool)], a: &[Value], b: &[Value]) -> Ordering {
    let each =
        order.iter().zip(a.iter().zip(b)).map(|((_, down), (a, b))| if *down { ordered(b, a) } else { ordered(a, b) });
    each.into_iter().find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
}

/// For each row, which of its partition it is.
fn numbers(numbered: &Numbered, rows: &[Row], here: &Here<'_>) -> Result<Vec<i64>, Fault> {
    let mut partitions: HashMap<String, Vec<(Row, usize)>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        let here = here.at(row);
        let by: Row = numbered.by.iter().map(|by| evaluate(by, &here)).collect::<Result<_, _>>()?;
        let order: Row = numbered.order.iter().map(|(by, _)| evaluate(by, &here)).collect::<Result<_, _>>()?;
        partitions.entry(key(&by)).or_default().push((order, place));
    }
    let mut numbers = vec![0; rows.len()];
    for mut partition in partitions.into_values() {
        partition.sort_by(|(a, _), (b, _)| by_each(&numbered.order, a, b));
        for (number, (_, place)) in (1..).zip(partition) {
            numbers[place] = number;
        }
    }
    Ok(numbers)
}
