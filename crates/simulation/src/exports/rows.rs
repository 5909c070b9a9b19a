//! Records of text files: values are written one after the other, and a record that is to have a flaw is spoilt when it is complete.
//!
//! Two shapes: fields between delimiters, and JSON objects with a fixed list of keys. Numbers and times are written by digits,
//! without a detour through `format!`, since this is what most of a run's time goes into.

use encoding_rs::GB18030;

use super::files::Part;
use crate::{
    calendar::civil,
    dirt::{Flaw, Spoil, Spot},
};

/// What records look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// Fields between commas, in this encoding.
    Delimited { gb18030: bool },
    /// One object a line with these keys, in UTF-8.
    Json(&'static [&'static str]),
}

/// Records of one file, or of a part of one.
pub(crate) struct Rows {
    pub(crate) bytes: Vec<u8>,
    /// Records so far.
    pub(crate) rows: u64,
    pub(crate) flaws: Vec<Flaw>,
    shape: Shape,
    row_start: usize,
    /// Where the values of this record start and end.
    spans: Vec<(usize, usize)>,
    date: (i32, [u8; 10]),
}

impl Rows {
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            bytes: Vec::new(),
            rows: 0,
            flaws: Vec::new(),
            shape,
            row_start: 0,
            spans: Vec::with_capacity(16),
            date: (i32::MIN, *b"0000-00-00"),
        }
    }

    /// A line that names the columns; it is not a record.
    pub(crate) fn header(&mut self, names: &[&str]) {
        for name in names {
            self.text(name);
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.begin();
    }

    /// What was written so far, to make room.
    pub(crate) fn take(&mut self) -> Part {
        let rows = std::mem::take(&mut self.rows);
        let part = Part { bytes: std::mem::take(&mut self.bytes), rows, flaws: std::mem::take(&mut self.flaws) };
        self.begin();
        part
    }

    /// Forgets the text of what was written so far; records and flaws go on being counted.
    pub(crate) fn clear_text(&mut self) {
        self.bytes.clear();
        self.begin();
    }

    fn begin(&mut self) {
        self.row_start = self.bytes.len();
        self.spans.clear();
    }

    #[inline]
    fn open(&mut self) {
        match self.shape {
            Shape::Delimited { .. } if self.spans.is_empty() => {}
            Shape::Delimited { .. } => self.bytes.push(b','),
            Shape::Json(keys) => {
                self.bytes.extend_from_slice(if self.spans.is_empty() { b"{\"" } else { b",\"" });
                let key = keys.get(self.spans.len()).copied().unwrap_or_default();
                self.bytes.extend_from_slice(key.as_bytes());
                self.bytes.extend_from_slice(b"\":");
            }
        }
        let at = self.bytes.len();
        self.spans.push((at, at));
    }

    #[inline]
    fn close(&mut self) {
        let end = self.bytes.len();
        if let Some(span) = self.spans.last_mut() {
            span.1 = end;
        }
    }

    /// A value that is already encoded (and, in JSON, quoted).
    #[inline]
    pub(crate) fn raw(&mut self, value: &[u8]) {
        self.open();
        self.bytes.extend_from_slice(value);
        self.close();
    }

    /// Missing.
    pub(crate) fn none(&mut self) {
        let value: &[u8] = if matches!(self.shape, Shape::Json(_)) { b"null" } else { b"" };
        self.raw(value);
    }

    pub(crate) fn text(&mut self, text: &str) {
        match self.shape {
            Shape::Json(_) => {
                let quoted = serde_json::Value::from(text).to_string();
                self.raw(quoted.as_bytes());
            }
            Shape::Delimited { gb18030 } => {
                self.open();
                let quoted = text.contains([',', '"', '\n']);
                let text = if quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() };
                if gb18030 && !text.is_ascii() {
                    self.bytes.extend_from_slice(&GB18030.encode(&text).0);
                } else {
                    self.bytes.extend_from_slice(text.as_bytes());
                }
                self.close();
            }
        }
    }

    pub(crate) fn maybe(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.none(),
        }
    }

    /// A text without anything to escape.
    #[inline]
    pub(crate) fn word(&mut self, word: &str) {
        self.open();
        self.quote();
        self.bytes.extend_from_slice(word.as_bytes());
        self.quote();
        self.close();
    }

    #[inline]
    fn quote(&mut self) {
        if matches!(self.shape, Shape::Json(_)) {
            self.bytes.push(b'"');
        }
    }

    #[inline]
    pub(crate) fn int(&mut self, value: i64) {
        self.open();
        self.digits(value);
        self.close();
    }

    #[inline]
    fn digits(&mut self, value: i64) {
        self.bytes.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// A number that is a name: quoted in JSON.
    #[inline]
    pub(crate) fn number_text(&mut self, value: u64) {
        self.open();
        self.quote();
        self.bytes.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        self.quote();
        self.close();
    }

    pub(crate) fn maybe_int(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.int(value),
            None => self.none(),
        }
    }

    pub(crate) fn maybe_money(&mut self, cents: Option<i64>) {
        match cents {
            Some(cents) => self.money(cents),
            None => self.none(),
        }
    }

    pub(crate) fn maybe_date(&mut self, day: Option<i32>) {
        match day {
            Some(day) => self.date(day),
            None => self.none(),
        }
    }

    /// A text without anything to escape, or nothing.
    pub(crate) fn maybe_word(&mut self, word: Option<&str>) {
        match word {
            Some(word) => self.word(word),
            None => self.none(),
        }
    }

    /// Sixteen hexadecimal digits.
    #[inline]
    pub(crate) fn hex(&mut self, value: u64) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 16];
        for (at, place) in text.iter_mut().enumerate() {
            *place = DIGITS[(value >> (60 - 4 * at) & 15) as usize];
        }
        self.open();
        self.quote();
        self.bytes.extend_from_slice(&text);
        self.quote();
        self.close();
    }

    /// Yuan with two decimals.
    #[inline]
    pub(crate) fn money(&mut self, cents: i64) {
        self.open();
        if cents < 0 {
            self.bytes.push(b'-');
        }
        let cents = cents.unsigned_abs();
        self.digits((cents / 100) as i64);
        let rest = (cents % 100) as u8;
        self.bytes.extend_from_slice(&[b'.', b'0' + rest / 10, b'0' + rest % 10]);
        self.close();
    }

    pub(crate) fn date(&mut self, day: i32) {
        self.open();
        self.quote();
        self.day(day);
        self.quote();
        self.close();
    }

    #[inline]
    fn day(&mut self, day: i32) {
        if self.date.0 != day {
            let (year, month, of_month) = civil(day);
            let mut text = *b"0000-00-00";
            text.copy_from_slice(format!("{year:04}-{month:02}-{of_month:02}").as_bytes());
            self.date = (day, text);
        }
        self.bytes.extend_from_slice(&self.date.1);
    }

    /// A local moment: `2023-01-05 08:12:33`, with `T` and milliseconds in JSON.
    #[inline]
    pub(crate) fn moment(&mut self, day: i32, at_ms: u32) {
        self.open();
        self.quote();
        self.day(day);
        let json = matches!(self.shape, Shape::Json(_));
        self.bytes.push(if json { b'T' } else { b' ' });
        let seconds = at_ms / 1000;
        let pair = |value: u32| [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
        let (h, m, s) = (pair(seconds / 3600), pair(seconds / 60 % 60), pair(seconds % 60));
        self.bytes.extend_from_slice(&[h[0], h[1], b':', m[0], m[1], b':', s[0], s[1]]);
        if json {
            let ms = at_ms % 1000;
            self.bytes.extend_from_slice(&[
                b'.',
                b'0' + (ms / 100) as u8,
                b'0' + (ms / 10 % 10) as u8,
                b'0' + (ms % 10) as u8,
            ]);
        }
        self.quote();
        self.close();
    }

    /// Ends a record.
    #[inline]
    pub(crate) fn end(&mut self, spoil: Option<&Spoil>) {
        if let Some(spoil) = spoil {
            return self.end_spoilt(spoil);
        }
        self.finish_row();
        self.rows += 1;
        self.begin();
    }

    #[inline]
    fn finish_row(&mut self) {
        match self.shape {
            Shape::Delimited { .. } => self.bytes.extend_from_slice(b"\r\n"),
            Shape::Json(_) => self.bytes.extend_from_slice(b"}\n"),
        }
    }

    /// Ends a record with a flaw: in its place, or as one more copy before or after it.
    #[cold]
    fn end_spoilt(&mut self, spoil: &Spoil) {
        let values: Vec<Vec<u8>> = self.spans.iter().map(|(start, end)| self.bytes[*start..*end].to_vec()).collect();
        self.bytes.truncate(self.row_start);
        if spoil.keeps_original {
            self.write(&values);
        }
        self.rows += 1;
        self.flaws.push(Flaw { row: self.rows, column: spoil.column_name, kind: spoil.spot, found_as: spoil.found_as });
        let spoilt = spoil.apply(&values, matches!(self.shape, Shape::Json(_)));
        self.write_spoilt(spoil, &spoilt);
        self.begin();
    }

    fn write(&mut self, values: &[Vec<u8>]) {
        self.begin();
        for value in values {
            self.raw(value);
        }
        self.finish_row();
        self.rows += 1;
    }

    fn write_spoilt(&mut self, spoil: &Spoil, values: &[Vec<u8>]) {
        self.begin();
        let json = matches!(self.shape, Shape::Json(_));
        for (at, value) in values.iter().enumerate() {
            if json && spoil.spot == Spot::MissingKey && at == spoil.column {
                // The place is counted, so that later values keep their keys.
                let at = self.bytes.len();
                self.spans.push((at, at));
                continue;
            }
            self.raw(value);
        }
        if json && spoil.spot == Spot::BrokenRecord {
            // The end of the object never arrived.
            let length = (self.bytes.len() - self.row_start) * 2 / 3;
            self.bytes.truncate(self.row_start + length);
            while self.bytes.len() > self.row_start && std::str::from_utf8(&self.bytes[self.row_start..]).is_err() {
                self.bytes.pop();
            }
            self.bytes.push(b'\n');
        } else {
            self.finish_row();
        }
    }
}
