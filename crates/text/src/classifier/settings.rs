//! How a classifier is trained, with starts that were found by cross-validation inside training parts of public data.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, setting},
    linear::Learner,
    tfidf::Limits,
    tokens::{Grams, View},
};

/// Mixtures of learners that may be tried.
const CANDIDATES_MAX: usize = 32;
/// Folds of the trial.
const FOLDS_MAX: usize = 20;

/// Found by cross-validation inside training parts of Banking77.
const fn meaning_length() -> f32 {
    2.0
}

/// What verdicts should be good at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Few wrong verdicts.
    Accuracy,
    /// Good F1 in every class, however rare it is.
    MacroF1,
}

/// How a classifier is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How texts are looked at.
    pub views: Vec<View>,
    /// Whether traditional Chinese characters are read as simplified ones.
    pub simplify: bool,
    /// What becomes a column.
    pub limits: Limits,
    /// Mixtures of learners, of which the best at the aim in inner folds is taken. The decisions of a mixture's learners are brought to one
    /// scale and summed, which is a linear machine again.
    pub candidates: Vec<Vec<Learner>>,
    /// How many inner folds; what they say also calibrates probabilities.
    pub folds: usize,
    /// Labels are wrong at times: an example whose label has a probability p below this on inner folds counts p / this of one in the
    /// final training (soft confident learning, after Northcutt, Jiang & Chuang 2021). Absent: all count the same.
    pub doubt: Option<f64>,
    /// How long the vector of a text's meaning is made, when there is one, beside the views, each of which has its weight as its length.
    #[serde(default = "meaning_length")]
    pub meaning: f32,
    /// What to be good at.
    pub aim: Aim,
    /// Decides folds and orders.
    pub seed: u64,
}

impl Settings {
    /// Short questions in languages with spaces: words side by side, and characters within words, which forgive spelling.
    #[must_use]
    pub fn english() -> Self {
        let views = vec![View::of(Grams::Words { from: 1, to: 2 }), View::of(Grams::CharsInWords { from: 2, to: 5 })];
        Self {
            views,
            candidates: vec![vec![Learner::svm(0.5), Learner::logistic(5.0)]],
            doubt: None,
            ..Self::chinese()
        }
    }

    /// Chinese, alone or mixed with English: characters side by side, words when there is a dictionary, and a little of what the lists of
    /// feelings know.
    #[must_use]
    pub fn chinese() -> Self {
        let once = |grams, weight| View { grams, weight, presence: true };
        let views = vec![
            once(Grams::Chars { from: 1, to: 4 }, 1.0),
            once(Grams::Words { from: 1, to: 3 }, 1.0),
            once(Grams::Feelings { from: 1, to: 2 }, 0.4),
        ];
        let mixture = [Learner::svm(0.3), Learner::svm(0.3).with_ratio(0.1)];
        let mixture = mixture.into_iter().chain([Learner::logistic(5.0), Learner::logistic(2.0).with_ratio(0.1)]);
        Self {
            views,
            simplify: true,
            limits: Limits::default(),
            candidates: vec![mixture.collect()],
            folds: 3,
            doubt: Some(0.1),
            meaning: meaning_length(),
            aim: Aim::Accuracy,
            seed: 1,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.candidates.is_empty() || self.candidates.len() > CANDIDATES_MAX {
            return Err(setting("the number of candidates", self.candidates.len(), "there are 1 to 32"));
        }
        if self.candidates.iter().any(Vec::is_empty) {
            return Err(setting("the number of learners of a candidate", 0, "it is at least 1"));
        }
        if !(2..=FOLDS_MAX).contains(&self.folds) {
            return Err(setting("the number of inner folds", self.folds, "it is 2 to 20"));
        }
        if !(self.meaning > 0.0 && self.meaning.is_finite()) {
            return Err(setting("the length of a meaning", self.meaning, "it is above 0"));
        }
        match self.doubt {
            Some(doubt) if !(doubt > 0.0 && doubt <= 1.0) => {
                Err(setting("the probability below which a label is doubted", doubt, "it is above 0 and at most 1"))
            }
            _ => self.candidates.iter().flatten().try_for_each(Learner::check),
        }
    }
}
