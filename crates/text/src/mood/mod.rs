//! Mood: does the customer sound content, neutral or cross?
//!
//! Before there are labels, lists of words decide, with words that turn, strengthen and weaken them: [`MoodReader::score`] is one number
//! a text, made for millions of them, [`MoodReader::read`] says why. Once there are labels, a classifier learns what they say of this bank's texts, and the two are mixed: n labels count n / (n + [`LABELS_EVEN`]).

mod clauses;
mod lexicon;
mod scan;
mod score;

use std::sync::Arc;

use serde::Serialize;

pub use clauses::Clause;
pub(crate) use clauses::Lexicons;
pub use score::MoodScore;

use crate::{
    classifier::{Classifier, Settings},
    error::{Result, one_each},
    tokens::{Dictionary, normalise, simplified},
};

/// With so many labels the classifier counts as much as the lists.
pub const LABELS_EVEN: f64 = 100.0;
/// From the score to probabilities: how steep they are where a mood begins.
const STEEPNESS: f64 = 8.0;

/// How a customer sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// Cross.
    Negative,
    /// Neither.
    Neutral,
    /// Content.
    Positive,
}

impl Mood {
    /// All, from bad to good.
    pub const ALL: [Self; 3] = [Self::Negative, Self::Neutral, Self::Positive];

    fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

/// The mood of a text and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoodReading {
    /// The most probable mood.
    pub mood: Mood,
    /// From −1 (cross) to 1 (content): the probability of positive less that of negative.
    pub score: f64,
    /// Of negative, neutral and positive.
    pub probabilities: [f64; 3],
    /// Words that matter and what they add, the strongest first; those of the lists, and of the classifier when there is one.
    pub reasons: Vec<(String, f64)>,
}

/// Reads moods.
#[derive(Debug, Clone)]
pub struct MoodReader {
    lexicons: Lexicons,
    learnt: Option<Learnt>,
}

#[derive(Debug, Clone)]
struct Learnt {
    classifier: Classifier,
    /// The mood of each label of the classifier.
    moods: Vec<Mood>,
    labels: usize,
}

impl Default for MoodReader {
    fn default() -> Self {
        Self::new()
    }
}

impl MoodReader {
    /// A reader that knows the lists and no labels.
    #[must_use]
    pub fn new() -> Self {
        Self { lexicons: Lexicons::new(), learnt: None }
    }

    /// The same with what labels of the bank's texts say.
    ///
    /// # Errors
    /// When there is not one mood a text, all are of one mood, or a setting is out of bounds.
    pub fn learn<S: AsRef<str> + Sync>(
        mut self,
        texts: &[S],
        moods: &[Mood],
        dictionary: Option<Arc<Dictionary>>,
        settings: &Settings,
    ) -> Result<Self> {
        one_each("moods", moods.len(), texts.len())?;
        let labels: Vec<&str> = moods.iter().map(|mood| mood.name()).collect();
        let classifier = Classifier::train(texts, &labels, dictionary, settings)?;
        let named = |label: &String| Mood::ALL.into_iter().find(|mood| mood.name() == label).unwrap_or(Mood::Neutral);
        let moods = classifier.labels().iter().map(named).collect();
        self.learnt = Some(Learnt { classifier, moods, labels: texts.len() });
        Ok(self)
    }

    /// The mood of a text.
    #[must_use]
    pub fn read(&self, text: &str) -> MoodReading {
        let normal = simplified(normalise(text));
        let clauses = self.lexicons.clauses(&normal);
        let mut probabilities = by_lists(score::saturated(clauses.iter().map(|clause| clause.feeling).sum()));
        let mut reasons: Vec<(String, f64)> =
            clauses.iter().flat_map(|clause| &clause.words).map(|&(word, adds)| (word.to_owned(), adds)).collect();
        if let Some(learnt) = &self.learnt {
            learnt.mix(text, &mut probabilities, &mut reasons);
        }
        reasons.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
        let [bad, neither, good] = probabilities;
        let mood = match () {
            () if good >= bad && good >= neither => Mood::Positive,
            () if bad >= neither => Mood::Negative,
            () => Mood::Neutral,
        };
        MoodReading { mood, score: good - bad, probabilities, reasons }
    }

    /// How a text sounds by the lists, as one number: the same for the same text, on any number of threads, a few microseconds a text and
    /// no allocation a word. What labels taught is left out; [`read`](Self::read) has it.
    #[must_use]
    pub fn score(&self, text: &str) -> MoodScore {
        score::of(&self.lexicons, text)
    }

    /// The clauses of a text (as [`normalise`] and [`simplified`] write it) with the feeling in each, by the lists.
    #[must_use]
    pub fn clauses<'t>(&self, normal: &'t str) -> Vec<Clause<'t>> {
        self.lexicons.clauses(normal)
    }
}

/// Probabilities of negative, neutral and positive of a score of the lists.
fn by_lists(score: f64) -> [f64; 3] {
    let above = |from: f64| 1.0 / (1.0 + (-STEEPNESS * (score - from)).exp());
    let (good, bad) = (above(score::GOOD_FROM), 1.0 - above(score::BAD_FROM));
    [bad, (1.0 - good - bad).max(0.0), good]
}

impl Learnt {
    fn mix(&self, text: &str, probabilities: &mut [f64; 3], reasons: &mut Vec<(String, f64)>) {
        let verdict = self.classifier.classify(text);
        let share = self.labels as f64 / (self.labels as f64 + LABELS_EVEN);
        // A mood that no label has is none of this bank's: its probability goes to the others in proportion.
        let known: f64 = self.moods.iter().map(|&mood| probabilities[mood as usize]).sum();
        let mut mixed = [0.0; 3];
        for (&mood, learnt) in self.moods.iter().zip(&verdict.probabilities) {
            let by_lists =
                if known > 0.0 { probabilities[mood as usize] / known } else { 1.0 / self.moods.len() as f64 };
            mixed[mood as usize] = share * learnt + (1.0 - share) * by_lists;
        }
        *probabilities = mixed;
        let Some(good) = self.moods.iter().position(|&mood| mood == Mood::Positive) else { return };
        let explained = self.classifier.explain(text, good).reasons;
        reasons.iter_mut().for_each(|reason| reason.1 *= 1.0 - share);
        reasons.extend(explained.into_iter().map(|reason| (reason.word, reason.adds * share)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_and_strengthening_words_matter() {
        let reader = MoodReader::new();
        let cases = [
            ("the app is good", Mood::Positive),
            ("the app is not good", Mood::Negative),
            ("Very helpful and friendly staff!", Mood::Positive),
            ("no problem so far, easy to use", Mood::Positive),
            ("I would like to open an account.", Mood::Neutral),
            ("It was good, but now it is terribly slow", Mood::Negative),
            ("服务态度非常好", Mood::Positive),
            ("服务态度不好", Mood::Negative),
            ("額度太低，客服也很差勁", Mood::Negative),
            ("请问怎么申请提额", Mood::Neutral),
            ("虽然方便，但是乱收费", Mood::Negative),
            ("", Mood::Neutral),
        ];
        for (text, mood) in cases {
            assert_eq!(reader.read(text).mood, mood, "{text}: {:?}", reader.read(text));
        }
        let score = |text| reader.read(text).score;
        assert!(score("非常失望") < score("有点失望") && score("有点失望") < 0.0);
        assert!(score("extremely bad") < score("slightly bad"));
    }
}
