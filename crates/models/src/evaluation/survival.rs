//! Whether a model of times may be released: whether it happens sooner to whom it puts first, and as often as it says, on rows it has not seen.
//!
//! Chances by a time are judged on rows whose outcome by then is known, weighed so that those who were lost sight of before are made up for.

use florin_domain::Purpose;
use florin_measurement::{
    Discrimination, GainPart, Interval, MeasureError, Resampling, SmallGroups,
    calibration::{self, CalibrationCurve, Cut, calibration_curve},
    comparison::Verdict,
    discriminate, gains,
    survival::{KaplanMeier, Times, compare_concordance, concordance},
};
use serde::{Deserialize, Serialize};

use super::{
    Decision, GroupBy, Part, drift, fair, groups, inside,
    report::{AxisFairness, AxisFigures, FeatureCurves, Finding, GuardVerdict, StabilityReport, ThresholdRow},
    rows::{ROWS_MAX, Scored, drawn, drawn_set, measured},
    survival_words::{findings, verdicts},
};
use crate::{
    definition::{LearnerDef, ModelDef, SurvivalMethod, Words},
    error::{ModelError, Result, same_length},
    explain::{Importance, importance},
    frame::{DataSet, Label, MISSING, Values},
    leaks::Leak,
    learner::{Learner, Model},
    survival::{CoxRegression, SurvivalModel},
};

/// Shares of the horizon at which chances are judged.
const AT: [f64; 3] = [1.0 / 3.0, 2.0 / 3.0, 1.0];
/// Parts that curves are told of, from the lowest risk to the highest.
const PARTS: usize = 3;
/// Points of a curve after the first.
const POINTS: usize = 12;
/// Bins of calibration and parts of the gain table.
const TENTHS: usize = 10;
/// Rows that contributions are averaged over.
const EXPLAINED: usize = 5000;
/// Rows that single features are compared on.
const COMPARED: usize = 50_000;
/// The penalty of the regression that trees are compared with.
const RIDGE: f64 = 1.0;

/// What is to be evaluated.
#[derive(Clone, Copy)]
pub struct SurvivalAsked<'a> {
    /// What the model is to be, with its guards.
    pub definition: &'a ModelDef,
    /// What was learnt.
    pub model: &'a SurvivalModel,
    /// What it learnt from; labels are times.
    pub train: Part<'a>,
    /// What it has not seen.
    pub test: Part<'a>,
    /// Groups of the test rows.
    pub groups: &'a [GroupBy],
    /// Draws resamples.
    pub seed: u64,
}

/// Everything that was measured of a model of times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurvivalEvaluation {
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
    pub rows: SurvivalRows,
    /// Up to which time chances are said.
    pub horizon: f64,
    /// What a reader must know first, the worst first.
    pub findings: Vec<Finding>,
    /// Each guard of the definition.
    pub guards: Vec<GuardVerdict>,
    /// Of pairs of which one is known to have come first, the share that the model orders so.
    pub concordance: Interval,
    /// How good chances are, by time; the horizon is last.
    pub at: Vec<AtTime>,
    /// What was said and what happened by the horizon.
    pub calibration: CalibrationCurve,
    /// The expected calibration error at the horizon.
    pub calibration_error: Interval,
    /// By tenth, the highest chances first.
    pub gains: Vec<GainPart>,
    /// What was said and what happened over time, from the lowest risk to the highest.
    pub curves: Vec<RiskCurve>,
    /// What it is worth beside plain rules, the best of them first.
    pub baselines: Vec<SurvivalBaseline>,
    /// How good chances by the horizon are for each group, by axis.
    pub groups: Vec<AxisFigures>,
    /// What fairness and thresholds are about.
    pub decision: Decision,
    /// How decisions treat groups, by axis.
    pub fairness: Vec<AxisFairness>,
    /// What each threshold brings and costs.
    pub thresholds: Vec<ThresholdRow>,
    /// What moves with time.
    pub stability: StabilityReport,
    /// How much it leans on each feature, the largest first.
    pub importance: Vec<Importance>,
    /// How chances go with the features it leans on most.
    pub effects: Vec<FeatureCurves>,
    /// Features that know too much.
    pub leaks: Vec<Leak>,
}

/// How much an evaluation rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurvivalRows {
    /// Rows it learnt from.
    pub train: usize,
    /// Those to which it happened while they were seen.
    pub train_events: usize,
    /// Rows it was tested on.
    pub test: usize,
    /// Those to which it happened while they were seen.
    pub test_events: usize,
    /// Test rows that were lost sight of before the horizon.
    pub test_lost: usize,
    /// Features.
    pub features: usize,
    /// The first and last period it learnt from.
    pub train_periods: Option<(String, String)>,
    /// The first and last period it was tested on.
    pub test_periods: Option<(String, String)>,
}

/// How good chances by a time are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtTime {
    /// Which time.
    pub time: f64,
    /// The mean chance that was said.
    pub said: f64,
    /// The share to which it had happened (Kaplan and Meier).
    pub happened: Interval,
    /// Figures of those it happened to by then against those it did not.
    pub figures: Discrimination,
    /// The Brier score of saying to everybody what happened in training.
    pub brier_of_average: f64,
}

/// Over time, what was said of rows of about the same risk and what happened to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskCurve {
    /// Which part, from 1, the lowest risk.
    pub part: usize,
    /// Rows.
    pub rows: usize,
    /// Times, from 0 to the horizon.
    pub times: Vec<f64>,
    /// The mean share to which it was said not to have happened yet.
    pub said: Vec<f64>,
    /// The share to which it had not.
    pub happened: Vec<Interval>,
}

/// A plain rule, and the model beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurvivalBaseline {
    /// What it is.
    pub words: Words,
    /// Its concordance on the same rows.
    pub concordance: Interval,
    /// The model's less its.
    pub above: Interval,
    /// Whether the model is surely better.
    pub verdict: Verdict,
}

/// A part's label as times.
fn times(set: &DataSet) -> Result<(&[f64], &[bool])> {
    match set.label() {
        Label::Event { times, happened } => Ok((times, happened)),
        Label::Binary(_) | Label::Number(_) => Err(ModelError::Label {
            found: "is no time".to_owned(),
            help: "models of times are judged on how long rows were seen and whether it happened then",
        }),
    }
}

/// Measures everything.
///
/// # Errors
/// When the label is no time, lengths differ, it happened to nobody or to everybody of the test by the horizon, or a feature of the model is not there.
pub fn evaluate_survival(asked: &SurvivalAsked<'_>) -> Result<SurvivalEvaluation> {
    for part in [asked.train, asked.test] {
        if let Some(periods) = part.periods {
            same_length("periods", periods.of().len(), part.set.frame().rows())?;
        }
    }
    let (model, horizon) = (asked.model, asked.model.horizon());
    let (how, small) = (Resampling::new(asked.seed), SmallGroups::default());
    let (test_times, test_happened) = times(asked.test.set)?;
    let seen = Times::new(test_times, test_happened).map_err(measured)?;
    let risk = model.margins(asked.test.set.frame())?;
    let train_set = drawn_set(asked.train.set, ROWS_MAX, asked.seed)?;
    let learnt = drawn(asked.train.set.frame().rows(), ROWS_MAX, asked.seed);
    let train_periods = asked.train.periods.map(|periods| periods.select(&learnt));
    let train = KnownBy::of(model, &train_set, horizon)?;
    let test = KnownBy::of(model, asked.test.set, horizon)?;
    let decision = fair::default_decision(asked.definition, &train.scored, &test.scored);
    let axes: Vec<GroupBy> = asked.groups.iter().map(|axis| axis.select(&test.rows)).collect();
    let sample = test.scored.sample()?;
    let importance = leans_on(asked)?;
    let definition = asked.definition;
    let mut found = SurvivalEvaluation {
        model: definition.name.clone(),
        meaning: definition.meaning.clone(),
        owner: definition.owner.clone(),
        purposes: definition.purposes.clone(),
        definition: definition.definition.clone(),
        kind: model.kind().to_owned(),
        seed: asked.seed,
        rows: counts(asked, &test)?,
        horizon,
        findings: Vec::new(),
        guards: Vec::new(),
        concordance: concordance(&seen, &risk, &how).map_err(measured)?,
        at: at_times(asked, &seen, &how)?,
        calibration: calibration_curve(&sample, TENTHS, Cut::Quantiles, how.level).map_err(measured)?,
        calibration_error: calibration::expected_error(&sample, TENTHS, &how).map_err(measured)?,
        gains: gains(&sample.ranked().map_err(measured)?, TENTHS).map_err(measured)?,
        curves: by_risk(asked, &risk, &how)?,
        baselines: baselines(asked, &seen, &risk, &how)?,
        groups: groups::figures(&axes, &test.scored, small, &how)?,
        decision,
        fairness: fair::by_axis(&axes, &test.scored, decision, small, &how)?,
        thresholds: fair::thresholds(&axes, &test.scored, decision, small)?,
        stability: StabilityReport {
            scores: drift::moved(&train.scored.scores, &test.scored.scores)?,
            features: drift::features(model, (asked.train.set.frame(), asked.test.set.frame()), asked.seed)?,
            periods: drift::by_periods(
                (&train.scored, train_periods.map(|periods| periods.select(&train.rows)).as_ref()),
                (&test.scored, asked.test.periods.map(|periods| periods.select(&test.rows)).as_ref()),
                &how,
            )?,
        },
        effects: inside::curves(model, asked.test.set.frame(), &importance, asked.seed)?,
        importance,
        leaks: inside::leaks(model, asked.train.set, asked.test.set.frame(), asked.seed)?,
    };
    found.guards = verdicts(&definition.guards, &found);
    found.findings = findings(&found);
    Ok(found)
}

/// Rows whose outcome by a time is known, with the chances that were said.
struct KnownBy {
    scored: Scored,
    rows: Vec<usize>,
}

impl KnownBy {
    fn of(model: &SurvivalModel, set: &DataSet, time: f64) -> Result<Self> {
        let (times, happened) = times(set)?;
        let known = Times::new(times, happened).map_err(measured)?.known_by(time);
        let chances = model.by(set.frame(), time)?;
        let (mut rows, mut scores, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (row, outcome) in known.into_iter().enumerate() {
            let Some((happened, weight)) = outcome else { continue };
            rows.push(row);
            scores.push(chances[row]);
            labels.push(happened);
            weights.push(weight * set.weight(row));
        }
        Ok(Self { scored: Scored::known(scores, labels, weights), rows })
    }
}

fn counts(asked: &SurvivalAsked<'_>, test: &KnownBy) -> Result<SurvivalRows> {
    let events = |set: &DataSet| Ok::<_, ModelError>(times(set)?.1.iter().filter(|happened| **happened).count());
    let rows = asked.test.set.frame().rows();
    Ok(SurvivalRows {
        train: asked.train.set.frame().rows(),
        train_events: events(asked.train.set)?,
        test: rows,
        test_events: events(asked.test.set)?,
        test_lost: rows - test.rows.len(),
        features: asked.model.schema().len(),
        train_periods: asked.train.periods.and_then(super::Periods::ends),
        test_periods: asked.test.periods.and_then(super::Periods::ends),
    })
}

/// Figures at each time; times by which it had happened to nobody, or to everybody, are left out, but for the horizon.
fn at_times(asked: &SurvivalAsked<'_>, seen: &Times<'_>, how: &Resampling) -> Result<Vec<AtTime>> {
    let (train_times, train_happened) = times(asked.train.set)?;
    let before = KaplanMeier::of(&Times::new(train_times, train_happened).map_err(measured)?);
    let now = KaplanMeier::of(seen);
    let horizon = asked.model.horizon();
    let mut all = Vec::new();
    for share in AT {
        let time = if horizon >= 30.0 { (horizon * share).round() } else { horizon * share };
        let known = KnownBy::of(asked.model, asked.test.set, time)?;
        let figures = match discriminate(&known.scored.sample()?, how) {
            Err(MeasureError::OneKind { .. }) if share < 1.0 => continue,
            found => found.map_err(measured)?,
        };
        let average = vec![1.0 - before.at(time); known.rows.len()];
        let plain =
            discriminate(&known.scored.with(&average)?, &Resampling { resamples: 2, ..*how }).map_err(measured)?;
        let left = now.interval(time, how.level);
        all.push(AtTime {
            time,
            said: mean(&asked.model.by(asked.test.set.frame(), time)?),
            happened: Interval { low: 1.0 - left.high, value: 1.0 - left.value, high: 1.0 - left.low },
            figures,
            brier_of_average: plain.brier.map_or(f64::NAN, |brier| brier.value),
        });
    }
    Ok(all)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Test rows in parts of as many, from the lowest risk to the highest.
fn by_risk(asked: &SurvivalAsked<'_>, risk: &[f64], how: &Resampling) -> Result<Vec<RiskCurve>> {
    let (times, happened) = times(asked.test.set)?;
    let mut order: Vec<usize> = (0..risk.len()).collect();
    order.sort_by(|&a, &b| risk[a].total_cmp(&risk[b]).then(a.cmp(&b)));
    let grid: Vec<f64> = (0..=POINTS).map(|at| asked.model.horizon() * at as f64 / POINTS as f64).collect();
    let mut curves = Vec::new();
    for part in 0..PARTS {
        let rows = &order[order.len() * part / PARTS..order.len() * (part + 1) / PARTS];
        if rows.is_empty() {
            continue;
        }
        let own_times: Vec<f64> = rows.iter().map(|&row| times[row]).collect();
        let own: Vec<bool> = rows.iter().map(|&row| happened[row]).collect();
        let left = KaplanMeier::of(&Times::new(&own_times, &own).map_err(measured)?);
        let said = asked.model.curves(&asked.test.set.frame().select(rows)?, &grid)?;
        let at = |point: usize| 1.0 - said.iter().map(|curve| curve[point]).sum::<f64>() / rows.len() as f64;
        curves.push(RiskCurve {
            part: part + 1,
            rows: rows.len(),
            said: (0..grid.len()).map(at).collect(),
            happened: grid.iter().map(|time| left.interval(*time, how.level)).collect(),
            times: grid.clone(),
        });
    }
    Ok(curves)
}

/// The model beside the best single feature and, of trees, beside a regression: the strongest rule first.
fn baselines(
    asked: &SurvivalAsked<'_>,
    seen: &Times<'_>,
    risk: &[f64],
    how: &Resampling,
) -> Result<Vec<SurvivalBaseline>> {
    let train = drawn_set(asked.train.set, COMPARED, asked.seed)?;
    let frame = asked.test.set.frame();
    let mut found = Vec::new();
    let mut add = |words: Words, rule: &[f64]| -> Result<()> {
        let both = compare_concordance(seen, (risk, rule), how).map_err(measured)?;
        let verdict = match both.difference {
            above if above.low > 0.0 => Verdict::Beats,
            above if above.high < 0.0 => Verdict::Loses,
            _ => Verdict::Level,
        };
        found.push(SurvivalBaseline { words, concordance: both.second, above: both.difference, verdict });
        Ok(())
    };
    if let Some(best) = best_feature(&train)? {
        let name = best.name.clone();
        let words = Words {
            zh: format!("最好的单一特征（{name}）"),
            en: format!("the best single feature (`{name}`)"),
        };
        add(words, &best.risk(&asked.test.set.frame().column(&name)?.values))?;
    }
    let trees = matches!(&asked.definition.learner, LearnerDef::Survival(def) if def.method == SurvivalMethod::Trees);
    if trees {
        match (CoxRegression { ridge: RIDGE }).fit(&train, None) {
            Ok(model) => {
                let words =
                    Words { zh: "比例风险回归".to_owned(), en: "a proportional-hazards regression".to_owned() };
                add(words, &model.margins(frame)?)?;
            }
            // A rule that cannot be learnt from these rows is no rule to beat.
            Err(ModelError::TooLittle { .. } | ModelError::NotConverged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|a, b| b.concordance.value.total_cmp(&a.concordance.value));
    Ok(found)
}

/// One feature as an order of risk.
struct OneFeature {
    name: String,
    way: Way,
}

enum Way {
    /// Numbers: which way they point, and what a gap counts as.
    Number { sign: f64, gap: f64 },
    /// Categories: the share to which it happened, by level's name, and among all.
    Rates { rates: std::collections::BTreeMap<String, f64>, all: f64 },
}

impl OneFeature {
    fn risk(&self, values: &Values) -> Vec<f64> {
        match (&self.way, values) {
            (Way::Number { sign, gap }, Values::Number(values)) => {
                values.iter().map(|value| sign * if value.is_nan() { *gap } else { *value }).collect()
            }
            (Way::Rates { rates, all }, Values::Category { codes, levels }) => {
                let rate = |code: &u32| levels.get(*code as usize).and_then(|level| rates.get(level)).unwrap_or(all);
                codes.iter().map(|code| *rate(code)).collect()
            }
            (_, values) => vec![0.0; values.len()],
        }
    }
}

/// The feature with the highest concordance in training, whichever way it points.
fn best_feature(train: &DataSet) -> Result<Option<OneFeature>> {
    let (times, happened) = times(train)?;
    let mut best: Option<(f64, OneFeature)> = None;
    for column in train.frame().columns() {
        let way = match &column.values {
            Values::Number(values) => {
                let mut known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
                known.sort_unstable_by(f64::total_cmp);
                let Some(gap) = known.get(known.len() / 2).copied() else { continue };
                Way::Number { sign: 1.0, gap }
            }
            Values::Category { codes, levels } => rates(codes, levels, happened),
        };
        let mut one = OneFeature { name: column.name.clone(), way };
        let Ok(mut share) = crate::survival::concordance(times, happened, &one.risk(&column.values)) else { continue };
        if let (Way::Number { sign, .. }, true) = (&mut one.way, share < 0.5) {
            (*sign, share) = (-1.0, 1.0 - share);
        }
        if best.as_ref().is_none_or(|(most, _)| share > *most) {
            best = Some((share, one));
        }
    }
    Ok(best.map(|(_, one)| one))
}

fn rates(codes: &[u32], levels: &[String], happened: &[bool]) -> Way {
    /// Rows that the rate of all weighs in that of a level.
    const PRIOR_ROWS: f64 = 10.0;
    let all = happened.iter().filter(|happened| **happened).count() as f64 / happened.len().max(1) as f64;
    let mut sums = vec![(PRIOR_ROWS * all, PRIOR_ROWS); levels.len()];
    for (code, happened) in codes.iter().zip(happened).filter(|(code, _)| **code != MISSING) {
        let sum = &mut sums[*code as usize];
        *sum = (sum.0 + f64::from(u8::from(*happened)), sum.1 + 1.0);
    }
    let rates = levels.iter().cloned().zip(sums.into_iter().map(|(yes, rows)| yes / rows)).collect();
    Way::Rates { rates, all }
}

fn leans_on(asked: &SurvivalAsked<'_>) -> Result<Vec<Importance>> {
    let frame = asked.test.set.frame();
    importance(asked.model, &frame.select(&drawn(frame.rows(), EXPLAINED, asked.seed))?)
}
