//! From a block of records to a chunk of rows.
//!
//! Records are cut into fields a batch at a time, small enough for its field positions to stay in the cache; then each
//! declared column is read down the batch in one tight loop. Fields of columns that nobody declared are only skipped.

use std::{ops::Range, sync::Arc};

use arrow::error::ArrowError;
use memchr::memchr;

use super::{
    fields::{Cutter, FieldSpan},
    records::Block,
};
use crate::sources::{
    Chunk, Reject,
    chunk::{RawRows, Span},
    plan::Plan,
    reject::RejectReason,
    rows::Rows,
};

/// Records whose field positions are kept at once.
const BATCH_RECORDS: usize = 1024;

/// How records of delimited text become rows.
pub(in crate::sources) struct Parser<'p> {
    pub(in crate::sources) plan: &'p Plan,
    pub(in crate::sources) cutter: Cutter,
    /// For each declared column, which field it is.
    pub(in crate::sources) fields: Vec<Option<usize>>,
    /// How many fields a record must have.
    pub(in crate::sources) width: usize,
    /// What bytes that are no text are called.
    pub(in crate::sources) encoding: &'static str,
}

/// Records that may be rows, and those that cannot.
pub(in crate::sources) struct Sorted {
    pub(in crate::sources) spans: Vec<Span>,
    pub(in crate::sources) numbers: Vec<u64>,
    pub(in crate::sources) rejects: Vec<Reject>,
}

/// Parts the records of a block that hold only text from those that do not, or that are no records.
pub(in crate::sources) fn sort_out(block: &Block, encoding: &'static str) -> Sorted {
    let text = &block.text;
    let (start, end) = match (block.records.first(), block.records.last()) {
        (Some(first), Some(last)) => (first.start as usize, last.end as usize),
        _ => (0, 0),
    };
    let all_utf8 = simdutf8::basic::from_utf8(&text[start..end]).is_ok();
    let any_nul = memchr(0, &text[start..end]).is_some();
    let mut sorted = Sorted {
        spans: Vec::with_capacity(block.records.len()),
        numbers: Vec::with_capacity(block.records.len()),
        rejects: Vec::new(),
    };
    let mut bad = block.bad.iter().peekable();
    for (at, span) in block.records.iter().enumerate() {
        let record = || span.of(text);
        let reason = if let Some((_, reason)) = bad.next_if(|(bad_at, _)| *bad_at == at) {
            Some(reason.clone())
        } else if any_nul && memchr(0, record()).is_some() {
            Some(RejectReason::Nul)
        } else if !all_utf8 && simdutf8::basic::from_utf8(record()).is_err() {
            Some(RejectReason::Encoding { encoding })
        } else {
            None
        };
        sorted.add(block.numbers.of(at), *span, text, reason);
    }
    sorted
}

impl Sorted {
    fn add(&mut self, number: u64, span: Span, text: &[u8], reason: Option<RejectReason>) {
        let Some(reason) = reason else {
            self.spans.push(span);
            self.numbers.push(number);
            return;
        };
        let mut raw = span.of(text).to_vec();
        if matches!(reason, RejectReason::TooLong { .. }) {
            mark_as_cut(&mut raw);
        }
        self.rejects.push(Reject { row_number: number, reason, raw });
    }
}

/// A record that is not whole ends with a NUL, so that nothing ever reads it as if it were.
fn mark_as_cut(raw: &mut [u8]) {
    if let Some(last) = raw.last_mut() {
        *last = 0;
    }
}

impl Parser<'_> {
    /// Rows of the records of a block.
    pub(in crate::sources) fn parse(&self, block: &Block) -> Result<Chunk, ArrowError> {
        let mut sorted = sort_out(block, self.encoding);
        let text = block.text.as_slice();
        let mut rows = Rows::new(self.plan, sorted.spans.len());
        let mut batch = Batch {
            cut: vec![FieldSpan::default(); BATCH_RECORDS * self.width],
            records: 0,
            has_doubled: false,
            quoted: self.cutter.quote().is_some_and(|quote| memchr(quote, text).is_some()),
        };
        let mut kept = 0;
        for first in (0..sorted.spans.len()).step_by(BATCH_RECORDS) {
            let records = first..sorted.spans.len().min(first + BATCH_RECORDS);
            self.cut_batch(text, &mut sorted, records, kept, &mut batch);
            self.read_batch(&mut rows, text, &batch);
            kept += batch.records;
        }
        sorted.spans.truncate(kept);
        sorted.numbers.truncate(kept);
        let raw = RawRows::Text { buffer: Arc::clone(&block.text), spans: sorted.spans };
        Ok(Chunk::of_filled(rows.finish()?, &sorted.numbers, raw, sorted.rejects))
    }

    /// Cuts records into fields. Those with the right number move to place `kept` and after; the others are rejected.
    fn cut_batch(&self, text: &[u8], sorted: &mut Sorted, records: Range<usize>, kept: usize, batch: &mut Batch) {
        batch.records = 0;
        batch.has_doubled = false;
        for at in records {
            let (span, number) = (sorted.spans[at], sorted.numbers[at]);
            let start = batch.records * self.width;
            let out = &mut batch.cut[start..start + self.width];
            let found =
                if batch.quoted { self.cutter.cut(text, span, out) } else { self.cutter.cut_unquoted(text, span, out) };
            if found != self.width {
                let reason = RejectReason::FieldCount { found, expected: self.width };
                sorted.rejects.push(Reject { row_number: number, reason, raw: span.of(text).to_vec() });
                continue;
            }
            batch.has_doubled |= batch.quoted && out.iter().any(|field| field.is_doubled());
            sorted.spans[kept + batch.records] = span;
            sorted.numbers[kept + batch.records] = number;
            batch.records += 1;
        }
    }

    fn read_batch(&self, rows: &mut Rows<'_>, text: &[u8], batch: &Batch) {
        let cut = &batch.cut[..batch.records * self.width];
        if !batch.has_doubled {
            return rows.read_columns(batch.records, |column| {
                let field = self.fields[column]?;
                Some(cut.iter().skip(field).step_by(self.width).map(move |span| span.of(text)))
            });
        }
        let undoubled = Undoubled::new(&self.cutter, text, cut);
        rows.read_columns(batch.records, |column| {
            let field = self.fields[column]?;
            Some((field..cut.len()).step_by(self.width).map(|at| undoubled.of(text, cut[at], at)))
        });
    }
}

/// Where the fields of a few records are.
struct Batch {
    /// Record after record, as many fields each as the header has.
    cut: Vec<FieldSpan>,
    records: usize,
    /// Whether quotes are doubled in any field.
    has_doubled: bool,
    /// Whether there is a quote in the block at all.
    quoted: bool,
}

/// The texts of fields in which quotes are doubled.
struct Undoubled {
    buffer: Vec<u8>,
    /// Place of the field in its batch, where its text ends in the buffer (it begins where the last one ended).
    ends: Vec<(usize, usize)>,
}

impl Undoubled {
    fn new(cutter: &Cutter, text: &[u8], cut: &[FieldSpan]) -> Self {
        let mut this = Self { buffer: Vec::new(), ends: Vec::new() };
        for (at, span) in cut.iter().enumerate().filter(|(_, span)| span.is_doubled()) {
            cutter.undouble(span.of(text), &mut this.buffer);
            this.ends.push((at, this.buffer.len()));
        }
        this
    }

    fn of<'t>(&'t self, text: &'t [u8], span: FieldSpan, at: usize) -> &'t [u8] {
        if !span.is_doubled() {
            return span.of(text);
        }
        let place = self.ends.partition_point(|(place, _)| *place < at);
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before].1);
        &self.buffer[start..self.ends[place].1]
    }
}
