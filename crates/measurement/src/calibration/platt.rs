//! A sigmoid that turns scores into probabilities.

use serde::{Deserialize, Serialize};

use crate::{
    error::{MeasureError, settings},
    sample::Sample,
};

/// Newton steps before giving up.
const STEPS_MAX: usize = 100;
/// Steps are halved so often at most.
const HALVINGS_MAX: usize = 40;
/// Probabilities are kept so far from 0 and 1 before their log odds are taken.
const FROM_CERTAIN: f64 = 1e-12;

/// On which scale the sigmoid is a straight line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The score as it is: margins and points.
    Score,
    /// ln(p / (1 - p)): scores that are probabilities already.
    LogOdds,
}

impl Scale {
    fn of(self, score: f64) -> f64 {
        match self {
            Self::Score => score,
            Self::LogOdds => {
                let p = score.clamp(FROM_CERTAIN, 1.0 - FROM_CERTAIN);
                (p / (1.0 - p)).ln()
            }
        }
    }
}

/// p = 1 / (1 + exp(-(intercept + slope x))): Platt (1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// What x is.
    pub on: Scale,
    /// How steep.
    pub slope: f64,
    /// At x = 0.
    pub intercept: f64,
}

impl Platt {
    /// Fits by Newton steps with halving (Lin, Lin and Weng 2007), to Platt's smoothed targets (n₊ + 1) / (n₊ + 2) and
    /// 1 / (n₋ + 2), n being weights.
    ///
    /// # Errors
    /// When a kind of label is missing, or the fit does not settle.
    pub fn fit(sample: &Sample<'_>, on: Scale) -> Result<Self, MeasureError> {
        let (positives, negatives) = kinds(sample)?;
        let targets = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
        let start = ((positives + 1.0) / (negatives + 1.0)).ln();
        let (slope, intercept, _) = fit_line(sample, on, targets, (0.0, start))?;
        Ok(Self { on, slope, intercept })
    }

    /// The probability of a score.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        sigmoid(self.intercept + self.slope * self.on.of(score))
    }
}

/// Slope and intercept of what happened on the log odds that were said (Cox 1958), by maximum likelihood; 1 and 0 are right.
/// A slope below 1 means scores that are too extreme: the mark of an over-fitted model.
///
/// # Errors
/// When scores are not probabilities, a kind of label is missing, or scores separate labels perfectly.
pub fn calibration_line(sample: &Sample<'_>) -> Result<Platt, MeasureError> {
    sample.probabilities()?;
    kinds(sample)?;
    if separated(sample) {
        return Err(settings("the scores separate the labels perfectly: no line is the likeliest"));
    }
    let (slope, intercept, _) = fit_line(sample, Scale::LogOdds, (1.0, 0.0), (1.0, 0.0))?;
    Ok(Platt { on: Scale::LogOdds, slope, intercept })
}

fn kinds(sample: &Sample<'_>) -> Result<(f64, f64), MeasureError> {
    let (mut positives, mut negatives) = (0.0, 0.0);
    for (row, label) in sample.labels().iter().enumerate() {
        *if *label { &mut positives } else { &mut negatives } += sample.weight(row);
    }
    match (positives > 0.0, negatives > 0.0) {
        (false, _) => Err(MeasureError::OneKind { missing: "positive" }),
        (_, false) => Err(MeasureError::OneKind { missing: "negative" }),
        _ => Ok((positives, negatives)),
    }
}

/// Whether one kind of label has all the higher scores.
fn separated(sample: &Sample<'_>) -> bool {
    let ends = |kind: bool| {
        let own = sample.scores().iter().zip(sample.labels()).filter(|(_, label)| **label == kind);
        own.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (score, _)| (low.min(*score), high.max(*score)))
    };
    let (positive, negative) = (ends(true), ends(false));
    negative.1 <= positive.0 || positive.1 <= negative.0
}

fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// Loss, gradient and curvature at a line.
#[derive(Default)]
struct Slopes {
    loss: f64,
    by_slope: f64,
    by_intercept: f64,
    slope_slope: f64,
    slope_intercept: f64,
    intercept_intercept: f64,
}

/// Logistic regression on one number, centred and scaled inside so that any unit of score will do.
fn fit_line(
    sample: &Sample<'_>,
    on: Scale,
    targets: (f64, f64),
    start: (f64, f64),
) -> Result<(f64, f64, usize), MeasureError> {
    let raw: Vec<f64> = sample.scores().iter().map(|score| on.of(*score)).collect();
    let (centre, spread) = centre_and_spread(&raw);
    let x: Vec<f64> = raw.iter().map(|x| (x - centre) / spread).collect();
    let (mut slope, mut intercept) = (start.0 * spread, start.1 + start.0 * centre);
    let mut here = slopes(sample, &x, targets, slope, intercept);
    for step in 0..STEPS_MAX {
        let largest = here.by_slope.abs().max(here.by_intercept.abs());
        if largest < 1e-10 * sample.len() as f64 {
            return Ok((slope / spread, intercept - slope * centre / spread, step));
        }
        let (a, c, b) = (here.slope_slope + 1e-12, here.intercept_intercept + 1e-12, here.slope_intercept);
        let determinant = a * c - b * b;
        let by_slope = -(c * here.by_slope - b * here.by_intercept) / determinant;
        let by_intercept = -(a * here.by_intercept - b * here.by_slope) / determinant;
        let mut size = 1.0;
        let mut next = slopes(sample, &x, targets, slope + by_slope, intercept + by_intercept);
        for _ in 0..HALVINGS_MAX {
            if next.loss <= here.loss + 1e-12 * here.loss.abs() {
                break;
            }
            size /= 2.0;
            next = slopes(sample, &x, targets, slope + size * by_slope, intercept + size * by_intercept);
        }
        slope += size * by_slope;
        intercept += size * by_intercept;
        here = next;
    }
    Err(settings("the sigmoid does not settle: the scores separate the labels perfectly, or nearly"))
}

fn centre_and_spread(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let centre = x.iter().sum::<f64>() / n;
    let spread = (x.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / n).sqrt();
    (centre, if spread > 0.0 && spread.is_finite() { spread } else { 1.0 })
}

fn slopes(sample: &Sample<'_>, x: &[f64], targets: (f64, f64), slope: f64, intercept: f64) -> Slopes {
    let mut sums = Slopes::default();
    for (row, (x, label)) in x.iter().zip(sample.labels()).enumerate() {
        let (target, weight) = (if *label { targets.0 } else { targets.1 }, sample.weight(row));
        let line = slope * x + intercept;
        let p = sigmoid(line);
        // ln(1 + e^line) - target × line, without overflow.
        sums.loss += weight * (line.max(0.0) + (-line.abs()).exp().ln_1p() - target * line);
        let (apart, curve) = (weight * (p - target), weight * p * (1.0 - p));
        sums.by_slope += apart * x;
        sums.by_intercept += apart;
        sums.slope_slope += curve * x * x;
        sums.slope_intercept += curve * x;
        sums.intercept_intercept += curve;
    }
    sums
}
