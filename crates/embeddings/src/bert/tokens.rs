//! Texts as pieces of words, the way BERT without capitals was taught (Devlin et al. 2019; WordPiece after Schuster & Nakajima 2012).

use regex::Regex;
use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;

use crate::{
    error::Result,
    files::{File, damaged},
};

/// Letters of a word at most; a longer one is unknown.
const LETTERS_MAX: usize = 100;
/// What a piece begins with that does not begin a word.
const GOES_ON: &str = "##";

/// Cuts texts into pieces of a vocabulary.
pub(crate) struct Pieces {
    ids: FxHashMap<String, u32>,
    begin: u32,
    end: u32,
    unknown: u32,
    classes: Classes,
}

impl Pieces {
    /// From a vocabulary of one piece a line.
    pub(crate) fn of(vocabulary: &File) -> Result<Self> {
        let ids: FxHashMap<String, u32> = vocabulary.text()?.lines().map(str::to_owned).zip(0..).collect();
        let special = |piece: &str| {
            ids.get(piece).copied().ok_or_else(|| vocabulary.damaged(format!("there is no line `{piece}`")))
        };
        let (begin, end, unknown) = (special("[CLS]")?, special("[SEP]")?, special("[UNK]")?);
        let classes = Classes::new().map_err(|e| damaged(&vocabulary.path, e.to_string()))?;
        Ok(Self { ids, begin, end, unknown, classes })
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The numbers of a text's pieces between begin and end, at most so many.
    pub(crate) fn ids(&self, text: &str, most: usize) -> Vec<u32> {
        let mut ids = vec![self.begin];
        let inside = most.saturating_sub(1);
        for word in self.words(text) {
            if ids.len() >= inside {
                break;
            }
            self.cut(&word, &mut ids);
        }
        ids.truncate(inside.max(1));
        ids.push(self.end);
        ids
    }

    /// Words in small letters without accents; each mark and each Chinese character is a word of its own.
    fn words<'t>(&'t self, text: &'t str) -> impl Iterator<Item = String> + 't {
        let spoken = text.chars().filter(|&c| !self.classes.is_left_out(c));
        let mut letters = spoken.nfd().filter(|&c| !self.classes.is_accent(c)).flat_map(char::to_lowercase).peekable();
        std::iter::from_fn(move || {
            while letters.next_if(|c| c.is_whitespace()).is_some() {}
            let mut word = String::from(letters.next()?);
            if word.chars().all(|c| self.stands_alone(c)) {
                return Some(word);
            }
            while let Some(c) = letters.next_if(|&c| !c.is_whitespace() && !self.stands_alone(c)) {
                word.push(c);
            }
            Some(word)
        })
    }

    fn stands_alone(&self, c: char) -> bool {
        is_chinese(c) || self.classes.is_mark(c)
    }

    /// The longest piece that a word begins with, then the longest that goes on, until it ends; otherwise the word is unknown.
    fn cut(&self, word: &str, ids: &mut Vec<u32>) {
        let first = ids.len();
        if word.chars().count() > LETTERS_MAX {
            return ids.push(self.unknown);
        }
        let mut rest = word;
        let mut piece = String::new();
        while !rest.is_empty() {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
            let longest = ends.into_iter().find_map(|end| {
                piece.clear();
                piece.push_str(if ids.len() == first { "" } else { GOES_ON });
                piece.push_str(&rest[..end]);
                self.ids.get(&piece).map(|&id| (end, id))
            });
            let Some((end, id)) = longest else {
                ids.truncate(first);
                return ids.push(self.unknown);
            };
            ids.push(id);
            rest = &rest[end..];
        }
    }
}

/// Unicode's ideographs, as BERT counts them.
fn is_chinese(c: char) -> bool {
    matches!(u32::from(c),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0x2A700..=0x2B73F | 0x2B740..=0x2B81F
        | 0x2B820..=0x2CEAF | 0xF900..=0xFAFF | 0x2F800..=0x2FA1F)
}

/// Unicode's classes of characters.
struct Classes {
    mark: Regex,
    accent: Regex,
    other: Regex,
}

impl Classes {
    fn new() -> std::result::Result<Self, regex::Error> {
        Ok(Self { mark: Regex::new(r"^\p{P}$")?, accent: Regex::new(r"^\p{Mn}$")?, other: Regex::new(r"^\p{C}$")? })
    }

    fn is_mark(&self, c: char) -> bool {
        if c.is_ascii() { c.is_ascii_punctuation() } else { is(&self.mark, c) }
    }

    fn is_accent(&self, c: char) -> bool {
        !c.is_ascii() && is(&self.accent, c)
    }

    /// Control characters and what stands for a character that was lost.
    fn is_left_out(&self, c: char) -> bool {
        match c {
            '\t' | '\n' | '\r' => false,
            '\u{fffd}' => true,
            c if c.is_ascii() => c.is_ascii_control(),
            c => is(&self.other, c),
        }
    }
}

fn is(class: &Regex, c: char) -> bool {
    class.is_match(c.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces() -> Pieces {
        let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\ncard\n##s\nstol\n##en\n!\nuber\n我\n卡\n";
        Pieces::of(&File { path: "vocab.txt".into(), bytes: vocabulary.into() }).unwrap()
    }

    #[test]
    fn words_are_cut_into_the_longest_pieces() {
        assert_eq!(pieces().ids("Cards STOLEN!", 20), [2, 4, 5, 6, 7, 8, 3]);
    }

    #[test]
    fn accents_fall_and_chinese_characters_stand_alone() {
        assert_eq!(pieces().ids("Über 我卡\u{0007}", 20), [2, 9, 10, 11, 3]);
    }

    #[test]
    fn a_word_without_pieces_is_unknown_as_a_whole() {
        assert_eq!(pieces().ids("cardx card", 20), [2, 1, 4, 3]);
        assert_eq!(pieces().ids(&"s".repeat(101), 20), [2, 1, 3]);
    }

    #[test]
    fn a_long_text_is_cut_before_its_end() {
        assert_eq!(pieces().ids("card card card card", 4), [2, 4, 4, 3]);
        assert_eq!(pieces().ids("", 4), [2, 3]);
    }

    #[test]
    fn a_vocabulary_without_its_special_pieces_is_refused() {
        let file = File { path: "vocab.txt".into(), bytes: b"card\n".to_vec() };
        assert!(Pieces::of(&file).err().unwrap().to_string().contains("there is no line `[CLS]`"));
    }
}
