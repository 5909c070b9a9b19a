//! What decisions do: to groups, and at other thresholds.

use std::cmp::Ordering;

use florin_domain::Purpose;
use florin_measurement::{
    Confusion, Resampling, SmallGroups,
    fairness::{Favourable, Gap, GroupRates, Rule, TradeOff, Worth, overview, pairs, rates, trade_off},
};

use super::{
    Decision, GroupBy,
    report::{AxisFairness, ThresholdRow},
    rows::{Scored, measured},
};
use crate::{
    definition::{ModelDef, Words},
    error::Result,
};

/// Shares of rows taken that thresholds are shown for.
const SHARES: [f64; 10] = [0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50, 0.70];

/// As many test rows are taken as said yes in training; that is good for a customer unless the model is for risk.
pub(super) fn default_decision(definition: &ModelDef, train: &Scored, test: &Scored) -> Decision {
    let share = train.positives() as f64 / train.labels.len().max(1) as f64;
    let favourable = match definition.purposes.contains(&Purpose::Risk) {
        true => Favourable::Below,
        false => Favourable::Above,
    };
    Decision { threshold: taking(test, share), favourable }
}

/// The score from which on this share of rows is taken.
fn taking(test: &Scored, share: f64) -> f64 {
    let mut sorted = test.scores.clone();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let wanted = ((sorted.len() as f64 * share).round() as usize).clamp(1, sorted.len().max(1));
    sorted.get(wanted - 1).copied().unwrap_or(f64::INFINITY)
}

/// How decisions treat the groups of each axis.
pub(super) fn by_axis(
    axes: &[GroupBy],
    test: &Scored,
    decision: Decision,
    small: SmallGroups,
    how: &Resampling,
) -> Result<Vec<AxisFairness>> {
    axes.iter().map(|axis| one(axis, test, decision, small, how)).collect()
}

fn one(
    axis: &GroupBy,
    test: &Scored,
    decision: Decision,
    small: SmallGroups,
    how: &Resampling,
) -> Result<AxisFairness> {
    let found = group_rates(axis, test, decision, small, how)?;
    let asked = TradeOff {
        rule: Rule::OneForAll(SHARES.iter().map(|share| taking(test, *share)).collect()),
        favourable: decision.favourable,
        worth: Worth::default(),
        gap: Gap::Parity,
        small,
    };
    // Fewer than two groups that are large enough have nothing to trade.
    let large = found.iter().filter(|group| group.rates.is_some()).count();
    let trades = match large >= 2 {
        true => {
            let whole = florin_measurement::Sample::new(&test.scores, &test.labels).map_err(measured)?;
            trade_off(&whole, axis.groups()?, &asked).map_err(measured)?
        }
        false => Vec::new(),
    };
    Ok(AxisFairness {
        axis: axis.axis.clone(),
        words: axis.words.clone(),
        protected: axis.protected,
        names: axis.names().to_vec(),
        pairs: pairs(&found, how.level),
        overview: overview(&found),
        rates: found,
        trades,
    })
}

fn group_rates(
    axis: &GroupBy,
    test: &Scored,
    decision: Decision,
    small: SmallGroups,
    how: &Resampling,
) -> Result<Vec<GroupRates>> {
    let favoured: Vec<bool> =
        test.scores.iter().map(|score| decision.favourable.decides(*score, decision.threshold)).collect();
    let deserving: Vec<bool> = test.labels.iter().map(|label| decision.favourable.deserved(*label)).collect();
    rates(&favoured, &deserving, axis.groups()?, small, how.level).map_err(measured)
}

/// What thresholds that take more and more rows bring and cost, and what they do to protected groups.
pub(super) fn thresholds(
    axes: &[GroupBy],
    test: &Scored,
    decision: Decision,
    small: SmallGroups,
) -> Result<Vec<ThresholdRow>> {
    let mut rows: Vec<ThresholdRow> = Vec::new();
    for share in SHARES {
        let threshold = taking(test, share);
        if rows.last().is_some_and(|row| row.threshold == threshold) {
            continue;
        }
        let mut counts = Confusion::default();
        for (row, (score, label)) in test.scores.iter().zip(&test.labels).enumerate() {
            counts.add(*score >= threshold, *label, test.weight(row));
        }
        let rate = counts.positives() / counts.rows();
        let precision = counts.precision().unwrap_or(0.0);
        rows.push(ThresholdRow {
            threshold,
            taken: counts.selection_rate().unwrap_or(0.0),
            precision,
            recall: counts.true_positive_rate().unwrap_or(0.0),
            false_positive_rate: counts.false_positive_rate().unwrap_or(0.0),
            lift: precision / rate,
            lowest_ratio: lowest_ratio(axes, test, Decision { threshold, ..decision }, small)?,
        });
    }
    Ok(rows)
}

/// The lowest ratio of favourable decisions between groups of a protected axis.
fn lowest_ratio(
    axes: &[GroupBy],
    test: &Scored,
    decision: Decision,
    small: SmallGroups,
) -> Result<Option<(f64, String, Words)>> {
    let mut lowest: Option<(f64, String, Words)> = None;
    for axis in axes.iter().filter(|axis| axis.protected) {
        let found = group_rates(axis, test, decision, small, &Resampling::new(0))?;
        let mut selected: Vec<(f64, &str)> =
            found.iter().filter_map(|g| Some((g.rates?.selection_rate.value, g.name.as_str()))).collect();
        selected.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
        let (Some(least), Some(most)) = (selected.first(), selected.last()) else { continue };
        if selected.len() < 2 || most.0 <= 0.0 {
            continue;
        }
        let ratio = least.0 / most.0;
        if lowest.as_ref().is_none_or(|(lowest, ..)| ratio < *lowest) {
            lowest = Some((ratio, axis.axis.clone(), axis.called(least.1)));
        }
    }
    Ok(lowest)
}
