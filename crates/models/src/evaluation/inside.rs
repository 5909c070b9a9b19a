//! What the model leans on, how it goes with it, and what of it knows too much.

use super::{
    Asked,
    report::FeatureCurves,
    rows::{ROWS_MAX, drawn, drawn_set},
};
use crate::{
    error::{ModelError, Result},
    explain::{
        Importance, accumulated_effects, importance as contributions_of, partial_dependence, permutation_importance,
    },
    frame::{DataSet, Frame, Values},
    leaks::{self, Leak},
    learner::Model,
};

/// Test rows that are explained.
const EXPLAINED: usize = 5000;
/// Test rows that curves are averaged over.
const AVERAGED: usize = 1000;
/// Features that get curves, and points of each.
const CURVES: usize = 6;
const POINTS: usize = 20;

/// The mean size of contributions over test rows; where a model cannot say, the AUC lost when a feature is shuffled.
pub(super) fn importance(asked: &Asked<'_>) -> Result<Vec<Importance>> {
    let set = drawn_set(asked.test.set, EXPLAINED, asked.seed);
    // A sample of a rare outcome may have none: rows without labels are enough for contributions.
    let rows = drawn(asked.test.set.frame().rows(), EXPLAINED, asked.seed);
    match contributions_of(asked.model, &asked.test.set.frame().select(&rows)?) {
        Err(ModelError::NotOffered { .. }) => permutation_importance(asked.model, &*set?, 1, asked.seed),
        found => found,
    }
}

/// How predictions go with the features that the model leans on most.
pub(super) fn curves(
    model: &dyn Model,
    frame: &Frame,
    importance: &[Importance],
    seed: u64,
) -> Result<Vec<FeatureCurves>> {
    let some = frame.select(&drawn(frame.rows(), AVERAGED, seed))?;
    let mut found = Vec::new();
    for feature in importance.iter().take(CURVES).filter(|feature| feature.value > 0.0).map(|i| &i.feature) {
        let partial = partial_dependence(model, &some, feature, POINTS)?;
        let is_number = matches!(some.column(feature)?.values, Values::Number(_));
        // A number with one value among these rows has no effects between values.
        let local = match is_number && partial.points.len() > 1 {
            true => Some(accumulated_effects(model, &some, feature, POINTS)?),
            false => None,
        };
        found.push(FeatureCurves { feature: feature.clone(), partial, local });
    }
    Ok(found)
}

/// Features of the model that know too much, and rows that are in both parts.
pub(super) fn leaks(model: &dyn Model, train: &DataSet, test: &Frame, seed: u64) -> Result<Vec<Leak>> {
    let names: Vec<&str> = model.schema().names.iter().map(String::as_str).collect();
    let set = drawn_set(train, ROWS_MAX, seed)?;
    let columns = names.iter().map(|name| set.frame().column(name).cloned()).collect::<Result<Vec<_>>>()?;
    let mut found = leaks::find(&set.with_frame(Frame::new(columns)?)?, None)?;
    // Rows in common are counted among all rows: a sample would hardly meet itself.
    found.extend(leaks::overlap(train.frame(), test, &names)?);
    Ok(found)
}
