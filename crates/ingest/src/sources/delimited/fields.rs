//! From a record to its fields.
//!
//! Records without a quote, nearly all in most files, are cut eight bytes at a time; the others byte by byte along their
//! quotes. The record has been found sound by then (see `records`).

use memchr::{memchr, memmem};

use crate::sources::chunk::Span;

/// Marks the end of a field that holds doubled quotes.
const DOUBLED: u32 = 1 << 31;
const LANE: usize = 8;
const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// Where a field is in its buffer, and whether quotes in it are doubled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sources) struct FieldSpan(Span);

impl FieldSpan {
    fn new(start: usize, end: usize) -> Self {
        Self(Span::new(start, end))
    }

    fn with_doubled(start: usize, end: usize) -> Self {
        let span = Span::new(start, end);
        Self(Span { start: span.start, end: span.end | DOUBLED })
    }

    /// Whether quotes in the field are doubled.
    pub(in crate::sources) fn is_doubled(self) -> bool {
        self.0.end & DOUBLED != 0
    }

    /// The field as it stands there.
    #[inline]
    pub(in crate::sources) fn of(self, buffer: &[u8]) -> &[u8] {
        &buffer[self.0.start as usize..(self.0.end & !DOUBLED) as usize]
    }
}

/// Cuts records into fields.
#[derive(Debug, Clone)]
pub(in crate::sources) struct Cutter {
    delimiter: Vec<u8>,
    quote: Option<u8>,
}

impl Cutter {
    pub(in crate::sources) fn new(delimiter: &[u8], quote: Option<u8>) -> Self {
        Self { delimiter: delimiter.to_vec(), quote }
    }

    pub(in crate::sources) fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// Writes where the fields of a record are, as many as there is room for. Returns how many the record has.
    #[inline]
    pub(in crate::sources) fn cut(&self, buffer: &[u8], record: Span, out: &mut [FieldSpan]) -> usize {
        let quoted = self.quote.is_some_and(|quote| memchr(quote, record.of(buffer)).is_some());
        match (quoted, self.delimiter.as_slice()) {
            (false, [delimiter]) => cut_plain(buffer, record, *delimiter, out),
            _ => self.cut_slowly(buffer, record, out),
        }
    }

    /// The same for a record that is known to have no quote.
    #[inline]
    pub(in crate::sources) fn cut_unquoted(&self, buffer: &[u8], record: Span, out: &mut [FieldSpan]) -> usize {
        match self.delimiter.as_slice() {
            [delimiter] => cut_plain(buffer, record, *delimiter, out),
            _ => self.cut_slowly(buffer, record, out),
        }
    }

    fn cut_slowly(&self, buffer: &[u8], record: Span, out: &mut [FieldSpan]) -> usize {
        let (mut at, end) = (record.start as usize, record.end as usize);
        let mut count = 0;
        loop {
            let (field, after) = self.next_field(buffer, at, end);
            if let Some(place) = out.get_mut(count) {
                *place = field;
            }
            count += 1;
            if after >= end {
                return count;
            }
            at = after + self.delimiter.len();
        }
    }

    /// The field that begins at `at`, and where the delimiter behind it (or the record's end) is.
    fn next_field(&self, buffer: &[u8], at: usize, end: usize) -> (FieldSpan, usize) {
        match self.quote {
            Some(quote) if at < end && buffer[at] == quote => quoted_field(buffer, at + 1, end, quote),
            _ => {
                let after = self.find_delimiter(&buffer[at..end]).map_or(end, |found| at + found);
                (FieldSpan::new(at, after), after)
            }
        }
    }

    fn find_delimiter(&self, text: &[u8]) -> Option<usize> {
        match self.delimiter.as_slice() {
            [delimiter] => memchr(*delimiter, text),
            delimiter => memmem::find(text, delimiter),
        }
    }

    /// The texts of a record's fields.
    pub(in crate::sources) fn texts(&self, record: &[u8]) -> Vec<Vec<u8>> {
        let whole = Span::new(0, record.len());
        let mut spans = vec![FieldSpan::default(); self.cut(record, whole, &mut [])];
        self.cut(record, whole, &mut spans);
        let mut texts = Vec::with_capacity(spans.len());
        for span in spans {
            let mut text = Vec::new();
            self.undouble(span.of(record), &mut text);
            texts.push(if span.is_doubled() { text } else { span.of(record).to_vec() });
        }
        texts
    }

    /// Appends a field's text with its doubled quotes made single.
    pub(in crate::sources) fn undouble(&self, field: &[u8], out: &mut Vec<u8>) {
        let Some(quote) = self.quote else { return out.extend_from_slice(field) };
        let mut rest = field;
        while let Some(at) = memchr(quote, rest) {
            out.extend_from_slice(&rest[..=at]);
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        out.extend_from_slice(rest);
    }
}

/// A field whose text begins at `start`, behind its opening quote.
fn quoted_field(buffer: &[u8], start: usize, end: usize, quote: u8) -> (FieldSpan, usize) {
    let (mut at, mut doubled) = (start, false);
    while let Some(found) = memchr(quote, &buffer[at.min(end)..end]) {
        let close = at + found;
        if close + 1 < end && buffer[close + 1] == quote {
            doubled = true;
            at = close + 2;
            continue;
        }
        let field = if doubled { FieldSpan::with_doubled(start, close) } else { FieldSpan::new(start, close) };
        return (field, close + 1);
    }
    (FieldSpan::new(start, end), end)
}

/// Cuts a record without quotes at a delimiter of one byte, a word at a time.
fn cut_plain(buffer: &[u8], record: Span, delimiter: u8, out: &mut [FieldSpan]) -> usize {
    let pattern = u64::from_ne_bytes([delimiter; LANE]);
    let (mut start, end) = (record.start as usize, record.end as usize);
    let (mut count, mut base) = (0, start);
    while base < end {
        let mut matches = match buffer.get(base..).and_then(<[u8]>::first_chunk::<LANE>) {
            Some(word) => matching_bytes(*word, pattern),
            None => matching_bytes(padded(&buffer[base..end]), pattern),
        };
        // What belongs to the next record does not count.
        if end - base < LANE {
            matches &= (1 << (8 * (end - base))) - 1;
        }
        while matches != 0 {
            let at = base + matches.trailing_zeros() as usize / 8;
            if let Some(place) = out.get_mut(count) {
                *place = FieldSpan::new(start, at);
            }
            count += 1;
            start = at + 1;
            matches &= matches - 1;
        }
        base += LANE;
    }
    if let Some(place) = out.get_mut(count) {
        *place = FieldSpan::new(start, end);
    }
    count + 1
}

/// The highest bit of each byte, first byte lowest, that equals the pattern's.
#[inline]
fn matching_bytes(word: [u8; LANE], pattern: u64) -> u64 {
    let difference = u64::from_le_bytes(word) ^ pattern;
    !(((difference & LOW_BITS) + LOW_BITS) | difference | LOW_BITS)
}

fn padded(text: &[u8]) -> [u8; LANE] {
    let mut word = [0; LANE];
    word[..text.len()].copy_from_slice(text);
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(delimiter: &str, quote: Option<u8>, record: &str) -> Vec<String> {
        let cutter = Cutter::new(delimiter.as_bytes(), quote);
        cutter.texts(record.as_bytes()).into_iter().map(|t| String::from_utf8_lossy(&t).into_owned()).collect()
    }

    #[test]
    fn fields_of_records() {
        let quote = Some(b'"');
        assert_eq!(texts(",", quote, "a,,b,"), ["a", "", "b", ""]);
        assert_eq!(texts(";", quote, r#"1;"x;""y""";"""#), ["1", "x;\"y\"", ""]);
        assert_eq!(texts(",", quote, r#"5" pipe,"a""#), ["5\" pipe", "a"]);
        assert_eq!(texts(",", None, r#""a,b""#), ["\"a", "b\""]);
        assert_eq!(texts("，", quote, "甲，\"乙，丙\"，"), ["甲", "乙，丙", ""]);
    }

    proptest! {
        #[test]
        fn words_find_what_bytes_find(before in "[a,]{0,9}", record in "[a-c,é\u{7f}]{0,40}", after in "[,x]{0,9}") {
            let buffer = format!("{before}{record}{after}").into_bytes();
            let span = Span::new(before.len(), before.len() + record.len());
            let mut out = vec![FieldSpan::default(); 64];
            let count = cut_plain(&buffer, span, b',', &mut out);
            let found: Vec<&[u8]> = out[..count].iter().map(|f| f.of(&buffer)).collect();
            let expected: Vec<&[u8]> = record.split(',').map(str::as_bytes).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
