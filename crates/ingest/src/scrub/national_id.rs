//! Ids that a state gives to people: Chinese resident ids, US social security numbers.

use super::{
    Found,
    checksum::resident_check,
    number::{Candidate, Window},
};

const RANK: u8 = 2;
/// The old form has no check digit, so that a card number is the better reading.
const SHORT_RANK: u8 = 4;
/// First two digits: the province, 9 for foreigners.
#[rustfmt::skip]
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
    64, 65, 71, 81, 82, 83,
];

/// A resident id of 18 characters in any groups: the last may be X.
pub(super) fn recognise(window: Window<'_>) -> Option<Candidate> {
    let digits = window.digits();
    match digits.len() {
        18 => is_resident(digits, digits[17]).then(|| window.candidate(Found::NationalId, RANK)),
        17 => with_x(window),
        _ => None,
    }
}

fn with_x(window: Window<'_>) -> Option<Candidate> {
    if !is_resident(window.digits(), b'X') {
        return None;
    }
    let after = window.after();
    let x = after.trim_start_matches([' ', '-']);
    let skipped = after.len() - x.len();
    let rest = x.strip_prefix(['x', 'X']).filter(|_| skipped <= 3)?;
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut range = window.range();
    range.end += skipped + 1;
    Some(Candidate { range, found: Found::NationalId, rank: RANK })
}

/// The 15 digits that were given out until 1999, and social security numbers as they are usually written.
pub(super) fn recognise_short(window: Window<'_>) -> Option<Candidate> {
    let digits = window.digits();
    let is_short = match digits.len() {
        15 => is_old_resident(digits) && window.is_laid_out(&[&[6, 6, 3]]),
        9 => {
            window.is_alone()
                && window.sized(&[3, 2, 4])
                && window.gaps().all(|gap| gap == "-")
                && is_social_security(digits)
        }
        _ => false,
    };
    is_short.then(|| window.candidate(Found::NationalId, SHORT_RANK))
}

fn is_resident(digits: &[u8], check: u8) -> bool {
    let century = number(&digits[6..8]);
    is_province(digits)
        && (18..=20).contains(&century)
        && is_day(number(&digits[6..10]), &digits[10..14])
        && resident_check(&digits[..17]) == check
}

fn is_old_resident(digits: &[u8]) -> bool {
    is_province(digits) && is_day(1900 + number(&digits[6..8]), &digits[8..12])
}

fn is_province(digits: &[u8]) -> bool {
    digits[0] == b'9' || PROVINCES.contains(&(number(&digits[..2]) as u8))
}

/// Whether month and day are in the calendar of that year.
fn is_day(year: u32, month_day: &[u8]) -> bool {
    let (month, day) = (number(&month_day[..2]), number(&month_day[2..4]));
    jiff::civil::Date::new(year as i16, month as i8, day as i8).is_ok()
}

fn is_social_security(digits: &[u8]) -> bool {
    let (area, group, serial) = (number(&digits[..3]), number(&digits[3..5]), number(&digits[5..]));
    area != 0 && area != 666 && group != 0 && serial != 0
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, d| value * 10 + u32::from(d - b'0'))
}

/// Upper case without blanks and hyphens; an old resident id in its new form, so that both are one person.
pub(super) fn normalise(folded: &str) -> String {
    let mut id: String = folded.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    if id.len() == 15 && id.bytes().all(|b| b.is_ascii_digit()) {
        id.insert_str(6, "19");
        id.push(char::from(resident_check(id.as_bytes())));
    }
    id
}
