//! Curves: what is gained by taking the highest scores first, and the ROC.

use serde::{Deserialize, Serialize};

use crate::{
    discrimination::captured,
    error::{MeasureError, settings},
    sample::Ranked,
};

/// Parts that a sample may be cut into.
const PARTS_MAX: usize = 1000;

/// One of equally large parts of the rows, the highest scores first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GainPart {
    /// Its number, from 1.
    pub part: usize,
    /// Weight of its rows.
    pub rows: f64,
    /// Weight of its positives. A fraction where rows of one score lie across a cut.
    pub positives: f64,
    /// Its rate of positives.
    pub rate: f64,
    /// Its rate over that of all.
    pub lift: f64,
    /// Share of all positives in it and those before it.
    pub gain: f64,
    /// Lift of it and those before it.
    pub cumulative_lift: f64,
}

/// Cuts rows into so many equally large parts (10 for deciles), the highest scores first.
///
/// # Errors
/// When parts are none or more than a thousand.
pub fn gains(ranked: &Ranked, parts: usize) -> Result<Vec<GainPart>, MeasureError> {
    if !(1..=PARTS_MAX).contains(&parts) {
        return Err(settings(format!("{parts} parts: take 1 to {PARTS_MAX}")));
    }
    let positives = ranked.positives();
    let all = positives + ranked.negatives();
    let (rows, rate) = (all / parts as f64, positives / all);
    let mut before = 0.0;
    let part = |part: usize| {
        let found =
            if part == parts { positives } else { captured(&ranked.positive, &ranked.negative, rows * part as f64) };
        let here = found - before;
        before = found;
        GainPart {
            part,
            rows,
            positives: here,
            rate: here / rows,
            lift: here / rows / rate,
            gain: found / positives,
            cumulative_lift: found / (rows * part as f64) / rate,
        }
    };
    Ok((1..=parts).map(part).collect())
}

/// A point of the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Rows that score at least this are taken; infinite (and absent in JSON) where none is.
    pub threshold: f64,
    /// Share of negatives taken.
    pub false_positive_rate: f64,
    /// Share of positives taken.
    pub true_positive_rate: f64,
}

/// The ROC curve from (0, 0) to (1, 1), thinned to about `points_max` points for drawing: every point that is left out lies
/// within 1 / `points_max` of one that is kept, in both directions.
#[must_use]
pub fn roc(ranked: &Ranked, points_max: usize) -> Vec<RocPoint> {
    let (positives, negatives) = (ranked.positives(), ranked.negatives());
    let apart = 2.0 / points_max.max(4) as f64;
    let mut last = RocPoint { threshold: f64::INFINITY, false_positive_rate: 0.0, true_positive_rate: 0.0 };
    let mut curve = vec![last];
    let (mut p, mut n) = (0.0, 0.0);
    for (place, score) in ranked.scores.iter().enumerate().rev() {
        p += ranked.positive[place];
        n += ranked.negative[place];
        let (false_positive_rate, true_positive_rate) = (n / negatives, p / positives);
        let moved = (false_positive_rate - last.false_positive_rate) + (true_positive_rate - last.true_positive_rate);
        if place == 0 || moved >= apart {
            last = RocPoint { threshold: *score, false_positive_rate, true_positive_rate };
            curve.push(last);
        }
    }
    if let Some(end) = curve.last_mut() {
        (end.false_positive_rate, end.true_positive_rate) = (1.0, 1.0);
    }
    curve
}
