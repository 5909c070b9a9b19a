//! Intervals by resampling.
//!
//! Stratified: each resample draws as many positives as there are from the positives, and as many negatives from the negatives
//! (Efron 1979; stratified so that no resample lacks a kind). A draw adds its row's weight to the row's distinct score, so a
//! resample is counted, never sorted. Resample i uses stream i of the seed: the answer does not depend on threads.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

use crate::{
    discrimination::{Figures, Losses},
    error::{MeasureError, settings},
    interval::{Interval, Level},
    random::Stream,
    sample::{Ranked, Sample, ascending},
};

/// Resamples that are allowed.
pub const RESAMPLES_MAX: u32 = 100_000;

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resampling {
    /// How often; at least 2.
    pub resamples: u32,
    /// What chance starts from.
    pub seed: u64,
    /// How sure intervals are.
    pub level: Level,
}

impl Resampling {
    /// 200 resamples, 95 %.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { resamples: 200, seed, level: Level::USUAL }
    }

    /// One value for each stream of random numbers, in order.
    ///
    /// # Errors
    /// When there are fewer than two resamples, or more than [`RESAMPLES_MAX`].
    pub(crate) fn run<T: Send>(&self, one: impl Fn(&mut Stream) -> T + Sync) -> Result<Vec<T>, MeasureError> {
        if !(2..=RESAMPLES_MAX).contains(&self.resamples) {
            return Err(settings(format!("{} resamples: take 2 to {RESAMPLES_MAX}", self.resamples)));
        }
        let numbers = 0..self.resamples;
        Ok(numbers.into_par_iter().map(|number| one(&mut Stream::new(self.seed, u64::from(number)))).collect())
    }
}

/// [`Figures`] with intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discrimination {
    /// Rows.
    pub rows: usize,
    /// Rows whose label is true.
    pub positives: usize,
    /// Area under the ROC curve.
    pub auc: Interval,
    /// 2 AUC - 1.
    pub gini: Interval,
    /// Kolmogorov-Smirnov distance. Its resampled values lie a little above the truth, so the interval leans upwards.
    pub ks: Interval,
    /// Average precision.
    pub average_precision: Interval,
    /// Brier score.
    pub brier: Option<Interval>,
    /// Log loss, nats.
    pub log_loss: Option<Interval>,
    /// Rate among the top tenth over that of all.
    pub lift: Interval,
    /// The top tenth's share of all positives.
    pub captured: Interval,
}

/// The figures of a sample with stratified bootstrap intervals.
///
/// # Errors
/// When a kind of label is missing, or by `Resampling`'s bounds.
pub fn discriminate(sample: &Sample<'_>, how: &Resampling) -> Result<Discrimination, MeasureError> {
    let drawn = Strata::of(sample)?;
    let figures = Figures::of(&drawn.ranked);
    let losses = Losses::of(&drawn.ranked);
    let resampled = how.run(|stream| {
        let (positive, negative) = drawn.draw(stream);
        Figures::weighing(&losses, &positive, &negative)
    })?;
    let of = |value: f64, part: &dyn Fn(&Figures) -> f64| {
        Interval::of_resamples(value, resampled.iter().map(part).collect(), how.level)
    };
    let if_any = |value: Option<f64>, part: &dyn Fn(&Figures) -> Option<f64>| {
        value.map(|value| of(value, &|f| part(f).unwrap_or(f64::NAN)))
    };
    Ok(Discrimination {
        rows: sample.len(),
        positives: drawn.positive.len(),
        auc: of(figures.auc, &|f| f.auc),
        gini: of(figures.gini, &|f| f.gini),
        ks: of(figures.ks, &|f| f.ks),
        average_precision: of(figures.average_precision, &|f| f.average_precision),
        brier: if_any(figures.brier, &|f| f.brier),
        log_loss: if_any(figures.log_loss, &|f| f.log_loss),
        lift: of(figures.lift, &|f| f.lift),
        captured: of(figures.captured, &|f| f.captured),
    })
}

/// Positives and negatives apart, each row as the number of its distinct score and its weight.
pub(crate) struct Strata {
    pub(crate) ranked: Ranked,
    positive: Vec<(u32, f64)>,
    negative: Vec<(u32, f64)>,
}

impl Strata {
    pub(crate) fn of(sample: &Sample<'_>) -> Result<Self, MeasureError> {
        let ranked = sample.ranked()?;
        let (mut positive, mut negative) = (Vec::new(), Vec::new());
        let (mut place, mut before) = (0u32, None);
        for row in ascending(sample.scores()) {
            let row = row as usize;
            let score = sample.scores()[row];
            if before.is_some_and(|before: f64| before != score) {
                place += 1;
            }
            before = Some(score);
            let side = if sample.labels()[row] { &mut positive } else { &mut negative };
            side.push((place, sample.weight(row)));
        }
        Ok(Self { ranked, positive, negative })
    }

    /// Weights of one resample by distinct score.
    fn draw(&self, stream: &mut Stream) -> (Vec<f64>, Vec<f64>) {
        let places = self.ranked.scores.len();
        (draw(&self.positive, places, stream), draw(&self.negative, places, stream))
    }
}

fn draw(rows: &[(u32, f64)], places: usize, stream: &mut Stream) -> Vec<f64> {
    let mut weights = vec![0.0; places];
    for _ in 0..rows.len() {
        let (place, weight) = rows[stream.index(rows.len())];
        weights[place as usize] += weight;
    }
    weights
}
