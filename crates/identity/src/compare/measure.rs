//! Measures of two values. Texts of plain ASCII are compared byte by byte, others by character.

use rapidfuzz::distance::{damerau_levenshtein, jaro_winkler, levenshtein, osa};

/// Jaro–Winkler similarity, 0 to 1.
pub(super) fn jaro_winkler(a: &str, b: &str) -> f64 {
    if a.is_ascii() && b.is_ascii() {
        return jaro_winkler::normalized_similarity(a.bytes(), b.bytes());
    }
    jaro_winkler::normalized_similarity(a.chars(), b.chars())
}

pub(super) fn within_levenshtein(a: &str, b: &str, at_most: usize) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.len().abs_diff(b.len()) <= at_most && levenshtein::distance(a.bytes(), b.bytes()) <= at_most;
    }
    levenshtein::distance(a.chars(), b.chars()) <= at_most
}

/// Damerau–Levenshtein. Up to one mistake the simpler alignment distance is the same and faster.
pub(super) fn within_damerau(a: &str, b: &str, at_most: usize) -> bool {
    if !(a.is_ascii() && b.is_ascii()) {
        return damerau_levenshtein::distance(a.chars(), b.chars()) <= at_most;
    }
    if a.len().abs_diff(b.len()) > at_most || differing_ends(a.as_bytes(), b.as_bytes(), at_most) {
        return false;
    }
    if at_most <= 1 {
        return osa::distance(a.bytes(), b.bytes()) <= at_most;
    }
    damerau_levenshtein::distance(a.bytes(), b.bytes()) <= at_most
}

/// For equally long texts: each mistake changes at most two places or shifts what lies between two mistakes. When what
/// is left after taking off equal ends is longer than the texts can hold few mistakes in, only the full measure tells;
/// one single mistake leaves one place or two.
fn differing_ends(a: &[u8], b: &[u8], at_most: usize) -> bool {
    if at_most != 1 || a.len() != b.len() {
        return false;
    }
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(x, y)| x == y).count();
    a.len() - front - back > 2
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

    #[test]
    fn one_mistake_is_told_from_two() {
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
