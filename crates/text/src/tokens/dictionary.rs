//! Words: runs of letters and digits, and for Chinese what a dictionary finds.

use std::fmt;

use jieba_rs::Jieba;

use super::normalise::is_han;
use crate::error::{Result, TextError};

/// How many words of its own a bank may have.
const BANK_WORDS_MAX: usize = 200_000;
/// Characters of such a word.
const BANK_WORD_CHARS_MAX: usize = 32;

/// A word of a text and the bytes it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'t> {
    /// The word.
    pub text: &'t str,
    /// Its first byte in the text.
    pub start: usize,
}

impl Word<'_> {
    /// After its last byte in the text.
    #[must_use]
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Finds words. Building one unpacks some 350,000 Chinese words and takes 0.1 to 0.3 s: build one and share it.
pub struct Dictionary {
    jieba: Jieba,
    bank_words: Vec<String>,
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dictionary").field("bank_words", &self.bank_words).finish_non_exhaustive()
    }
}

impl Dictionary {
    /// The general dictionary with the words of a bank: names of products, cards and campaigns. They are never cut apart where the
    /// general words around them allow it.
    ///
    /// # Errors
    /// When there are too many of them, or one is empty or too long.
    pub fn new<S: AsRef<str>>(bank_words: &[S]) -> Result<Self> {
        if bank_words.len() > BANK_WORDS_MAX {
            let (what, found) = ("words of the bank", bank_words.len());
            return Err(TextError::TooMuch { what, found, allowed: BANK_WORDS_MAX });
        }
        let mut jieba = Jieba::new();
        let mut kept = Vec::with_capacity(bank_words.len());
        for word in bank_words {
            let word = super::normalise(word.as_ref());
            let chars = word.chars().count();
            if chars == 0 || chars > BANK_WORD_CHARS_MAX {
                let allowed = "a word of the bank has 1 to 32 characters";
                return Err(crate::error::setting("a word of the bank", format!("`{word}`"), allowed));
            }
            jieba.add_word(&word, None, None);
            kept.push(word);
        }
        kept.sort_unstable();
        kept.dedup();
        Ok(Self { jieba, bank_words: kept })
    }

    /// The bank's words, normalised, in order.
    #[must_use]
    pub fn bank_words(&self) -> &[String] {
        &self.bank_words
    }

    /// The words of a normalised text in order; punctuation is not among them. Latin letters and digits that touch are one
    /// word, apostrophes inside it included.
    #[must_use]
    pub fn words<'t>(&self, normal: &'t str) -> Vec<Word<'t>> {
        let mut words = Vec::with_capacity(normal.len() / 4);
        for run in runs(normal) {
            match run.text.chars().next().is_some_and(is_han) {
                true => self.cut(run, &mut words),
                false => words.push(run),
            }
        }
        words
    }

    fn cut<'t>(&self, run: Word<'t>, words: &mut Vec<Word<'t>>) {
        let mut start = run.start;
        for token in self.jieba.cut(run.text, true) {
            words.push(Word { text: token.word, start });
            start += token.word.len();
        }
    }
}

/// Runs of Han characters, and of other letters and digits. A word of the bank that mixes both is found by its Han part only.
pub(crate) fn runs(normal: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &normal[at..];
        let start = at + rest.find(|c: char| c.is_alphanumeric())?;
        let text = run_at(&normal[start..]);
        at = start + text.len();
        Some(Word { text, start })
    })
}

/// The run that a text starts with.
fn run_at(text: &str) -> &str {
    let han = text.chars().next().is_some_and(is_han);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let apostrophe = !han
            && matches!(c, '\'' | '’')
            && chars.peek().is_some_and(|(_, next)| next.is_alphabetic() && !is_han(*next));
        if !(apostrophe || (c.is_alphanumeric() && is_han(c) == han)) {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'t>(dictionary: &Dictionary, text: &'t str) -> Vec<&'t str> {
        dictionary.words(text).iter().map(|word| word.text).collect()
    }

    #[test]
    fn latin_runs_and_chinese_words_come_in_order() {
        let dictionary = Dictionary::new::<&str>(&[]).expect("no words of a bank");
        assert_eq!(
            texts(&dictionary, "i can't pay, 我的信用卡visa5不能用了"),
            ["i", "can't", "pay", "我", "的", "信用卡", "visa5", "不能", "用", "了"]
        );
        assert!(texts(&dictionary, "!?。 ").is_empty());
        let text = "我的 card 丢了";
        assert!(dictionary.words(text).iter().all(|word| &text[word.start..word.end()] == word.text));
    }

    #[test]
    fn a_word_of_the_bank_is_kept_whole() {
        let plain = Dictionary::new::<&str>(&[]).expect("no words of a bank");
        let banks = Dictionary::new(&["锦鲤随心贷"]).expect("a good word");
        assert!(!texts(&plain, "我要办锦鲤随心贷").contains(&"锦鲤随心贷"));
        assert!(texts(&banks, "我要办锦鲤随心贷").contains(&"锦鲤随心贷"));
        assert!(Dictionary::new(&[""]).is_err() && Dictionary::new(&["长".repeat(33)]).is_err());
    }
}
