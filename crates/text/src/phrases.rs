//! Key phrases: what is this text about, and what sets these texts apart from others?
//!
//! Candidates are words that are no stop words, and runs of two or three of them within a clause (as RAKE has them; Rose et al. 2010) that
//! hold together: the text has the run twice and its words seldom without it, or the background knows the run. In one text they weigh
//! tf · Σ idf / √words, more when they come early; idf is learnt from a background of texts. What sets texts apart is the log-likelihood
//! ratio of how many of them have a phrase, against the background (Dunning 1993).

use std::{collections::BTreeMap, sync::Arc};

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::{
    error::{Result, TextError},
    tokens::{Dictionary, StopWords, Word, is_han, normalise, simplified},
};

/// Words of a phrase at most.
const WORDS_MAX: usize = 3;
/// A run holds together when its words are, in the text or in the background, at least this often part of it.
const HELD_IN_TEXT: f64 = 0.6;
const HELD_BEFORE: f64 = 0.3;
/// In how many texts of the background it is then at least.
const TEXTS_HELD_MIN: u32 = 3;
/// Different phrases a background may hold; when there are more, those in one text only are forgotten.
const PHRASES_MAX: usize = 4_000_000;

/// What sets texts apart has a log-likelihood ratio above this: χ² of one degree of freedom at 1 %.
const SIGNIFICANT: f64 = 6.63;

/// A phrase and how much it says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phrase {
    /// Its words.
    pub text: String,
    /// Comparable within one answer only.
    pub score: f64,
    /// How often it is there (in a text), or in how many texts.
    pub count: usize,
}

/// What is usual: in how many texts each word and phrase is.
#[derive(Debug, Clone)]
pub struct Background {
    dictionary: Arc<Dictionary>,
    stop: StopWords,
    texts: u32,
    of: FxHashMap<String, u32>,
}

/// A phrase of a text: its words' places among all words, and its clause.
struct Run<'t> {
    words: &'t [Word<'t>],
    first: usize,
}

impl Background {
    /// Learns what is usual from texts.
    ///
    /// # Errors
    /// When there is no text.
    pub fn learn<S: AsRef<str>>(texts: &[S], dictionary: Arc<Dictionary>, stop: StopWords) -> Result<Self> {
        if texts.is_empty() || u32::try_from(texts.len()).is_err() {
            return Err(TextError::TooLittle { what: "texts of a background", found: texts.len(), needed: 1 });
        }
        let mut background = Self { dictionary, stop, texts: texts.len() as u32, of: FxHashMap::default() };
        for text in texts {
            let counts = background.counted(text.as_ref());
            for phrase in counts.into_keys() {
                *background.of.entry(phrase).or_default() += 1;
            }
            if background.of.len() > PHRASES_MAX {
                background.of.retain(|_, count| *count > 1);
            }
        }
        Ok(background)
    }

    /// The phrases that say most of one text, at most so many. One that is part of another with a higher score is left out.
    #[must_use]
    pub fn phrases(&self, text: &str, count: usize) -> Vec<Phrase> {
        let counts = self.counted(text);
        let held = counts.iter().filter(|(phrase, at)| self.holds_together(phrase, at.0, &counts));
        let phrases: Vec<Phrase> = held.map(|(phrase, &at)| self.weighed(phrase.clone(), at)).collect();
        strongest(phrases, count)
    }

    /// The single words that say most of one text, at most so many.
    #[must_use]
    pub fn words(&self, text: &str, count: usize) -> Vec<Phrase> {
        let words = self.counted(text).into_iter().filter(|(phrase, _)| !phrase.contains(' '));
        strongest(words.map(|(word, at)| self.weighed(word, at)).collect(), count)
    }

    /// The phrases that more of these texts have than the background would let expect, at most so many.
    #[must_use]
    pub fn distinctive<S: AsRef<str>>(&self, texts: &[S], count: usize) -> Vec<Phrase> {
        let mut of: BTreeMap<String, usize> = BTreeMap::new();
        for text in texts {
            self.counted(text.as_ref()).into_keys().for_each(|phrase| *of.entry(phrase).or_default() += 1);
        }
        let phrases: Vec<Phrase> = of
            .into_iter()
            .filter(|(_, count)| *count > 1)
            .map(|(text, count)| Phrase { score: self.log_likelihood(&text, count, texts.len()), text, count })
            .filter(|phrase| phrase.score > SIGNIFICANT)
            .collect();
        strongest(phrases, count)
    }

    /// Whether words belong together and do not just stand side by side once.
    fn holds_together(&self, phrase: &str, count: usize, counts: &BTreeMap<String, (usize, f64)>) -> bool {
        if !phrase.contains(' ') {
            return true;
        }
        let here = phrase.split(' ').filter_map(|word| counts.get(word)).map(|at| at.0).max().unwrap_or(count);
        if count >= 2 && count as f64 >= HELD_IN_TEXT * here as f64 {
            return true;
        }
        let known = self.of.get(phrase).copied().unwrap_or_default();
        let rarest = phrase.split(' ').filter_map(|word| self.of.get(word)).min().copied().unwrap_or(known);
        known >= TEXTS_HELD_MIN && f64::from(known) >= HELD_BEFORE * f64::from(rarest)
    }

    fn idf(&self, word: &str) -> f64 {
        let count = self.of.get(word).copied().unwrap_or_default();
        (f64::from(self.texts + 1) / f64::from(count + 1)).ln() + 0.1
    }

    fn weighed(&self, text: String, (count, first): (usize, f64)) -> Phrase {
        let words: Vec<&str> = text.split(' ').collect();
        let idf: f64 = words.iter().map(|word| self.idf(word)).sum();
        let score = count as f64 * idf / (words.len() as f64).sqrt() * (1.0 + 0.5 * (1.0 - first));
        Phrase { text, score, count }
    }

    /// Twice the log of how much better two rates fit than one; 0 when the texts have it no more often than the background.
    fn log_likelihood(&self, phrase: &str, count: usize, texts: usize) -> f64 {
        let usual = f64::from(self.of.get(phrase).copied().unwrap_or_default());
        let (a, b, n, m) = (count as f64, usual, texts as f64, f64::from(self.texts));
        let rate = (a + b) / (n + m);
        if a / n <= b / m {
            return 0.0;
        }
        let part = |k: f64, n: f64| {
            let term = |k: f64, expected: f64| if k > 0.0 { k * (k / expected).ln() } else { 0.0 };
            term(k, n * rate) + term(n - k, n * (1.0 - rate))
        };
        2.0 * (part(a, n) + part(b, m))
    }

    /// How often each candidate is in a text, and how early it is first: 0 at the start, 1 at the end.
    fn counted(&self, text: &str) -> BTreeMap<String, (usize, f64)> {
        let normal = simplified(normalise(text));
        let words = self.dictionary.words(&normal);
        let mut counts: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        for run in self.runs(&words, &normal) {
            for first in 0..run.words.len() {
                for length in 1..=WORDS_MAX.min(run.words.len() - first) {
                    let phrase: Vec<&str> = run.words[first..first + length].iter().map(|word| word.text).collect();
                    let at = (run.first + first) as f64 / words.len() as f64;
                    counts.entry(phrase.join(" ")).or_insert((0, at)).0 += 1;
                }
            }
        }
        counts
    }

    /// Runs of words that may be a phrase and that nothing but a space parts.
    fn runs<'t>(&self, words: &'t [Word<'t>], normal: &str) -> Vec<Run<'t>> {
        let mut runs = Vec::new();
        let mut start = 0;
        for at in 0..=words.len() {
            let speaks = words.get(at).is_some_and(|word| self.speaks(word.text));
            let joined = speaks && at > start && normal[words[at - 1].end()..words[at].start].trim().is_empty();
            if !joined {
                if at > start {
                    runs.push(Run { words: &words[start..at], first: start });
                }
                start = if speaks { at } else { at + 1 };
            }
        }
        runs
    }

    /// Whether a word says what a text is about: no stop word, no number, no single character, no mask (`xxxx`).
    fn speaks(&self, word: &str) -> bool {
        let mut chars = word.chars();
        let single = chars.next().is_some() && chars.next().is_none();
        let masked = word.chars().all(|c| c == 'x');
        let number = !word.chars().any(char::is_alphabetic);
        !(single || masked || number || self.stop.contains(word) || (!word.is_ascii() && !word.chars().any(is_han)))
    }
}

/// The phrases with the highest scores; among equals the one that says more words. One that is part of another, or holds it, is left out.
fn strongest(mut phrases: Vec<Phrase>, count: usize) -> Vec<Phrase> {
    let words = |phrase: &Phrase| phrase.text.split(' ').count();
    phrases.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| words(b).cmp(&words(a))).then_with(|| a.text.cmp(&b.text))
    });
    let mut kept: Vec<Phrase> = Vec::new();
    for phrase in phrases {
        if kept.len() < count && !kept.iter().any(|known| overlaps(&known.text, &phrase.text)) {
            kept.push(phrase);
        }
    }
    kept
}

/// Whether one phrase is part of the other, word by word.
fn overlaps(a: &str, b: &str) -> bool {
    let inside = |short: &str, long: &str| format!(" {long} ").contains(&format!(" {short} "));
    inside(a, b) || inside(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn background() -> Background {
        let usual: Vec<String> = (0..200)
            .map(|n| match n % 4 {
                0 => "the customer called the bank about an account".to_owned(),
                1 => "客户咨询银行账户".to_owned(),
                2 => "the bank sent a letter to the customer".to_owned(),
                _ => "客户到银行办理业务".to_owned(),
            })
            .collect();
        let dictionary = Arc::new(Dictionary::new::<&str>(&[]).expect("no words"));
        Background::learn(&usual, dictionary, StopWords::both()).expect("texts")
    }

    #[test]
    fn what_is_unusual_comes_first() {
        let background = background();
        let phrases = background.phrases("The bank charged a late fee. The late fee was wrong, said the customer.", 2);
        assert_eq!(phrases[0].text, "late fee");
        assert_eq!(phrases[0].count, 2);
        let phrases = background.phrases("客户的信用卡额度降低了，信用卡不能用", 3);
        assert!(phrases.iter().any(|phrase| phrase.text.contains("信用卡")), "{phrases:?}");
        assert!(background.phrases("", 3).is_empty());
    }

    #[test]
    fn what_sets_texts_apart_is_not_what_all_have() {
        let background = background();
        let texts = [
            "the bank lost my wire transfer",
            "wire transfer missing at the bank",
            "a wire transfer from the customer",
        ];
        let phrases = background.distinctive(&texts, 2);
        assert_eq!(phrases[0].text, "wire transfer");
        assert!(phrases.iter().all(|phrase| phrase.text != "bank" && phrase.text != "customer"));
    }
}
