//! One spelling of a text: NFKC, lower case, single spaces; and traditional characters as simplified ones.

use std::sync::OnceLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use unicode_normalization::UnicodeNormalization as _;

/// The text in NFKC (full width becomes half width, ligatures their letters), lower case, typographic apostrophes as plain ones, with
/// runs of white space and control characters as one space, and none at the ends.
#[must_use]
pub fn normalise(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    if text.is_ascii() {
        push_all(&mut normal, text.chars().map(|c| c.to_ascii_lowercase()));
    } else if text.chars().all(|c| plain(c).is_some()) {
        push_all(&mut normal, text.chars().filter_map(plain));
    } else {
        push_all(&mut normal, text.nfkc().flat_map(char::to_lowercase));
    }
    normal.truncate(normal.trim_end().len());
    normal
}

/// What a character becomes whatever stands beside it, for those that make up most Chinese and English texts.
fn plain(c: char) -> Option<char> {
    match c {
        '\0'..='\u{7f}' => Some(c.to_ascii_lowercase()),
        // Han that has no other form, marks and quotes that NFKC leaves alone.
        '\u{4e00}'..='\u{9fff}' | '\u{3001}'..='\u{3011}' | '“' | '”' | '‘' | '’' | '—' => Some(c),
        '\u{3000}' => Some(' '),
        // Full width forms lie in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xff01 + 0x21).map(|half| half.to_ascii_lowercase()),
        _ => None,
    }
}

fn push_all(normal: &mut String, chars: impl Iterator<Item = char>) {
    let mut space = true;
    for c in chars {
        let blank = c.is_whitespace() || c.is_control() || is_invisible(c);
        if !blank {
            normal.push(if c == '’' { '\'' } else { c });
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

/// The characters that have a table: Han of the basic block and of extension A.
const FIRST: char = '\u{3400}';
const LAST: char = '\u{9fff}';

/// Which spelling of Chinese a character belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Simplified Chinese only.
    Simplified,
    /// Traditional Chinese only.
    Traditional,
    /// Both.
    Shared,
}

/// For each Han character the simplified one, and its spelling.
struct Characters(Vec<(char, Spelling)>);

/// Simplified characters that traditional Chinese has too, as other words.
const ALSO_TRADITIONAL: &str = "后里干面只云台才斗丑谷几佣余价松征卜朱范准别姜游冲困克千秋舍曲辟蔑胡托志向家杰郁弦仆朴涂岳周制致咨沾术布仿\
    佛借吃合回夸巨据卷扎挂栗欲累症着秘升群丰伙吁于与亘借当尽系发复历汇获钟签须赞表参并采厂虫党淀冬恶谷广柜刮御愿岩药叶痒赃折证注筑";

impl Characters {
    /// Every character alone, through the tables of OpenCC. What it simplifies by phrase only (a few words) stays by character.
    fn new() -> Self {
        let all: String = (FIRST..=LAST).flat_map(|c| [c, '\n']).collect();
        let simple =
            OpenCC::from_config(BuiltinConfig::T2s).map_or_else(|_| all.clone(), |opencc| opencc.convert(&all));
        let mut characters: Vec<(char, Spelling)> = (FIRST..=LAST)
            .zip(simple.split('\n'))
            .map(|(c, simple)| match simple.chars().next().filter(|&simple| simple != c) {
                Some(simple) => (simple, Spelling::Traditional),
                None => (c, Spelling::Shared),
            })
            .collect();
        let simplified: Vec<char> =
            characters.iter().filter(|of| of.1 == Spelling::Traditional).map(|of| of.0).collect();
        for c in simplified {
            let of = place(c).and_then(|place| characters.get_mut(place));
            if let Some(of) = of.filter(|of| of.1 == Spelling::Shared && !ALSO_TRADITIONAL.contains(c)) {
                of.1 = Spelling::Simplified;
            }
        }
        Self(characters)
    }

    /// Made once from constants of the library.
    fn shared() -> &'static Self {
        static CHARACTERS: OnceLock<Characters> = OnceLock::new();
        CHARACTERS.get_or_init(Self::new)
    }

    fn of(&self, c: char) -> (char, Spelling) {
        place(c).and_then(|place| self.0.get(place)).copied().unwrap_or((c, Spelling::Shared))
    }
}

fn place(c: char) -> Option<usize> {
    (FIRST..=LAST).contains(&c).then(|| (u32::from(c) - u32::from(FIRST)) as usize)
}

/// The text with traditional Chinese characters as simplified ones, character by character. Other texts come back as they are.
#[must_use]
pub fn simplified(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let characters = Characters::shared();
    match text.chars().any(|c| characters.of(c).1 == Spelling::Traditional) {
        true => text.chars().map(|c| characters.of(c).0).collect(),
        false => text,
    }
}

/// Which spelling of Chinese each character of a text belongs to.
pub(crate) fn spellings(text: &str) -> impl Iterator<Item = Spelling> {
    let characters = Characters::shared();
    text.chars().map(|c| characters.of(c).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_become_one() {
        assert_eq!(normalise("  Ｃａｒｄ\u{3000}ﬁne\r\n\tNOW \u{feff}"), "card fine now");
        assert_eq!(normalise("Plain  ASCII\n"), "plain ascii");
        assert_eq!(normalise("Ｉ can’t ｐａｙ，卡Ａ！"), "i can't pay,卡a!");
        assert_eq!(normalise(""), "");
    }

    #[test]
    fn the_short_way_says_what_the_long_way_says() {
        for c in (0..0x1_0000).filter_map(char::from_u32) {
            if let Some(short) = plain(c) {
                let long: String = c.nfkc().flat_map(char::to_lowercase).collect();
                assert_eq!(short.to_string(), long, "{c:?}");
                // A mark that combines with what stands before it would need the long way.
                assert_eq!(unicode_normalization::char::canonical_combining_class(c), 0, "{c:?}");
            }
        }
    }

    #[test]
    fn traditional_characters_become_simplified_ones() {
        assert_eq!(simplified("信用卡額度，服務與態度".to_owned()), "信用卡额度，服务与态度");
        assert_eq!(simplified("这是简体".to_owned()), "这是简体");
        assert_eq!(simplified("credit".to_owned()), "credit");
    }

    #[test]
    fn characters_of_one_spelling_only_are_known() {
        let spelling = |c: char| Characters::shared().of(c).1;
        assert!("這們說國發樣體讓銀額".chars().all(|c| spelling(c) == Spelling::Traditional));
        assert!("这们说国样体让银额".chars().all(|c| spelling(c) == Spelling::Simplified));
        assert!("我不好人后里面".chars().all(|c| spelling(c) == Spelling::Shared));
    }
}
