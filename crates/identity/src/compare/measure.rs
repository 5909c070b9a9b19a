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
        2 if x.is_ascii() && y.is_ascii() && x.len().min(y.len()) > SHORT => {
            is_two_mistakes(x.as_bytes(), y.as_bytes())
        }
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

/// Up to that length, two mistakes may touch each other.
const SHORT: usize = 4;
/// How much of one text and of the other a mistake takes: a replacement, an insertion, a deletion, a swap.
const MISTAKES: [(usize, usize); 4] = [(1, 1), (0, 1), (1, 0), (2, 2)];

/// Whether two mistakes make one text of the other. The texts differ in their first and in their last character, so one
/// mistake is at the beginning, one at the end, and nothing in between; both are long enough for that.
fn is_two_mistakes(a: &[u8], b: &[u8]) -> bool {
    let at_begin = |(x, y): (usize, usize)| (x != 2 || (a[0], a[1]) == (b[1], b[0])).then(|| (&a[x..], &b[y..]));
    MISTAKES.into_iter().filter_map(at_begin).any(|(a, b)| {
        let (n, m) = (a.len(), b.len());
        let swapped = || (a[n - 1], a[n - 2]) == (b[m - 2], b[m - 1]);
        MISTAKES.into_iter().any(|(x, y)| n + y == m + x && (x != 2 || swapped()) && a[..n - x] == b[..m - y])
    })
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn two_mistakes_are_found_as_the_distance_finds_them(a in "[ab1]{0,14}", edits in prop::collection::vec((0usize..14, 0u8..4, 0usize..3), 0..4)) {
            let mut b: Vec<char> = a.chars().collect();
            for (at, what, letter) in edits {
                let (at, letter) = (at.min(b.len()), ['a', 'b', '2'][letter]);
                match what {
                    0 => b.insert(at, letter),
                    1 if at < b.len() => drop(b.remove(at)),
                    2 if at + 1 < b.len() => b.swap(at, at + 1),
                    _ if at < b.len() => b[at] = letter,
                    _ => {}
                }
            }
            let (b, form) = (b.into_iter().collect::<String>(), Form::Plain);
            let value = |text| Value::Free { text, letters: Letters::of(text), form: &form };
            for at_most in 0..4 {
                let expected = damerau_levenshtein::distance(a.chars(), b.chars()) <= at_most;
                prop_assert_eq!(within_damerau(value(&a), value(&b), at_most), expected, "{} {} {}", &a, &b, at_most);
            }
        }
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
