//! Case, width, accents, spaces and placeholders.

use unicode_normalization::UnicodeNormalization as _;

use super::chinese;

/// What forms and exports say when they have nothing to say.
const PLACEHOLDERS: [&str; 17] = [
    "-", "--", ".", "?", "n/a", "na", "nan", "none", "null", "nil", "unknown", "无", "未知", "不详", "暂无", "空",
    "\\n",
];

/// Whether a trimmed text stands for a missing value.
pub(super) fn says_nothing(raw: &str) -> bool {
    raw.is_empty() || (raw.len() <= 9 && PLACEHOLDERS.iter().any(|placeholder| raw.eq_ignore_ascii_case(placeholder)))
}

/// Lower case, compatibility forms (NFKC), Latin letters without accents, simplified characters, single spaces.
pub(super) fn fold(raw: &str) -> String {
    if raw.is_ascii() {
        return single_spaces(raw.chars().map(|c| c.to_ascii_lowercase()));
    }
    let plain = raw.nfkd().filter(|c| !is_accent(*c)).nfkc().flat_map(char::to_lowercase);
    chinese::simplified(single_spaces(plain))
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn single_spaces(letters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for c in letters {
        if !c.is_whitespace() && !c.is_control() {
            text.push(c);
        } else if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_accents_and_characters_do_not_matter() {
        assert_eq!(fold("  Ｊosé   GARCÍA "), "jose garcia");
        assert_eq!(fold("張偉"), "张伟");
        assert_eq!(fold("北京　朝阳"), "北京 朝阳");
    }

    #[test]
    fn placeholders_say_nothing() {
        assert!(says_nothing("N/A") && says_nothing("不详") && says_nothing(""));
        assert!(!says_nothing("Na Li") && !says_nothing("安"));
    }
}
