//! What fairness costs: every threshold with its accuracy, worth and gaps, and the frontier among them.
//!
//! One threshold for all is one decision rule. A threshold a group equalises selection rates or true positive rates (Hardt,
//! Price and Srebro 2016), but decides by the protected attribute itself, which many laws forbid: it is here to show how
//! much one rule for all leaves on the table, not as an advice.

use serde::{Deserialize, Serialize};

use crate::{
    confusion::Confusion,
    error::{MeasureError, every, settings},
    fairness::{
        Favourable,
        rates::{Overview, gaps},
    },
    groups::{Groups, SmallGroups},
    sample::Sample,
};

/// Thresholds that may be asked for.
const GRID_MAX: usize = 10_000;

/// What one decision is worth, in any unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// Favoured, and rightly: the interest of a loan that is paid back.
    pub true_positive: f64,
    /// Favoured, and wrongly: the loss of one that is not.
    pub false_positive: f64,
    /// Not favoured, and rightly.
    pub true_negative: f64,
    /// Not favoured, and wrongly.
    pub false_negative: f64,
}

impl Default for Worth {
    /// A right decision is worth 1: worth is then accuracy.
    fn default() -> Self {
        Self { true_positive: 1.0, false_positive: 0.0, true_negative: 1.0, false_negative: 0.0 }
    }
}

impl Worth {
    fn of(&self, counts: &Confusion) -> f64 {
        let right = self.true_positive * counts.true_positives + self.true_negative * counts.true_negatives;
        right + self.false_positive * counts.false_positives + self.false_negative * counts.false_negatives
    }
}

/// How thresholds are set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// These, each for everybody.
    OneForAll(Vec<f64>),
    /// For each of these shares one a group, so that each group is favoured that often, as nearly as its scores allow.
    EqualSelection(Vec<f64>),
    /// For each of these shares one a group, so that of those who deserve it so many are favoured in each group.
    EqualOpportunity(Vec<f64>),
}

/// The gap that the frontier weighs against worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// Of selection rates.
    Parity,
    /// Of true positive rates.
    Opportunity,
    /// The larger of the gaps of true and false positive rates.
    Odds,
}

/// One way to set thresholds, and what comes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// The threshold of each group, in the order of names.
    pub thresholds: Vec<f64>,
    /// Share of rows decided rightly.
    pub accuracy: f64,
    /// Mean worth of a decision.
    pub worth: f64,
    /// Share of rows that are favoured.
    pub selection_rate: f64,
    /// The widest gaps among groups that are large enough.
    pub gaps: Overview,
    /// No other of these is worth more with no wider a gap, or has a narrower gap and is worth no less.
    pub on_frontier: bool,
}

/// What to try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TradeOff {
    /// How thresholds are set.
    pub rule: Rule,
    /// Which side is good for the customer.
    pub favourable: Favourable,
    /// What decisions are worth.
    pub worth: Worth,
    /// The gap that matters.
    pub gap: Gap,
    /// Groups that are too small to count for gaps.
    pub small: SmallGroups,
}

/// Tries them all, in the order asked for.
///
/// # Errors
/// When rows have weights, lengths differ, the grid is empty or too long, a share is not between 0 and 1, or fewer than two groups
/// are large enough.
pub fn trade_off(sample: &Sample<'_>, groups: Groups<'_>, asked: &TradeOff) -> Result<Vec<Trade>, MeasureError> {
    groups.check(sample.len())?;
    if sample.is_weighted() {
        return Err(settings("thresholds are tried on rows without weights"));
    }
    let (Rule::OneForAll(grid) | Rule::EqualSelection(grid) | Rule::EqualOpportunity(grid)) = &asked.rule;
    if !(1..=GRID_MAX).contains(&grid.len()) {
        return Err(settings(format!("{} thresholds: take 1 to {GRID_MAX}", grid.len())));
    }
    if !matches!(asked.rule, Rule::OneForAll(_)) {
        every("shares", "from 0 to 1", grid, |share| (0.0..=1.0).contains(&share))?;
    }
    let steps: Vec<Steps> = (0..groups.names().len()).map(|group| Steps::of(sample, groups, group, asked)).collect();
    if steps.iter().filter(|steps| steps.large).count() < 2 {
        return Err(settings("fewer than two groups are large enough to compare"));
    }
    let mut trades: Vec<Trade> = grid.iter().filter_map(|target| trade(&steps, *target, asked)).collect();
    mark_frontier(&mut trades, asked.gap);
    Ok(trades)
}

/// A group's decisions at each threshold that makes a difference.
struct Steps {
    /// Rising; infinite last.
    at: Vec<(f64, Confusion)>,
    large: bool,
}

impl Steps {
    fn of(sample: &Sample<'_>, groups: Groups<'_>, group: usize, asked: &TradeOff) -> Self {
        let mut rows: Vec<(f64, bool)> = (0..sample.len())
            .filter(|row| groups.of()[*row] as usize == group)
            .map(|row| (sample.scores()[row], sample.labels()[row]))
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut above = Confusion::default();
        rows.iter().for_each(|(_, label)| above.add(true, *label, 1.0));
        let mut at = Vec::new();
        for tied in rows.chunk_by(|a, b| a.0 == b.0) {
            at.push((tied[0].0, turned(above, asked.favourable)));
            for (_, label) in tied {
                above.add(true, *label, -1.0);
                above.add(false, *label, 1.0);
            }
        }
        at.push((f64::INFINITY, turned(above, asked.favourable)));
        let counts = at[0].1;
        Self { at, large: asked.small.enough(counts.positives() as usize, counts.negatives() as usize) }
    }

    /// At a threshold.
    fn threshold(&self, threshold: f64) -> (f64, Confusion) {
        let place = self.at.partition_point(|(at, _)| *at < threshold).min(self.at.len() - 1);
        (threshold, self.at[place].1)
    }

    /// Where a rate is nearest to a target; rates rise or fall all along.
    fn nearest(&self, target: f64, rate: fn(&Confusion) -> Option<f64>) -> (f64, Confusion) {
        let apart = |counts: &Confusion| rate(counts).map_or(f64::INFINITY, |rate| (rate - target).abs());
        let mut best = self.at[0];
        for step in &self.at {
            if apart(&step.1) < apart(&best.1) {
                best = *step;
            }
        }
        best
    }
}

/// Taken rows are those at or above the threshold; where below is favourable, favoured is what was left.
fn turned(counts: Confusion, favourable: Favourable) -> Confusion {
    match favourable {
        Favourable::Above => counts,
        Favourable::Below => Confusion {
            true_positives: counts.true_negatives,
            false_positives: counts.false_negatives,
            true_negatives: counts.true_positives,
            false_negatives: counts.false_positives,
        },
    }
}

fn trade(steps: &[Steps], target: f64, asked: &TradeOff) -> Option<Trade> {
    let set = |steps: &Steps| match asked.rule {
        Rule::OneForAll(_) => steps.threshold(target),
        Rule::EqualSelection(_) => steps.nearest(target, Confusion::selection_rate),
        Rule::EqualOpportunity(_) => steps.nearest(target, Confusion::true_positive_rate),
    };
    let set: Vec<(f64, Confusion)> = steps.iter().map(set).collect();
    let large: Vec<&Confusion> =
        set.iter().zip(steps).filter(|(_, s)| s.large).map(|((_, counts), _)| counts).collect();
    let mut all = Confusion::default();
    for (_, counts) in &set {
        all.true_positives += counts.true_positives;
        all.false_positives += counts.false_positives;
        all.true_negatives += counts.true_negatives;
        all.false_negatives += counts.false_negatives;
    }
    Some(Trade {
        thresholds: set.iter().map(|(threshold, _)| *threshold).collect(),
        accuracy: all.accuracy()?,
        worth: asked.worth.of(&all) / all.rows(),
        selection_rate: all.selection_rate()?,
        gaps: gaps(&large)?,
        on_frontier: false,
    })
}

fn mark_frontier(trades: &mut [Trade], gap: Gap) {
    let of = |trade: &Trade| match gap {
        Gap::Parity => trade.gaps.parity_difference,
        Gap::Opportunity => trade.gaps.opportunity_difference,
        Gap::Odds => trade.gaps.odds_difference,
    };
    let mut order: Vec<usize> = (0..trades.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&trades[*a], &trades[*b]);
        of(a).total_cmp(&of(b)).then(b.worth.total_cmp(&a.worth))
    });
    let mut best = f64::NEG_INFINITY;
    for which in order {
        if trades[which].worth > best {
            best = trades[which].worth;
            trades[which].on_frontier = true;
        }
    }
}
