//! Flaws of exports, at known rates, each written down: which file, which record, which column, what is wrong, and how a loader
//! ought to find it.
//!
//! Whether a record has a flaw is decided by a hash of its file and place, and by nothing it says: flaws tell nothing about people. Master
//! data (customers, accounts) are never lost to a flaw: a spoilt copy comes beside the good record, as when an export is sent twice.

use crate::random::{Subject, mix};

/// What is wrong with a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// One field too many, one too few, or half an object.
    BrokenRecord,
    /// Bytes that mean nothing in the file's encoding.
    BadBytes,
    /// A day that no calendar has.
    WrongDate,
    /// A day in the far future.
    FutureDate,
    /// Letters among the digits of a number.
    NotANumber,
    /// `12,50` where points are used.
    DecimalComma,
    /// Below zero where nothing can be.
    Negative,
    /// A code that the list of codes does not have.
    BadCode,
    /// Nothing where something is needed.
    Missing,
    /// A JSON key that is not there.
    MissingKey,
    /// A reference to something that does not exist.
    UnknownReference,
    /// The same record once more.
    Duplicate,
    /// A value that is not written as it should be, but does no harm.
    Malformed,
    /// A date of birth in another century.
    ImpossibleValue,
}

impl Spot {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BrokenRecord => "broken_record",
            Self::BadBytes => "bad_bytes",
            Self::WrongDate => "wrong_date",
            Self::FutureDate => "future_date",
            Self::NotANumber => "not_a_number",
            Self::DecimalComma => "decimal_comma",
            Self::Negative => "negative",
            Self::BadCode => "bad_code",
            Self::Missing => "missing",
            Self::MissingKey => "missing_key",
            Self::UnknownReference => "unknown_reference",
            Self::Duplicate => "duplicate",
            Self::Malformed => "malformed",
            Self::ImpossibleValue => "impossible_value",
        }
    }
}

/// How a flaw ought to be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FoundAs {
    Quarantined,
    Duplicate,
    Warned,
}

impl FoundAs {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Duplicate => "duplicate",
            Self::Warned => "warned",
        }
    }
}

/// A flaw that was planted.
#[derive(Clone, Copy)]
pub(crate) struct Flaw {
    /// Which record of its part of the file, from 1.
    pub(crate) row: u64,
    pub(crate) column: &'static str,
    pub(crate) kind: Spot,
    pub(crate) found_as: FoundAs,
}

/// A way to spoil a record.
#[derive(Clone, Copy)]
pub(crate) struct Spoil {
    pub(crate) spot: Spot,
    /// Which value.
    pub(crate) column: usize,
    pub(crate) column_name: &'static str,
    pub(crate) found_as: FoundAs,
    /// Whether the good record is there as well.
    pub(crate) keeps_original: bool,
}

/// A record is replaced by a spoilt one.
pub(crate) const fn spoil(spot: Spot, column: usize, column_name: &'static str) -> Spoil {
    Spoil { spot, column, column_name, found_as: FoundAs::Quarantined, keeps_original: false }
}

/// A spoilt copy beside the good record.
pub(crate) const fn copy(spot: Spot, column: usize, column_name: &'static str) -> Spoil {
    Spoil { spot, column, column_name, found_as: FoundAs::Quarantined, keeps_original: true }
}

/// The record is stored in spite of its flaw, with a warning.
pub(crate) const fn warned(spot: Spot, column: usize, column_name: &'static str) -> Spoil {
    Spoil { spot, column, column_name, found_as: FoundAs::Warned, keeps_original: false }
}

/// The same record once more.
pub(crate) const fn twice(column: usize, column_name: &'static str) -> Spoil {
    let (spot, found_as) = (Spot::Duplicate, FoundAs::Duplicate);
    Spoil { spot, column, column_name, found_as, keeps_original: true }
}

impl Spoil {
    /// The values with the flaw in one of them. In JSON, texts have their quotes.
    pub(crate) fn apply(&self, values: &[Vec<u8>], json: bool) -> Vec<Vec<u8>> {
        let mut values = values.to_vec();
        if self.spot == Spot::BrokenRecord && !json {
            match values.len() % 2 {
                0 => values.push(b"*".to_vec()),
                _ => drop(values.pop()),
            }
            return values;
        }
        if let Some(value) = values.get_mut(self.column) {
            *value = self.spoilt(value, json);
        }
        values
    }

    fn spoilt(&self, value: &[u8], json: bool) -> Vec<u8> {
        let quoted = |text: &[u8]| if json { [b"\"", text, b"\""].concat() } else { text.to_vec() };
        match self.spot {
            Spot::BrokenRecord | Spot::Duplicate | Spot::MissingKey => value.to_vec(),
            Spot::BadBytes => insert(value, b"\xFF\xFF"),
            Spot::WrongDate => quoted(b"2023-02-30 25:61:00"),
            Spot::FutureDate => later(value),
            Spot::NotANumber => quoted(&replace_digit(value)),
            Spot::DecimalComma => format!("\"{},5\"", String::from_utf8_lossy(value).replace('.', ",")).into_bytes(),
            Spot::Negative if !value.iter().any(|byte| (b'1'..=b'9').contains(byte)) => b"-1".to_vec(),
            Spot::Negative => [b"-", value].concat(),
            Spot::BadCode => quoted(b"ZZ9"),
            Spot::Missing => {
                if json {
                    b"null".to_vec()
                } else {
                    Vec::new()
                }
            }
            Spot::UnknownReference => quoted(b"7999999999999999"),
            Spot::Malformed => quoted(b"n/a"),
            Spot::ImpossibleValue => quoted(b"1801-01-01"),
        }
    }
}

fn insert(value: &[u8], bytes: &[u8]) -> Vec<u8> {
    // Behind the first byte that is text in every encoding, and never inside a character.
    let at = value.iter().position(|byte| *byte != b'"').unwrap_or(0);
    [&value[..at], bytes, &value[at..]].concat()
}

/// The same time seventy years later.
fn later(value: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(value);
    text.replacen("202", "209", 1).into_bytes()
}

/// A letter O instead of the last digit.
fn replace_digit(value: &[u8]) -> Vec<u8> {
    let mut text: Vec<u8> = value.iter().copied().filter(|byte| *byte != b'"').collect();
    if let Some(last) = text.last_mut() {
        *last = b'O';
    }
    text
}

/// Which flaw, if any, the records of a file have.
#[derive(Clone, Copy)]
pub(crate) struct Dirt {
    key: u64,
    /// Of 2³².
    threshold: u64,
}

impl Dirt {
    /// For a file (or a part of it), at a rate.
    pub(crate) fn new(seed: u64, on: bool, file: u64, part: i32, rate: f64) -> Self {
        let key = mix(mix(seed ^ (Subject::Dirt as u64) << 48 ^ file) ^ part as u64);
        Self { key, threshold: if on { (rate * (1u64 << 32) as f64) as u64 } else { 0 } }
    }

    /// The flaw of a record, out of those that the file can have.
    #[inline]
    pub(crate) fn of<'s>(&self, record: u64, spoils: &'s [Spoil]) -> Option<&'s Spoil> {
        let bits = mix(self.key ^ record);
        if bits >> 32 >= self.threshold {
            return None;
        }
        spoils.get((bits & 0xFFFF_FFFF) as usize % spoils.len().max(1))
    }
}
