//! Which language is a text in? Chinese (simplified or traditional), English, or another.
//!
//! Scripts decide first; between the two spellings of Chinese, characters that only one of them has; between English and other
//! languages in Latin letters, frequent words and accents. Names of products in English do not make a Chinese text English.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::tokens::{is_han, normalise};

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
    let normal = normalise(text);
    let Scripts { han, latin, other, japanese_or_korean } = Scripts::of(&normal);
    let han = han * LETTERS_A_HAN;
    let all = han + latin + other + japanese_or_korean * LETTERS_A_HAN;
    if all == 0.0 {
        return Detected { language: Language::None, sure: 1.0 };
    }
    // A tenth of kana among Han is Japanese; one stray の in a Chinese shop's name is not.
    if japanese_or_korean * LETTERS_A_HAN * 10.0 > han + japanese_or_korean * LETTERS_A_HAN
        && japanese_or_korean * LETTERS_A_HAN > latin
    {
        return Detected { language: Language::Other, sure: (japanese_or_korean * LETTERS_A_HAN / all).min(1.0) };
    }
    if han >= latin.max(other) {
        return chinese(&normal, han / all);
    }
    if other > latin {
        return Detected { language: Language::Other, sure: other / all };
    }
    latin_language(&normal)
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
        for c in normal.chars().filter(|c| c.is_alphabetic()) {
            let of = match c {
                'a'..='z' | 'à'..='ɏ' | 'ḁ'..='ỿ' => &mut scripts.latin,
                '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}' => &mut scripts.japanese_or_korean,
                c if is_han(c) => &mut scripts.han,
                _ => &mut scripts.other,
            };
            *of += 1.0;
        }
        scripts
    }
}

fn chinese(normal: &str, share: f64) -> Detected {
    let (mut simplified, mut traditional) = (0_u32, 0_u32);
    for c in normal.chars() {
        simplified += u32::from(SIMPLIFIED_ONLY.contains(c));
        traditional += u32::from(TRADITIONAL_ONLY.contains(c));
    }
    let language = if traditional > simplified { Language::Traditional } else { Language::Simplified };
    let told = f64::from(simplified + traditional);
    let apart = f64::from(simplified.abs_diff(traditional)) / (told + 1.0);
    Detected { language, sure: share * (0.5 + 0.5 * apart) }
}

/// English or not, by frequent words of both and by letters that English lacks.
fn latin_language(normal: &str) -> Detected {
    let foreign: BTreeMap<&str, ()> = FOREIGN.split_whitespace().map(|word| (word, ())).collect();
    let english: BTreeMap<&str, ()> = ENGLISH.split_whitespace().map(|word| (word, ())).collect();
    let (mut for_english, mut against) = (0.0_f64, 0.0_f64);
    for word in normal.split(|c: char| !(c.is_alphabetic() || c == '\'')).filter(|word| !word.is_empty()) {
        for_english += f64::from(u8::from(english.contains_key(word) || word.contains("n't")));
        against += f64::from(u8::from(foreign.contains_key(word)));
        against += if word.is_ascii() { 0.0 } else { 1.0 };
        // Endings that are far more frequent in one than in the others.
        for_english +=
            if ["ing", "tion's", "ly", "ck", "wn", "ght", "ed"].iter().any(|end| word.len() > 4 && word.ends_with(end))
            {
                0.5
            } else {
                0.0
            };
        against += if ["eux", "ción", "ung", "eur", "oire", "ement", "elle", "aux", "ão"]
            .iter()
            .any(|end| word.len() > 4 && word.ends_with(end))
        {
            0.5
        } else {
            0.0
        };
    }
    let sure = (for_english - against).abs() / (for_english + against + 1.0);
    // A text of Latin letters without any sign is English more often than not in a bank that reads Chinese and English.
    let language = if for_english >= against { Language::English } else { Language::Other };
    Detected { language, sure }
}

/// Frequent characters that only simplified Chinese has; the next list has them as traditional Chinese writes them.
const SIMPLIFIED_ONLY: &str = "这个们来时为会过说国对还没发经样现开问题间关应该实从当两长头无处给让见认识话请谢谁听书买卖钱银额贷户账单费办信证险财务业产资询网络电脑机帐转汇兑换积点优惠礼员态度总级权调查复报类难热线试连续变动运车门东边远进层严飞马鸟鱼龙轻松简紧张错误删减补贴绑锁码验订阅赔偿诉讼罚违规约签协议负责声师傅场广乐欢爱亲坏双号绩评价";
const TRADITIONAL_ONLY: &str = "這個們來時為會過說國對還沒發經樣現開問題間關應該實從當兩長頭無處給讓見認識話請謝誰聽書買賣錢銀額貸戶帳單費辦證險財務業產資詢網絡電腦機轉匯兌換積點優禮員態總級權調複報類難熱線試連續變動運車門東邊遠進層嚴飛馬鳥魚龍輕鬆簡緊張錯誤刪減補貼綁鎖碼驗訂閱賠償訴訟罰違規約簽協議負責聲師場廣樂歡愛親壞雙號績評價";

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

    #[test]
    fn the_lists_of_characters_share_none() {
        let shared: String = SIMPLIFIED_ONLY.chars().filter(|c| TRADITIONAL_ONLY.contains(*c)).collect();
        assert_eq!(shared, "");
    }
}
