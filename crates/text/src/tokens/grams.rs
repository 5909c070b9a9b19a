//! n-grams of words and characters, as 64-bit hashes beside their texts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    dictionary::{Dictionary, Word, runs},
    normalise::{normalise, simplified},
    stop::StopWords,
};
use crate::{
    error::{Result, setting},
    mood::Lexicons,
    random::mixed,
};

/// The longest n-gram.
const LENGTH_MAX: u8 = 8;
/// The most views of a text.
const VIEWS_MAX: usize = 8;

/// What n-grams are made of, from so many parts to so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Grams {
    /// Words side by side. Without a dictionary a run of Chinese characters is one word.
    Words {
        /// The fewest.
        from: u8,
        /// The most.
        to: u8,
    },
    /// Characters within a word that white space ends, which has a space before and behind (scikit-learn's `char_wb`).
    CharsInWords {
        /// The fewest.
        from: u8,
        /// The most.
        to: u8,
    },
    /// Characters side by side, punctuation and spaces included.
    Chars {
        /// The fewest.
        from: u8,
        /// The most.
        to: u8,
    },
    /// Words of feeling side by side, of the lists that [mood](crate::mood) has, each with the sign it has where it stands: what is known
    /// of a language before a label is read.
    Feelings {
        /// The fewest.
        from: u8,
        /// The most.
        to: u8,
    },
}

impl Grams {
    fn lengths(self) -> (u8, u8) {
        let (Self::Words { from, to }
        | Self::CharsInWords { from, to }
        | Self::Chars { from, to }
        | Self::Feelings { from, to }) = self;
        (from, to)
    }
}

/// One way to look at a text: which n-grams, and how much they weigh beside other views.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Which n-grams.
    pub grams: Grams,
    /// The length of the vector that they are scaled to.
    pub weight: f32,
    /// Whether an n-gram counts once a text, however often it is there.
    pub presence: bool,
}

impl View {
    /// A view of weight 1 in which repeated n-grams count more (by their logarithm).
    #[must_use]
    pub fn of(grams: Grams) -> Self {
        Self { grams, weight: 1.0, presence: false }
    }
}

/// Turns a text into n-grams.
#[derive(Debug, Clone)]
pub struct Analyser {
    views: Vec<View>,
    dictionary: Option<Arc<Dictionary>>,
    simplify: bool,
    stop: StopWords,
    /// There when a view needs them.
    lexicons: Option<Arc<Lexicons>>,
}

/// A text made ready: normalised, with a space before and behind.
pub(crate) struct Prepared(String);

/// An n-gram: its hash, its text, and the bytes of the prepared text that it covers.
pub(crate) struct Gram<'g> {
    pub(crate) hash: u64,
    pub(crate) text: &'g str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Prepared {
    /// The text between the spaces.
    pub(crate) fn text(&self) -> &str {
        self.0.get(1..self.0.len() - 1).unwrap_or_default()
    }

    /// With the spaces.
    pub(crate) fn padded(&self) -> &str {
        &self.0
    }
}

impl Analyser {
    /// Views of normalised texts; with `simplify`, traditional Chinese characters are read as simplified ones.
    ///
    /// # Errors
    /// When there is no view, one has no n-gram or a weight that is no positive number.
    pub fn new(views: &[View], dictionary: Option<Arc<Dictionary>>, simplify: bool) -> Result<Self> {
        if views.is_empty() || views.len() > VIEWS_MAX {
            return Err(setting("the number of views", views.len(), "there are 1 to 8"));
        }
        for view in views {
            let (from, to) = view.grams.lengths();
            if from == 0 || from > to || to > LENGTH_MAX {
                return Err(setting(
                    "the length of n-grams",
                    format!("{from} to {to}"),
                    "1 to 8, and the fewest first",
                ));
            }
            if !(view.weight > 0.0 && view.weight.is_finite()) {
                return Err(setting("the weight of a view", view.weight, "it is above 0"));
            }
        }
        let feels = views.iter().any(|view| matches!(view.grams, Grams::Feelings { .. }));
        let lexicons = feels.then(|| Arc::new(Lexicons::new()));
        Ok(Self { views: views.to_vec(), dictionary, simplify, stop: StopWords::default(), lexicons })
    }

    /// The same without n-grams of words that hold one of these, a single letter or a number. n-grams of characters stay.
    #[must_use]
    pub(crate) fn without(self, stop: StopWords) -> Self {
        Self { stop, ..self }
    }

    /// The views, in order.
    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// The dictionary that cuts Chinese words, if there is one.
    #[must_use]
    pub fn dictionary(&self) -> Option<&Arc<Dictionary>> {
        self.dictionary.as_ref()
    }

    /// Whether traditional characters are read as simplified ones.
    #[must_use]
    pub fn simplifies(&self) -> bool {
        self.simplify
    }

    pub(crate) fn prepare(&self, text: &str) -> Prepared {
        let mut normal = normalise(text);
        if self.simplify {
            normal = simplified(normal);
        }
        Prepared(format!(" {normal} "))
    }

    /// Hands over the n-grams of a view.
    pub(crate) fn each_gram(&self, view: usize, prepared: &Prepared, mut take: impl FnMut(Gram<'_>)) {
        let Some(View { grams, .. }) = self.views.get(view) else { return };
        let mut hashed = |text: &str, start: usize, end: usize| {
            take(Gram { hash: hash(view as u64, text.as_bytes()), text, start, end });
        };
        match *grams {
            Grams::Words { from, to } => self.words_joined(prepared, from.into(), to.into(), &mut hashed),
            Grams::Feelings { from, to } => self.feelings_joined(prepared, from.into(), to.into(), &mut hashed),
            Grams::Chars { from, to } => windows(prepared.text(), 1, from.into(), to.into(), &mut hashed),
            Grams::CharsInWords { from, to } => padded_words(&prepared.0)
                .for_each(|word| windows(word.text, word.start, from.into(), to.into(), &mut hashed)),
        }
    }

    /// The words of a prepared text, which start at byte 1.
    pub(crate) fn words<'p>(&self, prepared: &'p Prepared) -> Vec<Word<'p>> {
        let text = prepared.text();
        let mut words = match &self.dictionary {
            Some(dictionary) => dictionary.words(text),
            None => runs(text).collect(),
        };
        words.iter_mut().for_each(|word| word.start += 1);
        words
    }

    fn words_joined(&self, prepared: &Prepared, from: usize, to: usize, take: &mut impl FnMut(&str, usize, usize)) {
        let words = self.words(prepared);
        let stopped = |word: &str| {
            let single = word.chars().nth(1).is_none();
            !self.stop.is_empty() && (single || self.stop.contains(word) || !word.chars().any(char::is_alphabetic))
        };
        let mut joined = String::new();
        for first in 0..words.len() {
            joined.clear();
            for (before, word) in words[first..].iter().take(to).enumerate() {
                if stopped(word.text) {
                    break;
                }
                if before > 0 {
                    joined.push(' ');
                }
                joined.push_str(word.text);
                if before + 1 >= from {
                    take(&joined, words[first].start, word.end());
                }
            }
        }
    }
}

impl Analyser {
    fn feelings_joined(&self, prepared: &Prepared, from: usize, to: usize, take: &mut impl FnMut(&str, usize, usize)) {
        let Some(lexicons) = &self.lexicons else { return };
        let feelings = lexicons.feelings(prepared.text());
        let mut joined = String::new();
        for first in 0..feelings.len() {
            joined.clear();
            for (before, feeling) in feelings[first..].iter().take(to).enumerate() {
                joined.push(if feeling.adds < 0.0 { '-' } else { '+' });
                joined.push_str(feeling.text);
                if before + 1 >= from {
                    take(&joined, feelings[first].start + 1, feeling.start + 1 + feeling.text.len());
                }
            }
        }
    }
}

/// What white space ends, each with the space before and behind it.
fn padded_words(padded: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let end = start + 1 + padded.get(start + 1..)?.find(' ')?;
        at = end;
        (end > start + 1).then(|| Word { text: &padded[start..=end], start })
    })
}

/// All runs of `from` to `to` characters; a text that is shorter than `from` is one itself.
fn windows(text: &str, offset: usize, from: usize, to: usize, take: &mut impl FnMut(&str, usize, usize)) {
    let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    ends.push(text.len());
    let chars = ends.len() - 1;
    if chars > 0 && chars < from {
        take(text, offset, offset + text.len());
    }
    for first in 0..chars {
        for length in from..=to.min(chars - first) {
            let (start, end) = (ends[first], ends[first + length]);
            take(&text[start..end], offset + start, offset + end);
        }
    }
}

/// Eight bytes at a time, a multiplication each, mixed at the end. It is part of what a saved model means: never change it.
fn hash(view: u64, bytes: &[u8]) -> u64 {
    let mut state = mixed(view + 1) ^ bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(0x9fb2_1c65_1e98_df25);
        state ^= state >> 29;
    }
    mixed(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(grams: Grams, text: &str) -> Vec<String> {
        let analyser = Analyser::new(&[View::of(grams)], None, false).expect("good settings");
        let mut found = Vec::new();
        let prepared = analyser.prepare(text);
        analyser.each_gram(0, &prepared, |gram| {
            assert!(!matches!(grams, Grams::Chars { .. }) || &prepared.0[gram.start..gram.end] == gram.text);
            found.push(gram.text.to_owned());
        });
        found
    }

    #[test]
    fn words_characters_and_characters_in_words_are_cut_as_scikit_learn_does() {
        assert_eq!(
            grams(Grams::Words { from: 1, to: 2 }, "My card,  please"),
            ["my", "my card", "card", "card please", "please"]
        );
        assert_eq!(grams(Grams::Chars { from: 1, to: 2 }, "很好 吃"), ["很", "很好", "好", "好 ", " ", " 吃", "吃"]);
        assert_eq!(grams(Grams::CharsInWords { from: 3, to: 4 }, "ab c"), [" ab", " ab ", "ab ", " c "]);
        assert_eq!(grams(Grams::CharsInWords { from: 2, to: 2 }, ""), Vec::<String>::new());
    }

    #[test]
    fn words_of_feeling_are_grams_with_their_sign() {
        assert_eq!(
            grams(Grams::Feelings { from: 1, to: 2 }, "服务不好，not great。环境不错"),
            ["-不好", "-不好-not great", "-not great", "-not great+不错", "+不错"]
        );
    }

    #[test]
    fn the_hash_of_a_gram_never_changes() {
        assert_eq!(hash(0, b"card arrival"), 0xc839_9f3b_897a_ae18);
    }
}
