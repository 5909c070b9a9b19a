//! Tables and answers, as people and programs read them.

use std::io::{self, Write};

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
    ipc::writer::StreamWriter,
    util::display::{ArrayFormatter, FormatOptions},
};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use florin_lake::QueryOutput;
use futures::StreamExt as _;
use parquet::arrow::ArrowWriter;

use crate::args::Format;

/// Rows a table for people shows; more are counted.
const TABLE_ROWS_MAX: usize = 1000;

/// An empty table with headings.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings.iter().map(Cell::new));
    table
}

/// A number with separators, to the right.
pub(crate) fn number(n: u64) -> Cell {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A share as per cent, to the right; nothing for none.
pub(crate) fn share(share: Option<f64>) -> Cell {
    let text = share.map_or_else(String::new, |s| {
        // Never rounded up to all: one bad row in a million is shown.
        let percent = (s * 10_000.0).floor() / 100.0;
        format!("{percent:.2} %")
    });
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Prints a line of results.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn line(text: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints something as JSON.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?)?;
    Ok(())
}

/// Batches as a table for people.
pub(crate) fn batches_table(schema: &SchemaRef, batches: &[RecordBatch]) -> anyhow::Result<Table> {
    let headings: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let mut shown = table(&headings);
    let options = FormatOptions::default().with_display_error(true);
    for batch in batches {
        let columns: Result<Vec<_>, _> =
            batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options)).collect();
        let columns = columns?;
        for row in 0..batch.num_rows() {
            shown.add_row(columns.iter().zip(batch.columns()).map(|(formatter, column)| {
                let cell = Cell::new(formatter.value(row).to_string());
                let is_number =
                    column.data_type().is_numeric() || matches!(column.data_type(), DataType::Decimal128(_, _));
                if is_number { cell.set_alignment(CellAlignment::Right) } else { cell }
            }));
        }
    }
    Ok(shown)
}

/// Prints an answer as it comes.
///
/// # Errors
/// When the query fails or standard output is closed.
pub(crate) async fn answer(output: QueryOutput, format: Format) -> anyhow::Result<()> {
    let QueryOutput { schema, mut batches } = output;
    let mut stdout = io::BufWriter::new(io::stdout());
    match format {
        Format::Table => return answer_table(&schema, batches).await,
        Format::Csv => {
            let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut stdout);
            writer.write(&RecordBatch::new_empty(schema))?;
            while let Some(batch) = batches.next().await {
                writer.write(&batch?)?;
            }
        }
        Format::Json => {
            let mut writer = arrow::json::LineDelimitedWriter::new(&mut stdout);
            while let Some(batch) = batches.next().await {
                writer.write(&batch?)?;
            }
            writer.finish()?;
        }
        Format::Arrow => {
            let mut writer = StreamWriter::try_new(&mut stdout, &schema)?;
            while let Some(batch) = batches.next().await {
                writer.write(&batch?)?;
            }
            writer.finish()?;
        }
        Format::Parquet => {
            let mut writer = ArrowWriter::try_new(&mut stdout, schema, None)?;
            while let Some(batch) = batches.next().await {
                writer.write(&batch?)?;
            }
            writer.close()?;
        }
    }
    stdout.flush()?;
    Ok(())
}

async fn answer_table(
    schema: &SchemaRef,
    mut batches: futures::stream::BoxStream<'static, Result<RecordBatch, florin_lake::LakeError>>,
) -> anyhow::Result<()> {
    let (mut shown, mut rows) = (Vec::new(), 0);
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let room = TABLE_ROWS_MAX.saturating_sub(rows);
        if room > 0 {
            shown.push(batch.slice(0, batch.num_rows().min(room)));
        }
        rows += batch.num_rows();
    }
    line(batches_table(schema, &shown)?)?;
    if rows > TABLE_ROWS_MAX {
        line(format!("the first {TABLE_ROWS_MAX} of {rows} rows; --format csv, json, arrow or parquet has them all"))?;
    }
    Ok(())
}
