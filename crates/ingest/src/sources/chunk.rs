//! What is handed out: typed rows, the records that could not become rows, and the raw text of both.

use std::{collections::BTreeMap, fmt, sync::Arc};

use arrow::{array::RecordBatch, json::WriterBuilder, json::writer::LineDelimited};

use super::{Reject, excel::ExcelRows, reject::RejectReason, rows::Filled};

/// A part of a buffer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        // Buffers are shorter than 2 GiB: see `plan::RECORD_BYTES_CEILING`.
        Self { start: start as u32, end: end as u32 }
    }

    pub(super) fn of(self, buffer: &[u8]) -> &[u8] {
        &buffer[self.start as usize..self.end as usize]
    }
}

/// A run of consecutive records of one file.
pub struct Chunk {
    /// The records that became rows: exactly the declared columns, in the order of the definition, each of the type
    /// [`florin_domain::ColumnType::arrow`] says.
    pub rows: RecordBatch,
    /// Which record of the file each row is, from 1, the header not counted. Strictly increasing.
    pub row_numbers: Vec<u64>,
    /// The records that did not become rows, by row number.
    pub rejects: Vec<Reject>,
    raw: RawRows,
}

/// Where the raw text of the rows is.
pub(super) enum RawRows {
    /// In the text of the file.
    Text { buffer: Arc<Vec<u8>>, spans: Vec<Span> },
    /// In the arrays as the file had them.
    Arrays { batch: RecordBatch, rows: Vec<usize> },
    /// In the cells of a sheet.
    Cells { sheet: Arc<ExcelRows>, rows: Vec<usize> },
}

impl Chunk {
    /// The raw text of row `row` of [`Self::rows`]: the record's own bytes for text formats (UTF-8 when the file is in
    /// another encoding), a JSON object of the declared columns for Parquet, Arrow and Excel. Empty for a row that is
    /// not there.
    #[must_use]
    pub fn raw(&self, row: usize) -> Vec<u8> {
        self.raw.of(row)
    }

    /// Rows and rejects.
    #[must_use]
    pub fn records(&self) -> usize {
        self.row_numbers.len() + self.rejects.len()
    }

    /// Rows that were filled from records `raw` holds; row `i` is record `numbers[i]` of the file.
    pub(super) fn of_filled(filled: Filled, numbers: &[u64], raw: RawRows, mut rejects: Vec<Reject>) -> Self {
        let failed: BTreeMap<usize, RejectReason> = filled.failed;
        rejects.extend(failed.into_iter().map(|(at, reason)| Reject {
            row_number: numbers[at],
            reason,
            raw: raw.of(at),
        }));
        rejects.sort_by_key(|reject| reject.row_number);
        Self {
            row_numbers: filled.kept.iter().map(|at| numbers[*at]).collect(),
            raw: raw.only(&filled.kept),
            rows: filled.rows,
            rejects,
        }
    }
}

impl RawRows {
    fn of(&self, row: usize) -> Vec<u8> {
        match self {
            Self::Text { buffer, spans } => spans.get(row).map(|span| span.of(buffer).to_vec()),
            Self::Arrays { batch, rows } => rows.get(row).map(|at| json_object(batch, *at)),
            Self::Cells { sheet, rows } => rows.get(row).map(|at| sheet.json_object(*at)),
        }
        .unwrap_or_default()
    }

    fn only(self, kept: &[usize]) -> Self {
        match self {
            Self::Text { buffer, spans } if kept.len() == spans.len() => Self::Text { buffer, spans },
            Self::Text { buffer, spans } => Self::Text { buffer, spans: kept.iter().map(|at| spans[*at]).collect() },
            Self::Arrays { batch, rows } => Self::Arrays { batch, rows: kept.iter().map(|at| rows[*at]).collect() },
            Self::Cells { sheet, rows } => Self::Cells { sheet, rows: kept.iter().map(|at| rows[*at]).collect() },
        }
    }
}

fn json_object(batch: &RecordBatch, row: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut text);
    // Types that JSON cannot say (unions) leave the record without its text rather than lose the whole file.
    let written = writer.write(&batch.slice(row, 1)).and_then(|()| writer.finish());
    drop(writer);
    if written.is_err() {
        return b"{}".to_vec();
    }
    text.trim_ascii_end().to_vec()
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("rows", &self.row_numbers.len())
            .field("first", &self.row_numbers.first())
            .field("rejects", &self.rejects)
            .finish_non_exhaustive()
    }
}
