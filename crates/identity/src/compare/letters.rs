//! What the letters of two values, without their order, already say: most pairs are told apart by a few instructions.
//!
//! A value's signature has two bits a class of characters (32 classes): one when it has some, one when it has two or more.
//! A bit that only one value has is a character that the other lacks. From that follow a least number of mistakes and a
//! greatest similarity; neither can wrong a pair, because classes can only hide differences.

/// The letters of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letters {
    signature: u64,
    count: u32,
    /// The first four bytes of the text.
    first: [u8; 4],
}

/// Below that Jaro similarity, equal beginnings raise nothing.
const PREFIX_FROM: f64 = 0.7;
/// What each of at most four equal first characters closes of the gap to 1.
const PREFIX_WEIGHT: f64 = 0.1;

impl Letters {
    /// The letters of a text.
    pub(crate) fn of(text: &str) -> Self {
        let (mut signature, mut count) = (0u64, 0);
        for c in text.chars() {
            let class = 1u64 << (c as u32 % 32);
            signature |= if signature & class == 0 { class } else { class << 32 };
            count += 1;
        }
        let mut first = [0; 4];
        first.iter_mut().zip(text.bytes()).for_each(|(first, byte)| *first = byte);
        Self { signature, count, first }
    }

    /// Characters that the other lacks, at least.
    fn lacking_in(self, other: Self) -> u32 {
        (self.signature & !other.signature).count_ones()
    }

    /// How many mistakes (insertions, deletions, replacements, swaps) lie between the two, at least.
    pub(crate) fn mistakes_min(self, other: Self) -> usize {
        let lacking = self.lacking_in(other).max(other.lacking_in(self));
        lacking.max(self.count.abs_diff(other.count)) as usize
    }

    /// Their Jaro–Winkler similarity, at most.
    pub(crate) fn jaro_winkler_max(self, other: Self) -> f64 {
        let common = (self.count - self.lacking_in(other)).min(other.count - other.lacking_in(self));
        if common == 0 {
            return 0.0;
        }
        let common = f64::from(common);
        let jaro = (common / f64::from(self.count) + common / f64::from(other.count) + 1.0) / 3.0;
        if jaro <= PREFIX_FROM {
            return jaro;
        }
        // Bytes beyond ASCII begin in the same way more often than characters, so this is at least the true prefix.
        let prefix = self.first.iter().zip(other.first).take_while(|(x, y)| **x == *y).count();
        jaro + prefix as f64 * PREFIX_WEIGHT * (1.0 - jaro)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rapidfuzz::distance::{damerau_levenshtein, jaro_winkler};

    use super::*;

    proptest! {
        #[test]
        fn bounds_hold(a in "[a-e张伟]{1,9}", b in "[a-e张伟0-3]{1,9}") {
            let (x, y) = (Letters::of(&a), Letters::of(&b));
            let similarity = jaro_winkler::normalized_similarity(a.chars(), b.chars());
            prop_assert!(x.mistakes_min(y) <= damerau_levenshtein::distance(a.chars(), b.chars()));
            prop_assert!(x.jaro_winkler_max(y) >= similarity - 1e-12);
        }
    }
}
