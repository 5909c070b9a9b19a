//! Identifying values in free text: phones, e-mail addresses, national ids, cards and IBANs that people typed where no
//! column was meant for them.
//!
//! *The way.* A look at the bytes (`screen`) lets go of almost all texts: those without an `@` and without nine digits
//! in a row. What is left is brought into one way of writing (`fold`: full-width forms, blanks and dashes), searched for
//! e-mail addresses, IBANs and runs of digits, and each run is read in every way that people group digits
//! (`number`). What has check digits must have the right ones; what has none must be written as such a number is.
//!
//! *Which way to err.* A missed phone is worse than a blurred order number, so a bare 11-digit number that starts like a
//! Chinese mobile number is taken for one. Amounts, dates, times, decimal numbers and pieces of longer codes are not.
//!
//! *What is not looked for.* Names and addresses of people (they have columns of their own); numbers in words; values
//! that are split over lines.

mod card;
mod checksum;
mod fold;
mod iban;
mod national_id;
mod number;
mod phone;
mod screen;

use std::{fmt, ops::Range};

use arrow::{
    array::{Array, StringArray},
    buffer::{Buffer, OffsetBuffer, ScalarBuffer},
    error::ArrowError,
};
use regex::Regex;

use fold::Folded;
use number::{Candidate, Run};

/// What kind of identifying value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A Chinese resident id or a US social security number.
    NationalId,
    /// The number of a payment card.
    Card,
    /// An international bank account number.
    Iban,
}

impl Found {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Phone, Self::Email, Self::NationalId, Self::Card, Self::Iban];

    /// The name used in tokens and reports, and as the kind of an identifier.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::NationalId => "national_id",
            Self::Card => "card",
            Self::Iban => "iban",
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const EMAIL_RANK: u8 = 0;
/// Ordinary addresses in any domain; and with blanks around `@` and dots, in common domains.
const EMAIL: &str = concat!(
    r"[A-Za-z0-9._%+'\-]*[A-Za-z0-9_%+\-]@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}",
    r"|[A-Za-z0-9._%+\-]+ {0,2}@ {0,2}[A-Za-z0-9\-]+(?: {0,2}\. {0,2}[A-Za-z0-9\-]+){0,2}",
    r" {0,2}\. {0,2}(?:com|cn|net|org|edu|gov)(?-u:\b)(?: {0,1}\. {0,1}(?:cn|tw|hk|uk)(?-u:\b))?",
);
/// UUIDs are full of digits that mean nothing.
const UUID: &str = r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/// Finds identifying values. Made once and shared between threads: it has no state.
#[derive(Debug, Clone)]
pub struct Scrubber {
    email: Regex,
    uuid: Regex,
}

impl Default for Scrubber {
    fn default() -> Self {
        Self::new()
    }
}

impl Scrubber {
    /// A scrubber.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the patterns are constants, and every test of this module compiles them")]
    pub fn new() -> Self {
        let compiled = |pattern| Regex::new(pattern).expect("a constant pattern");
        Self { email: compiled(EMAIL), uuid: compiled(UUID) }
    }

    /// The spans (in bytes) of `text` that identify a person, ascending and without overlaps.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, Found)> {
        let mut found = Vec::new();
        self.find_each(text, &mut Run::default(), &mut |range, kind| found.push((range, kind)));
        found
    }

    fn find_each(&self, text: &str, run: &mut Run, each: &mut impl FnMut(Range<usize>, Found)) {
        if !screen::may_identify(text.as_bytes()) {
            return;
        }
        let folded = Folded::new(text);
        for candidate in without_overlaps(self.candidates(folded.text(), run)) {
            each(folded.original(candidate.range), candidate.found);
        }
    }

    fn candidates(&self, text: &str, run: &mut Run) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        run.recognise_all(text, &mut candidates);
        iban::recognise_all(text, &mut candidates);
        if text.contains('@') {
            let emails = self.email.find_iter(text).map(|email| email.range());
            candidates.extend(emails.map(|range| Candidate { range, found: Found::Email, rank: EMAIL_RANK }));
        }
        if !candidates.is_empty() {
            let codes: Vec<Range<usize>> = self.uuid.find_iter(text).map(|code| code.range()).collect();
            candidates.retain(|candidate| !codes.iter().any(|code| overlap(code, &candidate.range)));
        }
        candidates
    }

    /// The column with each identifying value replaced by what `token` makes of its row, kind and normalised value
    /// ([`normalise`]). `None`, without a copy, when there is none.
    ///
    /// # Errors
    /// Tokens that make the column larger than 2 GiB.
    pub fn scrub(
        &self,
        column: &StringArray,
        token: &mut dyn FnMut(usize, Found, &str) -> String,
    ) -> Result<Option<StringArray>, ArrowError> {
        let (first, last) = (column.value_offsets()[0] as usize, column.value_offsets()[column.len()] as usize);
        if !screen::has_digits_or_at(&column.value_data()[first..last]) {
            return Ok(None);
        }
        let (mut spans, mut run) = (Vec::new(), Run::default());
        for row in (0..column.len()).filter(|&row| column.is_valid(row)) {
            self.find_each(column.value(row), &mut run, &mut |range, kind| spans.push(Span { row, range, kind }));
        }
        if spans.is_empty() { Ok(None) } else { replace(column, &spans, token).map(Some) }
    }
}

/// An identifying value in a column.
struct Span {
    row: usize,
    range: Range<usize>,
    kind: Found,
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The best candidates in the order of the text.
fn without_overlaps(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_key(|c| (c.rank, std::cmp::Reverse(c.range.len()), c.range.start));
    let mut best: Vec<Candidate> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        if !best.iter().any(|better| overlap(&better.range, &candidate.range)) {
            best.push(candidate);
        }
    }
    best.sort_by_key(|candidate| candidate.range.start);
    best
}

/// The column with the spans, which are ascending, replaced. What is between them is copied in one piece.
fn replace(
    column: &StringArray,
    spans: &[Span],
    token: &mut dyn FnMut(usize, Found, &str) -> String,
) -> Result<StringArray, ArrowError> {
    let (values, offsets) = (column.value_data(), column.value_offsets());
    let mut bytes = Vec::with_capacity(values.len());
    let mut ends = vec![0];
    let mut copied = offsets[0] as usize;
    let mut spans = spans.iter().peekable();
    for row in 0..column.len() {
        let start = offsets[row] as usize;
        while let Some(span) = spans.next_if(|span| span.row == row) {
            bytes.extend_from_slice(&values[copied..start + span.range.start]);
            let value = normalise(span.kind, &column.value(row)[span.range.clone()]);
            bytes.extend_from_slice(token(row, span.kind, &value).as_bytes());
            copied = start + span.range.end;
        }
        let end = offsets[row + 1] as usize;
        bytes.extend_from_slice(&values[copied..end]);
        copied = end;
        ends.push(i32::try_from(bytes.len()).map_err(|_| ArrowError::OffsetOverflowError(bytes.len()))?);
    }
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    StringArray::try_new(offsets, Buffer::from_vec(bytes), column.nulls().cloned())
}

/// One way of writing for each value, however it was typed: phones as `+86…`, ids of 15 digits as those of 18, cards and
/// IBANs without blanks, e-mail addresses in lower case.
#[must_use]
pub fn normalise(kind: Found, value: &str) -> String {
    let folded = Folded::new(value);
    let folded = folded.text();
    match kind {
        Found::Phone => phone::normalise(folded),
        Found::NationalId => national_id::normalise(folded),
        Found::Email => folded.chars().filter(|c| *c != ' ').flat_map(char::to_lowercase).collect(),
        Found::Card => folded.chars().filter(char::is_ascii_digit).collect(),
        Found::Iban => folded.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect(),
    }
}
