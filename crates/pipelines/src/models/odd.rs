//! The odd ones out: an isolation forest is grown from rows without a label, and judged by how many it flags, whom, and whether another seed flags the same.
//! A label, where there is one, only checks.

use florin_measurement::{Discrimination, Interval, Level, Resampling, Sample, discriminate, wilson};
use florin_models::{
    Model as _,
    definition::{IsolationDef, ModelDef, Source},
    evaluation::{Assessment, OddAsked, OddPart, Periods, default_groups, evaluate_odd},
};
use serde::{Deserialize, Serialize};

use super::{
    dataset::Rows,
    drift::Expected,
    judge::Judged,
    known::Made,
    split::Parts,
    train::{Learnt, since_1970},
    wrong,
};
use crate::{FlowError, load::Progress};

/// What was found of flags on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedOdd {
    /// Rows.
    pub rows: usize,
    /// Scores above it are flagged.
    pub threshold: f64,
    /// The share that is flagged.
    pub flagged: Interval,
    /// Of rows of which it is known who turned out to be odd, how well scores rank them; nothing where nobody says, or all are alike.
    pub check: Option<Discrimination>,
}

#[allow(clippy::needless_pass_by_value, reason = "rows are many, and not to be there twice while a forest grows")]
pub(super) fn learn(
    def: &ModelDef,
    of: &IsolationDef,
    rows: Rows,
    parts: &Parts,
    progress: &dyn Progress,
) -> Result<Learnt, FlowError> {
    let happened = happened(def, &rows.labels)?;
    let (train, test) = (rows.frame.select(&parts.train)?, rows.frame.select(&parts.test)?);
    let of_part = |part: &[usize]| happened.as_ref().map(|all| part.iter().map(|row| all[*row]).collect::<Vec<_>>());
    let periods = |part: &[usize]| {
        let days = rows.days.as_ref()?;
        Some(Periods::of_days(&part.iter().map(|row| since_1970(days[*row])).collect::<Vec<_>>()))
    };
    let (train_happened, test_happened) = (of_part(&parts.train), of_part(&parts.test));
    let (train_periods, test_periods) = (periods(&parts.train), periods(&parts.test));
    progress.advance(1);
    let settings = of.settings();
    let forest = settings.grow(&train).map_err(|e| wrong(&def.name, e))?;
    progress.advance(1);
    let asked = OddAsked {
        definition: def,
        model: &forest,
        settings: &settings,
        share: of.share(),
        train: OddPart { frame: &train, happened: train_happened.as_deref(), periods: train_periods.as_ref() },
        test: OddPart { frame: &test, happened: test_happened.as_deref(), periods: test_periods.as_ref() },
        groups: &default_groups(def, &test),
        seed: of.seed,
    };
    let evaluation = evaluate_odd(&asked).map_err(|e| wrong(&def.name, e))?;
    progress.advance(2);
    Ok(Learnt {
        bytes: forest.to_bytes()?,
        evaluation: Assessment::Odd(Box::new(evaluation)),
        expected: Expected::of(&forest, &train)?,
        counts: (train.rows(), 0, test.rows()),
    })
}

/// Who turned out to be odd, where the definition has a label. Whom the lake's label does not give did not; of a flat table's row without one nobody knows.
fn happened(def: &ModelDef, labels: &[Option<f64>]) -> Result<Option<Vec<Option<bool>>>, FlowError> {
    let given = match &def.source {
        Source::Lake { label, .. } => label.as_ref().map(|_| Some(0.0)),
        Source::Table { label, .. } => label.as_ref().map(|_| None),
        Source::Texts { .. } | Source::Series { .. } => None,
    };
    let Some(otherwise) = given else { return Ok(None) };
    let one = |label: &Option<f64>| match label.or(otherwise) {
        None => Ok(None),
        Some(1.0) => Ok(Some(true)),
        Some(0.0) => Ok(Some(false)),
        Some(other) => {
            Err(wrong(&def.name, format!("its label holds {other}; it is 1 for who turned out to be odd, and else 0")))
        }
    };
    labels.iter().map(one).collect::<Result<_, _>>().map(Some)
}

/// What a version's flags are worth on some rows.
pub(super) fn judge(def: &ModelDef, made: &Made, scores: &[f64], labels: &[Option<f64>]) -> Result<Judged, FlowError> {
    let Some(then) = made.evaluation.of_odd() else {
        return Err(wrong(&def.name, "the version was trained when the definition was another; train it anew"));
    };
    let flagged = scores.iter().filter(|score| **score > then.threshold).count();
    let known: Vec<(f64, bool)> = happened(def, labels)?
        .map(|all| scores.iter().zip(all).filter_map(|(score, is)| Some((*score, is?))).collect())
        .unwrap_or_default();
    let (own, odd): (Vec<f64>, Vec<bool>) = known.into_iter().unzip();
    let both = odd.contains(&true) && odd.contains(&false);
    let how = Resampling::new(def.learner.seed());
    let check = match both {
        true => Some(discriminate(&Sample::new(&own, &odd)?, &how)?),
        false => None,
    };
    Ok(Judged::Odd(Box::new(JudgedOdd {
        rows: scores.len(),
        threshold: then.threshold,
        flagged: wilson(flagged as f64, scores.len() as f64, Level::USUAL).unwrap_or_default(),
        check,
    })))
}
