//! Whether a model of effects may be released: whether those whom it says a treatment moves were moved, on rows it has not seen.

use florin_domain::Purpose;
use florin_measurement::{
    Interval, Level, Resampling,
    stability::Stability,
    uplift::{
        Effect, Experiment, QiniPoint, SampleRatio, UpliftFigures, UpliftPart, by_part, evaluate, qini_curve,
        sample_ratio, uplift_at,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    GroupBy, Periods, drift,
    effect_words::{findings, verdicts},
    report::{FeatureDrift, Finding, GuardVerdict},
    rows::{ROWS_MAX, drawn, measured},
};
use crate::{
    definition::{ModelDef, Words},
    error::{ModelError, Result, same_length},
    explain::{Importance, importance},
    frame::{DataSet, Frame, Label, Values},
    leaks::{self, Leak},
    learner::Model,
};

/// Points of the Qini curve.
const POINTS: usize = 100;
/// Parts from the largest predicted effect to the smallest.
const PARTS: usize = 10;
/// Shares of rows whose effect is told.
const SHARES: [f64; 4] = [0.05, 0.1, 0.2, 0.3];
/// Rows that contributions are averaged over.
const EXPLAINED: usize = 5000;
/// Rows of each arm that a group needs to be judged.
const ARM_MIN: usize = 100;

/// Rows, with who was treated.
#[derive(Debug, Clone, Copy)]
pub struct TreatedPart<'a> {
    /// The rows.
    pub set: &'a DataSet,
    /// Who was treated.
    pub treated: &'a [bool],
    /// How likely each was to be; when absent, rows count the same.
    pub chances: Option<&'a [f64]>,
    /// When each was, if that is known.
    pub periods: Option<&'a Periods>,
}

/// What is to be evaluated.
#[derive(Clone, Copy)]
pub struct EffectAsked<'a> {
    /// What the model is to be, with its guards.
    pub definition: &'a ModelDef,
    /// What was learnt.
    pub model: &'a dyn Model,
    /// What it learnt from.
    pub train: TreatedPart<'a>,
    /// What it has not seen.
    pub test: TreatedPart<'a>,
    /// Groups of the test rows.
    pub groups: &'a [GroupBy],
    /// How likely everybody was to be treated, where that was drawn.
    pub chance: Option<f64>,
    /// Draws resamples.
    pub seed: u64,
}

/// Everything that was measured of a model of effects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectEvaluation {
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
    pub rows: EffectRows,
    /// What a reader must know first, the worst first.
    pub findings: Vec<Finding>,
    /// Each guard of the definition.
    pub guards: Vec<GuardVerdict>,
    /// How well predicted effects order rows, with bootstrap intervals.
    pub figures: UpliftFigures,
    /// What is gained by treating those first whom the model puts first.
    pub curve: Vec<QiniPoint>,
    /// What was said and what happened by tenth, the largest predicted effects first.
    pub parts: Vec<UpliftPart>,
    /// The effect on so large a share of rows, the largest predicted effects first.
    pub at: Vec<(f64, Effect)>,
    /// Whether as many were treated as were to be; where the chance is known.
    pub ratio: Option<SampleRatio>,
    /// How the treated differ from the others before anything was done, the largest difference first.
    pub balance: Vec<Balance>,
    /// The effect on each group, by axis.
    pub groups: Vec<AxisEffects>,
    /// Predicted effects of the test against those of training.
    pub scores: Stability,
    /// Each feature in the test against training, the largest index first.
    pub features: Vec<FeatureDrift>,
    /// How much it leans on each feature, the largest first; empty where it cannot say.
    pub importance: Vec<Importance>,
    /// Features that know too much.
    pub leaks: Vec<Leak>,
}

/// How much an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectRows {
    /// Rows it learnt from.
    pub train: usize,
    /// Those that were treated.
    pub train_treated: usize,
    /// Rows it was tested on.
    pub test: usize,
    /// Those that were treated.
    pub test_treated: usize,
    /// The mean outcome of the treated of the test, and of the others.
    pub outcomes: (f64, f64),
    /// Features.
    pub features: usize,
    /// The first and last period it learnt from.
    pub train_periods: Option<(String, String)>,
    /// The first and last period it was tested on.
    pub test_periods: Option<(String, String)>,
}

/// How the treated differ from the others in one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// Which.
    pub feature: String,
    /// The difference of means in standard deviations of all (of a category: of its level that differs most).
    pub difference: f64,
    /// What 95 of 100 such differences stay below when lots were drawn.
    pub by_chance: f64,
}

/// The groups of an axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AxisEffects {
    /// The column.
    pub axis: String,
    /// For people.
    pub words: Words,
    /// Whether it is a protected attribute.
    pub protected: bool,
    /// In the order of their names.
    pub groups: Vec<GroupEffect>,
}

/// The effect on a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupEffect {
    /// For people.
    pub words: Words,
    /// Rows.
    pub rows: usize,
    /// The mean predicted effect.
    pub said: f64,
    /// What happened; none where an arm is too small to be judged.
    pub happened: Option<Effect>,
}

impl EffectEvaluation {
    /// The effect among the tenth with the largest predicted effects, less that on all.
    #[must_use]
    pub fn top_tenth_above_all(&self) -> Option<f64> {
        let (_, top) = self.at.iter().find(|(share, _)| *share == 0.1)?;
        Some(top.effect?.value - self.figures.effect.value)
    }
}

/// Measures everything.
///
/// # Errors
/// When lengths differ, a part lacks an arm, outcomes are times, or a feature of the model is not there.
pub fn evaluate_effects(asked: &EffectAsked<'_>) -> Result<EffectEvaluation> {
    for part in [asked.train, asked.test] {
        same_length("treated", part.treated.len(), part.set.frame().rows())?;
        if let Some(periods) = part.periods {
            same_length("periods", periods.of().len(), part.set.frame().rows())?;
        }
    }
    let (train, test) = (asked.train.set, asked.test.set);
    let how = Resampling::new(asked.seed);
    let said = asked.model.predict(test.frame())?;
    let learnt = drawn(train.frame().rows(), ROWS_MAX, asked.seed);
    let said_then = asked.model.predict(&train.frame().select(&learnt)?)?;
    let outcome = outcomes(test)?;
    let experiment = experiment(&asked.test, &said, outcome)?;
    let mut at = Vec::new();
    for share in SHARES {
        at.push((share, uplift_at(&experiment, share, Level::USUAL).map_err(measured)?));
    }
    let rows = counts(asked, outcome);
    let planned = asked.chance.map(|chance| {
        let (treated, all) = (rows.train_treated + rows.test_treated, rows.train + rows.test);
        sample_ratio(&[treated as u64, (all - treated) as u64], &[chance, 1.0 - chance]).map_err(measured)
    });
    let definition = asked.definition;
    let mut found = EffectEvaluation {
        model: definition.name.clone(),
        meaning: definition.meaning.clone(),
        owner: definition.owner.clone(),
        purposes: definition.purposes.clone(),
        definition: definition.definition.clone(),
        kind: asked.model.kind().to_owned(),
        seed: asked.seed,
        rows,
        findings: Vec::new(),
        guards: Vec::new(),
        figures: evaluate(&experiment, &how).map_err(measured)?,
        curve: qini_curve(&experiment, POINTS),
        parts: by_part(&experiment, PARTS, Level::USUAL).map_err(measured)?,
        at,
        ratio: planned.transpose()?,
        balance: balance(&asked.train),
        groups: asked.groups.iter().map(|axis| by_group(axis, asked, &said)).collect::<Result<_>>()?,
        scores: drift::moved(&said_then, &said)?,
        features: drift::features(asked.model, (train.frame(), test.frame()), asked.seed)?,
        importance: leans_on(asked)?,
        leaks: knowing(asked)?,
    };
    found.guards = verdicts(&definition.guards, &found);
    found.findings = findings(&found);
    Ok(found)
}

fn outcomes(set: &DataSet) -> Result<&[f64]> {
    match set.label() {
        Label::Binary(values) | Label::Number(values) => Ok(values),
        Label::Event { .. } => {
            Err(ModelError::Label { found: "is a time".to_owned(), help: "effects are on yes and no, or a number" })
        }
    }
}

fn experiment<'a>(part: &TreatedPart<'a>, said: &'a [f64], outcome: &'a [f64]) -> Result<Experiment<'a>> {
    let rows = Experiment::new(said, part.treated, outcome).map_err(measured)?;
    match part.chances {
        Some(chances) => rows.with_propensity(chances).map_err(measured),
        None => Ok(rows),
    }
}

fn counts(asked: &EffectAsked<'_>, outcome: &[f64]) -> EffectRows {
    let treated = |part: &TreatedPart<'_>| part.treated.iter().filter(|treated| **treated).count();
    let span = |part: &TreatedPart<'_>| part.periods.and_then(Periods::ends);
    let mean = |of: bool| {
        let arm = asked.test.treated.iter().zip(outcome).filter(|(treated, _)| **treated == of);
        let (sum, rows) = arm.fold((0.0, 0usize), |(sum, rows), (_, value)| (sum + value, rows + 1));
        sum / rows.max(1) as f64
    };
    EffectRows {
        train: asked.train.treated.len(),
        train_treated: treated(&asked.train),
        test: asked.test.treated.len(),
        test_treated: treated(&asked.test),
        outcomes: (mean(true), mean(false)),
        features: asked.model.schema().len(),
        train_periods: span(&asked.train),
        test_periods: span(&asked.test),
    }
}

/// Standardised differences of means between the arms (Austin, "Balance diagnostics", 2009).
fn balance(part: &TreatedPart<'_>) -> Vec<Balance> {
    let (treated, rows) = (part.treated.iter().filter(|t| **t).count() as f64, part.treated.len() as f64);
    // The standard error of such a difference when lots were drawn.
    let by_chance = Level::USUAL.z() * (1.0 / treated.max(1.0) + 1.0 / (rows - treated).max(1.0)).sqrt();
    let mut found: Vec<Balance> = part
        .set
        .frame()
        .columns()
        .iter()
        .filter_map(|column| {
            let difference = match &column.values {
                Values::Number(values) => standardised(values.iter().copied(), part.treated),
                Values::Category { codes, levels } => {
                    let of = |level: usize| codes.iter().map(move |code| f64::from(u8::from(*code as usize == level)));
                    let all = (0..levels.len()).filter_map(|level| standardised(of(level), part.treated));
                    all.max_by(|a, b| a.abs().total_cmp(&b.abs()))
                }
            }?;
            Some(Balance { feature: column.name.clone(), difference, by_chance })
        })
        .collect();
    found.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()).then_with(|| a.feature.cmp(&b.feature)));
    found
}

/// The difference of means over the standard deviation of all; none where that is 0 or an arm has no value.
fn standardised(values: impl Iterator<Item = f64>, treated: &[bool]) -> Option<f64> {
    // Count, sum and sum of squares of either arm.
    let mut arms = [(0.0_f64, 0.0_f64, 0.0_f64); 2];
    for (value, treated) in values.zip(treated).filter(|(value, _)| !value.is_nan()) {
        let arm = &mut arms[usize::from(*treated)];
        (arm.0, arm.1, arm.2) = (arm.0 + 1.0, arm.1 + value, arm.2 + value * value);
    }
    let [others, treated] = arms;
    let count = others.0 + treated.0;
    let mean = (others.1 + treated.1) / count;
    let deviation = ((others.2 + treated.2) / count - mean * mean).max(0.0).sqrt();
    let found = (treated.1 / treated.0 - others.1 / others.0) / deviation;
    found.is_finite().then_some(found)
}

fn by_group(axis: &GroupBy, asked: &EffectAsked<'_>, said: &[f64]) -> Result<AxisEffects> {
    same_length("groups", axis.of().len(), said.len())?;
    let outcome = outcomes(asked.test.set)?;
    let mut groups = Vec::new();
    for (place, words) in axis.names().iter().enumerate() {
        let rows: Vec<usize> = (0..said.len()).filter(|row| axis.of()[*row] as usize == place).collect();
        if rows.is_empty() {
            continue;
        }
        let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        let (said, outcome, chances) = (pick(said), pick(outcome), asked.test.chances.map(pick));
        let treated: Vec<bool> = rows.iter().map(|row| asked.test.treated[*row]).collect();
        let arm = treated.iter().filter(|treated| **treated).count();
        let enough = arm.min(treated.len() - arm) >= ARM_MIN;
        let happened = match enough {
            true => {
                let part = TreatedPart { treated: &treated, chances: chances.as_deref(), ..asked.test };
                Some(uplift_at(&experiment(&part, &said, &outcome)?, 1.0, Level::USUAL).map_err(measured)?)
            }
            false => None,
        };
        let mean = said.iter().sum::<f64>() / said.len() as f64;
        groups.push(GroupEffect { words: words.clone(), rows: rows.len(), said: mean, happened });
    }
    Ok(AxisEffects { axis: axis.axis.clone(), words: axis.words.clone(), protected: axis.protected, groups })
}

fn leans_on(asked: &EffectAsked<'_>) -> Result<Vec<Importance>> {
    let frame = asked.test.set.frame();
    match importance(asked.model, &frame.select(&drawn(frame.rows(), EXPLAINED, asked.seed))?) {
        Err(ModelError::NotOffered { .. }) => Ok(Vec::new()),
        found => found,
    }
}

/// Features that know the outcome, and rows that are in both parts.
fn knowing(asked: &EffectAsked<'_>) -> Result<Vec<Leak>> {
    let names: Vec<&str> = asked.model.schema().names.iter().map(String::as_str).collect();
    let (train, test) = (asked.train.set, asked.test.set);
    let mut found = Vec::new();
    if let Label::Binary(_) = train.label() {
        let rows = drawn(train.frame().rows(), ROWS_MAX, asked.seed);
        let part = train.select(&rows)?;
        let columns = names.iter().map(|name| part.frame().column(name).cloned()).collect::<Result<Vec<_>>>()?;
        found = leaks::find(&part.with_frame(Frame::new(columns)?)?, None)?;
    }
    found.extend(leaks::overlap(train.frame(), test.frame(), &names)?);
    Ok(found)
}

/// A number with its interval, in percentage points.
pub(super) fn points(interval: Interval) -> String {
    format!("{:+.2} ({:+.2} to {:+.2})", 100.0 * interval.value, 100.0 * interval.low, 100.0 * interval.high)
}
