//! How well scores tell those who did from those who did not.
//!
//! - AUC: the chance that a random positive scores above a random negative, ties counting half (Hanley and McNeil 1982); that
//!   is mid-ranks. Gini = 2 AUC - 1.
//! - KS: the largest distance between the two cumulative distributions (Kolmogorov and Smirnov).
//! - Average precision: Σ (Rₙ - Rₙ₋₁) Pₙ over distinct scores from high to low, without interpolation, as scikit-learn has it.
//! - Brier (1950): the mean squared distance of probability and outcome. Log loss: the mean -ln of what was given to the
//!   outcome, probabilities kept 2⁻⁵² from 0 and 1. Both only where scores are probabilities.
//! - Lift of the top tenth: its rate over everybody's; captured: its share of all positives. Scores that are tied across the
//!   cut count in proportion, which is the mean over all their orders.

use serde::{Deserialize, Serialize};

use crate::sample::Ranked;

/// The share of rows that "the top" means in [`Figures::lift`] and [`Figures::captured`].
pub const TOP: f64 = 0.1;

/// The figures of one set of scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Area under the ROC curve.
    pub auc: f64,
    /// 2 AUC - 1.
    pub gini: f64,
    /// Kolmogorov-Smirnov distance.
    pub ks: f64,
    /// Average precision.
    pub average_precision: f64,
    /// Brier score; none where scores are not probabilities.
    pub brier: Option<f64>,
    /// Log loss in nats; none where scores are not probabilities.
    pub log_loss: Option<f64>,
    /// Rate among the top tenth over the rate of all.
    pub lift: f64,
    /// The top tenth's share of all positives.
    pub captured: f64,
}

impl Figures {
    /// All of them in one pass or two.
    #[must_use]
    pub fn of(ranked: &Ranked) -> Self {
        Self::weighing(&Losses::of(ranked), &ranked.positive, &ranked.negative)
    }

    /// The same with other weights on the same scores.
    pub(crate) fn weighing(losses: &Losses, positive: &[f64], negative: &[f64]) -> Self {
        let (all_positive, all_negative) = (positive.iter().sum::<f64>(), negative.iter().sum::<f64>());
        let auc = auc(positive, negative) / (all_positive * all_negative);
        let lift = captured(positive, negative, TOP * (all_positive + all_negative)) / all_positive;
        let (brier, log_loss) = losses.means(positive, negative, all_positive + all_negative);
        Self {
            auc,
            gini: 2.0 * auc - 1.0,
            ks: ks(positive, negative, all_positive, all_negative),
            average_precision: average_precision(positive, negative, all_positive),
            brier,
            log_loss,
            lift: lift / TOP,
            captured: lift,
        }
    }
}

/// What each distinct score costs when the label is true and when it is false, so that resamples take no logarithms.
pub(crate) struct Losses {
    /// (squared, logarithmic) for true labels and for false ones; empty where scores are not probabilities.
    of: Vec<[f64; 4]>,
}

impl Losses {
    pub(crate) fn of(ranked: &Ranked) -> Self {
        let probabilities = ranked.scores.iter().all(|p| (0.0..=1.0).contains(p));
        let cost = |p: &f64| {
            let kept = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            [(1.0 - p).powi(2), -kept.ln(), p.powi(2), -(1.0 - kept).ln()]
        };
        Self { of: if probabilities { ranked.scores.iter().map(cost).collect() } else { Vec::new() } }
    }

    fn means(&self, positive: &[f64], negative: &[f64], all: f64) -> (Option<f64>, Option<f64>) {
        if self.of.is_empty() {
            return (None, None);
        }
        let (mut squared, mut logarithmic) = (0.0, 0.0);
        for ((of, p), n) in self.of.iter().zip(positive).zip(negative) {
            squared += p * of[0] + n * of[2];
            logarithmic += p * of[1] + n * of[3];
        }
        (Some(squared / all), Some(logarithmic / all))
    }
}

/// Pairs in which the positive scores higher, ties counting half.
fn auc(positive: &[f64], negative: &[f64]) -> f64 {
    let (mut below, mut pairs) = (0.0, 0.0);
    for (p, n) in positive.iter().zip(negative) {
        pairs += p * (below + 0.5 * n);
        below += n;
    }
    pairs
}

fn ks(positive: &[f64], negative: &[f64], all_positive: f64, all_negative: f64) -> f64 {
    let (mut p, mut n, mut most) = (0.0, 0.0, 0.0f64);
    let (of_positive, of_negative) = (1.0 / all_positive, 1.0 / all_negative);
    for (positive, negative) in positive.iter().zip(negative) {
        p += positive;
        n += negative;
        most = most.max((p * of_positive - n * of_negative).abs());
    }
    most
}

fn average_precision(positive: &[f64], negative: &[f64], all_positive: f64) -> f64 {
    let (mut found, mut taken, mut sum) = (0.0, 0.0, 0.0);
    for (p, n) in positive.iter().zip(negative).rev() {
        found += p;
        taken += p + n;
        if *p > 0.0 {
            sum += p * found / taken;
        }
    }
    sum / all_positive
}

/// Weight of positives among the `room` highest.
pub(crate) fn captured(positive: &[f64], negative: &[f64], room: f64) -> f64 {
    let (mut found, mut left) = (0.0, room);
    for (p, n) in positive.iter().zip(negative).rev() {
        let here = p + n;
        if here >= left {
            return found + if here > 0.0 { p * left / here } else { 0.0 };
        }
        found += p;
        left -= here;
    }
    found
}
