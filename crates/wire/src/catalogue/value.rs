//! What a cell of the catalogue holds, and how two are compared: with PostgreSQL's idea of NULL, and texts that stand for numbers.

use std::{cmp::Ordering, fmt::Write as _, sync::Arc};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    List(Arc<[Value]>),
}

/// A row.
pub(crate) type Row = Vec<Value>;

impl Value {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    pub(crate) fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().collect())
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether a condition holds: NULL does not.
    pub(crate) fn holds(&self) -> bool {
        match self {
            Self::Bool(true) => true,
            Self::Text(text) => truth(text) == Some(true),
            _ => false,
        }
    }

    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bool(truth) => Some(i64::from(*truth)),
            Self::Float(number) => Some(number.round() as i64),
            _ => None,
        }
    }

    fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// As PostgreSQL writes it; `None` for NULL.
    pub(crate) fn shown(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(truth) => if *truth { "t" } else { "f" }.to_owned(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => number.to_string(),
            Self::Text(text) => text.as_ref().to_owned(),
            Self::List(values) => shown_list(values),
        })
    }

    /// What is equal in a `GROUP BY`, a `DISTINCT` or a join.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Null => "n".to_owned(),
            other => format!("v{}", other.shown().unwrap_or_default()),
        }
    }

    /// The values of a list; a text `{a,b}` is one too.
    pub(crate) fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(values) => Some(values.to_vec()),
            Self::Text(text) => list_of(text),
            _ => None,
        }
    }
}

/// What a text says as a truth.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Which of two comes first; `None` when one is NULL or they cannot be compared.
pub(crate) fn compared(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Text(b)) => truth(b).map(|b| a.cmp(&b)),
        (Value::Text(a), Value::Bool(b)) => truth(a).map(|a| a.cmp(b)),
        (Value::List(a), Value::List(b)) => compared_lists(a, b),
        (Value::List(a), Value::Text(b)) => compared_lists(a, &list_of(b)?),
        (Value::Text(a), Value::List(b)) => compared_lists(&list_of(a)?, b),
        (a, b) => a.as_float()?.partial_cmp(&b.as_float()?),
    }
}

fn compared_lists(a: &[Value], b: &[Value]) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        match compared(a, b)? {
            Ordering::Equal => {}
            other => return Some(other),
        }
    }
    Some(a.len().cmp(&b.len()))
}

/// For sorting: NULLs last.
pub(crate) fn ordered(a: &Value, b: &Value) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (false, false) => compared(a, b).unwrap_or(Ordering::Equal),
        (a, b) => a.cmp(&b),
    }
}

fn shown_list(values: &[Value]) -> String {
    let mut text = String::from("{");
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        match value.shown() {
            None => text.push_str("NULL"),
            Some(shown) if matches!(value, Value::Text(_)) => text.push_str(&quoted_element(&shown)),
            Some(shown) => {
                let _ = write!(text, "{shown}");
            }
        }
    }
    text.push('}');
    text
}

/// An element of a list, in quotes where it needs them.
pub(crate) fn quoted_element(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.eq_ignore_ascii_case("null")
        && !text.contains(|c: char| c.is_whitespace() || "{},\"\\".contains(c));
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// The elements of `{a,"b c",NULL}`.
fn list_of(text: &str) -> Option<Vec<Value>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut values = Vec::new();
    let (mut word, mut quoted, mut in_quotes) = (String::new(), false, false);
    let mut signs = inner.chars();
    let mut done = |word: &mut String, quoted: &mut bool| {
        let is_null = !*quoted && word.trim().eq_ignore_ascii_case("null");
        let kept = if *quoted { word.as_str() } else { word.trim() };
        values.push(if is_null { Value::Null } else { Value::text(kept) });
        word.clear();
        *quoted = false;
    };
    while let Some(sign) = signs.next() {
        match sign {
            '"' => (in_quotes, quoted) = (!in_quotes, true),
            '\\' => word.extend(signs.next()),
            ',' if !in_quotes => done(&mut word, &mut quoted),
            other => word.push(other),
        }
    }
    if !inner.trim().is_empty() {
        done(&mut word, &mut quoted);
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_they_are_written() {
        for (text, elements) in
            [("{}", 0), ("{a}", 1), ("{a,b}", 2), ("{\"a,b\",c}", 2), ("{\"\\\"\",NULL}", 2), ("{\"\"}", 1)]
        {
            let list = Value::text(text).elements().unwrap();
            assert_eq!(list.len(), elements, "{text}");
            assert_eq!(Value::List(list.into()).shown().unwrap(), text);
        }
        assert!(Value::text("a").elements().is_none());
    }

    #[test]
    fn texts_stand_for_numbers_and_truths_and_null_is_not_compared() {
        let equal = |a: Value, b: Value| compared(&a, &b) == Some(Ordering::Equal);
        assert!(equal(Value::Int(7), Value::text("7")) && equal(Value::Bool(false), Value::text("f")));
        assert!(!equal(Value::Int(7), Value::text("x")) && !equal(Value::Null, Value::Null));
        assert_eq!(ordered(&Value::Null, &Value::Int(1)), Ordering::Greater);
    }
}
