//! How good recommendations are: against what customers took later, and what another policy would have earned.
//!
//! Figures are those of `florin_measurement::ranking` and `policy`; here stand the ways to hide what is to be found.

use std::collections::{BTreeMap, BTreeSet};

use florin_domain::{CustomerId, EventTime};
use florin_measurement::{
    Interval, Level,
    policy::{Log, PolicyValue, policy_value},
    ranking::{List, RankingFigures, Spread, ranking, spread},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    alike::Alike,
    error::{DecisionError, Result, argument},
    holdings::Holdings,
    random::Random,
};

/// One customer: what is shown of the holdings, and what is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// What the customer holds, as far as it is shown.
    pub shown: Vec<u32>,
    /// What the customer holds too, or took later; at least one item, none of them shown.
    pub wanted: Vec<u32>,
}

/// Whom to learn from, whom to choose by, and whom to judge by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Learnt from.
    pub train: Holdings,
    /// Methods and settings are chosen by these.
    pub validation: Vec<Hidden>,
    /// What was chosen is judged by these, once.
    pub test: Vec<Hidden>,
}

/// Customers drawn by a seed: `share` of those who hold at least two items validate, as many test, all others are learnt from whole. Of each drawn customer one item, drawn too, is
/// hidden ("all but one", Breese, Heckerman and Kadie 1998), so nothing of those who test is learnt from.
///
/// # Errors
/// When the share is not above 0 and at most 0.4, or too few customers hold two items.
pub fn by_customer(holdings: &Holdings, share: f64, seed: u64) -> Result<Split> {
    if !(share > 0.0 && share <= 0.4) {
        return Err(argument("the share of customers who test", share, "it is above 0 and at most 0.4"));
    }
    let mut random = Random::new(seed);
    let mut able: Vec<usize> = (0..holdings.customers()).filter(|row| holdings.row(*row).len() > 1).collect();
    random.shuffle(&mut able);
    let each = (able.len() as f64 * share) as usize;
    if each < 2 {
        return Err(DecisionError::TooLittle { what: "customers who hold two items", found: able.len(), needed: 5 });
    }
    let mut hide = |rows: &[usize]| -> Vec<Hidden> {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        rows.into_iter()
            .map(|row| {
                let mut shown = holdings.row(row).to_vec();
                let wanted = vec![shown.remove(random.below(shown.len()))];
                Hidden { shown, wanted }
            })
            .collect()
    };
    let (validation, test) = (hide(&able[..each]), hide(&able[each..2 * each]));
    let drawn: BTreeSet<usize> = able[..2 * each].iter().copied().collect();
    let rest = (0..holdings.customers()).filter(|row| !drawn.contains(row)).map(|row| holdings.row(row));
    Ok(Split { train: holdings.with_rows(rest)?, validation, test })
}

/// When a customer came to hold an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// Who.
    pub customer: CustomerId,
    /// What, by its number.
    pub item: u32,
    /// When.
    pub at: EventTime,
}

/// By time: what was held before `validate_from` is learnt from; those who took something new from then on and before `test_from` validate; those who did from
/// `test_from` on test. Each is shown what the customer held right before.
///
/// # Errors
/// When the moments are out of order, an item has no name, or nobody took anything before the first or after either.
pub fn by_time(items: &[String], taken: &[Taken], validate_from: EventTime, test_from: EventTime) -> Result<Split> {
    if validate_from >= test_from {
        return Err(argument("the start of the test", test_from.micros(), "it comes after that of the validation"));
    }
    let mut first: BTreeMap<CustomerId, BTreeMap<u32, EventTime>> = BTreeMap::new();
    for one in taken {
        let at = first.entry(one.customer).or_default().entry(one.item).or_insert(one.at);
        *at = one.at.min(*at);
    }
    let between = |of: &BTreeMap<u32, EventTime>, from: EventTime, to: EventTime| -> Vec<u32> {
        of.iter().filter(|(_, at)| (from..to).contains(*at)).map(|(item, _)| *item).collect()
    };
    let (start, end) = (EventTime(i64::MIN), EventTime(i64::MAX));
    let hidden = |from: EventTime, to: EventTime| -> Vec<Hidden> {
        let of = |of| Hidden { shown: between(of, start, from), wanted: between(of, from, to) };
        first.values().map(of).filter(|hidden| !hidden.wanted.is_empty()).collect()
    };
    let train = first.values().map(|of| between(of, start, validate_from)).filter(|row| !row.is_empty());
    let split = Split {
        train: Holdings::new(items.to_vec(), train)?,
        validation: hidden(validate_from, test_from),
        test: hidden(test_from, end),
    };
    let counts = [
        ("customers who took something before the validation", split.train.customers()),
        ("customers who took something in the validation", split.validation.len()),
        ("customers who took something in the test", split.test.len()),
    ];
    match counts.into_iter().find(|(_, found)| *found < 2) {
        Some((what, found)) => Err(DecisionError::TooLittle { what, found, needed: 2 }),
        None => Ok(split),
    }
}

/// The first `k` items that a model recommends each customer.
///
/// # Errors
/// When an item's number is none.
pub fn lists(model: &Alike, of: &[Hidden], k: usize) -> Result<Vec<Vec<u32>>> {
    of.par_iter().map(|hidden| model.list(&hidden.shown, k)).collect()
}

/// Figures of lists, and of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// MAP, NDCG, recall and more at k.
    pub figures: RankingFigures,
    /// Coverage, novelty, concentration at k.
    pub spread: Spread,
}

/// Judges lists against what was wanted. `holders` says how many of `people` hold each item; all items are of one kind.
///
/// # Errors
/// When there are no lists, lengths differ, or a list names an item twice.
pub fn judge(lists: &[Vec<u32>], of: &[Hidden], k: usize, holders: &[u64], people: u64) -> Result<Judged> {
    let wanted = wanted(of);
    let refs: Vec<&[u32]> = lists.iter().map(Vec::as_slice).collect();
    Ok(Judged {
        figures: ranking(&pair(lists, &wanted)?, k, Level::USUAL)?,
        spread: spread(&refs, k, &vec![0; holders.len()], holders, people)?,
    })
}

/// How much more one way of ranking finds than another, with the interval of differences by customer: the same customers, so what
/// makes some easier than others cancels out.
///
/// # Errors
/// When there are no lists, lengths differ, or a list names an item twice.
pub fn ndcg_difference(ours: &[Vec<u32>], theirs: &[Vec<u32>], of: &[Hidden], k: usize) -> Result<Interval> {
    let wanted = wanted(of);
    let (ours, theirs) = (pair(ours, &wanted)?, pair(theirs, &wanted)?);
    let each = |(a, b): (&List<'_>, &List<'_>)| -> Result<f64> {
        let of = |list: &List<'_>| ranking(&[*list], k, Level::USUAL).map(|figures| figures.ndcg.value);
        Ok(of(a)? - of(b)?)
    };
    let differences = ours.iter().zip(&theirs).map(each).collect::<Result<Vec<f64>>>()?;
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let error = if n > 1.0 { (squares / (n - 1.0) / n).sqrt() } else { f64::INFINITY };
    Ok(Interval::around(mean, error, Level::USUAL))
}

fn wanted(of: &[Hidden]) -> Vec<Vec<(u32, f64)>> {
    of.iter().map(|hidden| hidden.wanted.iter().map(|item| (*item, 1.0)).collect()).collect()
}

fn pair<'a>(lists: &'a [Vec<u32>], wanted: &'a [Vec<(u32, f64)>]) -> Result<Vec<List<'a>>> {
    if lists.len() != wanted.len() || lists.is_empty() {
        return Err(argument("the number of lists", lists.len(), "there is one for each customer, and at least one"));
    }
    Ok(lists.iter().zip(wanted).map(|(list, wanted)| List { recommended: list, wanted }).collect())
}

/// An offer that was made, how likely it was to be made then, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// To whom.
    pub customer: CustomerId,
    /// Which.
    pub offer: String,
    /// The old policy's chance of making this offer, above 0.
    pub chance: f64,
    /// What came of it: 1 and 0 for taken and not, or money.
    pub reward: f64,
}

/// What a new policy would have earned an offer, from the log of the one that ran: inverse-propensity and self-normalised estimates with
/// intervals. `policy` says how likely it is to make this offer to this customer: 1 and 0 for one that always takes the first of its list. Weights above `weight_max` are cut.
///
/// # Errors
/// When the log is empty, a chance is not one, or the policy makes none of the offers of the log.
pub fn off_policy(log: &[Made], policy: impl Fn(CustomerId, &str) -> f64, weight_max: f64) -> Result<PolicyValue> {
    let logged: Vec<f64> = log.iter().map(|made| made.chance).collect();
    let target: Vec<f64> = log.iter().map(|made| policy(made.customer, &made.offer)).collect();
    let reward: Vec<f64> = log.iter().map(|made| made.reward).collect();
    let log = Log { logged: &logged, target: &target, reward: &reward, expected: None };
    Ok(policy_value(&log, weight_max, Level::USUAL)?)
}
