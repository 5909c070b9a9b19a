//! Whether a model of the odd ones may be released: how many it flags and whom, whether forests of other seeds flag the same, what moves with time, and,
//! where somebody says who turned out to be odd, whether it puts those first.
//!
//! Nothing is learnt from a label, so none is needed. What flags are worth is known only where there is one, and an evaluation without says so.

use florin_domain::Purpose;
use florin_measurement::{
    Discrimination, Interval, Resampling, Sample, SmallGroups, compare_auc, discriminate, wilson,
};
use serde::{Deserialize, Serialize};

use super::{
    GroupBy, Periods, drift,
    odd_words::{findings, verdicts},
    report::{FeatureDrift, Finding, GuardVerdict},
    rows::{ROWS_MAX, drawn, measured},
};
use crate::{
    definition::{ModelDef, Words},
    error::{ModelError, Result, same_length},
    explain::{Importance, importance},
    frame::{Frame, Values},
    isolation::{IsolationForest, IsolationSettings},
    learner::Model,
};
use florin_measurement::stability::{NumberBins, Stability};

/// Forests of other seeds that it is compared with.
const OTHERS: u64 = 4;
/// Rows that contributions are averaged over.
const EXPLAINED: usize = 2000;
/// Bins of scores.
const BINS: usize = 10;
/// The distance between quartiles of a bell curve, in standard deviations.
const QUARTILES: f64 = 1.349;

/// Rows, with what became of them.
#[derive(Clone, Copy)]
pub struct OddPart<'a> {
    /// The rows.
    pub frame: &'a Frame,
    /// Which turned out to be odd, of those of which it is known; nothing where nobody says.
    pub happened: Option<&'a [Option<bool>]>,
    /// When each was, if that is known.
    pub periods: Option<&'a Periods>,
}

/// What is to be evaluated.
#[derive(Clone, Copy)]
pub struct OddAsked<'a> {
    /// What the model is to be, with its guards.
    pub definition: &'a ModelDef,
    /// What was grown.
    pub model: &'a IsolationForest,
    /// With which settings: other seeds are compared.
    pub settings: &'a IsolationSettings,
    /// What share of training is flagged.
    pub share: f64,
    /// What it was grown from.
    pub train: OddPart<'a>,
    /// What it has not seen.
    pub test: OddPart<'a>,
    /// Groups of the test rows.
    pub groups: &'a [GroupBy],
    /// Draws resamples and the other seeds.
    pub seed: u64,
}

/// Everything that was measured of a model of the odd ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddEvaluation {
    /// The definition's name.
    pub model: String,
    /// What it looks for.
    pub meaning: Words,
    /// Who answers for it.
    pub owner: String,
    /// What it may be used for.
    pub purposes: Vec<Purpose>,
    /// The definition's hash.
    pub definition: String,
    /// The kind of model, in a word or two.
    pub kind: String,
    /// What chance started from.
    pub seed: u64,
    /// How much it rests on.
    pub rows: OddRows,
    /// What a reader must know first, the worst first.
    pub findings: Vec<Finding>,
    /// Each guard of the definition.
    pub guards: Vec<GuardVerdict>,
    /// What share of training was to be flagged.
    pub share: f64,
    /// Scores above it are flagged.
    pub threshold: f64,
    /// What share of the test is.
    pub flagged: Interval,
    /// Of as many test rows as are to be flagged, the share that a forest of another seed puts first too: the least of them, their mean, the most.
    pub agreement: Interval,
    /// The rank correlation of scores with those of other seeds: the least, the mean, the most.
    pub correlation: Interval,
    /// Where somebody says who turned out to be odd.
    pub check: Option<OddCheck>,
    /// How often groups are flagged, by axis.
    pub groups: Vec<OddAxis>,
    /// Scores of the test against those of training.
    pub scores: Stability,
    /// Each feature in the test against training, the one that moved most first.
    pub features: Vec<FeatureDrift>,
    /// Period by period.
    pub periods: Vec<OddPeriod>,
    /// How much scores go by each feature, the largest first.
    pub importance: Vec<Importance>,
    /// How much each feature raised the scores of those who are flagged, the largest first.
    pub oddest: Vec<Importance>,
}

/// How much an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddRows {
    /// Rows it was grown from.
    pub train: usize,
    /// Rows it was tested on.
    pub test: usize,
    /// Features.
    pub features: usize,
    /// Forests of other seeds that it was compared with.
    pub others: usize,
    /// The first and last period it was grown from.
    pub train_periods: Option<(String, String)>,
    /// The first and last period it was tested on.
    pub test_periods: Option<(String, String)>,
}

/// Whether it puts first what turned out to be odd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddCheck {
    /// How well scores rank, with intervals.
    pub figures: Discrimination,
    /// Of those flagged, the share that was odd; nothing where nobody was flagged.
    pub among_flagged: Option<Interval>,
    /// Of all others, the share that was.
    pub among_others: Option<Interval>,
    /// The AUC of going by the number that is farthest from its median; nothing without numbers.
    pub plain: Option<OddBaseline>,
}

/// A plain rule, and the model beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddBaseline {
    /// What it is.
    pub words: Words,
    /// Its AUC on the same rows.
    pub auc: Interval,
    /// The model's less its.
    pub above: Interval,
}

/// How often groups of one axis are flagged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddAxis {
    /// The column.
    pub axis: String,
    /// What people call it.
    pub words: Words,
    /// Whether it is a protected attribute.
    pub protected: bool,
    /// The groups, the one that is flagged most often first.
    pub groups: Vec<OddGroup>,
}

/// How often a group is flagged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddGroup {
    /// What it is called.
    pub words: Words,
    /// Its rows of the test.
    pub rows: usize,
    /// The share that is flagged; nothing of a small group.
    pub flagged: Option<Interval>,
    /// The share of all others.
    pub others: Option<Interval>,
}

/// One period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OddPeriod {
    /// As it is called.
    pub period: String,
    /// Whether its rows are tested (or learnt from).
    pub test: bool,
    /// Rows.
    pub rows: usize,
    /// The share that is flagged.
    pub flagged: Interval,
    /// The stability index of its scores against those of all training rows.
    pub psi: f64,
}

/// Measures everything.
///
/// # Errors
/// When a part has no rows, lengths differ, or a feature of the model is not there.
pub fn evaluate_odd(asked: &OddAsked<'_>) -> Result<OddEvaluation> {
    for part in [asked.train, asked.test] {
        let rows = part.frame.rows();
        if rows == 0 {
            return Err(ModelError::TooLittle { what: "rows of either part", found: 0, needed: 1 });
        }
        part.periods.map_or(Ok(()), |periods| same_length("periods", periods.of().len(), rows))?;
        part.happened.map_or(Ok(()), |happened| same_length("labels", happened.len(), rows))?;
    }
    for groups in asked.groups {
        same_length("groups", groups.of().len(), asked.test.frame.rows())?;
    }
    let how = Resampling::new(asked.seed);
    let (before, now) = (asked.model.predict(asked.train.frame)?, asked.model.predict(asked.test.frame)?);
    let threshold = threshold(&before, asked.share);
    let flags: Vec<bool> = now.iter().map(|score| *score > threshold).collect();
    let others = others(asked, &now)?;
    let definition = asked.definition;
    let mut found = OddEvaluation {
        model: definition.name.clone(),
        meaning: definition.meaning.clone(),
        owner: definition.owner.clone(),
        purposes: definition.purposes.clone(),
        definition: definition.definition.clone(),
        kind: asked.model.kind().to_owned(),
        seed: asked.seed,
        rows: OddRows {
            train: before.len(),
            test: now.len(),
            features: asked.model.schema().len(),
            others: OTHERS as usize,
            train_periods: asked.train.periods.and_then(Periods::ends),
            test_periods: asked.test.periods.and_then(Periods::ends),
        },
        findings: Vec::new(),
        guards: Vec::new(),
        share: asked.share,
        threshold,
        flagged: rate(&flags, &how),
        agreement: spread(&others, |other| other.0),
        correlation: spread(&others, |other| other.1),
        check: check(asked, &now, &flags, &how)?,
        groups: asked.groups.iter().map(|axis| by_group(axis, &flags, &how)).collect(),
        scores: drift::moved(&before, &now)?,
        features: drift::features(asked.model, (asked.train.frame, asked.test.frame), asked.seed)?,
        periods: by_period(asked, (&before, &now), threshold, &how)?,
        importance: importance(asked.model, &part(asked.test.frame, asked.seed)?)?,
        oddest: oddest(asked, &flags)?,
    };
    found.guards = verdicts(&definition.guards, &found);
    found.findings = findings(&found);
    Ok(found)
}

/// The score that at most this share of scores lies above.
fn threshold(scores: &[f64], share: f64) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let above = as_many(scores.len(), share);
    sorted.get(sorted.len().saturating_sub(above + 1)).copied().unwrap_or(f64::INFINITY)
}

/// How many rows a share of so many is, at least one.
fn as_many(rows: usize, share: f64) -> usize {
    ((rows as f64 * share).round() as usize).max(1)
}

fn rate(flags: &[bool], how: &Resampling) -> Interval {
    let flagged = flags.iter().filter(|flag| **flag).count();
    wilson(flagged as f64, flags.len() as f64, how.level).unwrap_or_default()
}

fn spread<T>(all: &[T], of: impl Fn(&T) -> f64) -> Interval {
    let values: Vec<f64> = all.iter().map(of).collect();
    Interval {
        low: values.iter().copied().fold(f64::INFINITY, f64::min),
        value: values.iter().sum::<f64>() / values.len().max(1) as f64,
        high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

fn part(frame: &Frame, seed: u64) -> Result<Frame> {
    frame.select(&drawn(frame.rows(), EXPLAINED, seed))
}

/// Of forests of other seeds from the same rows: the share of those put first that they put first too, and the rank correlation of scores.
fn others(asked: &OddAsked<'_>, scores: &[f64]) -> Result<Vec<(f64, f64)>> {
    let rows = drawn(scores.len(), ROWS_MAX, asked.seed);
    let frame = asked.test.frame.select(&rows)?;
    let own: Vec<f64> = rows.iter().map(|&row| scores[row]).collect();
    let wanted = as_many(own.len(), asked.share);
    let (first, ranks) = (first_of(&own, wanted), ranks(&own));
    let one = |other: u64| {
        let seed = asked.settings.seed.wrapping_add(other);
        let forest = IsolationSettings { seed, ..asked.settings.clone() }.grow(asked.train.frame)?;
        let scores = forest.predict(&frame)?;
        let theirs = first_of(&scores, wanted);
        let both = first.iter().filter(|row| theirs.binary_search(row).is_ok()).count();
        Ok((both as f64 / wanted as f64, correlation(&ranks, &self::ranks(&scores))))
    };
    (1..=OTHERS).map(one).collect()
}

/// The rows with the highest scores, ascending; ties go by row.
fn first_of(scores: &[f64], wanted: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order.truncate(wanted);
    order.sort_unstable();
    order
}

/// Ranks, equal scores sharing theirs.
fn ranks(scores: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let mut ranks = vec![0.0; scores.len()];
    let mut from = 0;
    while from < order.len() {
        let tied = order[from..].iter().take_while(|&&row| scores[row] == scores[order[from]]).count().max(1);
        let shared = from as f64 + (tied as f64 - 1.0) / 2.0;
        order[from..from + tied].iter().for_each(|&row| ranks[row] = shared);
        from += tied;
    }
    ranks
}

/// Pearson's; 0 where one of them does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| f(a - of_a, b - of_b)).sum::<f64>();
    let both = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    if both > 0.0 { sum(&|a, b| a * b) / both } else { 0.0 }
}

fn check(asked: &OddAsked<'_>, scores: &[f64], flags: &[bool], how: &Resampling) -> Result<Option<OddCheck>> {
    let Some(happened) = asked.test.happened else { return Ok(None) };
    let known: Vec<(usize, bool)> = happened.iter().enumerate().filter_map(|(row, is)| Some((row, (*is)?))).collect();
    let labels: Vec<bool> = known.iter().map(|(_, is)| *is).collect();
    if labels.iter().all(|is| *is) || !labels.contains(&true) {
        let found = format!("says of {} test rows that none, or that all, turned out to be odd", labels.len());
        return Err(ModelError::Label {
            found,
            help: "take a longer horizon or more rows, or take the label away: it only checks",
        });
    }
    let own: Vec<f64> = known.iter().map(|(row, _)| scores[*row]).collect();
    let share = |wanted: bool| {
        let rows: Vec<bool> = known.iter().filter(|(row, _)| flags[*row] == wanted).map(|(_, is)| *is).collect();
        let odd = rows.iter().filter(|is| **is).count();
        wilson(odd as f64, rows.len() as f64, how.level)
    };
    let plain = match farthest(asked.train.frame, asked.test.frame)? {
        None => None,
        Some(rule) => {
            let rule: Vec<f64> = known.iter().map(|(row, _)| rule[*row]).collect();
            let both = compare_auc(&own, &rule, &labels, how.level).map_err(measured)?;
            let words = Words {
                zh: "看哪个数值离中位数最远".to_owned(),
                en: "the number that is farthest from its median".to_owned(),
            };
            Some(OddBaseline { words, auc: both.second, above: both.difference })
        }
    };
    Ok(Some(OddCheck {
        figures: discriminate(&Sample::new(&own, &labels).map_err(measured)?, how).map_err(measured)?,
        among_flagged: share(true),
        among_others: share(false),
        plain,
    }))
}

/// Of each test row, how far the farthest of its numbers is from the median of training, in spreads between quartiles; nothing without numbers that vary.
fn farthest(train: &Frame, test: &Frame) -> Result<Option<Vec<f64>>> {
    let mut far: Option<Vec<f64>> = None;
    for column in train.columns() {
        let (Values::Number(values), Values::Number(now)) = (&column.values, &test.column(&column.name)?.values) else {
            continue;
        };
        let mut known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        known.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| known.get((known.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
        let (median, spread) = (at(0.5), (at(0.75) - at(0.25)) / QUARTILES);
        if spread.is_nan() || spread <= 0.0 {
            continue;
        }
        let far = far.get_or_insert_with(|| vec![0.0; now.len()]);
        for (far, value) in far.iter_mut().zip(now) {
            // `max` passes over a gap.
            *far = far.max((value - median).abs() / spread);
        }
    }
    Ok(far)
}

fn by_group(axis: &GroupBy, flags: &[bool], how: &Resampling) -> OddAxis {
    let least = SmallGroups::default().rows_min;
    let one = |(place, words): (usize, &Words)| {
        let (own, others): (Vec<_>, Vec<_>) = axis.of().iter().zip(flags).partition(|(of, _)| **of as usize == place);
        let flags = |rows: Vec<(&u32, &bool)>| rows.into_iter().map(|(_, flag)| *flag).collect::<Vec<bool>>();
        let (own, others) = (flags(own), flags(others));
        let enough = own.len() >= least && others.len() >= least;
        OddGroup {
            words: words.clone(),
            rows: own.len(),
            flagged: enough.then(|| rate(&own, how)),
            others: enough.then(|| rate(&others, how)),
        }
    };
    let mut groups: Vec<OddGroup> = axis.names().iter().enumerate().map(one).collect();
    let share = |group: &OddGroup| group.flagged.map_or(-1.0, |flagged| flagged.value);
    groups.sort_by(|a, b| share(b).total_cmp(&share(a)).then_with(|| a.words.en.cmp(&b.words.en)));
    OddAxis { axis: axis.axis.clone(), words: axis.words.clone(), protected: axis.protected, groups }
}

fn by_period(
    asked: &OddAsked<'_>,
    (before, now): (&[f64], &[f64]),
    threshold: f64,
    how: &Resampling,
) -> Result<Vec<OddPeriod>> {
    let bins = NumberBins::of(before, BINS).map_err(measured)?;
    let mut found = Vec::new();
    for (part, scores, test) in [(asked.train, before, false), (asked.test, now, true)] {
        let Some(periods) = part.periods else { continue };
        for (place, period) in periods.names().iter().enumerate() {
            let of = periods.of().iter().zip(scores).filter(|(of, _)| **of as usize == place);
            let own: Vec<f64> = of.map(|(_, score)| *score).collect();
            if own.is_empty() {
                continue;
            }
            let flags: Vec<bool> = own.iter().map(|score| *score > threshold).collect();
            let psi = bins.psi(before, &own).map_err(measured)?.psi;
            let (period, rows) = (period.clone(), own.len());
            found.push(OddPeriod { period, test, rows, flagged: rate(&flags, how), psi });
        }
    }
    Ok(found)
}

/// What raised the scores of those who are flagged, on average.
fn oddest(asked: &OddAsked<'_>, flags: &[bool]) -> Result<Vec<Importance>> {
    let flagged: Vec<usize> = (0..flags.len()).filter(|row| flags[*row]).collect();
    if flagged.is_empty() {
        return Ok(Vec::new());
    }
    let found = asked.model.contributions(&part(&asked.test.frame.select(&flagged)?, asked.seed)?)?;
    let rows = found.rows().max(1) as f64;
    let mean = |feature: usize| (0..found.rows()).map(|row| found.row(row)[feature].max(0.0)).sum::<f64>() / rows;
    let names = asked.model.schema().names.iter().enumerate();
    let mut all: Vec<Importance> =
        names.map(|(at, name)| Importance { feature: name.clone(), value: mean(at) }).collect();
    all.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.feature.cmp(&b.feature)));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_the_share_lies_above_the_threshold_and_ties_share_ranks() {
        let scores: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(scores.iter().filter(|score| **score > threshold(&scores, 0.01)).count(), 10);
        assert!(!vec![0.5; 100].iter().any(|score| *score > threshold(&[0.5; 100], 0.1)));
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
        assert!((correlation(&ranks(&scores), &ranks(&scores)) - 1.0).abs() < 1e-12);
    }
}
