//! Measures of two values. Texts of plain ASCII are compared byte by byte, others by character.

use rapidfuzz::distance::{damerau_levenshtein, jaro_winkler, levenshtein};

use crate::table::Value;

/// Jaro–Winkler similarity, 0 to 1.
pub(super) fn jaro_winkler(a: &str, b: &str) -> f64 {
    if a.is_ascii() && b.is_ascii() {
        return jaro_winkler::normalized_similarity(a.bytes(), b.bytes());
    }
    jaro_winkler::normalized_similarity(a.chars(), b.chars())
}

/// Whether so many insertions, deletions and replacements suffice.
pub(super) fn within_levenshtein(a: Value<'_>, b: Value<'_>, at_most: usize) -> bool {
    if a.letters().mistakes_min(b.letters()) > at_most {
        return false;
    }
    let (x, y) = without_equal_ends(a.text(), b.text());
    match at_most {
        0 | 1 => at_most_one(x) && at_most_one(y) && (at_most == 1 || x == y),
        _ => levenshtein::distance(x.chars(), y.chars()) <= at_most,
    }
}

/// Whether so many insertions, deletions, replacements and swaps of neighbours suffice.
pub(super) fn within_damerau(a: Value<'_>, b: Value<'_>, at_most: usize) -> bool {
    if a.letters().mistakes_min(b.letters()) > at_most {
        return false;
    }
    let (x, y) = without_equal_ends(a.text(), b.text());
    match at_most {
        0 => x == y,
        1 => at_most_one(x) && at_most_one(y) || is_swap(x, y),
        _ => damerau_levenshtein::distance(x.chars(), y.chars()) <= at_most,
    }
}

/// What is left of both when equal beginnings and ends are taken off, which no distance counts.
fn without_equal_ends<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let front: usize = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    let (a, b) = (&a[front..], &b[front..]);
    let back: usize = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    (&a[..a.len() - back], &b[..b.len() - back])
}

fn at_most_one(text: &str) -> bool {
    text.chars().nth(1).is_none()
}

fn is_swap(a: &str, b: &str) -> bool {
    a.chars().eq(b.chars().rev()) && a.chars().count() == 2
}

/// Exactly one character differs.
pub(super) fn is_one_replaced(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count() == 1
}

/// Two neighbours are swapped and nothing else differs.
pub(super) fn is_transposed(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match a.iter().zip(b).position(|(x, y)| x != y) {
        Some(at) if at + 1 < a.len() => a[at] == b[at + 1] && a[at + 1] == b[at] && a[at + 2..] == b[at + 2..],
        _ => false,
    }
}

/// How many of the sorted tokens are in both.
pub(super) fn shared(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        shared += usize::from(a[i] == b[j]);
        let (x, y) = (a[i], b[j]);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{compare::Letters, normalise::Form};

    #[test]
    fn one_mistake_is_told_from_two() {
        let form = Form::Plain;
        let value = |text| Value::Free { text, letters: Letters::of(text), form: &form };
        let within_damerau = |a, b, at_most| within_damerau(value(a), value(b), at_most);
        let within_levenshtein = |a, b, at_most| within_levenshtein(value(a), value(b), at_most);
        assert!(within_damerau("1987-06-05", "1987-06-50", 1));
        assert!(within_damerau("6988048", "698804", 1));
        assert!(!within_damerau("1987-06-05", "1978-06-50", 1));
        assert!(within_damerau("1987-06-05", "1978-06-50", 2));
        assert!(within_levenshtein("北京", "北平", 1) && !within_levenshtein("北京", "上海", 1));
    }

    #[test]
    fn a_swap_and_a_replacement_are_told_apart() {
        assert!(is_transposed("1234", "1324") && !is_transposed("1234", "1235") && !is_transposed("1234", "1234"));
        assert!(is_one_replaced("1234", "1235") && !is_one_replaced("1234", "1324") && !is_one_replaced("1", "12"));
    }

    #[test]
    fn shared_tokens_are_counted_once() {
        assert_eq!(shared(&[1, 3, 5], &[2, 3, 5, 7]), 2);
        assert_eq!(shared(&[], &[1]), 0);
    }
}
