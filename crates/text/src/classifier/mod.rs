//! Which label does a text deserve? TF-IDF and linear machines, one class against the rest, with probabilities and reasons.

mod calibrate;
mod explain;
mod offsets;
mod save;
mod settings;
mod train;

use std::{collections::BTreeSet, sync::Arc};

use rayon::prelude::*;

use crate::{
    error::{Result, TextError, one_each},
    linear::Weights,
    meaning::Meanings,
    tfidf::Vectoriser,
    tokens::{Analyser, Dictionary},
};
use calibrate::Calibration;
use offsets::{highest, probabilities};

pub use explain::{Explanation, Reason};
pub use settings::{Aim, Settings};

/// How many labels there may be.
const LABELS_MAX: usize = 2_000;
/// Texts of a label at least: each inner fold must see it.
const TEXTS_OF_LABEL_MIN: usize = 2;

/// A trained classifier.
#[derive(Debug, Clone)]
pub struct Classifier {
    labels: Vec<String>,
    settings: Settings,
    vectoriser: Vectoriser,
    /// How many numbers a meaning has; 0 without.
    dimensions: usize,
    weights: Weights,
    calibration: Calibration,
    offsets: Vec<f64>,
    candidate: usize,
    trials: Vec<f64>,
}

/// What a classifier says of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Number of the label in [`Classifier::labels`].
    pub label: usize,
    /// The probability of each label, in their order. When the aim is macro-F1, the label is not always the most probable one.
    pub probabilities: Vec<f64>,
}

impl Classifier {
    /// Learns from texts and the label of each. Labels are numbered in their order as text.
    ///
    /// # Errors
    /// When there is not one label a text, fewer than two labels, a label with fewer than two texts, or a setting is out of bounds.
    pub fn train<S: AsRef<str> + Sync, L: AsRef<str>>(
        texts: &[S],
        labels: &[L],
        dictionary: Option<Arc<Dictionary>>,
        settings: &Settings,
    ) -> Result<Self> {
        Self::train_with(texts, labels, Meanings::none(), dictionary, settings)
    }

    /// The same, with a vector of what each text means beside its words: one linear machine over both.
    ///
    /// # Errors
    /// Those of [`Self::train`], and when there is not one meaning a text.
    pub fn train_with<S: AsRef<str> + Sync, L: AsRef<str>>(
        texts: &[S],
        labels: &[L],
        meanings: Meanings<'_>,
        dictionary: Option<Arc<Dictionary>>,
        settings: &Settings,
    ) -> Result<Self> {
        settings.check()?;
        one_each("labels", labels.len(), texts.len())?;
        let dense = meanings.scaled(texts.len(), settings.meaning)?;
        let (names, truth) = numbered(labels)?;
        let analyser = Analyser::new(&settings.views, dictionary, settings.simplify)?;
        let vectoriser = Vectoriser::fit(analyser, texts, settings.limits)?;
        let dimensions = meanings.dimensions();
        let rows = vectoriser.rows(texts).with_dense(dense, dimensions);
        let examples = train::Examples { rows: &rows, truth: &truth, classes: names.len(), trust: Vec::new() };
        let train::Fitted { weights, calibration, offsets, candidate, trials } = train::fit(&examples, settings);
        let settings = settings.clone();
        Ok(Self { labels: names, settings, vectoriser, dimensions, weights, calibration, offsets, candidate, trials })
    }

    /// The labels, in order.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// What it was trained with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Which candidate of the settings won, and each candidate's score at the aim on inner folds.
    #[must_use]
    pub fn trials(&self) -> (usize, &[f64]) {
        (self.candidate, &self.trials)
    }

    /// How many n-grams it knows.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.vectoriser.width()
    }

    /// How many numbers the meaning of a text has; 0 when it was trained without.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// What it says of a text. One that was trained with meanings goes by the words alone here.
    #[must_use]
    pub fn classify(&self, text: &str) -> Verdict {
        self.verdict(&self.vectoriser.row(text))
    }

    /// What it says of each text, on every thread of the pool.
    #[must_use]
    pub fn classify_all<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vec<Verdict> {
        texts.par_iter().map(|text| self.classify(text.as_ref())).collect()
    }

    /// What it says of a text and its meaning.
    ///
    /// # Errors
    /// When the meaning has not as many numbers as those that it was trained with.
    pub fn classify_with(&self, text: &str, meaning: &[f32]) -> Result<Verdict> {
        Ok(self.verdict(&self.row_with(text, meaning)?))
    }

    /// Words, and the meaning behind them.
    fn row_with(&self, text: &str, meaning: &[f32]) -> Result<Vec<(u32, f32)>> {
        let dense = Meanings::new(meaning, self.dimensions)?.scaled(1, self.settings.meaning)?;
        let mut row = self.vectoriser.row(text);
        row.extend((self.vectoriser.width() as u32..).zip(dense));
        Ok(row)
    }

    fn verdict(&self, row: &[(u32, f32)]) -> Verdict {
        let mut logits = self.decisions(row);
        self.calibration.logits(&mut logits);
        let probabilities = probabilities(&logits);
        logits.iter_mut().zip(&self.offsets).for_each(|(logit, offset)| *logit += offset);
        Verdict { label: highest(&logits), probabilities }
    }

    /// One decision a label.
    fn decisions(&self, row: &[(u32, f32)]) -> Vec<f64> {
        let decisions = self.weights.decisions(row);
        match decisions.first() {
            Some(&second) if self.labels.len() == 2 => vec![-second, second],
            _ => decisions,
        }
    }
}

/// The labels in order, and the number of each text's.
fn numbered<L: AsRef<str>>(labels: &[L]) -> Result<(Vec<String>, Vec<usize>)> {
    let names: Vec<&str> = labels.iter().map(AsRef::as_ref).collect::<BTreeSet<&str>>().into_iter().collect();
    if names.len() < 2 {
        return Err(TextError::TooLittle { what: "labels", found: names.len(), needed: 2 });
    }
    if names.len() > LABELS_MAX {
        return Err(TextError::TooMuch { what: "labels", found: names.len(), allowed: LABELS_MAX });
    }
    let truth: Vec<usize> = labels.iter().filter_map(|label| names.binary_search(&label.as_ref()).ok()).collect();
    let mut counts = vec![0; names.len()];
    truth.iter().for_each(|&class| counts[class] += 1);
    match counts.iter().min() {
        Some(&fewest) if fewest < TEXTS_OF_LABEL_MIN => {
            Err(TextError::TooLittle { what: "texts of the rarest label", found: fewest, needed: TEXTS_OF_LABEL_MIN })
        }
        _ => Ok((names.into_iter().map(str::to_owned).collect(), truth)),
    }
}
