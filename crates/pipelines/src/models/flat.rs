//! Rows to learn from that a bank has already: a table of its own with a label.

use arrow::{
    array::{Array as _, AsArray as _},
    compute::cast,
    datatypes::{DataType, Date32Type, Float64Type},
};
use florin_models::definition::{Source, Task};
use jiff::{ToSpan as _, civil::Date};

use super::{
    dataset::{Rows, Wanted},
    gather::each,
    grown::Growing,
    wrong,
};
use crate::{FlowError, House, load::Progress};

/// The rows of a model over a flat table, as a session sees it. Rows without a label are left out.
pub(super) async fn of_table(house: &House, wanted: &Wanted<'_>, progress: &dyn Progress) -> Result<Rows, FlowError> {
    let Source::Table { name: table, label, id, date, time, columns } = &wanted.def.source else {
        return Err(FlowError::Internal("a model over the lake is no flat table".to_owned()));
    };
    let model = &wanted.def.name;
    let asking = house.asking(wanted.purpose, Some(wanted.known_by)).await?;
    let Some(granted) = asking.grant().table(table) else {
        return Err(house.record_refusal(asking.grant().refuse_table(table)).await);
    };
    if let Some(masked) =
        columns.iter().chain(label).chain(time.iter().map(|(time, _)| time)).find(|column| granted.is_masked(column))
    {
        let (who, purpose) = (&house.who().user, wanted.purpose);
        let what = format!("`{who}` may not see `{table}.{masked}` for {purpose}, and would train on gaps");
        return Err(wrong(model, format!("{what}; ask somebody who may, or take it out")));
    }
    let date_column = date.as_ref().map_or_else(|| "NULL".to_owned(), |date| format!("CAST(\"{date}\" AS DATE)"));
    let named: String = columns.iter().map(|column| format!(", \"{column}\"")).collect();
    // In the order of what tells rows apart, so that files in another order give the same bytes.
    let time_column =
        time.as_ref().map_or_else(|| "NULL".to_owned(), |(time, _)| format!("CAST(\"{time}\" AS DOUBLE)"));
    let label_column = label.as_ref().map_or_else(|| "CAST(NULL AS DOUBLE)".to_owned(), |label| format!("\"{label}\""));
    // A label only checks an isolation forest: rows without one are learnt from all the same.
    let labelled = wanted.def.learner.task() != Task::Odd;
    let sql = format!(
        "SELECT \"{id}\", {label_column} AS \"what became of it\", {date_column} AS \"the row's date\", {time_column} AS \"how long it was seen\"{named} FROM \"{table}\" ORDER BY 1"
    );
    progress.begin(&format!("{model}: rows of `{table}`"), "rows", None);
    let mut growing = Growing::new(columns.clone());
    let (mut customers, mut labels, mut days, mut seen) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    each(asking.sql(&sql).await?, |batch| {
        let (ids, values, dates, times) = (batch.column(0), batch.column(1), batch.column(2), batch.column(3));
        let label_type = values.data_type();
        if !(label_type.is_numeric() || matches!(label_type, DataType::Boolean)) {
            let what = format!(
                "its label {label_column} is a {label_type}; make it 0 and 1, or true and false, where it is mapped"
            );
            return Err(wrong(model, what));
        }
        let values = cast(values, &DataType::Float64)?;
        let values = values.as_primitive::<Float64Type>();
        let first = customers.len();
        let mut rows = Vec::with_capacity(batch.num_rows());
        let (id_numbers, texts) = (number(ids)?, cast(ids, &DataType::Utf8)?);
        let day = |row: usize| dates.as_primitive_opt::<Date32Type>().filter(|d| d.is_valid(row)).map(|d| d.value(row));
        let lived =
            |row: usize| times.as_primitive_opt::<Float64Type>().filter(|t| t.is_valid(row)).map(|t| t.value(row));
        for row in 0..batch.num_rows() {
            let (dated, lived) = (day(row).and_then(civil), lived(row));
            let there = (values.is_valid(row) || !labelled) && ids.is_valid(row);
            let wanted_row = there && (date.is_none() || dated.is_some()) && (time.is_none() || lived.is_some());
            rows.push(wanted_row.then(|| customers.len() - first));
            if wanted_row {
                let label = values.is_valid(row).then(|| values.value(row));
                labels.push(label_of(label, lived).map_err(|what| wrong(model, what))?);
                seen.extend(lived);
                customers
                    .push(id_numbers.as_ref().map_or_else(|| hashed(texts.as_string::<i32>().value(row)), |n| n[row]));
                days.extend(dated);
            }
        }
        growing.extend(customers.len() - first);
        for (at, column) in batch.columns()[4..].iter().enumerate() {
            growing.put(at, first, &rows, column)?;
        }
        progress.advance(batch.num_rows() as u64);
        Ok(())
    })
    .await?;
    progress.end();
    if customers.is_empty() {
        return Err(wrong(
            model,
            format!("`{table}` has no row{} that you may see", if labelled { " with a label" } else { "" }),
        ));
    }
    let dates = vec![(table.clone(), customers.len())];
    let days = date.is_some().then_some(days);
    let seen = time.is_some().then_some(seen);
    Ok(Rows { frame: growing.frame()?, labels, seen, customers, days, treated: None, dates, dates_open: 0 })
}

/// What became of a row: its label; of models of times, when it happened, where the label says that it did.
fn label_of(label: Option<f64>, lived: Option<f64>) -> Result<Option<f64>, String> {
    let Some(label) = label else { return Ok(None) };
    match (lived, label) {
        (None, label) => Ok(Some(label)),
        (Some(time), _) if !(time > 0.0 && time.is_finite()) => {
            Err(format!("a row was seen for {time}; times are above 0, or the row has none"))
        }
        (Some(time), 1.0) => Ok(Some(time)),
        (Some(_), 0.0) => Ok(None),
        (Some(_), other) => Err(format!("its label holds {other}; it is 1 where it happened and 0 where it did not")),
    }
}

/// Whole numbers as they are.
fn number(ids: &arrow::array::ArrayRef) -> Result<Option<Vec<i64>>, FlowError> {
    if !ids.data_type().is_integer() {
        return Ok(None);
    }
    let ids = cast(ids, &DataType::Int64)?;
    Ok(Some(ids.as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()))
}

/// Other things that tell rows apart, as numbers: only equality counts.
fn hashed(text: &str) -> i64 {
    let hash = blake3::hash(text.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

fn civil(days: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(i64::from(days).days()).ok()
}
