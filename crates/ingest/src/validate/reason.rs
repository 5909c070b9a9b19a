//! Why a row failed, in words that never hold the row's own values.

use std::fmt;

use super::bounds::Side;

/// The most allowed texts that a reason lists.
const LISTED_MAX: usize = 8;
/// The most characters of a pattern or an expression that a reason shows.
const SHOWN_CHARS_MAX: usize = 80;

/// Why a row failed. `Display` is for people; [`code`](Self::code) and [`column`](Self::column) are for grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    code: &'static str,
    column: Option<String>,
    check: Option<usize>,
    text: String,
}

impl Reason {
    /// The rule that failed, as written in definitions: `required`, `range`, `pattern`, `allowed`, `exists_in`, `unique`
    /// or `sql`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The column that failed; `None` for a rule over the whole row.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref()
    }

    /// Which check of the mapping, from 0; `None` when the table itself requires the column.
    #[must_use]
    pub fn check(&self) -> Option<usize> {
        self.check
    }

    /// A column that the table requires is missing.
    pub(super) fn required(column: &str) -> Self {
        let text = format!("`{column}` is missing");
        Self { code: "required", column: Some(column.to_owned()), check: None, text }
    }

    /// A check failed; `message` is what the bank says instead of `text`.
    pub(super) fn of_check(
        code: &'static str,
        column: Option<&str>,
        check: usize,
        message: Option<&str>,
        text: String,
    ) -> Self {
        let text = message.map_or(text, str::to_owned);
        Self { code, column: column.map(str::to_owned), check: Some(check), text }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// "`amount` is below 0", "`ts` is after the record was received".
pub(super) fn out_of_range(column: &str, side: Side, temporal: bool, bound: &str) -> String {
    let direction = match (side, temporal) {
        (Side::Min, false) => "below",
        (Side::Max, false) => "above",
        (Side::Min, true) => "before",
        (Side::Max, true) => "after",
    };
    format!("`{column}` is {direction} {bound}")
}

/// "`status` is none of A, B, C, D".
pub(super) fn none_of(column: &str, allowed: &[String]) -> String {
    let listed = allowed.iter().take(LISTED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match allowed.len().saturating_sub(LISTED_MAX) {
        0 => format!("`{column}` is none of {listed}"),
        more => format!("`{column}` is none of {listed} and {more} more"),
    }
}

/// The start of a long pattern or expression, on one line.
pub(super) fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARS_MAX) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}
