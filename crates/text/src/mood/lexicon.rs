//! Words of feeling, and the words that turn, strengthen or weaken them. Written for this crate; in `lexicon/`.

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
    /// What follows counts more than what came before.
    But,
}

/// Words, the ends they may have, and how long the longest is.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexicon {
    exact: FxHashMap<String, Role>,
    /// Beginnings of words.
    stems: FxHashMap<String, Role>,
    /// Words of the longest phrase (English), or characters of the longest word (Chinese).
    pub(super) longest: usize,
}

const FEELINGS_EN: &str = include_str!("../../lexicon/en.txt");
const FEELINGS_ZH: &str = include_str!("../../lexicon/zh.txt");

const NOT_EN: &str = "not|no|never|without|hardly|barely|neither|nor|cannot|can't|don't|doesn't|didn't|won't|wouldn't|isn't|aren't|wasn't|weren't|\
    couldn't|shouldn't|haven't|hasn't|hadn't|ain't|nothing|nobody|none|dont|doesnt|didnt|cant|wont|isnt|wasnt|lack of|far from";
const MORE_EN: &str = "very|really|so|extremely|totally|absolutely|completely|highly|incredibly|super|too|such|most|truly|deeply|always|ever";
const LESS_EN: &str = "slightly|somewhat|fairly|bit|little|quite|rather|sometimes|occasionally|almost|partly";
const BUT_EN: &str = "but|however|although|though|yet|except|unfortunately|until";
const NOT_ZH: &str = "不|没|没有|未|无|别|不是|不会|不能|不要|不够|不太|不怎么|不大|从不|从未|并不|并非|毫无|绝不|没什么|没啥|不算|难以|谈不上|算不上|缺乏";
const MORE_ZH: &str = "很|太|非常|特别|超|超级|极|极其|极度|十分|真|真是|真的|最|相当|无比|实在|格外|尤其|巨|贼|老是|总是|一直|完全|简直|根本|越来越|那么|这么";
const LESS_ZH: &str = "有点|有点儿|有些|稍|稍微|略|略微|比较|还算|偶尔|些许|一点|多少有点|基本|大体";
const BUT_ZH: &str = "但|但是|可是|不过|然而|只是|就是|却|可惜|反而|结果";

impl Lexicon {
    pub(super) fn english() -> Self {
        let mut lexicon = Self::default();
        lexicon.add_all(NOT_EN, Role::Not);
        lexicon.add_all(MORE_EN, Role::Times(1.4));
        lexicon.add_all(LESS_EN, Role::Times(0.6));
        lexicon.add_all(BUT_EN, Role::But);
        lexicon.add_feelings(FEELINGS_EN, |word| word.split(' ').count());
        lexicon
    }

    pub(super) fn chinese() -> Self {
        let mut lexicon = Self::default();
        lexicon.add_all(NOT_ZH, Role::Not);
        lexicon.add_all(MORE_ZH, Role::Times(1.4));
        lexicon.add_all(LESS_ZH, Role::Times(0.6));
        lexicon.add_all(BUT_ZH, Role::But);
        lexicon.add_feelings(FEELINGS_ZH, |word| word.chars().count());
        lexicon
    }

    fn add_all(&mut self, words: &str, role: Role) {
        for word in words.split('|') {
            let length = if word.is_ascii() { word.split(' ').count() } else { word.chars().count() };
            self.longest = self.longest.max(length);
            self.exact.insert(word.to_owned(), role);
        }
    }

    /// Lines of a word and its feeling; lines that start with `#` are remarks.
    fn add_feelings(&mut self, lines: &str, length: impl Fn(&str) -> usize) {
        for line in lines.lines().filter(|line| !line.starts_with('#')) {
            let Some((word, feeling)) = line.rsplit_once(' ') else { continue };
            let Ok(feeling) = feeling.parse() else { continue };
            self.longest = self.longest.max(length(word));
            match word.strip_suffix('*') {
                Some(stem) => self.stems.insert(stem.to_owned(), Role::Feeling(feeling)),
                None => self.exact.insert(word.to_owned(), Role::Feeling(feeling)),
            };
        }
    }

    /// What a word or phrase does.
    pub(super) fn role(&self, word: &str) -> Option<Role> {
        self.exact.get(word).copied()
    }

    /// What a word does, by its beginning; the longest known beginning decides.
    pub(super) fn role_of_stem(&self, word: &str) -> Option<Role> {
        let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.filter(|&end| end >= 3).filter_map(|end| self.stems.get(&word[..end]).copied()).last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lists_is_read() {
        for (lines, lexicon) in [(FEELINGS_EN, Lexicon::english()), (FEELINGS_ZH, Lexicon::chinese())] {
            for line in lines.lines().filter(|line| !line.starts_with('#')) {
                let (word, feeling) = line.rsplit_once(' ').expect("a word and a feeling");
                assert!((-3.0..=3.0).contains(&feeling.parse::<f64>().expect("a number")), "{line}");
                let stem = word.strip_suffix('*').map(|stem| lexicon.role_of_stem(stem));
                assert!(stem.unwrap_or_else(|| lexicon.role(word)).is_some(), "{line}");
            }
        }
    }
}
