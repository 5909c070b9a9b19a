//! The calibration curve: what was said and what happened, bin by bin.

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::Resampling,
    error::{MeasureError, settings},
    interval::{Interval, Level, quantile, wilson},
    sample::Sample,
};

/// Bins that may be asked for.
const BINS_MAX: usize = 1000;

/// Where bins are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// At equally spaced probabilities.
    Even,
    /// So that each holds as many rows, as far as ties allow.
    Quantiles,
}

/// Rows of about the same score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Scores above this are in it (in the first bin also this itself).
    pub from: f64,
    /// Up to this, included.
    pub to: f64,
    /// Rows.
    pub rows: usize,
    /// Mean score.
    pub said: f64,
    /// The rate that came true, with Wilson's interval; for weighted rows, of their effective number (Kish 1965).
    pub happened: Interval,
}

/// What was said and what happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationCurve {
    /// From low scores to high; bins without rows are left out.
    pub bins: Vec<CalibrationBin>,
    /// Expected calibration error: the mean |said - happened|, weighed by the rows of bins (Naeini, Cooper and Hauskrecht 2015).
    pub expected_error: f64,
    /// The largest |said - happened| of a bin.
    pub largest_error: f64,
    /// The mean score over the rate of all. Above 1: too high on the whole.
    pub said_over_happened: Option<f64>,
}

/// Sums over the rows of a bin.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: usize,
    weight: f64,
    squares: f64,
    said: f64,
    happened: f64,
}

/// The curve. Bins are those of scikit-learn's `calibration_curve`: a score on a cut belongs to the lower bin.
///
/// # Errors
/// When scores are not probabilities, or bins are none or more than a thousand.
pub fn calibration_curve(
    sample: &Sample<'_>,
    bins: usize,
    cut: Cut,
    level: Level,
) -> Result<CalibrationCurve, MeasureError> {
    let scores = sample.probabilities()?;
    if !(1..=BINS_MAX).contains(&bins) {
        return Err(settings(format!("{bins} bins: take 1 to {BINS_MAX}")));
    }
    let edges = edges(scores, bins, cut);
    let inner = &edges[1..bins];
    let mut sums = vec![Sums::default(); bins];
    for (row, score) in scores.iter().enumerate() {
        let bin = inner.partition_point(|edge| edge < score);
        sums[bin].add(*score, sample.labels()[row], sample.weight(row));
    }
    Ok(summed_up(&edges, &sums, level))
}

/// The expected calibration error of quantile bins with a bootstrap interval. Bins stay as they are while rows are resampled; the error of a
/// resample is on average larger than the error itself, so the interval leans upwards.
///
/// # Errors
/// As [`calibration_curve`], or by the bounds of resampling.
pub fn expected_error(sample: &Sample<'_>, bins: usize, how: &Resampling) -> Result<Interval, MeasureError> {
    let value = calibration_curve(sample, bins, Cut::Quantiles, how.level)?.expected_error;
    let scores = sample.scores();
    let edges = edges(scores, bins, Cut::Quantiles);
    let place = |score: &f64| edges[1..bins].partition_point(|edge| edge < score);
    let places: Vec<usize> = scores.iter().map(place).collect();
    let resampled = how.run(|stream| {
        let mut sums = vec![(0.0, 0.0); bins];
        for _ in 0..scores.len() {
            let row = stream.index(scores.len());
            let (weight, sum) = (sample.weight(row), &mut sums[places[row]]);
            let happened = if sample.labels()[row] { 1.0 } else { 0.0 };
            *sum = (sum.0 + weight, sum.1 + weight * (scores[row] - happened));
        }
        let all: f64 = sums.iter().map(|(weight, _)| weight).sum();
        sums.iter().map(|(_, apart)| apart.abs()).sum::<f64>() / all
    })?;
    Ok(Interval::of_resamples(value, resampled, how.level))
}

fn edges(scores: &[f64], bins: usize, cut: Cut) -> Vec<f64> {
    let share = |i: usize| i as f64 / bins as f64;
    match cut {
        Cut::Even => (0..=bins).map(share).collect(),
        Cut::Quantiles => {
            let mut sorted = scores.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            (0..=bins).map(|i| quantile(&sorted, share(i))).collect()
        }
    }
}

impl Sums {
    fn add(&mut self, score: f64, label: bool, weight: f64) {
        self.rows += 1;
        self.weight += weight;
        self.squares += weight * weight;
        self.said += weight * score;
        self.happened += if label { weight } else { 0.0 };
    }
}

fn summed_up(edges: &[f64], sums: &[Sums], level: Level) -> CalibrationCurve {
    let mut curve =
        CalibrationCurve { bins: Vec::new(), expected_error: 0.0, largest_error: 0.0, said_over_happened: None };
    let all: f64 = sums.iter().map(|bin| bin.weight).sum();
    for (i, bin) in sums.iter().enumerate().filter(|(_, bin)| bin.weight > 0.0) {
        let (said, rate) = (bin.said / bin.weight, bin.happened / bin.weight);
        let effective = bin.weight * bin.weight / bin.squares;
        let Some(happened) = wilson(rate * effective, effective, level) else { continue };
        curve.bins.push(CalibrationBin { from: edges[i], to: edges[i + 1], rows: bin.rows, said, happened });
        let error = (said - rate).abs();
        curve.expected_error += error * bin.weight / all;
        curve.largest_error = curve.largest_error.max(error);
    }
    let of = |part: fn(&Sums) -> f64| sums.iter().map(part).sum::<f64>();
    let happened = of(|bin| bin.happened);
    curve.said_over_happened = (happened > 0.0).then(|| of(|bin| bin.said) / happened);
    curve
}
