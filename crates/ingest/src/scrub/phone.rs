//! Telephone numbers: Chinese, Taiwanese and British ones, those of the North American plan, and any with a country code.
//!
//! Free numbers (400, 800, 888, …) reach a company and not a person, and are left alone.

use super::{
    Found,
    number::{Candidate, Window},
};

const RANK: u8 = 5;
/// A number with a country code has so many digits at least when nothing but the plus says that it is one.
const INTERNATIONAL_MIN: usize = 10;
/// How far before a number a word may stand that says it is one, in characters.
const CUE_CHARS_MAX: usize = 16;

/// Country codes, and how many digits follow: fewest, most.
#[rustfmt::skip]
const COUNTRIES: &[(&str, usize, usize)] = &[
    ("1", 10, 10), ("7", 10, 10), ("20", 8, 10), ("27", 9, 9), ("30", 10, 10), ("31", 9, 9), ("32", 8, 9),
    ("33", 9, 9), ("34", 9, 9), ("36", 8, 9), ("39", 8, 11), ("40", 9, 9), ("41", 9, 9), ("43", 7, 12), ("44", 9, 10),
    ("45", 8, 8), ("46", 7, 10), ("47", 8, 8), ("48", 9, 9), ("49", 6, 11), ("51", 8, 9), ("52", 10, 11),
    ("54", 10, 11), ("55", 10, 11), ("56", 9, 9), ("57", 10, 10), ("58", 10, 10), ("60", 8, 10), ("61", 9, 9),
    ("62", 8, 12), ("63", 8, 10), ("64", 8, 10), ("65", 8, 8), ("66", 8, 9), ("81", 9, 10), ("82", 8, 10),
    ("84", 8, 10), ("86", 9, 11), ("90", 10, 10), ("91", 10, 10), ("92", 9, 10), ("94", 9, 9), ("95", 7, 10),
    ("98", 10, 10), ("212", 9, 9), ("213", 8, 9), ("216", 8, 8), ("234", 8, 10), ("254", 9, 9), ("351", 9, 9),
    ("352", 6, 9), ("353", 7, 9), ("354", 7, 7), ("356", 8, 8), ("357", 8, 8), ("358", 6, 10), ("359", 8, 9),
    ("370", 8, 8), ("371", 8, 8), ("372", 7, 8), ("373", 8, 8), ("374", 8, 8), ("375", 9, 9), ("380", 9, 9),
    ("381", 8, 9), ("385", 8, 9), ("386", 8, 8), ("420", 9, 9), ("421", 9, 9), ("852", 8, 8), ("853", 8, 8),
    ("855", 8, 9), ("856", 8, 10), ("880", 8, 10), ("886", 8, 9), ("960", 7, 7), ("961", 7, 8), ("962", 8, 9),
    ("965", 8, 8), ("966", 8, 9), ("971", 8, 9), ("972", 8, 9), ("973", 8, 8), ("974", 8, 8), ("976", 8, 8),
    ("977", 8, 10), ("992", 9, 9), ("994", 9, 9), ("995", 9, 9), ("996", 9, 9), ("998", 9, 9),
];

/// Groups of a Chinese mobile number.
#[rustfmt::skip]
const MOBILE_LAYOUTS: &[&[usize]] = &[&[3, 4, 4], &[3, 8], &[7, 4], &[4, 3, 4], &[4, 4, 3], &[3, 3, 5], &[5, 6], &[3, 2, 3, 3]];
/// Groups of numbers with a trunk 0: Chinese, Taiwanese and British.
#[rustfmt::skip]
const TRUNK_LAYOUTS: &[&[usize]] = &[
    &[3, 8], &[4, 7], &[4, 8], &[3, 4, 4], &[4, 3, 4], &[4, 4, 4], &[2, 4, 4], &[2, 8], &[4, 3, 3], &[4, 6], &[5, 6],
    &[5, 3, 3],
];
const FREE_AREAS: [&[u8]; 9] = [b"400", b"800", b"833", b"844", b"855", b"866", b"877", b"888", b"822"];
const CUES: [&str; 12] =
    ["phone", "tel", "cell", "mobile", "call", "text", "fax", "contact", "电话", "手机", "联系", "電話"];

/// The telephone number that a window is.
pub(super) fn recognise(window: Window<'_>) -> Option<Candidate> {
    let candidate = match plus_before(window) {
        Some(start) => is_international(window).then(|| with_start(window, start)),
        None => is_national(window).then(|| with_parenthesis(window)),
    };
    candidate.filter(|_| !is_money(window))
}

fn is_national(window: Window<'_>) -> bool {
    is_mobile(window)
        || is_with_country_digits(window)
        || is_trunk(window)
        || is_north_american(window)
        || is_cued(window)
}

fn with_start(window: Window<'_>, start: usize) -> Candidate {
    Candidate { range: start..window.range().end, found: Found::Phone, rank: RANK }
}

/// The parenthesis before an area code belongs to the number when it is closed within it.
fn with_parenthesis(window: Window<'_>) -> Candidate {
    let open = window.before().ends_with('(') && window.gaps().any(|gap| gap.contains(')'));
    with_start(window, window.range().start - usize::from(open))
}

/// An amount: a currency before it, or a unit of money behind it.
fn is_money(window: Window<'_>) -> bool {
    const BEFORE: [&str; 11] = ["$", "¥", "￥", "€", "£", "RMB", "CNY", "USD", "EUR", "GBP", "HKD"];
    const BEHIND: [&str; 9] = ["元", "圆", "块", "万", "亿", "%", "RMB", "USD", "dollars"];
    let before = window.before().trim_end_matches(' ');
    let behind = window.after().trim_start_matches(' ');
    BEFORE.iter().any(|sign| before.ends_with(sign)) || BEHIND.iter().any(|unit| behind.starts_with(unit))
}

/// Where the plus before a window stands: `+86 …`, `(+86) …`, `+(86) …`.
fn plus_before(window: Window<'_>) -> Option<usize> {
    let before = window.before();
    let bare = before.strip_suffix('(').unwrap_or(before).strip_suffix('+')?;
    // In a sum the plus is not a sign of a country.
    let is_sum = bare.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ')');
    let open = bare.ends_with('(') && window.gaps().any(|gap| gap.contains(')'));
    (!is_sum).then(|| bare.len() - usize::from(open))
}

fn is_international(window: Window<'_>) -> bool {
    let digits = window.digits();
    if window.is_single() && digits.len() < INTERNATIONAL_MIN {
        return false;
    }
    let close = window.gaps().all(|gap| gap.len() <= 3 && !gap.contains('_'));
    let has_trunk = window.gaps().any(|gap| gap.contains('(')) && window.text()[window.range()].contains("(0)");
    close && COUNTRIES.iter().any(|country| fits(digits, country, usize::from(has_trunk)))
}

fn fits(digits: &[u8], &(code, fewest, most): &(&str, usize, usize), trunk: usize) -> bool {
    let Some(national) = digits.strip_prefix(code.as_bytes()) else { return false };
    let is_free = code == "1" && national.len() > 3 && FREE_AREAS.contains(&&national[..3]);
    (fewest + trunk..=most + trunk).contains(&national.len()) && !is_free
}

/// A Chinese mobile number, also with 86 or 0086 before it.
fn is_mobile(window: Window<'_>) -> bool {
    if let Some(rest) = window.rest().filter(|_| matches!(window.first(), "86" | "0086")) {
        return is_mobile(rest);
    }
    let digits = window.digits();
    let national = digits.strip_prefix(b"0086").or_else(|| digits.strip_prefix(b"86")).filter(|_| window.is_single());
    is_mobile_digits(national.unwrap_or(digits)) && !is_free(window) && window.is_laid_out(MOBILE_LAYOUTS)
}

/// `1-800-555-0199`
fn is_free(window: Window<'_>) -> bool {
    window.sized(&[1, 3, 3, 4]) && FREE_AREAS.contains(&&window.digits()[1..4])
}

fn is_mobile_digits(digits: &[u8]) -> bool {
    matches!(digits, [b'1', b'3'..=b'9', ..]) && digits.len() == 11
}

/// `0044 20 7946 0958`: 00 instead of a plus, and blanks to show what it is.
fn is_with_country_digits(window: Window<'_>) -> bool {
    let Some(code) = window.first().strip_prefix("00").filter(|_| !window.is_single()) else { return false };
    let digits = &window.digits()[2..];
    window.gaps_are_alike() && COUNTRIES.iter().any(|country| country.0 == code && fits(digits, country, 0))
}

/// A number with its trunk 0.
fn is_trunk(window: Window<'_>) -> bool {
    let digits = window.digits();
    let [b'0', b'1'..=b'9', ..] = digits else { return false };
    if matches!(window.first(), "0800" | "0808" | "0809") {
        return false;
    }
    if window.is_single() {
        return is_trunk_mobile(digits);
    }
    let in_parentheses = window.before().ends_with('(') && window.gaps().next().is_some_and(|gap| gap.starts_with(')'));
    let close = window.gaps().all(|gap| matches!(gap, " " | "-" | ") " | ")" | ")-"));
    close && (in_parentheses || window.gaps_are_alike()) && TRUNK_LAYOUTS.iter().any(|sizes| window.sized(sizes))
}

/// A Taiwanese or British mobile number.
fn is_trunk_mobile(digits: &[u8]) -> bool {
    matches!((digits, digits.len()), ([b'0', b'9', ..], 10) | ([b'0', b'7', b'1'..=b'9', ..], 11))
}

/// `(212) 555-0123`, `212-555-0123`, `1-212-555-0123`, `212.555.0123`, and with blanks when no other number is near.
fn is_north_american(window: Window<'_>) -> bool {
    if let Some(rest) = window.rest().filter(|_| window.first() == "1") {
        return is_north_american(rest);
    }
    let in_parentheses = window.before().ends_with('(') && window.gaps().next().is_some_and(|gap| gap.starts_with(')'));
    let sized = window.sized(&[3, 3, 4]) || (in_parentheses && window.sized(&[3, 7]));
    let close = window.gaps().all(|gap| matches!(gap, "-" | "." | ")" | ") " | ")-" | " " | " - "));
    // Blanks alone could as well stand between three numbers.
    let joined = window.gaps_are_alike() && (window.is_alone() || window.gaps().all(|gap| gap != " "));
    let marked = in_parentheses || joined;
    sized && close && marked && is_plan_number(window.digits())
}

/// An area and an exchange of the North American plan, and not a free number.
fn is_plan_number(digits: &[u8]) -> bool {
    let is_code = |code: &[u8]| code[0] >= b'2' && !code.ends_with(b"11");
    digits.len() == 10 && is_code(&digits[..3]) && is_code(&digits[3..6]) && !FREE_AREAS.contains(&&digits[..3])
}

/// Digits that only the words before them make a telephone number.
fn is_cued(window: Window<'_>) -> bool {
    if !window.is_single() {
        return false;
    }
    let digits = window.digits();
    let is_chinese = chinese_landline(digits).is_some();
    (is_plan_number(digits.strip_prefix(b"1").unwrap_or(digits)) || is_chinese) && has_cue(window.before())
}

fn has_cue(before: &str) -> bool {
    let start = before.char_indices().rev().nth(CUE_CHARS_MAX - 1).map_or(0, |(at, _)| at);
    let near = before[start..].to_lowercase();
    let last_number = near.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1);
    CUES.iter().any(|cue| near[last_number..].contains(cue))
}

/// The digits after the trunk 0 of a Chinese landline.
fn chinese_landline(digits: &[u8]) -> Option<&[u8]> {
    let is_landline = matches!(
        (digits, digits.len()),
        ([b'0', b'1', b'0', ..] | [b'0', b'2', ..], 11) | ([b'0', b'3'..=b'9', ..], 11 | 12)
    );
    is_landline.then(|| &digits[1..])
}

/// A plus, the country and the number, where the country can be told; else the digits alone. Without a country, trunk
/// numbers are read as Chinese, then British (mobile) and Taiwanese ones.
pub(super) fn normalise(folded: &str) -> String {
    let without_trunk = folded.replace("(0)", "");
    let digits: String = without_trunk.chars().filter(char::is_ascii_digit).collect();
    if without_trunk.contains('+') {
        return format!("+{digits}");
    }
    if let Some(international) = digits.strip_prefix("00") {
        return format!("+{international}");
    }
    let groups = folded.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|&size| size > 0).collect::<Vec<_>>();
    let bytes = digits.as_bytes();
    let (country, national) = match (bytes, bytes.len()) {
        ([b'1', rest @ ..], 11) if groups.starts_with(&[1, 3]) && is_plan_number(rest) => ("1", &digits[1..]),
        _ if is_mobile_digits(bytes) => ("86", &*digits),
        ([b'8', b'6', rest @ ..], 13) if is_mobile_digits(rest) => ("", &*digits),
        ([b'1', rest @ ..], 11) if is_plan_number(rest) => ("1", &digits[1..]),
        _ if is_plan_number(bytes) => ("1", &*digits),
        // 0791 is also the area of Nanchang.
        ([b'0', b'7', b'1'..=b'9', ..], 11) if groups[0] != 4 => ("44", &digits[1..]),
        _ if chinese_landline(bytes).is_some() => ("86", &digits[1..]),
        ([b'0', ..], 10) => ("886", &digits[1..]),
        _ => return digits,
    };
    format!("+{country}{national}")
}
