//! What an evaluation says.

use florin_domain::Purpose;
use florin_measurement::{
    Discrimination, GainPart, GroupFigures, Interval,
    calibration::{CalibrationCurve, GoodnessOfFit, Platt, Repair},
    comparison::{Comparison, LearningCurve, Outlook},
    fairness::{GroupRates, Overview, Pair, Trade},
    stability::Stability,
};
use serde::{Deserialize, Serialize};

use super::Decision;
use crate::{
    definition::Words,
    explain::{Curve, Importance},
    leaks::Leak,
};

/// Everything that was measured of a model on rows it has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The definition's name.
    pub model: String,
    /// What it foretells.
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
    pub rows: RowCounts,
    /// What a reader must know first, the worst first.
    pub findings: Vec<Finding>,
    /// Each guard of the definition.
    pub guards: Vec<GuardVerdict>,
    /// How well it ranks.
    pub quality: Quality,
    /// Whether its probabilities hold.
    pub calibration: Calibration,
    /// What it is worth beside plain rules, the best of them first.
    pub baselines: Vec<Baseline>,
    /// The same figures for each group, by axis.
    pub groups: Vec<AxisFigures>,
    /// What fairness and thresholds are about.
    pub decision: Decision,
    /// How decisions treat groups, by axis.
    pub fairness: Vec<AxisFairness>,
    /// What each threshold brings and costs.
    pub thresholds: Vec<ThresholdRow>,
    /// What moves with time.
    pub stability: StabilityReport,
    /// How it grows with rows.
    pub learning: LearningCurve,
    /// What the end of that curve says.
    pub outlook: Option<Outlook>,
    /// How much it leans on each feature, the largest first.
    pub importance: Vec<Importance>,
    /// How it goes with the features it leans on most.
    pub curves: Vec<FeatureCurves>,
    /// Features that know too much.
    pub leaks: Vec<Leak>,
}

impl Evaluation {
    /// The guards that refuse a release; with none, the model may be released.
    pub fn refusals(&self) -> impl Iterator<Item = &GuardVerdict> {
        self.guards.iter().filter(|guard| !guard.passes)
    }

    /// Whether no guard refuses it.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.refusals().next().is_none()
    }
}

/// How much an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows it learnt from.
    pub train: usize,
    /// Those that said yes.
    pub train_positives: usize,
    /// Rows it was tested on.
    pub test: usize,
    /// Those that said yes.
    pub test_positives: usize,
    /// Features.
    pub features: usize,
    /// The first and last period it learnt from.
    pub train_periods: Option<(String, String)>,
    /// The first and last period it was tested on.
    pub test_periods: Option<(String, String)>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The model fails here.
    Fails,
    /// Look at it.
    Watch,
    /// Good to know.
    Note,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A guard refuses the release.
    Guard,
    /// It ranks a group's customers surely worse than the others.
    Group,
    /// A group is decided favourably surely less often than another.
    Fairness,
    /// A feature knows too much.
    Leak,
    /// Its probabilities are off.
    Calibration,
    /// It is no better than a plain rule.
    Baseline,
    /// Scores or features have moved.
    Drift,
    /// It fits its own rows far better than others.
    Overfit,
    /// Something cannot be judged.
    TooFew,
}

/// One thing that a reader must know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// What about.
    pub topic: Topic,
    /// One sentence without a full stop.
    pub words: Words,
}

/// What a guard of the definition says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardVerdict {
    /// Its key in the definition.
    pub guard: String,
    /// What it demands.
    pub limit: f64,
    /// What was found; none where it could not be measured.
    pub found: Option<f64>,
    /// Whether it lets the model pass.
    pub passes: bool,
    /// Why, as one sentence.
    pub words: Words,
}

/// How well scores rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The figures, with bootstrap intervals.
    pub figures: Discrimination,
    /// False and true positive rates, from (0, 0) to (1, 1).
    pub roc: Vec<(f64, f64)>,
    /// By tenth, the highest scores first.
    pub gains: Vec<GainPart>,
}

/// Whether probabilities hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// What mends the model's own probabilities; it is part of the model.
    pub repair: Repair,
    /// What was said and what happened, with the repair.
    pub curve: CalibrationCurve,
    /// The expected calibration error, with a bootstrap interval.
    pub error: Interval,
    /// The same curve without the repair; none where there is none.
    pub before: Option<CalibrationCurve>,
    /// The line of log-odds that fits best: slope 1 and intercept 0 are right.
    pub line: Option<Platt>,
    /// The test of Hosmer and Lemeshow; none where it is not defined.
    pub fit: Option<GoodnessOfFit>,
}

/// A plain rule, and the model beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// What it is.
    pub words: Words,
    /// The rule's AUC on the same rows.
    pub auc: f64,
    /// The model beside it.
    pub comparison: Comparison,
}

/// A way to cut customers into groups, with the figures of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AxisFigures {
    /// The column.
    pub axis: String,
    /// For people.
    pub words: Words,
    /// Whether it is a protected attribute.
    pub protected: bool,
    /// The worst first; those that are too small last.
    pub groups: Vec<GroupReport>,
}

/// A group's figures under its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupReport {
    /// For people.
    pub words: Words,
    /// What was measured.
    pub figures: GroupFigures,
    /// Whether the model fails it: surely worse than the others, and by enough to matter.
    pub fails: bool,
}

/// How decisions treat the groups of an axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AxisFairness {
    /// The column.
    pub axis: String,
    /// For people.
    pub words: Words,
    /// Whether it is a protected attribute.
    pub protected: bool,
    /// Names of groups, in the order of the rates.
    pub names: Vec<Words>,
    /// Rates of each group.
    pub rates: Vec<GroupRates>,
    /// Every pair that is large enough, the lowest ratio first.
    pub pairs: Vec<Pair>,
    /// The widest gaps.
    pub overview: Option<Overview>,
    /// What other thresholds bring: one for all, from few taken to many.
    pub trades: Vec<Trade>,
}

/// What a threshold brings and costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdRow {
    /// Scores from here on are taken.
    pub threshold: f64,
    /// Share of rows taken.
    pub taken: f64,
    /// Share of the taken that said yes.
    pub precision: f64,
    /// Share of those who said yes that are taken.
    pub recall: f64,
    /// Share of those who said no that are taken.
    pub false_positive_rate: f64,
    /// Precision over the rate of all.
    pub lift: f64,
    /// The lowest ratio of favourable decisions among protected axes, with the axis and the group it is of.
    pub lowest_ratio: Option<(f64, String, Words)>,
}

/// What moves with time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StabilityReport {
    /// Scores of the test against those of training.
    pub scores: Stability,
    /// Each feature in the test against training, the largest index first.
    pub features: Vec<FeatureDrift>,
    /// Period by period.
    pub periods: Vec<PeriodFigures>,
}

/// How far a feature has moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureDrift {
    /// Which.
    pub feature: String,
    /// Its index with its bins (of a feature that is also called the characteristic stability index).
    pub stability: Stability,
}

/// One period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeriodFigures {
    /// As it is called.
    pub period: String,
    /// Whether its rows are tested (or learnt from).
    pub test: bool,
    /// Rows.
    pub rows: usize,
    /// The share that said yes.
    pub rate: f64,
    /// The mean score.
    pub said: f64,
    /// AUC, by DeLong; of tested periods with enough rows of both kinds.
    pub auc: Option<Interval>,
    /// The stability index of its scores against those of all training rows; of tested periods.
    pub psi: Option<f64>,
}

/// How predictions go with a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureCurves {
    /// Which.
    pub feature: String,
    /// Partial dependence.
    pub partial: Curve,
    /// Accumulated local effects; none of categories and of numbers with one value.
    pub local: Option<Curve>,
}
