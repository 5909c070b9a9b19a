//! How good verdicts between several classes are, with intervals.
//!
//! - Accuracy: the share of right verdicts. Macro-F1: the mean of the classes' F1, each class counting the same (Yang and Liu 1999).
//! - Precision and recall of a class have Wilson's intervals; accuracy, F1 and macro-F1 resample rows.

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::Resampling,
    error::{MeasureError, same_length, settings},
    interval::{Interval, wilson},
};

/// What verdicts are worth beside the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// Rows.
    pub rows: usize,
    /// Share of right verdicts.
    pub accuracy: Interval,
    /// Mean of the classes' F1, over classes that have a row or were said.
    pub macro_f1: Interval,
    /// Each class in order of its number.
    pub classes: Vec<ClassFigures>,
}

/// One class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Rows that are of it.
    pub rows: usize,
    /// Rows that were said to be.
    pub said: usize,
    /// Share of those said to be that are; none when none was said to be.
    pub precision: Option<Interval>,
    /// Share of those that are that were said to be; none when there is none.
    pub recall: Option<Interval>,
    /// 2 hits / (said + rows); none when there is neither.
    pub f1: Option<Interval>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    rows: f64,
    said: f64,
    hits: f64,
}

impl Counts {
    fn f1(self) -> Option<f64> {
        let both = self.rows + self.said;
        (both > 0.0).then(|| 2.0 * self.hits / both)
    }
}

/// Compares verdicts with the truth, both as numbers of classes below `classes`.
///
/// # Errors
/// When there are no rows, lengths differ, a number is none of a class, or by the bounds of resampling.
pub fn classify(
    truth: &[usize],
    said: &[usize],
    classes: usize,
    how: &Resampling,
) -> Result<Classification, MeasureError> {
    same_length("said", said.len(), truth.len())?;
    if truth.is_empty() {
        return Err(MeasureError::Empty);
    }
    if let Some(other) = truth.iter().chain(said).find(|class| **class >= classes) {
        return Err(settings(format!("class {other} is none of {classes}: classes are numbered from 0")));
    }
    let rows: Vec<usize> = (0..truth.len()).collect();
    let (counts, accuracy) = counted(truth, said, classes, rows.iter().copied());
    let resampled = how.run(|stream| {
        let (counts, accuracy) = counted(truth, said, classes, (0..truth.len()).map(|_| stream.index(truth.len())));
        (counts.iter().map(|count| count.f1().unwrap_or(f64::NAN)).collect::<Vec<f64>>(), accuracy)
    })?;
    let interval = |value: f64, all: Vec<f64>| Interval::of_resamples(value, all, how.level);
    let one = |(class, count): (usize, &Counts)| ClassFigures {
        rows: count.rows as usize,
        said: count.said as usize,
        precision: wilson(count.hits, count.said, how.level),
        recall: wilson(count.hits, count.rows, how.level),
        f1: count.f1().map(|f1| interval(f1, resampled.iter().map(|(all, _)| all[class]).collect())),
    };
    let figures = counts.iter().enumerate().map(one).collect();
    let own: Vec<f64> = counts.iter().map(|count| count.f1().unwrap_or(f64::NAN)).collect();
    Ok(Classification {
        rows: truth.len(),
        accuracy: interval(accuracy, resampled.iter().map(|(_, accuracy)| *accuracy).collect()),
        macro_f1: interval(mean_of_known(&own), resampled.iter().map(|(all, _)| mean_of_known(all)).collect()),
        classes: figures,
    })
}

fn counted(truth: &[usize], said: &[usize], classes: usize, rows: impl Iterator<Item = usize>) -> (Vec<Counts>, f64) {
    let mut counts = vec![Counts::default(); classes];
    let (mut right, mut all) = (0.0, 0.0);
    for row in rows {
        let hit = f64::from(u8::from(truth[row] == said[row]));
        counts[truth[row]].rows += 1.0;
        counts[said[row]].said += 1.0;
        counts[truth[row]].hits += hit;
        right += hit;
        all += 1.0;
    }
    (counts, right / all)
}

fn mean_of_known(values: &[f64]) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}
