//! Two groups beside each other.

use serde::{Deserialize, Serialize};

use crate::{
    confusion::Confusion,
    fairness::rates::{GroupRates, Rates},
    interval::{Interval, Level, difference, ratio},
};

/// The rule of thumb of the US Uniform Guidelines on Employee Selection Procedures (1978, 29 CFR 1607.4 D): a selection rate below
/// four fifths of the highest is evidence of adverse impact.
pub const FOUR_FIFTHS: f64 = 0.8;

/// What the four-fifths rule says of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FourFifths {
    /// The ratio is four fifths or more.
    Passes,
    /// It is less, but its interval reaches four fifths.
    MayBeChance,
    /// It is less, and so is all of its interval.
    Fails,
}

/// A group, and one that is decided favourably at least as often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The one.
    pub group: String,
    /// The one that is favoured more.
    pub favoured: String,
    /// Its selection rate less the favoured one's, with Newcombe's interval (statistical parity difference).
    pub parity_difference: Interval,
    /// Its selection rate over the favoured one's, with Katz's interval (disparate impact); none where nobody is selected.
    pub impact_ratio: Option<Interval>,
    /// What the four-fifths rule says of the ratio.
    pub four_fifths: FourFifths,
    /// The same difference among those who deserve it (equal opportunity difference).
    pub opportunity_difference: Option<Interval>,
    /// And among those who do not.
    pub false_positive_difference: Option<Interval>,
    /// The mean of the last two (average odds difference).
    pub odds_difference: Option<f64>,
}

/// Every pair of groups that are large enough, the lowest ratio first.
#[must_use]
pub fn pairs(groups: &[GroupRates], level: Level) -> Vec<Pair> {
    let large: Vec<(&GroupRates, &Rates)> = groups.iter().filter_map(|g| Some((g, g.rates.as_ref()?))).collect();
    let mut found = Vec::new();
    for (i, one) in large.iter().enumerate() {
        for other in &large[i + 1..] {
            let swapped = one.1.selection_rate.value > other.1.selection_rate.value;
            let (less, more) = if swapped { (other, one) } else { (one, other) };
            found.push(pair(*less, *more, level));
        }
    }
    let lowest = |pair: &Pair| pair.impact_ratio.map_or(1.0, |ratio| ratio.value);
    found.sort_by(|a, b| {
        lowest(a).total_cmp(&lowest(b)).then_with(|| (&a.group, &a.favoured).cmp(&(&b.group, &b.favoured)))
    });
    found
}

fn pair((less, a): (&GroupRates, &Rates), (more, b): (&GroupRates, &Rates), level: Level) -> Pair {
    let selected = |counts: &Confusion| (counts.taken(), counts.rows());
    let impact_ratio = ratio(selected(&less.counts), selected(&more.counts), level);
    let both = |a: Option<Interval>, b: Option<Interval>| Some(difference(a?, b?));
    let opportunity_difference = both(a.true_positive_rate, b.true_positive_rate);
    let false_positive_difference = both(a.false_positive_rate, b.false_positive_rate);
    let mean = |a: Option<Interval>, b: Option<Interval>| Some((a?.value + b?.value) / 2.0);
    Pair {
        group: less.name.clone(),
        favoured: more.name.clone(),
        parity_difference: difference(a.selection_rate, b.selection_rate),
        impact_ratio,
        four_fifths: verdict(impact_ratio),
        opportunity_difference,
        false_positive_difference,
        odds_difference: mean(opportunity_difference, false_positive_difference),
    }
}

fn verdict(ratio: Option<Interval>) -> FourFifths {
    match ratio {
        Some(ratio) if ratio.high < FOUR_FIFTHS => FourFifths::Fails,
        Some(ratio) if ratio.value < FOUR_FIFTHS => FourFifths::MayBeChance,
        _ => FourFifths::Passes,
    }
}
