//! Postal addresses: words that mean the same are spelt the same, and words are compared as a set.

use rustc_hash::FxHasher;
use std::hash::Hasher as _;

use super::{chinese::is_han, text};

const ABBREVIATIONS: [(&str, &str); 14] = [
    ("st", "street"),
    ("str", "street"),
    ("rd", "road"),
    ("ave", "avenue"),
    ("av", "avenue"),
    ("ln", "lane"),
    ("dr", "drive"),
    ("pl", "place"),
    ("blvd", "boulevard"),
    ("ct", "court"),
    ("cct", "circuit"),
    ("cres", "crescent"),
    ("apt", "apartment"),
    ("bldg", "building"),
];

/// Folded; abbreviations written out; what is neither letter nor digit parts words.
pub(super) fn canonical(raw: &str) -> String {
    let folded = text::fold(raw);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(written_out).collect::<Vec<_>>().join(" ")
}

fn written_out(word: &str) -> &str {
    ABBREVIATIONS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long)
}

/// Hashes of the words: Latin words and numbers whole, Chinese text as pairs of neighbouring characters.
pub(super) fn tokens(canonical: &str) -> Box<[u32]> {
    let mut hashes = Vec::new();
    for run in runs(canonical) {
        let letters: Vec<char> = run.chars().collect();
        if is_han(letters[0]) && letters.len() > 1 {
            hashes.extend(letters.windows(2).map(|pair| hash(&String::from_iter(pair))));
        } else {
            hashes.push(hash(run));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes.into()
}

/// The text cut at spaces and wherever Chinese characters begin or end.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut begin = 0;
        let mut han = word.chars().next().is_some_and(is_han);
        for (at, c) in word.char_indices() {
            if is_han(c) != han {
                runs.push(&word[begin..at]);
                (begin, han) = (at, is_han(c));
            }
        }
        runs.push(&word[begin..]);
    }
    runs
}

fn hash(token: &str) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(token.as_bytes());
    (hasher.finish() >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_and_punctuation_do_not_matter() {
        assert_eq!(canonical("7, Wallaby Pl."), "7 wallaby place");
    }

    #[test]
    fn chinese_addresses_are_pairs_of_characters_and_numbers() {
        assert_eq!(runs("朝阳区建国路88号"), ["朝阳区建国路", "88", "号"]);
        assert_eq!(tokens("朝阳区88").len(), 3);
    }
}
