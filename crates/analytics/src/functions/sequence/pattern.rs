//! Patterns, as people write them.

/// Parts a pattern may have.
const PARTS_MAX: usize = 100;

/// One part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `(?N)`: a row that meets this condition (from 0).
    Met(usize),
    /// `.`: any row.
    Any,
    /// `.*`: any number of rows.
    Some,
    /// `(?t<=N)`: any number of rows, then one so long after the row before.
    Time(Bound, i64),
}

/// How a time compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

/// Longer spellings first, so that `<=` is not taken for `<`.
const BOUNDS: [(&str, Bound); 5] = [
    ("<=", Bound::LessOrEqual),
    (">=", Bound::GreaterOrEqual),
    ("==", Bound::Equal),
    ("<", Bound::Less),
    (">", Bound::Greater),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The first is `Some`: a pattern may begin at any row.
    pub(super) parts: Vec<Part>,
}

impl Pattern {
    /// Reads a pattern over so many conditions. Spans of time are seconds, each so many units of the rows' times.
    pub(super) fn parse(text: &str, conditions: usize, a_second: i64) -> Result<Self, String> {
        let mut parts = vec![Part::Some];
        let mut rest = text;
        while !rest.is_empty() {
            let part;
            (part, rest) = next(rest, conditions, a_second).map_err(|wrong| {
                let at = text.len() - rest.len() + 1;
                format!("{wrong}, at character {at} of the pattern `{text}`")
            })?;
            parts.push(part);
        }
        if parts.len() > PARTS_MAX {
            return Err(format!("the pattern has {} parts; it may have {PARTS_MAX}", parts.len()));
        }
        if !parts.iter().any(|part| matches!(part, Part::Met(_))) {
            return Err(format!("the pattern `{text}` names no condition; write (?1) for the first"));
        }
        Ok(Self { parts })
    }
}

/// The first part of a text, and the rest of it.
fn next(text: &str, conditions: usize, a_second: i64) -> Result<(Part, &str), String> {
    if let Some(rest) = text.strip_prefix(".*") {
        return Ok((Part::Some, rest));
    }
    if let Some(rest) = text.strip_prefix('.') {
        return Ok((Part::Any, rest));
    }
    let inside = text.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    let Some((inside, rest)) = inside else {
        return Err("a part is one of (?1), (?t<=60), . and .*".to_owned());
    };
    let part = match inside.strip_prefix('t') {
        Some(bound) => time(bound, a_second)?,
        None => met(inside, conditions)?,
    };
    Ok((part, rest))
}

fn met(number: &str, conditions: usize) -> Result<Part, String> {
    match number.parse::<usize>() {
        Ok(number) if (1..=conditions).contains(&number) => Ok(Part::Met(number - 1)),
        _ => Err(format!("there is no condition `{number}`; there are 1 to {conditions}")),
    }
}

fn time(text: &str, a_second: i64) -> Result<Part, String> {
    let bound = BOUNDS.iter().find_map(|(word, bound)| Some((*bound, text.strip_prefix(word)?)));
    let span = bound.and_then(|(bound, number)| {
        let seconds: u32 = number.parse().ok()?;
        Some(Part::Time(bound, i64::from(seconds).checked_mul(a_second)?))
    });
    span.ok_or_else(|| format!("`t{text}` is no time; write t, one of < <= == >= >, and a whole number of seconds"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_in_order() {
        let read = Pattern::parse("(?1).*(?t<=60)(?2).(?t==5)", 2, 1_000_000).unwrap();
        let expected = [
            Part::Some,
            Part::Met(0),
            Part::Some,
            Part::Time(Bound::LessOrEqual, 60_000_000),
            Part::Met(1),
            Part::Any,
            Part::Time(Bound::Equal, 5_000_000),
        ];
        assert_eq!(read.parts, expected);
    }

    #[test]
    fn what_is_wrong_and_where_is_said() {
        let wrong = |text| Pattern::parse(text, 2, 1).unwrap_err();
        assert_eq!(
            wrong("(?1)(?3)"),
            "there is no condition `3`; there are 1 to 2, at character 5 of the pattern `(?1)(?3)`"
        );
        assert!(wrong("(?1)x").starts_with("a part is one of"));
        assert!(wrong("(?1)(?t=5)").contains("is no time"));
        assert!(wrong("(?1").starts_with("a part is one of"));
        assert!(wrong(".*").contains("names no condition"));
        assert!(wrong(&"(?1)".repeat(100)).contains("parts"));
    }
}
