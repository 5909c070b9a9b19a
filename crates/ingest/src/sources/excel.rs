//! Excel and OpenDocument workbooks: one sheet, its first row the header (or none).
//!
//! Cells know whether they are numbers, texts, days or errors. Numbers become decimals as they were meant: their
//! shortest digits, or the four decimals within 10⁻⁹ of them. Days are cells that are *formatted* as such; a plain number
//! in a date column is read in the column's form (`20240619`) or rejected, never taken for a day count. A cell that holds
//! an error rejects its row. Rows without any cell are not records.
//!
//! An xlsx sheet is read row by row. The other formats are unpacked as a whole; they are small by nature.

use std::{fs::File, io::BufReader, path::Path, sync::Arc};

use calamine::{Data, DataRef, DataType, ExcelDateTime, Reader, SheetType, Sheets, Xlsx, open_workbook_auto};

use super::{
    Chunk, FileReport, ReadError, ReadOptions, SourceError,
    bytes::plain_only,
    chunk::RawRows,
    content_id,
    files::Watched,
    plan::{ColumnPlan, Layout, Plan},
    reject::{Problem, RejectReason},
    rows::{Column, Rows},
    typed_report,
    value::date::{Civil, Moment, day_number, time_of_day},
    workers::{self, Jobs},
};
use crate::definition::InputDef;

const WHAT: &str = "an Excel workbook";
/// Rows of one chunk.
const CHUNK_ROWS: usize = 8192;

type Workbook = Sheets<BufReader<File>>;
type Cells = Vec<Data>;

/// Consecutive rows of a sheet, and the names of its columns.
pub(super) struct ExcelRows {
    header: Arc<Vec<String>>,
    rows: Vec<Cells>,
    /// Number of the first.
    first: u64,
}

impl ExcelRows {
    /// A row as a JSON object of all its named cells.
    pub(super) fn json_object(&self, at: usize) -> Vec<u8> {
        let cells = self.header.iter().zip(&self.rows[at]).filter(|(name, _)| !name.is_empty());
        let object: serde_json::Map<String, serde_json::Value> =
            cells.map(|(name, cell)| (name.clone(), json(cell))).collect();
        serde_json::Value::Object(object).to_string().into_bytes()
    }
}

fn json(cell: &Data) -> serde_json::Value {
    use serde_json::{Value, json};
    match cell {
        Data::Empty => Value::Null,
        Data::Int(value) => Value::from(*value),
        Data::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Value::from(*value as i64),
        Data::Float(value) => Value::from(*value),
        Data::Bool(value) => Value::from(*value),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Value::from(text.as_str()),
        Data::DateTime(time) if time.is_duration() => Value::from(time.as_f64()),
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
            Value::from(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}"))
        }
        // Not a text: read once more, it must not pass for one.
        Data::Error(error) => json!({ "error": error.to_string() }),
    }
}

fn open(input: &InputDef, path: &Path) -> Result<(Watched, Workbook, String), SourceError> {
    plain_only(input, path, "Excel")?;
    let watched = Watched::open(path)?;
    let workbook = open_workbook_auto(path).map_err(|e| SourceError::damaged(path, WHAT, e))?;
    let sheet = sheet_name(input, path, &workbook)?;
    Ok((watched, workbook, sheet))
}

fn sheet_name(input: &InputDef, path: &Path, workbook: &Workbook) -> Result<String, SourceError> {
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let found = match &input.sheet {
        None => sheets.first(),
        Some(wanted) => sheets.iter().find(|name| *name == wanted),
    };
    found.cloned().ok_or_else(|| SourceError::NoSheet {
        path: path.to_owned(),
        sheet: input.sheet.clone().unwrap_or_default(),
        sheets,
    })
}

/// Calls `each` with every row that has a cell, until it returns false.
fn each_row(
    path: &Path,
    workbook: &mut Workbook,
    sheet: &str,
    each: &mut dyn FnMut(Cells) -> Result<bool, SourceError>,
) -> Result<(), SourceError> {
    if let Sheets::Xlsx(xlsx) = workbook {
        return each_xlsx_row(path, xlsx, sheet, each);
    }
    let range = workbook.worksheet_range(sheet).map_err(|e| SourceError::damaged(path, WHAT, e))?;
    let indent = range.start().map_or(0, |(_, column)| column as usize);
    for row in range.rows().filter(|row| row.iter().any(|cell| !cell.is_empty())) {
        let mut cells = vec![Data::Empty; indent];
        cells.extend_from_slice(row);
        if !each(cells)? {
            break;
        }
    }
    Ok(())
}

fn each_xlsx_row(
    path: &Path,
    xlsx: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    each: &mut dyn FnMut(Cells) -> Result<bool, SourceError>,
) -> Result<(), SourceError> {
    let damaged = |e: calamine::XlsxError| SourceError::damaged(path, WHAT, e);
    let mut reader = xlsx.worksheet_cells_reader(sheet).map_err(damaged)?;
    let (mut row, mut cells) = (0, Cells::new());
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (cell_row, column) = cell.get_position();
        if cell_row != row && !cells.is_empty() && !each(std::mem::take(&mut cells))? {
            return Ok(());
        }
        row = cell_row;
        put_cell(&mut cells, column as usize, cell.get_value());
    }
    if !cells.is_empty() {
        each(cells)?;
    }
    Ok(())
}

fn put_cell(cells: &mut Cells, column: usize, value: &DataRef<'_>) {
    if value.is_empty() {
        return;
    }
    if cells.len() <= column {
        cells.resize(column + 1, Data::Empty);
    }
    cells[column] = value.clone().into();
}

fn names(cells: &[Data]) -> Vec<String> {
    cells.iter().map(|cell| cell.as_string().unwrap_or_default()).collect()
}

pub(super) fn header(input: &InputDef, path: &Path) -> Result<Vec<String>, SourceError> {
    let (_, mut workbook, sheet) = open(input, path)?;
    let mut header = None;
    each_row(path, &mut workbook, &sheet, &mut |cells| {
        header = Some(names(&cells));
        Ok(false)
    })?;
    header.ok_or_else(|| SourceError::Empty { path: path.to_owned() })
}

pub(super) fn read<E: Send>(
    input: &InputDef,
    plan: &Plan,
    path: &Path,
    options: &ReadOptions<'_>,
    each: &(dyn Fn(Chunk) -> Result<(), E> + Sync),
) -> Result<FileReport, ReadError<E>> {
    let (watched, mut workbook, sheet) = open(input, path)?;
    let layout = if input.header {
        Layout::by_name(input, plan, path, &header(input, path)?)?
    } else {
        Layout::as_declared(plan)
    };
    let content = content_id(path, options.on_bytes)?;
    let names = Arc::new(layout.header.clone());
    let totals = workers::run(
        options.workers,
        each,
        |jobs| send_rows(input, path, (&mut workbook, &sheet), &names, jobs),
        &|rows: ExcelRows, hand_out| {
            hand_out(chunk(plan, &layout, rows).map_err(|e| SourceError::damaged(path, WHAT, e))?)
        },
    )?;
    Ok(typed_report(&watched.seen, content, totals, layout)?)
}

fn send_rows(
    input: &InputDef,
    path: &Path,
    (workbook, sheet): (&mut Workbook, &str),
    header: &Arc<Vec<String>>,
    jobs: &Jobs<'_, ExcelRows>,
) -> Result<(), SourceError> {
    let mut skip_header = input.header;
    let mut batch = ExcelRows { header: Arc::clone(header), rows: Vec::new(), first: 1 };
    each_row(path, workbook, sheet, &mut |cells| {
        if std::mem::take(&mut skip_header) {
            return Ok(true);
        }
        batch.rows.push(cells);
        if batch.rows.len() < CHUNK_ROWS {
            return Ok(true);
        }
        let first = batch.first + batch.rows.len() as u64;
        let next = ExcelRows { header: Arc::clone(header), rows: Vec::new(), first };
        Ok(jobs.send(std::mem::replace(&mut batch, next)))
    })?;
    if !batch.rows.is_empty() {
        jobs.send(batch);
    }
    Ok(())
}

fn chunk(plan: &Plan, layout: &Layout, mut sheet: ExcelRows) -> Result<Chunk, arrow::error::ArrowError> {
    let width = layout.header.len();
    let mut rows = Rows::new(plan, sheet.rows.len());
    for cells in &mut sheet.rows {
        match squared(cells, width) {
            Err(reason) => rows.push_hole(&reason),
            Ok(()) => rows.push_row(|at, column| {
                let plan = &plan.columns[at];
                let cell = layout.fields[at].map_or(&Data::Empty, |field| &cells[field]);
                put(plan, cell, column).map_err(|problem| problem.of(&plan.name))
            }),
        }
    }
    let count = sheet.rows.len();
    let numbers: Vec<u64> = (sheet.first..).take(count).collect();
    let raw = RawRows::Cells { sheet: Arc::new(sheet), rows: (0..count).collect() };
    Ok(Chunk::of_filled(rows.finish()?, &numbers, raw, Vec::new()))
}

/// Makes a row as wide as the header: cells that are not there are empty.
fn squared(cells: &mut Cells, width: usize) -> Result<(), RejectReason> {
    let found = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    if found > width {
        return Err(RejectReason::FieldCount { found, expected: width });
    }
    cells.resize(width, Data::Empty);
    Ok(())
}

fn put(plan: &ColumnPlan, cell: &Data, column: &mut Column<'_>) -> Result<(), Problem> {
    match cell {
        Data::Empty => {
            column.null();
            Ok(())
        }
        Data::Int(value) => column.int((*value).into()),
        Data::Float(value) => column.float(*value),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => column.text(text.as_bytes()),
        Data::Bool(value) => column.bool(*value),
        Data::DateTime(time) if time.is_duration() => column.float(time.as_f64()),
        Data::DateTime(time) => match civil(time) {
            Some(civil) => column.moment(Moment::Local(civil)),
            None => column.hole(plan.wrong_form()),
        },
        Data::Error(error) => column.hole(Problem::ErrorCell { error: error_text(error) }),
    }
}

fn civil(time: &ExcelDateTime) -> Option<Civil> {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let day = day_number(year.into(), month.into(), day.into())?;
    Some(Civil { day, micros: time_of_day(hour.into(), minute.into(), second.into(), u32::from(milli) * 1000)? })
}

fn error_text(error: &calamine::CellErrorType) -> &'static str {
    use calamine::CellErrorType::{Div0, GettingData, NA, Name, Null, Num, Ref, Value};
    match error {
        Div0 => "#DIV/0!",
        NA => "#N/A",
        Name => "#NAME?",
        Null => "#NULL!",
        Num => "#NUM!",
        Ref => "#REF!",
        Value => "#VALUE!",
        GettingData => "#DATA!",
    }
}
