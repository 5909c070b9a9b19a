//! Mood as one number, by the lists alone.

use serde::Serialize;

use super::{Lexicons, Mood};
use crate::{
    language::{Language, detect_normal},
    tokens::{normalise, simplified},
};

/// How fast the sum of feelings nears ±1: s / √(s² + this), as VADER does (Hutto & Gilbert 2014).
const SATURATION: f64 = 12.0;
/// From where on a value is rather good or bad than neither.
pub(super) const GOOD_FROM: f64 = 0.4;
pub(super) const BAD_FROM: f64 = -0.25;
/// A value this far from 0 is meant when the lists know the language.
const CONFIDENT_FROM: f64 = 0.45;

/// How a text sounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MoodScore {
    /// From −1 (cross) to 1 (content); 0 when nothing tells.
    pub value: f64,
    /// The text's language; the lists know Chinese and English.
    pub language: Language,
    /// Whether the text is in a language that the lists know and its feeling is clear: mean only these when a few wrong ones hurt.
    pub confident: bool,
}

impl MoodScore {
    /// The mood that the value stands for.
    #[must_use]
    pub fn mood(&self) -> Mood {
        match self.value {
            value if value >= GOOD_FROM => Mood::Positive,
            value if value <= BAD_FROM => Mood::Negative,
            _ => Mood::Neutral,
        }
    }
}

pub(super) fn of(lexicons: &Lexicons, text: &str) -> MoodScore {
    let normal = normalise(text);
    let language = detect_normal(&normal).language;
    let value = saturated(lexicons.sum(&simplified(normal)));
    let known = language.is_chinese() || language == Language::English;
    MoodScore { value, language, confident: known && value.abs() >= CONFIDENT_FROM }
}

pub(super) fn saturated(sum: f64) -> f64 {
    sum / (sum * sum + SATURATION).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::MoodReader;
    use super::*;

    #[test]
    fn turning_strengthening_asking_and_marks_matter() {
        let reader = MoodReader::new();
        // Each line from cross to content.
        let ladders: [&[&str]; 9] = [
            &["服务非常差", "服务差", "服务有点差", "服务", "服务比较好", "服务好", "服务非常好"],
            &["the app is extremely bad", "the app is bad", "the app", "the app is good", "the app is really good"],
            &["not good at all", "no problem", "very good"],
            &["慢死了", "慢", "不慢"],
            &["服务差", "服务差吗？"],
            &["方便，但是乱收费", "乱收费，但是方便"],
            &["it was good, but now it crashes", "it crashes, but it is good"],
            &["額度太低，客服也很差勁", "額度太低，客服很有禮貌", "客服很有禮貌"],
            &["👎", "🤔", "👍"],
        ];
        for ladder in ladders {
            let values: Vec<f64> = ladder.iter().map(|text| reader.score(text).value).collect();
            assert!(values.is_sorted_by(|a, b| a < b), "{ladder:?}: {values:?}");
        }
    }

    #[test]
    fn a_score_is_confident_in_known_languages_with_clear_feeling_only() {
        let reader = MoodReader::new();
        for text in [
            "态度恶劣，垃圾银行",
            "垃圾銀行，氣死我了",
            "Terrible service, I am furious",
            "Excellent and very helpful!",
        ] {
            assert!(reader.score(text).confident, "{text}");
        }
        for text in ["", "请问怎么申请提额？", "Le personnel est excellent et très super", "……", "card"] {
            assert!(!reader.score(text).confident, "{text}: {:?}", reader.score(text));
        }
        assert_eq!(reader.score("How do I activate my card?").mood(), Mood::Neutral);
    }

    #[test]
    fn the_score_is_what_the_clauses_add_up_to() {
        let lexicons = Lexicons::new();
        for text in
            ["很好！但是慢，难用？good, however slow. 😡", "不好用,也不便宜。", "", "!!!", "it's bad... really bad"]
        {
            let clauses: f64 = lexicons.clauses(text).iter().map(|clause| clause.feeling).sum();
            assert!((lexicons.sum(text) - clauses).abs() < 1e-9, "{text}");
        }
    }
}
