//! Names of persons: titles and punctuation go, and how a name is read is worked out.

use super::{chinese, text};

/// Words around a name that are no part of it.
const TITLES: [&str; 10] = ["mr", "mrs", "ms", "miss", "dr", "prof", "mx", "sir", "madam", "mme"];
const CHINESE_TITLES: [&str; 6] = ["先生", "女士", "小姐", "太太", "同志", "老师"];

/// How a name is read and in which other orders it may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameForm {
    /// The words in plain letters, in the order written: surname first for Chinese characters.
    pub(crate) words: Box<[Box<str>]>,
    /// All words run together: `zhangxiaoming`.
    pub(crate) sound: Box<str>,
    /// The same with the first word moved to the end: `xiaomingzhang`.
    pub(crate) first_moved: Box<str>,
    /// The same with the last word moved to the front.
    pub(crate) last_moved: Box<str>,
}

/// Folded, without titles and punctuation; Chinese names without spaces.
pub(super) fn canonical(raw: &str) -> String {
    let folded = text::fold(raw);
    if folded.chars().any(chinese::is_han) {
        return without_chinese_title(folded.chars().filter(|c| c.is_alphanumeric()).collect());
    }
    let spaced: String = folded.chars().filter(|c| !"'’`".contains(*c)).map(letter_or_space).collect();
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    let kept = words.iter().filter(|word| words.len() == 1 || !TITLES.contains(word));
    kept.copied().collect::<Vec<_>>().join(" ")
}

fn letter_or_space(c: char) -> char {
    if c.is_alphanumeric() { c } else { ' ' }
}

fn without_chinese_title(name: String) -> String {
    let title = CHINESE_TITLES.iter().find(|title| name.ends_with(*title) && name.chars().count() > 2);
    match title {
        Some(title) => name[..name.len() - title.len()].to_owned(),
        None => name,
    }
}

impl NameForm {
    /// The form of a canonical name.
    pub(crate) fn of(name: &str) -> Self {
        let words = if name.chars().any(chinese::is_han) { chinese_words(name) } else { latin_words(name) };
        Self {
            sound: words.concat().into(),
            first_moved: moved(&words, 1).into(),
            last_moved: moved(&words, words.len().saturating_sub(1)).into(),
            words: words.into_iter().map(String::into_boxed_str).collect(),
        }
    }

    /// The first word: the surname when written in Chinese characters.
    pub(crate) fn first_word(&self) -> &str {
        self.words.first().map_or("", |word| word)
    }

    /// Whether two names read the same when the words of one are in another order.
    pub(crate) fn is_turned(&self, other: &Self) -> bool {
        let mine = [&self.first_moved, &self.last_moved];
        let theirs = [&other.first_moved, &other.last_moved];
        self.words.len().max(other.words.len()) > 1 && (mine.contains(&&other.sound) || theirs.contains(&&self.sound))
    }

    /// Whether each word of one is the same word or the initial of the other's, and some word is only an initial.
    pub(crate) fn is_initials_of(&self, other: &Self) -> bool {
        let pairs = || self.words.iter().zip(&other.words);
        self.words.len() == other.words.len()
            && pairs().all(|(a, b)| a == b || is_initial(a, b) || is_initial(b, a))
            && pairs().any(|(a, b)| a != b)
    }
}

fn is_initial(initial: &str, word: &str) -> bool {
    initial.chars().count() == 1 && word.starts_with(initial)
}

fn chinese_words(name: &str) -> Vec<String> {
    let split = name.char_indices().nth(chinese::surname_chars(name)).map_or(name.len(), |(at, _)| at);
    let (surname, given) = name.split_at(split);
    let words = [chinese::surname_reading(surname), chinese::reading(given)];
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

fn latin_words(name: &str) -> Vec<String> {
    name.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn moved(words: &[String], front: usize) -> String {
    let (head, tail) = words.split_at(front.min(words.len()));
    tail.concat() + &head.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(raw: &str) -> NameForm {
        NameForm::of(&canonical(raw))
    }

    #[test]
    fn titles_and_punctuation_are_no_part_of_a_name() {
        assert_eq!(canonical("Mr. Seán O'Brien"), "sean obrien");
        assert_eq!(canonical("ZHANG, Wei"), "zhang wei");
        assert_eq!(canonical("張 偉 先生"), "张伟");
    }

    #[test]
    fn characters_and_pinyin_read_the_same_in_either_order() {
        let characters = form("张小明");
        assert_eq!(&*characters.sound, "zhangxiaoming");
        assert_eq!(characters.sound, form("Zhang Xiao Ming").sound);
        assert!(characters.is_turned(&form("Xiaoming ZHANG")));
        assert!(characters.is_turned(&form("Xiao Ming Zhang")));
        assert!(!characters.is_turned(&form("张小名字")));
    }

    #[test]
    fn initials_stand_for_words() {
        assert!(form("J Smith").is_initials_of(&form("John Smith")));
        assert!(!form("J Smith").is_initials_of(&form("John Smythe")));
        assert!(!form("John Smith").is_initials_of(&form("John Smith")));
    }
}
