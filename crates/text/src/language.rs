//! Which language is a text in? Chinese (simplified or traditional), English, or another.
//!
//! Scripts decide first; between the two spellings of Chinese, characters that only one of them has (as OpenCC's tables tell them);
//! between English and other languages in Latin letters, frequent words and accents. Names of products in English do not make a Chinese
//! text English.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::tokens::{Spelling, is_han, normalise, spellings};

/// A language as far as this crate tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese in simplified characters, or in characters that both spellings share.
    Simplified,
    /// Chinese in traditional characters.
    Traditional,
    /// English.
    English,
    /// Any other.
    Other,
    /// No letters at all.
    None,
}

impl Language {
    /// Whether it is Chinese.
    #[must_use]
    pub fn is_chinese(self) -> bool {
        matches!(self, Self::Simplified | Self::Traditional)
    }
}

/// A language and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Detected {
    /// The language.
    pub language: Language,
    /// From 0 (a guess) to 1. Not a probability.
    pub sure: f64,
}

/// A Han character says about as much as so many Latin letters.
const LETTERS_A_HAN: f64 = 3.0;

/// Tells a text's language.
#[must_use]
pub fn detect(text: &str) -> Detected {
    detect_normal(&normalise(text))
}

/// Tells the language of a text as [`normalise`] writes it.
pub(crate) fn detect_normal(normal: &str) -> Detected {
    let Scripts { han, latin, other, japanese_or_korean } = Scripts::of(normal);
    let [han, japanese_or_korean] = [han, japanese_or_korean].map(|count| count * LETTERS_A_HAN);
    let all = han + latin + other + japanese_or_korean;
    if all == 0.0 {
        return Detected { language: Language::None, sure: 1.0 };
    }
    // A tenth of kana among Han is Japanese; one stray の in a Chinese shop's name is not.
    if japanese_or_korean * 10.0 > han + japanese_or_korean && japanese_or_korean > latin {
        return Detected { language: Language::Other, sure: japanese_or_korean / all };
    }
    if han >= latin.max(other) {
        return chinese(normal, han / all);
    }
    if other > latin {
        return Detected { language: Language::Other, sure: other / all };
    }
    latin_language(normal)
}

struct Scripts {
    han: f64,
    latin: f64,
    other: f64,
    japanese_or_korean: f64,
}

impl Scripts {
    fn of(normal: &str) -> Self {
        let mut scripts = Self { han: 0.0, latin: 0.0, other: 0.0, japanese_or_korean: 0.0 };
        for c in normal.chars() {
            let of = match c {
                'a'..='z' | 'à'..='ɏ' | 'ḁ'..='ỿ' => &mut scripts.latin,
                '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}' => &mut scripts.japanese_or_korean,
                c if is_han(c) => &mut scripts.han,
                c if c.is_ascii() || !c.is_alphabetic() => continue,
                _ => &mut scripts.other,
            };
            *of += 1.0;
        }
        scripts
    }
}

fn chinese(normal: &str, share: f64) -> Detected {
    let (mut simplified, mut traditional) = (0_u32, 0_u32);
    for spelling in spellings(normal) {
        simplified += u32::from(spelling == Spelling::Simplified);
        traditional += u32::from(spelling == Spelling::Traditional);
    }
    let language = if traditional > simplified { Language::Traditional } else { Language::Simplified };
    let told = f64::from(simplified + traditional);
    let apart = f64::from(simplified.abs_diff(traditional)) / (told + 1.0);
    Detected { language, sure: share * (0.5 + 0.5 * apart) }
}

/// Endings that are far more frequent in English, and in other languages.
const ENDS_ENGLISH: [&str; 7] = ["ing", "tion's", "ly", "ck", "wn", "ght", "ed"];
const ENDS_FOREIGN: [&str; 9] = ["eux", "ción", "ung", "eur", "oire", "ement", "elle", "aux", "ão"];
/// What an ending counts beside a word.
const END: f64 = 0.5;

/// What frequent words say: 1 for English, −1 against it, 0 for both.
fn frequent_words() -> &'static FxHashMap<&'static str, f64> {
    static WORDS: OnceLock<FxHashMap<&str, f64>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words: FxHashMap<&str, f64> = ENGLISH.split_whitespace().map(|word| (word, 1.0)).collect();
        for word in FOREIGN.split_whitespace() {
            words.entry(word).and_modify(|says| *says = 0.0).or_insert(-1.0);
        }
        words
    })
}

/// English or not, by frequent words and endings of both and by letters that English lacks.
fn latin_language(normal: &str) -> Detected {
    let words = frequent_words();
    let (mut for_english, mut against) = (0.0_f64, 0.0_f64);
    for word in normal.split(|c: char| !(c.is_alphabetic() || c == '\'')).filter(|word| !word.is_empty()) {
        let says = words.get(word).copied().unwrap_or_else(|| if word.ends_with("n't") { 1.0 } else { 0.0 });
        for_english += says.max(0.0);
        against += (-says).max(0.0) + f64::from(u8::from(!word.is_ascii()));
        if word.len() > 4 {
            for_english += if ENDS_ENGLISH.iter().any(|end| word.ends_with(end)) { END } else { 0.0 };
            against += if ENDS_FOREIGN.iter().any(|end| word.ends_with(end)) { END } else { 0.0 };
        }
    }
    let sure = (for_english - against).abs() / (for_english + against + 1.0);
    // A text of Latin letters without any sign is English more often than not in a bank that reads Chinese and English.
    let language = if for_english >= against { Language::English } else { Language::Other };
    Detected { language, sure }
}

/// Frequent English words that few other languages have in this spelling.
const ENGLISH: &str = "the and of to is it you that was with for they this have from by had not but what were when your can said there use an each \
    which she do how their if will up about out them then these some her would make like him into time has look two more see go no way could my than \
    been who its now did get made may i'm i i've it's don't can't good great nice very bad best worst app application update please fix money account \
    card service customer bank need want work works working doesn't because why where after before always never only just still again well \
    easy fast slow excellent amazing love awesome helpful thank thanks friendly worse poor time love keep ok okay wow cool super perfect useful \
    staff people new branch banking mobile phone transfer payment pay paid charge charged refund help support problem issue error available access \
    our we us all any every everything nothing something am are be being does done going so too much many most other over under here even ever also";

/// Frequent words of other languages in Latin letters (French, Spanish, Portuguese, German, Italian, Dutch, Indonesian, Vietnamese without marks).
const FOREIGN: &str = "le la les un une des du de et est en que qui dans pour pas sur avec ce cette il elle nous vous ils sont très tres mais ou où plus \
    au aux par son sa ses mon ma mes leur bien tout tous être avoir fait accueil personnel agence banque mauvais mauvaise service bonne bon \
    merci jamais toujours rien ne je j'ai c'est n'est qu'il trop client clients compte aucun aucune même encore el los las una y del al es por con no \
    para su se lo como muy pero todo esta este gracias banco tarjeta der die das und ist nicht ein eine ich sie mit auf für von zu den dem im auch \
    wie aber nach bei sehr gut schlecht konto karte não nao uma um os as dos das em com mais muito bom boa il di che per non sono gli della \
    molto banca het een van niet ik dat voor yang dan di ini itu tidak untuk saya bisa dengan sangat bagus khong va cua toi rat tot";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        let cases = [
            ("为什么我的信用卡额度降低了？", Language::Simplified),
            ("請問信用卡的額度為什麼降低了", Language::Traditional),
            ("刷了visa card 5次都不行 apple pay也绑不上", Language::Simplified),
            ("Why was my card declined?", Language::English),
            ("good app", Language::English),
            ("le personnel est très mal éduqué", Language::Other),
            ("カードが使えません", Language::Other),
            ("банк не отвечает", Language::Other),
            ("በጣም ጥሩ", Language::Other),
            ("12345 !!!", Language::None),
            ("", Language::None),
        ];
        for (text, language) in cases {
            assert_eq!(detect(text).language, language, "{text}");
        }
    }
}
