//! Dates and times in a form of the bank's own: strftime patterns.
//!
//! Most patterns are plain fields (`%Y %m %d %y %H %M %S`) between fixed text; those are read here, byte by byte. Any
//! other directive (`%b`, `%p`, `%z`, …) goes through jiff. Fields without a separator between them must have all their
//! digits: `%y%m%d` does not read `10101`, from which somebody lost a zero, as 2010-10-01.

use std::sync::Arc;

use jiff::{
    civil,
    fmt::strtime::{self, BrokenDownTime},
    tz::TimeZone,
};

use super::date::{Civil, Moment, civil_of, day_number, fraction_micros, time_of_day};

/// The first year that two digits mean when the definition does not say otherwise.
const CENTURY_DEFAULT: i16 = 1930;
/// Years of four digits begin here; fewer digits are somebody's abbreviation.
const YEAR_MIN: i16 = 1000;
/// A moment that any pattern can write, to try a pattern out.
const SAMPLE: civil::DateTime = civil::datetime(2011, 12, 13, 10, 9, 8, 0);

/// A strftime pattern, ready to read with.
#[derive(Debug, Clone)]
pub(in crate::sources) struct Pattern {
    /// As the bank wrote it.
    pub(in crate::sources) text: Arc<str>,
    expanded: String,
    fields: Option<Vec<Item>>,
    century: i16,
    two_digit_year: bool,
    /// The same with day and month changed, when it has both.
    swapped: Option<Box<Pattern>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Literal(u8),
    Field(Field, Width),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    YearOfCentury,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// A point and digits, or nothing.
    Fraction,
}

/// How many digits a field may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Two,
    OneOrTwo,
}

impl Pattern {
    /// # Errors
    /// What is wrong with the pattern.
    pub(in crate::sources) fn compile(text: &str, century: Option<i16>) -> Result<Self, String> {
        let expanded = expand(text);
        let sample = SAMPLE.to_zoned(TimeZone::UTC).map_err(|e| e.to_string())?;
        let written = strtime::format(&expanded, &sample).map_err(|e| e.to_string())?;
        let parsed = BrokenDownTime::parse(&expanded, &written).map_err(|e| e.to_string())?;
        if parsed.timestamp().is_none() {
            parsed.to_date().map_err(|e| e.to_string())?;
        }
        let mut pattern = Self::of_expanded(text, expanded, century);
        if let Some(swapped) = swap(&pattern.expanded) {
            pattern.swapped = Some(Box::new(Self::of_expanded(text, swapped, century)));
        }
        Ok(pattern)
    }

    fn of_expanded(text: &str, expanded: String, century: Option<i16>) -> Self {
        Self {
            text: text.into(),
            fields: items(&expanded),
            two_digit_year: expanded.contains("%y"),
            expanded,
            century: century.unwrap_or(CENTURY_DEFAULT),
            swapped: None,
        }
    }

    /// What the text says; `None` when it is not of this form, or no such day or time exists.
    pub(in crate::sources) fn parse(&self, text: &[u8]) -> Option<Moment> {
        match &self.fields {
            Some(items) => read(items, text, self.century).map(Moment::Local),
            None => self.parse_rare(text),
        }
    }

    /// Whether the text is of this form once day and month change places.
    pub(in crate::sources) fn is_swapped(&self, text: &[u8]) -> bool {
        self.swapped.as_ref().is_some_and(|swapped| swapped.parse(text).is_some())
    }

    fn parse_rare(&self, text: &[u8]) -> Option<Moment> {
        let mut parsed = BrokenDownTime::parse(&self.expanded, text).ok()?;
        if let Some(year) = parsed.year() {
            if self.two_digit_year {
                parsed.set_year(Some(in_century(year.rem_euclid(100), self.century))).ok()?;
            } else if year < YEAR_MIN {
                return None;
            }
        }
        if parsed.timestamp().is_some() || parsed.offset().is_some() {
            return Some(Moment::Instant(parsed.to_timestamp().ok()?.as_microsecond()));
        }
        let date = parsed.to_date().ok()?;
        // A pattern without a time of day means midnight.
        let time = if parsed.hour().is_some() { parsed.to_time().ok()? } else { civil::Time::midnight() };
        civil_of(date.to_datetime(time)).map(Moment::Local)
    }
}

/// Writes out directives that stand for several.
fn expand(text: &str) -> String {
    text.replace("%F", "%Y-%m-%d").replace("%D", "%m/%d/%y").replace("%T", "%H:%M:%S").replace("%R", "%H:%M")
}

fn swap(expanded: &str) -> Option<String> {
    const HOLDER: &str = "\u{0}";
    if !(expanded.contains("%d") && expanded.contains("%m")) {
        return None;
    }
    Some(expanded.replace("%d", HOLDER).replace("%m", "%d").replace(HOLDER, "%m"))
}

/// The year of two digits, `century` being the first one they can mean.
fn in_century(two_digits: i16, century: i16) -> i16 {
    century + (two_digits - century).rem_euclid(100)
}

/// The pattern as plain fields; `None` when it has others, or says too little about the day.
fn items(expanded: &str) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut bytes = expanded.bytes();
    while let Some(byte) = bytes.next() {
        items.push(match byte {
            b'%' => match bytes.next()? {
                b'.' if bytes.next()? == b'f' => Item::Field(Field::Fraction, Width::Two),
                b'%' => Item::Literal(b'%'),
                directive => Item::Field(plain_field(directive)?, Width::Two),
            },
            // jiff takes white space for any white space, or none.
            blank if blank.is_ascii_whitespace() && blank != b' ' => return None,
            literal => Item::Literal(literal),
        });
    }
    let has = |field| items.iter().filter(|i| matches!(i, Item::Field(f, _) if *f == field)).count() == 1;
    if !(has(Field::Year) ^ has(Field::YearOfCentury) && has(Field::Month) && has(Field::Day)) {
        return None;
    }
    widen(&mut items);
    Some(items)
}

fn plain_field(directive: u8) -> Option<Field> {
    Some(match directive {
        b'Y' => Field::Year,
        b'y' => Field::YearOfCentury,
        b'm' => Field::Month,
        b'd' => Field::Day,
        b'H' => Field::Hour,
        b'M' => Field::Minute,
        b'S' => Field::Second,
        _ => return None,
    })
}

/// Days, months and times of day between separators may leave out their zero.
fn widen(items: &mut [Item]) {
    let is_literal = |item: Option<&Item>| {
        matches!(item, None | Some(Item::Field(Field::Fraction, _)))
            || matches!(item, Some(Item::Literal(byte)) if !byte.is_ascii_digit())
    };
    for at in 0..items.len() {
        let before = at == 0 || is_literal(items.get(at - 1));
        let alone = before && is_literal(items.get(at + 1));
        if let Item::Field(field, width) = &mut items[at]
            && alone
            && !matches!(field, Field::Year | Field::YearOfCentury)
        {
            *width = Width::OneOrTwo;
        }
    }
}

/// What was read so far.
struct Parts {
    year: i32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
}

fn read(items: &[Item], mut text: &[u8], century: i16) -> Option<Civil> {
    let mut parts = Parts { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 };
    for item in items {
        match *item {
            Item::Literal(byte) => {
                let (first, rest) = text.split_first()?;
                if *first != byte {
                    return None;
                }
                text = rest;
            }
            Item::Field(field, width) => text = parts.read_field(field, width, text, century)?,
        }
    }
    if !text.is_empty() {
        return None;
    }
    let day = day_number(parts.year, parts.month, parts.day)?;
    Some(Civil { day, micros: time_of_day(parts.hour, parts.minute, parts.second, parts.micros)? })
}

impl Parts {
    fn read_field<'t>(&mut self, field: Field, width: Width, text: &'t [u8], century: i16) -> Option<&'t [u8]> {
        if field == Field::Fraction {
            let Some(digits) = text.strip_prefix(b".") else { return Some(text) };
            let (micros, rest) = fraction_micros(digits)?;
            self.micros = micros;
            return Some(rest);
        }
        let (value, rest) = digits(text, width)?;
        match field {
            Field::Year => {
                let (low, rest) = digits(rest, Width::Two)?;
                let year = value * 100 + low;
                self.year = year.cast_signed();
                return (self.year >= i32::from(YEAR_MIN)).then_some(rest);
            }
            Field::YearOfCentury => self.year = i32::from(in_century(i16::try_from(value).ok()?, century)),
            Field::Month => self.month = value,
            Field::Day => self.day = value,
            Field::Hour => self.hour = value,
            Field::Minute => self.minute = value,
            Field::Second => self.second = value,
            Field::Fraction => {}
        }
        Some(rest)
    }
}

fn digits(text: &[u8], width: Width) -> Option<(u32, &[u8])> {
    if let Some(value) = super::date::two_digits(text) {
        return Some((value, &text[2..]));
    }
    match text {
        [digit @ b'0'..=b'9', rest @ ..] if width == Width::OneOrTwo => Some((u32::from(digit - b'0'), rest)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn parsed(pattern: &str, text: &str) -> Option<String> {
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let written = |micros| {
            let time = jiff::Timestamp::from_microsecond(micros).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
            time.datetime().to_string()
        };
        assert_eq!(epoch.as_microsecond(), 0);
        Some(match Pattern::compile(pattern, None).unwrap().parse(text.as_bytes())? {
            Moment::Local(civil) => written(civil.total_micros()),
            Moment::Instant(micros) => format!("{}Z", written(micros)),
        })
    }

    #[test]
    fn patterns_read_what_they_say() {
        let cases = [
            ("%y%m%d", "930101", Some("1993-01-01T00:00:00")),
            ("%y%m%d", "290101", Some("2029-01-01T00:00:00")),
            ("%y%m%d", "300101", Some("1930-01-01T00:00:00")),
            ("%y%m%d", "10101", None),
            ("%y%m%d", "930231", None),
            ("%y%m%d %H:%M:%S", "931107 00:00:00", Some("1993-11-07T00:00:00")),
            ("%Y%m%d", "20130701", Some("2013-07-01T00:00:00")),
            ("%d.%m.%Y", "1.2.2024", Some("2024-02-01T00:00:00")),
            ("%d.%m.%Y", "01.02.24", None),
            ("%F %T%.f", "2024-02-29 23:59:59.5", Some("2024-02-29T23:59:59.5")),
            ("%F %T%.f", "2024-02-29 23:59:59", Some("2024-02-29T23:59:59")),
            ("%d %b %Y", "7 Nov 1993", Some("1993-11-07T00:00:00")),
            ("%d-%b-%y", "07-Nov-29", Some("2029-11-07T00:00:00")),
            ("%d-%b-%y", "07-Nov-30", Some("1930-11-07T00:00:00")),
            ("%d/%m/%Y %I:%M %p", "07/11/1993 03:30 PM", Some("1993-11-07T15:30:00")),
            ("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:00:00+0200", Some("2023-12-31T22:00:00Z")),
            ("%s", "86400", Some("1970-01-02T00:00:00Z")),
            ("%Y年%m月%d日", "2024年2月9日", Some("2024-02-09T00:00:00")),
            ("%Y-%m-%d", "2024-02-09x", None),
            ("%Y-%m-%d", "", None),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(parsed(pattern, text).as_deref(), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn two_digit_years_begin_with_the_century() {
        let pattern = Pattern::compile("%y%m%d", Some(1900)).unwrap();
        let day = |year| Some(Moment::Local(Civil { day: day_number(year, 1, 1).unwrap(), micros: 0 }));
        assert_eq!(pattern.parse(b"000101"), day(1900));
        assert_eq!(pattern.parse(b"990101"), day(1999));
    }

    #[test]
    fn swapped_days_and_months_are_seen() {
        let pattern = Pattern::compile("%m/%d/%Y", None).unwrap();
        assert!(pattern.parse(b"31/12/2024").is_none() && pattern.is_swapped(b"31/12/2024"));
        assert!(!pattern.is_swapped(b"31/31/2024"));
        assert!(!Pattern::compile("%d %b %Y", None).unwrap().is_swapped(b"x"));
    }

    #[test]
    fn a_pattern_that_is_none_or_says_too_little_is_refused() {
        assert!(Pattern::compile("%Y-%m-%K", None).is_err());
        assert!(Pattern::compile("%H:%M", None).is_err());
        assert!(Pattern::compile("%m/%d", None).is_err());
    }
}
