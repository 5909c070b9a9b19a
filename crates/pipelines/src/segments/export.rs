//! `florin segment export`: a segment's customers as a file.
//!
//! Who they are and what of them leaves is what a session for that purpose sees: consent filters and masks apply. The export is on
//! the audit log before a byte is written, and the file appears whole or not at all.
//!
//! **Formulae.** A spreadsheet runs what a cell of a CSV file begins with `=`, `+`, `-`, `@`, a tab or a carriage return (OWASP,
//! "CSV Injection"; also their full-width forms and a line feed). Texts that begin so get a `'` before them, which spreadsheets
//! take for "text". Numbers are left alone: `-12.50` is one. In Excel files texts are stored as texts, which no program runs.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Float64Type, SchemaRef},
    util::display::{ArrayFormatter, FormatOptions},
};
use florin_features::segments::expression::Expression;
use florin_governance::audit::{Entry, EventKind};
use florin_lake::QueryOutput;
use futures::{StreamExt as _, stream::BoxStream};
use roaring::RoaringBitmap;
use serde::Serialize;

use super::seen::SCHEMA;
use crate::{FlowError, ask::Asking};

/// What a text must not begin with in a CSV file.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// Rows of a sheet at most, with its heading: Excel's own bound.
const SHEET_ROWS_MAX: u64 = 1_048_576;
/// Columns of an export at most.
const COLUMNS_MAX: usize = 200;

/// As what a segment leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated, with a heading, in UTF-8.
    Csv,
    /// Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
}

/// What left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Where to.
    pub file: PathBuf,
    /// How many customers.
    pub rows: u64,
    /// Columns that are empty, because the session may not see what is in them.
    pub masked: Vec<String>,
}

/// One column of an export.
struct Column {
    name: String,
    sql: String,
    /// What must be joined for it.
    join: Option<String>,
    masked: bool,
}

impl Asking<'_> {
    /// The members of a segment, or of an expression of segments, as the session sees them.
    ///
    /// # Errors
    /// A refusal in words; that there is no such segment or it was never decided; an expression that cannot be read.
    pub async fn members(&self, expression: &str) -> Result<RoaringBitmap, FlowError> {
        let expression = Expression::parse(expression)?;
        let mut sets = std::collections::BTreeMap::new();
        for name in expression.names() {
            match self.segments().members(name).await {
                Ok(members) => drop(sets.insert(name.to_owned(), members)),
                Err(FlowError::Refused(refusal)) => return Err(self.house().record_refusal(refusal).await),
                Err(other) => return Err(other),
            }
        }
        let missing = |name: &str| FlowError::Internal(format!("segment `{name}` was not read"));
        expression.members(&mut |name| Ok(sets.get(name).ok_or_else(|| missing(name))?.all.clone()))
    }

    /// Writes a segment's customers to a file: their numbers, and columns of `customer`, traits (`traits.<name>`) or of a
    /// clustering its `cluster`.
    ///
    /// # Errors
    /// Those of [`Self::members`]; columns that there are not; when it cannot be put on record, or the file cannot be written.
    pub async fn export(
        &self,
        expression: &str,
        columns: &[String],
        format: ExportFormat,
        file: &Path,
    ) -> Result<Exported, FlowError> {
        let members = self.members(expression).await?;
        let rows = members.len();
        if format == ExportFormat::Xlsx && rows >= SHEET_ROWS_MAX {
            return Err(FlowError::Segment(format!("{rows} customers do not fit a sheet; export csv or parquet")));
        }
        let parsed = Expression::parse(expression)?;
        let columns = self.columns(columns, &parsed)?;
        let sql = question(&parsed, &columns);
        self.traits_of(&sql).await?;
        let output = match self.session().sql(&sql).await {
            Ok(output) => output,
            Err(error) => return Err(self.refused(error).await),
        };
        self.record_export(&parsed, expression, &columns, format, rows).await?;
        write_whole(file, &self.house().fresh_name(), output, format, rows).await?;
        let masked = columns.into_iter().filter(|column| column.masked).map(|column| column.name).collect();
        Ok(Exported { file: file.to_owned(), rows, masked })
    }

    /// A question that tells the members of an expression of segments, one `customer_id` a row, as the session sees them.
    ///
    /// # Errors
    /// An expression that cannot be read.
    pub fn members_sql(&self, expression: &str) -> Result<String, FlowError> {
        Ok(set(&Expression::parse(expression)?))
    }

    /// Writes the answer to a question to a file. The question is on record as any, and that its rows left before the file is there under
    /// its name; says how many they are.
    ///
    /// # Errors
    /// Those of [`Self::sql`]; more rows than a sheet holds; when it cannot be put on record, or the file cannot be written.
    pub async fn export_answer(&self, sql: &str, format: ExportFormat, file: &Path) -> Result<u64, FlowError> {
        let output = self.sql(sql).await?;
        let beside = file.with_extension(format!("{}.part", self.house().fresh_name()));
        let written = async {
            let rows = write(&beside, output, format).await?;
            let entry =
                Entry::new(self.house().now(), self.house().who(), Some(self.grant().purpose()), EventKind::Export)
                    .with("sql", florin_lake::without_literals(sql))
                    .with("format", serde_json::to_value(format).unwrap_or_default())
                    .with("rows", rows);
            self.house().record(&entry).await?;
            std::fs::rename(&beside, file).map_err(|e| FlowError::file(file, e))?;
            Ok(rows)
        };
        let written = written.await;
        if written.is_err() {
            // What is left of it is nobody's.
            let _ = std::fs::remove_file(&beside);
        }
        written
    }

    fn columns(&self, wanted: &[String], expression: &Expression) -> Result<Vec<Column>, FlowError> {
        if wanted.len() > COLUMNS_MAX {
            return Err(FlowError::Segment(format!("{} columns; an export has at most {COLUMNS_MAX}", wanted.len())));
        }
        wanted.iter().filter(|name| *name != "customer_id").map(|name| self.column(name, expression)).collect()
    }

    fn column(&self, name: &str, expression: &Expression) -> Result<Column, FlowError> {
        let catalogue = &self.house().bank.catalogue;
        let masked = |table: &str, column: &str| self.grant().table(table).is_some_and(|table| table.is_masked(column));
        if name == "cluster" && matches!(expression, Expression::Name(_)) {
            return Ok(Column { name: name.to_owned(), sql: "m.cluster".to_owned(), join: None, masked: false });
        }
        if let Some(of) = name.strip_prefix("traits.").filter(|_| catalogue.table(name).is_some()) {
            let (alias, sql) = (format!("\"trait {of}\""), format!("\"trait {of}\".value"));
            let join = format!(" left join traits.\"{of}\" {alias} on {alias}.customer_id = m.customer_id");
            return Ok(Column { name: of.to_owned(), sql, join: Some(join), masked: masked(name, "value") });
        }
        let customer = catalogue.table("customer").and_then(|table| table.column(name).cloned());
        match customer {
            Some(_) => {
                let join = Some(" left join customer c on c.customer_id = m.customer_id".to_owned());
                let sql = format!("c.\"{name}\"");
                Ok(Column { name: name.to_owned(), sql, join, masked: masked("customer", name) })
            }
            None => {
                let own =
                    catalogue.table("customer").map(|t| t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>());
                let known =
                    format!("{}, traits.<name>, and cluster of a clustering", own.unwrap_or_default().join(", "));
                Err(FlowError::Unknown { what: "column", name: name.to_owned(), known })
            }
        }
    }

    async fn record_export(
        &self,
        parsed: &Expression,
        expression: &str,
        columns: &[Column],
        format: ExportFormat,
        rows: u64,
    ) -> Result<(), FlowError> {
        let house = self.house();
        let mut versions = serde_json::Map::new();
        for name in parsed.names() {
            versions.insert(name.to_owned(), super::version(house, name).await?);
        }
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let entry = Entry::new(house.now(), house.who(), Some(self.grant().purpose()), EventKind::Export)
            .with("segment", expression)
            .with("versions", serde_json::Value::Object(versions))
            .with("columns", names.join(" "))
            .with("format", serde_json::to_value(format).unwrap_or_default())
            .with("rows", rows);
        house.record(&entry).await
    }
}

/// The members with their columns, one row each, by number.
fn question(expression: &Expression, columns: &[Column]) -> String {
    let selected: String = columns.iter().map(|column| format!(", {} as \"{}\"", column.sql, column.name)).collect();
    let members = match expression {
        Expression::Name(name) => format!("{SCHEMA}.\"{name}\""),
        other => format!("({})", set(other)),
    };
    let joins: BTreeSet<&str> = columns.iter().filter_map(|column| column.join.as_deref()).collect();
    let joins: String = joins.into_iter().collect();
    format!("select m.customer_id{selected} from {members} m{joins} order by m.customer_id")
}

fn set(expression: &Expression) -> String {
    let both = |a: &Expression, word: &str, b: &Expression| {
        format!("select customer_id from ({}) a {word} select customer_id from ({}) b", set(a), set(b))
    };
    match expression {
        Expression::Name(name) => format!("select customer_id from {SCHEMA}.\"{name}\""),
        Expression::Both(a, b) => both(a, "intersect", b),
        Expression::Either(a, b) => both(a, "union", b),
        Expression::Without(a, b) => both(a, "except", b),
    }
}

/// Writes beside, makes it durable, and renames: whoever looks sees the old file or the whole new one.
async fn write_whole(
    file: &Path,
    fresh: &str,
    output: QueryOutput,
    format: ExportFormat,
    expected: u64,
) -> Result<(), FlowError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = file.with_file_name(format!(".{name}.{fresh}.part"));
    let written = async {
        let rows = write(&beside, output, format).await?;
        if rows != expected {
            return Err(FlowError::Internal(format!("{rows} rows were to leave instead of {expected}; nothing did")));
        }
        std::fs::rename(&beside, file).map_err(|e| FlowError::file(file, e))
    };
    let written = written.await;
    if written.is_err() {
        // What is left of it is nobody's.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

type Batches = BoxStream<'static, Result<RecordBatch, florin_lake::LakeError>>;

async fn write(path: &Path, output: QueryOutput, format: ExportFormat) -> Result<u64, FlowError> {
    let failed = |e: std::io::Error| FlowError::file(path, e);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let rows = match format {
        ExportFormat::Csv => csv(&mut file, output.batches, &output.schema).await?,
        ExportFormat::Parquet => parquet(&mut file, output.batches, &output.schema).await?,
        ExportFormat::Xlsx => {
            let (rows, bytes) = xlsx(output.batches, &output.schema).await?;
            file.write_all(&bytes).map_err(failed)?;
            rows
        }
    };
    let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(rows)
}

async fn csv(file: &mut BufWriter<File>, mut batches: Batches, schema: &SchemaRef) -> Result<u64, FlowError> {
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(file);
    let mut rows = 0;
    // The heading is there when nobody is.
    writer.write(&RecordBatch::new_empty(Arc::clone(schema)))?;
    while let Some(batch) = batches.next().await {
        let batch = without_formulae(&batch?)?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
    }
    Ok(rows)
}

async fn parquet(file: &mut BufWriter<File>, mut batches: Batches, schema: &SchemaRef) -> Result<u64, FlowError> {
    let failed = |e: parquet::errors::ParquetError| FlowError::Internal(e.to_string());
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, Arc::clone(schema), None).map_err(failed)?;
    let mut rows = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(rows)
}

async fn xlsx(mut batches: Batches, schema: &SchemaRef) -> Result<(u64, Vec<u8>), FlowError> {
    let failed = |e: rust_xlsxwriter::XlsxError| FlowError::Internal(e.to_string());
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, field) in (0u16..).zip(schema.fields()) {
        sheet.write_string(0, column, field.name()).map_err(failed)?;
    }
    let mut row = 0u32;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        for (column, values) in (0u16..).zip(batch.columns()) {
            cells(sheet, row + 1, column, values)?;
        }
        row += u32::try_from(batch.num_rows()).map_err(|e| FlowError::Internal(e.to_string()))?;
    }
    Ok((u64::from(row), book.save_to_buffer().map_err(failed)?))
}

/// One column of a batch. Numbers are numbers, everything else is text.
fn cells(sheet: &mut rust_xlsxwriter::Worksheet, first: u32, column: u16, values: &ArrayRef) -> Result<(), FlowError> {
    let failed = |e: rust_xlsxwriter::XlsxError| FlowError::Internal(e.to_string());
    let numbers = match values.data_type().is_numeric() {
        true => Some(cast(values, &DataType::Float64)?),
        false => None,
    };
    let texts = ArrayFormatter::try_new(values.as_ref(), &FormatOptions::default())?;
    for (row, place) in (first..).zip(0..values.len()).filter(|(_, place)| values.is_valid(*place)) {
        match &numbers {
            Some(numbers) => sheet.write_number(row, column, numbers.as_primitive::<Float64Type>().value(place)),
            None => sheet.write_string(row, column, texts.value(place).to_string()),
        }
        .map_err(failed)?;
    }
    Ok(())
}

/// The batch with texts that no spreadsheet runs.
fn without_formulae(batch: &RecordBatch) -> Result<RecordBatch, FlowError> {
    let columns = batch.columns().iter().map(|column| match column.as_string_opt::<i32>() {
        Some(texts) => Arc::new(texts.iter().map(|text| text.map(neutral)).collect::<StringArray>()) as ArrayRef,
        None => Arc::clone(column),
    });
    Ok(RecordBatch::try_new(batch.schema(), columns.collect())?)
}

fn neutral(text: &str) -> String {
    match text.trim_start_matches(' ').starts_with(FORMULA_STARTS) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "  =1", "=HYPERLINK(\"x\")"] {
            assert_eq!(neutral(text), format!("'{text}"));
        }
        for text in ["", "Ana", "a=b", "12-3", "'=1", "王小明"] {
            assert_eq!(neutral(text), text);
        }
    }
}
