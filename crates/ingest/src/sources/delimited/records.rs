//! From text to records.
//!
//! A record ends at a line end (`\n` or `\r\n`) that is not inside a quoted field. A quote opens a field only at its
//! very beginning; elsewhere in an unquoted field it is a character like any other. Two quotes inside a quoted field are
//! one. After the closing quote must come a delimiter or the line end.
//!
//! Where a quote breaks these rules, or is not closed before the longest allowed record or the file ends, only the line
//! where the record began is given up, and reading goes on with the next line: one stray quote must not swallow the rest
//! of a file. Empty lines are not records. A last line without a line end is one.
//!
//! Text comes in blocks. A record that is cut by the end of a block moves to the beginning of the next; so memory is
//! bounded by a block and the longest allowed record, whatever the file holds.

use std::sync::Arc;

use memchr::{memchr, memchr2};

use crate::sources::{SourceError, chunk::Span, encoding::Text, reject::RejectReason};

/// How records are cut.
#[derive(Debug, Clone)]
pub(in crate::sources) struct Rules {
    pub(in crate::sources) delimiter: Vec<u8>,
    pub(in crate::sources) quote: Option<u8>,
    /// Bytes of the longest allowed record.
    pub(in crate::sources) record_bytes_max: usize,
}

/// How much is read and handed out at once. Tests make it small.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) struct Sizes {
    pub(in crate::sources) block_bytes: usize,
    pub(in crate::sources) chunk_records: usize,
}

impl Sizes {
    /// Bytes of text read at once: the second-level cache of two cores, and about 50,000 records of 80 bytes.
    const BLOCK_BYTES: usize = 4 << 20;
    /// Records of one chunk, at most.
    const CHUNK_RECORDS: usize = 1 << 16;
    pub(in crate::sources) const DEFAULT: Self =
        Self { block_bytes: Self::BLOCK_BYTES, chunk_records: Self::CHUNK_RECORDS };
}

/// What stands at some place of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scan {
    /// A record up to `end`; the next begins at `next`.
    Record { end: usize, next: usize },
    /// A line that is no record, up to `end`.
    Bad { reason: RejectReason, end: usize, next: usize },
    /// A line longer than allowed. It ends before `next`, or not within the text at hand.
    TooLong { next: Option<usize> },
    /// More text is needed.
    Incomplete,
}

enum Close {
    /// The closing quote stands before here.
    At(usize),
    Stray,
    Unclosed,
    Incomplete,
}

impl Rules {
    /// Looks at the record that begins at `start`. `ended`: no text follows `text`.
    pub(super) fn scan(&self, text: &[u8], start: usize, ended: bool) -> Scan {
        // The record and its line end lie within the window, or the record is too long.
        let limit = start.saturating_add(self.record_bytes_max).saturating_add(2);
        let window = Window { text, end: limit.min(text.len()), cut: limit <= text.len(), ended };
        let mut at = start;
        loop {
            let Some(found) = self.next_mark(&text[at..window.end]) else {
                return self.unfinished_line(&window, start);
            };
            let found = at + found;
            if text[found] == b'\n' {
                return self.line(&window, start, found, found + 1);
            }
            at = found + 1;
            if found == start || self.ends_with_delimiter(&text[start..found]) {
                match self.close(&window, at) {
                    Close::At(after) => at = after,
                    Close::Incomplete => return Scan::Incomplete,
                    Close::Stray => return self.give_up_line(&window, start, RejectReason::StrayQuote),
                    Close::Unclosed => return self.give_up_line(&window, start, RejectReason::UnclosedQuote),
                }
            }
        }
    }

    /// Whether a text is one whole record; if not, why.
    pub(in crate::sources) fn whole_record(&self, text: &[u8]) -> Result<(), RejectReason> {
        match self.scan(text, 0, true) {
            Scan::Record { next, .. } if next == text.len() => Ok(()),
            Scan::Record { .. } | Scan::Incomplete => Err(RejectReason::LineEnd),
            Scan::Bad { reason, .. } => Err(reason),
            Scan::TooLong { .. } => Err(RejectReason::TooLong { max: self.record_bytes_max }),
        }
    }

    fn next_mark(&self, text: &[u8]) -> Option<usize> {
        match self.quote {
            Some(quote) => memchr2(b'\n', quote, text),
            None => memchr(b'\n', text),
        }
    }

    /// Asked at every quote, nearly always of a delimiter of one byte.
    fn ends_with_delimiter(&self, text: &[u8]) -> bool {
        match self.delimiter.as_slice() {
            [delimiter] => text.last() == Some(delimiter),
            delimiter => text.ends_with(delimiter),
        }
    }

    fn starts_with_delimiter(&self, text: &[u8]) -> bool {
        match self.delimiter.as_slice() {
            [delimiter] => text.first() == Some(delimiter),
            delimiter => text.starts_with(delimiter),
        }
    }

    /// A line that ends at `end`, before its line end.
    fn line(&self, window: &Window<'_>, start: usize, end: usize, next: usize) -> Scan {
        let end = window.without_return(start, end);
        if end - start > self.record_bytes_max {
            Scan::TooLong { next: Some(next) }
        } else {
            Scan::Record { end, next }
        }
    }

    /// There is no line end in the window.
    fn unfinished_line(&self, window: &Window<'_>, start: usize) -> Scan {
        if window.cut {
            let rest = memchr(b'\n', &window.text[window.end..]);
            return Scan::TooLong { next: rest.map(|at| window.end + at + 1) };
        }
        if window.ended { self.line(window, start, window.end, window.end) } else { Scan::Incomplete }
    }

    /// Gives up the line, and only the line, where a record began.
    fn give_up_line(&self, window: &Window<'_>, start: usize, reason: RejectReason) -> Scan {
        let line = match memchr(b'\n', &window.text[start..window.end]) {
            Some(at) => self.line(window, start, start + at, start + at + 1),
            None => self.unfinished_line(window, start),
        };
        match line {
            Scan::Record { end, next } => Scan::Bad { reason, end, next },
            other => other,
        }
    }

    /// Looks for the end of a quoted field whose text begins at `at`.
    fn close(&self, window: &Window<'_>, mut at: usize) -> Close {
        let (text, Some(quote)) = (window.text, self.quote) else { return Close::Stray };
        loop {
            // A quote may double across the window's end.
            let found = if at < window.end { memchr(quote, &text[at..window.end]) } else { None };
            let Some(found) = found else {
                return if window.cut || window.ended { Close::Unclosed } else { Close::Incomplete };
            };
            let after = at + found + 1;
            match text.get(after) {
                Some(&byte) if byte == quote => at = after + 1,
                Some(b'\n') => return Close::At(after),
                _ => return self.after_close(window, after),
            }
        }
    }

    /// What stands behind a closing quote.
    fn after_close(&self, window: &Window<'_>, after: usize) -> Close {
        let rest = &window.text[after..];
        if self.starts_with_delimiter(rest) || rest.starts_with(b"\r\n") {
            return Close::At(after);
        }
        let may_become = |whole: &[u8]| whole.starts_with(rest);
        if may_become(&self.delimiter) || may_become(b"\r\n") {
            // Nothing, a return without its line end, or half a delimiter, at the end of the text at hand.
            return match (window.ended, rest) {
                (false, _) => Close::Incomplete,
                (true, b"" | b"\r") => Close::At(after),
                (true, _) => Close::Stray,
            };
        }
        Close::Stray
    }
}

/// The text that one record may lie in.
struct Window<'t> {
    text: &'t [u8],
    end: usize,
    /// Whether the longest record ends here, rather than the text.
    cut: bool,
    ended: bool,
}

impl Window<'_> {
    fn without_return(&self, start: usize, end: usize) -> usize {
        if self.text[start..end].ends_with(b"\r") { end - 1 } else { end }
    }
}

/// Consecutive records, in one piece of text.
pub(in crate::sources) struct Block {
    pub(in crate::sources) text: Arc<Vec<u8>>,
    pub(in crate::sources) records: Vec<Span>,
    /// Which records are none, by their place in `records`, ascending, and why.
    pub(in crate::sources) bad: Vec<(usize, RejectReason)>,
    pub(in crate::sources) numbers: Numbers,
}

/// Which records of the file the records of a block are.
pub(in crate::sources) enum Numbers {
    /// Consecutive, from here.
    From(u64),
    /// Each on its own.
    Listed(Vec<u64>),
}

impl Numbers {
    pub(in crate::sources) fn of(&self, at: usize) -> u64 {
        match self {
            Self::From(first) => first + at as u64,
            Self::Listed(numbers) => numbers[at],
        }
    }
}

/// Cuts a text into records.
pub(in crate::sources) struct Splitter<'a> {
    source: Text<'a>,
    rules: Rules,
    sizes: Sizes,
    text: Vec<u8>,
    at: usize,
    ended: bool,
    /// Inside a line that was too long.
    skipping: bool,
    records: u64,
}

impl<'a> Splitter<'a> {
    pub(in crate::sources) fn new(source: Text<'a>, rules: Rules, sizes: Sizes) -> Self {
        Self { source, rules, sizes, text: Vec::new(), at: 0, ended: false, skipping: false, records: 0 }
    }

    pub(in crate::sources) fn into_source(self) -> Text<'a> {
        self.source
    }

    pub(in crate::sources) fn source(&self) -> &Text<'a> {
        &self.source
    }

    /// The first record, which then does not count: the header. `None` when there is no record.
    pub(in crate::sources) fn header(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        let broken = |path: &std::path::Path, reason| SourceError::Header { path: path.to_owned(), reason };
        loop {
            match self.rules.scan(&self.text, self.at, self.ended) {
                _ if self.at == self.text.len() && self.ended => return Ok(None),
                Scan::Record { end, next } => {
                    let start = std::mem::replace(&mut self.at, next);
                    if end > start {
                        return Ok(Some(self.text[start..end].to_vec()));
                    }
                }
                Scan::Bad { reason, .. } => return Err(broken(self.source.path(), reason)),
                Scan::TooLong { .. } => {
                    let max = self.rules.record_bytes_max;
                    return Err(broken(self.source.path(), RejectReason::TooLong { max }));
                }
                Scan::Incomplete => self.refill()?,
            }
        }
    }

    /// The next records; `None` at the end of the file.
    pub(in crate::sources) fn next_block(&mut self) -> Result<Option<Vec<Block>>, SourceError> {
        loop {
            let mut found = Found::default();
            while self.at < self.text.len() && self.step(&mut found) {}
            if !found.records.is_empty() {
                return Ok(Some(self.blocks(found)));
            }
            if self.ended && self.at == self.text.len() {
                return Ok(None);
            }
            self.refill()?;
        }
    }

    /// Finds one record. False when more text is needed.
    fn step(&mut self, found: &mut Found) -> bool {
        if self.skipping {
            return self.skip_line();
        }
        let start = self.at;
        match self.rules.scan(&self.text, start, self.ended) {
            Scan::Record { end, next } => {
                if end > start {
                    found.records.push(Span::new(start, end));
                }
                self.at = next;
            }
            Scan::Bad { reason, end, next } => {
                found.bad(Span::new(start, end), reason);
                self.at = next;
            }
            Scan::TooLong { next } => {
                let max = self.rules.record_bytes_max;
                found.bad(Span::new(start, start + max), RejectReason::TooLong { max });
                self.skipping = next.is_none();
                self.at = next.unwrap_or(self.text.len());
            }
            Scan::Incomplete => return false,
        }
        true
    }

    fn skip_line(&mut self) -> bool {
        let end = memchr(b'\n', &self.text[self.at..]);
        self.skipping = end.is_none() && !self.ended;
        self.at = end.map_or(self.text.len(), |end| self.at + end + 1);
        true
    }

    /// Keeps what is not cut yet, and reads on behind it.
    fn refill(&mut self) -> Result<(), SourceError> {
        let rest = self.text.len() - self.at;
        // Doubling keeps the looking again at an unfinished record linear.
        let target = rest + self.sizes.block_bytes.max(rest);
        let mut text = Vec::with_capacity(target);
        text.extend_from_slice(&self.text[self.at..]);
        self.ended = self.source.fill(&mut text, target)?;
        self.text = text;
        self.at = 0;
        Ok(())
    }

    /// Hands over the text with the records that were found in it.
    fn blocks(&mut self, found: Found) -> Vec<Block> {
        let rest = self.text[self.at..].to_vec();
        let text = Arc::new(std::mem::replace(&mut self.text, rest));
        self.at = 0;
        let mut bad = found.bad.into_iter().peekable();
        let mut blocks = Vec::new();
        for (nth, records) in found.records.chunks(self.sizes.chunk_records).enumerate() {
            let base = nth * self.sizes.chunk_records;
            let here = std::iter::from_fn(|| bad.next_if(|(at, _)| *at < base + records.len()));
            blocks.push(Block {
                text: Arc::clone(&text),
                records: records.to_vec(),
                bad: here.map(|(at, reason)| (at - base, reason)).collect(),
                numbers: Numbers::From(self.records + 1),
            });
            self.records += records.len() as u64;
        }
        blocks
    }
}

#[derive(Default)]
struct Found {
    records: Vec<Span>,
    bad: Vec<(usize, RejectReason)>,
}

impl Found {
    fn bad(&mut self, span: Span, reason: RejectReason) {
        self.bad.push((self.records.len(), reason));
        self.records.push(span);
    }
}
