//! Words of feeling, and the words that turn, strengthen or weaken them. Written for this crate; in `lexicon/`.
//!
//! A word is looked up where it starts: one look tells how long an entry may be that starts so, and most words start none.

use rustc_hash::FxHashMap;

/// What a word does to the feeling of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// Feeling, from −3 to 3; 0 swallows a phrase that only looks like one.
    Feeling(f64),
    /// Turns what follows.
    Not,
    /// Multiplies what follows.
    Times(f64),
    /// Multiplies what it directly follows.
    TimesBefore(f64),
    /// What follows counts more than what came before.
    But,
}

/// Words of both languages and marks.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexicon {
    /// Chinese words and marks, by their text.
    chinese: FxHashMap<Box<str>, Role>,
    /// How many characters the longest of them has that starts so.
    first_chars: FxHashMap<char, u8>,
    /// English words and phrases with single blanks or as they are joined.
    english: FxHashMap<Box<str>, Role>,
    /// How many words the longest of them has that starts so.
    first_words: FxHashMap<Box<str>, u8>,
    /// Beginnings of English words.
    stems: FxHashMap<Box<str>, Role>,
    /// How long stems are that start with these three letters, a bit a length.
    stem_lengths: FxHashMap<[u8; STEM_MIN], u32>,
}

/// The shortest beginning of a word.
const STEM_MIN: usize = 3;
/// The longest, so that a bit a length suffices.
const STEM_MAX: usize = 31;

const FEELINGS_EN: &str = include_str!("../../lexicon/en.txt");
const FEELINGS_ZH: &str = include_str!("../../lexicon/zh.txt");

const MORE: f64 = 1.4;
const LESS: f64 = 0.6;

const NOT_EN: &str = "not|no|never|without|hardly|barely|neither|nor|cannot|can't|don't|doesn't|didn't|won't|wouldn't|isn't|aren't|wasn't|weren't|\
    couldn't|shouldn't|haven't|hasn't|hadn't|ain't|nothing|nobody|none|dont|doesnt|didnt|cant|wont|isnt|wasnt|lack of|far from|anything but";
const MORE_EN: &str = "very|really|so|extremely|totally|absolutely|completely|highly|incredibly|super|too|such|most|truly|deeply|always|ever";
const LESS_EN: &str = "slightly|somewhat|fairly|bit|little|quite|rather|sometimes|occasionally|almost|partly";
const BUT_EN: &str = "but|however|although|though|yet|except|unfortunately|until";
const NOT_ZH: &str = "不|没|没有|未|无|别|不是|不会|不能|不要|不太|不怎么|不大|从不|从未|并不|并非|毫无|绝不|没什么|没啥|不算|难以|谈不上|算不上|缺乏|不见得|未必";
const MORE_ZH: &str = "很|太|非常|特别|超|超级|极|极其|极度|十分|真|真是|真的|最|相当|无比|实在|格外|尤其|巨|贼|老是|总是|一直|完全|简直|根本|越来越|那么|这么|挺";
const MORE_BEHIND_ZH: &str = "死了|得很|极了|透顶|透了|到家了|得要命|要死|爆了|炸了|得不得了|到爆|得不行|到极点|至极";
const LESS_ZH: &str = "有点|有点儿|有些|稍|稍微|略|略微|比较|还算|偶尔|些许|一点|多少有点|基本|大体";
const BUT_ZH: &str = "但|但是|可是|不过|然而|只是|就是|却|可惜|反而|结果";

impl Lexicon {
    /// All lists of this crate.
    pub(super) fn new() -> Self {
        let mut lexicon = Self::default();
        for (words, role) in [
            (NOT_EN, Role::Not),
            (MORE_EN, Role::Times(MORE)),
            (LESS_EN, Role::Times(LESS)),
            (BUT_EN, Role::But),
            (NOT_ZH, Role::Not),
            (MORE_ZH, Role::Times(MORE)),
            (MORE_BEHIND_ZH, Role::TimesBefore(MORE)),
            (LESS_ZH, Role::Times(LESS)),
            (BUT_ZH, Role::But),
        ] {
            words.split('|').for_each(|word| lexicon.add(word, role));
        }
        for (word, feeling) in feelings(FEELINGS_EN).chain(feelings(FEELINGS_ZH)) {
            lexicon.add(word, Role::Feeling(feeling));
        }
        lexicon
    }

    fn add(&mut self, word: &str, role: Role) {
        if let Some(stem) = word.strip_suffix('*') {
            self.add_stem(stem, role);
        } else if word.is_ascii() && word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let first = word.split([' ', '-']).next().unwrap_or(word);
            longest(self.first_words.entry(first.into()).or_default(), word.split([' ', '-']).count());
            self.english.insert(word.into(), role);
        } else if let Some(first) = word.chars().next() {
            longest(self.first_chars.entry(first).or_default(), word.chars().count());
            self.chinese.insert(word.into(), role);
        }
    }

    fn add_stem(&mut self, stem: &str, role: Role) {
        let Some(first) = stem.as_bytes().first_chunk::<STEM_MIN>() else { return };
        *self.stem_lengths.entry(*first).or_default() |= 1_u32 << stem.len().min(STEM_MAX);
        self.stems.insert(stem.into(), role);
    }

    /// The longest Chinese word or mark that a text starts with: its bytes and what it does.
    pub(super) fn chinese_at(&self, rest: &str, first: char) -> Option<(usize, Role)> {
        let chars = usize::from(*self.first_chars.get(&first)?);
        let mut found = None;
        for (at, c) in rest.char_indices().take(chars) {
            let end = at + c.len_utf8();
            found = self.chinese.get(&rest[..end]).map(|&role| (end, role)).or(found);
        }
        found
    }

    /// How many words an entry has at most that starts with this one.
    pub(super) fn words_from(&self, word: &str) -> usize {
        self.first_words.get(word).copied().map_or(0, usize::from)
    }

    /// What an English word or phrase does.
    pub(super) fn english(&self, phrase: &str) -> Option<Role> {
        self.english.get(phrase).copied()
    }

    /// What a word does, by its beginning; the longest known beginning decides.
    pub(super) fn stem(&self, word: &str) -> Option<Role> {
        let mut lengths = *self.stem_lengths.get(word.as_bytes().first_chunk::<STEM_MIN>()?)?;
        while lengths > 0 {
            let length = lengths.ilog2();
            let known = word.get(..length as usize).and_then(|stem| self.stems.get(stem));
            if let Some(&role) = known {
                return Some(role);
            }
            lengths &= !(1 << length);
        }
        None
    }
}

fn longest(known: &mut u8, length: usize) {
    *known = (*known).max(u8::try_from(length).unwrap_or(u8::MAX));
}

/// Lines of a word and its feeling; lines that start with `#` are remarks.
fn feelings(lines: &'static str) -> impl Iterator<Item = (&'static str, f64)> {
    lines.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (word, feeling) = line.rsplit_once(' ')?;
        Some((word, feeling.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::{normalise, simplified};

    #[test]
    fn every_line_of_the_lists_is_read_and_says_one_thing() {
        let lexicon = Lexicon::new();
        let mut seen = std::collections::BTreeMap::new();
        for line in FEELINGS_EN.lines().chain(FEELINGS_ZH.lines()).filter(|line| !line.starts_with('#')) {
            let (word, feeling) = line.rsplit_once(' ').expect("a word and a feeling");
            let feeling: f64 = feeling.parse().expect("a number");
            assert!((-3.0..=3.0).contains(&feeling), "{line}");
            assert_eq!(seen.insert(word, feeling), None, "{line}: twice");
            let plain = word.trim_end_matches('*');
            assert_eq!(simplified(normalise(plain)), plain, "{line}: not as normalised texts write it");
            assert!(plain.len() <= STEM_MAX || !word.ends_with('*'), "{line}: too long for a stem");
            let role = match (word.ends_with('*'), plain.is_ascii()) {
                (true, _) => lexicon.stem(plain),
                (false, true) if plain.starts_with(|c: char| c.is_ascii_alphanumeric()) => lexicon.english(plain),
                _ => plain.chars().next().and_then(|first| lexicon.chinese_at(plain, first)).map(|found| found.1),
            };
            assert_eq!(role, Some(Role::Feeling(feeling)), "{line}");
        }
        assert!(seen.len() > 600);
    }

    #[test]
    fn the_longest_entry_counts() {
        let lexicon = Lexicon::new();
        assert_eq!(lexicon.chinese_at("没有钱", '没'), Some(("没有".len(), Role::Not)));
        assert_eq!(lexicon.chinese_at("差不多了", '差'), Some(("差不多".len(), Role::Feeling(0.0))));
        assert_eq!(lexicon.stem("horribly"), Some(Role::Feeling(-3.0)));
        assert_eq!(lexicon.stem("hor"), None);
        assert!(lexicon.words_from("doesn't") >= 2 && lexicon.words_from("table") == 0);
    }
}
