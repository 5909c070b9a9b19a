//! Numbers as people and programs write them.
//!
//! `1,234.56` or, with a decimal comma, `1.234,56`. Group separators must stand where groups end (`12,50` is not 1250).
//! A decimal with one group separator and nothing else, `1,234`, is refused: it may as well be a decimal comma that
//! nobody declared, and money is not guessed. In integers it is a thousand.

use florin_domain::catalogue::{DECIMAL_PRECISION, DECIMAL_SCALE};

use crate::sources::reject::Problem;

/// As many decimal digits as any `u64` sum of digits can take without overflow.
const DIGITS_SAFE: usize = 18;
const SCALE: usize = DECIMAL_SCALE as usize;
const PRECISION: i64 = DECIMAL_PRECISION as i64;
const ONE: i128 = 10_i128.pow(SCALE as u32);
/// The largest `Decimal(18, 4)`, unscaled.
pub(in crate::sources) const DECIMAL_MAX: i128 = 10_i128.pow(DECIMAL_PRECISION as u32) - 1;
/// A binary fraction this near to four decimals was meant as them.
const ROUNDING_TOLERANCE: f64 = 1e-9;
/// Integers up to here are exact as floating point numbers.
const EXACT_FLOAT_MAX: u64 = 1 << 53;

/// What separates what in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources) struct NumberStyle {
    point: u8,
    group: Option<u8>,
}

impl NumberStyle {
    /// As programs write numbers: a point, no groups.
    pub(in crate::sources) const PLAIN: Self = Self { point: b'.', group: None };

    pub(in crate::sources) fn new(decimal_comma: bool) -> Self {
        if decimal_comma { Self { point: b',', group: Some(b'.') } } else { Self { point: b'.', group: Some(b',') } }
    }

    fn not_a_number(self) -> Problem {
        if self.point == b',' { Problem::NotCommaNumber } else { Problem::NotNumber }
    }
}

fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn digit(byte: u8) -> Option<u64> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(u64::from(value))
}

/// The value of up to [`DIGITS_SAFE`] digits; `None` when there is none, too many, or anything else among them.
fn short_digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > DIGITS_SAFE {
        return None;
    }
    text.iter().try_fold(0, |value, &byte| Some(value * 10 + digit(byte)?))
}

/// An integer: optional sign, digits, no fraction.
pub(in crate::sources) fn parse_int(text: &[u8], style: NumberStyle) -> Result<i64, Problem> {
    let (negative, digits) = signed(text);
    if let Some(value) = short_digits(digits) {
        let value = value.cast_signed();
        return Ok(if negative { -value } else { value });
    }
    long_int(negative, digits, style)
}

#[cold]
fn long_int(negative: bool, text: &[u8], style: NumberStyle) -> Result<i64, Problem> {
    let grouped = style.group.filter(|group| text.contains(group));
    let digits = match grouped {
        Some(group) => ungrouped(text, group).ok_or(Problem::NotInt)?.0,
        None => text.to_vec(),
    };
    if digits.is_empty() {
        return Err(Problem::NotInt);
    }
    let mut value = 0_i64;
    for byte in digits {
        let digit = digit(byte).ok_or(Problem::NotInt)?.cast_signed();
        let digit = if negative { -digit } else { digit };
        value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or(Problem::OutOfRange)?;
    }
    Ok(value)
}

/// Digits without the separators, and how many separators there were; `None` unless the first group has one to three
/// digits and does not begin with a zero, and every other has three.
fn ungrouped(text: &[u8], group: u8) -> Option<(Vec<u8>, usize)> {
    let mut groups = text.split(|b| *b == group);
    let first = groups.next()?;
    if !(1..=3).contains(&first.len()) || first[0] == b'0' {
        return None;
    }
    let (mut digits, mut separators) = (first.to_vec(), 0);
    for next in groups {
        if next.len() != 3 {
            return None;
        }
        digits.extend(next);
        separators += 1;
    }
    digits.iter().all(u8::is_ascii_digit).then_some((digits, separators))
}

/// A decimal, as a whole number of ten-thousandths, of at most 18 digits.
pub(in crate::sources) fn parse_decimal(text: &[u8], style: NumberStyle) -> Result<i128, Problem> {
    let (negative, body) = signed(text);
    let value = match short_decimal(body, style.point) {
        Some(value) => i128::from(value),
        None => long_decimal(body, style)?,
    };
    Ok(if negative { -value } else { value })
}

/// Fast: up to 14 digits, optionally a point and up to four more. `None` for anything else.
fn short_decimal(text: &[u8], point: u8) -> Option<u64> {
    const INTEGER_DIGITS: usize = DIGITS_SAFE - SCALE;
    const POWERS: [u64; SCALE + 1] = [10_000, 1_000, 100, 10, 1];
    let mut value = 0;
    for (at, &byte) in text.iter().enumerate() {
        if let Some(digit) = digit(byte) {
            value = value * 10 + digit;
        } else if byte == point && at > 0 && at <= INTEGER_DIGITS {
            let fraction = &text[at + 1..];
            let missing = *POWERS.get(fraction.len())?;
            let fraction = if fraction.is_empty() { 0 } else { short_digits(fraction)? };
            return Some(value * POWERS[0] + fraction * missing);
        } else {
            return None;
        }
        if at >= INTEGER_DIGITS {
            return None;
        }
    }
    (!text.is_empty()).then_some(value * POWERS[0])
}

/// A number taken apart: its significant digits, and the power of ten behind the last of them.
struct Parts {
    digits: Vec<u8>,
    exponent: i64,
}

#[cold]
fn long_decimal(text: &[u8], style: NumberStyle) -> Result<i128, Problem> {
    let parts = parts(text, style)?;
    if parts.digits.is_empty() {
        return Ok(0);
    }
    let shift = parts.exponent.saturating_add(SCALE as i64);
    if shift < 0 {
        return Err(Problem::TooManyDecimals);
    }
    if shift.saturating_add(parts.digits.len() as i64) > PRECISION {
        return Err(Problem::OutOfRange);
    }
    let value = parts.digits.iter().fold(0_i128, |value, &byte| value * 10 + i128::from(byte - b'0'));
    let shift = u32::try_from(shift).map_err(|_| Problem::OutOfRange)?;
    Ok(value * 10_i128.pow(shift))
}

fn parts(text: &[u8], style: NumberStyle) -> Result<Parts, Problem> {
    let wrong = || style.not_a_number();
    let (mantissa, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&text[..at], parse_exponent(&text[at + 1..]).ok_or_else(wrong)?),
        None => (text, 0),
    };
    let point = mantissa.iter().position(|b| *b == style.point);
    let (integer, fraction) = mantissa.split_at(point.unwrap_or(mantissa.len()));
    let fraction = fraction.get(1..).unwrap_or_default();
    let mut digits = integer_digits(integer, point.is_some(), style)?;
    digits.extend(fraction);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(wrong());
    }
    let mut parts = Parts { exponent: exponent - fraction.len() as i64, digits };
    parts.normalise();
    Ok(parts)
}

fn integer_digits(text: &[u8], has_point: bool, style: NumberStyle) -> Result<Vec<u8>, Problem> {
    let Some(group) = style.group.filter(|group| text.contains(group)) else {
        return Ok(text.to_vec());
    };
    match ungrouped(text, group) {
        Some((_, 1)) if !has_point => Err(Problem::AmbiguousGroup),
        Some((digits, _)) => Ok(digits),
        None => Err(style.not_a_number()),
    }
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = signed(text);
    let value = short_digits(digits)?.cast_signed();
    Some(if negative { -value } else { value })
}

impl Parts {
    /// No zeros at either end.
    fn normalise(&mut self) {
        let zeros = self.digits.iter().take_while(|b| **b == b'0').count();
        self.digits.drain(..zeros);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
            self.exponent += 1;
        }
    }
}

/// A finite floating point number, the nearest to what is written.
pub(in crate::sources) fn parse_float(text: &[u8], style: NumberStyle) -> Result<f64, Problem> {
    let (negative, body) = signed(text);
    let value = match short_float(body, style.point) {
        Some(value) => value,
        None => long_float(body, style)?,
    };
    Ok(if negative { -value } else { value })
}

/// Exact when both the digits and the power of ten are: then one division rounds once.
fn short_float(text: &[u8], point: u8) -> Option<f64> {
    const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    if text.len() >= POWERS.len() {
        return None;
    }
    let (mut value, mut decimals, mut digits) = (0, None, 0);
    for &byte in text {
        if let Some(digit) = digit(byte) {
            value = value * 10 + digit;
            digits += 1;
            decimals = decimals.map(|d: usize| d + 1);
        } else if byte == point && decimals.is_none() {
            decimals = Some(0);
        } else {
            return None;
        }
    }
    (digits > 0 && value < EXACT_FLOAT_MAX).then(|| value as f64 / POWERS[decimals.unwrap_or(0)])
}

#[cold]
fn long_float(text: &[u8], style: NumberStyle) -> Result<f64, Problem> {
    let parts = parts(text, style)?;
    let digits = if parts.digits.is_empty() { b"0".to_vec() } else { parts.digits };
    let written = format!("{}e{}", String::from_utf8_lossy(&digits), parts.exponent);
    let value: f64 = written.parse().map_err(|_| style.not_a_number())?;
    if value.is_finite() { Ok(value) } else { Err(Problem::OutOfRange) }
}

/// A floating point number as an integer, if it is one.
pub(in crate::sources) fn int_of_float(value: f64) -> Result<i64, Problem> {
    if value.fract() != 0.0 {
        return Err(Problem::NotInt);
    }
    if value.abs() > EXACT_FLOAT_MAX as f64 {
        return Err(Problem::OutOfRange);
    }
    Ok(value as i64)
}

/// A floating point number as the decimal it was meant as: its shortest text, exactly; or, when that has more than four
/// decimals because of arithmetic in binary (`0.1 + 0.2`), the four decimals within 10⁻⁹ of it.
pub(in crate::sources) fn decimal_of_float(value: f64) -> Result<i128, Problem> {
    if !value.is_finite() {
        return Err(Problem::NotNumber);
    }
    match parse_decimal(value.to_string().as_bytes(), NumberStyle::PLAIN) {
        Err(Problem::TooManyDecimals) => {
            let rounded = format!("{value:.SCALE$}");
            let near: f64 = rounded.parse().map_err(|_| Problem::NotNumber)?;
            if (near - value).abs() > ROUNDING_TOLERANCE {
                return Err(Problem::TooManyDecimals);
            }
            parse_decimal(rounded.as_bytes(), NumberStyle::PLAIN)
        }
        exact => exact,
    }
}

/// An integer as a decimal.
pub(in crate::sources) fn decimal_of_int(value: i128) -> Result<i128, Problem> {
    value.checked_mul(ONE).filter(|v| v.abs() <= DECIMAL_MAX).ok_or(Problem::OutOfRange)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POINT: NumberStyle = NumberStyle { point: b'.', group: Some(b',') };
    const COMMA: NumberStyle = NumberStyle { point: b',', group: Some(b'.') };

    #[test]
    fn integers() {
        let cases: [(&str, Result<i64, Problem>); 16] = [
            ("0", Ok(0)),
            ("-17", Ok(-17)),
            ("+17", Ok(17)),
            ("007", Ok(7)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err(Problem::OutOfRange)),
            ("99999999999999999999999", Err(Problem::OutOfRange)),
            ("1,234,567", Ok(1_234_567)),
            ("12,34", Err(Problem::NotInt)),
            ("0,123", Err(Problem::NotInt)),
            ("12.0", Err(Problem::NotInt)),
            ("1e3", Err(Problem::NotInt)),
            ("", Err(Problem::NotInt)),
            ("-", Err(Problem::NotInt)),
            ("--1", Err(Problem::NotInt)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_int(text.as_bytes(), POINT), expected, "{text}");
        }
    }

    #[test]
    fn decimals() {
        let cases: [(&str, Result<i128, Problem>); 22] = [
            ("0", Ok(0)),
            ("700.00", Ok(7_000_000)),
            ("-0.0001", Ok(-1)),
            ("5.", Ok(50_000)),
            (".5", Ok(5_000)),
            ("1.23450000", Ok(12_345)),
            ("1.23456", Err(Problem::TooManyDecimals)),
            ("99999999999999.9999", Ok(DECIMAL_MAX)),
            ("-99999999999999.9999", Ok(-DECIMAL_MAX)),
            ("100000000000000", Err(Problem::OutOfRange)),
            ("000000000000000000000001.5", Ok(15_000)),
            ("1,234.56", Ok(12_345_600)),
            ("1,234,567", Ok(12_345_670_000)),
            ("1,234", Err(Problem::AmbiguousGroup)),
            ("12,50", Err(Problem::NotNumber)),
            ("0,125", Err(Problem::NotNumber)),
            ("1.5E+3", Ok(15_000_000)),
            ("1e-5", Err(Problem::TooManyDecimals)),
            ("1e999999999", Err(Problem::OutOfRange)),
            (".", Err(Problem::NotNumber)),
            ("", Err(Problem::NotNumber)),
            ("1.2.3", Err(Problem::NotNumber)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_decimal(text.as_bytes(), POINT), expected, "{text}");
        }
    }

    #[test]
    fn decimals_with_a_comma() {
        let cases: [(&str, Result<i128, Problem>); 5] = [
            ("1.234,56", Ok(12_345_600)),
            ("12,5", Ok(125_000)),
            ("12.5", Err(Problem::NotCommaNumber)),
            ("1.234", Err(Problem::AmbiguousGroup)),
            ("1,234.56", Err(Problem::NotCommaNumber)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_decimal(text.as_bytes(), COMMA), expected, "{text}");
        }
        assert_eq!(parse_float(b"1.234,5", COMMA), Ok(1234.5));
    }

    #[test]
    fn floats_that_were_meant_as_decimals_become_them() {
        assert_eq!(decimal_of_float(0.1 + 0.2), Ok(3_000));
        assert_eq!(decimal_of_float(1234.5678), Ok(12_345_678));
        assert_eq!(decimal_of_float(0.12345), Err(Problem::TooManyDecimals));
        assert_eq!(decimal_of_float(1e15), Err(Problem::OutOfRange));
        assert_eq!(decimal_of_float(f64::NAN), Err(Problem::NotNumber));
        assert_eq!(int_of_float(12.0), Ok(12));
        assert_eq!(int_of_float(12.5), Err(Problem::NotInt));
        assert_eq!(decimal_of_int(10_i128.pow(14)), Err(Problem::OutOfRange));
    }

    #[test]
    fn floats_are_finite() {
        for text in ["inf", "NaN", "1e400", "", "e5", "0x10"] {
            assert!(parse_float(text.as_bytes(), POINT).is_err(), "{text}");
        }
        assert_eq!(parse_float(b"-0.25", POINT), Ok(-0.25));
        assert_eq!(parse_float(b"1e-400", POINT), Ok(0.0));
    }

    proptest! {
        #[test]
        fn every_decimal_reads_back(value in -DECIMAL_MAX..=DECIMAL_MAX) {
            let (sign, magnitude) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
            let text = format!("{sign}{}.{:04}", magnitude / 10_000, magnitude % 10_000);
            prop_assert_eq!(parse_decimal(text.as_bytes(), POINT), Ok(value));
            prop_assert_eq!(parse_decimal(text.replace('.', ",").as_bytes(), COMMA), Ok(value));
        }

        #[test]
        fn every_integer_reads_back(value: i64) {
            prop_assert_eq!(parse_int(value.to_string().as_bytes(), POINT), Ok(value));
        }

        #[test]
        fn every_float_reads_back(value in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(parse_float(value.to_string().as_bytes(), POINT), Ok(value));
            prop_assert_eq!(parse_float(format!("{value:e}").as_bytes(), POINT), Ok(value));
        }

        #[test]
        fn short_floats_are_the_nearest(digits in 0_u64..1_000_000_000_000, decimals in 0_usize..8) {
            let text = format!("{:.decimals$}", digits as f64 / 10_f64.powi(decimals as i32));
            prop_assert_eq!(parse_float(text.as_bytes(), POINT).unwrap(), text.parse::<f64>().unwrap());
        }
    }
}
