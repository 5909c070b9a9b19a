//! Texts with what is known of them.

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _},
    compute::cast,
    datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use florin_domain::catalogue::CUSTOMER_ID;
use florin_lake::QueryOutput;
use florin_models::definition::LabelledFile;

use super::super::{csv::CsvFile, gather::each, wrong};
use crate::{FlowError, House};

/// Texts of a model at most.
const TEXTS_MAX: usize = 5_000_000;

/// Texts, in an order that does not depend on how they came.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) rows: Vec<TextRow>,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TextRow {
    /// Microseconds UTC; 0 of texts of a file.
    pub(super) time: i64,
    /// What tells texts apart.
    pub(super) id: String,
    /// Whose it is.
    pub(super) customer: Option<i64>,
    pub(super) text: String,
    /// What somebody said that it is about.
    pub(super) label: Option<String>,
}

/// The texts that a query gives. Rows without a text are left out.
pub(super) async fn of_query(output: QueryOutput, model: &str) -> Result<Texts, FlowError> {
    let mut rows = Vec::new();
    let mut without = 0_usize;
    each(output, |batch| {
        let named = |name: &str| batch.column_by_name(name);
        let missing = |name: &str| wrong(model, format!("the texts' query gives no column `{name}`"));
        let text = |name: &str| named(name).map(|values| cast(values, &DataType::Utf8)).transpose();
        let (ids, texts) = (text("id")?.ok_or_else(|| missing("id"))?, text("text")?.ok_or_else(|| missing("text"))?);
        let labels = text("label")?;
        let customers = cast(named(CUSTOMER_ID).ok_or_else(|| missing(CUSTOMER_ID))?, &DataType::Int64)?;
        let times = times(named("ts").ok_or_else(|| missing("ts"))?, model)?;
        let at = |values: &ArrayRef, row: usize| {
            let values = values.as_string::<i32>();
            values.is_valid(row).then(|| values.value(row).to_owned())
        };
        for row in 0..batch.num_rows() {
            let (Some(id), Some(text)) = (at(&ids, row), at(&texts, row).filter(|text| !text.trim().is_empty())) else {
                without += 1;
                continue;
            };
            let customers = customers.as_primitive::<Int64Type>();
            rows.push(TextRow {
                time: times.as_primitive::<TimestampMicrosecondType>().value(row),
                id,
                customer: customers.is_valid(row).then(|| customers.value(row)),
                text,
                label: labels.as_ref().and_then(|labels| at(labels, row)).filter(|label| !label.is_empty()),
            });
        }
        match rows.len() > TEXTS_MAX {
            true => Err(wrong(model, format!("more than {TEXTS_MAX} texts; let its query give fewer"))),
            false => Ok(()),
        }
    })
    .await?;
    if rows.is_empty() && without > 0 {
        let what = format!("none of {without} rows has a text that you may see; ask somebody who may see texts");
        return Err(wrong(model, what));
    }
    rows.sort_unstable();
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].id == pair[1].id && pair[0].time == pair[1].time) {
        return Err(wrong(model, format!("the texts' query gives `{}` twice; one row a text", pair[0].id)));
    }
    Ok(Texts { rows })
}

fn times(values: &ArrayRef, model: &str) -> Result<ArrayRef, FlowError> {
    match values.data_type() {
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            Ok(cast(values, &DataType::Timestamp(TimeUnit::Microsecond, None))?)
        }
        other => Err(wrong(model, format!("the texts' query gives a `ts` of type {other}; make it a time or a date"))),
    }
}

/// The texts of a file, which have labels, in their order.
pub(super) fn of_file(house: &House, model: &str, file: &LabelledFile) -> Result<Texts, FlowError> {
    let read = CsvFile::read(house, model, &file.path)?;
    let pairs = read.pairs(&file.text, &file.label)?;
    let whole = pairs.into_iter().filter(|(text, label)| !text.is_empty() && !label.is_empty());
    let row = |(number, (text, label)): (usize, (&str, &str))| TextRow {
        time: 0,
        id: format!("{number:012}"),
        customer: None,
        text: text.to_owned(),
        label: Some(label.to_owned()),
    };
    let rows: Vec<TextRow> = whole.enumerate().map(row).collect();
    if rows.len() > TEXTS_MAX {
        return Err(read.wrong(format!("more than {TEXTS_MAX} texts")));
    }
    Ok(Texts { rows })
}
