//! How good predictions of times are, where some were not seen to the end.
//!
//! - Survival by Kaplan and Meier (1958), with Greenwood's variance on the log-log scale (Kalbfleisch and Prentice 1980).
//! - Concordance by Harrell (1982): of pairs of which one is known to have happened before the other, the share in which it had the
//!   higher risk; equal risks count half. Its interval resamples rows.
//! - Chances by a time are judged on rows whose outcome by then is known, each weighed by the inverse of its chance not to have been lost
//!   sight of (Graf and others 1999 for Brier; Uno and others 2007 for the AUC of those it happened to by then against those it did not).

use serde::{Deserialize, Serialize};

use crate::{
    bootstrap::Resampling,
    error::{MeasureError, every, same_length, settings},
    interval::{Interval, Level},
};

/// The chance not to have been lost sight of is kept this far from 0, so that no single row outweighs all others.
const SEEN_MIN: f64 = 0.05;

/// How long each row was seen, and whether it happened then.
#[derive(Debug, Clone, Copy)]
pub struct Times<'a> {
    times: &'a [f64],
    happened: &'a [bool],
}

impl<'a> Times<'a> {
    /// Times in any unit, above 0; of rows to which it did not happen, how long they were seen.
    ///
    /// # Errors
    /// When there are no rows, lengths differ, or a time is not above 0.
    pub fn new(times: &'a [f64], happened: &'a [bool]) -> Result<Self, MeasureError> {
        same_length("happened", happened.len(), times.len())?;
        if times.is_empty() {
            return Err(MeasureError::Empty);
        }
        every("times", "a finite number above 0", times, |time| time.is_finite() && time > 0.0)?;
        Ok(Self { times, happened })
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Never: there are rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Of each row, whether it happened by a time and how much that weighs; nothing of rows that were lost sight of before.
    #[must_use]
    pub fn known_by(&self, time: f64) -> Vec<Option<(bool, f64)>> {
        let lost = KaplanMeier::counting(self, |happened| !happened);
        let weight = |seen: f64| 1.0 / seen.max(SEEN_MIN);
        let one = |(at, happened): (&f64, &bool)| match (*happened && *at <= time, *at >= time) {
            (true, _) => Some((true, weight(lost.before(*at)))),
            // Who was seen to the very end of it is known not to have had it happen.
            (false, true) => Some((false, weight(lost.before(time)))),
            (false, false) => None,
        };
        self.times.iter().zip(self.happened).map(one).collect()
    }
}

/// The share to which it has not happened yet, by time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KaplanMeier {
    steps: Vec<Step>,
}

/// A time at which it happened.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Step {
    time: f64,
    /// The share from then on.
    left: f64,
    /// Greenwood's sum.
    spread: f64,
}

impl KaplanMeier {
    /// Of all rows.
    #[must_use]
    pub fn of(times: &Times<'_>) -> Self {
        Self::counting(times, |happened| happened)
    }

    fn counting(times: &Times<'_>, counts: impl Fn(bool) -> bool) -> Self {
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_unstable_by(|&a, &b| times.times[a].total_cmp(&times.times[b]));
        let (mut steps, mut left, mut spread, mut at) = (Vec::new(), 1.0, 0.0, 0);
        while at < order.len() {
            let time = times.times[order[at]];
            let there = (order.len() - at) as f64;
            let tied = order[at..].iter().take_while(|&&row| times.times[row] == time).count();
            let gone = order[at..at + tied].iter().filter(|&&row| counts(times.happened[row])).count() as f64;
            if gone > 0.0 {
                left *= 1.0 - gone / there;
                spread += if gone < there { gone / (there * (there - gone)) } else { 0.0 };
                steps.push(Step { time, left, spread });
            }
            at += tied;
        }
        Self { steps }
    }

    /// The share to which it has not happened by a time.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        self.step(self.steps.partition_point(|step| step.time <= time)).0
    }

    /// The same just before a time.
    fn before(&self, time: f64) -> f64 {
        self.step(self.steps.partition_point(|step| step.time < time)).0
    }

    /// The share with its interval.
    #[must_use]
    pub fn interval(&self, time: f64, level: Level) -> Interval {
        let (left, spread) = self.step(self.steps.partition_point(|step| step.time <= time));
        if left <= 0.0 || left >= 1.0 {
            return Interval { low: left, value: left, high: left };
        }
        let room = level.z() * spread.sqrt() / left.ln().abs();
        let end = |sign: f64| left.powf((sign * room).exp());
        Interval { low: end(1.0), value: left, high: end(-1.0) }
    }

    fn step(&self, steps: usize) -> (f64, f64) {
        steps.checked_sub(1).map_or((1.0, 0.0), |last| (self.steps[last].left, self.steps[last].spread))
    }
}

/// Concordance of risks with times, with a bootstrap interval.
///
/// # Errors
/// When lengths differ, a risk is not finite, no pair can be compared, or by the bounds of resampling.
pub fn concordance(times: &Times<'_>, risk: &[f64], how: &Resampling) -> Result<Interval, MeasureError> {
    let pairs = Pairs::of(times, risk)?;
    let value = pairs.share(&vec![1.0; times.len()]).ok_or_else(no_pair)?;
    let resampled = how.run(|stream| pairs.share(&drawn(times.len(), stream)).unwrap_or(f64::NAN))?;
    Ok(Interval::of_resamples(value, resampled, how.level))
}

/// Two concordances on the same rows and their difference, each with its interval; both are drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConcordanceComparison {
    /// Of the first risks.
    pub first: Interval,
    /// Of the second.
    pub second: Interval,
    /// The first less the second.
    pub difference: Interval,
}

/// Compares two orders of the same rows.
///
/// # Errors
/// As [`concordance`].
pub fn compare_concordance(
    times: &Times<'_>,
    (first, second): (&[f64], &[f64]),
    how: &Resampling,
) -> Result<ConcordanceComparison, MeasureError> {
    let (a, b) = (Pairs::of(times, first)?, Pairs::of(times, second)?);
    let both = |weights: &[f64]| Some((a.share(weights)?, b.share(weights)?));
    let (first, second) = both(&vec![1.0; times.len()]).ok_or_else(no_pair)?;
    let resampled = how.run(|stream| both(&drawn(times.len(), stream)).unwrap_or((f64::NAN, f64::NAN)))?;
    let of = |value: f64, part: fn(&(f64, f64)) -> f64| {
        Interval::of_resamples(value, resampled.iter().map(part).collect(), how.level)
    };
    Ok(ConcordanceComparison {
        first: of(first, |pair| pair.0),
        second: of(second, |pair| pair.1),
        difference: of(first - second, |pair| pair.0 - pair.1),
    })
}

fn no_pair() -> MeasureError {
    settings("no two rows can be compared: of no row is it known that it happened before another's time was over")
}

/// How often each row is drawn, with replacement.
fn drawn(rows: usize, stream: &mut crate::random::Stream) -> Vec<f64> {
    let mut weights = vec![0.0; rows];
    (0..rows).for_each(|_| weights[stream.index(rows)] += 1.0);
    weights
}

/// Rows in the order in which pairs are counted: resamples only count, they never sort.
struct Pairs<'a> {
    times: &'a Times<'a>,
    /// By falling time.
    order: Vec<u32>,
    /// Each row's place among the different risks.
    rank: Vec<u32>,
    ranks: usize,
}

impl<'a> Pairs<'a> {
    fn of(times: &'a Times<'a>, risk: &[f64]) -> Result<Self, MeasureError> {
        same_length("risk", risk.len(), times.len())?;
        every("risk", "a finite number", risk, f64::is_finite)?;
        let mut known = risk.to_vec();
        known.sort_unstable_by(f64::total_cmp);
        known.dedup();
        let rank = risk.iter().map(|risk| known.partition_point(|other| other < risk) as u32).collect();
        let mut order: Vec<u32> = (0..times.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| times.times[b as usize].total_cmp(&times.times[a as usize]).then(a.cmp(&b)));
        Ok(Self { times, order, rank, ranks: known.len() })
    }

    /// The share of pairs in the right order; nothing without pairs.
    fn share(&self, weights: &[f64]) -> Option<f64> {
        let (mut pairs, mut agreeing, mut there, mut at) = (0.0, 0.0, 0.0, 0);
        let mut longer = Tally(vec![0.0; self.ranks + 1]);
        while at < self.order.len() {
            let time = self.times.times[self.order[at] as usize];
            let tied = self.order[at..].iter().take_while(|row| self.times.times[**row as usize] == time).count();
            let tied = &self.order[at..at + tied];
            let of = |wanted: bool| {
                tied.iter().map(|row| *row as usize).filter(move |row| self.times.happened[*row] == wanted)
            };
            // Who was seen no longer after the same time outlived those to whom it happened then.
            for row in of(false).filter(|row| weights[*row] > 0.0) {
                longer.add(self.rank[row], weights[row]);
                there += weights[row];
            }
            for row in of(true).filter(|row| weights[*row] > 0.0) {
                let (below, with) = (longer.below(self.rank[row]), longer.below(self.rank[row] + 1));
                pairs += weights[row] * there;
                agreeing += weights[row] * f64::midpoint(below, with);
            }
            for row in of(true).filter(|row| weights[*row] > 0.0) {
                longer.add(self.rank[row], weights[row]);
                there += weights[row];
            }
            at += tied.len();
        }
        (pairs > 0.0).then(|| agreeing / pairs)
    }
}

/// Weights by rank, with sums of all ranks below one (Fenwick 1994).
struct Tally(Vec<f64>);

impl Tally {
    fn add(&mut self, rank: u32, weight: f64) {
        let mut at = rank as usize + 1;
        while at < self.0.len() {
            self.0[at] += weight;
            at += at & at.wrapping_neg();
        }
    }

    fn below(&self, rank: u32) -> f64 {
        let (mut at, mut sum) = (rank as usize, 0.0);
        while at > 0 {
            sum += self.0[at];
            at -= at & at.wrapping_neg();
        }
        sum
    }
}
