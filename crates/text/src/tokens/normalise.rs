//! One spelling of a text: NFKC, lower case, single spaces; and traditional characters as simplified ones.

use std::sync::OnceLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use unicode_normalization::UnicodeNormalization as _;

/// The text in NFKC (full width becomes half width, ligatures their letters), lower case, with runs of white space and control
/// characters as one space, and none at the ends.
#[must_use]
pub fn normalise(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    if text.is_ascii() {
        push_all(&mut normal, text.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        push_all(&mut normal, text.nfkc().flat_map(char::to_lowercase));
    }
    normal.truncate(normal.trim_end().len());
    normal
}

fn push_all(normal: &mut String, chars: impl Iterator<Item = char>) {
    let mut space = true;
    for c in chars {
        let blank = c.is_whitespace() || c.is_control() || is_invisible(c);
        if !blank {
            normal.push(c);
        } else if !space {
            normal.push(' ');
        }
        space = blank;
    }
}

/// Marks of byte order and of joining, which are seen in exports and say nothing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

/// Whether a character is Han.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}' | '〇' | '々')
}

/// The text with traditional Chinese characters as simplified ones, phrase by phrase. Other texts come back as they are.
#[must_use]
pub fn simplified(text: String) -> String {
    // A constant of the library that takes a while to unpack.
    static CONVERTER: OnceLock<Option<OpenCC>> = OnceLock::new();
    if !text.chars().any(is_han) {
        return text;
    }
    match CONVERTER.get_or_init(|| OpenCC::from_config(BuiltinConfig::T2s).ok()) {
        Some(converter) => converter.convert(&text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_become_one() {
        assert_eq!(normalise("  Ｃａｒｄ\u{3000}ﬁne\r\n\tNOW \u{feff}"), "card fine now");
        assert_eq!(normalise("Plain  ASCII\n"), "plain ascii");
        assert_eq!(normalise(""), "");
    }

    #[test]
    fn traditional_characters_become_simplified_ones() {
        assert_eq!(simplified("信用卡額度".to_owned()), "信用卡额度");
        assert_eq!(simplified("credit".to_owned()), "credit");
    }
}
