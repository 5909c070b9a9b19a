//! Chinese characters: simplified spelling, how they are read, where a surname ends.

use std::sync::OnceLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use pinyin::ToPinyin as _;

/// Surnames of two characters that are met today.
const COMPOUND_SURNAMES: [&str; 24] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "夏侯", "司徒", "宇文", "长孙",
    "端木", "独孤", "南宫", "轩辕", "闻人", "申屠", "西门", "百里", "呼延", "钟离",
];

/// Characters that are read in another way when they are a surname.
const SURNAME_READINGS: [(char, &str); 18] = [
    ('单', "shan"),
    ('曾', "zeng"),
    ('仇', "qiu"),
    ('解', "xie"),
    ('朴', "piao"),
    ('查', "zha"),
    ('盖', "ge"),
    ('区', "ou"),
    ('任', "ren"),
    ('尉', "wei"),
    ('乐', "yue"),
    ('折', "she"),
    ('种', "chong"),
    ('黑', "he"),
    ('秘', "bi"),
    ('繁', "po"),
    ('燕', "yan"),
    ('洗', "xian"),
];

/// Whether a character is Han.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// The text in simplified characters.
pub(super) fn simplified(text: String) -> String {
    static CONVERTER: OnceLock<Option<OpenCC>> = OnceLock::new();
    if !text.chars().any(is_han) {
        return text;
    }
    match CONVERTER.get_or_init(|| OpenCC::from_config(BuiltinConfig::T2s).ok()) {
        Some(converter) => converter.convert(&text),
        None => text,
    }
}

/// How many characters of a name are its surname.
pub(super) fn surname_chars(name: &str) -> usize {
    let compound = name.chars().count() > 2 && COMPOUND_SURNAMES.iter().any(|surname| name.starts_with(surname));
    if compound { 2 } else { 1 }
}

/// How a surname is read, in plain letters.
pub(super) fn surname_reading(surname: &str) -> String {
    let mut letters = surname.chars();
    match (letters.next(), letters.next()) {
        (Some(only), None) => special_reading(only).map_or_else(|| reading(surname), str::to_owned),
        _ => reading(surname),
    }
}

fn special_reading(c: char) -> Option<&'static str> {
    SURNAME_READINGS.iter().find(|(surname, _)| *surname == c).map(|(_, reading)| *reading)
}

/// How a text is read: pinyin without tones, `ü` as `u`; what is not Chinese stays.
pub(super) fn reading(text: &str) -> String {
    let mut letters = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match c.to_pinyin() {
            Some(pinyin) => letters.push_str(&pinyin.plain().replace('ü', "u")),
            None => letters.push(c),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surnames_are_read_as_surnames() {
        assert_eq!(surname_reading("单"), "shan");
        assert_eq!(surname_reading("欧阳"), "ouyang");
        assert_eq!(surname_reading("吕"), "lu");
        assert_eq!(surname_chars("欧阳娜"), 2);
        assert_eq!(surname_chars("张小明"), 1);
    }
}
