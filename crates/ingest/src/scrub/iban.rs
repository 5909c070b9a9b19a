//! International bank account numbers (ISO 13616).

use super::{Found, checksum::mod97, number::Candidate};

const RANK: u8 = 1;

/// Countries, and how long their numbers are.
#[rustfmt::skip]
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22), ("BH", 22),
    ("BI", 27), ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24), ("DE", 22), ("DJ", 27),
    ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18), ("FK", 18), ("FO", 18), ("FR", 27),
    ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27), ("GT", 28), ("HN", 28), ("HR", 21), ("HU", 28),
    ("IE", 22), ("IL", 23), ("IQ", 23), ("IS", 26), ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28),
    ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20), ("LV", 21), ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22),
    ("MK", 19), ("MN", 20), ("MR", 27), ("MT", 31), ("MU", 30), ("NI", 28), ("NL", 18), ("NO", 15), ("OM", 23),
    ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22), ("RU", 33), ("SA", 24),
    ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("SO", 23), ("ST", 25), ("SV", 28),
    ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20), ("YE", 30),
];

/// Adds the account numbers of `text`.
pub(super) fn recognise_all(text: &str, candidates: &mut Vec<Candidate>) {
    let bytes = text.as_bytes();
    for digit in (2..bytes.len()).filter(|&at| bytes[at].is_ascii_digit()) {
        // A digit after two letters at the start of a word, with or without a blank.
        let letters_end = if bytes[digit - 1] == b' ' { digit - 1 } else { digit };
        let Some(start) = letters_end.checked_sub(2) else { continue };
        let is_start = bytes[start].is_ascii_alphabetic()
            && bytes[start + 1].is_ascii_alphabetic()
            && !(start > 0 && bytes[start - 1].is_ascii_alphanumeric());
        if is_start {
            candidates.extend(recognise(text, start));
        }
    }
}

/// The account number that starts with the letters at `start`.
fn recognise(text: &str, start: usize) -> Option<Candidate> {
    let country = text.get(start..start + 2)?.to_ascii_uppercase();
    let length = LENGTHS.iter().find(|(code, _)| *code == country)?.1;
    let (iban, end) = take(&text[start..], length)?;
    let ends_there = !text[start + end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    (ends_there && mod97(&iban)).then_some(Candidate { range: start..start + end, found: Found::Iban, rank: RANK })
}

/// So many letters and digits, in upper case, and where they end. One blank or hyphen may stand before each.
fn take(text: &str, length: usize) -> Option<(Vec<u8>, usize)> {
    let mut taken = Vec::with_capacity(length);
    let mut gap = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() {
            taken.push(byte.to_ascii_uppercase());
            gap = 0;
        } else if matches!(byte, b' ' | b'-') && gap == 0 {
            gap = 1;
        } else {
            return None;
        }
        if taken.len() == length {
            return Some((taken, at + 1));
        }
    }
    None
}
