//! Whether two answers, as CSV, are the same: rows in any order, numbers by value, times by moment.

use anyhow::{Result, ensure};

/// How far two numbers may be apart, relative to their size: sums of floats come in any order.
const TOLERANCE: f64 = 1e-9;

/// Compares the rows below the two headers.
///
/// # Errors
/// The first difference.
pub(super) fn same(ours: &str, theirs: &str) -> Result<()> {
    let (ours, theirs) = (rows(ours), rows(theirs));
    ensure!(ours.len() == theirs.len(), "{} rows and {} rows", ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(&theirs) {
        let equal = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b));
        ensure!(equal, "`{}` and `{}`", shown(a), shown(b));
    }
    Ok(())
}

#[derive(Debug, PartialEq, PartialOrd)]
enum Value {
    Number(f64),
    Text(String),
}

impl Value {
    /// Numbers by value; texts by letters, with times brought to one spelling.
    fn read(field: &str) -> Self {
        let field = field.trim().trim_matches('"');
        match field.parse::<f64>() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Text(one_spelling(field)),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
            (a, b) => a == b,
        }
    }
}

/// `2024-01-02T00:00:00Z`, `2024-01-02 00:00:00+00` and `2024-01-02` are one moment.
fn one_spelling(text: &str) -> String {
    let is_date = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if !is_date {
        return text.to_owned();
    }
    let text = text.replacen('T', " ", 1);
    let text = text.trim_end_matches('Z').trim_end_matches("+00:00").trim_end_matches("+00");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    text.trim_end_matches(" 00:00:00").to_owned()
}

fn rows(csv: &str) -> Vec<Vec<Value>> {
    let lines = csv.lines().skip(1).filter(|line| !line.is_empty());
    let mut rows: Vec<Vec<Value>> = lines.map(|line| line.split(',').map(Value::read).collect()).collect();
    rows.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    rows
}

fn shown(row: &[Value]) -> String {
    let field = |value: &Value| match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    };
    row.iter().map(field).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_order_do_not_matter() {
        let ours = "day,n\n2024-01-02T00:00:00Z,10.5000\n2024-01-01T00:00:00Z,3\n";
        let theirs = "d,count\n2024-01-01 00:00:00,3\n2024-01-02 00:00:00,10.5\n";
        assert!(same(ours, theirs).is_ok());
    }

    #[test]
    fn a_missing_row_and_another_value_do() {
        let missing = same("n\n1\n2\n", "n\n1\n").expect_err("a row is missing").to_string();
        assert_eq!(missing, "2 rows and 1 rows");
        let other = same("k,n\na,1\n", "k,n\na,1.001\n").expect_err("another value").to_string();
        assert_eq!(other, "`a,1` and `a,1.001`");
        assert!(same("t\n2024-01-01 10:00:00\n", "t\n2024-01-01\n").is_err());
    }
}
