//! Whether scores and features still look as they did when a version was trained.

use florin_measurement::stability::{self, psi};
use florin_models::{
    Column, Frame, Model,
    frame::{MISSING, Values},
};
use florin_text::language::Language;
use serde::{Deserialize, Serialize};

use crate::FlowError;

pub use florin_measurement::stability::Drift;

/// Rows that expectations are learnt from, evenly picked, at most.
const ROWS_MAX: usize = 100_000;
/// Bins of numbers.
const BINS: usize = 10;
/// Texts of a feature that have a bin of their own, the most frequent first.
const LEVELS_MAX: usize = 20;

/// What scores and features were like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Expected {
    /// Scores.
    pub score: Bins,
    /// Each feature, in the model's order.
    pub features: Vec<(String, Bins)>,
}

/// How values lay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// Numbers: where bins are cut, rising (a value on a cut belongs below), how many rows each has, and last those without a value.
    Numbers {
        /// Cuts.
        cuts: Vec<f64>,
        /// Rows.
        counts: Vec<f64>,
        /// Standard deviation.
        spread: f64,
    },
    /// Texts, how many rows each has, then those of all others, and last those without a value.
    Texts {
        /// The most frequent.
        levels: Vec<String>,
        /// Rows.
        counts: Vec<f64>,
    },
}

impl Default for Bins {
    fn default() -> Self {
        Self::Texts { levels: Vec::new(), counts: vec![0.0, 0.0] }
    }
}

/// How far something moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drifted {
    /// A feature, or `score`.
    pub of: String,
    /// The population stability index.
    pub psi: f64,
    /// What 95 of 100 comparisons stay below when nothing changed.
    pub by_chance: f64,
    /// What to make of it.
    pub drift: Drift,
}

impl Expected {
    /// Of the rows that a version learnt from.
    pub(super) fn of(model: &dyn Model, frame: &Frame) -> Result<Self, FlowError> {
        let rows = picked(frame.rows());
        let frame = frame.select(&rows)?;
        Ok(Self::seen(&frame, &model.predict(&frame)?))
    }

    /// Of texts that a version learnt from, with their labels.
    pub(super) fn of_texts<S: AsRef<str>>(labels: &[S], texts: &[&str]) -> Result<Self, FlowError> {
        let rows = picked(texts.len());
        let some: Vec<&str> = rows.iter().map(|row| texts[*row]).collect();
        let labels: Vec<Option<&str>> = rows.iter().map(|row| Some(labels[*row].as_ref())).collect();
        let features = Self::seen(&of_texts(&some)?, &[]).features;
        Ok(Self { score: bins(&Column::category("label", &labels).values), features })
    }

    /// How far texts and what is said of them are from it.
    pub(super) fn drift_of_texts<S: AsRef<str>>(&self, said: &[S], texts: &[&str]) -> Result<Vec<Drifted>, FlowError> {
        let said: Vec<Option<&str>> = said.iter().map(|label| Some(label.as_ref())).collect();
        self.drift_of(&of_texts(texts)?, &Column::category("label", &said).values)
    }

    fn seen(frame: &Frame, scores: &[f64]) -> Self {
        let features = frame.columns().iter().map(|column| (column.name.clone(), bins(&column.values)));
        Self { features: features.collect(), score: numbers(scores) }
    }

    /// How far rows and their scores are from it, the farthest first; scores before all features.
    pub(super) fn drift(&self, frame: &Frame, scores: &[f64]) -> Result<Vec<Drifted>, FlowError> {
        self.drift_of(frame, &Values::Number(scores.to_vec()))
    }

    fn drift_of(&self, frame: &Frame, scores: &Values) -> Result<Vec<Drifted>, FlowError> {
        let mut found = Vec::new();
        for (name, bins) in &self.features {
            if let Ok(column) = frame.column(name) {
                found.extend(drifted(name, bins, &bins.count(&column.values))?);
            }
        }
        found.sort_by(|a: &Drifted, b| b.psi.total_cmp(&a.psi).then_with(|| a.of.cmp(&b.of)));
        let score = drifted("score", &self.score, &self.score.count(scores))?;
        Ok(score.into_iter().chain(found).collect())
    }
}

/// What is watched of texts beside what is said of them.
fn of_texts(texts: &[&str]) -> Result<Frame, FlowError> {
    let language = |text: &&str| {
        Some(match florin_text::detect(text).language {
            Language::Simplified | Language::Traditional => "Chinese",
            Language::English => "English",
            Language::Other | Language::None => "other",
        })
    };
    let languages: Vec<Option<&str>> = texts.iter().map(language).collect();
    let lengths = texts.iter().map(|text| text.chars().count() as f64).collect();
    Ok(Frame::new(vec![Column::category("language", &languages), Column::number("length", lengths)])?)
}

fn drifted(of: &str, bins: &Bins, now: &[f64]) -> Result<Option<Drifted>, FlowError> {
    let before = bins.counts();
    if before.iter().sum::<f64>() <= 0.0 || now.iter().sum::<f64>() <= 0.0 {
        return Ok(None);
    }
    let names: Vec<String> = (0..before.len()).map(|bin| bin.to_string()).collect();
    let found: stability::Stability = psi(&names, before, now)?;
    Ok(Some(Drifted { of: of.to_owned(), psi: found.psi, by_chance: found.by_chance, drift: found.drift }))
}

impl Bins {
    fn counts(&self) -> &[f64] {
        match self {
            Self::Numbers { counts, .. } | Self::Texts { counts, .. } => counts,
        }
    }

    /// How many of these values lie in each bin.
    fn count(&self, values: &Values) -> Vec<f64> {
        let mut found = vec![0.0; self.counts().len()];
        let missing = found.len() - 1;
        match (self, values) {
            (Self::Numbers { cuts, .. }, Values::Number(values)) => {
                for value in values {
                    found[if value.is_nan() { missing } else { cuts.partition_point(|cut| cut < value) }] += 1.0;
                }
            }
            (Self::Texts { levels, .. }, Values::Category { codes, levels: theirs }) => {
                let bin = |level: &String| levels.iter().position(|known| known == level).unwrap_or(missing - 1);
                let bins: Vec<usize> = theirs.iter().map(bin).collect();
                for code in codes {
                    found[bins.get(*code as usize).copied().unwrap_or(missing)] += 1.0;
                }
            }
            // A column without a single value has no type of its own.
            (_, values) => found[missing] = values.len() as f64,
        }
        found
    }
}

/// Positions of rows, evenly over all.
fn picked(rows: usize) -> Vec<usize> {
    let step = rows.div_ceil(ROWS_MAX).max(1);
    (0..rows).step_by(step).collect()
}

fn bins(values: &Values) -> Bins {
    let (codes, levels) = match values {
        Values::Number(values) => return numbers(values),
        Values::Category { codes, levels } => (codes, levels),
    };
    let mut counts: Vec<(f64, &String)> = levels.iter().map(|level| (0.0, level)).collect();
    for code in codes.iter().filter(|code| **code != MISSING) {
        counts[*code as usize].0 += 1.0;
    }
    counts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    counts.truncate(LEVELS_MAX);
    let levels: Vec<String> = counts.iter().map(|(_, level)| (*level).clone()).collect();
    let empty = Bins::Texts { counts: vec![0.0; levels.len() + 2], levels: levels.clone() };
    Bins::Texts { counts: empty.count(values), levels }
}

fn numbers(all: &[f64]) -> Bins {
    let mut sorted: Vec<f64> = all.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let largest = sorted.last().copied().unwrap_or(0.0);
    let at = |i: usize| sorted[(i * sorted.len() / BINS).min(sorted.len() - 1)];
    let mut cuts: Vec<f64> = if sorted.is_empty() { Vec::new() } else { (1..BINS).map(at).collect() };
    cuts.retain(|cut| *cut < largest);
    cuts.dedup();
    let mean = sorted.iter().sum::<f64>() / sorted.len().max(1) as f64;
    let spread = (sorted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / sorted.len().max(1) as f64).sqrt();
    let empty = Bins::Numbers { counts: vec![0.0; cuts.len() + 2], cuts: cuts.clone(), spread };
    Bins::Numbers { counts: empty.count(&Values::Number(all.to_vec())), cuts, spread }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn frame(from: f64, level: &str) -> Frame {
        let numbers = (0..1000).map(|i| from + f64::from(i % 100)).collect();
        let texts: Vec<Option<&str>> = (0..1000).map(|i| Some(if i % 3 == 0 { level } else { "a" })).collect();
        Frame::new(vec![Column::number("n", numbers), Column::category("t", &texts)]).unwrap()
    }

    #[test]
    fn what_did_not_move_is_stable_and_what_moved_is_named() {
        let scores: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        let expected = Expected::seen(&frame(0.0, "b"), &scores);
        let same = expected.drift(&frame(0.0, "b"), &scores).unwrap();
        assert!(same.iter().all(|d| d.psi < 1e-9 && d.drift == Drift::Stable), "{same:?}");
        let moved = expected.drift(&frame(50.0, "new"), &scores).unwrap();
        assert_eq!(moved.iter().map(|d| d.of.as_str()).collect::<Vec<_>>()[0], "score");
        assert!(moved[1..].iter().all(|d| d.drift == Drift::Act), "{moved:?}");
    }
}
