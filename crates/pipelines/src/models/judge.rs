//! How good a model is on rows that it has not seen, and whether its guards let it go.

use florin_measurement::{
    Groups, Interval, Level, Resampling, Sample, SmallGroups,
    calibration::{Cut, calibration_curve},
    discriminate,
    fairness::{overview, rates},
};
use florin_models::{
    DataSet, Frame, Label, Learner as _, Model,
    definition::ModelDef,
    frame::{MISSING, Values},
    leaks::{self, Leak},
    linear::LogisticRegression,
};
use serde::{Deserialize, Serialize};

use super::drift::{Drifted, Expected, picked};
use crate::FlowError;

/// Bins of the calibration error.
const CALIBRATION_BINS: usize = 10;
/// The share of customers that is picked when selection is judged: the tenth with the highest scores.
const SELECTED: f64 = 0.1;
/// Groups that a number is cut into.
const NUMBER_GROUPS: usize = 4;

/// What was found of a version on its test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Rows of the test.
    pub rows: usize,
    /// Rows of it where it happened.
    pub happened: usize,
    /// Area under the ROC curve.
    pub auc: Interval,
    /// Kolmogorov-Smirnov distance.
    pub ks: Interval,
    /// Average precision.
    pub average_precision: Interval,
    /// Rate of the top tenth over that of all.
    pub lift: Interval,
    /// Brier score; none where scores are no probabilities.
    pub brier: Option<Interval>,
    /// Expected calibration error; none where scores are no probabilities.
    pub calibration_error: Option<f64>,
    /// The AUC of a plain logistic regression on the same rows.
    pub baseline_auc: Option<f64>,
    /// How far scores of the test are from those of training.
    pub stability: Option<Drifted>,
    /// The smallest ratio of selection rates between groups of each protected feature.
    pub selection_ratios: Vec<(String, f64)>,
    /// What the leak finder suspects, the worst first.
    pub leaks: Vec<String>,
    /// What each guard says.
    pub verdicts: Vec<Verdict>,
}

/// What a guard says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which, as the definition calls it.
    pub guard: String,
    /// Whether it lets the version go.
    pub passed: bool,
    /// What was found and what was asked for.
    pub message: String,
}

/// Judges a model on a test; `train` is what it learnt from, where that is at hand: without it nothing is said of leaks and of the plain regression.
pub(super) fn judge(
    def: &ModelDef,
    model: &dyn Model,
    train: Option<&DataSet>,
    test: &DataSet,
    expected: &Expected,
    seed: u64,
) -> Result<Judged, FlowError> {
    let scores = model.predict(test.frame())?;
    let happened = happened(test.label());
    let sample = Sample::new(&scores, &happened)?;
    let found = discriminate(&sample, &Resampling::new(seed))?;
    let probabilities =
        scores.iter().all(|score| (0.0..=1.0).contains(score)) && !matches!(test.label(), Label::Event { .. });
    let calibration_error = match probabilities {
        true => Some(calibration_curve(&sample, CALIBRATION_BINS, Cut::Quantiles, Level::USUAL)?.expected_error),
        false => None,
    };
    let mut judged = Judged {
        rows: found.rows,
        happened: found.positives,
        auc: found.auc,
        ks: found.ks,
        average_precision: found.average_precision,
        lift: found.lift,
        brier: found.brier.filter(|_| probabilities),
        calibration_error,
        baseline_auc: train.map(|train| baseline(train, test, seed)).transpose()?.flatten(),
        stability: expected.drift(test.frame(), &scores)?.into_iter().find(|drifted| drifted.of == "score"),
        selection_ratios: selection(def, test.frame(), &scores, &happened)?,
        leaks: match train {
            Some(train) => leaks(train, test)?.into_iter().map(|leak| leak.message).collect(),
            None => Vec::new(),
        },
        verdicts: Vec::new(),
    };
    judged.verdicts = verdicts(def, &judged, train.is_some());
    Ok(judged)
}

/// Whether it happened, row by row.
pub(super) fn happened(label: &Label) -> Vec<bool> {
    match label {
        Label::Binary(values) | Label::Number(values) => values.iter().map(|value| *value > 0.5).collect(),
        Label::Event { happened, .. } => happened.clone(),
    }
}

fn leaks(train: &DataSet, test: &DataSet) -> Result<Vec<Leak>, FlowError> {
    let rows = picked(train.frame().rows());
    Ok(leaks::find(&train.select(&rows)?, Some(test.frame()))?)
}

/// What a plain regression makes of it. Nothing where it does not settle, or the question is not one of yes and no.
fn baseline(train: &DataSet, test: &DataSet, seed: u64) -> Result<Option<f64>, FlowError> {
    if train.binary().is_err() {
        return Ok(None);
    }
    let rows = picked(train.frame().rows());
    let Ok(plain) = LogisticRegression::default().fit(&train.select(&rows)?, None) else { return Ok(None) };
    let scores = plain.predict(test.frame())?;
    let happened = happened(test.label());
    let how = Resampling { resamples: 2, ..Resampling::new(seed) };
    Ok(Some(discriminate(&Sample::new(&scores, &happened)?, &how)?.auc.value))
}

fn selection(
    def: &ModelDef,
    frame: &Frame,
    scores: &[f64],
    happened: &[bool],
) -> Result<Vec<(String, f64)>, FlowError> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted[((1.0 - SELECTED) * (sorted.len() - 1) as f64) as usize];
    let selected: Vec<bool> = scores.iter().map(|score| *score >= cut).collect();
    let mut found = Vec::new();
    for name in &def.protected {
        let Ok(column) = frame.column(name) else { continue };
        let (names, of) = groups(&column.values);
        let of = rates(&selected, happened, Groups::new(&names, &of)?, SmallGroups::default(), Level::USUAL)?;
        if let Some(ratio) = overview(&of).and_then(|overview| overview.parity_ratio) {
            found.push((name.clone(), ratio));
        }
    }
    Ok(found)
}

/// Rows by group: texts by what they are, numbers by quarters; who has none is a group.
fn groups(values: &Values) -> (Vec<String>, Vec<u32>) {
    match values {
        Values::Category { codes, levels } => {
            let missing = levels.len() as u32;
            let names = levels.iter().cloned().chain(["missing".to_owned()]).collect();
            (names, codes.iter().map(|code| if *code == MISSING { missing } else { *code }).collect())
        }
        Values::Number(values) => {
            let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let mut cuts: Vec<f64> = match sorted.is_empty() {
                true => Vec::new(),
                false => (1..NUMBER_GROUPS).map(|i| sorted[i * sorted.len() / NUMBER_GROUPS]).collect(),
            };
            cuts.dedup();
            let names = (0..=cuts.len() + 1).map(|i| format!("group {}", i + 1)).collect();
            let missing = cuts.len() as u32 + 1;
            let of = |v: &f64| if v.is_nan() { missing } else { cuts.partition_point(|cut| cut < v) as u32 };
            (names, values.iter().map(of).collect())
        }
    }
}

fn verdicts(def: &ModelDef, judged: &Judged, leaks_known: bool) -> Vec<Verdict> {
    let guards = &def.guards;
    let mut verdicts = Vec::new();
    let mut say = |guard: &str, passed: bool, message: String| {
        verdicts.push(Verdict { guard: guard.to_owned(), passed, message });
    };
    if let Some(least) = guards.auc_min {
        let auc = judged.auc.value;
        say("auc_min", auc >= least, format!("AUC {auc:.3}, at least {least} is asked for"));
    }
    if let Some((least, base)) = guards.auc_above_baseline_min.zip(judged.baseline_auc) {
        let above = judged.auc.value - base;
        let message = format!("AUC {above:+.3} beside a plain regression's {base:.3}, at least {least:+} is asked for");
        say("auc_above_baseline_min", above >= least, message);
    }
    if let Some(most) = guards.calibration_error_max {
        let (passed, found) = match judged.calibration_error {
            Some(error) => (error <= most, format!("calibration error {error:.3}")),
            None => (false, "scores are no probabilities".to_owned()),
        };
        say("calibration_error_max", passed, format!("{found}, at most {most} is asked for"));
    }
    if let Some(least) = guards.selection_ratio_min {
        let worst = judged.selection_ratios.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let (passed, found) = match worst {
            Some((name, ratio)) => (*ratio >= least, format!("selection ratio {ratio:.2} between groups of `{name}`")),
            None => (true, "no two groups are large enough to compare".to_owned()),
        };
        say("selection_ratio_min", passed, format!("{found}, at least {least} is asked for"));
    }
    if let Some((most, stability)) = guards.stability_index_max.zip(judged.stability.as_ref()) {
        let message = format!("stability index {:.3}, at most {most} is asked for", stability.psi);
        say("stability_index_max", stability.psi <= most, message);
    }
    if leaks_known && !guards.leaks_allowed {
        let passed = judged.leaks.is_empty();
        let message = if passed { "no leak was found".to_owned() } else { judged.leaks.join("; ") };
        say("leaks", passed, message);
    }
    verdicts
}
