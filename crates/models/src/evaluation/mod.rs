//! Whether a model may be released: everything that is measured of it on rows it has not seen.
//!
//! [`evaluate`] takes the definition, the fitted model, the rows it learnt from, rows it did not, groups of those and a seed, and says in one
//! [`Evaluation`] how well it ranks, whether its probabilities hold, what it is worth beside plain baselines, for whom it fails, whether it treats
//! groups alike, what drifts, what it leans on, what leaks, and which guards of the definition refuse it. The same arguments give the same evaluation.
//! It serialises, and a page is made of it elsewhere.
//!
//! Rows of one customer at several dates count as independent: intervals are somewhat too narrow where customers come often.

mod assessment;
mod baselines;
mod drift;
mod effect_words;
mod effects;
mod fair;
mod findings;
mod groups;
mod guards;
mod inside;
mod learning;
mod odd;
mod odd_words;
mod periods;
mod quality;
mod report;
mod rows;
mod series;
mod series_words;
mod survival;
mod survival_words;
mod texts;
mod texts_words;

pub use assessment::{Assessment, Headline};
pub use effects::{
    AxisEffects, Balance, EffectAsked, EffectEvaluation, EffectRows, GroupEffect, TreatedPart, evaluate_effects,
};
pub use groups::{GroupBy, default_groups};
pub use odd::{
    OddAsked, OddAxis, OddBaseline, OddCheck, OddEvaluation, OddGroup, OddPart, OddPeriod, OddRows, evaluate_odd,
};
pub use periods::Periods;
pub use report::*;
pub use survival::{
    AtTime, RiskCurve, SurvivalAsked, SurvivalBaseline, SurvivalEvaluation, SurvivalRows, evaluate_survival,
};

pub use series::{
    AheadErrors, Backtest, SEASON, SeriesAsked, SeriesDay, SeriesEvaluation, SeriesRows, evaluate_series,
};
pub use texts::{
    Confused, Sure, TextAsked, TextAxis, TextBaseline, TextClass, TextEvaluation, TextGroup, TextRows, TextsSaid,
    evaluate_texts,
};

use florin_measurement::{Resampling, SmallGroups, fairness::Favourable};

use crate::{
    definition::ModelDef,
    error::{ModelError, Result},
    frame::{DataSet, Label},
    learner::Model,
};
use rows::Scored;

/// Rows, with when each was.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The rows.
    pub set: &'a DataSet,
    /// When each was, if that is known.
    pub periods: Option<&'a Periods>,
}

/// From which score on a customer is taken, and whether that is good for them.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Decision {
    /// Scores from here on are taken.
    pub threshold: f64,
    /// Which side is good for the customer.
    pub favourable: Favourable,
}

/// What is to be evaluated.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What the model is to be, with its guards.
    pub definition: &'a ModelDef,
    /// What was learnt.
    pub model: &'a dyn Model,
    /// What it learnt from.
    pub train: Part<'a>,
    /// What it has not seen.
    pub test: Part<'a>,
    /// Groups of the test rows; see [`default_groups`].
    pub groups: &'a [GroupBy],
    /// What is decided by scores. When absent, as many test rows are taken as said yes in training, and that is good for them unless the
    /// model is for risk.
    pub decision: Option<Decision>,
    /// Draws resamples and subsets.
    pub seed: u64,
}

/// Measures everything.
///
/// # Errors
/// When the label is not one of yes and no, a part lacks an outcome, lengths of periods or groups differ from those of rows, a feature of
/// the model is not there, or the definition's learner refuses to learn from a part of the rows.
pub fn evaluate(asked: &Asked<'_>) -> Result<Evaluation> {
    let Label::Binary(_) = asked.test.set.label() else {
        return Err(ModelError::Label {
            found: "is not 0 or 1".to_owned(),
            help: "models of yes and no are evaluated; numbers and times have their own measures",
        });
    };
    for part in [asked.train, asked.test] {
        if let Some(periods) = part.periods {
            crate::error::same_length("periods", periods.of().len(), part.set.frame().rows())?;
        }
    }
    for groups in asked.groups {
        crate::error::same_length("groups", groups.of().len(), asked.test.set.frame().rows())?;
    }
    let how = Resampling::new(asked.seed);
    let small = SmallGroups::default();
    // Scores of training are compared as a distribution: a sample is enough of many rows.
    let learnt = rows::drawn(asked.train.set.frame().rows(), rows::ROWS_MAX, asked.seed);
    let train_set = rows::drawn_set(asked.train.set, rows::ROWS_MAX, asked.seed)?;
    let train_periods = asked.train.periods.map(|periods| periods.select(&learnt));
    let train = Scored::of(asked.model, &train_set)?;
    let test = Scored::of(asked.model, asked.test.set)?;
    let decision = asked.decision.unwrap_or_else(|| fair::default_decision(asked.definition, &train, &test));
    let (learning, outlook) = learning::curve(asked, &train, &test, &how)?;
    let by_group = groups::figures(asked.groups, &test, small, &how)?;
    let fairness = fair::by_axis(asked.groups, &test, decision, small, &how)?;
    let thresholds = fair::thresholds(asked.groups, &test, decision, small)?;
    let mut evaluation = Evaluation {
        model: asked.definition.name.clone(),
        meaning: asked.definition.meaning.clone(),
        owner: asked.definition.owner.clone(),
        purposes: asked.definition.purposes.clone(),
        definition: asked.definition.definition.clone(),
        kind: asked.model.kind().to_owned(),
        seed: asked.seed,
        rows: quality::counts(asked, &test)?,
        findings: Vec::new(),
        guards: Vec::new(),
        quality: quality::measured_quality(&test, &how)?,
        calibration: quality::calibration(asked, &test, &how)?,
        baselines: baselines::compared(asked, &test, &how)?,
        groups: by_group,
        decision,
        fairness,
        thresholds,
        stability: drift::measured_drift(asked, (&train, train_periods.as_ref()), &test, &how)?,
        learning,
        outlook,
        importance: inside::importance(asked)?,
        curves: Vec::new(),
        leaks: inside::leaks(asked.model, asked.train.set, asked.test.set.frame(), asked.seed)?,
    };
    evaluation.curves = inside::curves(asked.model, asked.test.set.frame(), &evaluation.importance, asked.seed)?;
    evaluation.guards = guards::verdicts(&asked.definition.guards, &evaluation);
    evaluation.findings = findings::all(&evaluation);
    Ok(evaluation)
}
