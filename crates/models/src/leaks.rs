//! Features that know too much.
//!
//! A finding is a suspicion with its figure, not a proof: whoever builds the model takes the feature out or says why it may stay.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    figures,
    frame::{DataSet, Frame, Label, MISSING, Values},
    random::Random,
};

/// From which AUC of a single feature on it is suspected of knowing the outcome.
pub const AUC_MAX: f64 = 0.95;
/// From which AUC on a feature that stands far above all others is suspected.
pub const AUC_ALONE: f64 = 0.8;
/// How far the AUC of the next best feature lies below one that is suspected for standing out.
pub const AUC_AHEAD: f64 = 0.05;
/// From which share of equal rows on a feature is a copy of the label.
pub const COPY_SHARE: f64 = 0.99;
/// From which share of different values on a column is an identifier.
pub const IDENTIFIER_SHARE: f64 = 0.95;
/// From which AUC of whether a value is there on it is suspected.
pub const GAP_AUC: f64 = 0.6;
/// How little a shared row of training and test is allowed to be common: from this share on it is told.
pub const OVERLAP_SHARE: f64 = 0.01;
/// A column with as many different values tells rows apart: rows that agree in it as well are copies, and not alike by chance.
pub const TELLS_APART: f64 = 0.5;
/// So many standard errors must lie between a figure and what it is held against: of hundreds of features none is suspected by chance.
const SURE: f64 = 3.0;
/// Levels with fewer rows do not count towards what a category knows.
const LEVEL_ROWS_MIN: f64 = 5.0;
/// Rows that a category's prior weighs.
const PRIOR_ROWS: f64 = 10.0;
/// Into how many parts rows are cut to see what a category knows of rows it was not counted on.
const FOLDS: usize = 5;
/// Fewer rows say nothing about identifiers.
const ROWS_MIN: usize = 50;

/// What is suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakKind {
    /// It holds the label itself, or nearly.
    CopyOfLabel,
    /// Alone it tells outcomes apart nearly without error.
    KnowsOutcome,
    /// Alone it tells outcomes apart far better than any other feature: known only afterwards?
    StandsOut,
    /// Whether it has a value tells the outcome: filled afterwards?
    FilledAfterwards,
    /// Nearly every row has its own value.
    Identifier,
    /// The same rows are in training and test.
    Overlap,
}

/// One suspicion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leak {
    /// What.
    pub kind: LeakKind,
    /// Which feature; empty of an overlap of rows.
    pub feature: String,
    /// The figure that it rests on: an AUC or a share, from 0 to 1.
    pub figure: f64,
    /// What was found and what to do, for people.
    pub message: String,
}

impl Leak {
    /// The message in Chinese.
    #[must_use]
    pub fn message_zh(&self) -> String {
        let (name, figure) = (&self.feature, self.figure);
        let share = 100.0 * figure;
        match self.kind {
            LeakKind::CopyOfLabel => format!("`{name}` 在 {share:.1} % 的行中就是标签，请去掉"),
            LeakKind::KnowsOutcome => format!("仅凭 `{name}` 的 AUC 就有 {figure:.3}，它在标签之前已知吗？"),
            LeakKind::StandsOut => {
                format!("仅凭 `{name}` 的 AUC 就有 {figure:.3}，远高于其他特征，它在标签之前已知吗？")
            }
            LeakKind::FilledAfterwards => format!("`{name}` 是否有值就能看出结果（AUC {figure:.3}），是事后填写的吗？"),
            LeakKind::Identifier => format!("`{name}` 在 {share:.1} % 的行中各不相同，像是编号，请去掉"),
            LeakKind::Overlap => format!("{share:.1} % 的测试行也在训练数据中，请按客户或时间划分"),
        }
    }
}

/// Looks through the features of a set, and at rows it shares with a test set. The worst kinds first, then the largest figures.
///
/// # Errors
/// When the test set has other features.
pub fn find(train: &DataSet, test: Option<&Frame>) -> Result<Vec<Leak>> {
    let mut leaks = Vec::new();
    let happened = outcomes(train.label());
    let aucs: Vec<f64> = train.frame().columns().iter().map(|column| alone(&column.values, &happened, train)).collect();
    for (at, column) in train.frame().columns().iter().enumerate() {
        let name = &column.name;
        let mut tell = |kind, figure, message| leaks.push(Leak { kind, feature: name.clone(), figure, message });
        if let Some(share) = copied(&column.values, train.label()).filter(|share| *share >= COPY_SHARE) {
            tell(
                LeakKind::CopyOfLabel,
                share,
                format!("`{name}` is the label in {:.1} % of rows; take it out", 100.0 * share),
            );
        } else if aucs[at] >= AUC_MAX && aucs[at] - SURE * error(aucs[at], &happened) >= AUC_ALONE {
            tell(
                LeakKind::KnowsOutcome,
                aucs[at],
                format!("`{name}` alone reaches an AUC of {:.3}; is it known before the label?", aucs[at]),
            );
        } else if stands_out(&aucs, at, &happened) {
            let next = next_best(&aucs, at);
            tell(
                LeakKind::StandsOut,
                aucs[at],
                format!(
                    "`{name}` alone reaches an AUC of {:.3}, the next best feature {next:.3}; is it known before the label?",
                    aucs[at]
                ),
            );
        }
        if let Some(auc) = gaps(&column.values, &happened, train)
            .filter(|auc| *auc >= GAP_AUC && *auc - 0.5 >= SURE * error(*auc, &happened))
        {
            tell(
                LeakKind::FilledAfterwards,
                auc,
                format!("whether `{name}` has a value tells the outcome (AUC {auc:.3}); is it filled after the label?"),
            );
        }
        if let Some(share) = identifying(&column.values).filter(|share| *share >= IDENTIFIER_SHARE) {
            tell(
                LeakKind::Identifier,
                share,
                format!(
                    "`{name}` has its own value in {:.1} % of rows, as an identifier has; take it out",
                    100.0 * share
                ),
            );
        }
    }
    if let Some(test) = test {
        let names: Vec<&str> = train.frame().columns().iter().map(|column| column.name.as_str()).collect();
        leaks.extend(overlap(train.frame(), test, &names)?);
    }
    leaks.sort_by(|a, b| {
        a.kind.cmp(&b.kind).then(b.figure.total_cmp(&a.figure)).then_with(|| a.feature.cmp(&b.feature))
    });
    Ok(leaks)
}

/// The label as yes and no: numbers and times by whether they are above the median.
fn outcomes(label: &Label) -> Vec<f64> {
    match label {
        Label::Binary(values) => values.clone(),
        Label::Event { happened, .. } => happened.iter().map(|&h| f64::from(u8::from(h))).collect(),
        Label::Number(values) => {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let median = sorted[sorted.len() / 2];
            values.iter().map(|v| f64::from(u8::from(*v >= median))).collect()
        }
    }
}

fn stands_out(aucs: &[f64], at: usize, happened: &[f64]) -> bool {
    let ahead = aucs[at] - next_best(aucs, at);
    aucs.len() > 2 && aucs[at] >= AUC_ALONE && ahead >= AUC_AHEAD && ahead >= SURE * error(aucs[at], happened)
}

/// The standard error of an AUC (Hanley and McNeil 1982).
fn error(auc: f64, happened: &[f64]) -> f64 {
    let yes = happened.iter().sum::<f64>();
    let no = happened.len() as f64 - yes;
    if yes < 1.0 || no < 1.0 {
        return f64::INFINITY;
    }
    let (both_yes, both_no) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let square = auc * auc;
    ((auc * (1.0 - auc) + (yes - 1.0) * (both_yes - square) + (no - 1.0) * (both_no - square)) / (yes * no))
        .max(0.0)
        .sqrt()
}

fn next_best(aucs: &[f64], at: usize) -> f64 {
    aucs.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, auc)| *auc).fold(0.5, f64::max)
}

/// The AUC of a feature alone, whichever way it points. Categories count by the rates of their levels; numbers also by how far they are from the
/// middle, since both ends may mean the same.
fn alone(values: &Values, happened: &[f64], set: &DataSet) -> f64 {
    let auc = |scores: &[f64]| {
        let auc = figures::auc(scores, happened, set.weights());
        auc.max(1.0 - auc)
    };
    match values {
        Values::Number(values) => {
            let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            if known.is_empty() {
                return 0.5;
            }
            known.sort_unstable_by(f64::total_cmp);
            let median = known[known.len() / 2];
            let at_value: Vec<f64> = values.iter().map(|v| if v.is_nan() { median } else { *v }).collect();
            let from_median: Vec<f64> = at_value.iter().map(|v| (v - median).abs()).collect();
            auc(&at_value).max(auc(&from_median))
        }
        Values::Category { codes, levels } => by_rates(codes, levels.len(), happened, set),
    }
}

/// The AUC of the rates of levels, each fold of rows by the rates of the other folds: a level of one row knows nothing, and no row
/// sees its own label. (Leaving out one row alone would give labels away: among rows of a level, those that happened would have the lower rate.)
fn by_rates(codes: &[u32], levels: usize, happened: &[f64], set: &DataSet) -> f64 {
    let place = |code: u32| if code == MISSING { levels } else { code as usize };
    let folds: Vec<usize> = (0..codes.len()).map(|row| Random::new(row as u64).below(FOLDS)).collect();
    let mut sums = vec![[(0.0, 0.0); FOLDS]; levels + 1];
    for (row, label) in happened.iter().enumerate() {
        let sum = &mut sums[place(codes[row])][folds[row]];
        *sum = (sum.0 + label, sum.1 + 1.0);
    }
    let mean = happened.iter().sum::<f64>() / happened.len().max(1) as f64;
    let rate = |level: &[(f64, f64); FOLDS], without: usize| {
        let others = level.iter().enumerate().filter(|(fold, _)| *fold != without);
        let (yes, rows) = others.fold((0.0, 0.0), |sum, (_, part)| (sum.0 + part.0, sum.1 + part.1));
        if rows >= LEVEL_ROWS_MIN { (yes + PRIOR_ROWS * mean) / (rows + PRIOR_ROWS) } else { mean }
    };
    let auc = |fold: usize| {
        let rates: Vec<f64> = sums.iter().map(|level| rate(level, fold)).collect();
        let rows = (0..codes.len()).filter(|&row| folds[row] == fold);
        let (mut scores, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            scores.push(rates[place(codes[row])]);
            labels.push(happened[row]);
            weights.push(set.weight(row));
        }
        figures::auc(&scores, &labels, Some(&weights))
    };
    (0..FOLDS).map(auc).sum::<f64>() / FOLDS as f64
}

/// The share of rows in which a feature of two values goes with the label, or of a number equals it.
fn copied(values: &Values, label: &Label) -> Option<f64> {
    let (Label::Binary(labels) | Label::Number(labels) | Label::Event { times: labels, .. }) = label;
    let rows = labels.len() as f64;
    match (values, label) {
        (Values::Number(values), Label::Number(_) | Label::Event { .. }) => Some(
            values.iter().zip(labels).filter(|(v, l)| (*v - *l).abs() <= 1e-9 * l.abs().max(1.0)).count() as f64 / rows,
        ),
        (Values::Category { .. }, Label::Number(_) | Label::Event { .. }) => None,
        _ => {
            let mut counts: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
            for (row, label) in labels.iter().enumerate() {
                let key = match values {
                    Values::Number(values) => values[row].to_bits(),
                    Values::Category { codes, .. } => u64::from(codes[row]),
                };
                let count = counts.entry(key).or_default();
                *count = (count.0 + label, count.1 + 1.0 - label);
                if counts.len() > 2 {
                    return None;
                }
            }
            let agreeing: f64 = counts.values().map(|(yes, no)| yes.max(*no)).sum();
            // Two values that are both mostly no agree with a rare label by chance: each outcome must have its value.
            let told_apart = counts.values().filter(|(yes, no)| yes > no).count() == 1 && counts.len() == 2;
            told_apart.then_some(agreeing / rows)
        }
    }
}

fn gaps(values: &Values, happened: &[f64], set: &DataSet) -> Option<f64> {
    let missing: Vec<f64> = (0..happened.len()).map(|row| f64::from(u8::from(values.missing(row)))).collect();
    let there = missing.iter().sum::<f64>();
    if there == 0.0 || there == happened.len() as f64 {
        return None;
    }
    let auc = figures::auc(&missing, happened, set.weights());
    Some(auc.max(1.0 - auc))
}

/// The share of different values among those there are; nothing for numbers with fractions, which mostly differ anyway.
fn identifying(values: &Values) -> Option<f64> {
    let (different, there) = match values {
        Values::Number(values) => {
            let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            if known.iter().any(|v| v.fract() != 0.0) {
                return None;
            }
            let there = known.len();
            known.sort_unstable_by(f64::total_cmp);
            known.dedup();
            (known.len(), there)
        }
        Values::Category { codes, .. } => {
            let mut known: Vec<u32> = codes.iter().copied().filter(|code| *code != MISSING).collect();
            let there = known.len();
            known.sort_unstable();
            known.dedup();
            (known.len(), there)
        }
    };
    (there >= ROWS_MIN).then(|| different as f64 / there as f64)
}

/// Rows of the test that are in training too, by these columns. Where no column tells rows apart, rows are alike by chance: then those of the test
/// must meet training surely more often than rows of training meet each other.
pub(crate) fn overlap(train: &Frame, test: &Frame, names: &[&str]) -> Result<Option<Leak>> {
    let mut seen: FxHashMap<blake3::Hash, u32> = FxHashMap::default();
    for hash in hashes(train, names)? {
        *seen.entry(hash).or_default() += 1;
    }
    let shared = hashes(test, names)?.filter(|hash| seen.contains_key(hash)).count();
    let (rows, learnt) = (test.rows().max(1) as f64, train.rows().max(1) as f64);
    let share = shared as f64 / rows;
    let by_chance = match names.iter().any(|name| train.column(name).is_ok_and(|column| tells_apart(&column.values))) {
        true => 0.0,
        false => seen.values().filter(|twins| **twins > 1).map(|twins| f64::from(*twins)).sum::<f64>() / learnt,
    };
    let room = SURE * (by_chance * (1.0 - by_chance) * (1.0 / rows + 1.0 / learnt)).sqrt();
    Ok((share - by_chance >= OVERLAP_SHARE.max(room)).then(|| Leak {
        kind: LeakKind::Overlap,
        feature: String::new(),
        figure: share,
        message: format!(
            "{shared} of {} test rows ({:.1} %) are in training too; split by customer or by time",
            test.rows(),
            100.0 * share
        ),
    }))
}

/// Whether a column has so many different values that rows are told apart by it.
fn tells_apart(values: &Values) -> bool {
    let rows = values.len();
    let different = match values {
        Values::Number(values) => {
            let mut known: Vec<u64> =
                values.iter().filter(|value| !value.is_nan()).map(|value| value.to_bits()).collect();
            known.sort_unstable();
            known.dedup();
            known.len()
        }
        Values::Category { codes, .. } => {
            let mut known: Vec<u32> = codes.iter().copied().filter(|code| *code != MISSING).collect();
            known.sort_unstable();
            known.dedup();
            known.len()
        }
    };
    different as f64 >= TELLS_APART * rows as f64
}

/// A hash of each row over some columns, levels by their text.
fn hashes<'a>(frame: &'a Frame, names: &[&str]) -> Result<impl Iterator<Item = blake3::Hash> + 'a> {
    let columns = names.iter().map(|name| frame.column(name)).collect::<Result<Vec<_>>>()?;
    Ok((0..frame.rows()).map(move |row| {
        let mut hasher = blake3::Hasher::new();
        for column in &columns {
            match &column.values {
                Values::Number(values) => hasher.update(&values[row].to_bits().to_le_bytes()),
                Values::Category { codes, levels } => {
                    let level = levels.get(codes[row] as usize).map_or("", String::as_str);
                    hasher.update(&(level.len() as u64).to_le_bytes()).update(level.as_bytes())
                }
            };
        }
        hasher.finalize()
    }))
}
