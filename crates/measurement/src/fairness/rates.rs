//! How often each group is decided favourably, and how often rightly.

use serde::{Deserialize, Serialize};

use crate::{
    confusion::Confusion,
    error::{MeasureError, same_length},
    groups::{Groups, SmallGroups},
    interval::{Interval, Level, wilson},
};

/// The decisions about one group. "Taken" in [`Confusion`] is decided favourably, "positive" is deserving it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupRates {
    /// Its name.
    pub name: String,
    /// Rows by decision and desert.
    pub counts: Confusion,
    /// None when too few; then no pair is made of it either.
    pub rates: Option<Rates>,
}

/// Rates with Wilson's intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Share that is decided favourably.
    pub selection_rate: Interval,
    /// Of those who deserve it. None when nobody does.
    pub true_positive_rate: Option<Interval>,
    /// Of those who do not. None when everybody does.
    pub false_positive_rate: Option<Interval>,
    /// Share of the favoured who deserve it. None when nobody is favoured.
    pub precision: Option<Interval>,
    /// Share decided rightly.
    pub accuracy: Interval,
}

/// The widest gaps among groups that are large enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Highest selection rate less the lowest (demographic parity difference).
    pub parity_difference: f64,
    /// Lowest selection rate over the highest; none where nobody is selected.
    pub parity_ratio: Option<f64>,
    /// Highest true positive rate less the lowest (equal opportunity, Hardt, Price and Srebro 2016).
    pub opportunity_difference: f64,
    /// The larger of that and the same of false positive rates (equalised odds).
    pub odds_difference: f64,
}

/// The rates of each group, in the order of names. `favoured` says what was decided, `deserving` what would have been right.
///
/// # Errors
/// When lengths differ.
pub fn rates(
    favoured: &[bool],
    deserving: &[bool],
    groups: Groups<'_>,
    small: SmallGroups,
    level: Level,
) -> Result<Vec<GroupRates>, MeasureError> {
    same_length("deserving", deserving.len(), favoured.len())?;
    groups.check(favoured.len())?;
    let mut counts = vec![Confusion::default(); groups.names().len()];
    for ((group, favoured), deserving) in groups.of().iter().zip(favoured).zip(deserving) {
        counts[*group as usize].add(*favoured, *deserving, 1.0);
    }
    let one = |(name, counts): (&String, Confusion)| GroupRates {
        name: name.clone(),
        counts,
        rates: Rates::of(&counts, small, level),
    };
    Ok(groups.names().iter().zip(counts).map(one).collect())
}

impl Rates {
    fn of(counts: &Confusion, small: SmallGroups, level: Level) -> Option<Self> {
        if !small.enough(counts.positives() as usize, counts.negatives() as usize) {
            return None;
        }
        Some(Self {
            selection_rate: wilson(counts.taken(), counts.rows(), level)?,
            true_positive_rate: wilson(counts.true_positives, counts.positives(), level),
            false_positive_rate: wilson(counts.false_positives, counts.negatives(), level),
            precision: wilson(counts.true_positives, counts.taken(), level),
            accuracy: wilson(counts.true_positives + counts.true_negatives, counts.rows(), level)?,
        })
    }
}

/// The widest gaps; none with fewer than two groups that are large enough.
#[must_use]
pub fn overview(groups: &[GroupRates]) -> Option<Overview> {
    let large: Vec<&Confusion> = groups.iter().filter(|g| g.rates.is_some()).map(|g| &g.counts).collect();
    gaps(&large)
}

pub(crate) fn gaps(groups: &[&Confusion]) -> Option<Overview> {
    if groups.len() < 2 {
        return None;
    }
    let ends = |rate: fn(&Confusion) -> Option<f64>| {
        let rates = groups.iter().filter_map(|counts| rate(counts));
        rates.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), rate| (low.min(rate), high.max(rate)))
    };
    let gap = |(low, high): (f64, f64)| if high >= low { high - low } else { 0.0 };
    let selected = ends(Confusion::selection_rate);
    let opportunity_difference = gap(ends(Confusion::true_positive_rate));
    Some(Overview {
        parity_difference: gap(selected),
        parity_ratio: (selected.1 > 0.0).then(|| selected.0 / selected.1),
        opportunity_difference,
        odds_difference: opportunity_difference.max(gap(ends(Confusion::false_positive_rate))),
    })
}
