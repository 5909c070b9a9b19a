//! Whether a model beats the plain baseline, and whether more rows would help.

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::Resampling,
    delong::{AucComparison, compare_auc},
    discrimination::{Figures, Losses},
    error::{MeasureError, same_length},
    interval::Interval,
    sample::{Ranked, Sample, ascending},
};

/// A model beside a baseline, on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The baseline's name.
    pub baseline: String,
    /// By DeLong; none where rows have weights.
    pub auc: Option<AucComparison>,
    /// The model's AUC less the baseline's, by paired bootstrap.
    pub auc_difference: Interval,
    /// The same of average precision.
    pub average_precision_difference: Interval,
    /// The same of log loss, below 0 is better; none where a score is no probability.
    pub log_loss_difference: Option<Interval>,
    /// Whether it beats the baseline.
    pub verdict: Verdict,
}

/// Whether a model beats its baseline, by AUC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Surely better.
    Beats,
    /// It may be chance.
    Level,
    /// Surely worse.
    Loses,
}

/// Compares a model's scores with a baseline's; rows are drawn in pairs.
///
/// # Errors
/// When lengths differ or a kind of label is missing, or by the bounds of resampling.
pub fn compare(model: &Sample<'_>, baseline: &[f64], name: &str, how: &Resampling) -> Result<Comparison, MeasureError> {
    same_length("baseline", baseline.len(), model.len())?;
    let weights: Vec<f64> = (0..model.len()).map(|row| model.weight(row)).collect();
    let other = Sample::new(baseline, model.labels())?.weighted(&weights)?;
    let sides = [Placed::of(model)?, Placed::of(&other)?];
    let rows: [Vec<usize>; 2] =
        [true, false].map(|kind| (0..model.len()).filter(|row| model.labels()[*row] == kind).collect());
    let resampled = how.run(|stream| {
        let mut counts = vec![0.0; model.len()];
        for kind in &rows {
            (0..kind.len()).for_each(|_| counts[kind[stream.index(kind.len())]] += 1.0);
        }
        sides.each_ref().map(|side| side.figures(model, &counts))
    })?;
    let found = sides.each_ref().map(|side| side.whole);
    let of = |part: fn(&Figures) -> f64| {
        let apart = |[a, b]: &[Figures; 2]| part(a) - part(b);
        Interval::of_resamples(apart(&found), resampled.iter().map(apart).collect(), how.level)
    };
    let auc = if model.is_weighted() {
        None
    } else {
        Some(compare_auc(model.scores(), baseline, model.labels(), how.level)?)
    };
    let auc_difference = of(|f| f.auc);
    let log_loss = found.iter().all(|f| f.log_loss.is_some());
    Ok(Comparison {
        baseline: name.to_owned(),
        auc,
        auc_difference,
        average_precision_difference: of(|f| f.average_precision),
        log_loss_difference: log_loss.then(|| of(|f| f.log_loss.unwrap_or(f64::NAN))),
        verdict: verdict(auc.map_or(auc_difference, |auc| auc.difference)),
    })
}

fn verdict(difference: Interval) -> Verdict {
    match difference {
        d if d.low > 0.0 => Verdict::Beats,
        d if d.high < 0.0 => Verdict::Loses,
        _ => Verdict::Level,
    }
}

/// Scores with the place of each row among the distinct ones.
struct Placed {
    losses: Losses,
    places: usize,
    of: Vec<u32>,
    whole: Figures,
}

impl Placed {
    fn of(sample: &Sample<'_>) -> Result<Self, MeasureError> {
        let ranked: Ranked = sample.ranked()?;
        let mut of = vec![0; sample.len()];
        let (mut place, mut before) = (0u32, None);
        for row in ascending(sample.scores()) {
            let score = sample.scores()[row as usize];
            if before.is_some_and(|before: f64| before != score) {
                place += 1;
            }
            before = Some(score);
            of[row as usize] = place;
        }
        Ok(Self { losses: Losses::of(&ranked), places: ranked.scores.len(), of, whole: Figures::of(&ranked) })
    }

    fn figures(&self, sample: &Sample<'_>, counts: &[f64]) -> Figures {
        let (mut positive, mut negative) = (vec![0.0; self.places], vec![0.0; self.places]);
        for (row, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            let side = if sample.labels()[row] { &mut positive } else { &mut negative };
            side[self.of[row] as usize] += count * sample.weight(row);
        }
        Figures::weighing(&self.losses, &positive, &negative)
    }
}

/// How a figure grows with rows to learn from. Models fill it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LearningCurve {
    /// The figure, higher is better: `auc`.
    pub figure: String,
    /// From few rows to many.
    pub points: Vec<LearningPoint>,
}

/// A model that learnt from so many rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LearningPoint {
    /// Rows to learn from.
    pub rows: usize,
    /// The figure on those.
    pub train: f64,
    /// The figure on rows it has not seen.
    pub test: Interval,
}

/// What the end of a learning curve says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// What the unseen figure is expected to gain from twice the rows, at the pace of the last points.
    pub from_doubling: f64,
    /// The seen figure less the unseen one at the end: much of it is over-fitting.
    pub overfit: f64,
    /// The gain is more than half the interval of the last point: collect more.
    pub more_rows_help: bool,
}

impl LearningCurve {
    /// What the last three points say: the least-squares slope of the unseen figure on log₂ of rows, halved, since gains shrink
    /// as rows grow (errors of about rows^-½). None with fewer than three points.
    #[must_use]
    pub fn outlook(&self) -> Option<Outlook> {
        let last = &self.points[self.points.len().checked_sub(3)?..];
        let x: Vec<f64> = last.iter().map(|point| (point.rows.max(1) as f64).log2()).collect();
        let mean = |values: &dyn Fn(usize) -> f64| (0..3).map(values).sum::<f64>() / 3.0;
        let (x_mean, y_mean) = (mean(&|i| x[i]), mean(&|i| last[i].test.value));
        let spread: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
        let together: f64 = (0..3).map(|i| (x[i] - x_mean) * (last[i].test.value - y_mean)).sum();
        let end = last.last()?;
        let from_doubling = if spread > 0.0 { together / spread / 2.0 } else { 0.0 };
        let half = (end.test.high - end.test.low) / 2.0;
        Some(Outlook { from_doubling, overfit: end.train - end.test.value, more_rows_help: from_doubling > half / 2.0 })
    }
}
